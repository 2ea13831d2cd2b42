import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quantecon import game_theory as peer

from proofs_check.games.nash import games_with_ties, generic_games
from proofs_check.games.nash_oracles import extreme_equilibria
from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame
from rltheory.games.nash import lemke_howson, lemke_howson_equilibria


def rounding(game):
    """Return what a player may seem to gain at an equilibrium that is rounded."""
    return 1e-9 * game.payoff_ranges + np.array([1e-13 * np.abs(u).max() + 1e-300 for u in game.payoffs])


@given(generic_games() | games_with_ties())
def test_the_path_of_every_label_ends_at_one_of_the_extreme_equilibria(payoffs):
    game = NormalFormGame(payoffs)
    exact = [np.concatenate([np.array(p, dtype=float) for p in pair]) for pair in extreme_equilibria(*payoffs)]
    for found in lemke_howson_equilibria(game).values():
        assert (found.gains <= rounding(game)).all()
        assert min(np.abs(np.concatenate(found.profile) - e).max() for e in exact) < 1e-9


@given(generic_games() | games_with_ties(), st.integers(0, 5))
def test_integers_and_floats_follow_the_same_path(payoffs, label):
    game = NormalFormGame(payoffs)
    label %= sum(game.n_actions)
    ours, exact = lemke_howson(game, label=label), lemke_howson(game, label=label, exact=True)
    assert (ours.method, exact.method) == ("Lemke-Howson", "exact Lemke-Howson")
    assert ours.iterations == exact.iterations
    assert np.concatenate(ours.profile) == pytest.approx(np.concatenate(exact.profile), abs=1e-9)


@pytest.mark.parametrize("size", [3, 8, 12, 40])
def test_quantecon_follows_the_same_paths_in_random_games(size, random_games):
    game = random_games(size, (size, size + 1))
    theirs = peer.NormalFormGame([peer.Player(game.payoffs[0].copy()), peer.Player(game.payoffs[1].T.copy())])
    for label in range(0, 2 * size + 1, 5):
        found, result = lemke_howson(game, label=label), peer.lemke_howson(theirs, init_pivot=label, full_output=True)
        assert np.concatenate(found.profile) == pytest.approx(np.concatenate(result[0]), abs=1e-9)
        assert found.iterations == result[1].num_iter


def test_ties_neither_trap_a_path_nor_end_it_elsewhere(degenerate_game):
    for exact in (False, True):
        for found in lemke_howson_equilibria(degenerate_game, exact=exact).values():
            assert (found.gains <= rounding(degenerate_game)).all()


@pytest.mark.parametrize("size", [20, 60])
def test_large_games_full_of_ties_are_solved(size, random_games):
    for seed in range(5):
        game = random_games(seed, (size, size), ties=True)
        assert (lemke_howson(game).gains <= rounding(game)).all()


def test_a_hundred_actions_are_solved_to_rounding(random_games):
    game = random_games(0, (100, 100))
    assert lemke_howson(game).exploitability < 1e-10


def test_some_equilibria_are_found_by_no_label():
    """The symmetric equilibrium of a coordination game of 3 x 3 is at the end of no path from (0, 0)."""
    game = NormalFormGame.symmetric(np.eye(3))
    supports = {tuple(np.flatnonzero(e.profile[0]).tolist()) for e in lemke_howson_equilibria(game).values()}
    assert supports == {(0,), (1,), (2,)}


def test_a_game_that_nearly_ties_is_solved_exactly_where_asked():
    game = NormalFormGame([[[1, 1], [1 + 2**-45, 0]], [[1, 0], [0, 1]]])
    assert lemke_howson(game, exact=True).exploitability < 1e-14


def test_payoffs_of_wildly_different_sizes_are_solved_exactly():
    rng = np.random.default_rng(0)
    game = NormalFormGame([10.0 ** rng.integers(-12, 12, (5, 5)) * rng.random((5, 5)) for _ in range(2)])
    found = lemke_howson(game, exact=True)
    assert (found.gains <= 1e-13 * game.payoff_ranges).all()


def test_bad_questions_are_refused_by_name(random_games):
    with pytest.raises(ModelError, match=r"label is 5; the labels of a 2 x 3 game are 0\.\.4"):
        lemke_howson(random_games(0, (2, 3)), label=5)
    with pytest.raises(CriterionError, match="two players; this game has 3"):
        lemke_howson(NormalFormGame(np.zeros((3, 2, 2, 2))))
    for exact in (False, True):
        with pytest.raises(ModelError, match="path of label 0 has more than 3 pivots"):
            lemke_howson(random_games(4, (12, 12)), max_pivots=3, exact=exact)
