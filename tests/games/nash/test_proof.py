"""The compiled certificate of two players' profiles, against the one in numpy and against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest

from rltheory.games import NormalFormGame, expected_payoffs, gains
from rltheory.games.nash._arguments import tolerances
from rltheory.games.nash._proof import _one_player


def drawn_profile(seed, sizes, *, pure=False):
    """Return strategies that play everything, or one action each."""
    rng = np.random.default_rng(seed)
    return tuple(np.eye(m)[rng.integers(m)] if pure else rng.dirichlet(np.ones(m)) for m in sizes)


def exact_gain_and_payoff(u, own, other):
    """Return what a player gains and receives, in rational numbers, of strategies divided by their exact sums."""
    own, other = ([Fraction(float(x)) for x in p] for p in (own, other))
    values = [sum(Fraction(float(x)) * q for x, q in zip(row, other, strict=True)) / sum(other) for row in u]
    mean = sum(p * value for p, value in zip(own, values, strict=True)) / sum(own)
    return max(values) - mean, mean


def check(game, profile):
    """Compare all three on a profile; returns whether each player's gain is called next to nothing."""
    p, q = profile
    called = []
    for player, (u, own, other) in enumerate(((game.payoffs[0], p, q), (game.payoffs[1].T, q, p))):
        gain, mean, within = _one_player(u, own, other)
        exact_gain, exact_mean = exact_gain_and_payoff(u, own, other)
        rounding = 2.0**-53 * (10 * sum(game.n_actions) + 50) * np.abs(u).max() + 1e-300
        assert exact_gain <= Fraction(float(gain)) <= exact_gain + Fraction(float(rounding))
        assert abs(Fraction(float(mean)) - exact_mean) <= Fraction(float(rounding))
        assert abs(gain - gains(game, profile)[player]) <= rounding
        assert abs(mean - expected_payoffs(game, profile)[player]) <= rounding
        assert within == (gain <= tolerances(game)[player])
        called.append(within)
    return called


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
@pytest.mark.parametrize("sizes", [(1, 1), (1, 4), (2, 2), (5, 3), (12, 20)])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("pure", [False, True])
def test_compiled_gains_are_those_of_numpy_and_bound_the_exact_ones(random_games, sizes, ties, scale, pure):
    for seed in range(5):
        check(random_games(seed, sizes, ties=ties, scale=scale), drawn_profile(seed, sizes, pure=pure))


@pytest.mark.parametrize("pure", [False, True])
def test_compiled_gains_are_right_in_games_with_ties(degenerate_game, pure):
    for seed in range(5):
        check(degenerate_game, drawn_profile(seed, degenerate_game.n_actions, pure=pure))


def test_strategies_are_divided_by_their_sums(random_games):
    game = random_games(7, (4, 6))
    p, q = drawn_profile(7, (4, 6))
    check(game, (p * (1 + 9e-10), q * (1 - 9e-10)))


@pytest.mark.parametrize(("beside", "called"), [(0.0, True), (1.79e-9, True), (1.81e-9, False), (1e-6, False)])
def test_a_gain_of_more_than_1e_9_of_the_range_is_something(beside, called):
    """Payoffs range over 9, and the row player gains 5 times what the column player is beside one tenth."""
    pennies = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
    assert check(pennies, (np.array([0.5, 0.5]), np.array([0.1 + beside, 0.9 - beside]))) == [called, True]


def test_what_is_no_strategy_is_not_called_an_equilibrium():
    u, half = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([0.5, 0.5])
    for bad in (np.zeros(2), np.array([np.nan, 1.0]), np.array([np.inf, 1.0])):
        assert not _one_player(u, bad, half)[2]
        assert not _one_player(u, half, bad)[2]
