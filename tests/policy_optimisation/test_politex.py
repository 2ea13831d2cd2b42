"""Politex: exponential weights in each state, and the value of a mixture."""

import numpy as np
import pytest

import mdps
from proofs_check.oracles import exact_policy_value
from rltheory import MDP, ModelError
from rltheory.policy_optimisation import bounds, politex


def test_weights_are_exponential_in_the_sum_of_action_values():
    bandit = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.5, n_actions=2)
    run = politex(bandit, iterations=4, step=np.log(2))
    # The action values of all policies differ by 1 between the arms.
    assert run.policies[:, 0, 0] == pytest.approx([1 / 2, 2 / 3, 4 / 5, 8 / 9])


def test_the_mixture_keeps_the_policy_that_it_draws():
    river = mdps.river_swim(4, gamma=0.9)
    run = politex(river, iterations=7)
    assert len(run.policies) == 7
    values = [exact_policy_value(river, policy) for policy in run.policies]
    assert run.mixture_value == pytest.approx(np.mean(values, axis=0))


def test_the_default_step_has_the_least_bound():
    best = bounds.politex_loss(0.9, 3, 50)
    step = bounds.politex_step(0.9, 3, 50)
    assert best == pytest.approx(100 * np.sqrt(np.log(3) / 100))
    assert best < min(bounds.politex_loss(0.9, 3, 50, step=factor * step) for factor in (0.9, 1.1))


def test_a_mixture_of_no_policies_is_refused():
    with pytest.raises(ModelError, match="iterations is 0; it must be a whole number of at least 1"):
        politex(mdps.chain(3), iterations=0)
