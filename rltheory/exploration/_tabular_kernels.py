"""Kernels that tabular learners share: draw a state, back up one row, evaluate a policy exactly."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def draw(cumulative, uniform):  # type: ignore[no-untyped-def]
    """Return the first state whose cumulated probability exceeds a uniform number."""
    for s in range(cumulative.size - 1):
        if uniform < cumulative[s]:
            return s
    return cumulative.size - 1


@njit(cache=True)
def mean(row, value):  # type: ignore[no-untyped-def]
    """Return the mean of a value under a distribution."""
    total = 0.0
    for s in range(row.size):
        total += row[s] * value[s]
    return total


@njit(cache=True)
def variance(row, value, average):  # type: ignore[no-untyped-def]
    """Return the variance of a value under a distribution, given its mean there."""
    total = 0.0
    for s in range(row.size):
        total += row[s] * (value[s] - average) ** 2
    return total


@njit(cache=True)
def greedy(q, value, policy):  # type: ignore[no-untyped-def]
    """Write the largest number of each row and the first action that has it."""
    for s in range(q.shape[0]):
        best = 0
        for a in range(1, q.shape[1]):
            if q[s, a] > q[s, best]:
                best = a
        policy[s], value[s] = best, q[s, best]


@njit(cache=True)
def policy_value(P, r, mu, policy):  # type: ignore[no-untyped-def]
    """Return the exact value of a policy from the start distribution."""
    H, n_states, _ = r.shape
    value, after = np.zeros(n_states), np.zeros(n_states)
    for t in range(H - 1, -1, -1):
        value, after = after, value
        kernel = P[min(t, P.shape[0] - 1)]
        for s in range(n_states):
            a = policy[t, s]
            value[s] = r[t, s, a] + mean(kernel[s, a], after)
    return mean(mu, value)


@njit(cache=True)
def largest_shortfall(best, q):  # type: ignore[no-untyped-def]
    """Return by how much an estimate is below the truth where it is most so; 0 if it is nowhere."""
    worst = 0.0
    for t in range(q.shape[0]):
        for s in range(q.shape[1]):
            for a in range(q.shape[2]):
                worst = max(worst, best[t, s, a] - q[t, s, a])
    return worst


@njit(cache=True)
def count_move(visits, moves, kernel, s, a, following):  # type: ignore[no-untyped-def]
    """Count a transition, and renew the row of relative frequencies."""
    visits[s, a] += 1
    moves[s, a, following] += 1
    for y in range(kernel.shape[2]):
        kernel[s, a, y] = moves[s, a, y] / visits[s, a]
