"""What is refused, and that nothing is copied."""

import numpy as np
import pytest

import mdps
from rltheory import MDP, CriterionError, ModelError, OutcomeModel
from rltheory.horizon.analysis import analyse
from rltheory.horizon.table import Table, checked_exploration, require_deterministic
from rltheory.io import load_bridge

LOCK = mdps.horizon_lock(3)
COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)


def test_a_table_is_a_view_of_the_model():
    table = Table.of(LOCK)
    assert table.next_state.shape == (4, 2, 1)
    for name in ("next_state", "reward", "prob"):
        assert np.shares_memory(getattr(table, name), getattr(LOCK, name))
        assert not getattr(table, name).flags.writeable


def test_a_deterministic_model_with_padding_becomes_a_table_of_one_outcome():
    padded = OutcomeModel(
        prob=np.array([[0.0, 1.0], [1.0, 0.0]]),
        next_state=np.array([[0, 1], [1, 0]]),
        reward=np.array([[9.0, 2.0], [3.0, 9.0]]),
        gamma=1.0,
        mu=0,
        pair_start=np.array([0, 1, 2]),
    )
    table = Table.of(padded)
    assert table.is_deterministic
    assert table.next_state.ravel().tolist() == [1, 1]
    assert table.reward.ravel().tolist() == [2.0, 3.0]


def test_padding_pays_no_penalties():
    prob, reward = np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0.0, -5.0]])
    model = OutcomeModel(prob, np.zeros((1, 3), dtype=int), reward, 1.0, 0, np.array([0, 1]))
    assert not Table.of(model).pays_penalties


@pytest.mark.parametrize("H", [-1, 0, 2.5, True])
def test_a_horizon_that_is_none_is_refused(H):
    with pytest.raises(ModelError, match=rf"H is {H!r}; a game has a whole number of steps, at least 1"):
        analyse(LOCK, H)


@pytest.mark.parametrize("max_k", [0, 4, 1.5])
def test_a_lookahead_beyond_the_end_is_refused(max_k):
    with pytest.raises(ModelError, match=rf"max_k is {max_k!r}; .* in 1\.\.H = 3"):
        analyse(LOCK, 3, max_k=max_k)


@pytest.mark.parametrize("shape", [(2,), (2, 4), (3, 2), (2, 4, 2), (4, 2, 1), (4, 4, 2)])
def test_an_exploration_policy_of_the_wrong_shape_is_refused_with_the_right_ones(shape):
    with pytest.raises(ModelError, match=r"exploration has shape .* \(4, 2\), or \(3, 4, 2\)"):
        analyse(LOCK, 3, exploration=np.full(shape, 0.5))


def test_a_row_that_is_no_distribution_is_named():
    exploration = np.full((3, 4, 2), 0.5)
    exploration[1, 2] = [0.5, 0.4]
    with pytest.raises(ModelError, match=r"exploration of step 1, state 2 is \[0\.5 0\.4\], which sums to 0\.9"):
        analyse(LOCK, 3, exploration=exploration)


def test_single_precision_is_enough_for_an_exploration_policy():
    third = np.full((4, 3), 1 / 3, dtype=np.float32)
    table = Table.of(mdps.horizon_lock(3, 3))
    assert checked_exploration(table, third, 3).shape == (1, 4, 3)
    with pytest.raises(ModelError, match=r"sums to 1\.0000000"):
        checked_exploration(table, third.astype(np.float64), 3)


def test_states_with_fewer_actions_are_named():
    ragged = OutcomeModel.from_lists([[[(1.0, 1, 0.0)]] * 2, [[(1.0, 1, 0.0)]]], gamma=1.0)
    with pytest.raises(ModelError, match="state 1 has 1 actions and state 0 has 2"):
        analyse(ragged, 3)


def test_a_discount_is_refused():
    with pytest.raises(CriterionError, match=r"gamma is 0\.9; .* model\.replace\(gamma=1\.0\)"):
        analyse(LOCK.replace(gamma=0.9), 3)


def test_expected_rewards_are_not_enough():
    with pytest.raises(ModelError, match="the model is a MDP; lookahead needs an OutcomeModel"):
        analyse(MDP.from_arrays([[[1.0]]], [1.0], gamma=1.0), 3)


@pytest.mark.parametrize("sticky", [1.0, -0.1, np.nan, "0.25"])
def test_stickiness_is_a_probability_below_one(sticky):
    with pytest.raises(ModelError, match="the probability that the last action is repeated"):
        analyse(LOCK, 3, sticky=sticky)


@pytest.mark.parametrize("name", ["optimal_within", "tie_rtol"])
def test_a_tolerance_is_a_number(name):
    with pytest.raises(ModelError, match=f"{name} is -1; a tolerance"):
        analyse(LOCK, 3, **{name: -1})


def test_what_needs_a_deterministic_game_names_the_pair_that_is_not():
    with pytest.raises(CriterionError, match="a sequence of actions needs a deterministic model; state 0, action 0"):
        require_deterministic(Table.of(COIN), "a sequence of actions")


@pytest.mark.parametrize("kept", [0, 100, 1000])
def test_a_file_of_games_that_is_cut_short_is_one_clear_error(kept, shared_data, tmp_path):
    whole = shared_data("bridge/freeway_10_fs30/mdp.npz").read_bytes()
    (tmp_path / "mdp.npz").write_bytes(whole[:kept])
    with pytest.raises(ModelError, match=r"mdp\.npz"):
        load_bridge(tmp_path)
