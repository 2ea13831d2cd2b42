"""What players averse to risk gain and fear, computed another way.

A concave quadratic objective on a simplex is maximised by trying every face; slopes of polynomials are exact in
rational numbers; and the operator of risk-averse quantal equilibria is written out for both players and adversaries.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np


def moments(M: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the covariance of the rows of M under a law over its columns."""
    mean = M @ q
    centred = M - mean[:, None]
    return mean, sum(weight * np.outer(column, column) for weight, column in zip(q, centred.T, strict=True))


def mean_variance(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float) -> float:
    """Return p mu - gamma p Sigma p."""
    mean, covariance = moments(M, q)
    return float(p @ mean - gamma * (p @ covariance @ p))


def best_mean_variance(M: np.ndarray, q: np.ndarray, gamma: float, tremble: float) -> float:
    """Maximise p mu - gamma p Sigma p over the trembling simplex, face by face."""
    m = M.shape[0]
    mean, covariance = moments(M, q)
    base, rest = np.full(m, tremble), 1 - m * tremble
    best = -np.inf
    for size in range(1, m + 1):
        for face in itertools.combinations(range(m), size):
            p = _stationary(mean, covariance, gamma, base, rest, list(face))
            if p.min() >= tremble - 1e-12:
                best = max(best, float(p @ mean - gamma * (p @ covariance @ p)))
    return best


def _stationary(  # type: ignore[no-untyped-def]
    mean, covariance, gamma, base, rest, face
) -> np.ndarray:
    """Return the stationary point of the objective on the affine hull of a face."""
    k = len(face)
    H = 2 * gamma * rest * covariance[np.ix_(face, face)]
    g = (mean - 2 * gamma * (covariance @ base))[face]
    K = np.block([[H, np.ones((k, 1))], [np.ones((1, k)), np.zeros((1, 1))]])
    s = np.linalg.lstsq(K, np.append(g, 1.0), rcond=1e-13)[0][:k]
    p = base.copy()
    p[face] += rest * s / s.sum()
    return p


def mean_variance_gain(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float, tremble: float) -> float:
    """Return how much is gained at most by leaving p."""
    return best_mean_variance(M, q, gamma, tremble) - mean_variance(p, M, q, gamma)


def stag_threshold(a: int, b: int, c: int, d: int, tremble: Fraction) -> float:
    """Return where the own slope at the corner of action 0 changes its sign as gamma grows, in rational numbers.

    The slope is affine in gamma, and of a quadratic function a symmetric difference is exact.
    """
    at_0, at_1 = (_corner_slope(a, b, c, d, tremble, Fraction(gamma)) for gamma in (0, 1))
    return float(at_0 / (at_0 - at_1)) if at_1 < at_0 else np.inf


def _corner_slope(a: int, b: int, c: int, d: int, tremble: Fraction, gamma: Fraction) -> Fraction:
    q, h = 1 - tremble, Fraction(1, 7)

    def utility(p: Fraction) -> Fraction:
        z = [p * a + (1 - p) * c, p * b + (1 - p) * d]
        mean = q * z[0] + (1 - q) * z[1]
        return mean - gamma * (q * (z[0] - mean) ** 2 + (1 - q) * (z[1] - mean) ** 2)

    return (utility(q + h) - utility(q - h)) / (2 * h)


def barrier_response(g: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the strategy epsilon / (lambda - g) that sums to 1, by bisection."""
    low, high = g.max() + 1e-3 * epsilon, g.max() + g.size * epsilon
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (epsilon / (middle - g)).sum() > 1 else (low, middle)
    p = epsilon / (high - g)
    return p / p.sum()


Point = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def quantal_operator(  # type: ignore[no-untyped-def]
    point: Point, R, epsilon, tau, weights, reverse: bool
) -> list[np.ndarray]:
    """Return the gradients of both players' costs and the negative ones of both adversaries', weighted.

    ``point`` is (pi1, p1, pi2, p2), where p_i is what player i fears of the other. Player i pays
    -pi_i R_i p_i - D(p_i, pi_-i) / tau_i + epsilon_i nu(pi_i), with D = KL(p | pi) and a log barrier, or with
    D = KL(pi | p) and negative entropy if ``reverse``.
    """
    pi, p = (point[0], point[2]), (point[1], point[3])
    found = []
    for i in range(2):
        other = pi[1 - i]
        penalty = epsilon[i] * (1 + np.log(pi[i])) if reverse else -epsilon[i] / pi[i]
        leaving = (-other / p[i] if reverse else np.log(p[i] / other) + 1) / tau[i]
        found.append(weights[i] * (-R[i] @ p[i] + penalty))
        found.append(weights[i] * (R[i].T @ pi[i] + leaving))
    return found


def inner_product(x: Point, y: Point, forces_x: list[np.ndarray], forces_y: list[np.ndarray]) -> float:
    """Return (T x - T y) (x - y)."""
    return float(sum((f - g) @ (u - v) for u, v, f, g in zip(x, y, forces_x, forces_y, strict=True)))
