"""The graph of a model, forwards and backwards, and the two work-lists that every graph algorithm here is made of.

A state owns pairs, a pair leads to the states of positive probability. Growing a set backwards (`Graph.attract`) finds
who can come into it; wearing a set down (`Graph.erode`) finds who can stay in it. Both are linear in the number of
transitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Which pairs lead where: ``successors[indptr[i]:indptr[i + 1]]`` for pair i, and the same arrows reversed."""

    indptr: np.ndarray
    successors: np.ndarray
    pair_start: np.ndarray
    pair_state: np.ndarray
    into_start: np.ndarray
    into_pair: np.ndarray

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.pair_start.size - 1

    def attract(self, inside: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Grow a set by the states that have an allowed pair leading into it with positive probability.

        Returns
        -------
        inside : ndarray of bool, shape (n_states,)
            The grown set.
        order : ndarray of int
            Its states, nearest first.
        choice : ndarray of int, shape (n_states,)
            The pair by which each came in, -1 for the others; it leads nearer with positive probability.
        """
        inside, choice = inside.copy(), np.full(self.n_states, -1)
        order = np.empty(self.n_states, dtype=np.int64)
        size = _attract(self.into_start, self.into_pair, self.pair_state, allowed, inside, order, choice)
        return inside, order[:size], choice

    def erode(self, inside: np.ndarray, allowed: np.ndarray, kept: np.ndarray | None = None) -> None:
        """Wear a set and its pairs down, in place, until every allowed pair stays inside, and every state has one.

        States in ``kept`` need no pair to stay.
        """
        leaves = np.logical_or.reduceat(~inside[self.successors], self.indptr[:-1])
        allowed &= inside[self.pair_state] & ~leaves
        remaining = self.count(allowed)
        if kept is not None:
            remaining[kept] = self.pair_state.size + 1
        _erode(self.into_start, self.into_pair, self.pair_state, allowed, remaining, inside)

    def count(self, pairs: np.ndarray) -> np.ndarray:
        """Return how many of the given pairs each state has."""
        return np.bincount(self.pair_state[pairs], minlength=self.n_states)

    def components(self, allowed: np.ndarray) -> np.ndarray:
        """Number the strongly connected components along allowed pairs; arrows lead to numbers that are not larger."""
        component = np.empty(self.n_states, dtype=np.int64)
        _strong_components(self.indptr, self.successors, self.pair_start, allowed, component)
        return component

    def crosses(self, label: np.ndarray) -> np.ndarray:
        """Return which pairs lead, with positive probability, to a state of another label than their own."""
        own = np.repeat(label[self.pair_state], np.diff(self.indptr))
        return np.logical_or.reduceat(label[self.successors] != own, self.indptr[:-1])

    def end_components(self, inside: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the maximal end components made of allowed pairs inside a set.

        Returns
        -------
        label : ndarray of int, shape (n_states,)
            Component of each state, numbered from 0; -1 outside.
        pairs : ndarray of bool, shape (n_pairs,)
            The pairs of the components.
        """
        inside, allowed = inside.copy(), allowed.copy()
        self.erode(inside, allowed)
        while allowed.any():
            component = self.components(allowed)
            crossing = self.crosses(component) & allowed
            if not crossing.any():
                label = np.full(self.n_states, -1)
                label[inside] = np.unique(component[inside], return_inverse=True)[1]
                return label, allowed
            allowed &= ~crossing
            inside &= self.count(allowed) > 0
            self.erode(inside, allowed)
        return np.full(self.n_states, -1), allowed


def graph_of(P: csr_array, pair_start: np.ndarray) -> Graph:
    """Return the graph of pair rows; entries of probability zero are no arrows."""
    if P.nnz and not P.data.all():
        P = P.copy()
        P.eliminate_zeros()
    pair_state = np.repeat(np.arange(pair_start.size - 1), np.diff(pair_start))
    reverse = P.tocsc()
    return Graph(P.indptr, P.indices, pair_start, pair_state, reverse.indptr, reverse.indices)


@njit(cache=True)
def _attract(into_start, into_pair, pair_state, allowed, inside, order, choice):  # type: ignore[no-untyped-def]
    tail = 0
    for s in range(inside.size):
        if inside[s]:
            order[tail] = s
            tail += 1
    head = 0
    while head < tail:
        t = order[head]
        head += 1
        for k in range(into_start[t], into_start[t + 1]):
            pair = into_pair[k]
            s = pair_state[pair]
            if allowed[pair] and not inside[s]:
                inside[s], choice[s] = True, pair
                order[tail] = s
                tail += 1
    return tail


@njit(cache=True)
def _erode(into_start, into_pair, pair_state, allowed, remaining, inside):  # type: ignore[no-untyped-def]
    waiting = np.empty(inside.size, dtype=np.int64)
    size = 0
    for s in range(inside.size):
        if inside[s] and remaining[s] == 0:
            inside[s] = False
            waiting[size] = s
            size += 1
    while size:
        size -= 1
        t = waiting[size]
        for k in range(into_start[t], into_start[t + 1]):
            pair = into_pair[k]
            if allowed[pair]:
                allowed[pair] = False
                s = pair_state[pair]
                remaining[s] -= 1
                if inside[s] and remaining[s] == 0:
                    inside[s] = False
                    waiting[size] = s
                    size += 1


@njit(cache=True)
def _strong_components(indptr, successors, pair_start, allowed, component):  # type: ignore[no-untyped-def]
    """Tarjan (1972) without recursion: ``path`` is the way down, ``pair`` and ``entry`` say where a state goes on."""
    n = component.size
    order, low = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    path, held = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    pair, entry = pair_start[:-1].copy(), np.empty(n, dtype=np.int64)
    component[:] = -1
    seen, n_held, found = 0, 0, 0
    for root in range(n):
        if order[root]:
            continue
        path[0], depth = root, 1
        while depth:
            s, below = path[depth - 1], -1
            if order[s] == 0:
                seen += 1
                order[s], low[s], held[n_held], entry[s] = seen, seen, s, indptr[pair[s]]
                n_held += 1
            while pair[s] < pair_start[s + 1] and below < 0:
                if not allowed[pair[s]] or entry[s] == indptr[pair[s] + 1]:
                    pair[s] += 1
                    entry[s] = indptr[pair[s]]
                    continue
                t = successors[entry[s]]
                entry[s] += 1
                if order[t] == 0:
                    below = t
                elif component[t] < 0:
                    low[s] = min(low[s], order[t])
            if below >= 0:
                path[depth] = below
                depth += 1
                continue
            if low[s] == order[s]:
                while component[s] < 0:
                    n_held -= 1
                    component[held[n_held]] = found
                found += 1
            depth -= 1
            if depth:
                low[path[depth - 1]] = min(low[path[depth - 1]], low[s])


@njit(cache=True)
def periods(start, successors, component, period):  # type: ignore[no-untyped-def]
    """Fill ``period`` with the greatest common divisor of the lengths of the closed walks through each state."""
    n = component.size
    level, divisor, queue = np.full(n, -1), np.zeros(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for root in range(n):
        if level[root] >= 0:
            continue
        level[root], queue[0], head, tail = 0, root, 0, 1
        while head < tail:
            s = queue[head]
            head += 1
            for k in range(start[s], start[s + 1]):
                t = successors[k]
                if component[t] == component[s]:
                    if level[t] < 0:
                        level[t], queue[tail] = level[s] + 1, t
                        tail += 1
                    a, b = divisor[component[s]], abs(level[s] + 1 - level[t])
                    while b:
                        a, b = b, a % b
                    divisor[component[s]] = a
    for s in range(n):
        period[s] = divisor[component[s]]
