r"""What theory promises of exploration without rewards in linear mixtures.

Sources: Zhang, Zhou and Gu (2021); Zhang, Zhang and Gu (2023).
"""

from __future__ import annotations

import math


def rfe_radius(d: int, H: int, K: float, delta: float, *, norm_bound: float) -> float:
    r"""Radius of UCRL-RFE for a ridge of :math:`B^{-2}`: :math:`H \sqrt{d \ln(3 (1 + K H^3 B^2) / \delta)} + 1`.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    K : float
        Number of episodes.
    delta : float
        Probability of failure.
    norm_bound : float
        B, which the norm of the mixture does not exceed.

    Examples
    --------
    >>> round(rfe_radius(3, 8, 1000, 0.05, norm_bound=3**0.5), 1)
    60.3
    """
    return H * math.sqrt(d * math.log(3 * (1 + K * H**3 * norm_bound**2) / delta)) + 1


def rfe_suboptimality(d: int, H: int, K: float, delta: float, *, norm_bound: float) -> float:
    r"""Suboptimality that UCRL-RFE leaves for any reward after K episodes, with probability :math:`1 - \delta`.

    With the radius :math:`\beta` of `rfe_radius` and :math:`\iota = \ln(1 + K H^3 B^2 / d)`,

    .. math::

       H^2 \sqrt{\frac{2 \ln(3/\delta)}{K}} + 8 \beta \sqrt{\frac{H^3 d \iota}{K}}
       + \frac{8 \beta d H^2 \ln(1 + K H^3 B^2)}{K} + 2 H^2 \sqrt{\frac{2 H \ln(1/\delta)}{K}} ,

    so that :math:`\tilde O(H^5 d^2 \epsilon^{-2})` episodes leave :math:`\epsilon`. It says something, that is less
    than H, after tens of millions of episodes at the smallest sizes.

    Parameters
    ----------
    d, H, K, delta, norm_bound
        As for `rfe_radius`.

    Examples
    --------
    >>> rfe_suboptimality(2, 2, 1e6, 0.05, norm_bound=2**0.5) < 2
    True
    """
    beta, growth = rfe_radius(d, H, K, delta, norm_bound=norm_bound), K * H**3 * norm_bound**2
    return (
        H**2 * math.sqrt(2 * math.log(3 / delta) / K)
        + 8 * beta * math.sqrt(H**3 * d * math.log1p(growth / d) / K)
        + 8 * beta * d * H**2 * math.log1p(growth) / K
        + 2 * H**2 * math.sqrt(2 * H * math.log(1 / delta) / K)
    )


def two_models_suboptimality(value: float) -> float:
    r"""Return what a plan in one model can lose in another, from how far values of policies differ at most.

    If :math:`|V^\pi_\theta - V^\pi_{\theta'}| \le u` for the optimal policies of both, the optimal policy of one loses
    at most 2u in the other.

    Examples
    --------
    >>> two_models_suboptimality(0.1)
    0.2
    """
    return 2 * value
