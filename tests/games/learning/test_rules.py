"""The rules, written out again from their definitions."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import softmax

from rltheory import ModelError
from rltheory.games.learning import (
    external_regret,
    hedge,
    optimistic_hedge,
    regret_matching,
    regret_matching_plus,
    stationary,
    strategies_against,
    swap_hedge,
    swap_regret,
)

GAINS = np.random.default_rng(0).uniform(size=(40, 4))


def test_hedge_is_the_product_of_all_its_factors():
    expected = [np.exp(0.3 * GAINS[:t]).prod(axis=0) for t in range(len(GAINS))]
    expected = [w / w.sum() for w in expected]
    np.testing.assert_allclose(strategies_against(hedge(0.3), GAINS), expected, rtol=1e-12)


def test_optimistic_hedge_counts_the_last_gain_twice_and_none_at_first():
    played = strategies_against(optimistic_hedge(0.3), GAINS)
    np.testing.assert_array_equal(played[0], 0.25)
    expected = [softmax(0.3 * (GAINS[:t].sum(axis=0) + GAINS[t - 1])) for t in range(1, len(GAINS))]
    np.testing.assert_allclose(played[1:], expected, rtol=1e-12)


def test_regret_matching_in_rational_numbers():
    gains = [[3, 0, 1], [0, 2, 2], [1, 5, 0], [4, 0, 0], [0, 0, 7]]
    played = strategies_against(regret_matching(), gains)
    regrets = [Fraction(0)] * 3
    for g, ours in zip(gains, played, strict=True):
        positive = [max(r, Fraction(0)) for r in regrets]
        total = sum(positive)
        p = [r / total for r in positive] if total else [Fraction(1, 3)] * 3
        np.testing.assert_allclose(ours, [float(x) for x in p], rtol=1e-13)
        earned = sum(x * y for x, y in zip(p, g, strict=True))
        regrets = [r + y - earned for r, y in zip(regrets, g, strict=True)]


def test_regret_matching_plus_forgets_what_is_below_zero():
    # After (3, 0, 0) the regrets are (2, -1, -1): plus keeps (2, 0, 0), and then (0, 1, 0) adds (0, 1, 0).
    gains = [[3, 0, 0], [0, 1, 0], [0, 0, 0]]
    np.testing.assert_allclose(strategies_against(regret_matching_plus(), gains)[2], [2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(strategies_against(regret_matching(), gains)[2], [1, 0, 0])


@pytest.mark.parametrize("rule", [regret_matching(), regret_matching_plus()], ids=["plain", "plus"])
def test_regret_matching_minds_neither_the_unit_nor_the_zero_of_gains(rule):
    played = strategies_against(rule, GAINS)
    np.testing.assert_allclose(strategies_against(rule, 1e6 * GAINS - 7), played, atol=1e-9)


def test_what_swap_hedge_plays_is_stationary_for_its_copies():
    played = strategies_against(swap_hedge(0.5), GAINS)
    for t, p in enumerate(played):
        totals = played[:t].T @ GAINS[:t]  # of each copy, over actions
        np.testing.assert_allclose(p @ softmax(0.5 * totals, axis=1), p, rtol=1e-12)


def test_swap_hedge_survives_steps_with_which_its_matrix_falls_apart():
    played = strategies_against(swap_hedge(1e3), np.tile(GAINS, (10, 1)))
    assert np.isfinite(played).all()
    np.testing.assert_allclose(played.sum(axis=1), 1)


def test_swap_hedge_has_less_swap_regret_where_hedge_regrets_swaps():
    # The gains favour 0, then 1, then 2: a player who follows the leader would rather have played the next action.
    gains = np.repeat(np.eye(3), 200, axis=0)[np.r_[0:400, 400:600]]
    gains = np.concatenate([gains, gains])
    regrets = [swap_regret(strategies_against(rule, gains), gains) for rule in (hedge(0.05), swap_hedge(0.3))]
    assert regrets[1] < regrets[0]


def test_the_stationary_law_of_a_nearly_decomposable_matrix_is_accurate():
    # Detailed balance: with a law p, moves 0 <-> 1 at rates e p_1 and e p_0.
    p, e = np.array([1e-9, 1 - 1e-9]), 1e-6
    Q = np.array([[1 - e * p[1], e * p[1]], [e * p[0], 1 - e * p[0]]])
    np.testing.assert_allclose(stationary(Q), p, rtol=1e-14)
    np.testing.assert_array_equal(stationary(np.ones((1, 1))), [1.0])


def test_the_stationary_law_solves_its_equations():
    Q = np.random.default_rng(1).dirichlet(np.ones(7), size=7)
    kept = Q.copy()
    system = np.vstack([Q.T - np.eye(7), np.ones(7)])
    expected = np.linalg.lstsq(system, np.r_[np.zeros(7), 1], rcond=None)[0]
    np.testing.assert_allclose(stationary(Q), expected, rtol=1e-10)
    np.testing.assert_array_equal(Q, kept)


def test_regrets_by_enumeration_of_all_maps():
    rng = np.random.default_rng(2)
    p, g = rng.dirichlet(np.ones(3), size=8), rng.normal(size=(8, 3))
    earned = (p * g).sum()
    assert external_regret(p, g) == pytest.approx(max(g[:, a].sum() - earned for a in range(3)))
    maps = np.array(np.meshgrid(*[range(3)] * 3)).reshape(3, -1).T
    assert swap_regret(p, g) == pytest.approx(max((p * g[:, F]).sum() - earned for F in maps))


def test_bad_steps_and_gains_are_named():
    for rule in (hedge, optimistic_hedge, swap_hedge):
        with pytest.raises(ModelError, match=r"step is 0; a step size is a finite number above 0"):
            rule(0)
    with pytest.raises(ModelError, match=r"gains has shape \(2,\); it must be \(rounds, actions\)"):
        strategies_against(regret_matching(), [1.0, 2.0])
    with pytest.raises(ModelError, match="the gain of action 1 in round 0 is nan"):
        strategies_against(regret_matching(), [[1.0, np.nan]])
    with pytest.raises(ModelError, match=r"strategies has shape \(1, 3\); with these gains it must be \(1, 2\)"):
        external_regret(np.ones((1, 3)) / 3, [[0, 1]])
    with pytest.raises(ModelError, match=r"the strategy of round 1 sums to 0\.9"):
        swap_regret([[1, 0], [0.5, 0.4]], np.zeros((2, 2)))
    assert repr(hedge(0.25)) == "Rule(Hedge, step 0.25)"
