r"""Submodular orienteering: walk through a graph within a budget, and earn a set function of the nodes that are seen.

The model is the graph with every edge of length $\ell$ cut into $\ell$ steps: states are the nodes and, for each
direction of an edge, $\ell - 1$ places on the way, where one can only go on or wait. With waiting in every state, paths
of H steps are the walks of length at most H, and both problems have the same optimum. Submodular orienteering is hard
to approximate within a factor $\log^{1 - \epsilon}$ of its optimum (Chekuri and Pal 2005), hence so are submodular
models, even without chance and with a model that is known.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.submodular.functions.algebra import Pullback, WeightedSum, visits_of
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP

if TYPE_CHECKING:
    import networkx as nx


def orienteering(
    graph: nx.Graph,
    F: SetFunction,
    budget: int,
    root: Hashable,
    *,
    target: Hashable | None = None,
    length: str = "length",
) -> SubmodularMDP:
    r"""Reduce orienteering to a submodular model.

    Parameters
    ----------
    graph : networkx.Graph or networkx.DiGraph
        With whole lengths of at least 1 on its edges.
    F : SetFunction
        Element i is the i-th node in the order of ``graph.nodes``.
    budget : int
        Largest length of a walk: the horizon H, at least 1.
    root : node
        Where the walk begins.
    target : node, optional
        Where it must end; by default anywhere. Being there after H steps then pays $M = F(V) + 1$, more than all else:
        the optimum is M and the best walk to the target, if there is one within the budget.
    length : str
        Name of the edges' attribute; an edge without it has length 1.

    Returns
    -------
    SubmodularMDP
        Without chance. The first states are the nodes, in their order. Action 0 waits, the next ones go to the
        neighbours in the order of ``graph[node]``.

    Raises
    ------
    ModelError
        If a length is not whole, a node is unknown or F belongs to another number of elements.

    References
    ----------
    Chekuri and Pal (2005).

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_edge("home", "shop", length=2)
    >>> trip = orienteering(graph, Coverage(np.eye(2)), 3, "home")
    >>> trip.state_names
    ('home', 'shop', 'home-shop 1', 'shop-home 1')
    >>> orienteering(graph, Coverage(np.eye(2)), 3, "home", target="home")
    SubmodularMDP(3 steps, 4 states, 8 state-action pairs, Coverage of visits)
    """
    from scipy.sparse import csr_array

    nodes = {node: i for i, node in enumerate(graph)}
    _require_fit(graph, F, root, target, nodes)
    H = checks.whole("budget", budget, 1)
    ways, names, origin = _unit_steps(graph, nodes, length)
    following = np.array([after for way in ways for after in way])
    entries = np.ones(following.size), following, np.arange(following.size + 1)
    return SubmodularMDP(
        csr_array(entries, shape=(following.size, len(ways))),
        _extended(F, origin, H, None if target is None else nodes[target]),
        H,
        mu=np.eye(len(ways))[nodes[root]],
        pair_start=np.cumsum([0, *map(len, ways)]),
        state_names=names,
    )


def _require_fit(graph: Any, F: SetFunction, root: Any, target: Any, nodes: dict[Any, int]) -> None:
    """Raise an error if graph, set function and ends of the walk do not belong together."""
    if graph.is_multigraph():
        raise ModelError("graph has parallel edges; make it a networkx.Graph with the shortest of them")
    if F.n_elements != len(nodes):
        raise ModelError(f"F has {F.n_elements} elements; the graph has {len(nodes)} nodes")
    for name, node in (("root", root), ("target", target)):
        if node not in nodes and not (name == "target" and node is None):
            raise ModelError(f"{name} is {node!r}, which is not a node of the graph")


def _unit_steps(graph: Any, nodes: dict[Any, int], length: str) -> tuple[list[list[int]], list[str], list[int]]:
    """Return the next states of each state, waiting first; their names; and the node that each was reached from."""
    ways = [[i] for i in nodes.values()]
    names, origin = [str(node) for node in nodes], list(nodes.values())
    for u, i in nodes.items():
        for v in graph[u]:
            steps = checks.whole(f"{length} of edge {u!r}-{v!r}", graph.edges[u, v].get(length, 1), 1)
            stops = [*range(len(ways), len(ways) + steps - 1), nodes[v]]
            ways[i].append(stops[0])
            ways += [list(step) for step in pairwise(stops)]
            names += [f"{u}-{v} {k}" for k in range(1, steps)]
            origin += [i] * (steps - 1)
    return ways, names, origin


def _extended(F: SetFunction, origin: list[int], H: int, target: int | None) -> SetFunction:
    """Return F on all states, where a place on the way adds nothing; and of visits, with the reward at the target."""
    n_states = len(origin)
    if isinstance(F, Coverage):
        covers = np.zeros((n_states, F.n_items))
        covers[: F.n_elements] = F.covers.toarray()
        everywhere: SetFunction = Coverage(covers, F.weights)
    else:
        everywhere = Pullback(F, np.array(origin))  # whoever is on the way has seen where it began
    if target is None:
        return everywhere
    prize = F.value(range(F.n_elements)) + 1
    arrival = (H * n_states + target,)
    if isinstance(everywhere, Coverage):
        covers = np.tile(np.pad(everywhere.covers.toarray(), [(0, 0), (0, 1)]), (H + 1, 1))
        covers[arrival, -1] = 1
        return Coverage(covers, np.append(everywhere.weights, prize))
    bonus = np.zeros((H + 1) * n_states)
    bonus[list(arrival)] = prize
    return WeightedSum([visits_of(everywhere, H), Modular(bonus)])
