r"""The equations of one policy's value, in the form x = b + C x that sweeps and Krylov methods work on.

Moves from a state to itself are summed up beforehand: with :math:`p = P_\pi(s \mid s)`,

.. math:: x(s) = \frac{r_\pi(s) + \gamma \sum_{t \ne s} P_\pi(t \mid s)\, x(t)}{1 - \gamma p},

so that C has no diagonal. Columns increase along a row: those before ``middle`` are states before s, the others after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning.backup import kernel_arrays

_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True, eq=False)
class PolicySystem:
    """The system x = b + C x, C in rows: ``columns[start[s]:start[s + 1]]``, those before s up to ``middle[s]``."""

    start: np.ndarray
    middle: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    b: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """What the kernels read, in their order."""
        return self.start, self.middle, self.columns, self.weights, self.b

    @property
    def size(self) -> int:
        """Number of equations."""
        return self.b.size

    @property
    def work(self) -> int:
        """Numbers touched by a sweep."""
        return 2 * int(self.start[-1]) + 4 * self.size


def room_for_systems(mdp: MDP) -> PolicySystem:
    """Return a system with room for the longest rows of each state, to be filled by `fill`."""
    lengths = np.maximum.reduceat(np.diff(mdp.P.indptr), mdp.pair_start[:-1])
    room, n = int(lengths.sum()), mdp.n_states
    offsets = np.uint32 if mdp.P.indptr.dtype == np.int32 else np.uint64
    columns = np.uint32 if mdp.P.indices.dtype == np.int32 else np.uint64
    return PolicySystem(
        np.empty(n + 1, offsets), np.empty(n, offsets), np.empty(room, columns), np.empty(room), np.empty(n)
    )


def fill(system: PolicySystem, mdp: MDP, policy: np.ndarray) -> None:
    """Overwrite a system by that of a deterministic policy, actions of shape (n_states,)."""
    _fill(*kernel_arrays(mdp.P, mdp.r, mdp.pair_start), mdp.gamma, policy, *system.arrays)


@njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    indptr, indices, data, r, pair_start, gamma, policy, start, middle, columns, weights, b
):
    to = np.uint64(0)
    for s in range(np.uint64(policy.size)):
        i = np.uint64(pair_start[s] + policy[s])
        first, last = np.uint64(indptr[i]), np.uint64(indptr[i + _ONE])
        own = 0.0
        for k in range(first, last):
            if indices[k] == s:
                own += data[k]
        moves = 1.0 / (1.0 - gamma * own)
        start[s], middle[s] = to, to
        b[s] = r[i] * moves
        for k in range(first, last):
            if indices[k] != s:
                columns[to], weights[to] = indices[k], gamma * moves * data[k]
                to += _ONE
                if indices[k] < s:
                    middle[s] = to
    start[policy.size] = to


@njit(cache=True, nogil=True)
def residual(start, columns, weights, b, x, out):  # type: ignore[no-untyped-def]
    """Fill ``b + C x - x``; return its largest absolute value."""
    largest = 0.0
    for s in range(np.uint64(b.size)):
        total = b[s] - x[s]
        for k in range(np.uint64(start[s]), np.uint64(start[s + _ONE])):
            total += weights[k] * x[columns[k]]
        out[s] = total
        largest = max(largest, abs(total))
    return largest
