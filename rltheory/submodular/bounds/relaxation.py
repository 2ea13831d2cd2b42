r"""What theory promises of upper bounds by occupancies: how much independent rounding loses, and concavity gains."""

from __future__ import annotations

import math

import numpy as np


def coverage_rounding(choices: int | None = None) -> float:
    r"""Part of the linear program that independent draws keep, of coverage in bandit dynamics: $1 - (1 - 1/n)^n$.

    An item that the program covers to $y \le \min(1, \sum_i p_i)$ is covered by n independent draws with probability
    $1 - \prod_i (1 - p_i) \ge (1 - (1 - 1/n)^n) y$, and $1 - (1 - 1/n)^n > 1 - 1/e$.

    Parameters
    ----------
    choices : int, optional
        Number n of draws, the first state included; by default any.

    Examples
    --------
    >>> coverage_rounding(2), round(coverage_rounding(), 4)
    (0.75, 0.6321)
    """
    return 1 - 1 / math.e if choices is None else 1 - (1 - 1 / choices) ** choices


def independent_cover(prob: np.ndarray) -> tuple[float, float]:
    r"""Probability that one of several independent events happens, and the most that a program can count for it.

    Parameters
    ----------
    prob : ndarray, shape (n,)
        Probability of each.

    Returns
    -------
    tuple of float
        $1 - \prod_i (1 - p_i)$ and $\min(1, \sum_i p_i)$.

    Examples
    --------
    >>> independent_cover(np.array([0.5, 0.5]))
    (0.75, 1.0)
    """
    prob = np.asarray(prob, dtype=np.float64)
    return float(1 - np.prod(1 - prob)), float(min(1.0, prob.sum()))


def tangent(value: float, gradient: np.ndarray, at: np.ndarray, visits: np.ndarray) -> float:
    r"""Most that a concave function of visits is elsewhere: $G(m) \le G(n) + \nabla G(n) \cdot (m - n)$.

    Parameters
    ----------
    value : float
        G(n), in reward units.
    gradient : ndarray, shape (n_elements,)
        Of G at n.
    at, visits : ndarray, shape (n_elements,)
        n, and m.

    Examples
    --------
    >>> tangent(1.0, np.array([0.5]), np.array([1.0]), np.array([3.0]))
    2.0
    """
    return float(value + gradient @ (np.asarray(visits) - at))
