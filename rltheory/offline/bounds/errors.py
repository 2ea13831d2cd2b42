r"""How regressions err, and how far an error goes: the pieces of which the multipliers of `bounds` are made.

With :math:`\Lambda = \sum_\tau \phi_\tau \phi_\tau^\top + \gamma I`, the regression of V is off by noise, the value of
V under a signed measure e, and by what the ridge takes off. From there a worst case carries the error on with its
slope, and steps add theirs up.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LARGEST_EXPONENT = 600.0
"""Exponents above it count as that: no estimate is left there anyway."""


def factorwise_norm(phi: Any, inverse_diagonal: Any) -> np.ndarray:
    r"""The penalty of theory for a unit multiplier: :math:`\sum_i |\phi_i| \sqrt{(\Lambda^{-1})_{ii}}`.

    At least the elliptical norm :math:`\|\phi\|_{\Lambda^{-1}}`, by the triangle inequality, and the root of the sum of
    squares; attained by features of a single factor.

    Examples
    --------
    >>> factorwise_norm([[1.0, 0.0], [0.5, 0.5]], [0.04, 0.16])
    array([0.2, 0.3])
    """
    return np.abs(phi) @ np.sqrt(inverse_diagonal)


def factorwise_from_l2(d: int, norm: Any) -> Any:
    r"""Most that `factorwise_norm` can be if the root of the sum of squares is known: :math:`\sqrt d` times that.

    By Cauchy and Schwarz; attained where all terms are equal.

    Examples
    --------
    >>> factorwise_from_l2(d=4, norm=0.5)
    1.0
    """
    return math.sqrt(d) * norm


def ridge_bias(d: int, ridge: float, largest: float) -> float:
    r"""What the ridge takes off a regression, in units of :math:`\|u\|_{\Lambda^{-1}}`: :math:`\sqrt{\gamma d} B`.

    Of :math:`u^\top z`, where the d numbers z that are estimated are in [-B, B]: the bias is
    :math:`\gamma\, u^\top \Lambda^{-1} z`. Attained without data by u that are equal everywhere.

    Examples
    --------
    >>> ridge_bias(d=4, ridge=0.25, largest=3.0)
    3.0
    """
    return math.sqrt(ridge * d) * largest


def corner_noise(measure: Any, largest: float) -> float:
    r"""Largest :math:`|\sum_s e(s) V(s)|` for V in [0, B]: B times that of the best of :math:`2^S` indicators.

    Since it is convex in V. The error e of an estimated factor is such a signed measure, and so `noise` counts
    indicators.

    Examples
    --------
    >>> corner_noise([0.25, -0.5, 0.125], largest=2.0)
    1.0
    """
    e = np.asarray(measure, float)
    return largest * float(max(e[e > 0].sum(), -e[e < 0].sum()))


def level_set_noise(measure: Any, v: Any, largest: float) -> float:
    r"""Bound on :math:`|\sum_s e(s) \min(V(s), \alpha)|` for all alpha and one V in [0, B].

    It is :math:`B \max_c |e(\{V > c\})|`, over S sets at most: :math:`\min(V, \alpha)` is the integral of the
    indicators of :math:`\{V > c\}` over c up to alpha. Likewise for squares, with :math:`B^2`.

    Examples
    --------
    >>> level_set_noise([0.25, -0.5, 0.125], v=[0.0, 1.0, 2.0], largest=2.0)
    0.75
    """
    e, v = np.asarray(measure, float), np.asarray(v, float)
    levels = np.append(v, 0.0)
    return largest * float(np.abs((v > levels[:, None]) @ e).max())


def kl_slope(lam: float, largest: float) -> float:
    r"""What an error of :math:`E e^{-V/\lambda}` can do to :math:`-\lambda \ln E e^{-V/\lambda}`, V in [0, B].

    :math:`\lambda e^{B/\lambda}` times that error, once estimates below :math:`e^{-B/\lambda}` are raised to it.

    Examples
    --------
    >>> round(kl_slope(lam=1.0, largest=2.0), 4)
    7.3891
    """
    return lam * math.exp(min(largest / lam, LARGEST_EXPONENT))


def chi_square_slope(lam: float, largest: float) -> float:
    r"""What errors of two clipped moments can do to chi-square's dual: :math:`B (1 + 3 B / (4 \lambda))` times u.

    If those of the mean are at most u B and those of the second moment at most :math:`u B^2`.

    Examples
    --------
    >>> chi_square_slope(lam=1.5, largest=2.0)
    4.0
    """
    return largest * (1 + 3 * largest / (4 * lam))


def accumulated_error(errors: Any) -> float:
    r"""How far estimated values are from the optimum: :math:`\|\hat V_0 - V^*_0\| \le \sum_t \max |error_t|`.

    Without pessimism, for errors of shape (H, n_pairs); worst cases are nonexpansive, and so is clipping.

    Examples
    --------
    >>> accumulated_error([[0.1, 0.2], [0.3, 0.0]])
    0.5
    """
    return float(np.sum(np.max(np.abs(errors), axis=1)))
