"""A corridor with coins: collect exactly what is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from mdps import _checks as checks
from rltheory import OutcomeModel


def coin_corridor(length: int = 5, coins: Sequence[int] = (1, 2, 5), slip: float = 0.0) -> OutcomeModel:
    r"""Walk down a corridor; at each of its cells pass by, or take one coin, which slips away with some probability.

    The return is the sum that was collected. To collect exactly g one must know what one has, so no policy of the state
    alone is optimal for all g. With H = ``length`` steps and no discount:

    * without slipping, :math:`\min E|G - g| = 0` if and only if g is a sum of at most ``length`` coins;
    * with slip :math:`\epsilon`, and g one of the coins, the largest probability of exactly g is
      :math:`1 - \epsilon^{\mathtt{length}}`: reach for that coin until it stays in the hand, then pass by; more is
      impossible, because some coin must be caught;
    * in expectation one reaches for the largest coin, and the value is :math:`\mathtt{length}\,(1-\epsilon) \max` coin.

    Parameters
    ----------
    length : int
        Number of cells, at least 1.
    coins : sequence of int
        What lies in every cell, each at least 1.
    slip : float
        Probability that a coin slips out of the hand.

    Returns
    -------
    OutcomeModel
        States are the cells, and the end, which is absorbing; actions ``pass`` and one for each coin.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> from mdps.coins import coin_corridor
    >>> coin_corridor(length=3)
    OutcomeModel(4 states, 13 state-action pairs, at most 1 outcomes, gamma=1)
    """
    checks.whole("length", length, 1)
    checks.probability("slip", slip)
    for coin in coins:
        checks.whole("a coin", coin, 1)
    outcomes, names = [], []
    for cell in range(length):
        caught = [[(1 - slip, cell + 1, float(coin)), (slip, cell + 1, 0.0)] for coin in coins]
        outcomes.append([[(1.0, cell + 1, 0.0)], *([one for one in pair if one[0] > 0] for pair in caught)])
        names += ["pass", *(f"take {coin}" for coin in coins)]
    outcomes.append([[(1.0, length, 0.0)]])
    labels = [*(f"cell {cell}" for cell in range(length)), "end"]
    return OutcomeModel.from_lists(outcomes, 1.0, mu=0, state_names=labels, action_names=[*names, "stay"])
