"""Taking a total-reward problem apart: merge the states between which moving is free, drop those that are decided.

States that share an end component in which nothing is earned can be entered and left at will: all have the same optimal
value, and they become one state, whose pairs are those that leave. What remains has no free place to stay in (de Alfaro
1997; Haddad and Monmege 2014; Brazdil et al. 2014). States are numbered by their distance to the decided ones, so
that sweeps carry values the way they travel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from rltheory.models import MDP
from rltheory.planning._graph import Graph, graph_of
from rltheory.planning.backup import unsigned_rows
from rltheory.planning.memory import require_memory


@dataclass(frozen=True, slots=True, eq=False)
class Quotient:
    """The undecided part of a total-reward problem, with n states; two more, n and n + 1, are decided.

    Parameters
    ----------
    rows : csr_array, shape (n_rows, n + 2)
        Weights; a row stands for the distribution proportional to them. Columns may occur twice in a row.
    reward : ndarray, shape (n_rows,)
        Reward of each row.
    pair_start : ndarray, shape (n + 1,)
        Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    pair : ndarray of int, shape (n_rows,)
        The model's pair that each row is.
    place : ndarray of int, shape (n_states,)
        The state of the quotient that each state of the model became.
    decided : tuple of float
        Values of the states n and n + 1.
    graph : Graph
        Of the model.
    free : ndarray of bool, shape (n_pairs,)
        The pairs inside merged components.
    """

    rows: csr_array
    reward: np.ndarray
    pair_start: np.ndarray
    pair: np.ndarray
    place: np.ndarray
    decided: tuple[float, float]
    graph: Graph
    free: np.ndarray

    @property
    def n_states(self) -> int:
        """Number of undecided states."""
        return self.pair_start.size - 1

    @property
    def row_state(self) -> np.ndarray:
        """State of each row, shape (n_rows,)."""
        return np.repeat(np.arange(self.n_states), np.diff(self.pair_start))

    def own_graph(self) -> Graph:
        """Return the graph of the quotient, in which the decided states have no pairs."""
        ends = np.full(2, self.pair_start[-1])
        return graph_of(self.rows, np.concatenate([self.pair_start, ends]))

    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return offsets, columns and weights as the kernels read them."""
        return unsigned_rows(self.rows)

    def extended(self, v: np.ndarray) -> np.ndarray:
        """Return values of the undecided states with those of the decided ones."""
        return np.concatenate([v, self.decided])

    def unfold(self, v: np.ndarray) -> np.ndarray:
        """Return the value of each state of the model."""
        return self.extended(v)[self.place]

    def unfold_policy(self, chosen: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        """Return a policy of the model that does what a policy of the quotient does.

        A merged component is left by the chosen pair: from elsewhere inside, free pairs lead nearer to that pair's
        state with positive probability, and never out, so that it is reached almost surely.

        Parameters
        ----------
        chosen : ndarray of int, shape (n,)
            Row of each undecided state.
        pairs : ndarray of int, shape (n_states,)
            Pairs for the decided states.
        """
        exits = self.pair[chosen]
        at_exit = np.zeros(self.graph.n_states, dtype=bool)
        at_exit[self.graph.pair_state[exits]] = True
        _, _, inwards = self.graph.attract(at_exit, self.free)
        pairs = np.where((self.place < self.n_states) & (inwards >= 0), inwards, pairs)
        pairs[self.graph.pair_state[exits]] = exits
        return pairs - self.graph.pair_start[:-1]


def quotient(
    mdp: MDP,
    graph: Graph,
    ends: tuple[np.ndarray, np.ndarray],
    decided: tuple[float, float],
    *,
    reward: np.ndarray,
    free: np.ndarray,
) -> Quotient:
    """Merge components, drop their free pairs, and bundle the decided states into two.

    Parameters
    ----------
    mdp : MDP
        The model.
    graph : Graph
        Its graph.
    ends : pair of ndarray of bool, shape (n_states,)
        The states that are decided, in the order of their values.
    decided : pair of float
        The values of the two sets.
    reward : ndarray, shape (n_pairs,)
        What each pair earns.
    free : ndarray of bool, shape (n_pairs,)
        Pairs that earn nothing, among which the maximal end components outside ``ends`` are merged.
    """
    everywhere = np.ones(mdp.n_pairs, dtype=bool)
    undecided = ~(ends[0] | ends[1])
    label, free = graph.end_components(undecided, free)
    _, order, _ = graph.attract(ends[0] | ends[1], everywhere)
    distance = np.full(mdp.n_states, mdp.n_states)
    distance[order] = np.arange(order.size)
    first = np.full(mdp.n_states, mdp.n_states + 1)
    np.minimum.at(first, label[label >= 0], distance[label >= 0])
    nearest = np.where(label >= 0, first[label], distance)
    place = np.empty(mdp.n_states, dtype=np.int64)
    names, place[undecided] = np.unique(nearest[undecided], return_inverse=True)
    place[ends[0]], place[ends[1]] = names.size, names.size + 1
    pair = np.flatnonzero(undecided[graph.pair_state] & ~free)
    owner = place[graph.pair_state[pair]]
    by_owner = np.argsort(owner, kind="stable")
    pair = pair[by_owner]
    start = np.searchsorted(owner[by_owner], np.arange(names.size + 1))
    transitions = int((graph.indptr[pair + 1] - graph.indptr[pair]).sum())
    _require_memory((32, 80, 100), transitions, pair.size, names.size, "undecided states")
    kept = mdp.P[pair]
    rows = csr_array((kept.data, place[kept.indices].astype(np.int32), kept.indptr), shape=(pair.size, names.size + 2))
    return Quotient(rows, reward[pair], start, pair, place, decided, graph, free)


def require_graph_memory(mdp: MDP) -> None:
    """Refuse a model if there is no room to ask its graph for what is decided."""
    _require_memory((16, 24, 40), mdp.P.nnz, mdp.n_pairs, mdp.n_states, "states", "the graph of ")


def _require_memory(
    costs: tuple[int, int, int], transitions: int, pairs: int, states: int, kind: str, what: str = ""
) -> None:
    """Refuse what would not fit; ``costs`` are the bytes, as measured, for each transition, pair and state."""
    needed = float(np.dot(costs, (transitions, pairs, states)))
    require_memory(needed, f"{what}{states:,} {kind} with {transitions:,} transitions")
