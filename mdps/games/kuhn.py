r"""Kuhn's poker: three cards, two players, one bet.

Each pays an ante of 1 and holds one of the cards J < Q < K. The first player bets 1 or checks. After a check the second
player checks, and the higher card wins the antes, or bets. Against a bet the other player folds, and loses her ante, or
calls, and the higher card wins 2.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from mdps import _checks as checks
from rltheory.games import NormalFormGame

_CARDS = "JQK"
_FIRST = ("bet", "fold", "call")  # bet; or check, and then fold or call
_SECOND = ("check fold", "check call", "bet fold", "bet call")  # after a check, and after a bet


def kuhn_poker() -> NormalFormGame:
    r"""Return Kuhn's poker with every plan as an action.

    With a card in hand the first player has three plans (bet; check and fold; check and call), and the second one four
    (check or bet after a check, fold or call after a bet): $3^3 = 27$ and $4^3 = 64$ actions. Zero sum; the value is
    $-\tfrac1{18}$, and `kuhn_equilibrium` gives optimal strategies.

    Returns
    -------
    NormalFormGame
        Actions are named by the plans with each card, such as ``J: bet, Q: call, K: call``.

    Notes
    -----
    Kuhn (1950).

    Examples
    --------
    >>> from mdps.games import kuhn_poker
    >>> game = kuhn_poker()
    >>> game, game.action_name(0, 2)
    (NormalFormGame(2 players, 27 x 64 actions), 'J: bet, Q: bet, K: call')
    """
    sums = np.zeros((3,) * 3 + (4,) * 3)  # over the six deals
    for mine, other in permutations(range(3), 2):
        table = np.array([[_result(plan, reply, mine > other) for reply in _SECOND] for plan in _FIRST])
        shape = [1] * 6
        shape[mine], shape[3 + other] = 3, 4
        sums += table.reshape(shape)
    names = [
        [", ".join(map("{}: {}".format, _CARDS, plans)) for plans in product(side, repeat=3)]
        for side in (_FIRST, _SECOND)
    ]
    return NormalFormGame.zero_sum(sums.reshape(27, 64) / 6, player_names=("first", "second"), action_names=names)


def kuhn_equilibrium(alpha: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    r"""Return optimal strategies of `kuhn_poker`, one of the first player's for every $\alpha \in [0, \tfrac13]$.

    The first player bets with probability $\alpha$ on J, never on Q, $3 \alpha$ on K; after a check and a bet she folds
    J, calls with probability $\tfrac13 + \alpha$ on Q, and calls on K. The second one bets after a check with
    probability $\tfrac13$ on J, never on Q, always on K; a bet he calls never on J, with probability $\tfrac13$ on Q,
    always on K.

    Parameters
    ----------
    alpha : float
        How often the first player bluffs.

    Returns
    -------
    p : ndarray, shape (27,)
    q : ndarray, shape (64,)

    Raises
    ------
    ModelError
        If ``alpha`` is not in [0, 1/3].

    Examples
    --------
    >>> from mdps.games import kuhn_equilibrium, kuhn_poker
    >>> p, q = kuhn_equilibrium(1 / 3)
    >>> round(float(p @ kuhn_poker().payoffs[0] @ q) * 18, 12)
    -1.0
    """
    checks.number("alpha", alpha, 0, 1 / 3)
    third = 1 / 3
    first = [[alpha, 1 - alpha, 0], [0, 2 * third - alpha, third + alpha], [3 * alpha, 0, 1 - 3 * alpha]]
    second = [[2 * third, 0, third, 0], [2 * third, third, 0, 0], [0, 0, 0, 1]]
    return _plans(np.array(first)), _plans(np.array(second))


def _result(plan: str, reply: str, wins: bool) -> int:
    """Return what the first player receives."""
    after_check, after_bet = reply.split()
    sign = 1 if wins else -1
    if plan == "bet":
        return 1 if after_bet == "fold" else 2 * sign
    if after_check == "check":
        return sign
    return -1 if plan == "fold" else 2 * sign


def _plans(by_card: np.ndarray) -> np.ndarray:
    """Return the law over plans for all cards, chosen independently for each card."""
    J, Q, K = np.clip(by_card, 0.0, 1.0)
    return np.einsum("i,j,k->ijk", J, Q, K).ravel()
