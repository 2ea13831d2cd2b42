"""Bounds of learners against sums over runs that were made on purpose."""

import math

import numpy as np
import pytest

from rltheory.exploration.bounds import lsvi_ucb, potential, vtr
from rltheory.exploration.bounds.concentration import azuma, largest_log_det


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
