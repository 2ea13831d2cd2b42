"""The inner problems of robust dynamic programming solved another way: linear programs, and dual functions searched.

The linear programs are solved by HiGHS. For smooth divergences a dual function of one or two numbers, written down from
the conjugate, is maximised by a generic search: it is flat at its maximum, so that the value is exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.optimize import linprog, minimize_scalar

_LEAST_WEIGHT, _LARGEST_WEIGHT = 1e-7, 1e5


def total_variation(p: np.ndarray, v: np.ndarray, *, lam: float | None = None, rho: float | None = None) -> float:
    """Minimise mu @ v plus lam times half of |mu - p|_1, or with half of |mu - p|_1 at most rho: a linear program."""
    n, eye = p.size, np.eye(p.size)
    A, b = np.block([[eye, -eye], [-eye, -eye]]), np.concatenate([p, -p])
    cost = np.concatenate([v, np.full(n, (lam or 0.0) / 2)])
    if rho is not None:
        A, b = np.vstack([A, np.concatenate([np.zeros(n), np.full(n, 0.5)])]), np.append(b, rho)
    return _linear_program(cost, A, b, np.concatenate([np.ones(n), np.zeros(n)])[None], np.ones(1))


def sup_norm(p: np.ndarray, v: np.ndarray, rho: float) -> float:
    """Minimise mu @ v with |mu - p| at most rho everywhere."""
    eye = np.eye(p.size)
    return _linear_program(v, np.vstack([eye, -eye]), np.concatenate([p + rho, rho - p]), np.ones((1, p.size)), [1.0])


def state_of_total_variation(
    P: np.ndarray, r: np.ndarray, v: np.ndarray, *, lam: float = 0.0, kappa: float = np.inf
) -> float:
    """Minimise the largest r_a + mu_a @ v plus lam times the total variations of all rows, which are at most kappa."""
    n_actions, n = P.shape
    size = n_actions * n
    eye = np.eye(size)
    move = np.block([[eye, -eye, np.zeros((size, 1))], [-eye, -eye, np.zeros((size, 1))]])
    total = np.concatenate([np.zeros(size), np.full(size, 0.5), [0.0]])[None]
    values = np.hstack([np.kron(np.eye(n_actions), v[None]), np.zeros((n_actions, size)), -np.ones((n_actions, 1))])
    sums = np.hstack([np.kron(np.eye(n_actions), np.ones((1, n))), np.zeros((n_actions, size + 1))])
    cost = np.concatenate([np.zeros(size), np.full(size, lam / 2), [1.0]])
    b = np.concatenate([P.ravel(), -P.ravel(), [min(kappa, n_actions)], -r])
    free = [(0, None)] * (2 * size) + [(None, None)]
    return _linear_program(cost, np.vstack([move, total, values]), b, sums, np.ones(n_actions), free)


def norm_ball(p: np.ndarray, v: np.ndarray, rho: float, norm: float) -> float:
    """Minimise mu @ v with |mu - p| at most rho in the norm 1, 2 or infinity."""
    if norm == 1:
        return total_variation(p, v, rho=rho / 2)
    return sup_norm(p, v, rho) if norm == np.inf else _euclidean_ball(p, v, rho)


def _euclidean_ball(p: np.ndarray, v: np.ndarray, rho: float) -> float:
    """Try all sets of states of positive probability: on each the optimum moves against v, as far as rho allows."""
    found = [p @ v]
    for kept in product([False, True], repeat=p.size):
        keep = np.array(kept)
        if not keep.any():
            continue
        mu = np.where(keep, p + p[~keep].sum() / keep.sum(), 0.0)
        slope = np.where(keep, v - v[keep].mean(), 0.0)
        left = rho**2 - ((mu - p) ** 2).sum()
        if slope.any() and left > 0:
            mu -= np.sqrt(left) * slope / np.linalg.norm(slope)
        if mu.min() >= -1e-13 and left >= -1e-13:
            found.append(mu @ v)
    return float(min(found))


def _linear_program(cost, A, b, A_eq, b_eq, bounds=(0, None)) -> float:  # type: ignore[no-untyped-def]
    found = linprog(cost, A_ub=A, b_ub=b, A_eq=A_eq, b_eq=b_eq, bounds=bounds, method="highs")
    if not found.success:
        raise ArithmeticError(found.message)
    return float(found.fun)


def conjugate(k: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return f_k^*, for Cressie and Read's f_k."""
    if k == 1:
        return np.expm1
    if k == 0:
        return lambda s: -np.log(np.where(s < 1, 1 - s, np.nan))
    return lambda s: (np.maximum(1 + (k - 1) * s, 0 if k > 1 else 1e-300) ** (k / (k - 1)) - 1) / k


def penalised(k: float, p: np.ndarray, v: np.ndarray, lam: float) -> float:
    """Maximise eta - lam E f*((eta - V) / lam) over eta."""
    p, v = p[p > 0], v[p > 0]
    if v.max() == v.min():
        return float(v[0])
    f = conjugate(k)
    reach = 300 * lam if k >= 1 else lam / (1 - k) * (1 - 1e-12)  # beyond, f* overflows or is infinite
    high = min(v.max(), v.min() + reach) if k <= 1 else v.max()
    return _largest(lambda eta: eta - lam * p @ f((eta - v) / lam), v.min(), high)


def constrained(k: float, p: np.ndarray, v: np.ndarray, rho: float) -> float:
    """Maximise the penalised optimum less lam rho over lam; its limit at lam = 0 is the least value."""
    p, v = p[p > 0], v[p > 0]
    if v.max() == v.min():
        return float(v[0])
    return max(
        float(v.min()),
        _largest(
            lambda x: penalised(k, p, v, np.exp(x)) - np.exp(x) * rho, np.log(_LEAST_WEIGHT), np.log(_LARGEST_WEIGHT)
        ),
    )


def chi_square_ball(p: np.ndarray, v: np.ndarray, rho: float) -> float:
    """Maximise alpha - sqrt((1 + rho) E (alpha - V)_+^2) over alpha."""
    p, v = p[p > 0], v[p > 0]
    mean = p @ v
    high = max(v.max(), mean + np.sqrt(p @ (v - mean) ** 2 / rho)) + 1
    found = _largest(lambda x: x - np.sqrt((1 + rho) * (p @ np.maximum(x - v, 0) ** 2)), v.min(), high)
    return max(float(v.min()), found)


def _largest(f: Callable[[float], float], low: float, high: float) -> float:
    """Maximise a concave (or unimodal) function on an interval."""
    found = minimize_scalar(lambda x: -f(x), bounds=(low, high), method="bounded", options={"xatol": 1e-11})
    return max(float(-found.fun), float(f(low)))
