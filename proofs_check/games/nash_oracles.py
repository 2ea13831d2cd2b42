"""Equilibria in rational arithmetic, by the definition and brute force: for games with a handful of actions.

The float data *are* the payoffs, taken as exact fractions.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import linprog

from proofs_check.rational import rational_solve

Strategy = tuple[Fraction, ...]


def rational_matrix(payoffs: Any) -> list[list[Fraction]]:
    """Return payoffs as exact fractions.

    Parameters
    ----------
    payoffs : array_like, shape (m, n)

    Returns
    -------
    list of m lists of n Fraction
    """
    return [[Fraction(float(x)) for x in row] for row in payoffs]


def extreme_strategies(M: list[list[Fraction]]) -> list[Strategy]:
    r"""Return the vertices of :math:`\{x \ge 0 : M x \le 1\}` divided by their sums, by trying all bases.

    Parameters
    ----------
    M : list of r lists of c Fraction
        Positive.

    Returns
    -------
    list of tuple of c Fraction
    """
    r, c = len(M), len(M[0])
    unit = [[Fraction(int(a == b)) for b in range(c)] for a in range(c)]
    inequalities = [(row, Fraction(1)) for row in M] + [([-x for x in row], Fraction(0)) for row in unit]
    found = set()
    for tight in combinations(range(r + c), c):
        try:
            x = rational_solve([inequalities[a][0] for a in tight], [inequalities[a][1] for a in tight])
        except ZeroDivisionError:
            continue
        if any(x) and all(_dot(row, x) <= bound for row, bound in inequalities):
            found.add(tuple(entry / sum(x) for entry in x))
    return sorted(found)


def extreme_equilibria(A: Any, B: Any) -> list[tuple[Strategy, Strategy]]:
    """Return all extreme equilibria of a game, exactly: if it is nondegenerate, all.

    Parameters
    ----------
    A, B : array_like, shape (m, n)

    Returns
    -------
    list of pair of tuple of Fraction
    """
    A, B = rational_matrix(A), rational_matrix(B)
    rows = extreme_strategies(_positive([list(column) for column in zip(*B, strict=True)]))
    columns = extreme_strategies(_positive(A))
    return [(p, q) for p in rows for q in columns if rational_gain(A, p, q) == 0 == rational_gain(_transposed(B), q, p)]


def rational_gain(A: list[list[Fraction]], p: Strategy, q: Strategy) -> Fraction:
    """Return what a player gains by deviating, exactly: her actions are the rows of A, and p is her strategy.

    Parameters
    ----------
    A : list of m lists of n Fraction
    p, q : tuple of Fraction, of lengths m and n

    Returns
    -------
    Fraction
    """
    values = [_dot(row, q) for row in A]
    return max(values) - _dot(values, p)


def linear_program_values(A: np.ndarray) -> tuple[float, float]:
    """Return max min and min max of a zero-sum game over mixed strategies, by two programs of HiGHS.

    Parameters
    ----------
    A : ndarray, shape (m, n)

    Returns
    -------
    tuple of 2 float
    """
    return -_least_largest(-A.T), _least_largest(A)


def _least_largest(A: np.ndarray) -> float:
    """Return the least v with A q <= v for some strategy q."""
    m, n = A.shape
    program = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.column_stack([A, -np.ones(m)]),
        b_ub=np.zeros(m),
        A_eq=[np.append(np.ones(n), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * n + [(None, None)],
        method="highs",
    )
    return float(program.fun)


def _positive(M: list[list[Fraction]]) -> list[list[Fraction]]:
    least = min(min(row) for row in M)
    return [[x - least + 1 for x in row] for row in M]


def _transposed(M: list[list[Fraction]]) -> list[list[Fraction]]:
    return [list(column) for column in zip(*M, strict=True)]


def _dot(x: Any, y: Any) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))
