"""The compiled inner loops of Bellman backups over sparse pair rows.

Loop bounds and columns are unsigned, which spares Numba the handling of negative indices; arrays that are only read
come in read-only, so that each kernel is compiled for one set of types. Strict IEEE arithmetic throughout: the proofs
in `enclosure` count its roundings.
"""

from __future__ import annotations

import numpy as np
from numba import njit

UNIT_ROUNDOFF = 2.0**-53
SMALLEST_NORMAL = 2.0**-1022


@njit(cache=True)
def bellman(indptr, indices, data, r, pair_start, gamma, v, backed_up, policy):  # type: ignore[no-untyped-def]
    """Fill ``T v`` and the greedy policy; return the extremes of ``T v - v``, and the largest absolute value met."""
    low, high, size = np.inf, -np.inf, 0.0
    for s in range(pair_start.size - 1):
        best, best_action = -np.inf, 0
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
            expected = 0.0
            for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])):
                expected += data[k] * v[indices[k]]
            q = r[i] + gamma * expected
            if q > best:
                best, best_action = q, np.int64(i) - pair_start[s]
        backed_up[s] = best
        policy[s] = best_action
        low, high = min(low, best - v[s]), max(high, best - v[s])
        size = max(size, abs(best), abs(v[s]))
    return low, high, size


@njit(cache=True)
def policy_sweep(indptr, indices, data, r, gamma, v, backed_up):  # type: ignore[no-untyped-def]
    """Fill ``T_pi v`` from the compacted rows of a policy; return the extremes of ``T_pi v - v``."""
    low, high = np.inf, -np.inf
    for s in range(r.size):
        expected = 0.0
        for k in range(np.uint64(indptr[s]), np.uint64(indptr[s + 1])):
            expected += data[k] * v[indices[k]]
        backed_up[s] = r[s] + gamma * expected
        low, high = min(low, backed_up[s] - v[s]), max(high, backed_up[s] - v[s])
    return low, high


@njit(cache=True)
def bellman_with_error(  # type: ignore[no-untyped-def]
    indptr, indices, data, r, pair_start, gamma, v, backed_up, policy, error
):
    """Fill ``error`` with bounds on the rounding of each state's backup; return how far row sums may be from one."""
    eta = 0.0
    for s in range(pair_start.size - 1):
        best, best_action, worst = -np.inf, 0, 0.0
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
            first, last = np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])
            expected, absolute, total = 0.0, 0.0, 0.0
            for k in range(first, last):
                expected += data[k] * v[indices[k]]
                absolute += data[k] * abs(v[indices[k]])
                total += data[k]
            q = r[i] + gamma * expected
            if q > best:
                best, best_action = q, np.int64(i) - pair_start[s]
            entries = float(last - first)
            ku = (entries + 2.0) * UNIT_ROUNDOFF
            bound = (
                ku / (1.0 - ku) * (abs(r[i]) + gamma * absolute) * (1.0 + 8.0 * ku) + (entries + 2.0) * SMALLEST_NORMAL
            )
            worst = max(worst, bound)
            su = (entries - 1.0) * UNIT_ROUNDOFF
            eta = max(eta, (abs(total - 1.0) + su / (1.0 - su) * total) * (1.0 + 8.0 * ku))
        backed_up[s] = best
        policy[s] = best_action
        error[s] = worst
    return eta
