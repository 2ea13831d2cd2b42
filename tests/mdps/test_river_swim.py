import numpy as np
import pytest

import mdps
from rltheory import ModelError

RIGHT = np.ones(6, dtype=int)


@pytest.mark.parametrize("gamma", [0.65, 0.8, 0.95, 0.99])
def test_swimming_against_the_current_is_optimal(gamma, is_optimal):
    assert is_optimal(mdps.river_swim(6, gamma=gamma), RIGHT)


def test_a_short_sighted_swimmer_stays_at_the_small_reward(optimal_policy):
    assert optimal_policy(mdps.river_swim(6, gamma=0.6))[0] == 0


def test_the_gain_is_that_of_a_birth_death_chain(policy_value):
    weights = np.array([1 / 12, *7.0 ** np.arange(4), 0.875 * 7.0**3])
    swum = policy_value(mdps.river_swim(6, gamma=1 - 1e-9), RIGHT)
    np.testing.assert_allclose(1e-9 * swum, weights[-1] / weights.sum(), atol=1e-6)
    assert round(weights[-1] / weights.sum(), 4) == 0.4286


@pytest.mark.parametrize(
    ("row", "law"),
    [
        ((0, 0), [1, 0, 0, 0]),
        ((0, 1), [0.4, 0.6, 0, 0]),
        ((2, 0), [0, 1, 0, 0]),
        ((2, 1), [0, 0.05, 0.6, 0.35]),
        ((3, 1), [0, 0, 0.4, 0.6]),
    ],
)
def test_the_current_is_the_published_one(row, law):
    state, action = row
    np.testing.assert_array_equal(mdps.river_swim(4).P.toarray()[2 * state + action], law)


def test_a_river_has_two_ends():
    with pytest.raises(ModelError, match="n is 1"):
        mdps.river_swim(1)
