import math
from itertools import product

import numpy as np
import pytest

from rltheory.offline import bounds

SIZES = (3, 4, 3, 0.05)


def test_the_noise_at_corners_is_that_of_the_best_of_all_indicators():
    e = np.random.default_rng(0).normal(size=6)
    brute = max(abs(np.array(corner) @ e) for corner in product((0, 1), repeat=6))
    assert bounds.corner_noise(e, largest=2.0) == pytest.approx(2 * brute)


def test_a_search_over_truncations_never_beats_level_sets():
    rng = np.random.default_rng(0)
    e, v = rng.normal(size=5), rng.random(5)
    found = max(abs(e @ np.minimum(v, alpha)) for alpha in np.linspace(0, 1, 101))
    assert found <= bounds.level_set_noise(e, v, largest=1.0) <= bounds.corner_noise(e, largest=1.0)


@pytest.mark.parametrize("ridge", [0.1, 1.0])
def test_multipliers_are_made_of_slopes_noise_and_bias(ridge):
    B, lam, noise, bias = 2.0, 1.5, bounds.noise(*SIZES), bounds.ridge_bias(3, ridge, 1.0)
    given = {"largest": B, "ridge": ridge}
    assert bounds.tv_beta(*SIZES, **given) == pytest.approx(B * (noise + bias))
    slope = bounds.chi_square_slope(lam, B)
    assert bounds.chi_square_beta(*SIZES, lam=lam, **given) == pytest.approx(slope * (noise + bias))
    slope, width = bounds.kl_slope(lam, B), 1 - math.exp(-B / lam)
    assert bounds.kl_beta(*SIZES, lam=lam, **given) == pytest.approx(slope * (width * noise + bias))


def test_the_determinant_needs_a_smaller_multiplier_than_the_number_of_trajectories():
    phi = np.random.default_rng(0).dirichlet(np.ones(3), size=50)
    determinant = np.linalg.slogdet(np.eye(3) + phi.T @ phi)[1]
    given = {"largest": 2.0, "ridge": 1.0}
    assert bounds.pevi_beta(*SIZES, log_determinant=determinant, **given) < bounds.pevi_beta(*SIZES, K=50, **given)


def test_full_coverage_takes_longer_where_features_are_seldom_seen():
    few, many = (bounds.full_coverage_trajectories(kappa, 3, 4, 0.05) for kappa in (0.2, 0.1))
    assert many == 2 * few
