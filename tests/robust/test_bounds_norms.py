"""Closed forms of balls in a norm, against convex programs with and without the signs of probabilities."""

import math

import cvxpy as cp
import numpy as np
import pytest

from rltheory import ModelError
from rltheory.robust import TV, LInf, bounds, worst_case

NORMS = [1, 2, math.inf]


def program(p, v, rho, norm, *, signed):
    mu = cp.Variable(p.size)
    rules = [cp.sum(mu) == 1, cp.norm(mu - p, norm) <= rho, *([] if signed else [mu >= 0])]
    problem = cp.Problem(cp.Minimize(mu @ v), rules)
    problem.solve(solver=cp.CLARABEL)
    return problem.value


def drawn(rng):
    n = int(rng.integers(1, 8))
    p, v = rng.dirichlet(np.ones(n)), rng.normal(size=n)
    return p, np.round(v) if rng.random() < 0.4 else v


@pytest.mark.parametrize("norm", NORMS)
def test_without_signs_the_closed_form_is_the_optimum_and_with_them_a_lower_bound(norm):
    rng = np.random.default_rng(0)
    for _ in range(25):
        (p, v), rho = drawn(rng), 10 ** rng.uniform(-2, 0)
        closed = p @ v - bounds.ball_loss_norm(rho, v, norm)
        assert program(p, v, rho, norm, signed=True) == pytest.approx(closed, abs=1e-6)
        assert closed <= program(p, v, rho, norm, signed=False) + 1e-6


@pytest.mark.parametrize("norm", NORMS)
def test_up_to_the_threshold_signs_do_not_matter(norm):
    rng = np.random.default_rng(1)
    for _ in range(25):
        p, v = drawn(rng)
        rho = min(bounds.norm_ball_threshold(p, v, norm), 1.0)
        closed = p @ v - bounds.ball_loss_norm(rho, v, norm)
        assert program(p, v, rho, norm, signed=False) == pytest.approx(closed, abs=1e-6)


def test_the_balls_of_the_library_are_among_them():
    p, v = np.array([0.2, 0.3, 0.5]), np.array([1.0, 4.0, 2.0])
    assert worst_case(TV(rho=0.1), p, v).value == pytest.approx(p @ v - bounds.ball_loss_norm(0.2, v, 1))
    assert worst_case(LInf(rho=0.1), p, v).value == pytest.approx(p @ v - bounds.ball_loss_norm(0.1, v, math.inf))


def test_equal_values_leave_nothing_to_lose():
    for norm in NORMS:
        assert bounds.ball_loss_norm(0.5, [2.0, 2.0], norm) == 0
        assert bounds.norm_ball_threshold([0.5, 0.5], [2.0, 2.0], norm) == math.inf


def test_other_norms_are_refused():
    with pytest.raises(ModelError, match="norm is 3; there is a closed form for 1, 2 and inf"):
        bounds.ball_loss_norm(0.1, [0.0, 1.0], 3)
    with pytest.raises(ModelError, match=r"q is 1\.5"):
        bounds.span_seminorm([0.0, 1.0], 1.5)


@pytest.mark.parametrize("norm", NORMS)
def test_beyond_the_threshold_signs_matter(norm):
    p, v = np.full(4, 0.25), np.arange(4.0)
    rho = 1.2 * bounds.norm_ball_threshold(p, v, norm)
    assert program(p, v, rho, norm, signed=False) > p @ v - bounds.ball_loss_norm(rho, v, norm) + 1e-3
