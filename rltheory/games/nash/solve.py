r"""The front door: one equilibrium, or all of them, by the method that suits the game.

- *one*: of a game whose payoffs have a constant sum, linear programming; of any other, the equilibrium in pure
  strategies that is best for the players together, if there is one; else the end of the path of Lemke and Howson from
  label 0. In this order from the cheapest: but for the worst cases of the path, all are polynomial, and take
  milliseconds for a hundred actions.
- *all*: the extreme equilibria by `vertex_enumeration`. If the game is nondegenerate, these are all; otherwise
  `nash_components` says which mixtures of them are equilibria, too. Support enumeration is slower for large games, but
  yields the first equilibria at once.

With three players and more, *one* is the best pure equilibrium or else the limit of logit equilibria
(`n_player_nash`), and *all* are those that `all_n_player_nash` finds on all supports.
"""

from __future__ import annotations

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.nash.lemke_howson import lemke_howson
from rltheory.games.nash.n_player import n_player_nash
from rltheory.games.nash.n_player_supports import all_n_player_nash
from rltheory.games.nash.pure import pure_nash
from rltheory.games.nash.vertex_enumeration import vertex_enumeration
from rltheory.games.nash.zero_sum import has_constant_sum, zero_sum
from rltheory.games.normal_form import NormalFormGame


def nash_equilibrium(game: NormalFormGame) -> Equilibrium:
    """Return one Nash equilibrium.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.

    Returns
    -------
    Equilibrium
        Its ``method`` says how it was found.

    Raises
    ------
    ModelError
        If payoffs of a constant sum range over more than a float can hold, or those of three players and more who must
        mix.

    Warns
    -----
    ConvergenceWarning
        If a player gains more than rounding by deviating; only with three players and more.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.solve import nash_equilibrium
    >>> nash_equilibrium(NormalFormGame.symmetric([[4, 1], [3, 3]])).value
    array([4., 4.])
    """
    if game.n_players == 2 and has_constant_sum(game):
        return zero_sum(game)
    pure = pure_nash(game)
    if pure:
        return max(pure, key=lambda found: float(found.value.sum()))
    return lemke_howson(game) if game.n_players == 2 else n_player_nash(game)


def nash_equilibria(game: NormalFormGame) -> list[Equilibrium]:
    """Return all extreme Nash equilibria of two players: of a nondegenerate game, all. Of more players, those found.

    Parameters
    ----------
    game : NormalFormGame
        Of two players, up to some 14 x 14 actions; or of more, up to some 3 x 3 x 3, for which
        `all_n_player_nash` says when these are all.

    Returns
    -------
    list of Equilibrium
        Sorted by the size of their supports.

    Raises
    ------
    ModelError
        If the game is too large to enumerate.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.solve import nash_equilibria
    >>> len(nash_equilibria(NormalFormGame.symmetric([[4, 1], [3, 3]])))
    3
    """
    return vertex_enumeration(game) if game.n_players == 2 else all_n_player_nash(game)
