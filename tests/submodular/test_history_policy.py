import numpy as np
import pytest

from mdps.submodular import coin_mirror, random_submodular_mdp
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.history_policy import HistoryIndex, HistorySoftmax
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.trajectories import all_trajectories


def test_two_histories_have_one_number_only_if_they_are_the_same():
    states = np.random.default_rng(0).integers(0, 3, (200, 5))
    numbers = HistoryIndex().numbers(states, learn=True)
    for h in range(5):
        same_path = (states[:, None, : h + 1] == states[None, :, : h + 1]).all(axis=-1)
        np.testing.assert_array_equal(numbers[:, None, h] == numbers[None, :, h], same_path)
    assert not set(numbers[:, 1]) & set(numbers[:, 2])


def test_numbers_never_change():
    states, index = np.random.default_rng(1).integers(0, 3, (50, 4)), HistoryIndex()
    before = index.numbers(states[:20], learn=True)
    index.numbers(states, learn=True)
    np.testing.assert_array_equal(index.numbers(states[:20]), before)


def test_a_policy_that_has_seen_nothing_is_uniform_and_stays_so_when_it_has():
    mdp = random_submodular_mdp(3, 2, 3, branching=2, rng=0)
    uniform = policy_value(mdp, MarkovSoftmax.uniform(mdp).table)
    policy = HistorySoftmax.uniform(mdp)
    assert policy_value(mdp, policy) == pytest.approx(uniform)
    assert policy_value(mdp, policy.familiar(all_trajectories(mdp, policy).states)) == pytest.approx(uniform)


def test_a_policy_that_remembers_the_coin_earns_what_no_markov_policy_does():
    mdp = coin_mirror()
    policy = HistorySoftmax.uniform(mdp)
    policy = policy.familiar(all_trajectories(mdp, policy).states)
    best = 0.0
    for first in (0, 1):
        step = np.zeros_like(policy.theta)
        for number, state in enumerate(policy.index.last_state):
            left = _came_by(policy.index, number) == 1
            if state == 3:
                step[number, first if left else 1 - first] = 50.0
        best = max(best, policy_value(mdp, policy.moved(step)))
    assert best == pytest.approx(2.0)


def _came_by(index, number):
    """Return the state before the last of a history."""
    before = next(key[0] for key, value in index._after.items() if value == number)
    return index.last_state[before] if before >= 0 else None
