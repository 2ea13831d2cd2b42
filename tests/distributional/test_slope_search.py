"""The search for the highest of many peaks, against trying every point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.distributional.slope_search import bound_between, maximise_on_points


@given(st.lists(st.integers(-3, 2), max_size=40), st.integers(0, 2**32))
def test_the_best_point_is_found_and_many_others_are_not_tried(rises, seed):
    points = np.cumsum(np.random.default_rng(seed).integers(1, 4, len(rises) + 1)).astype(float)
    height = np.concatenate([[0.0], np.cumsum(np.array(rises) * np.diff(points))])
    tried = []
    best, value = maximise_on_points(lambda k: tried.append(k) or float(height[k]), points, (-3.0, 2.0))
    assert value == height.max() == height[best]
    assert len(tried) == len(set(tried))


def test_a_single_steep_peak_is_found_in_few_steps():
    points = np.arange(10_001.0)
    tried = []
    best, _ = maximise_on_points(lambda k: tried.append(k) or -abs(points[k] - 3217), points, (-1.0, 1.0))
    assert best == 3217
    assert len(tried) <= 4


@given(st.lists(st.integers(-2, 1), min_size=2, max_size=20), st.data())
def test_the_bound_between_points_is_above_everything_in_between(rises, data):
    height = np.concatenate([[0.0], np.cumsum(rises)])
    inner = data.draw(st.sets(st.integers(1, len(rises) - 1)))
    at = np.array(sorted({0, len(rises), *inner}))
    assert bound_between(at.astype(float), height[at], (-2.0, 1.0)) >= height.max() - 1e-12


def test_the_bound_is_where_the_lines_meet():
    assert bound_between(np.array([0.0, 3.0]), np.array([0.0, 0.0]), (-2.0, 1.0)) == pytest.approx(2.0)
    assert bound_between(np.array([0.0]), np.array([5.0]), (-2.0, 1.0)) == 5.0
    assert bound_between(np.array([0.0, 1.0]), np.array([5.0, 5.0]), (0.0, 0.0)) == 5.0
