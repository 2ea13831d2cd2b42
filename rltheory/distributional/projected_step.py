r"""One step of a chain and its categorical projection, as a table of shares.

From an atom :math:`z_j` an outcome leads to :math:`y = r + \gamma z_j`, between two atoms, the upper of which gets the
share :math:`(y - z_i) / (z_{i+1} - z_i)`, and the lower the rest. Neither depends on the laws, so that both are found
once, for all sweeps; where all states have the same atoms, once for each reward.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit

from rltheory.distributional.chain import OutcomeChain
from rltheory.distributional.return_laws import rounding_error
from rltheory.planning.memory import require_memory
from rltheory.planning.threads import cut, on_each


class ProjectedStep:
    """One step and its projection, from laws on some atoms to laws on others, with its table of shares.

    Parameters
    ----------
    chain : OutcomeChain
        The chain.
    source, target : ndarray, shape (n_states, m)
        Atoms before and after.
    slipped : float or None
        None if each state has its own atoms. Else all rows are the same, and this bounds what clipping at their ends
        does, in w_1.

    Attributes
    ----------
    target : ndarray
        As above.
    gamma : float
        The chain's discount.
    transitions : csr_array, shape (n_states, n_states)
        Probabilities of its next state.
    rounding : float
        Bound on the distance in w_1 that rounding adds to a step, in reward units.
    """

    def __init__(
        self, chain: OutcomeChain, source: np.ndarray, target: np.ndarray, slipped: float | None = None
    ) -> None:
        n_states, m = target.shape
        width = chain.prob.shape[1]
        if slipped is None:
            reward, row = chain.reward.ravel(), np.arange(n_states * width).reshape(n_states, width)
            start, end = chain.next_state.ravel(), np.repeat(np.arange(n_states), width)
        else:
            reward, row = np.unique(chain.reward, return_inverse=True)
            start = end = np.zeros(reward.size, dtype=np.int64)
        require_memory(
            12.0 * reward.size * m + 16.0 * target.size, f"the shares of {reward.size:,} outcomes on {m:,} atoms"
        )
        low, weight = np.empty((reward.size, m), dtype=np.int32), np.empty((reward.size, m))
        outside = _locate(reward, chain.gamma, source, start.astype(np.int64), target, end, low, weight)
        self.gamma, self.transitions = chain.gamma, chain.transitions
        self.target, self.rounding = target, rounding_error(chain, target) + (outside if slipped is None else slipped)
        self._rows = row.reshape(n_states, width).astype(np.int64)
        self._table = (chain.prob, chain.next_state, self._rows, low, weight, target)
        self._parts = cut(np.arange(n_states + 1) * width * m)

    def __call__(self, law: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the laws after a step, and how far each has moved in w_1 (if the atoms are the same as before)."""
        swept, change = np.empty_like(law), np.empty(law.shape[0])
        on_each(self._parts, partial(_sweep, *self._table, law, swept, change))
        return swept, change

    def errors(self, law: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the projection of a step from these laws does: a bound in w_1, and the variance that it adds."""
        moved, spread = np.zeros(law.shape[0]), np.zeros(law.shape[0])
        on_each(self._parts, partial(_errors, *self._table, law, moved, spread))
        return moved, spread

    @property
    def cells(self) -> np.ndarray:
        """The longest cell of each state's atoms, shape (n_states,)."""
        return np.diff(self.target, axis=1).max(axis=1)

    def added_variance(self, spread: np.ndarray, off: np.ndarray) -> np.ndarray:
        r"""Bound the variance that a projection adds to laws that, before the step, are at w_1 = off from those seen.

        At distances a and :math:`\Delta - a` from its two atoms, a mass adds :math:`a (\Delta - a)`, at most
        :math:`\Delta^2 / 4`, and :math:`\Delta` times as much as it is moved.
        """
        moved = self.rounding + self.gamma * (self.transitions @ off)
        return np.minimum(self.cells**2 / 4, spread + self.cells * moved)

    def positions(self, s: int, b: int) -> np.ndarray:
        """Return where an outcome takes each atom, as an index of the atoms after with a fraction, shape (m,)."""
        low, weight = self._table[3:5]
        return low[self._rows[s, b]] + weight[self._rows[s, b]]


@njit(cache=True, nogil=True)
def _locate(reward, gamma, source, start, target, end, low, weight):  # type: ignore[no-untyped-def]
    """Fill in the lower of the two atoms that share a mass, and the upper one's share; return how far any is out."""
    m, outside = target.shape[1], 0.0
    for k in range(reward.size):
        atoms, i = target[end[k]], 0
        for j in range(source.shape[1]):
            y = reward[k] + gamma * source[start[k], j]
            while i < m - 2 and y >= atoms[i + 1]:
                i += 1
            cell = atoms[i + 1] - atoms[i]
            low[k, j] = i
            weight[k, j] = min(max((y - atoms[i]) / cell, 0.0), 1.0) if cell > 0.0 else 0.0
            outside = max(outside, atoms[0] - y, y - atoms[m - 1])
    return outside


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]
    prob, next_state, row, low, weight, support, law, swept, change, first, last
):
    m = law.shape[1]
    for s in range(first, last):
        total = swept[s]
        total[:] = 0.0
        for b in range(prob.shape[1]):
            p = prob[s, b]
            if p > 0.0:
                before, into, share = law[next_state[s, b]], low[row[s, b]], weight[row[s, b]]
                cell, lower, upper = 0, 0.0, 0.0
                for j in range(m):  # atoms that go to one cell follow each other: their shares add up in registers
                    if into[j] != cell:
                        total[cell] += lower
                        total[cell + 1] += upper
                        cell, lower, upper = into[j], 0.0, 0.0
                    mass = p * before[j]
                    up = mass * share[j]
                    lower += mass - up
                    upper += up
                total[cell] += lower
                total[cell + 1] += upper
        difference, distance = 0.0, 0.0
        for i in range(m - 1):
            difference += total[i] - law[s, i]
            distance += abs(difference) * (support[s, i + 1] - support[s, i])
        change[s] = distance


@njit(cache=True, nogil=True)
def _errors(  # type: ignore[no-untyped-def]
    prob, next_state, row, low, weight, support, law, moved, spread, first, last
):
    """Add up what the projection moves each mass by, 2 w (1 - w) cells for shares w and 1 - w, and the squares."""
    for s in range(first, last):
        for b in range(prob.shape[1]):
            before, into, share = law[next_state[s, b]], low[row[s, b]], weight[row[s, b]]
            for j in range(law.shape[1]):
                cell = support[s, into[j] + 1] - support[s, into[j]]
                shared = prob[s, b] * before[j] * share[j] * (1.0 - share[j]) * cell
                moved[s] += 2.0 * shared
                spread[s] += shared * cell
