r"""Thompson sampling: pull an arm as often as it is best, for all one knows.

Each coin's probability has the prior Beta(1, 1), and so after S successes in N tosses the posterior
Beta(1 + S, 1 + N - S). In each round draw one number from every posterior, and toss the coin with the largest.

Thompson (1933). The regret is asymptotically as small as any consistent learner's (Kaufmann, Korda and Munos 2012).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.bandits._checked import checked_coins
from rltheory.bandits._kernels import pull
from rltheory.bandits.arms import BernoulliArms
from rltheory.bandits.run import BanditRun, record
from rltheory.models._validation import checked_whole


def thompson(arms: BernoulliArms, rounds: int, *, rng: int | np.random.Generator | None = None) -> BanditRun:
    """Toss each coin with its posterior probability of being the best.

    Parameters
    ----------
    arms : BernoulliArms
        The true bandit.
    rounds : int
        Number n of rounds; the algorithm does not know it.
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
    Thompson (1933).

    Examples
    --------
    >>> from rltheory.bandits import BernoulliArms
    >>> thompson(BernoulliArms([0.5, 0.9]), 1000, rng=0).pulls
    array([  4, 996])
    """
    rounds = checked_whole("rounds", rounds, 1)
    checked_coins(arms, "Thompson sampling")
    return record("Thompson sampling", arms, _play(arms.means, rounds, np.random.default_rng(rng)))


@njit(cache=True)
def _play(means, rounds, rng):  # type: ignore[no-untyped-def]
    successes, failures = np.zeros(means.size), np.zeros(means.size)
    arm, reward = np.empty(rounds, dtype=np.int64), np.empty(rounds)
    drawn = np.empty(means.size)
    for t in range(rounds):
        for b in range(means.size):
            drawn[b] = rng.beta(1 + successes[b], 1 + failures[b])
        a = np.argmax(drawn)
        arm[t], reward[t] = a, pull(means[a], -1.0, rng)
        successes[a] += reward[t]
        failures[a] += 1 - reward[t]
    return arm, reward
