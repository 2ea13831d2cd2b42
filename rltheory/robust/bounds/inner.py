r"""What theory promises of the worst case of one expectation: limits with their rates, envelopes, comparisons.

Throughout V has mean, variance and ``spread`` (largest minus least) under the nominal row p, on whose support all is
meant but for total variation, where the least value is that of all states; R is the optimum with a penalty of weight
``lam`` and C the one over a ball of radius ``rho``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def tv_penalty_loss(lam: float, spread: float) -> float:
    r"""How far R is below the mean for total variation: at most :math:`(D - \lambda)_+`.

    Since :math:`R = E \min(V, V_{\min} + \lambda)`; so it is the mean as soon as the weight is the spread D.

    Examples
    --------
    >>> tv_penalty_loss(lam=0.75, spread=1.0), tv_penalty_loss(lam=2.0, spread=1.0)
    (0.25, 0.0)
    """
    return max(spread - lam, 0.0)


def kl_penalty_loss(lam: float, spread: float) -> float:
    r"""How far R is below the mean for relative entropy: at most :math:`D^2 / (8 \lambda)`.

    Hoeffding (1963), for :math:`-V / \lambda`. Attained in the limit of a fair coin and large weights.

    Examples
    --------
    >>> kl_penalty_loss(lam=1.0, spread=2.0)
    0.5
    """
    return spread * (spread / (8 * lam))


def chi_square_penalty_loss(lam: float, variance: float) -> float:
    r"""How far R is below the mean for chi-square: at most :math:`\mathrm{Var}(V) / (4 \lambda)`.

    With equality once :math:`\lambda \ge (V_{\max} - E V) / 2`, when the worst kernel leaves no state out.

    Examples
    --------
    >>> chi_square_penalty_loss(lam=1.0, variance=2.0)
    0.5
    """
    return variance / (4 * lam)


def chi_square_threshold(largest: float, mean: float) -> float:
    r"""The weight from which on :math:`R = E V - \mathrm{Var}(V) / (4 \lambda)`: :math:`(V_{\max} - E V) / 2`.

    Examples
    --------
    >>> chi_square_threshold(largest=1.0, mean=0.5)
    0.25
    """
    return (largest - mean) / 2


def tv_concentration(least_mass: float) -> float:
    r"""The divergence c of the row that is all at the least value: :math:`V_{\min} \le R \le V_{\min} + c \lambda`.

    For total variation, :math:`1 - p_{\min}`, with the mass :math:`p_{\min}` of the least value.

    Examples
    --------
    >>> tv_concentration(0.25)
    0.75
    """
    return 1 - least_mass


def kl_concentration(least_mass: float) -> float:
    r"""The same for relative entropy: :math:`\ln(1 / p_{\min})`.

    Examples
    --------
    >>> round(kl_concentration(0.5), 6)
    0.693147
    """
    return -math.log(least_mass)


def chi_square_concentration(least_mass: float) -> float:
    r"""The same for chi-square: :math:`1 / p_{\min} - 1`.

    Examples
    --------
    >>> chi_square_concentration(0.25)
    3.0
    """
    return (1 - least_mass) / least_mass


def penalty_from_balls(lam: float, radii: Any, constrained: Any) -> float:
    r"""The least of :math:`C_\rho + \lambda \rho` over some radii: never below :math:`R_\lambda`.

    Over all radii it is :math:`R_\lambda`, with the minimiser :math:`D(\mu^*_\lambda \| p)`.

    Parameters
    ----------
    lam : float
        Weight.
    radii, constrained : array_like, shape (n,)
        Radii, and the optimum over each ball.

    Examples
    --------
    >>> penalty_from_balls(2.0, [0.0, 0.25], [1.0, 0.25])
    0.75
    """
    return float(np.min(np.asarray(constrained) + lam * np.asarray(radii)))


def ball_from_penalties(rho: float, weights: Any, penalised: Any) -> float:
    r"""The largest of :math:`R_\lambda - \lambda \rho` over some weights: never above :math:`C_\rho`.

    Over all weights it is :math:`C_\rho`, for a radius above 0.

    Parameters
    ----------
    rho : float
        Radius.
    weights, penalised : array_like, shape (n,)
        Weights, and the optimum with each.

    Examples
    --------
    >>> ball_from_penalties(0.25, [1.0, 2.0], [0.5, 0.75])
    0.25
    """
    return float(np.max(np.asarray(penalised) - np.asarray(weights) * rho))


def kl_from_chi_square(chi_square: float) -> float:
    r"""The most that relative entropy can be: :math:`\mathrm{KL} \le \ln(1 + \chi^2) \le \chi^2`.

    Jensen's inequality. So with the same weight R is no larger for relative entropy than for chi-square. Attained by
    conditioning, when the density is constant where it is not 0.

    Examples
    --------
    >>> round(kl_from_chi_square(1.0), 6)
    0.693147
    """
    return math.log1p(chi_square)


def tv_from_kl(kl: float) -> float:
    r"""Pinsker's inequality, :math:`\mathrm{TV} \le \sqrt{\mathrm{KL} / 2}`, and at most 1.

    Examples
    --------
    >>> tv_from_kl(0.5)
    0.5
    """
    return min(math.sqrt(kl / 2), 1.0)


def tv_from_chi_square(chi_square: float) -> float:
    r"""Cauchy and Schwarz: :math:`\mathrm{TV} \le \frac12 \sqrt{\chi^2}`, and at most 1.

    Examples
    --------
    >>> tv_from_chi_square(1.0)
    0.5
    """
    return min(math.sqrt(chi_square) / 2, 1.0)


def kl_penalty_from_tv_balls(lam: float, radii: Any, constrained: Any) -> float:
    r"""The least of :math:`C^{\mathrm{TV}}_t + 2 \lambda t^2` over some radii t.

    Over all t in [0, 1] it is at most R of relative entropy: by Pinsker's inequality a kernel at total variation t
    costs at least :math:`2 \lambda t^2`.

    Parameters
    ----------
    lam : float
        Weight of the relative entropy.
    radii, constrained : array_like, shape (n,)
        Radii, and the optimum over each ball of total variation, on the support of p.

    Examples
    --------
    >>> kl_penalty_from_tv_balls(2.0, [0.0, 0.5], [1.0, 0.25])
    1.0
    """
    radii = np.asarray(radii)
    return float(np.min(np.asarray(constrained) + 2 * lam * radii**2))


def ball_loss_chi_square(rho: float, variance: float) -> float:
    r"""How far C is below the mean for chi-square: at most :math:`\sqrt{\rho\, \mathrm{Var}(V)}`.

    By Cauchy and Schwarz, with equality as long as the worst kernel leaves no state out.

    Examples
    --------
    >>> ball_loss_chi_square(rho=0.25, variance=4.0)
    1.0
    """
    return math.sqrt(rho * variance)


def ball_loss_kl(rho: float, spread: float) -> float:
    r"""How far C is below the mean for relative entropy: at most :math:`D \min(\sqrt{\rho / 2}, 1)`.

    Pinsker's inequality; also the best of :math:`D^2 / (8 \lambda) + \lambda \rho`.

    Examples
    --------
    >>> ball_loss_kl(rho=0.5, spread=2.0)
    1.0
    """
    return spread * tv_from_kl(rho)


def ball_loss_tv(rho: float, spread: float) -> float:
    r"""How far C is below the mean for total variation: at most :math:`D \min(\rho, 1)`.

    Attained when the mass moved is all at the largest value.

    Examples
    --------
    >>> ball_loss_tv(rho=0.25, spread=2.0)
    0.5
    """
    return spread * min(rho, 1.0)
