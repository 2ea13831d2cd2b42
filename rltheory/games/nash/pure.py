r"""Equilibria in pure strategies, for any number of players, and the graph of best responses.

Joint actions are compared with all that differ from them in one player's action:

.. math:: a \text{ is an equilibrium} \iff u_i(a) = \max_{b} u_i(b, a_{-i}) \quad \text{for all } i.

An arrow of the graph leads from a joint action to each best response of one player who gains by it. The equilibria are
its sinks. If it has no cycle, players who respond one after the other come to rest wherever they begin; in an exact
potential game this is always so (Monderer and Shapley 1996).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.normal_form import NormalFormGame

if TYPE_CHECKING:
    import networkx as nx

_TIE = 1e-12
"""Of a player's range of payoffs: a smaller gain is none."""


def pure_nash(game: NormalFormGame) -> list[Equilibrium]:
    """Return all equilibria in pure strategies, of any number of players.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    list of Equilibrium
        In the order of their actions; empty if there is none.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.pure import pure_nash
    >>> [tuple(int(p.argmax()) for p in e.profile) for e in pure_nash(NormalFormGame.symmetric([[4, 1], [3, 3]]))]
    [(0, 0), (1, 1)]
    """
    return [nash_profile(game, joint, method="pure strategies") for joint in pure_equilibria(game)]


def pure_equilibria(game: NormalFormGame) -> list[tuple[int, ...]]:
    """Return the joint actions that are equilibria; a gain of 1e-12 of a player's range of payoffs is none.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    list of tuple of n int

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.pure import pure_equilibria
    >>> pure_equilibria(NormalFormGame.zero_sum([[1, -1], [-1, 1]]))
    []
    """
    content = np.logical_and.reduce([regret <= tie for _, regret, tie in _regrets(game)])
    return [tuple(map(int, joint)) for joint in np.argwhere(content)]


def best_response_graph(game: NormalFormGame) -> nx.DiGraph:
    """Return the graph whose arrows are best responses of one player that make her better off.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    networkx.DiGraph
        Its nodes are all joint actions, tuples of n int; an arrow has the attributes ``player`` and ``gain``, in payoff
        units.

    Examples
    --------
    >>> import networkx as nx
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.pure import best_response_graph
    >>> pennies = best_response_graph(NormalFormGame.zero_sum([[1, -1], [-1, 1]]))
    >>> nx.find_cycle(pennies)
    [((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 1), (1, 0)), ((1, 0), (0, 0))]
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(np.ndindex(game.n_actions))
    for player, regret, tie in _regrets(game):
        for joint in map(tuple, np.argwhere(regret > tie).tolist()):
            along = np.moveaxis(regret, player, -1)[(*joint[:player], *joint[player + 1 :])]
            for action in np.flatnonzero(along <= tie).tolist():
                response = (*joint[:player], action, *joint[player + 1 :])
                graph.add_edge(joint, response, player=player, gain=float(regret[joint] - regret[response]))
    return graph


def _regrets(game: NormalFormGame) -> Iterator[tuple[int, np.ndarray, float]]:
    """Yield for each player what she would gain at each joint action, and what counts as nothing."""
    for player, (u, width) in enumerate(zip(game.payoffs, game.payoff_ranges, strict=True)):
        yield player, u.max(axis=player, keepdims=True) - u, _TIE * float(width)
