r"""Recursive greedy: guess the middle of the walk and how its budget is shared, and let either half be greedy in turn.

Submodular orienteering asks for the walk from s to t, of length at most B in a graph, whose nodes are worth most.
Recursive greedy (Chekuri and Pál 2005) tries every middle node v and every share $B_1$ of the budget, finds a walk
$P_1$ from s to v of length $B_1$ that gains most over what is touched already, and then a walk $P_2$ from v to t of
length $B - B_1$ that gains most over that and $P_1$:

.. math:: RG(s, t, B, X, i) = \text{best over } v, B_1 \text{ of } P_1 P_2, \qquad
          P_1 = RG(s, v, B_1, X, i - 1), \quad P_2 = RG(v, t, B - B_1, X \cup P_1, i - 1).

At depth i = 0 it is the shortest path. If the best walk makes m hops between nodes that it gains at, and
$i \ge \lceil \log_2 m \rceil$, it reaches $1 / (1 + \lceil \log_2 m \rceil)$ of its value; myopic choices reach no
constant part, and no polynomial algorithm does much better. The time is of order $(2 n B)^i$ evaluations, less what is
remembered: this is for graphs of ten nodes, to see the theorem at work. `beam_search` is for large ones.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rltheory.models import CriterionError, ModelError
from rltheory.submodular import bounds
from rltheory.submodular.functions.protocol import SetFunction

if TYPE_CHECKING:
    import networkx as nx

Walk = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Excursion:
    """A walk in a graph, what it is worth, and what no walk within the budget exceeds.

    Parameters
    ----------
    walk : tuple
        Nodes in order, neighbours one after the other.
    length : float
        Sum of its edges' lengths, at most the budget.
    lower : float
        The worth of its nodes, in reward units.
    upper : float
        Proven: the worth of all nodes within reach or, if the recursion was deep enough, what the theorem allows.
    evaluations : int
        How many sets were valued.
    """

    walk: tuple[Hashable, ...]
    length: float
    lower: float
    upper: float
    evaluations: int

    @property
    def gap(self) -> float:
        """What the best walk may still gain, in reward units."""
        return self.upper - self.lower

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each node of the walk.

        Returns
        -------
        list of dict
            With keys ``step, node``.
        """
        return [{"step": i, "node": node} for i, node in enumerate(self.walk)]

    def __repr__(self) -> str:
        return (
            f"Excursion({len(self.walk)} nodes, length {self.length:g}, value {self.lower:.6g}, at most"
            f" {self.upper:.6g}, gap={self.gap:.3g}, recursive greedy)"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}<br>{escape(' - '.join(map(str, self.walk)))}</p>"


def recursive_greedy(
    graph: nx.Graph,
    F: SetFunction,
    root: Hashable,
    budget: int,
    *,
    depth: int = 2,
    end: Hashable | None = None,
    length: str = "length",
) -> Excursion:
    """Find a walk of limited length whose nodes are worth much, by recursive greedy.

    Parameters
    ----------
    graph : networkx.Graph or networkx.DiGraph
        With whole lengths of at least 1 as edge attributes; an edge without one has length 1.
    F : SetFunction
        Monotone and submodular; element i is the i-th node of ``graph.nodes``.
    root : node
        Where the walk begins.
    budget : int
        Largest length.
    depth : int
        Depth of recursion i; ``submodular.bounds.recursive_greedy_depth`` says what the theorem needs.
    end : node, optional
        Where the walk ends; anywhere by default.
    length : str
        Name of the edge attribute.

    Returns
    -------
    Excursion

    Raises
    ------
    ModelError
        If a node is not in the graph, a length or the budget is not a whole number, or F has other elements.
    CriterionError
        If the end is farther than the budget.

    References
    ----------
    Chekuri and Pál (2005), A recursive greedy algorithm for walks in directed graphs.

    Examples
    --------
    A star of three arms, each worth 1: within four edges one returns from one arm and sees two, or three with five.

    >>> import networkx as nx
    >>> from rltheory.submodular.functions.modular import Modular
    >>> star = nx.star_graph(3)
    >>> [recursive_greedy(star, Modular([0, 1, 1, 1]), 0, B, depth=3).lower for B in (1, 3, 5)]
    [1.0, 2.0, 3.0]
    """
    nodes = list(graph.nodes)
    if len(nodes) != F.n_elements:
        raise ModelError(f"F has {F.n_elements} elements; it must have one for each of the {len(nodes)} nodes")
    for node in (root, *(() if end is None else (end,))):
        if node not in graph:
            raise ModelError(f"node {node!r} is not in the graph")
    if budget != int(budget) or budget < 0 or depth < 0:
        raise ModelError(f"budget is {budget} and depth {depth}; they must be whole numbers of at least 0")
    search = _Search(F, *_shortest_paths(graph, nodes, length))
    start = nodes.index(root)
    ends = range(len(nodes)) if end is None else [nodes.index(end)]
    walks = [walk for t in ends if (walk := search.walk(start, t, int(budget), frozenset(), depth)) is not None]
    if not walks:
        raise CriterionError(
            f"node {end!r} is {search.distance[start][nodes.index(end)]} from {root!r}, beyond {budget}"
        )
    best = max(walks, key=lambda walk: search.value(frozenset(walk)))
    reached = search.value(frozenset(best))
    return Excursion(
        walk=tuple(nodes[v] for v in best),
        length=sum(search.distance[u][v] for u, v in pairwise(best)),
        lower=reached,
        upper=max(reached, _upper(search, start, ends, int(budget), depth, reached)),
        evaluations=len(search.values),
    )


