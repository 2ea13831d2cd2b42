r"""Bandits on which a bound bites: a needle that is hard to find, and two worlds that are hard to tell apart."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.bandits import Arms, BernoulliArms, GaussianArms


def needle(n_arms: int = 10, gap: float = 0.1, *, at: int = 0, sigma: float | None = 1.0) -> Arms:
    r"""Many arms that look alike, and one that is better.

    With a gap of $\sigma (1 - 1/k) \sqrt{k/n}$ and a random place of the needle every learner loses
    $\frac\sigma2 (1 - 1/k)^2 \sqrt{n k}$ or more in n rounds, and UCB no more than a logarithmic factor times that.

    Parameters
    ----------
    n_arms : int
        Number k of arms, at least 2.
    gap : float
        How much better the needle is, above 0; at most 1/2 for coins.
    at : int
        The arm that is the needle.
    sigma : float or None
        Deviation of Gaussian rewards; None for coins of probabilities 1/2, and 1/2 + ``gap`` of the needle.

    Returns
    -------
    GaussianArms or BernoulliArms

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.bandits.needle(3, 0.25, at=2, sigma=None).means
    array([0.5 , 0.5 , 0.75])
    """
    raised = checks.positive("gap", gap) * np.eye(checks.whole("n_arms", n_arms, 2))
    if not 0 <= checks.whole("at", at, 0) < n_arms:
        raise ModelError(f"at is {at}; there are arms 0, ..., {n_arms - 1}")
    if sigma is None:
        return BernoulliArms(0.5 + raised[at])
    return GaussianArms(raised[at], sigma=checks.positive("sigma", sigma))


def two_worlds(n_arms: int = 2, gap: float = 0.1, *, raised: int = 1) -> tuple[BernoulliArms, BernoulliArms]:
    r"""Two bandits of coins that differ in one coin, and in which is best.

    In the first, coin 0 succeeds with probability 1/2 and the others with $1/2 - \Delta$; in the second, the coin
    ``raised`` does with $1/2 + \Delta$. A learner who hardly tosses it in the first does not notice in the second.

    Parameters
    ----------
    n_arms : int
        Number of arms, at least 2.
    gap : float
        $\Delta$, above 0 and at most 1/2.
    raised : int
        The coin that differs, other than 0.

    Returns
    -------
    tuple of BernoulliArms

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> [world.means.tolist() for world in mdps.bandits.two_worlds(3, 0.5)]
    [[0.5, 0.0, 0.0], [0.5, 1.0, 0.0]]
    """
    first = 0.5 - checks.positive("gap", gap) * (np.arange(checks.whole("n_arms", n_arms, 2)) > 0)
    if not 1 <= checks.whole("raised", raised, 1) < n_arms:
        raise ModelError(f"raised is {raised}; it must be one of arms 1, ..., {n_arms - 1}")
    second = first.copy()
    second[raised] = 0.5 + gap
    return BernoulliArms(first), BernoulliArms(second)


__all__ = ["needle", "two_worlds"]
