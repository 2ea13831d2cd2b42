"""Entropy: a bandit in closed form, soft values by their own equation, steps that are too long."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import unit_reward_mdps
from proofs_check.policy_optimisation.oracles import soft_optimum, soft_policy_value
from rltheory import MDP, ModelError
from rltheory.policy_optimisation import entropy_policy_gradient


def test_one_step_of_soft_policy_iteration_solves_a_bandit():
    bandit = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.5, n_actions=2)
    run = entropy_policy_gradient(bandit, tau=0.5, iterations=1)
    # All that follows is the same for both arms, so that the policy is the softmax of the rewards.
    assert run.policies[1, 0] == pytest.approx(np.array([np.e**2, 1]) / (np.e**2 + 1))
    assert run.values[1, 0] == pytest.approx(2 * 0.5 * np.log(np.e**2 + 1))


@given(unit_reward_mdps(max_states=3))
def test_recorded_values_are_the_soft_values_of_the_recorded_policies(mdp):
    run = entropy_policy_gradient(mdp, tau=0.1, iterations=3)
    assert np.allclose(run.values, [soft_policy_value(mdp, policy, 0.1) for policy in run.policies], rtol=1e-8)


@given(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)))
def test_every_step_climbs_in_every_state(mdp):
    run = entropy_policy_gradient(mdp, tau=0.2, iterations=4, step=0.3 * (1 - mdp.gamma) / 0.2)
    assert (np.diff(run.values, axis=0) >= -1e-9).all()


def test_soft_policy_iteration_ends_at_the_soft_optimum():
    river = mdps.river_swim(5, gamma=0.9)
    run = entropy_policy_gradient(river, tau=0.1, iterations=12)
    assert run.values[-1] == pytest.approx(soft_optimum(river, 0.1)[0], rel=1e-10)


def test_soft_value_iteration_has_the_same_optimum():
    river, tau = mdps.river_swim(4, gamma=0.5), 0.3
    v = np.zeros(river.n_states)
    for _ in range(60):
        q = (river.r + 0.5 * river.P @ v).reshape(river.n_states, -1)
        v = tau * np.log(np.exp(q / tau).sum(axis=1))
    assert soft_optimum(river, tau)[0] == pytest.approx(v, rel=1e-12)


def test_a_step_that_is_too_long_is_refused():
    with pytest.raises(ModelError, match=r"step is 1.0; with tau = 1.0 it must be at most"):
        entropy_policy_gradient(mdps.chain(3, gamma=0.9), tau=1.0, iterations=1, step=1.0)


def test_a_temperature_that_is_not_positive_is_refused():
    with pytest.raises(ModelError, match="tau is 0"):
        entropy_policy_gradient(mdps.chain(3, gamma=0.9), tau=0, iterations=1)
