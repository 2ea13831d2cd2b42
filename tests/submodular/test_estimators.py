import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import random_submodular_mdp
from mdps.submodular_strategies import submodular_mdps
from rltheory import CriterionError
from rltheory.submodular.estimators import (
    estimate_gradient,
    exact_moments,
    full,
    no_baseline,
    one_step,
    published,
    row_mean,
    step_mean,
    togo,
)
from rltheory.submodular.gradient import exact_gradient
from rltheory.submodular.history_policy import HistorySoftmax
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.rollouts import roll_out
from rltheory.submodular.trajectories import Trajectories, all_trajectories

SEEDS = st.integers(0, 2**32 - 1)


def drawn(mdp, seed):
    return MarkovSoftmax(np.random.default_rng(seed).normal(size=(mdp.H, mdp.n_states, mdp.n_actions)))


def mean_of(mdp, policy, estimator):
    """The exact mean of an estimator: the sum over all trajectories."""
    paths = all_trajectories(mdp, policy)
    return estimate_gradient(policy, paths, estimator(paths))


@pytest.mark.parametrize("estimator", [togo, full])
@given(submodular_mdps(), SEEDS)
def test_the_gains_to_come_and_the_whole_return_are_unbiased(estimator, mdp, seed):
    policy = drawn(mdp, seed)
    np.testing.assert_allclose(mean_of(mdp, policy, estimator), exact_gradient(mdp, policy), atol=1e-10)


@pytest.mark.parametrize("estimator", [published, one_step])
@given(submodular_mdps(), SEEDS)
def test_the_published_weights_point_in_the_direction_of_the_next_gain(estimator, mdp, seed):
    policy = drawn(mdp, seed)
    np.testing.assert_allclose(mean_of(mdp, policy, estimator), exact_gradient(mdp, policy, myopic=True), atol=1e-10)


def test_that_direction_is_not_the_gradient():
    mdp = random_submodular_mdp(4, 2, 4, branching=2, rng=0)
    policy = drawn(mdp, 0)
    assert np.abs(mean_of(mdp, policy, published) - exact_gradient(mdp, policy)).max() > 0.01


def test_estimators_of_policies_that_remember_are_unbiased():
    mdp = random_submodular_mdp(3, 2, 3, branching=2, rng=1)
    policy = HistorySoftmax.uniform(mdp)
    policy = policy.familiar(all_trajectories(mdp, policy).states)
    policy = policy.moved(np.random.default_rng(0).normal(size=policy.theta.shape))
    for estimator in (togo, full):
        np.testing.assert_allclose(mean_of(mdp, policy, estimator), exact_gradient(mdp, policy), atol=1e-12)


@given(submodular_mdps(max_horizon=2), SEEDS)
def test_a_baseline_that_knows_the_history_but_not_the_action_changes_nothing_in_the_mean(mdp, seed):
    policy, rng = drawn(mdp, seed), np.random.default_rng(seed)
    paths = all_trajectories(mdp, policy)
    of_history = {}
    baseline = np.array(
        [[of_history.setdefault(tuple(s[: i + 1]), rng.normal()) for i in range(mdp.H)] for s in paths.states.tolist()]
    )
    estimate = estimate_gradient(policy, paths, togo(paths) - baseline)
    np.testing.assert_allclose(estimate, exact_gradient(mdp, policy), atol=1e-10)


@pytest.mark.parametrize("baseline", [no_baseline, step_mean, row_mean])
def test_batches_with_a_baseline_of_the_others_are_unbiased(baseline):
    """All batches of three trajectories, each with its probability: an exact mean over batches."""
    mdp = random_submodular_mdp(2, 2, 2, branching=1, rng=2)
    policy = drawn(mdp, 1)
    paths = all_trajectories(mdp, policy)
    mean = np.zeros(policy.theta.shape)
    for places in np.ndindex(len(paths), len(paths), len(paths)):
        chosen = list(places)
        batch = Trajectories(paths.states[chosen], paths.actions[chosen], paths.gains[chosen])
        weights = togo(batch)
        weights = weights - baseline(policy.rows_of(batch.states), weights, len(policy.prob))
        mean += paths.prob[chosen].prod() * estimate_gradient(policy, batch, weights)
    np.testing.assert_allclose(mean, exact_gradient(mdp, policy), atol=1e-12)


@pytest.mark.parametrize("estimator", [togo, full, one_step, published])
def test_a_large_sample_is_within_five_standard_errors_of_the_exact_mean(estimator):
    mdp, n = random_submodular_mdp(4, 2, 4, branching=2, rng=3), 50_000
    policy = drawn(mdp, 2)
    exact = exact_moments(mdp, policy, estimator)
    paths = roll_out(mdp, policy, n, rng=0)
    estimate = estimate_gradient(policy, paths, estimator(paths))
    assert np.all(np.abs(estimate - exact.mean) <= 5 * np.sqrt(exact.variance / n) + 1e-12)


def test_exact_moments_are_those_of_a_coin():
    """One toss-up between a new state, worth 1, and the old: the score is +-1/2, the estimate 1/2 or 0."""
    from rltheory.submodular import SubmodularMDP
    from rltheory.submodular.functions.modular import Modular

    mdp = SubmodularMDP(np.eye(2)[[[0, 1], [1, 1]]], Modular([0, 1]), 1, 0)
    moments = exact_moments(mdp, MarkovSoftmax.uniform(mdp), togo)
    np.testing.assert_allclose(moments.mean[0, 0], [-0.25, 0.25])
    np.testing.assert_allclose(moments.variance[0, 0], 1 / 16)


def test_means_leave_out_the_own_path_and_rows_without_company_take_the_step_s():
    rows = np.array([[0, 2], [0, 3], [1, 3]])
    weights = np.array([[3.0, 1.0], [5.0, 2.0], [10.0, 6.0]])
    np.testing.assert_allclose(step_mean(rows, weights, 4), [[7.5, 4.0], [6.5, 3.5], [4.0, 1.5]])
    np.testing.assert_allclose(row_mean(rows, weights, 4), [[5.0, 4.0], [3.0, 6.0], [4.0, 2.0]])


def test_a_batch_of_one_has_no_other_path():
    with pytest.raises(CriterionError, match="a batch of 1 has no other path"):
        step_mean(np.zeros((1, 2), int), np.zeros((1, 2)), 1)
