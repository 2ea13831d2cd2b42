r"""Oracles for linear value functions: stationary distributions, weighted norms, projections, fixed points of TD.

By dense linear algebra, from the definitions. $\Phi$ has one row a state, and $\|x\|_D^2 = \sum_s D(s)\, x(s)^2$.
"""

from __future__ import annotations

import numpy as np


def stationary(P: np.ndarray) -> np.ndarray:
    """Return a stationary distribution of a chain: of all solutions of ``D P = D`` the one of least norm.

    Parameters
    ----------
    P : ndarray, shape (n, n)

    Returns
    -------
    ndarray, shape (n,)
        Classes of recurrent states have disjoint supports, so that the solution of least norm is not negative.
    """
    n = len(P)
    equations = np.vstack([P.T - np.eye(n), np.ones(n)])
    D = np.maximum(np.linalg.lstsq(equations, np.eye(n + 1)[n], rcond=None)[0], 0.0)
    return D / D.sum()


def norm(x: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted Euclidean norm.

    Parameters
    ----------
    x, weights : ndarray, shape (n,)

    Returns
    -------
    float
    """
    return float(np.sqrt(weights @ np.asarray(x) ** 2))


def projected(features: np.ndarray, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    r"""Return the nearest point $\Phi\theta$ to x in the weighted norm, by least squares.

    Parameters
    ----------
    features : ndarray, shape (n, d)
    weights, x : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    root = np.sqrt(weights)
    return features @ np.linalg.lstsq(root[:, None] * features, root * x, rcond=None)[0]


def td_fixed_point(
    P: np.ndarray, r: np.ndarray, gamma: float, trace: float, features: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    r"""Return the fixed point $\Phi\theta = \Pi T^{(\lambda)} \Phi\theta$ of TD($\lambda$).

    It solves $\Phi^\top D (I - \gamma\lambda P)^{-1} (r + \gamma P \Phi\theta - \Phi\theta) = 0$.

    Parameters
    ----------
    P : ndarray, shape (n, n)
    r : ndarray, shape (n,)
    gamma, trace : float
    features : ndarray, shape (n, d)
    weights : ndarray, shape (n,)
        The distribution D of updates.

    Returns
    -------
    ndarray, shape (n,)
    """
    identity = np.eye(len(P))
    traces = np.linalg.solve((identity - gamma * trace * P).T, weights[:, None] * features).T
    return features @ np.linalg.solve(traces @ (identity - gamma * P) @ features, traces @ r)
