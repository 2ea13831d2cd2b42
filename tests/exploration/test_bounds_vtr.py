"""Bounds of learners against sums over runs that were made on purpose."""

import math

import numpy as np
import pytest

from rltheory.exploration.bounds import lsvi_ucb, mex, oppo, potential, vtr, vtr_plus
from rltheory.exploration.bounds.concentration import azuma, largest_log_det
from rltheory.exploration.bounds.variance import variance_error


def test_the_determinant_grows_by_the_squared_width():
    rng = np.random.default_rng(0)
    gram, total = 0.5 * np.eye(4), 0.0
    for x in rng.normal(size=(50, 4)):
        total += math.log1p(x @ np.linalg.solve(gram, x))
        gram += np.outer(x, x)
    assert total == pytest.approx(np.linalg.slogdet(gram / 0.5)[1], rel=1e-12)


def test_the_radius_has_a_noise_and_a_bias():
    sizes = {"vmax": 2.0, "ridge": 0.25}
    noise = vtr.vtr_radius(3.0, 0.1, norm_bound=0.0, **sizes)
    assert noise == pytest.approx(math.sqrt(3 + 2 * math.log(10)))
    assert vtr.vtr_radius(3.0, 0.1, norm_bound=4.0, **sizes) == pytest.approx(noise + 2.0)
    assert vtr.vtr_radius(3.0, 0.1, norm_bound=0.0, regressions=5, **sizes) == pytest.approx(
        math.sqrt(3 + 2 * math.log(50))
    )


@pytest.mark.parametrize("c", [0.1, 7.0])
def test_the_regret_bound_scales_with_the_unit_of_reward(c):
    one = vtr.vtr_regret(3, 5, 100, 0.1, vmax=1.0, ridge=0.3, norm_bound=1.5)
    assert vtr.vtr_regret(3, 5, 100, 0.1, vmax=c, ridge=0.3 * c**2, norm_bound=1.5) == pytest.approx(c * one)


def test_a_regression_for_each_step_is_the_sum_of_widths_over_the_steps():
    d, H, K, delta = 2, 3, 500, 0.1
    log_det = largest_log_det(d, K, ridge=1.0)
    beta = vtr.vtr_radius(log_det, delta, vmax=1.0, ridge=1.0, norm_bound=1.0, regressions=H)
    widths = H * potential.sum_of_widths(K, log_det)
    expected = 2 * beta * widths + azuma(K * (H + 1), delta, length=1.0)
    assert vtr.vtr_regret(d, H, K, delta, ridge=1.0, norm_bound=1.0, per_step=True) == pytest.approx(expected)


def test_finitely_many_states_need_a_far_smaller_multiplier():
    d, H, K, delta = 3, 5, 1000, 0.05
    log_det = largest_log_det(d, K, ridge=1.0)
    finite = lsvi_ucb.lsvi_ucb_finite_beta(d, 8, H, delta, log_det=log_det, largest=H - 1.0)
    assert finite < lsvi_ucb.lsvi_ucb_beta(d, H, K, delta) / 3


def test_a_radius_below_half_of_the_values_counts_as_that():
    promised = vtr.vtr_regret(1, 1, 1, 1.0, ridge=1.0, norm_bound=0.0)
    assert promised == pytest.approx(1 + 4 * 0.5 * math.sqrt(math.log(2)))


def test_the_multiplier_for_finitely_many_states_at_whole_numbers():
    delta = 2 * 2**3 * math.exp(-4)
    beta = lsvi_ucb.lsvi_ucb_finite_beta(4, 3, 2, delta, log_det=8.0, largest=3.0)
    assert beta == pytest.approx(1.5 * math.sqrt(8 + 2 * 4) + 4 * 2)


def test_the_regret_of_lsvi_ucb_is_widths_and_luck():
    K = math.e**2 - 1
    promised = lsvi_ucb.lsvi_ucb_regret(1, 2, K, math.exp(-6), beta=1.5)
    assert promised == pytest.approx(2 * 1.5 * 2 * 2 * math.sqrt(K) + 2 * math.sqrt(K * 3 * 6 / 2))


def test_new_features_do_not_depend_on_the_unit():
    assert potential.new_features(2, ridge=4.0, largest=2.0) == pytest.approx(potential.new_features(2, ridge=1.0))


def test_the_weighted_potential_has_three_terms():
    promised = potential.weighted_potential(1, [3.0], [2.0], alpha=1.0, gamma=2.0, ridge=1.0)
    assert promised == pytest.approx(math.log(2) * (2 + 2 * 4 * 3) + 2 * math.sqrt(math.log(2) * 9 * (4 + 1)))
    promised = potential.weighted_potential(
        1, [3.0], [2.0], alpha=2.0, gamma=2.0, ridge=0.25
    )  # again 1 + 1 / (1/4 * 4)
    assert promised == pytest.approx(math.log(2) * (2 + 2 * 4 * 3) + 2 * math.sqrt(math.log(2) * 9 * (4 + 4)))


def test_a_hundred_visits_of_four_states_cost_four_and_twice_their_root():
    assert potential.sum_of_count_widths(4, 100) == 4 + 2 * 20


def test_errors_of_moments_are_cut_off_apart():
    assert variance_error(1.0, 0.4, 1.0, 5.0) == pytest.approx(1.8)
    assert variance_error(1.0, 5.0, 1.0, 0.25) == pytest.approx(1.25)


def test_the_moment_estimator_has_levels_before_there_are_episodes():
    assert vtr_plus.moment_levels(0, 1) == vtr_plus.moment_levels(1, 1) == 3


def test_the_weight_of_mirror_descent_is_the_best_and_one_action_counts_as_two():
    rate = oppo.mirror_descent_rate(3, 50, largest=2.0)
    losses = [oppo.mirror_descent(3, 50, rate=c * rate, largest=2.0) for c in (0.99, 1.0, 1.01)]
    assert min(losses) == losses[1] == pytest.approx(2.0 * math.sqrt(50 * math.log(3) / 2))
    assert oppo.mirror_descent_rate(1, 50, largest=2.0) == oppo.mirror_descent_rate(2, 50, largest=2.0)


def test_the_coefficient_of_a_run_solves_its_inequality():
    d = mex.empirical_gec(5.0, 2.0, 3, 4)
    assert math.sqrt(d * 2.0) + math.sqrt(d * 3 * 4) == pytest.approx(5.0)
