"""Instances of risk: their closed forms, by independent sums and by scanning CVaR's threshold."""

import math

import numpy as np
import pytest

from mdps.casino import casino, sure_or_lottery
from mdps.coins import coin_corridor
from mdps.hau import LEVELS, hau, hau_chow, hau_cvar
from mdps.two_goals import two_goals
from rltheory import ModelError, solve
from rltheory.distributional import DiscreteLaw, best_expectation, unfold


def best_cvar(model, tau, H):
    """Scan the threshold b over all returns in max { b + max E (G - b)- / tau }."""
    nodes = unfold(model, H)
    stock = nodes.layers[-1].stock
    start = model.mu[nodes.layers[0].state]
    scan = [
        b + start @ best_expectation(nodes, np.minimum(stock - b, 0.0))[0][0] / tau for b in np.unique(stock).tolist()
    ]
    return max(scan)


def best(model, H, utility):
    nodes = unfold(model, H)
    return float(model.mu[nodes.layers[0].state] @ best_expectation(nodes, utility(nodes.layers[-1].stock))[0][0])


def cvar(law, tau):
    used = np.diff(np.minimum(law.cumulative, tau), prepend=0.0)
    return float(used @ law.atoms) / tau


@pytest.mark.parametrize("tau", [*LEVELS, 0.05, 0.375, 0.6875])
def test_the_best_cvar_of_hau_is_that_of_the_best_lottery(tau):
    assert best_cvar(hau(), tau, 2) == pytest.approx(hau_cvar(tau).max(), abs=1e-12)


def test_the_third_lottery_of_hau_is_best_from_three_eighths_to_eleven_sixteenths():
    for tau, lotteries in [(0.37, {1}), (0.38, {2}), (0.68, {2}), (0.69, {0}), (0.375, {1, 2}), (0.6875, {0, 2})]:
        values = hau_cvar(tau)
        assert set(np.flatnonzero(values >= values.max() - 1e-12)) == lotteries


@pytest.mark.parametrize("tau", [0.1, 0.25, 0.4, 0.5, 0.75, 0.9, 1.0])
def test_chow_of_hau_is_a_minimum_over_levels_of_the_choice(tau):
    y = np.linspace(0, 1, 100_001)
    allowed = (2 * tau - y >= 0) & (2 * tau - y <= 1)
    tails = np.maximum(
        np.maximum.reduce([-600 * y, np.zeros_like(y), -100 * y]), np.maximum(600 * y - 300, 400 * y - 250)
    )
    found = (tails + 200 * (2 * tau - y))[allowed].min() / (2 * tau)
    assert hau_chow(tau) == pytest.approx(found, abs=0.01)


def three_ways(eps):
    falls = [((1 - eps) ** k * eps, -22.0 - k) for k in range(3)]
    along = DiscreteLaw([-1.0, *(x for _, x in falls)], [(1 - eps) ** 3, *(p for p, _ in falls)])
    return {"around": DiscreteLaw.point(-3.0), "along": along, "up": DiscreteLaw([16.0, -14.0])}


@pytest.mark.parametrize("tau", [0.05, 0.3, 0.6, 0.64, 0.65, 0.7, 0.8, 0.81, 0.9, 1.0])
def test_the_best_way_between_two_goals_changes_with_the_level(tau):
    ways = {name: cvar(law, tau) for name, law in three_ways(0.02).items()}
    assert best_cvar(two_goals(), tau, 20) == pytest.approx(max(ways.values()), abs=1e-12)
    expected = "around" if tau < 0.645 else "along" if tau < 0.805 else "up"
    assert max(ways, key=ways.get) == expected


def test_two_goals_are_worth_1_in_expectation_and_a_walk_without_wind_more():
    assert best(two_goals(), 20, lambda x: x) == pytest.approx(1.0, abs=1e-12)
    assert best_cvar(two_goals(eps=0.0), 0.1, 20) == -1.0
    assert solve(two_goals().finite_horizon(20)).start_value == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("target", range(16))
def test_exact_change_is_possible_with_enough_coins(target):
    coins, length = (1, 2, 5), 3
    sums = {0}
    for _ in range(length):
        sums |= {x + coin for x in sums for coin in coins}
    distance = -best(coin_corridor(length, coins), length, lambda x: -np.abs(x - target))
    assert distance == min(abs(x - target) for x in sums)


@pytest.mark.parametrize("coin", [1, 2, 5])
def test_a_slippery_coin_is_reached_for_until_it_stays(coin):
    length, slip = 4, 0.3
    exactly = best(coin_corridor(length, slip=slip), length, lambda x: (x == coin).astype(float))
    assert exactly == pytest.approx(1 - slip**length, abs=1e-14)


def test_the_mean_of_a_corridor_is_the_largest_coins():
    model = coin_corridor(4, slip=0.25)
    assert best(model, 4, lambda x: x) == pytest.approx(4 * 0.75 * 5)
    assert coin_corridor(2, slip=1.0).prob.max() == 1.0


@pytest.mark.parametrize("tau", [0.1, 0.39, 0.5, 0.79, 0.81, 1.0])
def test_one_round_is_bet_above_twice_the_probability_of_losing(tau):
    p = 0.6
    expected = max(0.0, 1 - 2 * (1 - p) / tau) if tau >= 1 - p else 0.0
    assert best_cvar(casino(p, capital=3, limit=6), tau, 1) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(("p", "value"), [(0.6, 4 * 0.2), (0.5, 0.0), (0.4, 0.0)])
def test_in_expectation_one_bets_if_the_odds_are_good(p, value):
    assert best(casino(p, capital=5, limit=10), 4, lambda x: x) == pytest.approx(value, abs=1e-14)


def test_nothing_is_won_or_lost_after_ruin_or_the_bank():
    game = casino(1.0, capital=1, limit=3, stakes=(1, 5))
    assert best(game, 10, lambda x: x) == 1.0 + 2.0, "all of 2 is staked, and paid in full though it breaks the bank"
    lost = casino(0.0, capital=2, limit=9, stakes=(1, 5))
    assert best(lost, 10, lambda x: -x) == 2.0
    assert lost.action_name(1, 2) == "bet 1"


def test_a_sure_thing_or_a_lottery_scales():
    assert best(sure_or_lottery(2.0), 1, lambda x: x) == 4.0
    assert math.isclose(best(sure_or_lottery(2.0), 1, lambda x: np.maximum(x - 2.0, 0.0)), 2.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: two_goals(1.5), "eps is 1.5"),
        (lambda: coin_corridor(0), "length is 0"),
        (lambda: coin_corridor(coins=(0,)), "a coin is 0"),
        (lambda: coin_corridor(slip=-0.1), "slip is -0.1"),
        (lambda: casino(2.0), "p_win is 2.0"),
        (lambda: casino(capital=10, limit=10), r"capital is 10; it must be a number in \[1, 9\]"),
        (lambda: casino(stakes=(0,)), "a stake is 0"),
        (lambda: sure_or_lottery(0.0), "scale is 0.0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()
