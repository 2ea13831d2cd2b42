"""What is hidden in hard mixtures, by coins."""

import math

import pytest

from rltheory import ModelError
from rltheory.exploration.bounds import lower, lower_tables


def kl(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


@pytest.mark.parametrize(("least", "largest", "variance"), [(0.5, 0.9, 0.09), (0.2, 0.5, 0.16)])
def test_information_is_counted_where_a_coin_varies_least(least, largest, variance):
    assert lower.hard_mixture_information(9, 0.1, largest, least) == pytest.approx(4 * 9 * 0.1**2 / variance)


@pytest.mark.parametrize("p", [1 / 9, 1 / 6, 2 / 9])
def test_no_coin_in_between_tells_more(p):
    drift = 0.001
    told = kl(p - drift, p + drift)
    assert told <= lower.hard_mixture_information(1, drift, 2 / 9 + drift, 1 / 9) < 4 * kl(1 / 9 - drift, 1 / 9 + drift)


def test_with_two_steps_only_the_first_tells():
    root = math.sqrt(1 / 7.5)  # of I / 2 for K = 1, where the drift is 1/8: p (1 - p) = 1/4 - 1/64
    assert lower.hard_mixture_steps_regret(2, 2, 1) == pytest.approx((1 - root) / 8)


@pytest.mark.parametrize("K", [20, 3000])
def test_with_three_steps_the_second_is_reached_by_those_who_do_not_win_at_once(K):
    drift = math.sqrt(1 / (96 * K))
    most, least = 1 / 3 + 2 * drift, 1 / 3 - 2 * drift
    first = 4 * K * drift**2 / (least * (1 - least))
    second = first * (1 - least)
    parts = (2 - most) * (1 - math.sqrt(first / 2)) + (1 - most - math.sqrt(second / 2))
    assert lower.hard_mixture_steps_regret(3, 3, K) == pytest.approx(2 * drift * K * parts)


def test_a_coin_varies_least_at_the_end_that_is_farther_from_one_half():
    assert lower.least_variance(0.25, 0.125) == 7 / 64
    assert lower.least_variance(0.75, 0.125) == 7 / 64


@pytest.mark.parametrize(
    ("bound", "needed"),
    [
        (lambda K: lower.hard_mixture_regret(4, 10, K), 15.1875),  # 9 * 9 * 6 / 32
        (lambda K: lower.hard_mixture_steps_regret(4, 10, K), 25.3125),  # 9 * 9 * 10 / 32
        (lambda K: lower.reward_free_loss(4, K, worth=1.0), 3.375),  # 3/16 * 9 / (8 / 16)
    ],
    ids=["regret", "steps", "reward-free"],
)
def test_a_bound_is_proven_from_so_many_episodes_on_and_not_before(bound, needed):
    assert bound(needed) > 0
    with pytest.raises(ModelError, match=f"the bound is proven from {needed:.6g} episodes on"):
        bound(needed - 0.01)


def test_to_lose_an_eighth_of_what_success_is_worth_is_the_most_that_the_bound_is_for():
    assert lower.reward_free_episodes(5, 0.25, worth=2.0) == 6  # 3/512 * 16 * 64
    with pytest.raises(ModelError, match=r"eps is 0\.26; the bound is for more than 0 and at most an eighth of 2"):
        lower.reward_free_episodes(5, 0.26, worth=2.0)


def test_a_needle_is_hidden_among_two_actions_at_least():
    with pytest.raises(ModelError, match="n_actions is 1; a choice is among two at least"):
        lower_tables.needle_gap(1, 1, 1000)
