import dataclasses
import pickle

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.games.markov import MarkovGame

P = np.full((2, 2, 3, 2), 0.5)
R = np.zeros((2, 2, 2, 3))


def test_rows_are_joint_actions_in_c_order():
    game = MarkovGame.from_arrays(P, np.arange(24.0).reshape(2, 2, 2, 3), gamma=0.5)
    assert game.joint_actions[:6].tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert game.joint_state.tolist() == [0] * 6 + [1] * 6
    assert game.stage(1).payoffs[0].tolist() == [[6, 7, 8], [9, 10, 11]]


def test_actions_that_a_state_lacks_are_left_out_unread():
    broken = P.copy()
    broken[0, 1] = np.nan
    game = MarkovGame.from_arrays(broken, R, gamma=0.5, allowed=[[[True, False], [True, True]], [[True] * 3] * 2])
    assert game.action_counts.tolist() == [[1, 3], [2, 3]]
    assert game.n_joint == 9
    assert game.stage(0).n_actions == (1, 3)


def test_step_axes_of_kernel_and_rewards_are_independent():
    r = np.random.default_rng(0).normal(size=(4, 2, 2, 2, 3))
    game = MarkovGame.from_arrays(P, r, gamma=1.0, H=4)
    assert not game.is_stationary
    assert np.array_equal(game.stage(1, t=3).payoffs[1], r[3, 1, 1])


def test_the_stage_game_adds_what_the_next_state_is_worth():
    game = MarkovGame.from_arrays(P, R, gamma=0.5)
    assert game.stage(0, value=[[2.0, 4.0], [0.0, 8.0]]).payoffs[1] == pytest.approx(np.full((2, 3), 2.0))


def test_a_function_is_explored_from_its_starts():
    def step(state, actions):
        return [(0.5, state, (1.0, 0.0)), (0.5, (state + sum(actions)) % 3, (0.0, 1.0))]

    game = MarkovGame.from_function(step, [0], [(0, 1), (0, 1)], gamma=0.9)
    assert game.state_names == ("0", "1", "2")
    assert game.r == pytest.approx(np.full((2, 12), 0.5))
    assert game.mu.tolist() == [1, 0, 0]
    assert game.P[0].toarray().reshape(-1).tolist() == [1, 0, 0]  # both outcomes stay, and are added up


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda P, r: P.__setitem__((1, 0, 2, 0), 0.4), r"state 1, joint action \(0, 2\) sums to 0\.9 \(1 bad rows\)"),
        (lambda P, r: P.__setitem__((0, 1, 1), [-0.5, 1.5]), r"state 0, joint action \(1, 1\) goes to .* -0\.5"),
        (lambda P, r: r.__setitem__((1, 1, 0, 1), np.nan), r"player 1 in state 1, joint action \(0, 1\) is nan"),
    ],
    ids=["short row", "negative probability", "reward"],
)
def test_what_is_wrong_is_named_by_state_and_joint_action(spoil, message):
    kernel, r = P.copy(), R.copy()
    spoil(kernel, r)
    with pytest.raises(ModelError, match=message):
        MarkovGame.from_arrays(kernel, r, gamma=0.5)


def test_a_bad_row_of_a_later_step_is_named():
    kernel = np.stack([P, P, P])
    kernel[2, 1, 1, 0] = [0.5, 0.25]
    with pytest.raises(ModelError, match=r"step 2, state 1, joint action \(1, 0\) sums to 0\.75"):
        MarkovGame.from_arrays(kernel, R, gamma=0.5, H=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gamma": 1.0}, "never ends"),
        ({"gamma": 1.5}, r"discount is a number in \[0, 1\]"),
        ({"gamma": 0.5, "H": 0}, "at least one step"),
        ({"gamma": 0.5, "mu": 7}, r"states are 0\.\.1"),
        ({"gamma": 0.5, "allowed": [np.zeros((2, 2), bool), np.ones((2, 3), bool)]}, "player 0 has 0 actions in st"),
        ({"gamma": 0.5, "allowed": [np.ones((2, 2), bool)]}, "one for each of 2 players"),
        ({"gamma": 0.5, "action_names": [["up", "down"]]}, "one for each of 2 players"),
        ({"gamma": 0.5, "player_names": ["me"]}, "player_names has 1 entries; 2 are needed"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ModelError, match=message):
        MarkovGame.from_arrays(P, R, **arguments)


@pytest.mark.parametrize(
    ("kernel", "r", "H", "message"),
    [
        (P[..., :1], R, None, "do not fit together"),
        (P, R[:1], None, "do not fit together"),
        (np.stack([P, P]), R, 3, "do not fit together"),
        (P, np.zeros((4, 2, 2, 2, 3)), 3, "do not fit together"),
        (np.full((2,) * 3, 0.5), np.zeros((2, 2, 2, 2)), 2, "do not fit together"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(kernel, r, H, message):
    with pytest.raises(ModelError, match=message):
        MarkovGame.from_arrays(kernel, r, 0.5, H=H)


def test_three_steps_of_two_players_are_not_taken_for_three_players():
    kernel, r = np.full((2, 2, 2, 2), 0.5), np.zeros((3, 2, 2, 2, 2))
    assert MarkovGame.from_arrays(kernel, r, 1.0, H=3).n_players == 2
    assert MarkovGame.from_arrays(np.stack([kernel] * 3), r, 1.0, H=3).n_players == 2
    assert MarkovGame.from_arrays(np.stack([kernel] * 2), r, 1.0, H=3).n_players == 3


def test_exploration_that_finds_too_much_ends_with_an_error():
    with pytest.raises(ModelError, match="more than max_states = 10"):
        MarkovGame.from_function(lambda s, a: [(1.0, s + 1, (0.0,))], [0], [(0,)], gamma=0.5, max_states=10)


def test_a_step_that_there_is_not_is_refused():
    with pytest.raises(ModelError, match=r"no step 3; steps are 0\.\.2"):
        MarkovGame.from_arrays(P, R, gamma=1.0, H=3).stage(0, t=3)
    with pytest.raises(ModelError, match="no step 1"):
        MarkovGame.from_arrays(P, R, gamma=0.5).rows(1)


def test_names_reach_the_stage_games():
    names = {"player_names": ["ann", "bob"], "action_names": [["up", "down"], ["left", "middle", "right"]]}
    stage = MarkovGame.from_arrays(P, R, gamma=0.5, **names).stage(1)
    assert stage.player_name(1) == "bob"
    assert stage.action_name(1, 2) == "right"


def test_a_game_can_be_sent_between_processes():
    game = MarkovGame.from_arrays(P, R, gamma=0.5)
    copy = pickle.loads(pickle.dumps(game))
    assert repr(copy) == repr(game)
    assert np.array_equal(copy.joint_start, game.joint_start)
    assert dataclasses.replace(game, gamma=0.7).gamma == 0.7


def test_a_game_cannot_be_changed():
    game = MarkovGame.from_arrays(P, R, gamma=0.5)
    with pytest.raises(ValueError, match="read-only"):
        game.r[0, 0] = 1.0
