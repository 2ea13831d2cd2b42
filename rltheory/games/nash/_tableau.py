r"""Pivoting on a best response polytope {x >= 0 : M x <= 1}, with positive M: one exchange at a time, compiled.

The condensed tableau says how the basic variables, one in a row, depend on the free ones, one in a column, and has the
values of the basic variables in its last column. Variables 0..c-1 are x, and c..c+r-1 the slacks of the rows of M.

Where several rows block an entering variable, the right side is thought of as
:math:`(1 + \varepsilon, 1 + \varepsilon^2, \dots)` for an infinitely small :math:`\varepsilon` (Charnes 1952; von
Stengel 2002, section 2.6): the coefficients of its powers are the columns of the slacks. No two rows ever tie, so that
no path of pivots has a choice, returns, or leaves the polytope.
"""

from __future__ import annotations

import numpy as np
from numba import njit

PIVOT = 1e-11
"""The smallest coefficient that is not taken for zero; those of M are between 1 and 2."""
TIE = 1e-12
"""Ratios that are nearer than this are taken for equal."""


@njit(cache=True, nogil=True, error_model="numpy")
def condensed(M: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tableau of the vertex 0, the basic variables of its rows and the free ones of its columns."""
    r, c = M.shape
    T = np.ones((r, c + 1))
    T[:, :c] = M
    return T, np.arange(c, c + r), np.arange(c)


@njit(cache=True, nogil=True, error_model="numpy")
def range_of(u: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest entry of a finite matrix."""
    low = high = u[0, 0]
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            x = u[i, j]
            low = x if x < low else low
            high = x if x > high else high
    return low, high


@njit(cache=True, nogil=True, error_model="numpy")
def condensed_payoffs(u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Do as `condensed` for payoffs moved and scaled to [1, 2], which changes no equilibrium."""
    r, c = u.shape
    low, high = range_of(u)
    T = np.empty((r, c + 1))
    unit = 1.0 / (high - low) if high > low else 0.0
    for i in range(r):
        for j in range(c):
            T[i, j] = 1.0 + (u[i, j] - low) * unit
        T[i, c] = 1.0
    return T, np.arange(c, c + r), np.arange(c)


@njit(cache=True, nogil=True, error_model="numpy")
def pivot(T: np.ndarray, row: int, column: int) -> None:
    """Exchange the basic variable of a row with the free one of a column, in the coefficients."""
    width, unit = T.shape[1], 1.0 / T[row, column]
    chosen = np.empty(width)  # a copy: the compiler may then take several columns at once
    for j in range(width):
        chosen[j] = T[row, j] * unit
    chosen[column] = unit
    for i in range(T.shape[0]):
        factor = T[i, column]
        if factor != 0.0:
            T[i, column] = 0.0
            for j in range(width):
                T[i, j] -= factor * chosen[j]
    for j in range(width):
        T[row, j] = chosen[j]


@njit(cache=True, nogil=True, error_model="numpy")
def leaving_row(T: np.ndarray, basic: np.ndarray, free: np.ndarray, column: int) -> int:
    """Return the row that blocks the entering variable of a column first; -1 if none does."""
    found, least, last = -1, np.inf, T.shape[1] - 1
    for i in range(basic.size):
        if T[i, column] > PIVOT:
            ratio = T[i, last] / T[i, column]
            if ratio < least - TIE or (ratio < least + TIE and _earlier(T, basic, free, column, i, found)):
                found, least = i, ratio
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _earlier(T: np.ndarray, basic: np.ndarray, free: np.ndarray, column: int, row: int, other: int) -> bool:
    """Compare two rows that tie by the powers of epsilon, lowest first."""
    r, c = basic.size, free.size
    place = np.full(r + c, -1)
    for j in range(c):
        place[free[j]] = j
    for slack in range(c, c + r):
        j = place[slack]
        if j >= 0:
            mine, others = T[row, j] / T[row, column], T[other, j] / T[other, column]
        else:
            mine = 1.0 / T[row, column] if basic[row] == slack else 0.0
            others = 1.0 / T[other, column] if basic[other] == slack else 0.0
        if abs(mine - others) > TIE:
            return mine < others
    return False
