"""The right sides, at places where they are known by hand, and beside the ones in the books."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from rltheory import ModelError
from rltheory.bandits import bounds

GAPS = st.lists(st.floats(0.01, 5), min_size=1, max_size=5)


def test_the_sharp_constant_is_the_least_of_all_pairs_of_coins():
    def product(x):
        a, b = x
        return (a + b) * math.exp(bounds.kl_bernoulli(a, 1 - b))

    least = min(
        minimize(product, start, bounds=[(1e-9, 1 - 1e-9)] * 2).fun for start in ((0.2, 0.3), (0.5, 0.5), (0.1, 0.1))
    )
    assert least == pytest.approx(bounds.SHARP_BRETAGNOLLE_HUBER, rel=1e-8)


def test_on_a_grid_no_pair_of_coins_is_below_the_sharp_constant():
    a, b = np.meshgrid(np.linspace(0.001, 0.999, 999), np.linspace(0.001, 0.999, 999))
    kl = a * np.log(a / (1 - b)) + (1 - a) * np.log((1 - a) / b)
    assert ((a + b) * np.exp(kl)).min() >= bounds.SHARP_BRETAGNOLLE_HUBER


@pytest.mark.parametrize("p", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("change", [1e-4, 1e-7, 1e-10, -1e-10])
def test_near_coins_differ_by_the_square_of_their_distance(p, change):
    """The third order is known, too: relative to the second it is less than the change over p (1 - p)."""
    second_order = change**2 / (2 * p * (1 - p))
    allowed = abs(change) / (p * (1 - p)) + 1e-4
    assert bounds.kl_bernoulli(p, p + change) == pytest.approx(second_order, rel=allowed, abs=0)


@given(GAPS, st.integers(2, 10**6))
def test_the_bounds_of_ucb_are_below_those_of_the_book(gaps, rounds):
    k, log = len(gaps) + 1, math.log(rounds)
    book = sum(3 * gap + 16 * log / gap for gap in gaps)
    assert bounds.ucb_regret([0.0, *gaps], rounds) <= book
    worst = 8 * math.sqrt(rounds * k * log) + 3 * sum(gaps)
    assert bounds.ucb_worst_regret([0.0, *gaps], rounds) <= worst


@given(st.integers(2, 1000), st.integers(1, 10**6))
def test_the_lower_bound_is_above_that_of_the_book_and_below_that_of_ucb(n_arms, turns):
    rounds = turns * n_arms
    lower = bounds.minimax_regret(n_arms, rounds)
    assert math.sqrt(rounds * (n_arms - 1)) / 27 <= lower
    gaps = [0.0] + [bounds.needle_gap(n_arms, rounds)] * (n_arms - 1)
    assert lower <= bounds.ucb_worst_regret(gaps, rounds)


@given(st.integers(2, 50), st.integers(1, 1000), st.floats(0.1, 3))
def test_the_gap_of_the_needle_is_the_hardest(n_arms, rounds, factor):
    hardest = bounds.needle_gap(n_arms, rounds)

    def at(gap):
        return bounds.needle_regret(gap, n_arms, rounds, bounds.kl_gaussian(0, gap))

    assert at(hardest) == pytest.approx(bounds.minimax_regret(n_arms, rounds))
    assert at(factor * hardest) <= at(hardest) * (1 + 1e-9)


def test_the_wait_of_ucb_is_a_sum_over_pulls():
    """Sum the Gaussian tails themselves: they are below the bound on them."""
    rounds, gap = 1000, 0.5
    s = np.arange(1, 10**6)
    waits = norm.sf((gap - np.sqrt(4 * np.log(rounds) / s)) * np.sqrt(s)).sum()
    assert 0.5 * bounds.ucb_wait(rounds) / gap**2 <= waits <= 1 + bounds.ucb_wait(rounds) / gap**2


def test_the_tries_of_the_book_are_nearly_the_best():
    gap, n = 0.3, 5000
    bound = [bounds.commit_regret([0.0, gap], m, n) for m in range(1, 1000)]
    assert bounds.commit_regret([0.0, gap], bounds.commit_tries(gap, n), n) <= 1.02 * min(bound)
    assert bounds.commit_regret([0.0, gap], bounds.commit_tries(gap, n), n) <= bounds.commit_tuned_regret(gap, n)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.commit_regret([0.0, 1.0], 6, 10), "tries is 6"),
        (lambda: bounds.ucb_regret([0.0, -1.0], 10), r"gaps are \[0\.0, -1\.0\]"),
        (lambda: bounds.commit_tuned_regret(0.0, 10), "gap is 0.0; it must be above 0"),
        (lambda: bounds.commit_tuned_regret(-0.5, 10), "gap is -0.5; it must be above 0"),
        (lambda: bounds.commit_tuned_regret(0.5, 10, sigma=0.0), "sigma is 0.0; it must be above 0"),
        (lambda: bounds.commit_tries(0.0, 10), "gap is 0.0; it must be above 0"),
    ],
    ids=["tries", "gaps", "no gap", "a negative gap", "no noise", "tries for no gap"],
)
def test_what_is_no_bandit_is_said(call, message):
    with pytest.raises(ModelError, match=message):
        call()


_SCALED = {
    "ucb_regret": lambda c: bounds.ucb_regret([0.0, 0.5 * c, 2 * c], 50, sigma=c),
    "ucb_worst_regret": lambda c: bounds.ucb_worst_regret([0.0, 0.5 * c, 2 * c], 50, sigma=c),
    "commit_regret": lambda c: bounds.commit_regret([0.0, 0.5 * c, 2 * c], 4, 50, sigma=c),
    "commit_tuned_regret": lambda c: bounds.commit_tuned_regret(0.5 * c, 1000, sigma=c),
    "elimination_width": lambda c: bounds.elimination_width(5, 3, 50, delta=0.1, sigma=c),
    "elimination_regret": lambda c: bounds.elimination_regret([0.0, 0.5 * c, 2 * c], 50, delta=0.1, sigma=c),
    "needle_gap": lambda c: bounds.needle_gap(4, 50, sigma=c),
    "minimax_regret": lambda c: bounds.minimax_regret(4, 50, sigma=c),
}


@pytest.mark.parametrize("bound", _SCALED.values(), ids=_SCALED)
@pytest.mark.parametrize("unit", [0.25, 3.0])
def test_regret_is_measured_in_the_units_of_the_rewards(bound, unit):
    assert bound(unit) == pytest.approx(unit * bound(1.0))


def test_counts_and_relative_entropies_have_no_units():
    assert bounds.commit_tries(1.5, 1000, sigma=3.0) == bounds.commit_tries(0.5, 1000)
    assert bounds.kl_gaussian(1.0, 7.0, sigma=3.0) == bounds.kl_gaussian(0.0, 2.0) == 2.0


def test_the_bounds_of_ucb_are_known_where_the_logarithm_is_0_or_a_multiple_of_pi():
    """The wait is 2 in one round, and 8 pi + 4 pi + 2 where the logarithm is 2 pi."""
    assert bounds.ucb_wait(math.exp(2 * math.pi)) == pytest.approx(12 * math.pi + 2)
    assert bounds.ucb_wait(1) == 2
    assert bounds.ucb_regret([0.0, 1.0, 2.0], 1) == 3 + 2 + 6 + 1
    assert bounds.ucb_worst_regret([0.0, 1.0, 1.0], 1) == 2 + 6


def test_who_commits_to_arms_without_gap_of_signal_loses_what_was_tried():
    """Each arm of a gap of 2 is tried 3 times, and then taken for the best one with probability e^-3 at most."""
    assert bounds.commit_regret([0.0, 2.0, 2.0], 3, 20) == pytest.approx(4 * (3 + 11 * math.exp(-3)))
    assert bounds.commit_regret([0.0, 2.0, 2.0], 3, 20, sigma=0.0) == 12
    assert bounds.commit_regret([0.0, 1.0], 0, 20, sigma=0.0) == 0


def test_the_tries_of_a_gap_of_two_deviations_are_the_logarithm_of_the_rounds():
    assert [bounds.commit_tries(2.0, n) for n in (1, 2, 3, 20, 21)] == [1, 1, 1, 3, 4]
    assert bounds.commit_tries(2 * math.sqrt(math.e / 3), 3) == 1  # not 2, of 3 rounds for two arms
    assert bounds.commit_tries(0.01, 10) == 1


def test_the_tuned_regret_is_the_less_of_two():
    assert bounds.commit_tuned_regret(2.0, 100) == pytest.approx(2 * (2 + math.log(100)))
    assert bounds.commit_tuned_regret(0.5, 10) == 5.0
    assert bounds.commit_tuned_regret(10.0, 1) == 10.0
    assert bounds.commit_tuned_regret(1.9, 1) == 1.9
    assert bounds.commit_tuned_regret(0.15, 100) == 15.0
    assert bounds.commit_tuned_regret(1e-200, 10) == pytest.approx(1e-199, abs=0)


def test_elimination_waits_for_the_logarithm_of_rounds_and_arms():
    """Two differences in 10 rounds at a confidence of one fifth: ln 100. One arm or two have one."""
    log = math.log(100)
    assert bounds.elimination_width(4, 3, 10, delta=0.2) == pytest.approx(math.sqrt(log))
    assert bounds.elimination_width(4, 2, 10, delta=0.1) == bounds.elimination_width(4, 1, 10, delta=0.1)
    assert bounds.elimination_width(1, 1, 10, delta=0.1) == pytest.approx(2 * math.sqrt(log))
    assert bounds.elimination_regret([0.0, 1.0, 2.0], 10, delta=0.2) == pytest.approx(3 + 16 * log * 1.5)
    assert bounds.elimination_regret([1.0], 10, delta=0.1) == pytest.approx(1 + 16 * log)


def test_lower_bounds_are_known_by_hand():
    """Four arms and a relative entropy of 1/8 in 4 rounds: the root is 1/4, and so is the share of pure chance."""
    assert bounds.needle_regret(0.5, 4, 4, divergence=0.125) == pytest.approx(4 * 0.5 * (1 - 1 / 4 - 1 / 4))
    assert bounds.needle_gap(2, 8) == pytest.approx(1 / 4)
    assert bounds.minimax_regret(2, 8) == pytest.approx(1 / 2)
    assert bounds.two_worlds_regret(0.5, pulls=4, divergence=0.25, rounds=8) == pytest.approx(2 / math.e)
    assert bounds.pulls_needed(0.0, 0.75, divergence=0.5) == pytest.approx(2 * math.log(4))
    assert bounds.pulls_needed(0.5, 0.5, divergence=0.0) == 0.0


@pytest.mark.parametrize(("p", "q"), [("1/5", "9/10"), ("9/10", "1/5"), ("1/2", "3/5"), ("2/3", "1/3"), ("1/4", "3/8")])
def test_relative_entropies_of_coins_are_the_logarithms_of_rational_numbers(p, q):
    """At p = i/n it is the n-th part of the logarithm of (p/q)^i ((1-p)/(1-q))^(n-i), a fraction."""
    p, q = Fraction(p), Fraction(q)
    i, n = p.numerator, p.denominator
    ratio = (p / q) ** i * ((1 - p) / (1 - q)) ** (n - i)
    assert bounds.kl_bernoulli(float(p), float(q)) == pytest.approx(math.log(ratio) / n)


def test_the_largest_distance_is_that_of_a_law_given_an_event_of_it():
    """P given A has a relative entropy of -ln P(A) from P, and a distance of 1 - P(A), its bound's square."""
    assert bounds.bretagnolle_huber_distance(math.log(4)) == pytest.approx(math.sqrt(3 / 4))
    assert bounds.bretagnolle_huber(math.log(4)) == pytest.approx(1 / 8)
    assert bounds.history_divergence([2.0, 3.0], [0.5, 0.25]) == 1.75
