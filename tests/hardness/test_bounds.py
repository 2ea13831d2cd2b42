"""The bounds at their edges, and at places where they are known by hand or by exact arithmetic."""

import math
from fractions import Fraction

import pytest

from rltheory.hardness import bounds


@pytest.mark.parametrize("gamma", [Fraction(1, 5), Fraction(1, 2), Fraction(3, 4), Fraction(9, 10)], ids=str)
def test_the_needle_is_the_deepest_that_is_worth_more_than_the_loss(gamma):
    """Level k is worth gamma^(k-1) H. Losses are between two levels or, where floats are exact, equal to one."""
    H = 1 / (1 - gamma)
    for k in range(1, 30):
        between = H * gamma ** (k - 1) * (1 + gamma) / 2
        assert bounds.needle_depth(float(gamma), float(between)) == k
    if gamma == Fraction(1, 2):
        assert [bounds.needle_depth(0.5, 2.0 ** (1 - k)) for k in range(1, 60)] == list(range(1, 60))


@pytest.mark.parametrize("gamma", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_loss_just_below_all_there_is_needs_one_level(gamma):
    assert bounds.needle_depth(gamma, math.nextafter(1 / (1 - gamma), 0.0)) == 1


@pytest.mark.parametrize(("gap", "part"), [(0.1, 0.1), (0.3, 0.45), (0.45, 0.3)])
def test_the_episodes_of_a_lock_are_those_after_which_a_learner_may_lose_as_little(gap, part):
    """After as many, `lock_loss` at the reach of the best policy is just the loss that is asked for."""
    episodes = bounds.lock_episodes(3, 4, gap, loss=part * gap)
    assert episodes > 0
    told = episodes * bounds.lock_divergence(gap) / 3**4
    assert gap / 2 * (1 - math.sqrt(1 - math.exp(-told))) == pytest.approx(part * gap)


def test_a_lock_of_large_gap_tells_more_than_one_of_small_gap():
    """At 3/8 the coins have means 7/8 and 1/8, and the relative entropy is 3/4 ln 7."""
    assert bounds.lock_divergence(0.375) == pytest.approx(0.75 * math.log(7))
    assert bounds.lock_divergence(0.5) == math.inf


def test_local_planning_needs_the_whole_tree_times_the_probability():
    """Depth 3 at gamma 1/2 and loss 1/4 or a little less than 1/2; 5^3 leaves."""
    assert bounds.local_planning_queries(0.5, 5, loss=0.25, success=0.8) == pytest.approx(0.8 * 125 - 1)
    assert bounds.local_planning_queries(0.5, 5, loss=0.49, success=1.0) == 124


def test_vectors_are_counted_exactly():
    """With d tau^2 / 4 = ln 10.5 there are 10, and with ln 10.01 in each half of the dimensions 100."""
    assert bounds.nearly_orthogonal_vectors(100, math.sqrt(4 * math.log(10.5) / 100)) == 10
    assert bounds.nearly_orthogonal_vectors(200, math.sqrt(4 * math.log(10.01) / 100)) == 100
    assert bounds.misspecified_queries(100, error=0.5 * math.sqrt(4 * math.log(10.5) / 100), loss=0.5, success=0.5) == 4


def test_a_learner_of_no_data_or_of_a_closed_lock_loses_half_of_the_gap():
    assert bounds.lock_loss(0.0, 10, 0.25) == bounds.lock_loss(0.5, 0, 0.25) == 0.125
    assert bounds.lock_loss_unopened(0.25, 2, 0.4) == pytest.approx(0.2 * 9 / 16)


def test_one_level_is_there_however_small_the_discount():
    """The reciprocal of the least discount is infinite in floats."""
    assert bounds.needle_depth(5e-324, 0.5) == 1
