r"""Which of several equilibria: the one that pays most, or the one that is safest (Harsanyi and Selten 1988).

An equilibrium *payoff dominates* another if it pays no player less, and someone more. Of two strict equilibria a and b
of a 2 x 2 game, a *risk dominates* b if the product of what the players lose by deviating alone is larger:

.. math::

   \big(u_1(a) - u_1(b_1, a_2)\big) \big(u_2(a) - u_2(a_1, b_2)\big)
   > \big(u_1(b) - u_1(a_1, b_2)\big) \big(u_2(b) - u_2(b_1, a_2)\big).

In a symmetric game that is: a is the best response to an opponent who tosses a coin.
"""

from __future__ import annotations

from rltheory.games.nash.pure import pure_equilibria
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError

_TIE = 1e-12


def payoff_dominant(game: NormalFormGame) -> tuple[int, ...] | None:
    """Return the equilibrium in pure strategies that payoff dominates all others of these.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    tuple of n int, or None
        None if there is none, as in a battle of the sexes.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.coordination import payoff_dominant
    >>> payoff_dominant(NormalFormGame.symmetric([[4, 1], [3, 3]]))
    (0, 0)
    """
    equilibria = pure_equilibria(game)
    pays = {joint: tuple(float(u[joint]) for u in game.payoffs) for joint in equilibria}
    for joint in equilibria:
        others = [pays[other] for other in equilibria if other != joint]
        if all(_dominates(pays[joint], other) for other in others):
            return joint
    return None


def risk_dominant(game: NormalFormGame) -> tuple[int, int] | None:
    """Return the risk-dominant one of the two strict equilibria of a 2 x 2 game.

    Parameters
    ----------
    game : NormalFormGame
        Of two players with two actions each, and with two strict equilibria.

    Returns
    -------
    tuple of 2 int, or None
        None if neither risk dominates the other, up to 1e-12 of the products.

    Raises
    ------
    CriterionError
        If the game is another.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.coordination import risk_dominant
    >>> risk_dominant(NormalFormGame.symmetric([[4, 1], [3, 3]]))
    (1, 1)
    """
    if game.n_actions != (2, 2):
        raise CriterionError(f"risk dominance is defined for 2 x 2 games; this one has actions {game.n_actions}")
    losses = {joint: _losses(game, joint) for joint in ((0, 0), (0, 1), (1, 0), (1, 1))}
    strict = [joint for joint, (one, other) in losses.items() if one > 0 and other > 0]
    if len(strict) != 2:
        raise CriterionError(
            f"risk dominance compares two strict equilibria; this game has {len(strict)}: {strict or 'none'}"
        )
    first, second = (losses[joint][0] * losses[joint][1] for joint in strict)
    if abs(first - second) <= _TIE * max(first, second):
        return None
    return strict[0] if first > second else strict[1]


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(x >= y for x, y in zip(one, other, strict=True)) and one != other


def _losses(game: NormalFormGame, joint: tuple[int, int]) -> tuple[float, float]:
    """Return what each player loses by deviating alone."""
    a, b = joint
    first, second = game.payoffs
    return float(first[a, b] - first[1 - a, b]), float(second[a, b] - second[a, 1 - b])
