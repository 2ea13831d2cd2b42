"""Kuhn's poker, dealt and played card by card in exact arithmetic."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest

from mdps.games import kuhn_equilibrium, kuhn_poker
from rltheory.games import exploitability

DEALS = list(permutations("JQK", 2))


def chips(cards, bets):
    """Return what the first player wins; bets(player, card, history) says whether she puts a chip in."""
    history = ""
    while history not in ("cc", "bb", "bc", "cbb", "cbc"):
        player = len(history) % 2
        history += "b" if bets(player, cards[player], history) else "c"
    higher = 1 if "JQK".index(cards[0]) > "JQK".index(cards[1]) else -1
    return {"cc": higher, "bb": 2 * higher, "bc": 1, "cbb": 2 * higher, "cbc": -1}[history]


def plans(name):
    """Return the plan for each card."""
    return dict(part.split(": ") for part in name.split(", "))


def exact_payoffs():
    """Return the payoffs of all plans, as Fractions."""
    game = kuhn_poker()

    def value(first, second):
        def bets(player, card, history):
            if player == 0:
                return first[card] == ("bet" if history == "" else "call")
            after_check, after_bet = second[card].split()
            return after_bet == "call" if history == "b" else after_check == "bet"

        return Fraction(sum(chips(cards, bets) for cards in DEALS), len(DEALS))

    return [[value(plans(a), plans(b)) for b in game.action_names[1]] for a in game.action_names[0]]


def exact_strategies(alpha):
    """Return the strategies as Fractions: products over the cards."""
    t = Fraction(1, 3)
    first = [[alpha, 1 - alpha, 0], [0, 2 * t - alpha, t + alpha], [3 * alpha, 0, 1 - 3 * alpha]]
    second = [[2 * t, 0, t, 0], [2 * t, t, 0, 0], [0, 0, 0, 1]]
    return [[x * y * z for x, y, z in product(*side)] for side in (first, second)]


@pytest.fixture(scope="module")
def payoffs():
    return exact_payoffs()


def test_the_payoffs_are_those_of_the_cards(payoffs):
    game = kuhn_poker()
    assert game.n_actions == (27, 64)
    assert (game.payoffs[0] == np.array(payoffs, dtype=float)).all()
    assert game.is_zero_sum


@pytest.mark.parametrize("alpha", [Fraction(0), Fraction(1, 10), Fraction(1, 4), Fraction(1, 3)], ids=str)
def test_the_value_is_a_loss_of_one_eighteenth_exactly(payoffs, alpha):
    p, q = exact_strategies(alpha)
    secured = min(sum(x * row[b] for x, row in zip(p, payoffs, strict=True)) for b in range(64))
    allowed = max(sum(x * y for x, y in zip(row, q, strict=True)) for row in payoffs)

    assert sum(p) == sum(q) == 1
    assert secured == allowed == Fraction(-1, 18)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.25, 1 / 3])
def test_the_strategies_are_optimal_in_floating_point(alpha):
    game = kuhn_poker()
    profile = kuhn_equilibrium(alpha)

    assert exploitability(game, profile) <= 1e-12 * game.payoff_ranges.max()
    for ours, exact in zip(profile, exact_strategies(Fraction(alpha)), strict=True):
        assert np.allclose(ours, np.array(exact, dtype=float), atol=1e-15)
