"""The gambler who stakes on the toss of a coin, to reach a goal before ruin."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import ragged_mdp
from rltheory import MDP


def gambler(goal: int = 100, p_heads: float = 0.4, *, gamma: float = 1.0) -> MDP:
    r"""Stake 1..min(s, goal - s) of the capital s on heads; reaching the goal is rewarded with 1.

    Ruin (0) and the goal are absorbing. For ``gamma = 1`` the value is the best probability of reaching the goal:

    * $p < 1/2$: bold play, staking min(s, goal - s), is optimal;
    * $p = 1/2$: every policy is, and $v^*(s) = s/\mathtt{goal}$;
    * $p > 1/2$: timid play, staking 1, is optimal: with $\rho = (1-p)/p$,
      $v^*(s) = (1-\rho^s)/(1-\rho^{\mathtt{goal}})$.

    Parameters
    ----------
    goal : int
        Capital at which the gambler stops, at least 2.
    p_heads : float
        Probability of winning a toss.
    gamma : float
        Discount in [0, 1]; the classical problem is not discounted.

    Returns
    -------
    MDP
        States 0..goal; action a of an inner state stakes a + 1, and the two ends have one action, ``stop``. The
        initial capital is goal // 2.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Dubins and Savage (1965); Sutton and Barto (2018), example 4.3.

    Examples
    --------
    >>> import mdps
    >>> mdps.gambler(goal=4).action_names
    ('stop', '1', '1', '2', '1', 'stop')
    """
    checks.whole("goal", goal, 2)
    checks.probability("p_heads", p_heads)
    capital = np.arange(goal + 1)
    counts = np.maximum(np.minimum(capital, goal - capital), 1)
    before = np.repeat(capital, counts)
    ends = (before == 0) | (before == goal)
    stake = np.where(ends, 0, np.arange(before.size) - (np.cumsum(counts) - counts)[before] + 1)
    after = np.stack([before + stake, before - stake], axis=1)
    reward = (after == goal) & ~ends[:, None]
    return ragged_mdp(
        after,
        [p_heads, 1 - p_heads],
        reward,
        gamma,
        counts=counts,
        mu=goal // 2,
        action_names=["stop" if amount == 0 else str(amount) for amount in stake.tolist()],
    )
