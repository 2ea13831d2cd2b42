"""Growth of ratios and the least variance, at places where they are known by hand."""

import math

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps, paired, stochastic_policies
from rltheory import estimation as est


@given(paired(discounted_mdps(max_states=4), stochastic_policies))
def test_ratios_of_a_policy_to_itself_do_not_grow(drawn):
    mdp, policy = drawn
    assert est.growth_rate(mdp, policy, policy) == pytest.approx(0.0, abs=1e-12)
    assert est.ratio_second_moment(mdp.finite_horizon(7), policy, policy) == pytest.approx(1.0)


def test_the_rate_is_that_of_long_episodes():
    river, target, behaviour = mdps.river_swim(5, gamma=0.9), np.full((5, 2), [0.1, 0.9]), np.full((5, 2), 0.5)
    moments = [est.ratio_second_moment(river.finite_horizon(H), target, behaviour) for H in (400, 401)]

    assert math.log(moments[1] / moments[0]) == pytest.approx(est.growth_rate(river, target, behaviour), rel=1e-6)


def test_a_growth_rate_is_for_stationary_policies():
    river = mdps.river_swim(3, gamma=0.9)
    with pytest.raises(rl.ModelError, match="policy has shape"):
        est.growth_rate(river, np.full((2, 3, 2), 0.5), np.full((3, 2), 0.5))


def test_a_model_without_a_horizon_is_refused_with_the_way_out():
    river, policy = mdps.river_swim(3, gamma=0.9), np.full((3, 2), 0.5)
    with pytest.raises(rl.ModelError, match=r"finite_horizon\(H\)"):
        est.importance_sampling_moments(river, policy, policy)


def test_nothing_is_uncertain_where_nothing_is_random():
    model = rl.FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=5)
    assert est.cramer_rao(model, [[1.0, 0.0]], [[0.01, 0.99]]) == 0.0


def test_the_least_variance_of_a_fair_toss_is_its_variance_over_the_chance_of_seeing_it():
    P = [[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]
    model = rl.FiniteHorizonMDP.from_arrays(P, [[0.0, 0.0], [1.0, 1.0]], H=2, mu=0)
    behaviour = np.array([[0.2, 0.8], [1.0, 0.0]])

    assert est.cramer_rao(model, [0, 0], behaviour) == pytest.approx(0.25 / 0.2)


@pytest.mark.parametrize(("share", "reward", "H"), [(0.2, 0.9, 1), (0.3, 0.4, 5), (0.1, 0.8, 7), (0.8, 0.9, 11)])
def test_rounding_makes_no_variance_negative(share, reward, H):
    model = rl.FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[reward, reward]], H=H)
    policy = np.array([[share, 1 - share]])
    variances = [
        est.importance_sampling_moments(model, policy, policy).variance,
        est.per_decision_moments(model, policy, policy).variance,
        est.weighted_importance_sampling_variance(model, policy, policy),
    ]

    assert variances == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert min(variances) >= 0


def test_no_steps_earn_nothing():
    model = rl.FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=0)
    policy = np.array([[0.5, 0.5]])

    assert est.importance_sampling_moments(model, policy, policy) == (0.0, 0.0)
    assert est.ratio_second_moment(model, policy, policy) == 1.0
    assert est.cramer_rao(model, policy, policy) == 0.0
