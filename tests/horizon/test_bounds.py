"""Bounds at their edges, and at numbers for which logarithms and powers are whole."""

import math

import pytest

from rltheory.horizon import bounds


def test_where_all_actions_are_optimal_one_episode_is_enough():
    assert bounds.gorp_episodes_published(1.0, math.inf, 10, 2, 1) == 1
    assert bounds.gorp_episodes(1.0, 1.0, math.inf, 10, 2, 1) == 1
    assert bounds.gorp_episodes_simple(1.0, 1.0, math.inf, 10, 2, 1) == 1
    assert bounds.sqirl_episodes(10, 3, 2, 1, math.inf, eps=0.1) == 1


def test_the_failure_of_some_mean():
    assert bounds.gorp_union_failure(0.75, 6.0, 0.5, 40, 3) == pytest.approx(3 * math.exp(-40 * 0.25 / (6 + 4)))


def test_a_kernel_that_changes_costs_a_factor_of_the_horizon():
    assert bounds.ucbvi_rate(3, 5, 2, 0.5) == 27 * 10 * 4
    assert bounds.ucbvi_rate(3, 5, 2, 0.5, stationary=False) == 81 * 10 * 4


def test_the_effective_horizon_is_the_lookahead_where_nothing_can_go_wrong():
    assert bounds.stochastic_effective_horizon(2, 0.25, n_actions=1) == 2
    assert bounds.stochastic_effective_horizon(2, math.inf, n_actions=3) == 2
    assert bounds.stochastic_effective_horizon(2, 0.0, n_actions=3) == math.inf


def test_the_error_of_a_class_is_between_that_of_one_table_and_one():
    assert bounds.finite_class_error(1, 10) == 0
    assert bounds.finite_class_error(20, 1) == 1


def test_errors_grow_with_lookahead_before_they_are_squared():
    promised = bounds.sqirl_suboptimality(H=3, n_actions=4, k=2, gap=0.5, squared_error=0.001)
    assert promised == pytest.approx(2 * 3 * 4 * (1 + 2) ** 2 * 0.001 * 4)
