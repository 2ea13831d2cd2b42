import numpy as np
import pytest

from mdps.submodular import random_submodular_mdp
from rltheory import ModelError
from rltheory.submodular.linear_policy import LinearSoftmax
from rltheory.submodular.policies import MarkovSoftmax


def test_one_hot_features_are_a_table():
    theta = np.random.default_rng(0).normal(size=12)
    linear = LinearSoftmax(np.eye(12).reshape(2, 2, 3, 12), 2, theta)
    np.testing.assert_allclose(linear.table, MarkovSoftmax(theta.reshape(2, 2, 3)).table)
    np.testing.assert_array_equal(linear.modal, MarkovSoftmax(theta.reshape(2, 2, 3)).modal)


def test_what_is_pulled_back_is_the_derivative_by_the_chain_rule():
    rng = np.random.default_rng(1)
    for shape in ((3, 2, 4), (5, 3, 2, 4)):
        policy, weights = LinearSoftmax(rng.normal(size=shape), 5), rng.normal(size=(15, 2))

        def height(theta, policy=policy, weights=weights):
            return (np.broadcast_to(policy.features @ theta, (5, 3, 2)).reshape(15, 2) * weights).sum()

        np.testing.assert_allclose(policy.pull_back(weights), [height(e) for e in np.eye(4)])


def test_the_natural_step_of_one_hot_features_changes_the_policy_as_the_table_s_does():
    """Logits may differ by a constant of each row, which no probability shows; every action is taken."""
    mdp, rng = random_submodular_mdp(3, 2, 2, rng=0), np.random.default_rng(2)
    table = MarkovSoftmax.uniform(mdp)
    linear = LinearSoftmax(np.eye(12).reshape(2, 3, 2, 12), 2)
    rows, actions = np.tile(np.arange(6), (4, 1)), np.tile([[0], [1]], (2, 6))
    weights = rng.normal(size=rows.shape)
    steps = [policy.fit_scores(rows, actions, weights) for policy in (table, linear)]
    np.testing.assert_allclose(table.moved(steps[0]).table, linear.moved(steps[1]).table)


def test_features_of_another_shape_are_refused():
    with pytest.raises(ModelError, match=r"features have shape \(4, 2, 2, 3\); .* after H = 5 if they change"):
        LinearSoftmax(np.zeros((4, 2, 2, 3)), 5)
    with pytest.raises(ModelError, match=r"theta has shape \(2,\); with 3 features it must have as many"):
        LinearSoftmax(np.zeros((2, 2, 3)), 5, np.zeros(2))
