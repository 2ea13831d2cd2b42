"""Optimism in a deterministic table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from proofs_check.horizon.instances import deterministic_games
from rltheory import ModelError
from rltheory.horizon import bounds
from rltheory.horizon.optimism import optimistic_timesteps


@given(deterministic_games(least=-4), st.integers(0, 99))
def test_it_ends_within_as_many_episodes_as_there_are_pairs(game, seed):
    model, H = game
    taken = optimistic_timesteps(model, H, runs=2, rng=seed)
    assert (taken <= bounds.optimism_timesteps(H, model.n_states, model.n_actions)).all()


def test_a_lock_is_opened_after_each_digit_was_tried_twice_at_most():
    taken = optimistic_timesteps(mdps.horizon_lock(4), 4, runs=50, rng=0)
    assert taken.min() == 4
    assert taken.max() <= 1 + 2 + 3 + 4 + 4


def test_a_run_does_not_depend_on_the_others():
    lock = mdps.horizon_lock(5)
    few, many = (optimistic_timesteps(lock, 5, runs=runs, rng=3) for runs in (2, 9))
    np.testing.assert_array_equal(few, many[:2])


def test_a_wrong_argument_is_named():
    with pytest.raises(ModelError, match="runs is 0"):
        optimistic_timesteps(mdps.horizon_lock(3), 3, runs=0)
