"""Robust offline learning the way of a published implementation: plain, and slow.

Written from a description of the reference code of Tang, Liu and Xu (2025), for the experiment of `mdps.put_data`. The
Gram matrix of a step is inverted each time that a value is asked for, and values are asked for one state at a time.
Duals without a closed form, of DRPVI and of chi-square, are searched by Nelder and Mead from the middle of [0, H],
factor by factor, though they are neither smooth nor concave: what is found may be less than the maximum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rltheory import Dataset
from rltheory.offline import LinearKnowledge
from rltheory.robust import KL, TV, Divergence


def recipe_weights(
    data: Dataset, known: LinearKnowledge, divergence: Divergence | None, *, beta: float, ridge: float
) -> np.ndarray:
    """Return the weights (H, d) of holding the option, from paths on which it was always held."""
    state, H = data.table("state"), known.H
    phi, payoff = known.phi[::2][state], known.reward[0, 1::2][state]
    weights = np.zeros((H, known.d))
    grams = [ridge * np.eye(known.d) + sum(np.outer(row, row) for row in phi[:, t]) for t in range(H)]

    def held(row: np.ndarray, t: int) -> float:
        inverse = np.linalg.inv(grams[t])
        spread = inverse if divergence is None else np.diag(np.diag(inverse))
        return min(row @ weights[t] - beta * np.sqrt(row @ spread @ row), H - t)

    for t in reversed(range(H - 1)):
        values = np.array([max(held(phi[k, t + 1], t + 1), payoff[k, t + 1]) for k in range(len(state))])
        weights[t] = _step_weights(divergence, np.linalg.inv(grams[t]) @ phi[:, t].T, values, H)
    return weights


def _step_weights(divergence: Divergence | None, regress: np.ndarray, values: np.ndarray, H: int) -> np.ndarray:
    """Return the weights of one step; ``regress`` maps targets of all paths to coefficients."""
    if divergence is None:
        return regress @ values
    amount = float(divergence.parameter)
    if isinstance(divergence, KL):
        return -amount * np.log(np.maximum(regress @ np.exp(-values / amount), np.exp(-H / amount)))
    if isinstance(divergence, TV) and divergence.is_penalty:
        return regress @ np.minimum(values, values.min() + amount)

    def ball(alpha: float) -> np.ndarray:
        return regress @ np.minimum(values, alpha) - amount * alpha

    def chi_square(alpha: float) -> np.ndarray:
        capped = np.minimum(values, alpha)
        mean = regress @ capped
        return mean + (mean**2 - regress @ capped**2) / (4 * amount)

    dual = ball if isinstance(divergence, TV) else chi_square
    return np.array([_searched(dual, i, H) for i in range(len(regress))])


def _searched(dual: Callable[[float], np.ndarray], i: int, H: int) -> float:
    """Look for the largest value of one coordinate of a dual from the middle of [0, H]."""
    from scipy.optimize import minimize

    found = minimize(lambda alpha: -dual(alpha[0])[i], [H / 2], method="Nelder-Mead", bounds=[(0, H)])
    return -float(found.fun)