def _upper(search: _Search, start: int, ends: Any, budget: int, depth: int, reached: float) -> float:
    """Return the worth of all that is within reach or, if it is less, what the theorem allows."""
    distance = search.distance
    within = [v for v in range(len(distance)) if any(distance[start][v] + distance[v][t] <= budget for t in ends)]
    # Hops between the first visits of nodes, one more to a fixed end; each is at least 1 long.
    hops = max(1, min(len(within), budget))
    upper = search.value(frozenset(within))
    if depth >= bounds.recursive_greedy_depth(hops):
        upper = min(upper, reached / bounds.recursive_greedy(hops))
    return upper


@dataclass(slots=True)
class _Search:
    """The recursion, with what it remembers."""

    F: SetFunction
    distance: list[list[float]]
    between: list[list[Walk]]
    values: dict[frozenset[int], float] = field(default_factory=dict)
    found: dict[tuple[int, int, int, frozenset[int], int], Walk | None] = field(default_factory=dict)

    def value(self, nodes: frozenset[int]) -> float:
        if nodes not in self.values:
            self.values[nodes] = self.F.value(sorted(nodes))
        return self.values[nodes]

    def walk(self, s: int, t: int, budget: int, touched: frozenset[int], depth: int) -> Walk | None:
        """Return a walk from s to t that gains much over what is touched, or None if t is too far."""
        if self.distance[s][t] > budget:
            return None
        key = (s, t, budget, touched, depth)
        if key not in self.found:
            self.found[key] = self._search(s, t, budget, touched, depth)
        return self.found[key]

    def _search(self, s: int, t: int, budget: int, touched: frozenset[int], depth: int) -> Walk:
        best = self.between[s][t]
        if depth == 0:
            return best
        most = self.value(touched.union(best))
        for v in range(len(self.distance)):
            if self.distance[s][v] + self.distance[v][t] > budget:
                continue
            for share in range(math.ceil(self.distance[s][v]), budget - math.ceil(self.distance[v][t]) + 1):
                first = self.walk(s, v, share, touched, depth - 1)
                if first is None:
                    continue
                second = self.walk(v, t, budget - share, touched.union(first), depth - 1)
                if second is None:
                    continue
                whole = self.value(touched.union(first, second))
                if whole > most:
                    best, most = first + second[1:], whole
        return best


def _shortest_paths(graph: nx.Graph, nodes: list, length: str) -> tuple[list[list[float]], list[list[Walk]]]:
    """Return distances and shortest paths between all nodes, by their numbers."""
    import networkx as nx

    for u, v, data in graph.edges(data=True):
        edge = data.get(length, 1)
        if edge != int(edge) or edge < 1:
            raise ModelError(f"edge from {u!r} to {v!r} has length {edge}; it must be a whole number of at least 1")
    number = {node: i for i, node in enumerate(nodes)}
    distance = [[math.inf] * len(nodes) for _ in nodes]
    between: list[list[Walk]] = [[()] * len(nodes) for _ in nodes]
    for source, (far, paths) in nx.all_pairs_dijkstra(graph, weight=lambda u, v, data: data.get(length, 1)):
        for target, path in paths.items():
            distance[number[source]][number[target]] = far[target]
            between[number[source]][number[target]] = tuple(number[node] for node in path)
    return distance, between
