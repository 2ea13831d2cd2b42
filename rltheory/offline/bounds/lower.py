r"""What no learner can do: the lower bound on the loss from K trajectories, and the hard models behind it.

In the family of Liu and Xu (2024), `mdps.hard_rewards`, H times d signs are hidden in rewards with normal noise. A
wrong sign costs :math:`\delta/2d` where it is made, of which a nature that moves the first step leaves a share, the
*slope*: 1 at the first step, :math:`1 - \rho` later on if it moves within a ball of total variation. K trajectories
tell two opposite signs apart by a relative entropy of :math:`K \delta^2 / (2 d^2 (d + 2))` and no more, so that half of
the signs, less what Pinsker's inequality allows for, are guessed wrong.

A nature that pays lets the later values v through as the worst case w(v) of a point that is left with probability eps.
Its slope is the least derivative of w.
"""

from __future__ import annotations

import math


def hard_rewards_delta(d: int, K: float) -> float:
    r"""The scale of rewards that is hardest for K trajectories: :math:`\delta = d^{3/2} / \sqrt{2 K}`.

    Examples
    --------
    >>> hard_rewards_delta(d=4, K=128)
    0.5
    """
    return d**1.5 / math.sqrt(2 * K)


def hard_rewards_loss(delta: float, d: int, *, first: float, later: float, slope: float) -> float:
    r"""Loss of a policy with so many wrong signs at the first step and later: :math:`\frac{\delta}{2d} (n_0 + m n)`.

    Exact for a ball, with slope :math:`m = 1 - \rho`; a lower bound for penalties. Liu and Xu (2024) have half of it.

    Examples
    --------
    >>> hard_rewards_loss(0.8, 2, first=1, later=2, slope=0.5)
    0.4
    """
    return delta / (2 * d) * (first + slope * later)


def sign_information(delta: float, d: int, K: float) -> float:
    r"""Relative entropy between data of opposite signs: :math:`K \delta^2 / (2 d^2 (d + 2))`.

    Examples
    --------
    >>> sign_information(delta=2.0, d=2, K=16)
    2.0
    """
    return K * delta**2 / (2 * d**2 * (d + 2))


def hard_rewards_minimax(delta: float, d: int, H: int, K: float, *, slope: float) -> float:
    r"""Least mean loss of any learner when signs are drawn by coins, and so its loss for some of them.

    :math:`\frac{\delta}{4} (1 + m (H - 1)) \big(1 - \sqrt{D / 2}\big)`, D the `sign_information` and m the slope.

    Examples
    --------
    >>> hard_rewards_minimax(delta=2.0, d=2, H=3, K=4, slope=0.5)
    0.5
    """
    doubt = 1 - math.sqrt(sign_information(delta, d, K) / 2)
    return delta / 4 * (1 + slope * (H - 1)) * max(doubt, 0.0)


def published_hard_rewards_minimax(d: int, H: int, K: float) -> float:
    r"""The weaker form in print: :math:`d^{3/2} H / (128 \sqrt K)`, for radii up to 3/4 (Liu and Xu 2024).

    Examples
    --------
    >>> published_hard_rewards_minimax(d=4, H=16, K=100)
    0.1
    """
    return d**1.5 * H / (128 * math.sqrt(K))


def two_point_tv(v: float, lam: float, eps: float) -> float:
    r"""Worst case of v with probability 1 - eps, else 0, for total variation: :math:`(1 - \epsilon) \min(v, \lambda)`.

    Examples
    --------
    >>> two_point_tv(v=2.0, lam=1.0, eps=0.25)
    0.75
    """
    return (1 - eps) * min(v, lam)


def two_point_kl(v: float, lam: float, eps: float) -> float:
    r"""Worst case for relative entropy: :math:`-\lambda \ln((1 - \epsilon) e^{-v/\lambda} + \epsilon)`.

    Examples
    --------
    >>> two_point_kl(v=2.0, lam=1.0, eps=0.0)
    2.0
    """
    if eps == 0:
        return v
    return -lam * math.log((1 - eps) * math.exp(-v / lam) + eps)


def two_point_chi_square(v: float, lam: float, eps: float) -> float:
    r"""Worst case for chi-square: :math:`(1 - \epsilon) (v - \epsilon v^2 / (4\lambda))` while
    :math:`\epsilon v \le 2\lambda`, then :math:`\lambda (1 - \epsilon) / \epsilon`.

    Examples
    --------
    >>> two_point_chi_square(v=2.0, lam=1.0, eps=0.5), two_point_chi_square(v=9.0, lam=1.0, eps=0.5)
    (0.75, 1.0)
    """
    if eps * v > 2 * lam:
        return lam * (1 - eps) / eps
    return (1 - eps) * (v - eps * v**2 / (4 * lam))


def slope_tv(largest: float, lam: float, eps: float) -> float:
    r"""Least slope of `two_point_tv` for v up to ``largest``: :math:`1 - \epsilon` if that is at most lam, else 0.

    Examples
    --------
    >>> slope_tv(largest=0.5, lam=1.0, eps=0.25), slope_tv(largest=2.0, lam=1.0, eps=0.25)
    (0.75, 0.0)
    """
    return 1 - eps if largest <= lam else 0.0


def slope_kl(largest: float, lam: float, eps: float) -> float:
    r"""Least slope of `two_point_kl`: :math:`(1 - \epsilon) / (1 - \epsilon + \epsilon e^{v/\lambda})`, v the largest.

    Examples
    --------
    >>> slope_kl(largest=0.0, lam=1.0, eps=0.25)
    0.75
    """
    return (1 - eps) / (1 - eps + eps * math.exp(largest / lam))


def slope_chi_square(largest: float, lam: float, eps: float) -> float:
    r"""Least slope of `two_point_chi_square`: :math:`(1 - \epsilon) (1 - \epsilon v / (2\lambda))_+`, v the largest.

    Examples
    --------
    >>> slope_chi_square(largest=2.0, lam=1.0, eps=0.5)
    0.25
    """
    return (1 - eps) * max(1 - eps * largest / (2 * lam), 0.0)
