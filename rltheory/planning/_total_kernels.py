"""The compiled inner loops of total-reward problems (`total_reward`), where a row is read as weights.

Row i of state s has weights p_k to states t_k; it stands for the distribution proportional to them, so that no row has
to sum to one. Values enter by their differences ``v[t_k] - v[s]``, in which staying in s counts for nothing. Strict
IEEE arithmetic throughout: the proofs in `total_reward` count its roundings.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.planning._kernels import SMALLEST_NORMAL, UNIT_ROUNDOFF


@njit(cache=True)
def gains(indptr, indices, data, reward, pair_start, v, gain, error, away):  # type: ignore[no-untyped-def]
    """Fill each row's gain ``w r + sum_k p_k (v[t_k] - v[s])``, w the weight of the row, and a bound on its error.

    ``away`` is filled with the weight of leaving the state.
    """
    for s in range(pair_start.size - 1):
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
            weight, leaving, change, size = 0.0, 0.0, 0.0, 0.0
            first, last = np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])
            for k in range(first, last):
                weight += data[k]
                if indices[k] != s:
                    leaving += data[k]
                    difference = data[k] * (v[indices[k]] - v[s])
                    change += difference
                    size += abs(difference)
            # A term goes through at most as many roundings as there are entries, and three more.
            ku = (float(last - first) + 4.0) * UNIT_ROUNDOFF
            size += weight * abs(reward[i])
            gain[i] = weight * reward[i] + change
            error[i] = ku / (1.0 - ku) * size * (1.0 + 8.0 * ku) + (float(last - first) + 4.0) * SMALLEST_NORMAL
            away[i] = leaving


@njit(cache=True)
def improving_sweeps(  # type: ignore[no-untyped-def]
    indptr, indices, data, reward, pair_start, bonus, v, policy, sweeps, tolerance
):
    """Improve v in place by Gauss-Seidel value iteration, states in order, every move earning ``bonus`` more.

    Return whether a sweep changed v by no more than a part ``tolerance`` of its size.
    """
    for _ in range(sweeps):
        change, size = 0.0, 0.0
        for s in range(pair_start.size - 1):
            best, best_row = -np.inf, policy[s]
            for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
                weight, leaving, total = 0.0, 0.0, 0.0
                for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])):
                    weight += data[k]
                    if indices[k] != s:
                        leaving += data[k]
                        total += data[k] * v[indices[k]]
                if leaving > 0.0:
                    q = (weight * reward[i] + total) / leaving + bonus
                    if q > best:
                        best, best_row = q, np.int64(i)
            change, size = max(change, abs(best - v[s])), max(size, abs(best))
            v[s], policy[s] = best, best_row
        if change <= tolerance * size:
            return True
    return False


@njit(cache=True)
def interval_sweeps(indptr, indices, data, pair_start, lower, upper, policy, widths):  # type: ignore[no-untyped-def]
    """Raise ``lower`` and reduce ``upper`` by Gauss-Seidel sweeps without rewards, rounded outwards, monotonically.

    ``policy`` has the row by which each lower bound was last raised. The width after each sweep goes into ``widths``.
    """
    for sweep in range(widths.size):
        width = 0.0
        for s in range(pair_start.size - 1):
            most = -np.inf
            for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
                leaving, low, high = 0.0, 0.0, 0.0
                first, last = np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])
                for k in range(first, last):
                    if indices[k] != s:
                        leaving += data[k]
                        low += data[k] * lower[indices[k]]
                        high += data[k] * upper[indices[k]]
                if leaving > 0.0:
                    # All terms have the same sign, so that errors are relative; what underflows is added.
                    relative = (2.0 * float(last - first) + 8.0) * UNIT_ROUNDOFF
                    lost = (float(last - first) + 2.0) * SMALLEST_NORMAL / leaving
                    low, high = low / leaving, high / leaving
                    low -= relative * abs(low) + lost
                    high += relative * abs(high) + lost
                    most = max(most, high)
                    if low > lower[s]:
                        lower[s], policy[s] = low, np.int64(i)
            upper[s] = min(upper[s], most)
            width = max(width, upper[s] - lower[s])
        widths[sweep] = width
