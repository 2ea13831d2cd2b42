"""RiverSwim: the current carries a swimmer back to the small reward."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP


def river_swim(n: int = 6, *, gamma: float = 0.95) -> MDP:
    r"""Swim with the current to a small reward, or against it to a large one.

    Swimming left always succeeds and earns 0.005 in state 0. Swimming right from an inner state advances with
    probability 0.35, stays with 0.6 and drifts back with 0.05; it advances with 0.6 from state 0 (else stays), stays
    with 0.6 in state n - 1 (else drifts back), and earns 1 there. For ``n = 6`` always swimming right is optimal for
    discounts of at least 0.62; it makes a birth-death chain, with gain

    $$\pi(n-1) = \frac{0.875 \cdot 7^{n-3}}{1/12 + 1 + 7 + \dots + 7^{n-3} + 0.875 \cdot 7^{n-3}} \qquad (n \ge 3),$$

    which is 0.4286 for n = 6.

    Parameters
    ----------
    n : int
        Number of states, at least 2.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``left, right``; the swimmer starts in state 0.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Strehl and Littman (2008), with rewards scaled to [0, 1] and the transitions in common use since.

    Examples
    --------
    >>> import mdps
    >>> mdps.river_swim(6).P.toarray()[[1, 3, 11]]
    array([[0.4 , 0.6 , 0.  , 0.  , 0.  , 0.  ],
           [0.05, 0.6 , 0.35, 0.  , 0.  , 0.  ],
           [0.  , 0.  , 0.  , 0.  , 0.4 , 0.6 ]])
    """
    checks.whole("n", n, 2)
    place = np.arange(n)
    neighbours = np.stack([np.maximum(place - 1, 0), place, np.minimum(place + 1, n - 1)], axis=1)
    prob = np.empty((n, 2, 3))
    prob[:, 0] = [1, 0, 0]
    prob[:, 1] = [0.05, 0.6, 0.35]
    prob[0, 1], prob[-1, 1] = [0, 0.4, 0.6], [0.4, 0.6, 0]
    reward = np.zeros((n, 2, 1))
    reward[0, 0], reward[-1, 1] = 0.005, 1
    return product_mdp(neighbours[:, None], prob, reward, gamma, mu=0, action_names=("left", "right"))
