"""The proved bound: against its ingredients by enumeration, and the published one."""

import pytest
from hypothesis import given

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import deterministic_games
from rltheory import ModelError
from rltheory.horizon.proved_bound import proved_horizon
from rltheory.io import load_bridge


@given(deterministic_games(least=-2))
def test_a_lookahead_that_works_solves_the_game(game):
    model, H = game
    tables = oracles.lookahead_tables(model, H, H)
    assert all(oracles.solves(model, H, tables[k - 1]) for k in proved_horizon(model, H).k)


def test_a_lock_has_the_gap_of_its_last_digits():
    rows = proved_horizon(mdps.horizon_lock(12), 12).to_rows()
    assert rows[0]["gap"] == pytest.approx(2.0**-11)
    assert rows[0]["variance"] == pytest.approx(2.0**-11 * (1 - 2.0**-11))


def test_freeway_and_maze_are_below_their_length(shared_data):
    freeway = proved_horizon(load_bridge(shared_data("bridge/freeway_10_fs30/mdp.npz")), 10, optimal_within=1e-4)
    maze = proved_horizon(load_bridge(shared_data("bridge/maze_easy_l0_30_fs1/mdp.npz")), 30, optimal_within=1e-4)
    # The published gaps and lookaheads; 8 and 5 are also the published bounds, at a lookahead without noise.
    assert freeway.gap[0] == pytest.approx(0.012345679012345678)
    assert maze.gap[0] == pytest.approx(0.013717421124828533)
    assert (freeway.effective_horizon, maze.effective_horizon) == (8, 5)
    assert freeway.timesteps == 10**2 * 3**8


def test_rows_of_one_action_count_the_lookahead_alone():
    assert proved_horizon(mdps.dense_rewards(1), 4).effective_horizon == 1


def test_a_wrong_argument_is_named():
    with pytest.raises(ModelError, match="H is -1"):
        proved_horizon(mdps.horizon_lock(3), -1)
