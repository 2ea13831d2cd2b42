r"""Explore, then commit: try every arm m times, and keep to the best mean.

The simplest learner there is. A try costs the gap of its arm, a wrong commitment costs it in all rounds that are left,
and m must be chosen before anything is seen: with the gap known it may be as small as
:math:`4 (\sigma / \Delta)^2 \ln(n \Delta^2 / (4 \sigma^2))`, without it nothing is right for all bandits.

Lattimore and Szepesvari (2020), chapter 6.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.bandits._checked import checked_rounds
from rltheory.bandits._kernels import pull
from rltheory.bandits.arms import Arms
from rltheory.bandits.run import BanditRun, record
from rltheory.models import ModelError
from rltheory.models._validation import checked_whole


def explore_then_commit(
    arms: Arms, rounds: int, *, tries: int, rng: int | np.random.Generator | None = None
) -> BanditRun:
    """Pull the arms in turn, ``tries`` times each, then always the one with the largest mean; among equals the first.

    Parameters
    ----------
    arms : Arms
        The true bandit.
    rounds : int
        Number n of rounds.
    tries : int
        Number m of pulls of each arm before one is kept, at least 1; `bounds.commit_tries` suits two arms whose gap is
        known.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    BanditRun

    Raises
    ------
    ModelError
        If the tries do not fit in the rounds, or an argument is out of range.

    References
    ----------
    Lattimore and Szepesvari (2020), algorithm 1; mean regret at most `bounds.commit_regret`.

    Examples
    --------
    >>> from rltheory.bandits import GaussianArms
    >>> explore_then_commit(GaussianArms([0.0, 1.0]), 1000, tries=20, rng=0).pulls
    array([ 20, 980])
    """
    rounds, tries = checked_rounds(arms, rounds), checked_whole("tries", tries, 1)
    if tries * arms.n_arms > rounds:
        raise ModelError(f"tries is {tries}; each of {arms.n_arms} arms cannot have as many in {rounds} rounds")
    played = _play(arms.means, arms.noise, rounds, tries, np.random.default_rng(rng))
    return record("Explore then commit", arms, played)


@njit(cache=True)
def _play(means, noise, rounds, tries, rng):  # type: ignore[no-untyped-def]
    k, kept = means.size, 0
    sums = np.zeros(k)
    arm, reward = np.empty(rounds, dtype=np.int64), np.empty(rounds)
    for t in range(rounds):
        if t == tries * k:
            kept = int(np.argmax(sums))
        a = t % k if t < tries * k else kept
        arm[t], reward[t] = a, pull(means[a], noise, rng)
        sums[a] += reward[t]
    return arm, reward
