"""Walks on a line: the chain walk, the random walk and the slippery chain of exploration."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP


def chain(n: int = 5, slip: float = 0.0, *, gamma: float = 0.95) -> MDP:
    r"""Walk left or right on 0..n-1, a step at a time; every step taken from the right end is rewarded with 1.

    Moves beyond an end stay there. With probability ``slip`` the move goes the other way. For ``slip = 0``

    $$v^*(s) = \frac{\gamma^{n-1-s}}{1-\gamma},$$

    and moving right is optimal for every ``slip`` up to 1/2.

    Parameters
    ----------
    n : int
        Number of states, at least 1.
    slip : float
        Probability that a move goes the other way.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``left, right``; the walk starts in state 0.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    After the chain walk of Lagoudakis and Parr (2003), with one rewarding end.

    Examples
    --------
    >>> import mdps
    >>> mdps.chain(4).r
    array([0., 0., 0., 0., 0., 0., 1., 1.])
    """
    checks.whole("n", n, 1)
    checks.probability("slip", slip)
    place = np.arange(n)
    left, right = np.maximum(place - 1, 0), np.minimum(place + 1, n - 1)
    next_state = np.stack([np.stack([left, right], axis=1), np.stack([right, left], axis=1)], axis=1)
    reward = (place == n - 1).astype(float)[:, None, None]
    return product_mdp(next_state, [1 - slip, slip], reward, gamma, mu=0, action_names=("left", "right"))


def random_walk(n: int = 5, *, p_right: float = 0.5, gamma: float = 1.0) -> MDP:
    r"""Walk at random between two absorbing ends; stepping into the right one is rewarded with 1.

    A Markov chain (one action) with inner states 1..n and ends 0 and n + 1. For ``gamma = 1`` the value is the
    probability of ending at the right: $v(s) = s/(n+1)$ for the symmetric walk, and with $\rho = (1-p)/p \ne 1$ the
    gambler's ruin $v(s) = (1-\rho^s)/(1-\rho^{n+1})$.

    Parameters
    ----------
    n : int
        Number of inner states, at least 1.
    p_right : float
        Probability of a step to the right.
    gamma : float
        Discount in [0, 1]; the classical walk is not discounted.

    Returns
    -------
    MDP
        States 0..n+1; the walk starts in the middle.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Sutton and Barto (2018), example 6.2, where n is 5.

    Examples
    --------
    >>> import mdps
    >>> mdps.random_walk(5)
    MDP(7 states, 7 state-action pairs, at most 1 actions, 12 transitions, gamma=1)
    """
    checks.whole("n", n, 1)
    checks.probability("p_right", p_right)
    place = np.arange(n + 2)
    inside = (place > 0) & (place <= n)
    next_state = np.where(inside[:, None], np.stack([place - 1, place + 1], axis=1), place[:, None])
    reward = inside[:, None] & (next_state == n + 1)
    return product_mdp(next_state[:, None], [1 - p_right, p_right], reward[:, None], gamma, mu=(n + 1) // 2)


def slippery_chain(
    n: int = 5, slip: float = 0.2, *, near_reward: float = 2.0, far_reward: float = 10.0, gamma: float = 0.99
) -> MDP:
    r"""Advance for nothing towards a large reward, or return to the start for a small one.

    Action ``advance`` goes from s to s + 1 without a reward, and at the far end stays there for ``far_reward``; action
    ``return`` goes to state 0 for ``near_reward``. With probability ``slip`` the other action's effect happens. With
    the default parameters advancing is optimal everywhere, its stationary probability of the far end is
    $0.8^4 = 0.4096$, and its gain is $0.4096 \cdot 0.8 \cdot 10 + 0.2 \cdot 2 = 3.6768$ a step: the 3677 in 1,000 steps
    that the literature quotes.

    Parameters
    ----------
    n : int
        Number of states, at least 1.
    slip : float
        Probability that the other action's effect happens.
    near_reward, far_reward : float
        Reward of returning, and of advancing at the far end, in reward units.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``advance, return``; starts in state 0.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    The "Chain" of Dearden, Friedman and Russell (1998) and Strens (2000).

    Examples
    --------
    >>> import mdps
    >>> mdps.slippery_chain().r.reshape(5, 2)[[0, 4]]
    array([[0.4, 1.6],
           [8.4, 3.6]])
    """
    checks.whole("n", n, 1)
    checks.probability("slip", slip)
    place = np.arange(n)
    effects = np.stack([np.minimum(place + 1, n - 1), np.zeros_like(place)], axis=1)
    rewards = np.stack([np.where(place == n - 1, far_reward, 0.0), np.full(n, near_reward)], axis=1)
    swapped = [[0, 1], [1, 0]]
    return product_mdp(
        effects[:, swapped], [1 - slip, slip], rewards[:, swapped], gamma, mu=0, action_names=("advance", "return")
    )
