"""What theory promises about distributional control, in limits and closed forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.distributional.bounds.control import (
    categorical_control_error,
    policy_iteration_loss,
    start_distance,
    value_iteration_error,
    value_iteration_loss,
    value_iteration_sweeps,
)

GAMMAS = st.sampled_from([0.0, 0.5, 0.9, 0.99])


@given(GAMMAS, st.floats(-2, 2), st.floats(0, 3), st.floats(-5, 5))
def test_no_constant_is_nearer_to_all_returns_than_the_middle_of_their_range(gamma, least, width, guess):
    middle = (least + width / 2) / (1 - gamma)
    nearest = start_distance(gamma, least, least + width, middle)
    assert nearest == pytest.approx(width / 2 / (1 - gamma), abs=1e-9)
    assert nearest <= start_distance(gamma, least, least + width, guess) + 1e-9


@given(GAMMAS, st.floats(1e-6, 10), st.floats(0, 10), st.floats(0, 10))
def test_the_sweeps_are_the_fewest_that_reach_the_tolerance(gamma, tol, lipschitz, distance):
    n = value_iteration_sweeps(gamma, tol, lipschitz, distance)
    assert value_iteration_loss(gamma, n, lipschitz, distance) <= tol
    assert n == 0 or value_iteration_loss(gamma, n - 1, lipschitz, distance) > tol * (1 - 1e-12)


def test_the_loss_is_twice_the_error_and_both_are_linear():
    assert value_iteration_error(0.5, 2, 3.0, 4.0) == 3.0
    assert value_iteration_loss(0.5, 2, 3.0, 4.0) == 6.0
    assert policy_iteration_loss(0.5, 2, 3.0, 4.0) == 3.0


def test_the_error_of_projections_adds_up_to_a_geometric_sum():
    assert categorical_control_error(0.5, 0.5, 2.0, n=1) == 0.5
    assert categorical_control_error(0.5, 0.5, 2.0, n=2) == 0.75
    assert categorical_control_error(0.5, 0.5, 2.0) == 1.0
    assert categorical_control_error(1.0, 0.5, 2.0, n=4) == 2.0
