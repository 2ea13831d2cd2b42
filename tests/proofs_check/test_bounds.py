"""The edges of the bounds; what they promise is put to the test by tests/test_theorems.py."""

import math

import pytest

from rltheory.planning import bounds


@pytest.mark.parametrize(("gamma", "span"), [(0.0, 5.0), (0.9, 0.0)])
def test_a_closed_bracket_needs_no_sweep(gamma, span):
    assert bounds.value_iteration_sweeps(gamma, tol=0.0, span=span) == 0


def test_the_count_of_sweeps_is_the_smallest():
    sweeps = bounds.value_iteration_sweeps(gamma=0.9, tol=1e-3, span=2.0)
    width = bounds.bracket_width(0.9, 2.0)
    assert width * 0.9**sweeps <= 1e-3 < width * 0.9 ** (sweeps - 1)


@pytest.mark.parametrize("tol", [0.0, -1.0, math.nan])
def test_no_number_of_sweeps_reaches_a_tolerance_that_is_not_positive(tol):
    with pytest.raises(ValueError, match="ask for a positive tol"):
        bounds.value_iteration_sweeps(gamma=0.9, tol=tol, span=1.0)


def test_extreme_numbers_do_not_overflow():
    assert bounds.value_iteration_sweeps(gamma=0.5, tol=1e-300, span=1e300) == 1994


def test_the_effective_horizon_at_its_edges():
    assert bounds.effective_horizon(0.5, 2.0) == 0
    assert bounds.effective_horizon(0.9, 100.0) == 0
    assert bounds.effective_horizon(0.0, 0.5) == 1


def test_one_policy_needs_no_improvement():
    assert bounds.howard_improvements(0.9, n_states=3, n_pairs=3) == 0
    assert bounds.policy_count([]) == 1


@pytest.mark.parametrize("dobrushin", [1.0, 1.5, -0.1, math.nan])
def test_a_coefficient_that_promises_no_mixing_is_refused(dobrushin):
    with pytest.raises(ValueError, match="only below 1"):
        bounds.mixing_time(dobrushin, 0.1)


def test_independent_draws_mix_in_a_step():
    assert bounds.mixing_time(0.0, 0.1) == 1


def test_half_of_the_time_is_needed_for_a_chain_that_forgets_twice_as_fast():
    assert (bounds.mixing_time(0.5, 2.0**-10), bounds.mixing_time(0.25, 2.0**-10)) == (10, 5)


def test_one_state_has_mixed():
    assert bounds.unichain_dobrushin(1.0, n_states=1) == 0
    assert bounds.least_kemeny_constant(1) == 0


def test_a_value_at_the_goal_needs_no_bracket():
    lower, upper = bounds.proper_bracket([1.0, 2.0], [1.0, 2.0], [0.0, 0.0])
    assert lower.tolist() == upper.tolist() == [1.0, 2.0]


def test_a_turn_of_one_policy_is_the_last_greedy_policy():
    run = {"gamma": 0.9, "sweeps": 7, "sweep_error": 0.5, "initial_error": 2.0}
    assert bounds.cyclic_policy_loss(period=1, **run) == pytest.approx(bounds.approximate_value_iteration_loss(**run))


@pytest.mark.parametrize("trace", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_the_factor_of_td_is_never_above_its_contraction_factor(trace):
    contraction = 0.9 * (1 - trace) / (1 - 0.9 * trace)
    assert bounds.td_factor(0.9, trace) <= contraction
    assert (bounds.td_factor(0.9, trace) == contraction) == (trace in (0.0, 1.0))


def test_bairds_star_diverges_only_with_six_states_or_more():
    assert bounds.baird_divergence(5) == 1 > bounds.baird_divergence(6)


def test_the_first_policy_of_modified_policy_iteration_is_greedy_for_what_it_starts_from():
    """So both of its terms are those of bounds that are attained."""
    assert bounds.approximate_mpi_loss(0.8, 1, 5.0, 0.0, 2.0) == pytest.approx(bounds.greedy_policy_loss(0.8, 2.0))
    assert bounds.approximate_mpi_loss(0.8, 1, 5.0, 0.3, 0.0) == pytest.approx(
        bounds.near_optimal_actions_loss(0.8, 0.3)
    )


def test_without_a_sweep_the_policy_is_greedy_for_the_start():
    assert bounds.fitted_value_iteration_loss(0.8, 0, 3.0, 1.0, 2.0) == pytest.approx(bounds.greedy_policy_loss(0.8, 2))


def test_the_span_of_the_bias_does_not_depend_on_a_constant_added_to_rewards():
    assert bounds.bias_span(7.0, gain=2.5, least_reward=2.0) == bounds.bias_span(7.0, gain=0.5)


def test_with_known_rewards_deviations_add_up_to_those_of_the_return():
    for gamma in (0.5, 0.9, 0.99):
        variance = bounds.return_variance(gamma) / gamma**2
        known = bounds.total_deviation_known_rewards(gamma)
        assert known == pytest.approx(bounds.accumulated_deviation(gamma, variance))
