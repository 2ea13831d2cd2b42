"""Datasets of transitions: order, counts, and what is refused."""

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import datasets
from rltheory import Dataset, ModelError


@given(datasets())
def test_counts_add_up_to_the_transitions_of_each_step(data):
    counts = data.counts()
    assert counts.sum() == len(data)
    for t in range(data.H):
        assert counts[t].sum() == len(data.at(t))


def test_episodes_are_numbered_by_step():
    data = Dataset.from_episodes([[(0, 0, 1.0, 1), (1, 1, 2.0, 0)], [(1, 0, 3.0, 1)]], n_states=2, n_actions=2, H=2)
    assert data.step.tolist() == [0, 1, 0]
    assert data.reward.tolist() == [1, 2, 3]
    assert not data.state.flags.writeable


@pytest.mark.parametrize(
    ("episodes", "message"),
    [
        ([[(0, 0, 0.0, 1), (0, 0, 0.0, 0)]], "episode 0 is in state 0 at step 1, but step 0 led to 1"),
        ([[(0, 0, 0.0, 0)] * 3], "episode 0 has 3 transitions; H is 2"),
        ([[(5, 0, 0.0, 0)]], r"transition 0 has state 5; it must be in 0\.\.1"),
        ([[(0, 0, np.nan, 0)]], "transition 0 has reward nan"),
    ],
)
def test_bad_episodes_are_named(episodes, message):
    with pytest.raises(ModelError, match=message):
        Dataset.from_episodes(episodes, n_states=2, n_actions=2, H=2)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ModelError, match=r"reward has shape \(1,\); with 2 transitions"):
        Dataset(step=[0, 0], state=[0, 0], action=[0, 0], reward=[0.0], next_state=[0, 0], n_states=1, n_actions=1, H=1)


@given(datasets())
def test_folds_are_transitions_of_one_step_and_share_no_episode(data):
    folds = data.folds()
    assert len(folds) == data.H
    for t, fold in enumerate(folds):
        assert (fold.step == t).all()
        assert len(fold) == ((data.step == t) & (data.episode % data.H == t)).sum()


def test_episodes_are_told_apart_by_their_steps_and_states():
    data = Dataset.from_episodes([[(0, 0, 0.0, 1), (1, 0, 0.0, 0)], [], [(0, 0, 0.0, 1)], [(1, 0, 0.0, 0)]], 2, 1, H=2)
    assert data.episode.tolist() == [0, 0, 1, 2]
    assert data.at(0).episode.tolist() == [0, 1, 2]


def test_a_table_needs_whole_episodes():
    data = Dataset.from_episodes([[(0, 0, 1.0, 1), (1, 0, 2.0, 0)], [(0, 0, 3.0, 1)]], n_states=2, n_actions=1, H=2)
    with pytest.raises(ModelError, match="episode 1 has 1 transitions; a table needs H = 2"):
        data.table("reward")
    with pytest.raises(ModelError, match="there is no column 'rewards'"):
        data.table("rewards")
