"""Bounds that `proofs_check` does not put to the test: those about other bounds."""

import pytest

from rltheory.distributional.bounds.stock import (
    quadratic_truncation_error,
    stock_grid_error,
    truncation_error,
    truncation_horizon,
)


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("error", [1e3, 1.0, 1e-3, 1e-9])
def test_the_horizon_is_the_first_at_which_the_error_is_small_enough(gamma, error):
    H = truncation_horizon(gamma, error, lipschitz=2.0, largest_reward=3.0)
    assert truncation_error(gamma, H, 2.0, 3.0) <= error * (1 + 1e-9)
    assert H == 0 or truncation_error(gamma, H - 1, 2.0, 3.0) > error


@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_errors_of_long_horizons_tend_to_those_of_infinite_ones(gamma):
    assert stock_grid_error(gamma, 0.1, 2.0, H=500) == pytest.approx(stock_grid_error(gamma, 0.1, 2.0))
    assert quadratic_truncation_error(gamma, 500, 1.0, 1.0) == pytest.approx(0, abs=1e-12)
