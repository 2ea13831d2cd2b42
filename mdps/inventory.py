"""Inventory control with lost sales."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._poisson import depletion
from rltheory import MDP


def inventory(
    capacity: int = 20,
    mean_demand: float = 6.0,
    *,
    price: float = 5.0,
    unit_cost: float = 2.0,
    holding_cost: float = 0.2,
    order_cost: float = 0.0,
    gamma: float = 0.95,
) -> MDP:
    r"""Order stock, which arrives at once, then meet a Poisson demand; what cannot be met is lost.

    From stock x an order brings it to y. The reward is
    $p\,E\min(D, y) - c\,(y - x) - h\,E(y - D)^+ - K\,1[y > x]$, and the next stock is $(y - D)^+$. Without an order
    cost (K = 0) the base-stock policy is optimal: order up to the smallest $y^*$ with

    $$P(D \le y^*) \ge \frac{p - c}{p + h - \gamma c},$$

    and for stock $x \le y^*$, if $y^*$ is within the capacity,

    $$v^*(x) = c\,x + \frac{(p + h - \gamma c)\,E\min(D, y^*) - (c + h - \gamma c)\,y^*}{1-\gamma}.$$

    With K > 0 an (s, S) policy is optimal: order up to S when the stock is below s.

    Parameters
    ----------
    capacity : int
        Largest stock, at least 1.
    mean_demand : float
        Mean demand per period, in units of stock, above 0.
    price, unit_cost, holding_cost : float
        Per unit sold, ordered, and left over at the end of a period, in reward units.
    order_cost : float
        K, per order.
    gamma : float
        Discount in [0, 1], per period.

    Returns
    -------
    MDP
        States are the stock 0..capacity; action a orders a units, up to capacity - x. Starts without stock.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Puterman (2005), section 3.2; the base-stock level is Veinott's (1965), the (s, S) policy Scarf's (1960).

    Examples
    --------
    >>> import mdps
    >>> mdps.inventory(capacity=3, mean_demand=1.0).action_counts
    array([4, 3, 2, 1])
    """
    from scipy.sparse import csr_array

    checks.whole("capacity", capacity, 1)
    left, sold = depletion(capacity, checks.positive("mean_demand", mean_demand))
    level = np.arange(capacity + 1)
    stock, order = np.nonzero(level[:, None] + level <= capacity)
    after = stock + order
    reward = price * sold[after] - unit_cost * order - holding_cost * (after - sold[after]) - order_cost * (order > 0)
    return MDP.from_pairs(csr_array(left)[after], reward, gamma, states=stock, mu=0)
