r"""The best policy of somebody who sees nothing: a largest independent set in disguise.

Pick a node of a graph, then a node again; it costs 1 if the two are equal or joined by an edge. Who does not see what
he picked first plays one distribution y twice, and pays :math:`y^\top (A_G + I)\, y`, the least of which is
:math:`1/\alpha(G)` (Motzkin and Straus 1965). So whoever finds the best memoryless policy of a partially observed
problem of two steps finds the size :math:`\alpha(G)` of a largest independent set, which is hard (Vlassis, Littman and
Barber 2012; Szepesvari 2022, lecture 15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BlindPolicy:
    r"""The best blind policy of `mdps.blind_graph`.

    Parameters
    ----------
    policy : ndarray, shape (n_nodes,)
        The distribution that is played twice: uniform on an independent set.
    value : float
        :math:`1 - 1/\alpha(G)`, in reward units.
    independent_set : tuple of int
        Nodes without an edge among them, as many as possible.
    """

    policy: np.ndarray
    value: float
    independent_set: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", frozen(self.policy))

    def __repr__(self) -> str:
        return f"BlindPolicy(value {self.value:.6g}, independent set {self.independent_set})"


def best_blind_policy(adjacency: Any) -> BlindPolicy:
    """Find the best policy that sees nothing, by branching on whether a node belongs to the set.

    Parameters
    ----------
    adjacency : array_like, shape (n_nodes, n_nodes)
        Symmetric, 0 or 1, with a diagonal of 0.

    Returns
    -------
    BlindPolicy
        In time that is exponential in the number of nodes.

    Raises
    ------
    ModelError
        If the matrix is not that of a graph.

    Examples
    --------
    >>> from rltheory.hardness import best_blind_policy
    >>> best_blind_policy([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    BlindPolicy(value 0.5, independent set (1, 3))
    """
    graph = checked_graph(adjacency)
    neighbours = [frozenset(np.flatnonzero(row).tolist()) for row in graph]
    chosen = _largest(neighbours, frozenset(range(len(graph))))
    policy = np.zeros(len(graph))
    policy[list(chosen)] = 1 / len(chosen)
    return BlindPolicy(policy, 1 - 1 / len(chosen), tuple(sorted(chosen)))


def _largest(neighbours: list[frozenset[int]], free: frozenset[int]) -> frozenset[int]:
    """Return a largest independent set among the free nodes: without the busiest of them, or with it."""
    if not free:
        return free
    busiest = max(free, key=lambda node: len(neighbours[node] & free))
    taken = _largest(neighbours, free - neighbours[busiest] - {busiest}) | {busiest}
    if len(neighbours[busiest] & free) == 0:
        return taken
    left = _largest(neighbours, free - {busiest})
    return max(taken, left, key=len)


def checked_graph(adjacency: Any) -> np.ndarray:
    """Return the matrix of a graph without loops, refusing any other."""
    graph = np.asarray(adjacency)
    if graph.ndim != 2 or graph.shape[0] != graph.shape[1] or not graph.size:
        raise ModelError(f"adjacency has shape {graph.shape}; it must be square, one row for each node")
    if not np.isin(graph, (0, 1)).all() or (graph != graph.T).any() or graph.diagonal().any():
        raise ModelError("adjacency must be symmetric, with entries 0 or 1 and a diagonal of 0")
    return graph.astype(np.int64)
