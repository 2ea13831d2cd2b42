from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from rltheory import CriterionError
from rltheory.games import NormalFormGame, mediated, nash_profile
from rltheory.games.bounds.markov import stage_gap_accumulation
from rltheory.games.markov import MarkovGame, markov_gains, stagewise_equilibrium, zero_sum_backward_induction
from rltheory.games.nash.small_games import small_zero_sum


def _zero_sum_stage(game):
    _, p, q, _ = small_zero_sum(game.payoffs[0].copy())
    return nash_profile(game, (p, q), method="stage values")


def _by_program(coarse):
    """Return the solver of (coarse) correlated equilibria of largest welfare, by HiGHS."""

    def solve(game):
        rows = []
        for i, u in enumerate(game.payoffs):
            for deviation in range(game.n_actions[i]):
                gain = np.take(u, [deviation], axis=i) - u
                told = range(game.n_actions[i])
                masks = [np.ones(u.shape)] if coarse else [np.zeros(u.shape) for _ in told]
                for advice in told if not coarse else ():
                    np.moveaxis(masks[advice], i, 0)[advice] = 1.0
                rows += [(gain * mask).reshape(-1) for mask in masks]
        n = game.payoffs[0].size
        x = linprog(
            -sum(u.reshape(-1) for u in game.payoffs),
            A_ub=np.array(rows),
            b_ub=np.zeros(len(rows)),
            A_eq=np.ones((1, n)),
            b_eq=[1.0],
        ).x
        x = np.maximum(x, 0.0)
        return mediated(game, (x / x.sum()).reshape(game.n_actions), coarse=coarse, method="linear program")

    return solve


def _uniform(game):
    return nash_profile(game, [np.full(m, 1 / m) for m in game.n_actions], method="uniform")


def test_stage_values_of_a_zero_sum_game_give_its_value(random_game):
    game = random_game(0, 3, (2, 3), gamma=0.9, H=4, by_step=True)
    found = stagewise_equilibrium(game, _zero_sum_stage)
    assert found.value[0] == pytest.approx(zero_sum_backward_induction(game).value, abs=1e-10)
    assert found.value[1] == pytest.approx(-found.value[0], abs=1e-12)
    assert found.exploitability < 1e-10


@pytest.mark.parametrize("coarse", [False, True])
def test_correlated_stages_make_a_correlated_equilibrium(random_game, coarse):
    game = random_game(1, 3, (2, 3), gamma=1.0, H=3, zero_sum=False)
    found = stagewise_equilibrium(game, _by_program(coarse))
    assert found.profile is None
    assert found.concept == ("coarse correlated" if coarse else "correlated")
    assert found.exploitability < 1e-7
    assert markov_gains(game, found.law, advised=not coarse).max() < 1e-7


def test_three_players_can_be_told_what_to_do(random_game):
    game = random_game(2, 2, (2, 2, 2), gamma=0.9, H=2, zero_sum=False)
    assert stagewise_equilibrium(game, _by_program(False)).exploitability < 1e-7


@pytest.mark.parametrize("seed", range(4))
def test_gains_are_at_most_the_sum_of_stage_gains(random_game, seed):
    game = random_game(seed, 3, (2, 3, 2), gamma=0.9, H=3, zero_sum=False, by_step=True)
    found = stagewise_equilibrium(game, _uniform)
    for i in range(3):
        assert found.gains[i].max() <= stage_gap_accumulation(found.stage_gains[i].max(axis=1), 0.9) + 1e-9


def test_the_dilemma_is_defected_to_the_end():
    dilemma = np.array([[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]], dtype=float)
    game = MarkovGame.from_arrays(np.ones((1, 2, 2, 1)), dilemma, gamma=1.0, H=10)

    def dominant(stage):
        choice = [int(np.moveaxis(u, i, 0).reshape(2, -1).sum(axis=1).argmax()) for i, u in enumerate(stage.payoffs)]
        return nash_profile(stage, choice, method="dominance")

    found = stagewise_equilibrium(game, dominant)
    assert found.start_value.tolist() == [10, 10]
    assert found.exploitability < 1e-10
    assert found.joint(0, 3).tolist() == [[0, 0], [0, 1]]


def test_pure_equilibria_of_stages_are_equilibria_of_the_game(random_game):
    rng = np.random.default_rng(5)
    r = np.repeat(rng.normal(size=(1, 2, 3, 3)), 2, axis=0)  # common interest: a best cell is an equilibrium
    game = MarkovGame.from_arrays(rng.dirichlet(np.ones(2), size=(2, 3, 3)), r, gamma=1.0, H=3)

    def best_cell(stage):
        cell = np.unravel_index(stage.payoffs[0].argmax(), (3, 3))
        return nash_profile(stage, [int(a) for a in cell], method="best cell")

    found = stagewise_equilibrium(game, best_cell)
    P, best = game.P.toarray().reshape(2, 9, 2), np.zeros(2)
    for _ in range(3):
        best = (game.r[0].reshape(2, 9) + P @ best).max(axis=1)
    assert found.exploitability < 1e-10
    assert found.value[0, 0] == pytest.approx(best)


def test_no_pure_policy_gains_more_than_is_certified(random_game):
    game = random_game(6, 2, (2, 2), gamma=1.0, H=2, zero_sum=False, ragged=False)
    found = stagewise_equilibrium(game, _uniform)
    P, r = game.P.toarray().reshape(2, 2, 2, 2).mean(axis=2), game.r[0].reshape(2, 2, 2).mean(axis=2)
    best = np.full(2, -np.inf)
    for first, second in product(product(range(2), repeat=2), repeat=2):
        last = r[range(2), second]
        best = np.maximum(best, r[range(2), first] + P[range(2), first] @ last)
    assert found.gains[0] == pytest.approx(best - found.value[0, 0], abs=1e-10)


def test_a_game_without_an_end_is_refused(random_game):
    with pytest.raises(CriterionError, match="no last step"):
        stagewise_equilibrium(random_game(7), _uniform)


def test_the_answer_shows_itself(random_game):
    found = stagewise_equilibrium(random_game(8, 2, (2, 2), H=2), _uniform)
    assert "Nash" in repr(found)
    assert "<table>" in found._repr_html_()
    assert len(found.to_rows()) == 4
    assert isinstance(found.game.stage(0), NormalFormGame)
