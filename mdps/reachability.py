"""Models for the probability of reaching a goal."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP


def unsound_chain(n: int = 10, *, gamma: float = 1.0) -> MDP:
    r"""Walk from the middle of a line to one of its ends, by tosses of a coin of which every second sends one back.

    The first toss chooses a side; every later one leads a step outwards or back to the middle. The right end, n steps
    away, is the goal. By symmetry it is reached from the middle with probability 1/2, and from k > 0 steps to the right
    or left of it with

    $$v(\pm k) = \tfrac12 \pm 2^{k - n - 1}.$$

    In the n-th sweep of value iteration from 0 no value changes by more than $2^{-n}$, and that of the middle is
    $2^{-n}$: a stop on small changes ends there, next to 0.

    Parameters
    ----------
    n : int
        Number of steps from the middle to an end, at least 1.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        A chain (one action) with states 0..2n; the trap 0 and the goal 2n are absorbing, entering the goal is rewarded
        with 1, and the walk starts in the middle.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    After Haddad and Monmege (2014), figure 2.

    Examples
    --------
    >>> import mdps
    >>> mdps.unsound_chain(2).P.toarray()[3]
    array([0. , 0. , 0.5, 0. , 0.5])
    """
    checks.whole("n", n, 1)
    place = np.arange(2 * n + 1)
    inside = (place > 0) & (place < 2 * n)
    outwards = np.where(place < n, place - 1, place + 1)
    back = np.where(place == n, n - 1, n)
    next_state = np.where(inside[:, None], np.stack([outwards, back], axis=1), place[:, None])
    reward = inside[:, None] & (next_state == 2 * n)
    return product_mdp(next_state[:, None], [0.5, 0.5], reward[:, None], gamma, mu=n)
