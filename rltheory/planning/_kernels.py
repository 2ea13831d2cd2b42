"""The compiled inner loops of Bellman backups over sparse pair rows.

Loop bounds and columns are unsigned, which spares Numba the handling of negative indices; arrays that are only read
come in read-only, so that each kernel is compiled for one set of types. The sum over a short row is written out where
it is needed: as a function that Numba inlines it took four times as long. The best action is selected, not branched to:
half of the time the processor would guess wrong, and wait. A loop runs over the states ``first`` to
``last - 1`` and lets go of Python's lock, so that several may run at once (`threads`). Strict IEEE arithmetic,
but for the order of long sums: the proofs in `enclosure` count its roundings.
"""

from __future__ import annotations

import numpy as np
from numba import njit

UNIT_ROUNDOFF = 2.0**-53
SMALLEST_NORMAL = 2.0**-1022

_ONE, LONG_ROW = np.uint64(1), np.uint64(16)


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def mean_of_long_row(columns, data, first, last, v):  # type: ignore[no-untyped-def]
    """Return the expectation of v under a row of increasing columns.

    Where none is left out, as in a dense row, columns need not be read, and the sum is taken in the order that is best
    for the processor: this one freedom is allowed, and the bounds on rounding hold for any order.
    """
    total, begin = 0.0, np.uint64(columns[first])
    if np.uint64(columns[last - _ONE]) - begin + _ONE != last - first:
        for k in range(first, last):
            total += data[k] * v[columns[k]]
        return total
    weights, values = data[first:last], v[begin : begin + (last - first)]
    for j in range(weights.size):
        total += weights[j] * values[j]
    return total


@njit(cache=True, nogil=True)
def bellman(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, gamma, v, backed_up, policy, first, last
):
    """Fill ``T v`` and the greedy policy; return the extremes of ``T v - v``, and the largest absolute value met."""
    low, high, size = np.inf, -np.inf, 0.0
    for s in range(np.uint64(first), np.uint64(last)):
        best, best_row = -np.inf, pair_start[s]
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])):
            begin, end, mean = np.uint64(indptr[i]), np.uint64(indptr[i + _ONE]), 0.0
            if end - begin >= LONG_ROW:
                mean = mean_of_long_row(columns, data, begin, end, v)
            else:
                for k in range(begin, end):
                    mean += data[k] * v[columns[k]]
            q = r[i] + gamma * mean
            best_row = np.int64(i) if q > best else best_row
            best = max(best, q)
        backed_up[s] = best
        policy[s] = best_row - pair_start[s]
        low, high = min(low, best - v[s]), max(high, best - v[s])
        size = max(size, abs(best), abs(v[s]))
    return low, high, size


@njit(cache=True, nogil=True)
def bellman_with_error(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, gamma, v, backed_up, policy, error, first, last
):
    """Fill ``error`` with bounds on the rounding of each state's backup; return how far row sums may be from one."""
    eta = 0.0
    for s in range(np.uint64(first), np.uint64(last)):
        best, best_row, worst = -np.inf, pair_start[s], 0.0
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])):
            begin, end = np.uint64(indptr[i]), np.uint64(indptr[i + _ONE])
            mean, absolute, total = 0.0, 0.0, 0.0
            for k in range(begin, end):
                mean += data[k] * v[columns[k]]
                absolute += data[k] * abs(v[columns[k]])
                total += data[k]
            q = r[i] + gamma * mean
            best_row = np.int64(i) if q > best else best_row
            best = max(best, q)
            entries = float(end - begin)
            ku = (entries + 2.0) * UNIT_ROUNDOFF
            bound = (
                ku / (1.0 - ku) * (abs(r[i]) + gamma * absolute) * (1.0 + 8.0 * ku) + (entries + 2.0) * SMALLEST_NORMAL
            )
            worst = max(worst, bound)
            su = (entries - 1.0) * UNIT_ROUNDOFF
            eta = max(eta, (abs(total - 1.0) + su / (1.0 - su) * total) * (1.0 + 8.0 * ku))
        backed_up[s] = best
        policy[s] = best_row - pair_start[s]
        error[s] = worst
    return eta
