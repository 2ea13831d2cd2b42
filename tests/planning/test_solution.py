"""The records of answers: midpoints, tables, summaries."""

import numpy as np
import pytest

import mdps
import rltheory as rl


def test_the_value_is_the_midpoint_and_the_gap_the_largest_width():
    solution = rl.value_iteration(mdps.river_swim(6), tol=1e-3)
    assert np.allclose(solution.value, (solution.lower + solution.upper) / 2, rtol=1e-15)
    assert solution.gap == (solution.upper - solution.lower).max()
    assert not solution.value.flags.writeable


def test_rows_name_states_and_actions():
    grid = mdps.gridworld("SG", slip=0.0)
    first = rl.solve(grid).to_rows()[0]
    assert first["state"] == "(0, 0)"
    assert first["action"] == "right"
    assert first["lower"] <= first["value"] <= first["upper"]


def test_the_table_of_a_finite_horizon_is_that_of_its_first_step():
    solution = rl.solve(mdps.river_swim(6).finite_horizon(3))
    assert [row["value"] for row in solution.to_rows()] == solution.value[0].tolist()


def test_summaries_are_one_line_and_tables_are_cut():
    solution = rl.solve(mdps.chain(30))
    assert "\n" not in repr(solution)
    assert "CONVERGED" in repr(solution)
    assert "and 18 more states" in solution._repr_html_()


def test_the_start_value_is_the_average_over_the_start():
    mdp = mdps.river_swim(6).replace(mu=[0.5, 0, 0, 0, 0, 0.5])
    solution = rl.solve(mdp)
    assert solution.start_value == pytest.approx((solution.value[0] + solution.value[5]) / 2)


def test_a_policys_value_has_a_summary_and_rows():
    evaluated = rl.evaluate_policy(mdps.river_swim(6), np.ones(6, dtype=int))
    assert repr(evaluated).startswith("PolicyValue(gap=")
    assert len(evaluated.to_rows()) == 6
