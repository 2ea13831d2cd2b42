r"""The tableau of a best response polytope in integers: no rounding, hence no tie that is not one.

All coefficients have one denominator, the determinant of the basis, and stay integers when a pivot divides by the one
before (Edmonds 1967; Bareiss 1968). Rules and order of variables are those of the compiled tableau.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(slots=True)
class ExactTableau:
    """How basic variables depend on free ones: ``T / det``, with the values of the basic variables in the last column.

    Parameters
    ----------
    T : ndarray of int objects, shape (r, c + 1)
    det : int
    basic : list of int, length r
    free : list of int, length c
    """

    T: np.ndarray
    det: int
    basic: list[int]
    free: list[int]

    @classmethod
    def of(cls, M: np.ndarray) -> ExactTableau:
        """Return the tableau of the vertex 0 of {x >= 0 : M x <= 1}, for a matrix of positive integers."""
        r, c = M.shape
        return cls(np.column_stack([M, np.full(r, 1, dtype=object)]), 1, list(range(c, c + r)), list(range(c)))

    def copy(self) -> ExactTableau:
        """Return a tableau that can be pivoted apart from this one."""
        return ExactTableau(self.T.copy(), self.det, self.basic.copy(), self.free.copy())

    def leaving_row(self, column: int) -> int:
        """Return the row that blocks the entering variable of a column first."""
        rows = [i for i in range(len(self.basic)) if self.T[i, column] > 0]
        r, c = len(self.basic), len(self.free)
        for j in (c, *map(self._place, range(c, c + r))):
            least = min(self._ratio(i, j, column) for i in rows)
            rows = [i for i in rows if self._ratio(i, j, column) == least]
            if len(rows) == 1:
                break
        return rows[0]

    def pivot(self, row: int, column: int) -> int:
        """Exchange the basic variable of a row with the free one of a column; returns the variable that left."""
        T, taken = self.T, self.T[row, column]
        changed = (T * taken - np.outer(T[:, column], T[row])) // self.det
        changed[row], changed[:, column] = T[row], -T[:, column]
        changed[row, column] = self.det
        self.T, self.det = changed, taken
        self.basic[row], self.free[column] = self.free[column], self.basic[row]
        return self.free[column]

    def point(self) -> list[Fraction]:
        """Return x."""
        values = dict(zip(self.basic, self.T[:, -1], strict=True))
        return [Fraction(values.get(variable, 0), self.det) for variable in range(len(self.free))]

    def _place(self, variable: int) -> int:
        """Return the column of a free variable; ~row of a basic one."""
        return self.free.index(variable) if variable in self.free else ~self.basic.index(variable)

    def _ratio(self, row: int, j: int, column: int) -> Fraction:
        above = self.T[row, j] if j >= 0 else self.det * (row == ~j)
        return Fraction(int(above), int(self.T[row, column]))


def positive_integers(payoffs: np.ndarray) -> np.ndarray:
    """Return the payoffs moved and scaled to positive integers, exactly; an equilibrium of one is one of the other."""
    exact = [[Fraction(float(x)) for x in row] for row in payoffs]
    denominator = math.lcm(*(x.denominator for row in exact for x in row))
    least = min(min(row) for row in exact)
    whole: list[list[Any]] = [[int((x - least) * denominator) for x in row] for row in exact]
    divisor = math.gcd(*(x for row in whole for x in row)) or 1
    return np.array([[x // divisor + 1 for x in row] for row in whole], dtype=object)


def strategy(point: list[Fraction]) -> np.ndarray:
    """Return a vertex divided by its sum, rounded at the end only."""
    total = sum(point)
    return np.array([float(x / total) for x in point])
