"""Forest management: let it grow, or cut it."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP


def forest(n: int = 3, r1: float = 4.0, r2: float = 2.0, p: float = 0.1, *, gamma: float = 0.9) -> MDP:
    r"""Wait while the forest grows older, at the risk of fire, or cut it and sell the wood.

    Waiting leads to the next age class, or after a fire to class 0; it is rewarded with ``r1`` in the oldest class.
    Cutting leads to class 0; it is rewarded with 0 in class 0, 1 in the classes between, and ``r2`` in the oldest. With
    the default parameters waiting is optimal everywhere and

    $$v^* = (26.244,\ 29.484,\ 33.484).$$

    Parameters
    ----------
    n : int
        Number of age classes, at least 2.
    r1, r2 : float
        Reward of the oldest class when waiting and when cutting, in reward units.
    p : float
        Probability of a fire in a period.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``wait, cut``.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    The example of MDPToolbox (Chadès et al., 2014) and of pymdptoolbox, whose value iteration stops at
    (5.1, 8.3, 12.3), far from the optimum above that its policy iteration finds.

    Examples
    --------
    >>> import mdps
    >>> mdps.forest().r.reshape(3, 2)
    array([[0., 0.],
           [0., 1.],
           [4., 2.]])
    """
    checks.whole("n", n, 2)
    checks.probability("p", p)
    age = np.arange(n)
    older, burnt = np.minimum(age + 1, n - 1), np.zeros_like(age)
    next_state = np.stack([np.stack([older, burnt], axis=1), np.stack([burnt, burnt], axis=1)], axis=1)
    reward = np.zeros((n, 2, 1))
    reward[1:, 1] = 1.0
    reward[-1, :, 0] = r1, r2
    return product_mdp(next_state, [1 - p, p], reward, gamma, action_names=("wait", "cut"))
