"""Behaviour cloning: frequencies, and what infinitely many episodes teach."""

import numpy as np
import pytest

import mdps
from rltheory import Dataset, ModelError, collect
from rltheory.imitation import behaviour_cloning, bounds, certify, cloned_expert


def test_frequencies_are_those_of_the_data_step_by_step():
    episodes = [[(0, 1, 0.0, 1), (1, 0, 0.0, 0)], [(0, 1, 0.0, 0), (0, 0, 0.0, 0)], [(0, 0, 0.0, 0), (0, 1, 0.0, 0)]]
    clone = behaviour_cloning(Dataset.from_episodes(episodes, n_states=2, n_actions=2, H=2))
    assert clone[0, 0] == pytest.approx([1 / 3, 2 / 3])
    assert clone[1].tolist() == [[0.5, 0.5], [1.0, 0.0]]
    assert clone[0, 1].tolist() == [0.5, 0.5]  # never seen


def test_states_that_look_alike_are_counted_together():
    episodes = [[(0, 0, 0.0, 0)], [(1, 1, 0.0, 0)], [(1, 1, 0.0, 0)], [(2, 0, 0.0, 0)]]
    clone = behaviour_cloning(Dataset.from_episodes(episodes, n_states=3, n_actions=2, H=1), groups=["x", "x", "y"])
    assert clone[0, :2] == pytest.approx(np.array([[1 / 3, 2 / 3]] * 2))
    assert clone[0, 2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("groups", [None, [0, 0, 1, 1, 1]])
def test_many_episodes_teach_what_infinitely_many_would(groups):
    river = mdps.river_swim(5, gamma=1.0).finite_horizon(3)
    expert = np.array([[0.2, 0.8], [0.7, 0.3], [0.4, 0.6], [0.5, 0.5], [0.5, 0.5]])
    data = collect(river, expert, 40_000, rng=0)
    clone, limit = behaviour_cloning(data, groups=groups), cloned_expert(river, expert, groups=groups)
    seen = data.counts().sum(axis=(2, 3)) / 40_000
    assert (limit[seen > 0, 0] != 0.5).all()
    assert (seen[..., None] * np.abs(clone - limit)).max() < 0.01


def test_a_clone_of_all_episodes_loses_nothing_if_it_sees_the_state():
    river = mdps.river_swim(4, gamma=1.0).finite_horizon(6)
    expert = np.eye(2)[[1, 0, 1, 1]] * 0.5 + 0.25
    assert certify(river, expert, cloned_expert(river, expert)).gap == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_the_average_clone_of_a_few_episodes_keeps_its_promise():
    p = bounds.renewal_distribution(4, episodes=3)
    expert = np.zeros((3, 3), dtype=int)
    world = mdps.renewal(p, expert)
    table = np.array([np.eye(2)[[0, 0, 0, 0]]] * 3)
    rng = np.random.default_rng(0)
    gaps = [certify(world, table, behaviour_cloning(collect(world, table, 3, rng=rng))).gap for _ in range(400)]
    exact, noise = bounds.imitation_lower_bound(3, 4, 2, 3), np.std(gaps) / 20
    assert abs(np.mean(gaps) - exact) < 4 * noise


def test_labels_that_do_not_fit_are_refused():
    data = Dataset.from_episodes([[(0, 0, 0.0, 0)]], n_states=3, n_actions=1, H=1)
    with pytest.raises(ModelError, match=r"groups has shape \(2,\); one label is needed for each of 3 states"):
        behaviour_cloning(data, groups=[0, 1])
