r"""The front door: one equilibrium, or all of them, by the method that suits the game.

- *one*: of a game whose payoffs have a constant sum, linear programming; of any other, the equilibrium in pure
  strategies that is best for the players together, if there is one; else the end of the path of Lemke and Howson from
  label 0. In this order from the cheapest: but for the worst cases of the path, all are polynomial, and take
  milliseconds for a hundred actions.
- *all*: the extreme equilibria by `vertex_enumeration`. If the game is nondegenerate, these are all; otherwise
  `nash_components` says which mixtures of them are equilibria, too. Support enumeration is slower for large games, but
  yields the first equilibria at once.

For three players and more there is `pure_nash`, and the solvers of n players.
"""

from __future__ import annotations

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.nash.lemke_howson import lemke_howson
from rltheory.games.nash.pure import pure_nash
from rltheory.games.nash.vertex_enumeration import vertex_enumeration
from rltheory.games.nash.zero_sum import has_constant_sum, zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError


def nash_equilibrium(game: NormalFormGame) -> Equilibrium:
    """Return one Nash equilibrium of a two-player game.

    Parameters
    ----------
    game : NormalFormGame
        Of two players.

    Returns
    -------
    Equilibrium
        Its ``method`` says how it was found.

    Raises
    ------
    CriterionError
        If there are not two players.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.solve import nash_equilibrium
    >>> nash_equilibrium(NormalFormGame.symmetric([[4, 1], [3, 3]])).value
    array([4., 4.])
    """
    _require_two(game, "nash_equilibrium")
    if has_constant_sum(game):
        return zero_sum(game)
    pure = pure_nash(game)
    if pure:
        return max(pure, key=lambda found: float(found.value.sum()))
    return lemke_howson(game)


def nash_equilibria(game: NormalFormGame) -> list[Equilibrium]:
    """Return all extreme Nash equilibria of a two-player game: if it is nondegenerate, all.

    Parameters
    ----------
    game : NormalFormGame
        Of two players, of up to some 14 x 14 actions.

    Returns
    -------
    list of Equilibrium
        Sorted by the size of their supports.

    Raises
    ------
    CriterionError
        If there are not two players.
    ModelError
        If the game is too large to enumerate.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.solve import nash_equilibria
    >>> len(nash_equilibria(NormalFormGame.symmetric([[4, 1], [3, 3]])))
    3
    """
    _require_two(game, "nash_equilibria")
    return vertex_enumeration(game)


def _require_two(game: NormalFormGame, name: str) -> None:
    if game.n_players != 2:
        raise CriterionError(
            f"{name} is for two players; this game has {game.n_players}: pure_nash lists the equilibria in pure"
            f" strategies of any number of players"
        )
