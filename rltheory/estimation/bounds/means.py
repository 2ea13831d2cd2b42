r"""How far a mean of samples strays from the mean: by the range, by the variance, by the variance that was seen.

All are for independent samples of one law and hold with probability :math:`1 - \delta`. For differences of a martingale
Hoeffding's inequality is `rltheory.exploration.bounds.azuma`, and Bernstein's is `freedman`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import CriterionError


def checked_delta(delta: float) -> float:
    """Return a probability of failure, refusing what is not strictly between 0 and 1.

    Raises
    ------
    CriterionError
        With the value and what would be valid.

    Examples
    --------
    >>> checked_delta(1.5)
    Traceback (most recent call last):
    rltheory.models.errors.CriterionError: delta is 1.5; a probability of failure is strictly between 0 and 1
    """
    if not 0 < delta < 1:
        raise CriterionError(f"delta is {delta!r}; a probability of failure is strictly between 0 and 1")
    return float(delta)


def checked_size(name: str, n: float, least: float = 1) -> float:
    """Return a number of samples, refusing one that is too small.

    Raises
    ------
    CriterionError
        With the name, the value and the least that is valid.

    Examples
    --------
    >>> checked_size("n", 0)
    Traceback (most recent call last):
    rltheory.models.errors.CriterionError: n is 0; it must be at least 1
    """
    if not n >= least:
        raise CriterionError(f"{name} is {n!r}; it must be at least {least}")
    return n


def hoeffding(n: float, delta: float, *, width: float = 1.0) -> float:
    r"""Error of a mean of n samples from an interval of length w, on both sides: :math:`w \sqrt{\ln(2/\delta) / (2n)}`.

    Parameters
    ----------
    n : float
        Number of samples, at least 1.
    delta : float
        Probability of failure.
    width : float
        w, in the unit of the samples.

    Returns
    -------
    float
        In the unit of the samples.

    Raises
    ------
    CriterionError
        If ``delta`` is not strictly between 0 and 1, or n is below 1.

    References
    ----------
    Hoeffding (1963), theorem 2.

    Examples
    --------
    >>> round(hoeffding(1000, 0.05), 4)
    0.0429
    """
    return width * math.sqrt(math.log(2 / checked_delta(delta)) / (2 * checked_size("n", n)))


def peeling_weight(u: Any) -> Any:
    r"""Share of :math:`\delta` that goes to the u-th event, u = 1, 2, ...: :math:`1/(u(u+1))`, in all exactly 1.

    The first m of them sum to :math:`m / (m + 1)`.

    Parameters
    ----------
    u : int or ndarray of int
        At least 1.

    Returns
    -------
    float or ndarray

    Examples
    --------
    >>> sum(peeling_weight(u) for u in (1, 2, 3))
    0.75
    """
    return 1 / (u * (u + 1))


def anytime_hoeffding(n: float, delta: float, *, width: float = 1.0) -> float:
    r"""Error of the means of 1, 2, 3, ... samples, of all at once: :math:`w \sqrt{\ln(2 n (n+1) / \delta) / (2n)}`.

    Hoeffding's inequality with the share `peeling_weight` of :math:`\delta` for the mean of n: one may look at every
    mean, and stop when one likes.

    Parameters
    ----------
    n, delta, width
        As for `hoeffding`.

    Returns
    -------
    float
        In the unit of the samples.

    Examples
    --------
    >>> round(anytime_hoeffding(1000, 0.05), 4)
    0.0936
    """
    return hoeffding(n, checked_delta(delta) * peeling_weight(checked_size("n", n)), width=width)


def bernstein(n: float, delta: float, *, sigma: float, largest: float = 1.0) -> float:
    r"""Error of a mean of n samples by their variance: :math:`\sigma \sqrt{2 L / n} + b L / (3n)`.

    With :math:`L = \ln(2/\delta)`, on both sides. Inverting the usual
    :math:`\exp(-n x^2 / (2 (\sigma^2 + b x / 3)))`, of which `freedman` is the form for martingales, gives 2/3 in place
    of 1/3, which is what lecture 18 of Szepesvari (2022) prints: valid, and looser.

    Parameters
    ----------
    n, delta
        As for `hoeffding`.
    sigma : float
        Standard deviation of a sample.
    largest : float
        b, the most that a sample can be away from its mean; the length of its interval will do.

    Returns
    -------
    float
        In the unit of the samples.

    References
    ----------
    Bernstein's inequality in the form of Boucheron, Lugosi and Massart (2013), theorem 2.10 with c = b/3.

    Examples
    --------
    A rare event is counted far more accurately than by its range:

    >>> round(bernstein(1000, 0.05, sigma=0.03), 4), round(hoeffding(1000, 0.05), 4)
    (0.0038, 0.0429)
    """
    log = math.log(2 / checked_delta(delta))
    return sigma * math.sqrt(2 * log / checked_size("n", n)) + largest * log / (3 * n)


def empirical_bernstein(n: float, delta: float, *, sigma: Any, width: float = 1.0) -> Any:
    r"""Error of a mean by the standard deviation that was seen: :math:`\hat\sigma \sqrt{2 L / n} + 7 w L / (3(n-1))`.

    With :math:`L = \ln(2/\delta)`, and on one side only: the other one costs another :math:`\delta`. It needs no
    knowledge of the law but the length of its interval.

    Parameters
    ----------
    n : float
        Number of samples, at least 2.
    delta, width
        As for `hoeffding`.
    sigma : float or ndarray
        Root of the unbiased sample variance, that with the divisor n - 1.

    Returns
    -------
    float or ndarray
        In the unit of the samples.

    References
    ----------
    Maurer and Pontil (2009), theorem 4.

    Examples
    --------
    >>> round(float(empirical_bernstein(1000, 0.05, sigma=0.03)), 4)
    0.0112
    """
    log = math.log(2 / checked_delta(delta))
    return sigma * np.sqrt(2 * log / checked_size("n", n, 2)) + 7 * width * log / (3 * (n - 1))


def freedman(x: float, variance: float, *, largest: float = 1.0) -> float:
    r"""Probability that a martingale is ever so high on so little variance: at most :math:`\exp(-x^2/(2 (v + b x/3)))`.

    Of :math:`S_n \ge x` and :math:`V_n \le v` for some n, where :math:`S_n` is a sum of differences of at most b, each
    of mean zero given the past, and :math:`V_n` the sum of their variances given the past.

    Parameters
    ----------
    x : float
        Height, above 0.
    variance : float
        v, at least 0.
    largest : float
        b, the most that one difference can add.

    Returns
    -------
    float
        A probability.

    References
    ----------
    Freedman (1975), theorem 1.6, whose first form is sharper than this, and whose last one has b in place of b/3.

    Examples
    --------
    >>> round(freedman(10.0, 10.0), 4)
    0.0235
    """
    return math.exp(-(x**2) / (2 * (variance + largest * x / 3)))
