"""The Bellman backup: the compiled kernel against its definition, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, paired, stochastic_policies, value_vectors
from rltheory import MDP, ModelError
from rltheory.planning import backup, greedy, policy_backup, q_values

extreme_mdps = discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6)


def reference_q(mdp, v):
    return mdp.r + mdp.gamma * mdp.P.toarray() @ v


@given(paired(extreme_mdps, value_vectors))
def test_the_backup_is_the_maximum_over_each_states_actions(drawn):
    mdp, v = drawn
    backed_up, policy = backup(mdp, v)
    q = np.split(reference_q(mdp, v), mdp.pair_start[1:-1])
    assert np.allclose(backed_up, [own.max() for own in q], rtol=1e-14, atol=1e-9)
    assert np.allclose([own[a] for own, a in zip(q, policy, strict=True)], backed_up, rtol=1e-14, atol=1e-9)


@given(paired(extreme_mdps, value_vectors))
def test_q_values_are_the_definition(drawn):
    mdp, v = drawn
    assert np.allclose(q_values(mdp, v), reference_q(mdp, v), rtol=1e-14, atol=1e-9)


@given(paired(extreme_mdps, value_vectors, stochastic_policies))
def test_a_policys_backup_is_the_average_of_its_q_values(drawn):
    mdp, v, policy = drawn
    q = np.split(reference_q(mdp, v), mdp.pair_start[1:-1])
    expected = [own @ weights[: own.size] for own, weights in zip(q, policy, strict=True)]
    assert np.allclose(policy_backup(mdp, v, policy), expected, rtol=1e-13, atol=1e-9)


def test_ties_go_to_the_lowest_action():
    mdp = MDP.from_arrays(np.ones((1, 4, 1)), [[0.0, 1.0, 1.0, -0.0]], gamma=0.5)
    assert greedy(mdp, [3.0]).tolist() == [1]


@pytest.mark.parametrize(
    ("v", "message"),
    [([0.0], r"v has shape \(1,\); with 2 states it must be \(2,\)"), ([0.0, np.nan], "v of state 1 is nan")],
)
def test_a_value_that_does_not_fit_is_refused(v, message):
    mdp = MDP.from_arrays(np.full((2, 1, 2), 0.5), [0, 0], gamma=0.5)
    with pytest.raises(ModelError, match=message):
        backup(mdp, v)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ([0, 2], r"policy takes action 2 in state 1; its actions are 0\.\.1"),
        ([0, -1], "policy takes action -1 in state 1"),
        ([[0.5, 0.4], [1, 0]], r"policy of state 0 is \[0\.5 0\.4\]; it must be a distribution over its 2 actions"),
        ([[0.5, 0.5], [1.5, -0.5]], "policy of state 1"),
        ([0.0, 1.0], r"policy has shape \(2,\) and dtype float64; actions are integers"),
        ([0], r"policy has shape \(1,\)"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(policy, message):
    mdp = MDP.from_arrays(np.full((2, 2, 2), 0.5), [0, 0], gamma=0.5)
    with pytest.raises(ModelError, match=message):
        policy_backup(mdp, [0.0, 0.0], policy)


def test_a_stochastic_policy_cannot_use_an_action_that_a_state_lacks():
    mdp = MDP.from_pairs(np.ones((3, 2)) / 2, np.zeros(3), 0.5, pair_start=[0, 1, 3])
    with pytest.raises(ModelError, match=r"policy of state 0 .* over its 1 actions"):
        policy_backup(mdp, [0.0, 0.0], [[0.5, 0.5], [0.5, 0.5]])
