"""The edges of the bounds; what they promise is put to the test by tests/test_theorems.py."""

import math

import numpy as np
import pytest

from rltheory.imitation import bounds


def test_equal_errors_at_all_steps_cost_the_triangle():
    assert bounds.cloning_gap([0.125] * 7) == bounds.cloning_gap_uniform(7, 0.125) == 0.125 * 28


def test_one_recoverability_serves_all_steps():
    assert bounds.interaction_gap([0.25, 0.5], 3.0) == bounds.interaction_gap([0.25, 0.5], [3.0, 3.0]) == 2.25


@pytest.mark.parametrize("episodes", [1, 2, 10, 1000])
def test_the_mass_that_samples_miss_is_below_the_exponential_bound(episodes):
    bound = bounds.cloning_gap_samples(1, n_states=1, n_actions=10**9, episodes=episodes)
    assert bound < 1 / (math.e * episodes)
    x = np.linspace(0, 1, 10_001)
    assert (x * (1 - x) ** episodes).max() <= bound + 1e-8


@pytest.mark.parametrize(("n_states", "episodes"), [(3, 1), (10, 5), (10, 50), (3, 1000), (20, 2)])
def test_good_states_are_drawn_with_a_distribution(n_states, episodes):
    p = bounds.renewal_distribution(n_states, episodes)
    assert p.shape == (n_states - 1,)
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()


@pytest.mark.parametrize("H", [1, 5, 50])
@pytest.mark.parametrize("episodes", [10, 1000])
def test_the_lower_bound_is_below_the_upper_one_and_above_its_explicit_form(H, episodes):
    lower = bounds.imitation_lower_bound(H, 5, 2, episodes)
    assert lower <= bounds.cloning_gap_samples(H, 5, 2, episodes)
    q = (1 - 1 / 2) * (5 - 2) / (math.e * (episodes + 1))
    assert lower >= (1 - 1 / math.e) * min(q, 1 / H) * H * (H + 1) / 2


@pytest.mark.parametrize("episodes", [1, 2, 10, 100])
def test_the_missing_mass_is_above_its_explicit_form_up_to_two_states_more_than_episodes(episodes):
    for n_states in range(3, episodes + 3):
        assert bounds.renewal_missing_mass(n_states, episodes) >= (n_states - 2) / (math.e * (episodes + 1))


def test_large_steps_of_hedge_pay_the_logarithm_once():
    assert bounds.hedge_disagreements(3, 4, step=100.0) == pytest.approx(3 * math.log(4))
