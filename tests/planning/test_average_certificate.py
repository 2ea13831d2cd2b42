"""Biases are lifted where a bound's proof needs it, exactly, and never where it does not."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.rational_average import rational_optimal_gain
from rltheory import MDP
from rltheory.planning import average_policy_iteration, relative_value_iteration
from rltheory.planning.average_certificate import _ranks, gain_vectors
from rltheory.planning.gain_bounds import normalised_rows, structure_of


def paid_exit(leave, price):
    """Return a rich room that is left for a poor one with a probability, for a price paid once."""
    P = [[1, 0], [1 - leave, leave], [0, 1]]
    return MDP.from_pairs(P, [2.0, price, 1.0], 1.0, states=[0, 0, 1])


def holds(mdp, u, h):
    """Whether u and h prove an upper bound, by fractions computed here."""
    P = [[Fraction(p) for p in row] for row in mdp.P.toarray()]
    for s, row, r in zip(mdp.pair_state, P, mdp.r, strict=True):
        ahead = [sum(p * x for p, x in zip(row, v, strict=True)) / sum(row) for v in (u, h)]
        if ahead[0] > u[s] or Fraction(r) + ahead[1] > u[s] + h[s]:
            return False
    return True


@pytest.mark.parametrize("leave", [1.0, 0.5, 1e-9, 1e-15])
@pytest.mark.parametrize("price", [0.0, 1e3, 1e12])
def test_a_price_paid_once_raises_the_bias_and_not_the_bound(leave, price):
    """The pair that leaves violates r + P h <= u + h at the policy's own bias; the bound is the rational optimum."""
    mdp = paid_exit(leave, price)
    vectors = gain_vectors(mdp, average_policy_iteration(mdp))
    (u,), (h,) = vectors["upper"], vectors["upper_bias"]
    assert holds(mdp, u, h)
    assert all(high - best < 1e-12 for high, best in zip(u, rational_optimal_gain(mdp), strict=True))


def test_the_bias_is_left_alone_where_it_proves_the_bound():
    mdp = MDP.from_arrays([[[0, 1]], [[1, 0]]], [0, 2], gamma=1.0)
    solution = average_policy_iteration(mdp)
    assert gain_vectors(mdp, solution)["upper_bias"] == [list(map(Fraction, solution.bias.tolist()))]


def test_floats_may_lose_that_moves_run_out_and_ranks_do_not():
    """Three states pass each other on for 1e30 moves; the bound must not pay for that their number is rounded."""
    e = 1e-15
    P = [[0, 1, 0, 0, e], [1, 0, 0, 0, 0], [e, 0, 0, 1, 0], [0, 0, 0, 1, 0], [1, 0, e, 0, 0]]
    mdp = MDP.from_pairs(MDP.normalised(P), [-2e-6, 2e-6, -3e-6, -1e-6, 2e-6], 1.0, n_actions=1)
    solution = average_policy_iteration(mdp)
    vectors = gain_vectors(mdp, solution)
    (u,), (h,) = vectors["upper"], vectors["upper_bias"]
    assert holds(mdp, u, h)
    assert max(u) <= Fraction(solution.gain_upper.max())
    way = structure_of(normalised_rows(mdp)).longest_way
    assert (way - mdp.P @ way <= 0)[[0, 1, 4]].any()


def test_ranks_fall_on_every_pair_between_components(hard_mdp):
    for number in range(100):
        mdp = hard_mdp(np.random.default_rng([35, number]))
        structure = structure_of(normalised_rows(mdp))
        w = _ranks(structure)
        P = [[Fraction(p) for p in row] for row in mdp.P.toarray()]
        for s, row, inside in zip(mdp.pair_state, P, structure.inside, strict=True):
            change = sum(p * (w[t] - w[s]) for t, p in enumerate(row))
            assert change == 0 if inside else change < 0


def against_the_wind(n=150, rare=2.0**-70):
    """Return a chain that ends in state 0 and gets there against all odds."""
    P = rare * np.eye(n, k=-1) + (1 - rare) * np.eye(n, k=1)
    P[0], P[-1, -1] = np.eye(n)[0], 1 - rare
    return MDP.from_pairs(P, np.linspace(0, 1, n), 1.0, n_actions=1)


def test_ranks_of_a_way_that_is_too_long_are_refused():
    assert _ranks(structure_of(normalised_rows(against_the_wind()))) is None


@pytest.mark.parametrize("highest", [0.0, 0.25])
def test_where_no_ranking_is_found_constants_prove_a_bound(highest):
    """No function falls in floats, nor a short one in fractions: the largest reward is still an upper bound."""
    mdp = against_the_wind()
    solution = relative_value_iteration(mdp, tol=10.0)
    guess = np.where(np.arange(mdp.n_states) == 7, highest, 0.0)
    vectors = gain_vectors(mdp, replace(solution, gain_upper=guess, bias=np.zeros(mdp.n_states)))
    (u,), (h,) = vectors["upper"], vectors["upper_bias"]
    assert holds(mdp, u, h)
    assert set(u) == {u[0]}
    assert 1 <= u[0] < 1 + 1e-15
