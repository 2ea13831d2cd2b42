import numpy as np
import pytest

import mdps
from rltheory import ModelError


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_sure_walk_has_the_value_of_a_geometric_series_after_the_distance(n, gamma, optimal_value):
    distance = np.arange(n)[::-1]
    np.testing.assert_allclose(optimal_value(mdps.chain(n, gamma=gamma)), gamma**distance / (1 - gamma), atol=1e-12)


@pytest.mark.parametrize("slip", [0.0, 0.1, 0.3, 0.5])
def test_moving_right_is_optimal_while_the_move_is_more_likely_than_its_opposite(slip, is_optimal):
    assert is_optimal(mdps.chain(6, slip), np.ones(6, dtype=int))


def test_moving_left_is_optimal_when_moves_go_the_other_way(is_optimal):
    assert is_optimal(mdps.chain(6, 0.8), np.zeros(6, dtype=int))


def test_the_symmetric_random_walk_ends_at_the_right_in_proportion_to_its_place(backup):
    walk = mdps.random_walk(5)
    v = np.array([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 0])
    np.testing.assert_allclose(backup(walk, v), v, atol=1e-15)


@pytest.mark.parametrize("p_right", [0.3, 0.6])
def test_the_biased_random_walk_is_the_gamblers_ruin(p_right, backup):
    n, rho = 7, (1 - p_right) / p_right
    v = (1 - rho ** np.arange(n + 2)) / (1 - rho ** (n + 1))
    v[-1] = 0
    np.testing.assert_allclose(backup(mdps.random_walk(n, p_right=p_right), v), v, atol=1e-14)


def test_advancing_on_the_slippery_chain_earns_the_published_3677_in_a_thousand_steps(is_optimal, policy_value):
    chain = mdps.slippery_chain(gamma=0.99)
    advance = np.zeros(5, dtype=int)
    assert is_optimal(chain, advance)
    almost_undiscounted = policy_value(chain.replace(gamma=1 - 1e-9), advance)
    np.testing.assert_allclose(1e-9 * almost_undiscounted, 3.6768, atol=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mdps.chain(0), "n is 0; it must be a whole number of at least 1"),
        (lambda: mdps.chain(2.0), "n is 2.0; it must be a whole number"),
        (lambda: mdps.chain(3, 1.5), r"slip is 1.5; it must be a number in \[0, 1\]"),
        (lambda: mdps.chain(3, gamma=2), "gamma is 2"),
        (lambda: mdps.random_walk(p_right=float("nan")), "p_right is nan"),
        (lambda: mdps.slippery_chain(far_reward=float("inf")), "the reward of state 4, action 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(build, message):
    with pytest.raises(ModelError, match=message):
        build()
