"""The strategies draw what they say."""

import numpy as np
from hypothesis import find, given

from mdps.game_strategies import (
    games,
    joint_laws,
    potential_games,
    profiles,
    pure_profiles,
    symmetric_games,
    zero_sum_games,
)
from mdps.strategies import paired
from rltheory.games import correlated_gains, exploitability, gains


@given(paired(games(n_players=None, max_actions=3), profiles, pure_profiles, joint_laws))
def test_profiles_and_laws_belong_to_their_game(drawn):
    game, profile, pure, joint = drawn
    assert gains(game, profile).shape == gains(game, pure).shape == correlated_gains(game, joint).shape
    assert max(game.n_actions) <= 3


@given(zero_sum_games())
def test_zero_sum_games_have_zero_sum(game):
    assert game.is_zero_sum


@given(symmetric_games(whole=True))
def test_symmetric_games_are_the_same_for_both(game):
    assert (game.payoffs[0] == game.payoffs[1].T).all()
    assert all((u == u.round()).all() for u in game.payoffs)


@given(potential_games(whole=True))
def test_potentials_change_by_what_the_mover_gains(drawn):
    game, potential = drawn
    for i, u in enumerate(game.payoffs):
        assert (np.diff(u, axis=i) == np.diff(potential, axis=i)).all()
    best = np.unravel_index(potential.argmax(), potential.shape)
    assert exploitability(game, [int(a) for a in best]) < 1e-11


def test_two_best_replies_to_one_action_are_drawn():
    def is_degenerate(game):
        u = game.payoffs[0]
        return (np.ptp(np.sort(u, axis=0)[-2:, 0]) == 0) if len(u) > 1 else False

    assert is_degenerate(find(games(max_actions=2, whole=True), is_degenerate))
