r"""The rows of one policy at a time, side by side in memory, and sweeps with them.

A sweep with a policy, :math:`(T_\pi v)(s) = r(s, \pi(s)) + \gamma \sum_{s'} P(s' \mid s, \pi(s))\, v(s')`, reads one
row of each state. Short rows are copied next to each other, so that they stream from memory; long ones are read where
they are, which costs no memory.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning._kernels import LONG_ROW, mean_of_long_row
from rltheory.planning.backup import kernel_arrays
from rltheory.planning.threads import cut, on_each

_WORTH_COPYING = 256
_ONE = np.uint64(1)


class PolicyRows:
    """Room for the rows of one deterministic policy of a model.

    Parameters
    ----------
    mdp : MDP
        The model.

    Attributes
    ----------
    arrays : tuple of ndarray
        First entry and end of each state's row, columns, data, and the reward of each state.
    """

    def __init__(self, mdp: MDP) -> None:
        self._model, self._gamma = kernel_arrays(mdp.P, mdp.r, mdp.pair_start), mdp.gamma
        self._parts = cut(mdp.P.indptr[mdp.pair_start])
        self._in_place = mdp.P.nnz >= _WORTH_COPYING * mdp.n_pairs
        indptr, columns, data = self._model[:3]
        self._actions = np.full(mdp.n_states, -1)
        start = np.empty(mdp.n_states, indptr.dtype)
        if not self._in_place:
            room = _lay_out(indptr, self._model[4], start)
            columns, data = np.empty(room, columns.dtype), np.empty(room)
        self.arrays = (start, start.copy(), columns, data, np.empty(mdp.n_states))

    def choose(self, policy: np.ndarray) -> None:
        """Fetch the rows of a policy; those of states whose action has not changed are there already."""
        if self._in_place:
            _point_to(*self._model, policy, self._actions, *self.arrays)
        else:
            _copy(*self._model, policy, self._actions, *self.arrays)

    def sweep(self, v: np.ndarray, backed_up: np.ndarray) -> tuple[float, float]:
        """Fill ``backed_up`` with ``T_pi v``; return the least and the largest entry of ``T_pi v - v``."""
        low, high = zip(*on_each(self._parts, partial(_sweep, *self.arrays, self._gamma, v, backed_up)), strict=True)
        return min(low), max(high)


@njit(cache=True, nogil=True)
def _lay_out(indptr, pair_start, start):  # type: ignore[no-untyped-def]
    """Fill in where each state's row begins, with room for its longest; return the room for all."""
    room = np.uint64(0)
    for s in range(np.uint64(start.size)):
        start[s], longest = room, np.uint64(0)
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])):
            longest = max(longest, np.uint64(indptr[i + _ONE]) - np.uint64(indptr[i]))
        room += longest
    return room


@njit(cache=True, nogil=True)
def _point_to(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, policy, actions, start, end, own_columns, own_data, own_r
):
    for s in range(np.uint64(policy.size)):
        if policy[s] != actions[s]:
            actions[s] = policy[s]
            i = np.uint64(pair_start[s] + policy[s])
            start[s], end[s], own_r[s] = indptr[i], indptr[i + _ONE], r[i]


@njit(cache=True, nogil=True)
def _copy(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, policy, actions, start, end, own_columns, own_data, own_r
):
    for s in range(np.uint64(policy.size)):
        if policy[s] != actions[s]:
            actions[s] = policy[s]
            i, to = np.uint64(pair_start[s] + policy[s]), np.uint64(start[s])
            for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + _ONE])):
                own_columns[to], own_data[to] = columns[k], data[k]
                to += _ONE
            own_r[s], end[s] = r[i], to


@njit(cache=True, nogil=True)
def _sweep(start, end, columns, data, r, gamma, v, backed_up, first, last):  # type: ignore[no-untyped-def]
    low, high = np.inf, -np.inf
    for s in range(np.uint64(first), np.uint64(last)):
        begin, stop, mean = np.uint64(start[s]), np.uint64(end[s]), 0.0
        if stop - begin >= LONG_ROW:
            mean = mean_of_long_row(columns, data, begin, stop, v)
        else:
            for k in range(begin, stop):
                mean += data[k] * v[columns[k]]
        backed_up[s] = r[s] + gamma * mean
        low, high = min(low, backed_up[s] - v[s]), max(high, backed_up[s] - v[s])
    return low, high
