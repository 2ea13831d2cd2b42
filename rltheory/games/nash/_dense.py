"""Small dense linear systems inside compiled loops, where a call of LAPACK costs more than the system."""

from __future__ import annotations

import numpy as np
from numba import njit

SINGULAR = 1e-13
"""Of the largest coefficient: a pivot below this is taken for zero."""


@njit(cache=True, nogil=True, error_model="numpy")
def solve_in_place(M: np.ndarray, x: np.ndarray) -> bool:
    """Overwrite x by the solution of M x' = x, by elimination with partial pivoting; M is overwritten.

    Returns whether no pivot was taken for zero; x is of no use otherwise.
    """
    k = x.size
    smallest = SINGULAR * np.abs(M).max()
    for c in range(k):
        pivot = c
        for i in range(c + 1, k):
            if abs(M[i, c]) > abs(M[pivot, c]):
                pivot = i
        if not abs(M[pivot, c]) > smallest:
            return False
        if pivot != c:
            x[c], x[pivot] = x[pivot], x[c]
            for j in range(c, k):
                M[c, j], M[pivot, j] = M[pivot, j], M[c, j]
        for i in range(c + 1, k):
            factor = M[i, c] / M[c, c]
            if factor != 0.0:
                x[i] -= factor * x[c]
                for j in range(c + 1, k):
                    M[i, j] -= factor * M[c, j]
    for c in range(k - 1, -1, -1):
        for j in range(c + 1, k):
            x[c] -= M[c, j] * x[j]
        x[c] /= M[c, c]
    return True
