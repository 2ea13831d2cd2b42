r"""Many nominal rows against one vector of values: sort the states once, then solve row by row in compiled loops.

With the states renumbered in order of their values, a sparse row with increasing columns has increasing gaps, which is
what every algorithm asks for. A row's rounding in its sum (see `MDP`) is divided out. Rows are independent of each
other, so that the answers do not depend on the number of threads, bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from rltheory.planning.threads import cut, on_each
from rltheory.robust import knapsack
from rltheory.robust.divergences import KL, L1, TV, ChiSquare, CressieRead, Divergence, LInf
from rltheory.robust.one_row import CHI_SQUARE, SUP_NORM, TILTED, TOTAL_VARIATION, solve_row

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True)
class Problem:
    """A divergence as the compiled loops see it.

    Parameters
    ----------
    family : int
        Which algorithm.
    k : float
        Power of the tilted family.
    is_penalty : bool
        Whether the parameter is a weight.
    unit : float
        What the weight is multiplied by, and the radius divided by.
    """

    family: int
    k: float
    is_penalty: bool
    unit: float

    def scaled(self, parameter: float | np.ndarray) -> float | np.ndarray:
        """Return a weight or a radius in the units of the algorithm."""
        return parameter * self.unit if self.is_penalty else parameter / self.unit


def problem_of(divergence: Divergence) -> Problem:
    """Return the algorithm of a divergence; L1 is total variation twice."""
    match divergence:
        case TV():
            return Problem(TOTAL_VARIATION, 0.0, divergence.is_penalty, 1.0)
        case L1():
            return Problem(TOTAL_VARIATION, 0.0, divergence.is_penalty, 2.0)
        case ChiSquare():
            return Problem(CHI_SQUARE, 0.0, divergence.is_penalty, 1.0)
        case KL():
            return Problem(TILTED, 1.0, divergence.is_penalty, 1.0)
        case CressieRead():
            return Problem(TILTED, divergence.k, divergence.is_penalty, 1.0)
        case LInf():
            return Problem(SUP_NORM, 0.0, divergence.is_penalty, 1.0)
    raise TypeError(f"{divergence!r} is not a divergence of rltheory.robust")


def in_order_of_values(P: csr_array, v: np.ndarray) -> tuple[csr_array, np.ndarray]:
    """Return the rows with states renumbered in order of their values, without zeros, and the order."""
    from scipy.sparse import csr_array

    order = np.argsort(v, kind="stable")
    rank = np.empty(v.size, dtype=P.indices.dtype)
    rank[order] = np.arange(v.size)
    sorted_rows = csr_array((P.data.copy(), rank[P.indices], P.indptr.copy()), shape=P.shape)
    sorted_rows.sort_indices()
    sorted_rows.eliminate_zeros()
    return sorted_rows, order


def ends_of_rows(problem: Problem, P: csr_array, v: np.ndarray, parameter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a dual and a primal bound on the worst case of each row, equal where only sorting is needed."""
    rows, order = in_order_of_values(P, v)
    return _solve(problem, rows, v[order], parameter, np.empty(0), np.empty(0))


def values_of_rows(problem: Problem, P: csr_array, v: np.ndarray, parameter: np.ndarray) -> np.ndarray:
    """Return the worst case of each row, for the parameter of each row."""
    lower, upper = ends_of_rows(problem, P, v, parameter)
    return 0.5 * (lower + upper)


def kernels_of_rows(problem: Problem, P: csr_array, v: np.ndarray, parameter: np.ndarray) -> csr_array:
    """Return the worst kernel of each row; for the sup-norm all entries are stored."""
    rows, order = in_order_of_values(P, v)
    size = rows.shape[0] * rows.shape[1] if problem.family == SUP_NORM else rows.nnz
    entries, moved = np.empty(size), np.zeros(rows.shape[0])
    _solve(problem, rows, v[order], parameter, entries, moved)
    return kernels_in_order(problem, rows, order, entries, moved)


def kernels_in_order(
    problem: Problem, rows: csr_array, order: np.ndarray, entries: np.ndarray, moved: np.ndarray
) -> csr_array:
    """Return kernels with the states as they were numbered, from entries in order of values and the mass moved."""
    from scipy.sparse import csr_array

    if problem.family == SUP_NORM:
        dense = np.empty(rows.shape)
        dense[:, order] = entries.reshape(rows.shape)
        return csr_array(dense)
    kernels = csr_array((entries, order[rows.indices], rows.indptr), shape=rows.shape)
    if problem.family == TOTAL_VARIATION:
        to_least = (moved, (np.arange(moved.size), np.full(moved.size, order[0])))
        kernels = csr_array(kernels + csr_array(to_least, shape=rows.shape))
    kernels.sort_indices()
    kernels.eliminate_zeros()
    return kernels


def _solve(
    problem: Problem, rows: csr_array, v: np.ndarray, parameter: np.ndarray, entries: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of rows in order of values; fill the worst kernels, if there is room for them."""
    lower, upper = np.empty(rows.shape[0]), np.empty(rows.shape[0])
    arrays = (rows.indptr, rows.indices, rows.data, v, problem.scaled(parameter))
    loop = partial(_each_row, problem.family, problem.k, problem.is_penalty, *arrays, lower, upper, entries, moved)
    on_each(cut(rows.indptr), loop)
    return lower, upper


@njit(cache=True, nogil=True)
def _each_row(  # type: ignore[no-untyped-def]
    family, k, is_penalty, indptr, columns, data, v, parameter, lower, upper, entries, moved, first, last
):
    """Fill the ends of some rows, the entries of their kernels, the mass moved; states are in order of value."""
    dense, above_least = np.zeros(v.size if family == SUP_NORM else 0), v - v[0]
    longest = 0
    for i in range(first, last):
        longest = max(longest, indptr[i + 1] - indptr[i])
    weight, gap, density = np.empty(longest), np.empty(longest), np.empty(max(longest, dense.size))
    for i in range(first, last):
        begin, end = indptr[i], indptr[i + 1]
        size = end - begin
        total = 0.0
        for j in range(begin, end):
            total += data[j]
        if family == SUP_NORM:
            for j in range(begin, end):
                dense[columns[j]] = data[j] / total
            value, _ = knapsack.constrained(dense, above_least, parameter[i], density)
            lower[i] = upper[i] = v[0] + value
            for j in range(begin, end):
                dense[columns[j]] = 0.0
            if entries.size:
                entries[i * v.size : (i + 1) * v.size] = density[: v.size]
            continue
        least = v[0] if family == TOTAL_VARIATION else v[columns[begin]]
        for j in range(size):
            weight[j] = data[begin + j] / total
            gap[j] = v[columns[begin + j]] - least
        low, high, _ = solve_row(family, k, is_penalty, weight[:size], gap[:size], parameter[i], density[:size])
        lower[i], upper[i] = least + low, least + high
        for j in range(size if entries.size else 0):
            entries[begin + j] = weight[j] * density[j]
            moved[i] += weight[j] * (1.0 - density[j])
