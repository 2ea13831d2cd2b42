r"""Multipliers of the published algorithms, for infinitely many states.

They have the main factors of the papers; the logarithms are only known in order of magnitude.
"""

from __future__ import annotations

import math

from rltheory.offline.bounds.errors import LARGEST_EXPONENT


def published_tv_beta(d: int, H: int, K: float, delta: float) -> float:
    r""":math:`16 H d \sqrt\xi`, with :math:`\xi = 2 \ln(1024 H d^{1/2} K^2 / \delta)` (Tang, Liu and Xu 2025).

    Examples
    --------
    >>> published_tv_beta(d=3, H=3, K=100, delta=0.05) > 16 * 3 * 3
    True
    """
    return 16 * H * d * math.sqrt(2 * math.log(1024 * H * math.sqrt(d) * K**2 / delta))


def published_kl_beta(d: int, H: int, K: float, delta: float, *, lam: float) -> float:
    r""":math:`16 d \lambda e^{H/\lambda} \sqrt{H / \lambda + \xi}`, :math:`\xi = \ln(1024 d \lambda^2 K^3 H / \delta)`.

    Tang, Liu and Xu (2025).

    Examples
    --------
    >>> published_kl_beta(d=3, H=3, K=100, delta=0.05, lam=1.0) > published_tv_beta(d=3, H=3, K=100, delta=0.05)
    True
    """
    logs = max(math.log(1024 * d * lam**2 * K**3 * H / delta), 0.0)
    return 16 * d * lam * math.exp(min(H / lam, LARGEST_EXPONENT)) * math.sqrt(H / lam + logs)


def published_chi_square_beta(d: int, H: int, K: float, delta: float, *, lam: float) -> float:
    r""":math:`8 d H^2 (1 + 1 / \lambda) \sqrt\xi`, :math:`\xi = \ln(192 K^5 H^6 d^3 (1 + H / (2 \lambda))^3 / \delta)`.

    Tang, Liu and Xu (2025).

    Examples
    --------
    >>> published_chi_square_beta(d=3, H=3, K=100, delta=0.05, lam=1.0) > 8 * 3 * 9 * 2
    True
    """
    logs = math.log(192 * K**5 * H**6 * d**3 * (1 + H / (2 * lam)) ** 3 / delta)
    return 8 * d * H**2 * (1 + 1 / lam) * math.sqrt(logs)


def published_drpvi_beta(d: int, H: int, K: float, delta: float) -> float:
    r""":math:`4 \sqrt d H \sqrt{\ln(2 d H^2 K / \delta)}` (Liu and Xu 2024), for K large enough.

    Examples
    --------
    >>> published_drpvi_beta(d=4, H=3, K=100, delta=0.05) > 24
    True
    """
    return 4 * math.sqrt(d) * H * math.sqrt(math.log(2 * d * H**2 * K / delta))


def published_va_drpvi_beta(d: int, H: int, K: float, delta: float, *, c: float = 1.0) -> float:
    r""":math:`c \sqrt d \sqrt{\ln(2 d H^2 K / \delta)}`: of order :math:`\sqrt d` (Liu and Xu 2024).

    The paper leaves constant and logarithms open; here they are c and those of `published_drpvi_beta`.

    Examples
    --------
    >>> published_drpvi_beta(d=4, H=3, K=100, delta=0.05) / published_va_drpvi_beta(d=4, H=3, K=100, delta=0.05)
    12.0
    """
    return c * math.sqrt(d) * math.sqrt(math.log(2 * d * H**2 * K / delta))


def published_pevi_beta(d: int, H: int, K: float, delta: float, *, c: float = 1.0) -> float:
    r""":math:`c\, d H \sqrt{\ln(2 d H K / \delta)}` (Jin, Yang and Wang 2021); the paper leaves the constant c open.

    Examples
    --------
    >>> published_pevi_beta(d=4, H=3, K=100, delta=0.05) > 12
    True
    """
    return c * d * H * math.sqrt(math.log(2 * d * H * K / delta))
