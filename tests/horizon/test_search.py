"""Sample complexity by experiment: against exact numbers, and the coverage of its intervals."""

import math

import numpy as np
import pytest
from scipy.stats import binom

import mdps
from rltheory import ModelError
from rltheory.horizon.search import (
    gorp_sample_complexity,
    median_interval,
    sqirl_sample_complexity,
    success_interval,
)


def test_the_search_finds_about_the_exact_number_of_episodes():
    # Exactly 7 are enough for this lock with k = 1 (ties broken evenly), with probability 0.5 or a little more.
    found = gorp_sample_complexity(mdps.horizon_lock(5), 5, lookaheads=[1], runs=401, rng=0)
    assert 5 <= found.m <= 9
    low, high = found.success_interval
    assert low <= found.success <= high


def test_one_episode_is_tried():
    found = gorp_sample_complexity(mdps.decoy(1, prize=0.9), 2, lookaheads=[2], rng=0)
    assert (found.m, found.success) == (1, 1.0)
    assert found.interval[0] == found.timesteps == found.interval[1]


def test_what_cannot_succeed_is_reported_as_such():
    clumsy = np.tile([1.0, 0.0], (5, 1))
    decoy = mdps.decoy(3, prize=0.3)
    found = gorp_sample_complexity(decoy, 4, lookaheads=[1], exploration=clumsy, budget=2000, runs=11, rng=0)
    assert (found.k, found.interval) == (None, (2000, math.inf))
    assert {row["success"] for row in found.to_rows()} == {0.0}
    small = gorp_sample_complexity(mdps.horizon_lock(9), 9, budget=200, runs=25, rng=0)
    assert (small.timesteps, small.k) == (math.inf, None)
    assert "more than the budget" in repr(small)


def test_shallow_iteration_is_searched_as_well():
    found = sqirl_sample_complexity(mdps.decoy(2, prize=0.4), 3, eps=0.0, runs=15, rng=0)
    assert found.k in (2, 3)
    assert found.timesteps < 3000


@pytest.mark.parametrize("n", [5, 25, 101])
def test_the_interval_of_a_median_covers_it_often_enough_and_no_shorter_one_does(n):
    low, high = median_interval(np.arange(1.0, n + 1), 0.9)
    if low == -math.inf:
        assert 1 - 2 * binom.cdf(0, n, 0.5) < 0.9
        return
    rank = int(low)
    assert high == n + 1 - rank
    assert 1 - 2 * binom.cdf(rank - 1, n, 0.5) >= 0.9 > 1 - 2 * binom.cdf(rank, n, 0.5)


def test_the_interval_of_a_probability_is_that_of_the_binomial_tails():
    low, high = success_interval(7, 20, 0.9)
    assert binom.sf(6, 20, low) == pytest.approx(0.05)
    assert binom.cdf(7, 20, high) == pytest.approx(0.05)
    assert success_interval(20, 20, 0.9)[1] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": 2}, "runs is 2"),
        ({"confidence": 1.0}, "confidence is 1.0"),
        ({"budget": 0}, "budget is 0"),
        ({"lookaheads": [7]}, "a lookahead is 7"),
    ],
    ids=["runs", "confidence", "budget", "lookaheads"],
)
def test_a_wrong_argument_is_named(options, message):
    with pytest.raises(ModelError, match=message):
        gorp_sample_complexity(mdps.horizon_lock(3), 3, **options)
    with pytest.raises(ModelError, match="eps is -1"):
        sqirl_sample_complexity(mdps.horizon_lock(3), 3, eps=-1)
