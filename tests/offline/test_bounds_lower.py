import math

import numpy as np
import pytest

from rltheory.offline import bounds


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.75])
def test_the_printed_bound_is_weaker(d, rho):
    K, H = 10**4, 4
    ours = bounds.hard_rewards_minimax(bounds.hard_rewards_delta(d, K), d, H, K, slope=1 - rho)
    assert bounds.published_hard_rewards_minimax(d, H, K) < ours


def test_at_the_hardest_scale_the_information_does_not_depend_on_the_data():
    for d, K in [(1, 10), (4, 1000)]:
        assert bounds.sign_information(bounds.hard_rewards_delta(d, K), d, K) == pytest.approx(d / (4 * (d + 2)))


def test_enough_data_leave_nothing_to_prove():
    assert bounds.hard_rewards_minimax(delta=1.0, d=2, H=3, K=10**6, slope=1.0) == 0


@pytest.mark.parametrize("lam", [0.5, 3.0])
@pytest.mark.parametrize(
    ("value", "slope"),
    [
        (bounds.two_point_tv, bounds.slope_tv),
        (bounds.two_point_kl, bounds.slope_kl),
        (bounds.two_point_chi_square, bounds.slope_chi_square),
    ],
    ids=["tv", "kl", "chi-square"],
)
def test_slopes_are_the_least_derivatives(value, slope, lam):
    grid = np.linspace(0, 2, 2001)
    values = np.array([value(v, lam, 0.25) for v in grid])
    assert slope(2.0, lam, 0.25) == pytest.approx(np.diff(values).min() / grid[1], abs=2e-3)


def test_a_nature_without_a_way_out_takes_nothing():
    assert bounds.two_point_kl(3.0, 0.1, eps=0.0) == 3.0
    assert bounds.two_point_chi_square(3.0, 0.1, eps=0.0) == 3.0
    assert math.isclose(bounds.slope_kl(3.0, 0.1, eps=0.0), 1.0)


@pytest.mark.parametrize("v", [0.5, 1.9, 2.1, 3.0, 3.9, 4.1, 9.0])
def test_the_worst_case_for_chi_square_is_the_least_over_all_coins(v):
    lam, eps = 1.0, 0.5
    q = np.linspace(0, 1, 100_001)
    paid = q * v + lam * (q - (1 - eps)) ** 2 / (eps * (1 - eps))
    assert bounds.two_point_chi_square(v, lam, eps) == pytest.approx(paid.min(), abs=1e-8)
