import math
import time

import pytest

from benchmarks import games
from rltheory.games import NormalFormGame
from rltheory.games.nash import lemke_howson


def test_all_solvers_of_a_row_are_timed_on_the_same_games():
    drawn = games.random_games(4, 2)
    row = games.compare("a path", 4, drawn, games.ours(lemke_howson), None, games.by_quantecon("lemke_howson"))
    assert row.size == "4 x 4"
    assert row.nashpy is None
    assert row.ours > 0
    assert row.quantecon > 0


@pytest.mark.parametrize("seed", range(5))
def test_the_path_without_the_proof_is_that_of_the_same_game(seed):
    game_theory = pytest.importorskip("quantecon.game_theory")
    ((A, B),) = games.random_games(8, 1, seed=seed)
    players = [game_theory.Player(A), game_theory.Player(B.T.copy())]
    peer = game_theory.lemke_howson(game_theory.NormalFormGame(players), init_pivot=0, full_output=True)[1]
    assert games.bare_path((A, B)) == lemke_howson(NormalFormGame((A, B))).iterations == peer.num_iter


def test_a_solver_that_does_not_end_is_told_apart(monkeypatch):
    monkeypatch.setattr(games, "PATIENCE", 1)
    calls = iter([0])
    assert games.seconds(lambda _: next(calls, None) == 0 or time.sleep(5), games.random_games(3, 1)) == math.inf


@pytest.mark.parametrize("zero_sum", [False, True])
def test_games_are_what_they_are_called(zero_sum):
    ((A, B),) = games.random_games(3, 1, zero_sum=zero_sum)
    assert bool((A == -B).all()) == zero_sum
