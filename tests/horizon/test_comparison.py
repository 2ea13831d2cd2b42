"""Bounds beside measurements."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

import mdps
from rltheory import ModelError
from rltheory.horizon.comparison import BOUNDS, Comparison, compare, promises

GAMES = {
    "lock 3": (mdps.horizon_lock(3), 3),
    "lock 6": (mdps.horizon_lock(6), 6),
    "decoy": (mdps.decoy(3, prize=0.3), 4),
    "dense": (mdps.dense_rewards(), 4),
}


def test_what_is_promised_is_kept_and_the_table_has_a_row_a_game():
    found = compare(GAMES, budget=2e5, runs=15, rng=0)
    assert found.violations() == []
    assert [row["game"] for row in found.to_rows()] == list(GAMES)
    assert set(found.to_rows()[0]) == {"game", *BOUNDS, "gorp", "sqirl", "optimistic"}


def test_shallow_iteration_is_measured_at_every_lookahead():
    """Nothing below 6 solves this game."""
    assert compare({"decoy": (mdps.decoy(5, prize=0.8), 6)}, budget=2e4, runs=15, rng=0).measured["sqirl"] < 2e4


def test_measures_of_ones_own_take_the_place_of_the_usual_ones():
    found = compare(GAMES, measures={"length": lambda model, H: H})
    np.testing.assert_array_equal(found.measured["length"], [3, 6, 4, 4])


def test_rank_correlations_are_those_of_scipy():
    rng = np.random.default_rng(0)
    columns = {name: rng.random(9) for name in ("a", "b")}
    found = Comparison(tuple("abcdefghi"), {"a": columns["a"]}, {"b": columns["b"]}).rank_correlation()
    assert found == [{"bound": "a", "b": pytest.approx(spearmanr(columns["a"], columns["b"]).statistic)}]


def test_the_infinite_ranks_last_and_the_unknown_is_left_out():
    known = Comparison(tuple("abcd"), {"x": np.array([1, 2, math.inf, math.nan])}, {"y": np.array([1.0, 2, 9, 0])})
    assert known.rank_correlation()[0]["y"] == pytest.approx(1)
    alone = Comparison(("a",), {"x": np.ones(1)}, {"y": np.ones(1)})
    assert math.isnan(alone.rank_correlation()[0]["y"])


def test_a_broken_promise_is_listed():
    broken = Comparison(("a",), {"proved horizon": np.array([10.0])}, {"gorp": np.array([11.0])})
    assert broken.violations() == [{"game": "a", "bound": "proved horizon", "promised": 10.0, "measured": 11.0}]


def test_the_bounds_of_a_lock_are_the_closed_forms():
    found = promises(mdps.horizon_lock(5), 5)
    assert found["worst case"] == 5 * 2**4
    assert found["planning window"] == 5**2 * 2**5
    assert found["covering"] == 5 * math.ceil(math.log(2 * 10) * 2**5)
    assert found["optimism"] == 5 * (5 * 2 + 1)
    assert found["exact horizon"] == 5**2 * 2 * 7


def test_an_empty_comparison_is_refused():
    with pytest.raises(ModelError, match="games is empty"):
        compare({})
