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


def waiting_room(p: float = 0.5, *, gamma: float = 1.0) -> MDP:
    r"""Wait, or try once: a try ends in the goal with probability ``p`` and in a trap otherwise.

    The goal is reached with probability at most p from state 0. But waiting costs nothing, so that every number
    in [p, 1] solves the optimality equation $x = \max(x, p)$ there, and the iteration from above stays at 1.

    Parameters
    ----------
    p : float
        Probability in [0, 1].
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``wait, try`` in state 0; the trap 1 and the goal 2 are absorbing, and entering the goal is rewarded
        with 1.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.waiting_room(0.25).P.toarray()
    array([[1.  , 0.  , 0.  ],
           [0.  , 0.75, 0.25],
           [0.  , 1.  , 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    checks.probability("p", p)
    P = [[1.0, 0, 0], [0, 1 - p, p], [0, 1.0, 0], [0, 0, 1.0]]
    return MDP.from_pairs(P, [0.0, p, 0.0, 0.0], gamma, pair_start=[0, 2, 3, 4], mu=0)


def ladder(n: int = 3, p: float = 0.5, *, fall: bool = True, gamma: float = 1.0) -> MDP:
    r"""Climb n rungs; each step succeeds with probability ``p`` and costs 1, and a failure throws back to the start.

    The top, state 0, is the goal; from state s > 0 a success leads to s - 1 and a failure to n, the foot. Climbing
    takes n successes in a row, and so $p^{-1} + p^{-2} + \dots + p^{-n}$ steps in expectation. No model with n states
    besides the goal and positive probabilities of at least p takes longer, if all its policies arrive.

    Parameters
    ----------
    n : int
        Number of rungs, at least 1.
    p : float
        Probability of a success, 0 < p <= 1.
    fall : bool
        Whether a failure throws back to the foot; otherwise one stays.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        A chain (one action) of n + 1 states.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.ladder(2, p=0.25).P.toarray()
    array([[1.  , 0.  , 0.  ],
           [0.25, 0.  , 0.75],
           [0.  , 0.25, 0.75]])
    """
    rungs = np.arange(1, checks.whole("n", n, 1) + 1)
    checks.positive("p", checks.probability("p", p))
    P = np.zeros((n + 1, n + 1))
    P[0, 0] = 1
    P[rungs, rungs - 1] = p
    P[rungs, n if fall else rungs] += 1 - p
    return MDP.from_pairs(P, -(np.arange(n + 1) > 0).astype(float), gamma, n_actions=1, mu=n)
