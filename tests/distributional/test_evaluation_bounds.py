"""The edges of the bounds on evaluation; what they promise is put to the test as theorems."""

import math

import pytest

from rltheory.distributional.bounds import evaluation as bounds

GAMMAS = pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.999])


@GAMMAS
def test_a_horizon_without_end_is_the_limit_of_long_ones(gamma):
    for bound in (bounds.categorical_w1, bounds.categorical_cramer, bounds.categorical_variance, bounds.categorical_w2):
        assert bound(gamma, 0.3) == pytest.approx(bound(gamma, 0.3, 100_000), rel=1e-12)
    assert bounds.quantile_w1(gamma, 2.0, 7) == pytest.approx(bounds.quantile_w1(gamma, 2.0, 7, 100_000), rel=1e-12)


@GAMMAS
@pytest.mark.parametrize("sweeps", [1, 5, math.inf])
def test_errors_that_spread_are_never_more_than_errors_that_add_up(gamma, sweeps):
    spread, added = bounds.categorical_w2(gamma, 0.3, sweeps), bounds.categorical_w1(gamma, 0.3, sweeps)
    assert spread <= added * (1 + 1e-12)
    assert sweeps == 1 or gamma == 0 or spread < 0.9 * added


def test_without_a_discount_the_error_grows_like_a_random_walk():
    assert bounds.categorical_w2(1.0, 2.0, 100) == pytest.approx(10.0)
    assert bounds.categorical_w1(1.0, 2.0, 100) == pytest.approx(100.0)


def test_no_sweep_leaves_the_initial_error():
    assert bounds.categorical_w1(0.9, 0.3, 0, initial=4.0) == 4.0
    assert bounds.categorical_cramer(0.9, 0.3, 0, initial=4.0) == 4.0
    assert bounds.quantile_w1(0.9, 1.0, 3, 0, initial=4.0) == 4.0


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
def test_the_count_of_sweeps_is_the_smallest(gamma):
    n = bounds.sweeps_to_fixed_point(gamma, tol=1e-3, change=2.0)
    assert bounds.distance_to_fixed_point(gamma, gamma ** (n - 1) * 2.0) <= 1e-3 * (1 + 1e-9)
    assert bounds.distance_to_fixed_point(gamma, gamma ** (n - 2) * 2.0) > 1e-3
    assert bounds.sweeps_to_fixed_point(0.0, tol=1e-3, change=2.0) == 1
