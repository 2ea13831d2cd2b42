"""Predictions and ratios: either may be wrong."""

import numpy as np
import pytest
from hypothesis import given

import rltheory as rl
from proofs_check.estimation.episodes import as_data, coin, episodes, tree, with_predictions, worlds
from rltheory import estimation as est


@given(worlds().filter(lambda world: world[0].H > 0).flatmap(with_predictions))
def test_the_estimator_has_the_exact_moments(drawn):
    *world, q = drawn
    model, target, behaviour = world
    seen = episodes(*world)
    data = as_data(model, seen)
    moments = seen.moments(est.doubly_robust(data, target, behaviour, q, gamma=model.gamma).terms)

    assert moments == pytest.approx(est.doubly_robust_moments(*world, q), abs=1e-8)
    assert moments[0] == pytest.approx(rl.evaluate_policy(model, target).value[0] @ model.mu, abs=1e-8)


@given(worlds())
def test_action_values_mixed_with_the_policy_are_its_values(world):
    model, target, _ = world
    q = est.target_values(model, target)
    value = rl.evaluate_policy(model, target).value
    if model.H:
        assert (target[0] * q[0]).sum(axis=1) == pytest.approx(value[0], abs=1e-9)


def test_no_predictions_are_importance_sampling_per_decision():
    model, target, behaviour = coin()
    data = rl.collect(model, behaviour, 50, rng=0)
    with_zero = est.doubly_robust(data, target, behaviour, np.zeros((1, 2)), gamma=0.9)
    per_decision = est.per_decision_importance_sampling(data, target, behaviour, gamma=0.9)

    assert with_zero.terms == pytest.approx(per_decision.terms)


def test_right_predictions_forgive_a_wrong_behaviour():
    model, target, behaviour = coin()
    q = est.target_values(model, target)
    wrong = 0.3 * behaviour + 0.7 * target

    assert est.doubly_robust_moments(model, target, behaviour, q, assumed=wrong).mean == pytest.approx(3.0)
    assert est.doubly_robust_moments(model, target, behaviour, 0 * q, assumed=wrong).mean < 1.5


def test_in_a_tree_nothing_is_left_to_gain():
    world = tree(H=2, seed=4)
    q = est.target_values(*world[:2])
    variances = [est.doubly_robust_moments(*world, part * q).variance for part in (0.0, 0.5, 1.0)]

    assert variances[2] == pytest.approx(est.cramer_rao(*world))
    assert variances[0] > variances[1] > variances[2]


def test_predictions_of_the_wrong_shape_are_refused():
    model, target, behaviour = coin()
    with pytest.raises(rl.ModelError, match=r"q has shape \(5,\); .* \(1, 2\), or \(3, 1, 2\)"):
        est.doubly_robust(rl.collect(model, behaviour, 3, rng=0), target, behaviour, np.zeros(5))


def test_predictions_that_are_not_finite_are_refused():
    model, target, behaviour = coin()
    with pytest.raises(rl.ModelError, match="not finite"):
        est.doubly_robust_moments(model, target, behaviour, np.full((1, 2), np.nan))
