r"""The whole set of equilibria of a degenerate two-player game: a union of products of polytopes.

If all pairs of some extreme strategies :math:`x^1, \dots, x^a` of one player and :math:`y^1, \dots, y^b` of the other
are equilibria, then so is every pair of mixtures, and each equilibrium is of this form (Jansen 1981; Avis, Rosenberg,
Savani and von Stengel 2010, section 6). So the *maximal Nash subsets* are the maximal complete bipartite subgraphs of
the graph that joins x to y if (x, y) is an equilibrium: the maximal cliques, once all strategies of a player are joined
too. Subsets that share a strategy pair hang together; their connected unions are the *components* of the set of
equilibria. A nondegenerate game has only single points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.games.nash._arguments import bimatrix
from rltheory.games.nash.vertex_enumeration import MOST_BASES, complementary, vertices_of
from rltheory.games.normal_form import NormalFormGame


@dataclass(frozen=True, slots=True, eq=False)
class NashSubset:
    """A maximal product of polytopes of equilibria.

    Parameters
    ----------
    first : ndarray, shape (a, m)
        Extreme strategies of player 0, in rows.
    second : ndarray, shape (b, n)
        Of player 1: any mixture of the former with any mixture of these is an equilibrium.
    """

    first: np.ndarray
    second: np.ndarray

    @property
    def is_point(self) -> bool:
        """Whether it is a single equilibrium."""
        return len(self.first) == len(self.second) == 1

    def __repr__(self) -> str:
        return f"NashSubset({len(self.first)} x {len(self.second)} extreme equilibria)"


def nash_components(
    game: NormalFormGame, *, exact: bool = False, max_bases: int = MOST_BASES
) -> list[tuple[NashSubset, ...]]:
    """Return all equilibria: the connected components, each as its maximal Nash subsets.

    Parameters
    ----------
    game, exact, max_bases
        As for `vertex_enumeration`.

    Returns
    -------
    list of tuple of NashSubset

    Raises
    ------
    CriterionError, ModelError
        As `vertex_enumeration`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.components import nash_components
    >>> entry = NormalFormGame([[[2, 2], [0, 3]], [[1, 1], [0, 1]]])
    >>> nash_components(entry)
    [(NashSubset(1 x 2 extreme equilibria),), (NashSubset(1 x 1 extreme equilibria),)]
    """
    import networkx as nx

    bimatrix(game, "nash_components")
    rows, columns = vertices_of(game, exact=exact, max_bases=max_bases)
    pairs = complementary(rows, columns)
    joined = nx.Graph()
    for player in (0, 1):
        strategies = np.unique(pairs[:, player]).tolist()
        joined.add_edges_from(((player, a), (player, b)) for a in strategies for b in strategies if a < b)
    joined.add_edges_from(((0, x), (1, y)) for x, y in pairs.tolist())
    cliques = sorted(sorted(clique) for clique in nx.find_cliques(joined))
    products = [tuple([v for side, v in clique if side == player] for player in (0, 1)) for clique in cliques]
    products = [product for product in products if all(product)]
    touching = nx.Graph()
    touching.add_nodes_from(range(len(products)))
    touching.add_edges_from(
        (a, b)
        for a, one in enumerate(products)
        for b, other in enumerate(products[:a])
        if all(set(one[player]) & set(other[player]) for player in (0, 1))
    )
    subsets = [NashSubset(rows.points[first], columns.points[second]) for first, second in products]
    return [tuple(subsets[a] for a in sorted(component)) for component in nx.connected_components(touching)]
