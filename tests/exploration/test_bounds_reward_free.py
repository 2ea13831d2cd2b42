"""What remains after exploration without rewards, at numbers for which the logarithms are whole."""

import math

import pytest

from rltheory.exploration.bounds import reward_free as bounds


def test_the_radius_without_data():
    assert bounds.rfe_radius(1, 2, 0, 3 * math.exp(-4), norm_bound=5.0) == pytest.approx(2 * 2 + 1)


def test_the_suboptimality_has_four_terms():
    d, H, norm_bound, delta = 1, 4, 2.0, 3 * math.exp(-3)
    K = (math.e - 1) / (H**3 * norm_bound**2)
    beta = H * 2 + 1
    promised = bounds.rfe_suboptimality(d, H, K, delta, norm_bound=norm_bound)
    assert promised == pytest.approx(
        16 * math.sqrt(2 * 3 / K)
        + 8 * beta * 8 / math.sqrt(K)
        + 8 * beta * 16 / K
        + 2 * 16 * math.sqrt(8 * (3 - math.log(3)) / K)
    )
