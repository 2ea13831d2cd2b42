"""The rational optimum of constrained models: against HiGHS, and what is known by hand."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from proofs_check.rational_constrained import rational_constrained_optimum, rational_sums
from rltheory import MDP
from rltheory.planning import evaluate_policy

WORK = MDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.5)


def test_half_of_the_work_is_a_mixture():
    assert rational_constrained_optimum(WORK, np.array([[1.0, 0.0]]), np.array([1.0])) == 1
    assert rational_constrained_optimum(WORK, np.array([[1.0, 0.0]]), np.array([5.0])) == 2
    assert rational_constrained_optimum(WORK, np.array([[1.0, 1.0]]), np.array([1.0])) is None


@pytest.mark.parametrize("n_limits", [1, 2])
def test_it_agrees_with_the_linear_program(n_limits):
    feasible = 0
    for number in range(60):
        rng = np.random.default_rng([71, number])
        mdp = MDP.from_arrays(
            rng.dirichlet(np.ones(3), size=(3, 2)), rng.normal(size=(3, 2)), 0.9, mu=rng.dirichlet(np.ones(3))
        )
        costs, limits = rng.normal(size=(n_limits, 6)), rng.normal(size=n_limits) * 3
        flow = np.eye(3)[mdp.pair_state] - mdp.gamma * mdp.P.toarray()
        program = linprog(-mdp.r, A_ub=costs, b_ub=limits, A_eq=flow.T, b_eq=mdp.mu)
        exact = rational_constrained_optimum(mdp, costs, limits)
        assert (exact is None) == (program.status == 2)
        if exact is not None:
            feasible += 1
            assert float(exact) == pytest.approx(-program.fun, abs=1e-7)
    assert 10 < feasible < 60


def test_sums_are_values_weighted_by_the_start():
    rng = np.random.default_rng(0)
    mdp = MDP.from_arrays(
        rng.dirichlet(np.ones(4), size=(4, 2)), rng.normal(size=(4, 2)), 0.9, mu=rng.dirichlet(np.ones(4))
    )
    policy = rng.dirichlet(np.ones(2), size=4)
    (exact,) = rational_sums(mdp, policy, mdp.r[None])
    assert isinstance(exact, Fraction)
    assert float(exact) == pytest.approx(mdp.mu @ evaluate_policy(mdp, policy).value)
