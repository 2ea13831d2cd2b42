"""The certificate of a profile of two players, compiled: what `deviations.gains` says, in a microsecond.

A solver that finds an equilibrium in five microseconds would else spend its time on proving it. The profile alone is
looked at, whatever the solver did.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.games.nash._arguments import CERTIFIED
from rltheory.games.nash._tableau import range_of
from rltheory.planning._kernels import SMALLEST_NORMAL, UNIT_ROUNDOFF


@njit(cache=True, nogil=True, error_model="numpy")
def both_players(A, B, p, q, gains, value):  # type: ignore[no-untyped-def]
    """Fill the gains and expected payoffs of both players; return whether all gains are next to nothing."""
    gains[0], value[0], first = _one_player(A, p, q)
    gains[1], value[1], second = _one_player(B.T, q, p)
    return first and second


@njit(cache=True, nogil=True, error_model="numpy")
def _one_player(u, own, other):  # type: ignore[no-untyped-def]
    """Return a player's gain, rounding included, her expected payoff, and whether the gain is next to nothing."""
    m, n = u.shape
    low, high = range_of(u)
    values, total, weight = np.zeros(m), 0.0, 0.0
    for b in range(n):
        total += other[b]
        if other[b] != 0.0:
            for a in range(m):
                values[a] += u[a, b] * other[b]
    best = -np.inf
    for a in range(m):
        weight += own[a]
        values[a] /= total
        best = max(best, values[a])
    gain, mean = 0.0, 0.0
    for a in range(m):
        gain += own[a] * (best - values[a])
        mean += own[a] * values[a]
    gain, mean = gain / weight, mean / weight
    operations, size = 4.0 * (m + n + 2.0) + 8.0, max(high, -low)
    ku = operations * UNIT_ROUNDOFF
    rounding = ku / (1.0 - ku) * 2.0 * size
    gain += rounding * (1.0 + 48.0 * UNIT_ROUNDOFF) + SMALLEST_NORMAL
    return gain, mean, gain <= CERTIFIED * (high - low) + 2.0**-50 * (operations + 8.0) * size + 1e-300
