"""The equilibria that the docstrings state: each is one by its certificate, and there is no other."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mdps import games
from rltheory.games import deviation_payoffs, exploitability

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def pure(m, a):
    return tuple(Fraction(int(i == a)) for i in range(m))


def two(p):
    return (p, 1 - p)


def both(*strategies):
    return [(s, s) for s in strategies]


SYMMETRIC_PAIR = [(pure(2, 0), pure(2, 1)), (pure(2, 1), pure(2, 0))]
SELTEN = [(1, 10), (2, 8), (3, 10), (4, 9), (4, 8), (5, 7)]
RISKY, SAFE = (Fraction(20, 21), Fraction(0), Fraction(1, 21)), (Fraction(0), Fraction(3, 4), Fraction(1, 4))
ALL = {
    "matching pennies": (games.matching_pennies(), both(two(HALF))),
    "pennies 9:1": (games.asymmetric_matching_pennies(), [(two(HALF), two(Fraction(1, 10)))]),
    "pennies 4:1": (games.asymmetric_matching_pennies(4), [(two(HALF), two(Fraction(1, 5)))]),
    "safe or risky pennies": (games.safe_or_risky_pennies(), [(two(Fraction(17, 32)), two(Fraction(15, 32)))]),
    "prisoners": (games.prisoners_dilemma(), both(pure(2, 1))),
    "battle": (games.battle_of_the_sexes(), [*both(pure(2, 0), pure(2, 1)), (two(Fraction(2, 3)), two(THIRD))]),
    "stag hunt": (games.stag_hunt(), both(pure(2, 0), pure(2, 1), two(Fraction(2, 3)))),
    "stag hunt, dear": (games.stag_hunt(10, -10, 5, 5), both(pure(2, 0), pure(2, 1), two(Fraction(3, 4)))),
    "stag hunt, risk dominant": (games.stag_hunt(5, 0, 1, 1), both(pure(2, 0), pure(2, 1), two(Fraction(1, 5)))),
    "chicken": (games.chicken(), [*SYMMETRIC_PAIR, *both(two(Fraction(2, 3)))]),
    "merge": (games.merge(crash=9), [*SYMMETRIC_PAIR, *both(two(Fraction(9, 10)))]),
    "merge, slow": (games.merge(crash=2, delay=1), [*SYMMETRIC_PAIR, *both(two(HALF))]),
    "rock paper scissors": (games.rock_paper_scissors(), both((THIRD,) * 3)),
    "five weapons": (games.rock_paper_scissors(5), both((Fraction(1, 5),) * 5)),
    "Shapley": (games.shapley_game(), both((THIRD,) * 3)),
    "travellers": (games.travellers_dilemma(2, 5), both(pure(4, 0))),
    "undercutting": (games.undercutting(4), both(pure(4, 0))),
    "high risk": (games.high_risk(), [
        *both(pure(3, 0), RISKY, SAFE),
        ((Fraction(3, 4), Fraction(0), Fraction(1, 4)), (Fraction(0), Fraction(20, 21), Fraction(1, 21))),
        ((Fraction(0), Fraction(20, 21), Fraction(1, 21)), (Fraction(3, 4), Fraction(0), Fraction(1, 4))),
    ]),
    "continuum": (games.continuum(), [
        (pure(3, 0), pure(2, 0)),
        (pure(3, 0), two(Fraction(2, 3))),
        ((Fraction(0), THIRD, 2 * THIRD), two(THIRD)),
    ]),
    **{
        f"Selten and Chmura {k}": (games.selten_chmura(k), [(two(Fraction(p, 11)), two(Fraction(q, 11)))])
        for k, (p, q) in enumerate(SELTEN * 2, start=1)
    },
}  # fmt: skip


def is_equilibrium(game, profile):
    profile = [np.array(p, dtype=float) for p in profile]
    return exploitability(game, profile) <= 1e-12 * game.payoff_ranges.max()


@pytest.mark.parametrize("name", ALL)
def test_the_stated_equilibria_are_all_the_extreme_ones(name, extreme_equilibria):
    game, stated = ALL[name]

    assert all(is_equilibrium(game, profile) for profile in stated)
    found = extreme_equilibria(game)
    assert len(found) == len(stated)
    for p, q in stated:  # payoffs such as those of default tables are whole, so that this is exact
        assert (p, q) in found


@pytest.mark.parametrize("y", [Fraction(2, 3), Fraction(3, 4), Fraction(9, 10), Fraction(1)])
def test_a_whole_interval_is_in_equilibrium_with_a_degenerate_action(y):
    assert is_equilibrium(games.continuum(), [pure(3, 0), two(y)])
    assert not is_equilibrium(games.continuum(), [pure(3, 0), two(y - Fraction(7, 20))])


def test_the_game_of_von_stengel_has_seventy_five_equilibria(extreme_equilibria):
    game = games.seventy_five()
    found = extreme_equilibria(game)

    assert len(found) == 75
    # It is nondegenerate: supports are as large for both, so that extreme equilibria are all.
    assert all(sum(x > 0 for x in p) == sum(x > 0 for x in q) for p, q in found)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_coordination_has_an_equilibrium_for_every_set_of_actions(m, extreme_equilibria):
    found = extreme_equilibria(games.coordination(m))

    assert len(found) == 2**m - 1
    assert all(p == q and len({x for x in p if x}) == 1 for p, q in found)


def test_more_players_coordinate_on_every_set_of_actions_too():
    game = games.coordination(3, n_players=4)
    for subset in ([1, 0, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1]):
        assert is_equilibrium(game, [np.array(subset) / sum(subset)] * 4)


def test_the_game_of_mckelvey_and_mclennan_has_its_nine_equilibria():
    nine = [
        (1, 1, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1 / 2, 1 / 2, 1), (0, 1 / 4, 1 / 3),
        (1 / 3, 1, 1 / 4), (2 / 5, 1 / 2, 1 / 3), (1 / 2, 2 / 5, 1 / 4),
    ]  # fmt: skip
    assert all(is_equilibrium(games.nine_equilibria(), [(p, 1 - p) for p in profile]) for profile in nine)


def advantages(p, q, r):
    """Return how much action 0 is better than action 1 for each player, worked out by hand."""
    return (2 * q - 1) * (12 * r - 3), (2 * p - 1) * (12 * r - 4), 26 * p * q - 8 * p - 8 * q + 2


def test_the_advantages_worked_out_by_hand_are_those_of_the_game():
    game = games.nine_equilibria()
    for chances in np.random.default_rng(0).random((20, 3)):
        worth = deviation_payoffs(game, [(x, 1 - x) for x in chances])
        assert np.allclose([first - second for first, second in worth], advantages(*chances))


def test_the_game_of_mckelvey_and_mclennan_has_no_tenth_equilibrium():
    # Who mixes has no advantage. So r is 0, 1, 1/4 or 1/3: otherwise p and q are 0 or 1, or both 1/2, and the third
    # advantage is not 0. And then p is 0, 1 or 1/2, or else q is one of these and the third advantage 0; so is q.
    simple = [Fraction(0), Fraction(1), HALF]
    first_two = simple + [(8 * x - 2) / (26 * x - 8) for x in simple]
    thirds = [Fraction(0), Fraction(1), Fraction(1, 4), THIRD]

    def rests(chance, advantage):
        return 0 <= chance <= 1 and (advantage >= 0 or chance == 0) and (advantage <= 0 or chance == 1)

    profiles = set(product(first_two, first_two, thirds))
    assert sum(all(map(rests, profile, advantages(*profile))) for profile in profiles) == 9


@pytest.mark.parametrize(("low", "high", "bonus"), [(2, 100, 2), (2, 100, 1.5), (180, 300, 5), (0, 1, 2)])
def test_all_travellers_name_the_lowest_price(low, high, bonus):
    m = high - low + 1
    assert is_equilibrium(games.travellers_dilemma(low, high, bonus), [pure(m, 0)] * 2)


def test_a_traveller_is_paid_by_the_rules():
    game = games.travellers_dilemma(2, 6, 2)
    for x in range(2, 7):
        for y in range(2, 7):
            paid = (x, x) if x == y else (x + 2, x - 2) if x < y else (y - 2, y + 2)
            assert tuple(u[x - 2, y - 2] for u in game.payoffs) == paid
