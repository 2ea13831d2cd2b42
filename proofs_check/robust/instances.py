"""Rows, values, weights and radii for the theorems of inner problems; zeros and ties are frequent."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

WEIGHTS = st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 20.0])
RADII = st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0])
PORTIONS = st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.5, 1.0])
"""Radii of balls in which no kernel is further than 1."""
COIN = (np.array([0.5, 0.5]), np.array([0.0, 1.0]))
"""A fair coin: the instance on which most constants are attained."""


def _row(counts: list[int]) -> np.ndarray:
    counts[0] += sum(counts) == 0
    return np.array(counts) / sum(counts)


def rows(n: int) -> st.SearchStrategy[np.ndarray]:
    """Distributions over n states, with zeros."""
    return st.lists(st.integers(0, 6), min_size=n, max_size=n).map(_row)


def values(n: int) -> st.SearchStrategy[np.ndarray]:
    """Values of n states, with ties."""
    return st.lists(st.integers(-8, 8), min_size=n, max_size=n).map(lambda v: np.array(v) / 2)


def problems(*also: st.SearchStrategy[Any], most: int = 5) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a row, its values and further arguments."""
    return st.integers(1, most).flatmap(lambda n: st.tuples(rows(n), values(n), *also))


def pairs_of_values(*also: st.SearchStrategy[Any], most: int = 5) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a row, two vectors of values and further arguments."""
    return st.integers(1, most).flatmap(lambda n: st.tuples(rows(n), values(n), values(n), *also))


def on_coin(*also: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return the fair coin with given arguments, as a strategy."""
    return st.just((*COIN, *also))
