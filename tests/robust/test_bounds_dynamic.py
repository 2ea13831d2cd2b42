"""Bounds of robust dynamic programming at the ends of their ranges."""

import pytest

from rltheory.robust.bounds import dynamic as bounds


def test_without_a_radius_the_span_is_that_of_all_rewards():
    assert bounds.tv_ball_span(0.0, 7) == 7
    assert bounds.tv_ball_span(1e-9, 7) == pytest.approx(7, abs=1e-6)


@pytest.mark.parametrize("rho", [0.1, 0.5, 1.0, 3.0])
def test_no_horizon_brings_the_span_of_a_ball_above_one_over_the_radius(rho):
    assert bounds.tv_ball_span(rho, 10_000) == pytest.approx(1 / min(rho, 1.0))


def test_an_infinite_weight_is_no_penalty():
    assert bounds.tv_penalty_span(float("inf"), 5) == 5
    assert bounds.tv_penalty_span(float("inf"), 10_000, gamma=0.9) == pytest.approx(10)


def test_the_last_step_leaves_nature_nothing_to_do():
    assert bounds.penalty_lead(lam=3.0, rho=0.5, steps=1) == 0
    assert bounds.tv_ball_cost(rho=0.5, spans=[]) == 0


def test_a_constant_span_costs_what_a_discounted_model_says():
    spans = [2.0] * 400
    assert bounds.tv_ball_cost(0.3, spans, gamma=0.9) == pytest.approx(bounds.tv_ball_cost_discounted(0.3, 2.0, 0.9))


def test_the_bracket_of_a_fixed_point_is_a_point():
    lower, upper = bounds.robust_bracket([1.0, 2.0], [1.0, 2.0], gamma=0.9)
    assert lower.tolist() == upper.tolist() == [1.0, 2.0]
