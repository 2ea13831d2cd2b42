r"""What theory promises of learners that weight value-targeted regressions by variances: the radii of their sets.

Values are in [0, 1]. Constants are those of the theorems, and too large by tens or hundreds at any size that a laptop
runs: with them the optimistic value stays at 1 and nothing is learned, as `Scaled` is for.

Sources: Zhou, Gu and Szepesvari (2021); Zhou and Gu (2022); Zhang, Zhou and Gu (2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rltheory.exploration.bounds.concentration import adaptive_bernstein_radius, bernstein_radius


@dataclass(frozen=True, slots=True)
class VtrPlusRadii:
    """The three radii of UCRL-VTR+: of the weighted regression, of the same before variances are known, of squares."""

    weighted: float
    coarse: float
    squares: float


def vtr_plus_radii(d: int, t: int, delta: float, *, ridge: float, norm_bound: float) -> VtrPlusRadii:
    r"""Return the radii after t steps, which all hold at all times with probability :math:`1 - \delta`.

    With :math:`\ell = \ln(12 t^2 / \delta)` and :math:`\iota = \ln(1 + t / \lambda)`,

    .. math::

       \hat\beta = 8\sqrt{d \iota \ell} + 4 \sqrt d\, \ell + \sqrt\lambda B, \quad
       \check\beta = 8 d \sqrt{\iota \ell} + 4 \sqrt d\, \ell + \sqrt\lambda B, \quad
       \tilde\beta = 8\sqrt{d \ln(1 + t / (d\lambda))\, \ell} + 4 \ell + \sqrt\lambda B .

    The first holds as weights are the inverse of no less than the variance, which follows from the other two.

    Parameters
    ----------
    d : int
        Number of features.
    t : int
        Number of steps so far, at least 1.
    delta : float
        Probability of failure.
    ridge, norm_bound : float
        :math:`\lambda`, and B, which the norm of the mixture does not exceed.

    Examples
    --------
    >>> radii = vtr_plus_radii(4, 1000, 0.05, ridge=0.25, norm_bound=2.0)
    >>> round(radii.weighted), round(radii.coarse), round(radii.squares)
    (358, 560, 263)
    """
    third, root, bias = delta / 3, math.sqrt(d), math.sqrt(ridge) * norm_bound
    weighted = bernstein_radius(d, t, third, sigma=1.0, largest_noise=root, ridge=ridge, largest=root)
    coarse = bernstein_radius(d, t, third, sigma=root, largest_noise=root, ridge=ridge, largest=root)
    squares = bernstein_radius(d, t, third, sigma=1.0, largest_noise=1.0, ridge=ridge)
    return VtrPlusRadii(weighted + bias, coarse + bias, squares + bias)


def moment_levels(K: int, H: int) -> int:
    r"""Number of levels of the moment estimator, :math:`M = \lceil \log_2(7 K H) \rceil`.

    Examples
    --------
    >>> moment_levels(2000, 20)
    19
    """
    return math.ceil(math.log2(7 * max(K, 1) * H))


def moment_radius(
    d: int, t: int, delta: float, *, levels: int, alpha: float, gamma: float, ridge: float, norm_bound: float
) -> float:
    r"""Radius of all levels of the moment estimator after t steps, which hold with probability :math:`1 - \delta`.

    With :math:`\tau = \ln(32 (\ln_+(\gamma^2/\alpha) + 1) t^2 M / \delta)`,

    .. math::

       \beta = 12 \sqrt{d\, \tau \ln(1 + t / (\alpha^2 d \lambda))} + 30 \tau / \gamma^2 + \sqrt\lambda B .

    Parameters
    ----------
    d : int
        Number of features.
    t : int
        Number of steps so far, at least 1.
    delta : float
        Probability of failure.
    levels : int
        M.
    alpha, gamma : float
        Least standard deviation and the weight of what is unknown, by default of the learners :math:`H^{-1/2}` and
        :math:`d^{-1/4}`.
    ridge, norm_bound : float
        :math:`\lambda`, and B, which the norm of the mixture does not exceed.

    Examples
    --------
    >>> sizes = dict(levels=19, alpha=20**-0.5, gamma=4**-0.25, ridge=1.0, norm_bound=2.0)
    >>> round(moment_radius(4, 1000, 0.05, **sizes))
    1773
    """
    noise = adaptive_bernstein_radius(
        d,
        t,
        delta / levels,
        sigma=1.0,
        largest_noise=1 / alpha,
        largest_leverage=1 / gamma**2,
        eps=1 / gamma**2,
        ridge=ridge,
        largest=1 / alpha,
    )
    return noise + math.sqrt(ridge) * norm_bound
