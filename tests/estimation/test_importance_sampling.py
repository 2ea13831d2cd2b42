"""Estimators on every episode that can happen, so that means and variances are exact; and what they refuse."""

import numpy as np
import pytest
from hypothesis import given

import rltheory as rl
from proofs_check.estimation.episodes import as_data, coin, episodes, worlds
from rltheory import estimation as est

BANDIT = rl.FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=1)
FAIR, FIRST = [[0.5, 0.5]], [[1.0, 0.0]]


def exact_moments(world, estimator, **options):
    """Apply an estimator to each episode alone."""
    model, target, behaviour = world
    seen = episodes(*world)
    data = as_data(model, seen)
    return seen.moments(estimator(data, target, behaviour, gamma=model.gamma, **options).terms)


UNBIASED = {
    est.importance_sampling: est.importance_sampling_moments,
    est.per_decision_importance_sampling: est.per_decision_moments,
}


@pytest.mark.parametrize("estimator", UNBIASED, ids=lambda one: one.__name__)
@given(world=worlds().filter(lambda world: world[0].H > 0))
def test_the_exact_mean_is_the_value_and_the_exact_variance_that_of_the_recursion(estimator, world):
    mean, variance = exact_moments(world, estimator)
    value = rl.evaluate_policy(world[0], world[1]).value[0] @ world[0].mu

    assert mean == pytest.approx(value, abs=1e-9)
    assert (mean, variance) == pytest.approx(UNBIASED[estimator](*world), abs=1e-9)


@given(world=worlds().filter(lambda world: world[0].H > 0))
def test_a_weighted_estimate_stays_within_the_returns_that_were_seen(world):
    model, target, behaviour = world
    seen = episodes(*world)
    chosen = np.argsort(-seen.ratios.prod(axis=1))[:5]
    estimate = est.weighted_importance_sampling(as_data(model, seen, chosen), target, behaviour, gamma=model.gamma)
    returns = seen.rewards[chosen].sum(axis=1)

    assert returns.min() - 1e-9 <= estimate.value <= returns.max() + 1e-9


def test_n_times_the_variance_of_the_weighted_estimate_tends_to_the_limit():
    from scipy.stats import binom

    target, behaviour, n = np.array([[[0.7, 0.3]]]), np.array([[[0.4, 0.6]]]), 2000
    heads = np.arange(1, n)  # of n episodes, those that earned the reward 1
    law = binom.pmf(heads, n, 0.4)
    estimates = (0.7 / 0.4) * heads / ((0.7 / 0.4) * heads + (0.3 / 0.6) * (n - heads))
    mean = law @ estimates

    limit = est.weighted_importance_sampling_variance(BANDIT, target, behaviour)
    assert n * (law @ (estimates - mean) ** 2) == pytest.approx(limit, rel=2e-3)
    assert mean == pytest.approx(0.7, abs=1 / n)
    assert abs(mean - 0.7) > 1e-6  # biased


def test_weights_far_from_one_make_many_episodes_worth_one():
    model, target, behaviour = coin(H=10)
    data = rl.collect(model, behaviour, 2000, rng=1)
    weights = est.weighted_importance_sampling(data, target, behaviour).weights

    assert set(np.round(weights[weights > 0] * (weights > 0).mean(), 9)) == {1.0}
    assert est.ratio_second_moment(model, target, behaviour) == 2.0**10


def test_an_action_that_was_never_tried_is_named():
    data = rl.collect(BANDIT, FIRST, 10, rng=0)
    with pytest.raises(rl.CriterionError, match=r"never takes action 1 in state 0 at step 0, .* with probability 0\.5"):
        est.importance_sampling(data, FAIR, FIRST)


def test_names_of_a_model_are_used():
    model = rl.FiniteHorizonMDP.from_arrays(
        [[[1.0], [1.0]]], [[1.0, 0.0]], H=2, state_names=["home"], action_names=["stay", "leave"]
    )
    with pytest.raises(rl.CriterionError, match="never takes action leave in state home"):
        est.ratio_second_moment(model, FAIR, FIRST)


def test_data_of_another_policy_are_noticed():
    data = rl.collect(BANDIT, FAIR, 10, rng=0)
    with pytest.raises(rl.ModelError, match=r"episode \d+ takes action 1 in state 0 at step 0, which behaviour never"):
        est.importance_sampling(data, FIRST, FIRST)


def test_no_episodes_are_too_few():
    with pytest.raises(rl.CriterionError, match="no episodes"):
        est.importance_sampling(rl.collect(BANDIT, FAIR, 0), FIRST, FAIR)


def test_a_weighted_mean_needs_a_weight():
    data = rl.collect(BANDIT, [[0.0, 1.0]], 3, rng=0)
    with pytest.raises(rl.CriterionError, match="all 3 episodes have weight 0"):
        est.weighted_importance_sampling(data, FIRST, FAIR)


def test_an_episode_that_ended_early_is_named():
    short = rl.Dataset.from_episodes([[(0, 0, 1.0, 0)]], n_states=1, n_actions=2, H=2)
    with pytest.raises(rl.ModelError, match="episode 0 has 1 transitions"):
        est.importance_sampling(short, FAIR, FAIR)


@pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan")])
def test_a_discount_is_between_zero_and_one(gamma):
    with pytest.raises(rl.ModelError, match="gamma"):
        est.importance_sampling(rl.collect(BANDIT, FAIR, 3, rng=0), FIRST, FAIR, gamma=gamma)
