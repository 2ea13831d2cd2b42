r"""A log in which the lock is never opened: what can be learnt from the data of a policy that did not try.

A lock has a code of L digits; a wrong digit ends the episode with a sure half, and behind the lock is a coin of mean
:math:`\frac12 \pm \varepsilon`. Whatever policy made the log, one of the codes is opened with probability p of at most
:math:`A^{-L}`, and of N episodes only those tell the sign. The best that any learner can do is to follow the majority
of what it has seen, and how often that fails is a sum over binomial laws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import real_array


def least_reached(behaviour: Any) -> tuple[np.ndarray, float]:
    """Find the code that a policy opens least often.

    Parameters
    ----------
    behaviour : array_like, shape (L, n_actions)
        Probabilities of the actions, digit by digit.

    Returns
    -------
    code : ndarray of int, shape (L,)
    reach : float
        Probability of opening it, the product of the least probabilities: at most ``n_actions ** -L``.

    Raises
    ------
    ModelError
        If a row is no distribution.

    Examples
    --------
    >>> from rltheory.hardness import least_reached
    >>> least_reached([[0.75, 0.25], [0.5, 0.5]])
    (array([1, 0]), 0.125)
    """
    rows = real_array(behaviour, "behaviour")
    if rows.ndim != 2 or not ((rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) <= 1e-9).all()):
        raise ModelError("behaviour must have a distribution over the actions in each row, one row a digit")
    return rows.argmin(axis=1), float(rows.min(axis=1).prod())


def lock_failure(reach: float, episodes: int, gap: float) -> float:
    r"""Compute the least probability with which the best learner errs, on the worse of two locks.

    .. math:: \tfrac12 \sum_m \mathrm{Bin}_{N,p}(m) \sum_j \min\big\{
        \mathrm{Bin}_{m, \frac12 + \varepsilon}(j), \mathrm{Bin}_{m, \frac12 - \varepsilon}(j) \big\}

    Parameters
    ----------
    reach : float
        Probability p that an episode opens the lock.
    episodes : int
        Number N of episodes in the log.
    gap : float
        :math:`\varepsilon`, at most one half.

    Returns
    -------
    float
        At most one half: the learner follows the majority of the coins seen, and tosses one if there is none.

    Raises
    ------
    ModelError
        If a number is out of range.

    Examples
    --------
    >>> from rltheory.hardness import lock_failure
    >>> round(lock_failure(reach=0.5, episodes=1, gap=0.5), 12)
    0.25
    """
    from scipy.stats import binom

    if not (0 <= reach <= 1 and episodes >= 0 and 0 <= gap <= 0.5):
        raise ModelError(
            f"reach, episodes and gap are {reach}, {episodes} and {gap}; they must be in [0, 1], at least 0, and in"
            " [0, 0.5]"
        )
    opened = np.arange(episodes + 1)
    # Of the m coins, fewer than half show the right side; half of the time a tie is decided wrongly.
    wrong = binom.cdf((opened - 1) // 2, opened, 0.5 + gap)
    tie = np.where(opened % 2 == 0, binom.pmf(opened // 2, opened, 0.5 + gap), 0.0)
    return float(binom.pmf(opened, episodes, reach) @ (wrong + tie / 2))
