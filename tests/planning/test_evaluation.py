"""Policy evaluation and occupancies: the two sides of one linear system."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, finite_horizon_mdps, paired, policies, stochastic_policies
from proofs_check.oracles import exact_policy_value
from proofs_check.rational import rational_policy_value
from rltheory import ModelError, evaluate_policy, occupancy

any_mdps = discounted_mdps(gammas=EXTREME_GAMMAS)


@given(paired(any_mdps, policies))
def test_a_deterministic_policy_and_its_indicator_have_the_same_value(drawn):
    mdp, policy = drawn
    indicator = np.eye(mdp.n_actions)[policy]
    expected = exact_policy_value(mdp, policy)
    assert np.allclose(evaluate_policy(mdp, policy).value, expected, rtol=1e-9, atol=1e-9)
    assert np.allclose(evaluate_policy(mdp, indicator).value, expected, rtol=1e-9, atol=1e-9)


@given(paired(any_mdps, stochastic_policies))
def test_reward_weighted_by_occupancy_is_the_value_of_the_start(drawn):
    mdp, policy = drawn
    x = occupancy(mdp, policy)
    assert (x >= -1e-12).all()
    assert x.sum() == pytest.approx(1 / (1 - mdp.gamma), rel=1e-9)
    assert mdp.r @ x == pytest.approx(mdp.mu @ evaluate_policy(mdp, policy).value, rel=1e-9, abs=1e-9)


@given(paired(finite_horizon_mdps(), stochastic_policies))
def test_each_step_of_a_finite_horizon_is_a_distribution_over_pairs(drawn):
    model, policy = drawn
    x = occupancy(model, policy)
    assert x.shape == (model.H, model.n_pairs)
    assert np.allclose(x.sum(axis=1), 1)
    earned = sum(model.gamma**t * model.rewards(t) @ x[t] for t in range(model.H))
    assert earned == pytest.approx(model.mu @ evaluate_policy(model, policy).value[0], abs=1e-9)


def relative_slack(draw, numbers):
    """Return how near the truth comes to an end of its enclosure, as a part of the width; negative is a violation."""
    worst = Fraction(1)
    for number in numbers:
        rng = np.random.default_rng([62, number])
        mdp = draw(rng)
        weights = rng.random((mdp.n_states, mdp.n_actions)) * (np.arange(mdp.n_actions) < mdp.action_counts[:, None])
        policy = weights.argmax(axis=1) if rng.random() < 0.5 else weights / weights.sum(axis=1, keepdims=True)
        found = evaluate_policy(mdp, policy)
        lower, upper = map(Fraction, found.lower), map(Fraction, found.upper)
        for low, exact, high in zip(lower, rational_policy_value(mdp, policy), upper, strict=True):
            slack = min(exact - low, high - exact)
            worst = min(worst, slack / (high - low) if high > low else slack)
    return worst


def test_the_enclosure_contains_the_rational_value(hard_mdp):
    assert relative_slack(hard_mdp, range(1000)) >= 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_no_enclosure_is_wrong_in_twenty_thousand_models(hard_mdp, part, record_property):
    worst = relative_slack(hard_mdp, range(1000 + 5000 * part, 6000 + 5000 * part))
    record_property("worst relative slack", float(worst))
    assert worst >= 0


def test_a_policy_with_too_few_steps_is_refused():
    with pytest.raises(ModelError, match="or have 3 steps first"):
        evaluate_policy(mdps.river_swim(6).finite_horizon(3), np.zeros((2, 6), dtype=int))


def test_a_stationary_policy_serves_every_step():
    model = mdps.river_swim(6).finite_horizon(4)
    always_right = np.ones(6, dtype=int)
    assert np.array_equal(
        evaluate_policy(model, always_right).value, evaluate_policy(model, np.tile(always_right, (4, 1))).value
    )
