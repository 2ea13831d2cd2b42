import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import xlogy

from rltheory.games import NormalFormGame
from rltheory.games.bounds.quantal import (
    approximate_logit_gain,
    interaction,
    logit_gain,
    logit_gain_by_entropy,
    unique_below,
)
from rltheory.games.bounds.risk import negative_entropy_gain


@pytest.mark.parametrize("m", [1, 2, 3, 10, 10**6])
def test_the_sharp_constant_is_below_the_logarithm_and_solves_its_equation(m):
    w = logit_gain(m, 1.0)
    assert w * math.exp(w) == pytest.approx((m - 1) / math.e)
    assert w <= logit_gain_by_entropy(m, 1.0)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=5), st.sampled_from([0.1, 1.0, 7.0]))
def test_no_softmax_loses_more_than_the_constant(distances, lam):
    d = np.array([0.0, *distances])
    weights = np.exp(-lam * d)
    assert weights @ d / weights.sum() <= logit_gain(d.size, lam) * (1 + 1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.01, 0.5, 10.0]))
def test_who_is_charged_negative_entropy_misses_no_more_than_its_range_of_a_concave_objective(seed, epsilon):
    rng = np.random.default_rng(seed)
    slope, root = rng.normal(size=2)
    p = np.linspace(0, 1, 2001)  # of the first of two actions
    objective = slope * p - root**2 * p**2
    charged = objective - epsilon * (xlogy(p, p) + xlogy(1 - p, 1 - p))
    assert objective.max() - objective[charged.argmax()] <= negative_entropy_gain(epsilon, 2)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_a_response_that_errs_in_its_logarithms_loses_little_more(seed, residual):
    rng = np.random.default_rng(seed)
    u, lam = rng.normal(size=4), 3.0
    weights = np.exp(lam * u + residual * rng.choice([-1, 1], size=4))
    p = weights / weights.sum()
    norm = np.log(np.exp(lam * u).sum())
    assert u.max() - p @ u <= approximate_logit_gain(4, lam, float(np.abs(np.log(p) - lam * u + norm).max())) + 1e-12


def test_interaction_is_none_where_others_cannot_change_what_is_good():
    separable = np.array([1.0, 2.0])[:, None] + np.array([5.0, 7.0])[None, :]
    game = NormalFormGame([separable, separable])
    np.testing.assert_array_equal(interaction(game), 0.0)
    assert unique_below(game) == math.inf


@given(st.integers(0, 2**32 - 1))
def test_interaction_is_the_largest_four_cycle(seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, 3, 4))
    cycles = [
        abs(A[i, j] - A[k, j] - A[i, b] + A[k, b])
        for i in range(3)
        for k in range(3)
        for j in range(4)
        for b in range(4)
    ]
    K = interaction(NormalFormGame([A, B]))
    assert K[0, 1] == pytest.approx(max(cycles))
    assert unique_below(NormalFormGame([A, B])) == pytest.approx(4 / math.sqrt(K[0, 1] * K[1, 0]))


@given(st.integers(0, 2**32 - 1))
def test_interaction_of_three_players_does_not_depend_on_their_order(seed):
    rng = np.random.default_rng(seed)
    payoffs = [rng.normal(size=(2, 3, 2)) for _ in range(3)]
    order = [2, 0, 1]
    moved = NormalFormGame([np.transpose(payoffs[i], order) for i in order])
    np.testing.assert_allclose(
        interaction(moved), interaction(NormalFormGame(payoffs))[np.ix_(order, order)], rtol=1e-13
    )
