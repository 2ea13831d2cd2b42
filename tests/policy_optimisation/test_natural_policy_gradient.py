"""The natural gradient: logistic in a bandit, and the same as Politex."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import unit_reward_mdps
from proofs_check.oracles import exact_policy_value, lp_value
from rltheory import MDP, ModelError
from rltheory.policy_optimisation import natural_policy_gradient, politex


def test_the_best_arm_of_two_is_chosen_logistically():
    bandit = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.5, n_actions=2)
    run = natural_policy_gradient(bandit, step=0.3, iterations=10)
    assert run.policies[:, 0, 0] == pytest.approx(1 / (1 + np.exp(-0.6 * np.arange(11))))
    assert run.values[:, 0] == pytest.approx(2 * run.policies[:, 0, 0])


@given(unit_reward_mdps(max_states=3))
def test_recorded_values_are_those_of_the_recorded_policies(mdp):
    run = natural_policy_gradient(mdp, step=1.0, iterations=3)
    assert np.allclose(run.values, [exact_policy_value(mdp, policy) for policy in run.policies], rtol=1e-9)


@given(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)))
def test_with_exact_action_values_politex_visits_the_same_policies(mdp):
    H = 1 / (1 - mdp.gamma)
    natural = natural_policy_gradient(mdp, step=0.1, iterations=5)
    assert np.allclose(natural.policies, politex(mdp, iterations=6, step=0.1 * H).policies, atol=1e-9)


def test_a_long_step_solves_a_river():
    river = mdps.river_swim(5, gamma=0.9)
    run = natural_policy_gradient(river, step=1e6, iterations=10)
    assert run.values[-1] == pytest.approx(lp_value(river), rel=1e-9)


def test_a_policy_that_never_takes_an_action_is_refused():
    policy = np.full((4, 2), 0.5)
    policy[2] = [1.0, 0.0]
    with pytest.raises(ModelError, match="policy never takes state 2, action 1"):
        natural_policy_gradient(mdps.chain(4), step=1.0, iterations=1, policy=policy)
