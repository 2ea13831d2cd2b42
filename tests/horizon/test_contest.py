"""Who wins a contest: by enumeration of all draws, and in closed form."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import CriterionError
from rltheory.horizon.contest import Score, Ties, expected_worth, sums


@st.composite
def contests(draw):
    """Draw laws of up to three sequences over up to three values, and worths."""
    n_sequences, n_values = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    counts = [draw(st.lists(st.integers(0, 3), min_size=n_values, max_size=n_values)) for _ in range(n_sequences)]
    for row in counts:
        row[0] += sum(row) == 0
    laws = np.array([np.array(row) / sum(row) for row in counts])
    return laws, np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=n_sequences, max_size=n_sequences)))


def enumerated(laws, worth, m, ties, score):
    """Return the expected worth of the winner by going through all draws."""
    total = 0.0
    n_sequences, n_values = laws.shape
    for drawn in product(product(range(n_values), repeat=m), repeat=n_sequences):
        chance = np.prod([laws[z, x] for z, draws in enumerate(drawn) for x in draws])
        scores = np.array([(max if score is Score.MAX else sum)(draws) for draws in drawn])
        tied = np.flatnonzero(scores == scores.max())
        if ties is Ties.FIRST:
            won = worth[tied[0]]
        elif ties is Ties.UNIFORM:
            won = worth[tied].mean()
        else:
            won = 0.0 if (worth[tied] == 0).any() else worth[tied[0]]
        total += chance * won
    return total


@pytest.mark.parametrize("ties", Ties, ids=lambda ties: ties.name)
@pytest.mark.parametrize("score", Score, ids=lambda score: score.name)
@given(contest=contests(), m=st.integers(1, 2))
def test_the_expected_worth_is_that_of_all_draws(ties, score, contest, m):
    laws, worth = contest
    expected = enumerated(laws, worth, m, ties, score)
    np.testing.assert_allclose(expected_worth(laws, worth, m, ties, score), expected, atol=1e-12)


@given(contest=contests(), m=st.integers(1, 3))
def test_many_contests_at_once_are_what_each_is_alone(contest, m):
    laws, worth = contest
    together = expected_worth(np.stack([laws, laws[::-1]]), np.stack([worth, worth[::-1]]), m, Ties.FIRST)
    alone = [expected_worth(laws, worth, m, Ties.FIRST), expected_worth(laws[::-1], worth[::-1], m, Ties.FIRST)]
    np.testing.assert_allclose(together, alone, atol=1e-14)


@given(st.integers(1, 60), st.integers(0, 10))
def test_equal_sequences_win_equally_often_if_ties_are_broken_evenly(m, successes):
    coins = np.tile([1 - successes / 10, successes / 10], (4, 1))
    assert expected_worth(coins, np.array([0.0, 0, 0, 1]), m, Ties.UNIFORM) == pytest.approx(0.25, abs=1e-12)


def test_sums_have_the_moments_of_sums():
    law, m = np.array([[0.2, 0.5, 0.1, 0.2]]), 50
    mass, below = sums(law, m)
    x, one = np.arange(mass.shape[1]), np.arange(4)
    mean = law[0] @ one
    assert mass[0] @ x == pytest.approx(m * mean)
    assert mass[0] @ (x - m * mean) ** 2 == pytest.approx(m * (law[0] @ (one - mean) ** 2))
    assert below[0, -1] == pytest.approx(1 - 0.2**50)


def test_a_contest_that_does_not_fit_is_refused_with_a_way_out():
    with pytest.raises(CriterionError, match=r"m = 100000000 .*gorp_runs"):
        sums(np.array([[0.5, 0.5]]), 10**8)
