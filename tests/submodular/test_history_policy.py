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
    after_left, after_right = policy.index.numbers(np.array([[0, 1, 3], [0, 2, 3]]))[:, -1]
    values = []
    for turn in (0, 1):
        step = np.zeros_like(policy.theta)
        step[after_left, turn] = step[after_right, 1 - turn] = 50.0
        values.append(policy_value(mdp, policy.moved(step)))
    assert sorted(values) == pytest.approx([1.0, 2.0])
