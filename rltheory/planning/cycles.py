r"""The sign of the average reward of a closed class of states: decided by exact arithmetic, or by a proof in floats.

A class that is never left earns :math:`g = \sum_s \pi(s) r(s)` a step, :math:`\pi` being its stationary distribution.
Whether g is negative decides if a total reward is defined, so that a float next to zero is not enough. Small classes
are solved in fractions by the elimination of Grassmann, Taksar and Heyman (1985); in larger ones any vector h gives

.. math:: \min_s d(s) \;\le\; g \;\le\; \max_s d(s), \qquad d = r + P h - h,

since :math:`\pi (P h - h) = 0`, and h is taken to make d nearly constant.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy.sparse import csr_array

from rltheory.planning import _total_kernels
from rltheory.planning.backup import unsigned_rows
from rltheory.planning.linear_systems import solve_policy_system

_EXACT_STATES = 40


def average_reward_sign(weights: csr_array, reward: np.ndarray) -> tuple[int | None, float]:
    """Decide the sign of the average reward of an irreducible chain.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
        Rows stand for the distributions proportional to them.
    reward : ndarray, shape (n,)
        Reward of each state.

    Returns
    -------
    sign : int or None
        -1, 0 or 1, proven; None where float64 cannot tell.
    average : float
        The average reward itself, rounded.
    """
    if (np.diff(weights.indptr) == 1).all():
        total = math.fsum(reward)
        return int(np.sign(total)), total / reward.size
    if reward.size <= _EXACT_STATES:
        average = _exact_average(weights.toarray(), reward)
        return (average > 0) - (average < 0), float(average)
    return _enclosed_average(weights, reward)


def _exact_average(weights: np.ndarray, reward: np.ndarray) -> Fraction:
    """Return the average reward in fractions: states are eliminated one by one, without a subtraction."""
    n = reward.size
    rate = [[Fraction(p) for p in row] for row in weights]
    total = [sum(row) for row in rate]
    for k in range(n - 1, 0, -1):
        leaving = sum(rate[k][:k])
        for i in range(k):
            rate[i][k] /= leaving
            for j in range(k):
                rate[i][j] += rate[i][k] * rate[k][j]
    visits = [Fraction(1)]
    for k in range(1, n):
        visits.append(sum((visits[i] * rate[i][k] for i in range(k)), Fraction(0)))
    steps = [x * w for x, w in zip(visits, total, strict=True)]
    earned = sum(x * Fraction(r) for x, r in zip(steps, reward, strict=True))
    return Fraction(earned / sum(steps))


def _enclosed_average(weights: csr_array, reward: np.ndarray) -> tuple[int | None, float]:
    """Return the sign if the bounds from nearly constant d prove it, and the average."""
    n = reward.size
    weight = weights @ np.ones(n)
    P = csr_array(weights.multiply(1 / weight[:, None]))
    inner, first = P[1:, 1:], P[[0], 1:]
    earned, _ = solve_policy_system(inner, 1.0, reward[1:])
    steps, _ = solve_policy_system(inner, 1.0, np.ones(n - 1))
    average = float((reward[0] + (first @ earned)[0]) / (1 + (first @ steps)[0]))
    h = np.concatenate([[0.0], earned - average * steps])
    gain, error, away = np.empty(n), np.empty(n), np.empty(n)
    _total_kernels.gains(*unsigned_rows(weights), reward, np.arange(n + 1), h, gain, error, away)
    if (gain - error).min() > 0:
        return 1, average
    return (-1 if (gain + error).max() < 0 else None), average
