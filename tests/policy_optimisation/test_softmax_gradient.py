"""Exact gradients: finite differences, the simplex, and a bandit that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps, paired
from proofs_check.oracles import exact_policy_value, policy_of
from proofs_check.policy_optimisation.instances import logits
from rltheory import MDP, CriterionError, ModelError
from rltheory.policy_optimisation import policy_gradient, softmax_ascent


def objective(mdp, theta):
    return mdp.mu @ exact_policy_value(mdp, policy_of(mdp, np.exp(theta)))


@given(paired(discounted_mdps(max_states=3, gammas=(0.5, 0.9)), logits))
def test_the_softmax_gradient_is_that_of_central_differences(drawn):
    mdp, theta = drawn
    h = 1e-5
    moves = h * np.eye(mdp.n_pairs)
    differences = [(objective(mdp, theta + move) - objective(mdp, theta - move)) / (2 * h) for move in moves]
    assert np.allclose(policy_gradient(mdp, policy_of(mdp, np.exp(theta))).softmax, differences, atol=1e-6)


@given(paired(discounted_mdps(max_states=3), logits))
def test_logits_of_a_state_can_be_shifted_for_nothing(drawn):
    mdp, theta = drawn
    gradient = policy_gradient(mdp, policy_of(mdp, np.exp(theta))).softmax
    assert np.allclose(np.add.reduceat(gradient, mdp.pair_start[:-1]), 0, atol=1e-9)


def test_the_gradient_of_a_bandit_is_worked_out_by_hand():
    bandit = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.75, n_actions=2)
    gradient = policy_gradient(bandit, [[0.25, 0.75]])
    # v = 4 p; q = (1, 0) + 0.75 v = (1.75, 0.75); four visits in all.
    assert gradient.objective == pytest.approx(1)
    assert gradient.direct == pytest.approx([4 * 1.75, 4 * 0.75])
    assert gradient.softmax == pytest.approx([4 * 0.25 * 0.75, -4 * 0.25 * 0.75])
    assert gradient.advantage == pytest.approx([0.75, -0.25])


def test_small_steps_climb_at_every_step():
    river = mdps.river_swim(4, gamma=0.9)
    run = softmax_ascent(river, step=0.1**3 / 8, iterations=20)
    assert (np.diff(run.start_values) > 0).all()


def test_no_discount_is_refused():
    with pytest.raises(CriterionError, match="gamma is 1"):
        policy_gradient(MDP.from_pairs([[1.0]], [1.0], gamma=1.0, n_actions=1), [0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": 0.0, "iterations": 1}, "step is 0.0; it must be a finite number above 0"),
        ({"step": 1.0, "iterations": -1}, "iterations is -1; it must be a whole number of at least 0"),
        ({"step": 1.0, "iterations": 1, "logits": [0.0]}, "logits has shape .1,.; 8 finite numbers are needed"),
    ],
    ids=["step", "iterations", "logits"],
)
def test_a_bad_argument_is_named(options, message):
    with pytest.raises(ModelError, match=message):
        softmax_ascent(mdps.chain(4), **options)
