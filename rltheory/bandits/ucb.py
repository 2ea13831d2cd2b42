r"""Upper confidence bounds: pull the arm that could be best.

After each arm was pulled once, pull the one with the largest

.. math:: \hat m_a + \sigma \sqrt{\frac{2 \ln(1/\delta)}{N_a}}, \qquad \delta = n^{-2},

the mean of what it earned in N_a pulls and what that may be short of the truth, but for a probability of
:math:`\delta`. Either the arm is nearly best, or its pull makes its bound smaller: so the bad ones go by themselves.

Auer, Cesa-Bianchi and Fischer (2002); Lattimore and Szepesvari (2020), chapter 7.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from rltheory.bandits._checked import checked_rounds, checked_sigma
from rltheory.bandits._kernels import pull
from rltheory.bandits.arms import Arms
from rltheory.bandits.run import BanditRun, record


def ucb(
    arms: Arms, rounds: int, *, sigma: float | None = None, rng: int | np.random.Generator | None = None
) -> BanditRun:
    r"""Pull the arm with the largest upper confidence bound; among equals the first.

    Parameters
    ----------
    arms : Arms
        The true bandit.
    rounds : int
        Number n of rounds, at least the number of arms.
    sigma : float, optional
        Rewards are :math:`\sigma`-subgaussian; by default 1/2 for coins, the deviation of Gaussian arms, and 1 if they
        have none.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    BanditRun

    Raises
    ------
    ModelError
        If an argument is out of range.

    References
    ----------
    Lattimore and Szepesvari (2020), algorithm 3; mean regret at most `bounds.ucb_regret` and `bounds.ucb_worst_regret`.

    Examples
    --------
    >>> from rltheory.bandits import GaussianArms
    >>> ucb(GaussianArms([0.0, 1.0]), 1000, rng=0).pulls
    array([ 17, 983])
    """
    rounds, sigma = checked_rounds(arms, rounds), checked_sigma(arms, sigma)
    width = 2 * sigma * math.sqrt(math.log(rounds))
    return record("UCB", arms, _play(arms.means, arms.noise, rounds, width, np.random.default_rng(rng)))


@njit(cache=True)
def _play(means, noise, rounds, width, rng):  # type: ignore[no-untyped-def]
    counts, sums, index = np.zeros(means.size), np.zeros(means.size), np.full(means.size, np.inf)
    arm, reward = np.empty(rounds, dtype=np.int64), np.empty(rounds)
    for t in range(rounds):
        a = np.argmax(index)
        arm[t], reward[t] = a, pull(means[a], noise, rng)
        counts[a] += 1
        sums[a] += reward[t]
        index[a] = sums[a] / counts[a] + width / np.sqrt(counts[a])
    return arm, reward
