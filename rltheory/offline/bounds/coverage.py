r"""What a policy loses at most where penalties cover the errors, and data cover what the best policy needs."""

from __future__ import annotations

import math


def suboptimality(uncertainty: float) -> float:
    r"""Largest loss of a pessimistic policy: :math:`V^* - V^{\hat\pi} \le 2 \sum_t E[\Gamma_t]`.

    Deterministic, whenever every estimate is off by no more than its penalty. Liu and Xu (2024), lemma D.1; Jin, Yang
    and Wang (2021).

    Examples
    --------
    >>> suboptimality(uncertainty=0.25)
    0.5
    """
    return 2 * uncertainty


def coverage_uncertainty(d: int, H: int, c: float, K: float) -> float:
    r"""Largest sum of :math:`E \sum_i \phi_i \sqrt{(\Lambda^{-1})_{ii}}` over all steps: :math:`d H / \sqrt{c K}`.

    If the data cover each factor as well as the best policy uses it:
    :math:`\Lambda_t \succeq \gamma I + c K \sup_P E[\phi_i^2] 1_i 1_i^\top` for all steps and factors.

    Examples
    --------
    >>> coverage_uncertainty(d=2, H=5, c=0.25, K=400)
    1.0
    """
    return d * H / math.sqrt(c * K)


def covered_suboptimality(beta: float, d: int, H: int, c: float, K: float) -> float:
    r"""Largest loss on covered data: :math:`2 \beta d H / \sqrt{c K}`, with beta the largest multiplier.

    `suboptimality` with `coverage_uncertainty`: the rate of the published bounds (Tang, Liu and Xu 2025).

    Examples
    --------
    >>> covered_suboptimality(beta=2.5, d=2, H=5, c=0.25, K=40000)
    0.5
    """
    return suboptimality(beta * coverage_uncertainty(d, H, c, K))


def full_coverage_uncertainty(H: int, K: float, kappa: float) -> float:
    r"""Largest sum of :math:`E \sum_i \phi_i \sqrt{(\Lambda^{-1})_{ii}}` if all features are seen.

    It is :math:`H \sqrt{2 / (K \kappa)}` for simplex features, if the least eigenvalue of every Gram matrix is at least
    :math:`K \kappa / 2`; with :math:`\kappa` that of :math:`E[\phi \phi^\top]`, it is so with probability
    :math:`1 - \delta` once :math:`K \ge (8 / \kappa) \ln(d H / \delta)` (Tropp 2012).

    Examples
    --------
    >>> full_coverage_uncertainty(H=5, K=400, kappa=0.125)
    1.0
    """
    return H * math.sqrt(2 / (K * kappa))


def full_coverage_trajectories(kappa: float, d: int, H: int, delta: float) -> float:
    r"""Trajectories after which the least eigenvalue of every Gram matrix is at least :math:`K \kappa / 2`.

    :math:`(8 / \kappa) \ln(d H / \delta)`, with probability :math:`1 - \delta`, for features of norm at most 1
    (Tropp 2012).

    Examples
    --------
    >>> round(full_coverage_trajectories(kappa=0.5, d=2, H=3, delta=0.05), 2)
    76.6
    """
    return 8 / kappa * math.log(d * H / delta)


def elliptical_coverage_uncertainty(d: int, H: int, c: float, K: float) -> float:
    r"""Largest sum of :math:`E \|\phi\|_{\Lambda^{-1}}` over all steps: :math:`H \sqrt{d / (c K)}`.

    If the data cover the best policy: :math:`\Lambda_t \succeq \gamma I + c K E[\phi \phi^\top]`; by Jensen's
    inequality and a trace.

    Examples
    --------
    >>> elliptical_coverage_uncertainty(d=4, H=5, c=0.25, K=400)
    1.0
    """
    return H * math.sqrt(d / (c * K))
