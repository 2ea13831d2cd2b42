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
def fine_gains(  # type: ignore[no-untyped-def]
    indptr, indices, data, reward, pair_start, v, tail, gain, error, away
):
    """Fill the same as `gains` for values ``v + tail`` of twice the digits.

    Differences, products and sums of first order are split into a float and what it lacks, exactly (Dekker 1971; Knuth
    1998, section 4.2.2); ``rest`` adds up what is of second order, and its rounding is the only error but for the last
    addition.
    """
    for s in range(pair_start.size - 1):
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
            total, rest, leaving, size = 0.0, 0.0, 0.0, 0.0
            first, last = np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])
            for k in range(first, last):
                p = data[k]
                if reward[i] != 0.0:
                    product, lacks = _product(p, reward[i])
                    total, lost = _sum(total, product)
                    rest += lacks + lost
                    size += abs(lacks) + abs(lost)
                if indices[k] != s:
                    leaving += p
                    difference, short = _sum(v[indices[k]], -v[s])
                    low = short + (tail[indices[k]] - tail[s])
                    product, lacks = _product(p, difference)
                    total, lost = _sum(total, product)
                    rest += lacks + lost + p * low
                    size += abs(lacks) + abs(lost) + p * (abs(short) + abs(tail[indices[k]]) + abs(tail[s]))
            # A term of second order goes through at most four roundings an entry, and six more.
            ku = (4.0 * float(last - first) + 8.0) * UNIT_ROUNDOFF
            gain[i] = total + rest
            smallest = (8.0 * float(last - first) + 8.0) * SMALLEST_NORMAL
            error[i] = ku / (1.0 - ku) * size * (1.0 + 8.0 * ku) + 2.0 * UNIT_ROUNDOFF * abs(gain[i]) + smallest
            away[i] = leaving


@njit(cache=True)
def _sum(a, b):  # type: ignore[no-untyped-def]
    """Return ``a + b``, rounded, and what it lacks."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@njit(cache=True)
def _product(a, b):  # type: ignore[no-untyped-def]
    """Return ``a b``, rounded, and what it lacks, unless a part of it underflows."""
    product = a * b
    a_high, b_high = _upper_half(a), _upper_half(b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True)
def _upper_half(x):  # type: ignore[no-untyped-def]
    scaled = 134217729.0 * x
    return scaled - (scaled - x)


@njit(cache=True)
def improving_sweeps(indptr, indices, data, b, pair_start, v, policy, sweeps, tolerance):  # type: ignore[no-untyped-def]
    """Improve v in place by Gauss-Seidel value iteration, ``v[s] <- max_i b_i + sum_k p_k v[t_k]``, states in order.

    Rows are probabilities, without self-loops. ``policy`` has the row that attains the maximum. Return by how much the
    last sweep changed v, relative to its size, and 0 if that is within tolerance, in which case it is the last.
    """
    change, size = 0.0, 0.0
    for _ in range(sweeps):
        change, size = 0.0, 0.0
        for s in range(np.uint64(pair_start.size - 1)):
            best, best_row = -np.inf, policy[s]
            for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + np.uint64(1)])):
                total = b[i]
                for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])):
                    total += data[k] * v[indices[k]]
                if total > best:
                    best, best_row = total, np.int64(i)
            change, size = max(change, abs(best - v[s])), max(size, abs(best), abs(v[s]))
            v[s], policy[s] = best, best_row
        if change <= tolerance * size:
            return 0.0
    return change / size


@njit(cache=True)
def chain_sweeps(indptr, indices, data, b, x, sweeps, tolerance):  # type: ignore[no-untyped-def]
    """Solve ``x = b + P x`` in place by Gauss-Seidel sweeps; what is returned is as for `improving_sweeps`."""
    change, size = 0.0, 0.0
    for _ in range(sweeps):
        change, size = 0.0, 0.0
        for s in range(np.uint64(b.size)):
            total = b[s]
            for k in range(np.uint64(indptr[s]), np.uint64(indptr[s + np.uint64(1)])):
                total += data[k] * x[indices[k]]
            change, size = max(change, abs(total - x[s])), max(size, abs(total), abs(x[s]))
            x[s] = total
        if change <= tolerance * size:
            return 0.0
    return change / size


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
