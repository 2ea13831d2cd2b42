r"""Successive elimination: pull all arms that may be best in turn, and drop those that cannot be.

After m pulls of each arm that is left, drop those whose means are more than
:math:`u_m = 2 \sigma \sqrt{\ln((k - 1) n / \delta) / m}` below the largest one. With probability :math:`1 - \delta` the
best arm stays for ever.

Even-Dar, Mannor and Mansour (2006).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.bandits._checked import checked_rounds, checked_sigma
from rltheory.bandits._kernels import pull
from rltheory.bandits.arms import Arms
from rltheory.bandits.bounds import elimination_width
from rltheory.bandits.run import BanditRun, record
from rltheory.models import ModelError


def successive_elimination(
    arms: Arms,
    rounds: int,
    *,
    delta: float = 0.05,
    sigma: float | None = None,
    rng: int | np.random.Generator | None = None,
) -> BanditRun:
    """Pull in turn the arms whose means are near the largest one.

    Parameters
    ----------
    arms : Arms
        The true bandit.
    rounds : int
        Number n of rounds, at least the number of arms.
    delta : float
        Failure probability, in (0, 1).
    sigma : float, optional
        As in `ucb`.
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
    Even-Dar, Mannor and Mansour (2006); regret at most `bounds.elimination_regret` with probability 1 - delta.

    Examples
    --------
    >>> from rltheory.bandits import GaussianArms
    >>> successive_elimination(GaussianArms([0.0, 1.0]), 1000, rng=0).pulls
    array([ 20, 980])
    """
    rounds, sigma = checked_rounds(arms, rounds), checked_sigma(arms, sigma)
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a failure probability is strictly between 0 and 1")
    width = elimination_width(1, arms.n_arms, rounds, delta=delta, sigma=sigma)
    played = _play(arms.means, arms.noise, rounds, width, np.random.default_rng(rng))
    return record("Successive elimination", arms, played)


@njit(cache=True)
def _play(means, noise, rounds, width, rng):  # type: ignore[no-untyped-def]
    sums, left, m, t = np.zeros(means.size), np.arange(means.size), 0, 0
    arm, reward = np.empty(rounds, dtype=np.int64), np.empty(rounds)
    while t < rounds:
        for a in left[: rounds - t]:
            arm[t], reward[t] = a, pull(means[a], noise, rng)
            sums[a] += reward[t]
            t += 1
        m += 1
        mean = sums[left] / m
        left = left[mean >= mean.max() - width / np.sqrt(m)]
    return arm, reward
