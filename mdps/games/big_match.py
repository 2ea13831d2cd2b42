r"""The big match: when to bet on what the other will do next."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory.games.markov import MarkovGame


def big_match(gamma: float = 0.9) -> MarkovGame:
    r"""Predict whether the other plays right; a prediction that she plays left is the last one, and its result stays.

    In the state *open* the row player bets on *left* or *right*. A bet on the right pays 1 if the column player goes
    right, and the game goes on. A bet on the left ends it: from now on every step pays 1 if she went left at the bet,
    and 0 if she did not. For every discount the value of *open* is

    $$v = \frac{1}{2 (1 - \gamma)},$$

    the column player goes left half of the time, and the row player bets on the left with probability
    $(1 - \gamma)/(2 - \gamma)$, which is the only optimal strategy and tends to 0, where it would be worth nothing.

    Parameters
    ----------
    gamma : float
        Discount in (0, 1).

    Returns
    -------
    MarkovGame
        Zero sum, with the states ``open``, ``won`` and ``lost``.

    Raises
    ------
    ModelError
        If ``gamma`` is out of range.

    Notes
    -----
    Gillette (1957); Blackwell and Ferguson (1968).

    Examples
    --------
    >>> from mdps.games import big_match
    >>> big_match()
    MarkovGame(2 players, 3 states, 12 joint actions, 12 transitions, gamma=0.9)
    """
    checks.inner_discount(gamma)
    P = np.zeros((3, 2, 2, 3))
    P[0, 0, 0, 1] = P[0, 0, 1, 2] = 1
    P[0, 1, :, 0] = P[1, :, :, 1] = P[2, :, :, 2] = 1
    r = [[[1, 0], [0, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]]
    return MarkovGame.zero_sum(
        P, r, gamma, mu=0, state_names=("open", "won", "lost"), action_names=(("left", "right"),) * 2
    )
