"""The right sides, at places where they are known by hand."""

import math

import numpy as np
import pytest

from rltheory.policy_optimisation import bounds


def test_errors_of_mirror_descent_add_up_to_a_geometric_sum():
    error, c0, gamma = 3.0, 0.5, 0.8
    for k in range(1, 8):
        error = gamma * error + c0 * gamma ** (2 * k - 1)
        assert error == pytest.approx(bounds.mirror_descent_error(gamma, k, c0, 3.0))


def test_soft_policy_iteration_contracts_like_policy_iteration():
    error = bounds.entropy_gradient_error(0.9, 0.1, 1.0, 5, initial_error=2.0, initial_log_distance=7.0)
    assert error == pytest.approx(0.9**5 * 2.0)


def test_the_optimal_baseline_has_the_least_second_moment():
    probability, norm, returns = np.array([0.2, 0.5, 0.3]), np.array([2.0, 1.0, 0.5]), np.array([1.0, -1.0, 4.0])
    best = bounds.optimal_baseline(probability, norm, returns)
    grid = np.linspace(-3, 3, 60_001)
    moments = (probability * norm**2) @ (returns[:, None] - grid) ** 2
    assert best == pytest.approx(grid[np.argmin(moments)], abs=1e-4)


def test_where_nothing_is_learnt_no_baseline_is_needed():
    assert bounds.optimal_baseline([1.0], [0.0], [5.0]) == 0.0


def test_one_action_leaves_nothing_to_learn_and_any_step_does():
    assert bounds.politex_step(0.5, 1, 10) == 1
    assert bounds.politex_loss(0.5, 1, 10, step=0.25) == pytest.approx(2 * 0.25 * 4 / 8)


def test_the_loss_of_a_steepest_direction_is_scaled_by_horizon_and_mismatch():
    assert bounds.direct_gradient_domination(0.75, mismatch=3.0, ascent=0.5) == 4 * 3 * 0.5
    assert bounds.softmax_gradient_domination(0.25, n_states=9, optimal_probability=0.5, mismatch=2.0) == 3.0


def test_curvature_is_the_less_of_two():
    """With H = 2: 2 for many states, and 2 m / (3 sqrt 3) for m of them."""
    assert bounds.softmax_smoothness(0.5, 6) == 2.0
    assert bounds.softmax_smoothness(0.5, 3) == pytest.approx(2 / math.sqrt(3))


def test_slopes_divide_the_loss():
    """1/4 of a step is lost to curvature, and 1 + 2 * (1/2 * 3/4) * 5 = 19/4."""
    loss = bounds.softmax_ascent_loss(2.0, step=0.5, smoothness=1.0, slopes=[1.0, 2.0])
    assert loss == pytest.approx(2 / (19 / 4))


def test_the_best_step_of_politex_makes_both_terms_equal():
    step = bounds.politex_step(0.75, 3, 50)
    assert math.log(3) / (step * 50) == pytest.approx(step * 4**2 / 8)
    assert bounds.politex_loss(0.75, 3, 50) == pytest.approx(4**2 * math.sqrt(math.log(3) / 100))


def test_natural_gradient_pays_for_what_is_improbable_and_for_the_horizon():
    """(ln 4 / 2 + 4) / 8, from the uniform policy as from any that is as likely to be right."""
    by_hand = (math.log(4) / 2 + 4) / 8
    assert bounds.natural_gradient_loss(0.5, 4, 2.0, 8) == pytest.approx(by_hand)
    assert bounds.natural_gradient_loss(0.5, 9, 2.0, 8, least_probability=0.25) == pytest.approx(by_hand)


def test_entropy_adds_to_the_error_unless_the_step_is_the_largest():
    """Half of the logarithms are kept with H = 2: C = 2 + 2 * 1/2 * 1/2 * 7 = 11/2. None are from 1/2 on."""
    error = bounds.entropy_gradient_error(0.5, 0.5, 0.5, 3, initial_error=2.0, initial_log_distance=7.0)
    assert error == pytest.approx(0.5 * 0.75**2 * 5.5)
    error = bounds.entropy_gradient_error(0.5, 0.5, 1.5, 3, initial_error=2.0, initial_log_distance=7.0)
    assert error == pytest.approx(0.5 * 0.25**2 * 2.0)
    assert bounds.entropy_bias(0.5, 2, 0.25) == pytest.approx(math.log(2) / 2)
