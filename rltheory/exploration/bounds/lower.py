r"""What no learner can do in linear mixtures, with every constant: regret, and exploration without rewards.

Draw the d - 1 signs by coins. To get a sign right a learner must tell success probabilities apart that differ by
:math:`2\Delta`. Flipping one sign changes the law of K episodes by a relative entropy of at most
:math:`4 K \Delta^2 / (p (1 - p))`, with p in [1/9, 2/9] as long as :math:`(d-1) \Delta \le \delta / 3`, and for
:math:`\Delta = \sqrt{\delta / K} / (4 \sqrt 2)` and :math:`\delta = 1/6` that is so little that each coordinate is
wrong in a quarter of all episodes at least (Pinsker's inequality), at a price of :math:`2\Delta (H - 1) / H` each.

The same argument serves two more families. Where each of H steps hides signs of its own (`mdps.hard_mixture_steps`),
step t tells of its signs only in the episodes that reach it. And one who explores without rewards names each sign once,
after K episodes (`mdps.reward_free_hard_mixture`), and is wrong with a probability of :math:`\frac12 (1 - \sqrt{I/2})`
at least, for an information of I, which for the drift chosen is a quarter.

Sources: Zhou, Gu and Szepesvari (2021), section 5; Zhou and Gu (2022), theorem 5.4; Zhang, Zhou and Gu (2021); the
constants are derived here.
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


def hard_mixture_steps_regret(d: int, H: int, K: float) -> float:
    r"""Least mean regret of any learner in K episodes, when the signs of `mdps.hard_mixture_steps` are drawn by coins.

    .. math:: (d - 1) \Delta K \sum_{t < H - 1} (H - 1 - t - V_{t+1}) \Big( (1 - \bar p)^t - \sqrt{I_t / 2} \Big)_+ ,
       \qquad I_t = \frac{4 K \Delta^2 (1 - \underline p)^t}{\underline p (1 - \underline p)} ,

    for success probabilities between :math:`\underline p` and :math:`\bar p`, :math:`1/H \pm (d-1)\Delta`, and V the
    optimal values along the chain. At least a share :math:`(1 - \bar p)^t` of all episodes reaches step t and at most
    :math:`(1 - \underline p)^t`, which is what they can learn from. It is of the order of :math:`d H^{3/2} \sqrt K`.

    Parameters
    ----------
    d : int
        Number of features.
    H : int
        Number of steps, at least 2.
    K : float
        Number of episodes, at least :math:`9 (d-1)^2 H / 32`, so that :math:`(d-1)\Delta \le 1/(3H)`.

    Raises
    ------
    ModelError
        If there are fewer episodes than that.

    Examples
    --------
    >>> round(hard_mixture_steps_regret(4, 10, 1000) / (4 * 10**1.5 * 1000**0.5), 4)
    0.0233
    """
    needed = 9 * (d - 1) ** 2 * H / 32
    if needed > K:
        raise ModelError(f"K is {K}; with d = {d} and H = {H} the bound is proven from {needed:.6g} episodes on")
    drift = hard_mixture_drift(K, 1 / H)
    most, least = 1 / H + (d - 1) * drift, 1 / H - (d - 1) * drift
    after, total = 0.0, 0.0
    for t in reversed(range(H - 1)):
        information = hard_mixture_information(K * (1 - least) ** t, drift, most, least)
        total += (H - 1 - t - after) * max((1 - most) ** t - math.sqrt(information / 2), 0.0)
        after = most * (H - 1 - t) + (1 - most) * after
    return (d - 1) * drift * K * total


def least_variance(success: float, spread: float) -> float:
    """Least variance of a coin whose probability is within ``spread`` of ``success``.

    Examples
    --------
    >>> least_variance(0.5, 0.25)
    0.1875
    """
    return min(p * (1 - p) for p in (success - spread, success + spread))


def reward_free_drift(K: float, *, success: float = 1 / 2, spread: float = 1 / 4) -> float:
    r"""The size of what is hidden that is hardest to find in K episodes without rewards: :math:`\sqrt{q / (8 K)}`.

    With q of `least_variance`: flipping a sign then changes the law of K episodes by a relative entropy of 1/2 at most.

    Parameters
    ----------
    K : float
        Number of episodes.
    success, spread : float
        The probability to which it is added, and how far from it those of all actions may be.

    Examples
    --------
    >>> reward_free_drift(24)
    0.03125
    """
    return math.sqrt(least_variance(success, spread) / (8 * K))


def reward_free_loss(d: int, K: float, *, worth: float, success: float = 1 / 2, spread: float = 1 / 4) -> float:
    r"""Least mean loss of any plan that is made after K episodes without rewards, when signs are drawn by coins.

    :math:`\frac{w (d - 1)}2 \sqrt{q / (8K)}`: each of d - 1 signs is wrong with a probability of 1/4, at a price of
    :math:`2 \Delta w`, for success that is worth w. One who guesses without exploring loses exactly twice as much.

    Parameters
    ----------
    d : int
        Number of features.
    K : float
        Number of episodes, at least :math:`q (d-1)^2 / (8 c^2)` with c the spread.
    worth : float
        In reward units: H - 1 if success pays 1 in each step afterwards, (H - 1) / H if an episode pays less than 1.
    success, spread : float
        As for `reward_free_drift`; 1/2 and 1/4 for `mdps.reward_free_hard_mixture`, 1/6 and 1/18 for
        `mdps.hard_mixture`.

    Raises
    ------
    ModelError
        If there are fewer episodes than that.

    Examples
    --------
    >>> reward_free_loss(3, 24, worth=4.0)
    0.125
    """
    needed = least_variance(success, spread) * (d - 1) ** 2 / (8 * spread**2)
    if needed > K:
        raise ModelError(f"K is {K}; with d = {d} the bound is proven from {needed:.6g} episodes on")
    return worth * (d - 1) / 2 * reward_free_drift(K, success=success, spread=spread)


def reward_free_episodes(d: int, eps: float, *, worth: float) -> float:
    r"""So many episodes it takes to lose no more than eps: :math:`\frac3{512} (d-1)^2 w^2 / \epsilon^2`.

    On `mdps.reward_free_hard_mixture`, from `reward_free_loss`.

    Parameters
    ----------
    d : int
        Number of features.
    eps : float
        At most :math:`w/8`, in reward units.
    worth : float
        w, as for `reward_free_loss`.

    Raises
    ------
    ModelError
        If eps is not in :math:`(0, w/8]`.

    Examples
    --------
    >>> reward_free_episodes(3, 0.125, worth=4.0)
    24.0
    """
    if not 0 < eps <= worth / 8:
        raise ModelError(f"eps is {eps}; the bound is for more than 0 and at most an eighth of {worth:g}")
    return 3 / 512 * (d - 1) ** 2 * worth**2 / eps**2
