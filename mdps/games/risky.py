r"""Games in which what pays on average may end badly."""

from __future__ import annotations

from typing import Any

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame
from rltheory.games.normal_form import checked_profile


def high_risk() -> NormalFormGame:
    r"""Three actions, of which the best reply to trust loses 20 if the other does not play along.

    The game is symmetric; the payoffs of one's own action (rows) against the other's are

    ============  =====  ====  ======
    own, other's  risky  safe  middle
    ============  =====  ====  ======
    risky         5      5     -20
    safe          3      3     3
    middle        4      4     0
    ============  =====  ====  ======

    Only the other's probability t of *middle* matters: risky is best below $\tfrac1{21}$, safe above $\tfrac14$, middle
    between. There are five equilibria: both risky; both middle with probability $\tfrac1{21}$ and else risky; both
    middle with probability $\tfrac14$ and else safe; and, both ways round, one middle with $\tfrac14$ and else risky,
    the other middle with $\tfrac1{21}$ and else safe.

    Returns
    -------
    NormalFormGame

    Examples
    --------
    >>> from mdps.games import high_risk
    >>> high_risk().payoffs[0]
    array([[  5.,   5., -20.],
           [  3.,   3.,   3.],
           [  4.,   4.,   0.]])
    """
    names = ("risky", "safe", "middle")
    return NormalFormGame.symmetric([[5, 5, -20], [3, 3, 3], [4, 4, 0]], action_names=(names, names))


def merge(crash: float = 10.0, delay: float = 0.0) -> NormalFormGame:
    r"""Two cars and one lane: yield or go.

    ===========  ==============  ======
    row, column  yield           go
    ===========  ==============  ======
    yield        -delay, -delay  0, 1
    go           1, 0            -C, -C
    ===========  ==============  ======

    Three equilibria: either goes and the other yields, and both go with probability

    $$g = \frac{1 + \mathtt{delay}}{1 + \mathtt{delay} + C}, \qquad \text{so that they crash with probability } g^2.$$

    Parameters
    ----------
    crash : float
        What a crash costs each, C > 0.
    delay : float
        What it costs each if both yield, at least 0.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a cost is out of range.

    Examples
    --------
    >>> from mdps.games import crash_probability, merge
    >>> game = merge(crash=9.0)
    >>> round(crash_probability(game, [[0.9, 0.1], [0.9, 0.1]]), 12)
    0.01
    """
    checks.positive("crash", crash)
    checks.number("delay", delay, 0)
    names = ("yield", "go")
    return NormalFormGame.symmetric([[-delay, 0], [1, -crash]], action_names=(names, names))


def crash_probability(game: NormalFormGame, profile: Any) -> float:
    """Return the probability that all go.

    Parameters
    ----------
    game : NormalFormGame
        A game in which each player has an action named ``go``, such as `merge`.
    profile : sequence of n array_like
        A mixed strategy for each player, or the number of an action.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If the profile does not fit the game, or a player has no such action.
    """
    probability = 1.0
    for i, p in enumerate(checked_profile(game, profile)):
        names = [game.action_name(i, a) for a in range(p.size)]
        if "go" not in names:
            raise ModelError(f"player {game.player_name(i)} has the actions {', '.join(names)}; none is named go")
        probability *= float(p[names.index("go")])
    return probability
