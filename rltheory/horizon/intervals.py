r"""Bounds on the probability that one of several independent means is the largest, from little knowledge of their laws.

Four methods bound the probability that sequence z wins when each sequence has the mean of m returns. Three of them cut
the law of :math:`\bar X_z` at its hundredths: given that it is in :math:`(x, y]`, all others are below it with
probability between :math:`\prod P(\bar X_{z'} \le x)` and :math:`\prod P(\bar X_{z'} \le y)`, where

- for returns 0 and 1, everything is binomial (`binomial`);
- otherwise distribution functions are bounded by the normal one with the error of Berry (1941) and Esseen (1942), with
  the constants of Shevtsova (2013) (`berry_esseen`), or by Bernstein's inequality (`bernstein`).

The fourth compares with the point between the two largest different means, by Bennett's (1962) inequality (`bennett`).

Arrays have the shape (C, Z): states, sequences. These are the bounds of appendix C of Laidlaw, Russell and Dragan
(2023), written anew; ties are not among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Interval = tuple[np.ndarray, np.ndarray]
"""Lower and upper bounds on the probability that each sequence wins."""

_GRID = np.linspace(0.0, 1.0, 101)
_BELOW_A_TIE = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """What is known of the return after each sequence of actions; arrays of shape (C, Z).

    Parameters
    ----------
    mean, best, worst : ndarray
        Expected return when exploring, and those of the best and the worst policy.
    variance, third : ndarray
        Variance, and third absolute central moment, when exploring.
    """

    mean: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    variance: np.ndarray
    third: np.ndarray

    def __getitem__(self, rows: slice) -> Sequences:
        return Sequences(self.mean[rows], self.best[rows], self.worst[rows], self.variance[rows], self.third[rows])


def binomial(of: Sequences, m: float) -> Interval:
    """Bound by binomial laws; returns are 0 or 1.

    As published, the first slice begins above 0: a mean of 0 is in none, and the probability of winning with it is not
    counted. `largest_mean` hands out what is missing from a sum of 1, but that need not be where it belongs.
    """
    from scipy.stats import binom, norm

    p = np.clip(of.mean, 0.0, 1.0)[..., None]
    if m >= 30:
        with np.errstate(invalid="ignore"):  # a sure return has no spread, and 0 * inf for its ends
            cuts = norm.ppf(_GRID) * np.sqrt(m * p * (1 - p)) + m * p
        cuts = np.floor(np.clip(np.where(p * (1 - p) > 0, cuts, m * p), 0, m))
    else:
        cuts = np.maximum(binom.ppf(_GRID, m, p), 0)
    levels = binom.cdf(cuts, m, p)

    def below(x: np.ndarray) -> np.ndarray:
        return binom.cdf(x[:, :, None], m, p[:, None])

    return _by_slices(cuts[..., :-1], cuts[..., 1:], np.diff(levels, axis=-1), below, below)


def berry_esseen(of: Sequences, m: float) -> Interval:
    """Bound by normal laws and their error."""
    from scipy.special import ndtr, ndtri

    spread = np.sqrt(of.variance / m)[..., None]
    cubed = of.variance**1.5
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.minimum(0.33554 * (of.third + 0.415 * cubed), 0.3328 * (of.third + 0.429 * cubed))
        error = np.where(cubed > 0, error / (cubed * np.sqrt(m)), 0.0)[..., None]

    def cut(level: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            at = of.mean[..., None] + spread * ndtri(np.clip(level, 0.0, 1.0))
        return np.where(spread > 0, at, of.mean[..., None])

    def normal(x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (x[:, :, None] - of.mean[:, None, :, None]) / spread[:, None]
        sure = x[:, :, None] >= of.mean[:, None, :, None]
        return np.where(spread[:, None] > 0, ndtr(z), sure)

    low, high = cut(_GRID[:-1] - error), cut(_GRID[1:] + error)
    return _by_slices(
        low,
        high,
        np.full_like(low, 0.01),
        lambda x: np.maximum(normal(x - _BELOW_A_TIE) - error[:, None], 0.0),
        lambda x: np.minimum(normal(x) + error[:, None], 1.0),
    )


def bernstein(of: Sequences, m: float) -> Interval:
    """Bound by Bernstein's inequality, with the variance of Bhatia and Davis."""
    b, v = (of.best - of.worst)[..., None], ((of.best - of.mean) * (of.mean - of.worst))[..., None]

    def deviation(tail: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            nats = -np.log(np.maximum(tail, 0.0)) / m
            far = (b * nats + np.sqrt(18 * v * nats + (b * nats) ** 2)) / 3
        return np.where((b > 0) & (v > 0), far, 0.0)

    def tail(x: np.ndarray) -> np.ndarray:
        """Bound the probability of a mean that is off by x."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            chance = np.exp(-(x**2) * m / 2 / (v[:, None] + b[:, None] * x / 3))
        return np.where(x <= 0, 1.0, np.where(np.isinf(x), 0.0, chance))

    mean = of.mean[..., None]
    low, high = mean - deviation(_GRID[:-1]), mean + deviation(1 - _GRID[1:])
    return _by_slices(
        low,
        high,
        np.full_like(low, 0.01),
        lambda x: 1 - tail(x[:, :, None] - mean[:, None]),
        lambda x: tail(mean[:, None] - x[:, :, None]),
    )


def bennett(of: Sequences, m: float, within: float) -> Interval:
    """Bound by comparing with the point between the largest mean and the next that differs by more than ``within``."""
    top = of.mean.max(axis=1, keepdims=True)
    following = np.where(of.mean < top - within, of.mean, -np.inf).max(axis=1, keepdims=True)
    middle, b = np.where(np.isfinite(following), (top + following) / 2, -np.inf), of.best - of.worst
    above = _bennett_tail(m, b, (of.mean - of.worst) * (of.best - of.mean), middle - of.mean)
    below = _bennett_tail(m, b, (of.mean - of.worst) * b, of.mean - middle)
    all_below = np.where(of.mean == top, below, 1.0).prod(axis=1, keepdims=True)
    upper = np.where(np.isfinite(following), 1 - (1 - above) * (1 - all_below), 1.0)
    return np.zeros_like(upper), upper


def _bennett_tail(m: float, b: np.ndarray, v: np.ndarray, x: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u = b * x / v
        chance = np.exp(-m * v / b**2 * ((1 + u) * np.log1p(u) - u))
    return np.where(x <= 0, 1.0, np.where(v > 0, chance, 0.0))


def _by_slices(
    low: np.ndarray,
    high: np.ndarray,
    mass: np.ndarray,
    at_least_below: Callable[[np.ndarray], np.ndarray],
    at_most_below: Callable[[np.ndarray], np.ndarray],
) -> Interval:
    """Sum over slices (low, high] of a mean their mass times bounds on the probability that all others are below."""

    def others_below(chances: np.ndarray) -> np.ndarray:
        own = np.eye(chances.shape[1], dtype=bool)[:, :, None]
        return np.where(own, 1.0, chances).prod(axis=2)

    lower = (mass * others_below(at_least_below(low))).sum(axis=2)
    return lower, (mass * others_below(at_most_below(high))).sum(axis=2)


def largest_mean(worth: np.ndarray, interval: Interval) -> np.ndarray:
    """Return the largest expectation of ``worth`` under probabilities within the intervals, shape (C,).

    A fractional knapsack: each has its lower bound, and the rest goes to what is worth most.
    """
    lower, upper = interval
    upper = np.minimum(upper + np.maximum(1 - upper.sum(axis=1, keepdims=True), 0.0), 1.0)
    order = np.argsort(-worth, axis=1, kind="stable")
    worth, lower, upper = (np.take_along_axis(array, order, axis=1) for array in (worth, lower, upper))
    room = np.maximum(upper - lower, 0.0)
    spare = np.maximum(1 - lower.sum(axis=1, keepdims=True), 0.0)
    added = np.clip(spare - (np.cumsum(room, axis=1) - room), 0.0, room)
    return np.minimum((worth * (lower + added)).sum(axis=1), worth.max(axis=1))
