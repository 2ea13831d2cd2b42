"""The compiled loops of learning: two players against each other, and the law that a stochastic matrix leaves as it is.

Payoffs come as ``A[b, a]``: what own action a earns against b. So gains, and the law of joint actions, are sums of
contiguous rows, in an order that no library and no number of threads changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

HEDGE, OPTIMISTIC_HEDGE, REGRET_MATCHING, REGRET_MATCHING_PLUS = 0, 1, 2, 3


@njit(cache=True, nogil=True)
def play_block(A, B, kernels, steps, totals_1, last_1, totals_2, last_2, P, Q):  # type: ignore[no-untyped-def]
    """Play as many rounds as P and Q have rows, write the strategies there, and advance the states in place."""
    for t in range(P.shape[0]):
        p, q = P[t], Q[t]
        _strategy(kernels[0], steps[0], totals_1, last_1, p)
        _strategy(kernels[1], steps[1], totals_2, last_2, q)
        _gains(A, q, last_1)
        _gains(B, p, last_2)
        _update(kernels[0], totals_1, p, last_1)
        _update(kernels[1], totals_2, q, last_2)


@njit(cache=True, nogil=True)
def _strategy(kernel, step, totals, last, p):  # type: ignore[no-untyped-def]
    n = p.size
    if kernel <= OPTIMISTIC_HEDGE:
        predicted = 1.0 if kernel == OPTIMISTIC_HEDGE else 0.0
        largest = -np.inf
        for a in range(n):
            p[a] = step * (totals[a] + predicted * last[a])
            largest = max(largest, p[a])
        for a in range(n):
            p[a] = np.exp(p[a] - largest)
    else:
        for a in range(n):
            p[a] = max(totals[a], 0.0)
    whole = 0.0
    for a in range(n):
        whole += p[a]
    for a in range(n):
        p[a] = p[a] / whole if whole > 0.0 else 1.0 / n


@njit(cache=True, nogil=True)
def _gains(A, q, g):  # type: ignore[no-untyped-def]
    g[:] = 0.0
    add_rows(A, q, g)


@njit(cache=True, nogil=True)
def add_products(P, Q, joint):  # type: ignore[no-untyped-def]
    """Add to ``joint`` the outer product of row t of P and row t of Q, for all t."""
    weights = np.ascontiguousarray(P.T)
    for a in range(joint.shape[0]):
        add_rows(Q, weights[a], joint[a])


@njit(cache=True, nogil=True)
def add_rows(A, weights, total):  # type: ignore[no-untyped-def]
    """Add the weighted rows of A to ``total``, four at a time, so that this is read and written less often."""
    n, fours = weights.size, weights.size - weights.size % 4
    for b in range(0, fours, 4):
        w, x, y, z = weights[b], weights[b + 1], weights[b + 2], weights[b + 3]
        first, second, third, fourth = A[b], A[b + 1], A[b + 2], A[b + 3]
        for a in range(total.size):
            total[a] += (w * first[a] + x * second[a]) + (y * third[a] + z * fourth[a])
    for b in range(fours, n):
        w, first = weights[b], A[b]
        for a in range(total.size):
            total[a] += w * first[a]


@njit(cache=True, nogil=True)
def _update(kernel, totals, p, g):  # type: ignore[no-untyped-def]
    earned = 0.0
    if kernel >= REGRET_MATCHING:
        for a in range(p.size):
            earned += p[a] * g[a]
    for a in range(p.size):
        totals[a] += g[a] - earned
        if kernel == REGRET_MATCHING_PLUS:
            totals[a] = max(totals[a], 0.0)


@njit(cache=True, nogil=True)
def stationary(Q):  # type: ignore[no-untyped-def]
    """Return p = p Q; Q is overwritten. Grassmann, Taksar and Heyman (1985)."""
    n = Q.shape[0]
    for k in range(n - 1, 0, -1):
        leaving = 0.0
        for b in range(k):
            leaving += Q[k, b]
        for a in range(k):
            Q[a, k] /= leaving
            for b in range(k):
                Q[a, b] += Q[a, k] * Q[k, b]
    p = np.zeros(n)
    p[0] = 1.0
    for k in range(1, n):
        for a in range(k):
            p[k] += p[a] * Q[a, k]
        p[: k + 1] /= 1.0 + p[k]  # the first k sum to one
    return p
