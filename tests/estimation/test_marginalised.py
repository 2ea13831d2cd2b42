"""Ratios of visits: known, or counted."""

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from proofs_check.estimation.episodes import as_data, by_pair, episodes, worlds
from rltheory import estimation as est


@given(worlds().filter(lambda world: world[0].H > 0))
def test_with_the_ratios_of_the_model_the_moments_are_exact(world):
    model, target, behaviour = world
    seen = episodes(*world)
    data = as_data(model, seen)
    ratios = est.visit_ratios(*world)
    estimate = est.marginalised_importance_sampling(data, target, behaviour, gamma=model.gamma, visit_ratios=ratios)
    moments = seen.moments(estimate.terms)

    assert moments == pytest.approx(est.marginalised_moments(*world), abs=1e-8)
    assert moments[0] == pytest.approx(rl.evaluate_policy(model, target).value[0] @ model.mu, abs=1e-8)


@given(worlds())
def test_ratios_of_visits_are_those_of_all_episodes(world):
    seen = episodes(*world)
    here = seen.states[:, :-1]

    assert est.visit_ratios(*world)[np.arange(world[0].H), here] == pytest.approx(by_pair(seen), abs=1e-9)


def test_counted_ratios_come_close_and_are_less_noisy_than_products():
    river = mdps.river_swim(4, gamma=0.9).finite_horizon(6)
    behaviour, target = np.full((4, 2), 0.5), np.tile([0.2, 0.8], (4, 1))
    data = rl.collect(river, behaviour, 4000, rng=3)
    estimate = est.marginalised_importance_sampling(data, target, behaviour, gamma=0.9)
    value = rl.evaluate_policy(river, target).value[0] @ river.mu

    assert estimate.value == pytest.approx(value, abs=5 * estimate.standard_error)
    assert estimate.standard_error < est.importance_sampling(data, target, behaviour, gamma=0.9).standard_error


def test_the_noise_of_marginalised_ratios_grows_with_the_square_of_the_horizon_and_of_products_exponentially():
    target, behaviour = [[0.9, 0.1]], [[0.5, 0.5]]
    bandits = [rl.FiniteHorizonMDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], H=H) for H in (10, 20, 40)]
    marginalised = [est.marginalised_moments(one, target, behaviour).variance for one in bandits]
    products = [est.importance_sampling_moments(one, target, behaviour).variance for one in bandits]

    assert marginalised[2] <= 4.01 * marginalised[1] <= 16.1 * marginalised[0]
    assert products[2] > 1000 * products[1] > 1000 * products[0]


@pytest.mark.parametrize(
    ("ratios", "message"),
    [(np.ones((2, 4)), r"shape \(2, 4\); it must be \(6, 4\)"), (-np.ones((6, 4)), "negative")],
    ids=["shape", "sign"],
)
def test_ratios_that_make_no_sense_are_refused(ratios, message):
    river = mdps.river_swim(4, gamma=0.9).finite_horizon(6)
    behaviour = np.full((4, 2), 0.5)
    with pytest.raises(ValueError, match=message):
        est.marginalised_importance_sampling(
            rl.collect(river, behaviour, 5, rng=0), behaviour, behaviour, visit_ratios=ratios
        )
