r"""What no learner can do in linear mixtures: the regret on `mdps.hard_mixture`, with every constant.

Draw the d - 1 signs by coins. To get a sign right a learner must tell success probabilities apart that differ by
:math:`2\Delta`. Flipping one sign changes the law of K episodes by a relative entropy of at most
:math:`4 K \Delta^2 / (p (1 - p))`, with p in [1/9, 2/9] as long as :math:`(d-1) \Delta \le \delta / 3`, and for
:math:`\Delta = \sqrt{\delta / K} / (4 \sqrt 2)` and :math:`\delta = 1/6` that is so little that each coordinate is
wrong in a quarter of all episodes at least (Pinsker's inequality), at a price of :math:`2\Delta (H - 1) / H` each.

Sources: Zhou, Gu and Szepesvari (2021), section 5; Zhou and Gu (2022), theorem 5.4; the constant is derived here.
"""

from __future__ import annotations

import math

from rltheory.models import ModelError


def hard_mixture_drift(K: float, success: float = 1 / 6) -> float:
    r"""The size of what is hidden that is hardest for K episodes: :math:`\Delta = \sqrt{\delta / K} / (4 \sqrt 2)`.

    Parameters
    ----------
    K : float
        Number of episodes.
    success : float
        The probability :math:`\delta` to which it is added.

    Examples
    --------
    >>> round(hard_mixture_drift(2000), 6)
    0.001614
    """
    return math.sqrt(success / K) / (4 * math.sqrt(2))


def hard_mixture_information(K: float, drift: float, largest: float, least: float) -> float:
    r"""Most relative entropy between K episodes before and after a sign is flipped: :math:`4K\Delta^2 / (p(1-p))`.

    For success probabilities between ``least`` and ``largest``, at the one where it is largest. The relative entropy of
    two coins is at most the chi-square divergence, :math:`(p - q)^2 / (q (1 - q))`, here with :math:`p - q = 2\Delta`.

    Examples
    --------
    >>> hard_mixture_information(16, 0.0625, largest=0.5, least=0.5)
    1.0
    """
    return 4 * K * drift**2 / min(least * (1 - least), largest * (1 - largest))


def hard_mixture_episodes(d: int) -> float:
    r"""So many episodes make the drift small enough for `hard_mixture_regret`: :math:`9 (d-1)^2 / (32 \delta)`.

    Examples
    --------
    >>> hard_mixture_episodes(5)
    27.0
    """
    return 9 * (d - 1) ** 2 * 6 / 32


def hard_mixture_regret(d: int, H: int, K: float) -> float:
    r"""Least mean regret of any learner in K episodes, when the signs of `mdps.hard_mixture` are drawn by coins.

    .. math:: \frac{(d - 1) \sqrt K}{16 \sqrt 3} \cdot \frac{H - 1}{H} .

    So it is the regret for some of the signs. It is for the drift of K episodes, :math:`\delta = 1/6`; a learner that
    takes all actions alike has exactly twice as much.

    Parameters
    ----------
    d : int
        Number of features.
    H : int
        Number of steps.
    K : float
        Number of episodes, at least `hard_mixture_episodes`.

    Raises
    ------
    ModelError
        If there are fewer episodes than that.

    Examples
    --------
    >>> round(hard_mixture_regret(4, 4, 2000), 3)
    3.631
    """
    if hard_mixture_episodes(d) > K:
        raise ModelError(f"K is {K}; with d = {d} the bound is proven from {hard_mixture_episodes(d):.6g} episodes on")
    return (d - 1) * math.sqrt(K) / (16 * math.sqrt(3)) * (H - 1) / H
