"""The compiled inner loops of learners in linear mixtures: features of values, planning, exact evaluation, updates.

Shapes: ``phi`` is (S, A, S, d), and ``by_next`` is the same as (S, S * A * d) with the next state first, so that the
features of a value at all pairs are a sum of long rows; both are C-contiguous. What may change with the step, ``r``
(., S, A), ``theta`` (., d), ``inverse`` (., d, d), ``beta`` (.,) and the kernel ``P`` (., S, A, S), has a leading axis
of length 1 or H, and step t reads entry ``t % length``. Values are (H + 1, S) with 0 in their last row, which is left
as it is.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def value_features(phi, value, x):  # type: ignore[no-untyped-def]
    """Fill x with the features of a value at one pair, ``x = value @ phi`` for ``phi`` of shape (S, d)."""
    x[:] = 0.0
    for successor in range(value.size):
        v = value[successor]
        for i in range(x.size):
            x[i] += phi[successor, i] * v


@njit(cache=True)
def squared_norm(inverse, x):  # type: ignore[no-untyped-def]
    """Return ``x' inverse x``, at least 0 whatever rounding does."""
    total = 0.0
    for i in range(x.size):
        row = 0.0
        for j in range(x.size):
            row += inverse[i, j] * x[j]
        total += x[i] * row
    return max(total, 0.0)


@njit(cache=True)
def dot(x, y):  # type: ignore[no-untyped-def]
    """Return the inner product of two vectors."""
    total = 0.0
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@njit(cache=True)
def all_value_features(by_next, value, x):  # type: ignore[no-untyped-def]
    """Fill x, of length S * A * d, with the features of a value at all pairs."""
    x[:] = 0.0
    for successor in range(value.size):
        v, row = value[successor], by_next[successor]
        if v != 0.0:
            for i in range(x.size):
                x[i] += v * row[i]


@njit(cache=True)
def optimistic_plan(by_next, r, theta, inverse, beta, vmax, value, policy, features):  # type: ignore[no-untyped-def]
    """Fill value and policy: ``Q = clip(r + <phi_V, theta> + beta |phi_V|_inverse, 0, vmax)``, backwards in time.

    ``features``, (H, S, A, d), is filled with the features of the value after each step.
    """
    _, n_states, n_actions, _ = features.shape
    for t in range(policy.shape[0] - 1, -1, -1):
        mean, spread, width = theta[t % theta.shape[0]], inverse[t % inverse.shape[0]], beta[t % beta.size]
        reward = r[t % r.shape[0]]
        all_value_features(by_next, value[t + 1], features[t].reshape(-1))
        for s in range(n_states):
            best = -1.0
            for a in range(n_actions):
                x = features[t, s, a]
                q = reward[s, a] + dot(x, mean)
                if width > 0.0:
                    q += width * np.sqrt(squared_norm(spread, x))
                q = min(max(q, 0.0), vmax)
                if q > best:
                    best = q
                    policy[t, s] = a
            value[t, s] = best


@njit(cache=True)
def evaluate(P, r, policy, value):  # type: ignore[no-untyped-def]
    """Fill value with that of a deterministic policy in the true model, exactly, backwards in time."""
    n_states = P.shape[1]
    for t in range(policy.shape[0] - 1, -1, -1):
        kernel, reward = P[t % P.shape[0]], r[t % r.shape[0]]
        for s in range(n_states):
            a = policy[t, s]
            value[t, s] = reward[s, a] + dot(kernel[s, a], value[t + 1])


@njit(cache=True)
def add_observation(inverse, moment, x, y, weight, work):  # type: ignore[no-untyped-def]
    """Add an observation of features x, target y and a weight: Sherman and Morrison for the inverse, b += weight y x.

    Returns what it adds to the logarithm of the determinant. ``work`` has the shape of x.
    """
    d = x.size
    for i in range(d):
        work[i] = dot(inverse[i], x)
    q = max(dot(x, work), 0.0) * weight
    scale = weight / (1.0 + q)
    for i in range(d):
        moment[i] += weight * y * x[i]
        for j in range(d):
            inverse[i, j] -= scale * work[i] * work[j]
    return np.log1p(q)


@njit(cache=True)
def add_outer(gram, x, weight):  # type: ignore[no-untyped-def]
    """Add ``weight x x'`` to a matrix."""
    for i in range(x.size):
        for j in range(x.size):
            gram[i, j] += weight * x[i] * x[j]


@njit(cache=True)
def times(matrix, x, out):  # type: ignore[no-untyped-def]
    """Fill ``out = matrix @ x``."""
    for i in range(x.size):
        out[i] = dot(matrix[i], x)
