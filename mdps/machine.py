"""Replacement of a machine that wears out."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP


def machine_replacement(
    n: int = 10,
    p_wear: float = 0.3,
    *,
    wear_cost: float = 1.0,
    replacement_cost: float = 8.0,
    gamma: float = 0.95,
) -> MDP:
    r"""Keep a machine in condition 0 (new) to n - 1 (worn out), or replace it.

    Keeping it in condition s costs $c\,s$, and it wears to condition s + 1 with probability ``p_wear`` (n - 1 is the
    last). Replacing costs K, and the next period begins with a new machine. A control-limit policy is optimal: replace
    from some condition on. If it wears surely (``p_wear = 1``),

    $$v^*(0) = -\min_L \frac{\sum_{s<L} \gamma^s c\,s + \gamma^L K}{1-\gamma^{L+1}},$$

    over limits $L = 0, \dots, n - 1$, or never replacing.

    Parameters
    ----------
    n : int
        Number of conditions, at least 1.
    p_wear : float
        Probability of wear in a period.
    wear_cost, replacement_cost : float
        c and K above, in reward units.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        Actions ``keep, replace``; starts with a new machine.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Derman (1963).

    Examples
    --------
    >>> import mdps
    >>> mdps.machine_replacement(3).r.reshape(3, 2)
    array([[ 0., -8.],
           [-1., -8.],
           [-2., -8.]])
    """
    checks.whole("n", n, 1)
    checks.probability("p_wear", p_wear)
    condition = np.arange(n)
    kept, new = np.stack([np.minimum(condition + 1, n - 1), condition], axis=1), np.zeros((n, 2), dtype=np.int64)
    cost = np.stack([wear_cost * condition, np.full(n, replacement_cost)], axis=1)
    next_state = np.stack([kept, new], axis=1)
    return product_mdp(
        next_state, [p_wear, 1 - p_wear], 0.0 - cost[:, :, None], gamma, mu=0, action_names=("keep", "replace")
    )
