"""The compiled quadratic program on a simplex: a primal active set, exact up to rounding."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def equality_step(Q, rhs, on, total):  # type: ignore[no-untyped-def]
    """Return d on the coordinates ``on`` with Q d = rhs + constant and sum d = total."""
    k = on.size
    K, b = np.zeros((k + 1, k + 1)), np.empty(k + 1)
    for i in range(k):
        for j in range(k):
            K[i, j] = Q[on[i], on[j]]
        K[i, k] = K[k, i] = 1.0
        b[i] = rhs[on[i]]
    b[k] = total
    return np.linalg.solve(K, b)[:k]


@njit(cache=True)
def longest_step(s, d, on):  # type: ignore[no-untyped-def]
    """Return how far s can go along d before a coordinate is 0, and the position of that coordinate in ``on``."""
    longest, blocking = np.inf, -1
    for i in range(on.size):
        if d[i] < 0 and s[on[i]] < -d[i] * longest:
            longest, blocking = -s[on[i]] / d[i], i
    return longest, blocking


@njit(cache=True)
def maximise_quadratic(c, Q, tol):  # type: ignore[no-untyped-def]
    """Maximise c s - s Q s / 2 over the simplex, for a positive semidefinite Q; also return whether it ended by itself.

    The second-order matrix is nonsingular along the face of the coordinates ``free`` at all times (inertia control,
    Gill and others 1991): it is so at a vertex; a coordinate j is let in along the direction that keeps the others
    stationary; and if there is no curvature along it, one of the others leaves at the end of it.
    """
    m = c.size
    s, free = np.zeros(m), np.zeros(m, dtype=np.bool_)
    best = 0
    for a in range(m):
        if c[a] - Q[a, a] / 2 > c[best] - Q[best, best] / 2:
            best = a
    s[best], free[best] = 1.0, True
    for _ in range(50 * m + 100):
        on = np.flatnonzero(free)
        g = c - Q @ s
        d = equality_step(Q, g, on, 0.0)
        longest, blocking = longest_step(s, d, on)
        step = min(1.0, longest)
        for i in range(on.size):
            s[on[i]] = max(s[on[i]] + step * d[i], 0.0)
        if longest < 1.0:
            s[on[blocking]], free[on[blocking]] = 0.0, False
            continue
        g = c - Q @ s
        level = g @ s / s.sum()
        entering, gain = -1, tol
        for a in range(m):
            if not free[a] and g[a] - level > gain:
                entering, gain = a, g[a] - level
        if entering < 0:
            return s / s.sum(), True
        d = equality_step(Q, -Q[:, entering], on, -1.0)
        bend = Q[entering, entering]
        for i in range(on.size):
            bend += 2 * d[i] * Q[on[i], entering]
            for j in range(on.size):
                bend += d[i] * Q[on[i], on[j]] * d[j]
        longest, blocking = longest_step(s, d, on)
        step = min(longest, gain / bend) if bend > 0 else longest
        for i in range(on.size):
            s[on[i]] = max(s[on[i]] + step * d[i], 0.0)
        s[entering] += step
        free[entering] = True
        if step == longest:
            s[on[blocking]], free[on[blocking]] = 0.0, False
    return s / s.sum(), False
