r"""The model unfolded: what a walk has to remember, and where it can go from there.

A *node* is the present state and a memory. The memory may be the whole path; or only what it has touched, sorted,
since the value of a path does not depend on the order: with T the elements touched so far, $(h, s_h, T_h)$ is a Markov
chain under every policy that remembers no more, and $F(\tau) = F(T_H)$. Paths that touched the same then meet again.

Everything here is plain Python, for models small enough to be solved exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from rltheory.models import FiniteHorizonMDP
from rltheory.planning.memory import require_memory
from rltheory.submodular.model import SubmodularMDP

Node = tuple[int, tuple[int, ...]]
"""The present state, and the memory: states in the order of their visit, or elements in increasing order."""

Law = list[tuple[int, float]]
"""Next states with their probabilities, above 0."""

_BYTES_OF_A_NODE = 200


class Unfolding:
    """The nodes that a model's walks can reach.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    ordered : bool
        Whether the memory is the path, and not only what it touched.
    """

    def __init__(self, mdp: SubmodularMDP, *, ordered: bool = False) -> None:
        self.mdp, self.ordered = mdp, ordered
        self._repeats = getattr(mdp.F, "repeats", False)
        dynamics = mdp.dynamics
        stationary = dynamics.is_stationary
        tables = [_laws(dynamics, h) for h in range(1 if stationary else mdp.H)]
        self._laws = tables * mdp.H if stationary else tables

    def start(self) -> dict[Node, float]:
        """Return the first nodes with their probabilities."""
        return {self.arrive(0, int(s), ()): float(self.mdp.mu[s]) for s in np.flatnonzero(self.mdp.mu)}

    def arrive(self, h: int, state: int, memory: tuple[int, ...]) -> Node:
        """Return the node of a walk that arrives in a state after h actions."""
        if self.ordered:
            return state, (*memory, state)
        element = state + h * self.mdp.n_states if self.mdp.counts_visits else state
        at = bisect_left(memory, element)
        if at < len(memory) and memory[at] == element and not self._repeats:
            return state, memory
        return state, (*memory[:at], element, *memory[at:])

    def laws(self, h: int, node: Node) -> list[list[tuple[Node, float]]]:
        """Return for each action the next nodes with their probabilities."""
        state, memory = node
        return [[(self.arrive(h + 1, s, memory), p) for s, p in law] for law in self._laws[h][state]]

    def law(self, h: int, node: Node, action: int) -> list[tuple[Node, float]]:
        """Return the next nodes of one action with their probabilities."""
        return [(self.arrive(h + 1, s, node[1]), p) for s, p in self._laws[h][node[0]][action]]

    def layers(self) -> list[list[Node]]:
        """Return the nodes that can be reached after 0, 1, ..., H actions.

        Raises
        ------
        MemoryError
            If they do not fit: with the step, and how many there are.
        """
        layers = [list(self.start())]
        total = 0
        for h in range(self.mdp.H):
            found: dict[Node, None] = {}
            for node in layers[-1]:
                found.update((after, None) for law in self.laws(h, node) for after, _ in law)
            layers.append(list(found))
            total += len(found)
            require_memory(
                2 * _BYTES_OF_A_NODE * len(found),  # what follows is at least as large, and what is there is taken
                f"what follows {total:,} nodes up to step {h + 1} of {self.mdp.H}",
                remedy="take a shorter horizon, or adaptive_greedy, beam_search or subpo with a certificate",
            )
        return layers

    def values(self, memories: Sequence[tuple[int, ...]]) -> np.ndarray:
        """Return the set function's value of each memory, which may not be empty.

        A set is padded by its last element, which gains nothing a second time.
        """
        if not memories:
            return np.zeros(0)
        length = max(map(len, memories))
        padded = np.array([memory + memory[-1:] * (length - len(memory)) for memory in memories])
        paths = self.mdp.elements(padded) if self.ordered else padded
        return np.asarray(self.mdp.F.gains_along(paths)).sum(axis=1)


def _laws(dynamics: FiniteHorizonMDP, h: int) -> list[list[Law]]:
    """Return the law of the next state, for each state and action."""
    rows = dynamics.rows(h)
    entries = list(zip(rows.indices.tolist(), rows.data.tolist(), strict=True))
    pairs = [[(s, p) for s, p in entries[first:last] if p > 0] for first, last in pairwise(rows.indptr.tolist())]
    start = dynamics.pair_start.tolist()
    return [pairs[first:last] for first, last in pairwise(start)]
