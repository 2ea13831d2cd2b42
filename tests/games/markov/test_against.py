import numpy as np
import pytest

import rltheory as rl
from rltheory import ModelError
from rltheory.games.markov import MarkovGame, game_against, game_under_advice
from rltheory.games.markov.profiles import joint_law


def test_a_game_of_one_player_is_its_mdp():
    rng = np.random.default_rng(0)
    P, r = rng.dirichlet(np.ones(4), size=(4, 3)), rng.normal(size=(4, 3))
    mdp = game_against(MarkovGame.from_arrays(P, r[None], gamma=0.9), [np.zeros(4, dtype=int)], 0)
    assert mdp.P.toarray() == pytest.approx(P.reshape(12, 4))
    assert mdp.r == pytest.approx(r.reshape(-1))


@pytest.mark.parametrize("player", [0, 1, 2])
def test_rows_are_averages_over_what_the_others_do(random_game, random_profile, player):
    game = random_game(3, 3, (2, 3, 2), zero_sum=False, ragged=False)
    profile = random_profile(game, 4)
    P, r = game.P.toarray().reshape(3, 2, 3, 2, 3), game.r[player].reshape(3, 2, 3, 2)
    letters = "abc"
    others = [j for j in range(3) if j != player]
    weights = [profile[j] for j in others]
    averaging = ",".join(f"s{letters[j]}" for j in others)
    mdp = game_against(game, profile, player)
    assert mdp.P.toarray().reshape(3, -1, 3) == pytest.approx(
        np.einsum(f"sabct,{averaging}->s{letters[player]}t", P, *weights)
    )
    assert mdp.r.reshape(3, -1) == pytest.approx(np.einsum(f"sabc,{averaging}->s{letters[player]}", r, *weights))


def test_a_profile_and_its_law_leave_the_same_mdp(random_game, random_profile):
    game = random_game(5, 4, (3, 2, 2), zero_sum=False)
    profile = random_profile(game, 6)
    for player in range(3):
        own, mediated = (game_against(game, p, player) for p in (profile, joint_law(game, profile)[0]))
        assert mediated.P.toarray() == pytest.approx(own.P.toarray())
        assert mediated.r == pytest.approx(own.r)


def test_policies_that_change_make_a_model_that_changes(random_game, random_profile):
    game = random_game(7, 3, (2, 2), H=3, by_step=True)
    profile = random_profile(game, 8, by_step=True)
    mdp = game_against(game, profile, 0)
    for t in range(3):
        still = MarkovGame(game.rows(t), game.rewards(t), game.action_counts, 0.5)
        expected = game_against(still, [p[t] for p in profile], 0)
        assert mdp.rows(t).toarray() == pytest.approx(expected.P.toarray())
        assert mdp.rewards(t) == pytest.approx(expected.r)


def test_advice_of_a_product_law_is_worth_nothing(random_game, random_profile):
    game = random_game(9, 3, (2, 3), zero_sum=False)
    law = joint_law(game, random_profile(game, 10))[0]
    deaf = rl.solve(game_against(game, law, 1), tol=1e-9).value
    mdp, advice = game_under_advice(game, law, 1)
    assert advice[0] @ rl.solve(mdp, tol=1e-9).value == pytest.approx(deaf, abs=1e-7)


def test_advice_that_is_not_given_does_no_harm(random_game):
    game = random_game(11, 3, (2, 2), ragged=False)
    law = np.tile([1.0, 0.0, 0.0, 0.0], 3)
    mdp, advice = game_under_advice(game, law, 0)
    assert advice[0].sum(axis=1).tolist() == [1, 1, 1]
    assert rl.solve(mdp, tol=1e-9).gap < 1e-9


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ([[0, 0]], "1 policies; the game has 2 players"),
        ([[0, 0], [0, 5]], r"player 1: policy takes action 5 in state 1; its actions are 0\.\.1"),
        ([[0, 0], [[0.5, 0.5], [0.7, 0.7]]], r"player 1: policy of state 1"),
        ([[0, 0], np.zeros((5, 2), dtype=int)], "must be stationary"),
        (np.full(8, 0.3), "the law of state 0"),
        (np.full(7, 0.25), r"it must be \(8,\)"),
    ],
)
def test_profiles_that_do_not_fit_are_refused(profile, message):
    game = MarkovGame.zero_sum(np.full((2, 2, 2, 2), 0.5), np.zeros((2, 2, 2)), gamma=0.5)
    with pytest.raises(ModelError, match=message):
        game_against(game, profile, 0)


def test_a_player_who_does_not_play_is_refused():
    game = MarkovGame.zero_sum(np.full((2, 2, 2, 2), 0.5), np.zeros((2, 2, 2)), gamma=0.5)
    with pytest.raises(ModelError, match=r"player is 2; players are 0\.\.1"):
        game_against(game, [[0, 0], [0, 0]], 2)
