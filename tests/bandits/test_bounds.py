"""The right sides, at places where they are known by hand, and beside the ones in the books."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from proofs_check import verify
from proofs_check.bandits import THEOREMS
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
    assert bounds.kl_bernoulli(p, p + change) == pytest.approx(second_order, rel=allowed)


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
    ],
    ids=["tries", "gaps"],
)
def test_what_is_no_bandit_is_said(call, message):
    with pytest.raises(ModelError, match=message):
        call()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.name)
def test_a_false_variant_is_refuted_from_any_seed(theorem, seed):
    verification = verify(theorem, examples=10, rng=seed)
    assert verification.passed, verification.in_words()
