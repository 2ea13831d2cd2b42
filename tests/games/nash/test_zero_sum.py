import numpy as np
import pytest
from hypothesis import given

from proofs_check.games.nash import games_with_ties, generic_games
from proofs_check.games.nash_oracles import linear_program_values
from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame
from rltheory.games.nash import has_constant_sum, nash_equilibria, nash_equilibrium, zero_sum
from rltheory.games.nash.zero_sum import _by_highs


@given(generic_games(6) | games_with_ties(6))
def test_the_value_is_that_of_two_linear_programs(payoffs):
    A = payoffs[0]
    found = zero_sum(A)
    assert [found.value[0], found.value[0]] == pytest.approx(linear_program_values(A), abs=1e-8)
    assert found.nash_conv <= 1e-9 * np.ptp(A) + 1e-13 * np.abs(A).max() + 1e-300


@pytest.mark.parametrize("integers", [False, True])
@pytest.mark.parametrize("sizes", [(200, 200), (30, 400), (400, 30)])
def test_hundreds_of_actions_are_solved_with_a_gap_of_rounding(sizes, integers):
    rng = np.random.default_rng(0)
    A = rng.integers(-3, 4, sizes) if integers else rng.normal(size=sizes)
    assert zero_sum(A).nash_conv < 1e-9


def test_highs_which_stands_by_agrees():
    A = np.random.default_rng(1).normal(size=(20, 30))
    ((p, q),) = _by_highs(A)
    assert (p @ A).min() == pytest.approx(zero_sum(A).value[0], abs=1e-9)
    assert (A @ q).max() == pytest.approx(zero_sum(A).value[0], abs=1e-9)


def test_payoffs_that_nearly_tie_leave_no_more_than_the_tolerance():
    rng = np.random.default_rng(0)
    for _ in range(100):
        A = rng.integers(0, 3, (8, 8)) + 1e-9 * rng.normal(size=(8, 8))
        assert zero_sum(A).nash_conv <= 2e-9 * np.ptp(A)


def test_a_constant_sum_is_as_good_as_none():
    game = NormalFormGame([[[0.7, 0.1], [0.2, 0.6]], [[0.3, 0.9], [0.8, 0.4]]])
    assert has_constant_sum(game)
    assert nash_equilibrium(game).method == "simplex method"
    assert zero_sum(game).value.sum() == pytest.approx(1)


def test_the_front_door_takes_pure_equilibria_that_pay_most_and_else_a_path():
    assert nash_equilibrium(NormalFormGame.symmetric([[1, 0], [0, 2]])).value == pytest.approx([2, 2])
    mixed = nash_equilibrium(NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]]))
    assert mixed.method == "Lemke-Howson"
    assert np.concatenate(mixed.profile) == pytest.approx([0.5, 0.5, 0.1, 0.9])


def test_the_front_door_lists_all():
    chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    found = np.array([np.concatenate(e.profile) for e in nash_equilibria(chicken)])
    assert found == pytest.approx(np.array([[1, 0, 0, 1], [0, 1, 1, 0], [2 / 3, 1 / 3, 2 / 3, 1 / 3]]))


def test_the_front_door_is_open_to_more_than_two():
    rng = np.random.default_rng(0)
    game = NormalFormGame([rng.normal(size=(2, 3, 2)) for _ in range(3)])
    assert nash_equilibrium(game).exploitability < 1e-12
    assert max(found.exploitability for found in nash_equilibria(game)) < 1e-12


def test_other_games_are_refused_with_what_to_use():
    with pytest.raises(CriterionError, match=r"sum to 0 at actions \(1, 1\), and to 8 at \(0, 0\): use nash"):
        zero_sum(NormalFormGame([[[4, 1], [3, 0]], [[4, 3], [1, 0]]]))
    with pytest.raises(CriterionError, match=r"3 players|has 3"):
        zero_sum(NormalFormGame(np.zeros((3, 2, 2, 2))))
    with pytest.raises(ModelError, match="payoffs are finite"):
        zero_sum([[0, np.nan]])


def test_payoffs_wider_than_a_float_are_refused():
    with pytest.raises(ModelError, match="more than a float can hold"):
        zero_sum([[1.5e308, -1.5e308], [-1.5e308, 1.5e308]])
