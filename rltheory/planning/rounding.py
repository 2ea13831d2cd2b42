r"""What rounding can do to a backup: the standard bounds on inner products, for any order of summation.

With unit roundoff :math:`u = 2^{-53}` and :math:`g_k = k u / (1 - k u)`, a sum of k products is computed with an error
of at most :math:`g_k \sum |x_i y_i|` (Higham 2002, section 3.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rltheory.planning._kernels import SMALLEST_NORMAL, UNIT_ROUNDOFF

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Number = TypeVar("Number", float, np.ndarray)


def largest_size(x: np.ndarray) -> float:
    """Return the largest absolute value, without a copy."""
    return float(max(x.max(), -x.min()))


def growth(k: Number) -> Number:
    """Return ``g_k = k u / (1 - k u)``."""
    ku = k * UNIT_ROUNDOFF
    return ku / (1 - ku)


def outward(x: Number, operations: int) -> Number:
    """Enlarge a non-negative bound by more than the rounding of the few operations that computed it."""
    return x * (1 + 8 * (operations + 2) * UNIT_ROUNDOFF) + SMALLEST_NORMAL


def row_error(P: csr_array, r: np.ndarray, gamma: float, v: np.ndarray) -> np.ndarray:
    """Bound the rounding error of ``r + gamma * (P @ v)``, row by row, in reward units."""
    entries = np.diff(P.indptr)
    magnitude = np.abs(r) + gamma * (P @ np.abs(v))
    longest = int(entries.max(initial=0))
    return outward(growth(entries + 2.0) * magnitude, longest) + (longest + 2) * SMALLEST_NORMAL


def row_sum_error(P: csr_array) -> float:
    """Bound how far the exact sums of the rows are from one."""
    entries = np.diff(P.indptr)
    sums = P @ np.ones(P.shape[1])
    error = np.abs(sums - 1) + growth(np.maximum(entries - 1.0, 0.0)) * sums
    worst = float(error.max(initial=0.0))
    return outward(worst, int(entries.max(initial=0))) if worst else 0.0


def backup_error(longest: int, largest_reward: float, gamma: float, largest_value: float, eta: float) -> float:
    r"""Bound the rounding error of any backup of v, without looking at a row.

    It is at most :math:`g_{k+2} (\max |r| + \gamma (1 + \eta) \max |v|)`: never below what `row_error` says of a row,
    and as good where values are of one size.
    """
    magnitude = largest_reward + gamma * (1 + eta) * largest_value
    return outward(growth(longest + 2.0) * magnitude, longest) + (longest + 2) * SMALLEST_NORMAL
