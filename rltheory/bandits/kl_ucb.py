r"""KL-UCB: the upper confidence bound whose shape is that of coins.

After each coin was tossed once, in round t pull the one with the largest

.. math:: \max \{ q : N_a\, \mathrm{kl}(\hat p_a, q) \le \ln t \},

where kl is the relative entropy of coins: the largest probability with which what was seen is not too unlikely. It is
never above the bound of `ucb` for the same confidence (Pinsker's inequality), and far below it for rare successes. The
regret is asymptotically as small as any consistent learner's (Lai and Robbins 1985).

Garivier and Cappe (2011), with c = 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.bandits._checked import checked_coins, checked_rounds
from rltheory.bandits._kernels import pull
from rltheory.bandits.arms import BernoulliArms
from rltheory.bandits.run import BanditRun, record

_BISECTIONS = 45
_SAME = 1e-12


def kl_ucb(arms: BernoulliArms, rounds: int, *, rng: int | np.random.Generator | None = None) -> BanditRun:
    r"""Pull the coin that could be best, judged by relative entropy; among equals the first.

    Parameters
    ----------
    arms : BernoulliArms
        The true bandit.
    rounds : int
        Number n of rounds, at least the number of arms; the algorithm does not know it.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    BanditRun

    Raises
    ------
    ModelError
        If arms are no coins, or an argument is out of range.

    References
    ----------
    Garivier and Cappe (2011).

    Examples
    --------
    >>> from rltheory.bandits import BernoulliArms
    >>> kl_ucb(BernoulliArms([0.5, 0.9]), 1000, rng=0).pulls
    array([   6, 994])
    """
    rounds = checked_rounds(checked_coins(arms, "KL-UCB"), rounds)
    return record("KL-UCB", arms, _play(arms.means, rounds, np.random.default_rng(rng)))


@njit(cache=True)
def kl_upper(mean, information):  # type: ignore[no-untyped-def]
    """Return the largest q with a relative entropy kl(mean, q) of at most ``information``, by bisection."""
    low, high = mean, 1.0
    for _ in range(_BISECTIONS):
        q = (low + high) / 2
        seen = 0.0
        if mean > 0:
            seen += mean * np.log(mean / q)
        if mean < 1:
            seen += (1 - mean) * np.log((1 - mean) / (1 - q)) if q < 1 else np.inf
        if seen <= information:
            low = q
        else:
            high = q
    return low


@njit(cache=True)
def _play(means, rounds, rng):  # type: ignore[no-untyped-def]
    k = means.size
    counts, sums = np.zeros(k), np.zeros(k)
    arm, reward = np.empty(rounds, dtype=np.int64), np.empty(rounds)
    for t in range(rounds):
        a = min(t, k - 1)
        if t >= k:
            best = -1.0
            for b in range(k):
                index = kl_upper(sums[b] / counts[b], np.log(t + 1.0) / counts[b])
                if index > best + _SAME:
                    a, best = b, index
        arm[t], reward[t] = a, pull(means[a], -1.0, rng)
        counts[a] += 1
        sums[a] += reward[t]
    return arm, reward
