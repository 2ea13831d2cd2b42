"""Published multipliers at failure probabilities for which their logarithms are whole numbers."""

from math import e, exp

import pytest

from rltheory.offline import bounds


def test_total_variation():
    delta = 1024 * 3 * 2 * 10**2 * exp(-8)
    assert bounds.published_tv_beta(4, 3, 10, delta) == pytest.approx(16 * 3 * 4 * 4)


def test_relative_entropy():
    delta = 1024 * 3 * 2**2 * 10**3 * 2 * exp(-8)
    assert bounds.published_kl_beta(3, 2, 10, delta, lam=2.0) == pytest.approx(16 * 3 * 2 * e * 3)


def test_chi_square():
    delta = 192 * 10**5 * 3**6 * 2**3 * 2**3 * exp(-9)
    assert bounds.published_chi_square_beta(2, 3, 10, delta, lam=1.5) == pytest.approx(8 * 2 * 9 * (5 / 3) * 3)


def test_value_iteration_with_penalties():
    delta = 2 * 4 * 3**2 * 10 * exp(-4)
    assert bounds.published_drpvi_beta(4, 3, 10, delta) == pytest.approx(4 * 2 * 3 * 2)
    assert bounds.published_va_drpvi_beta(4, 3, 10, delta, c=3.0) == pytest.approx(3 * 2 * 2)


def test_the_elliptical_norm():
    delta = 2 * 4 * 3 * 10 * exp(-4)
    assert bounds.published_pevi_beta(4, 3, 10, delta, c=5.0) == pytest.approx(5 * 4 * 3 * 2)
