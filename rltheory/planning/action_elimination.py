r"""Backups that leave out the actions that are proven not to be best, without looking at where they lead.

Let :math:`\Delta_v(s, a) = (T v)(s) - q_v(s, a)` be how much worse an action is than the best of its state. From v to w
no difference of two actions' values changes by more than the span allows,

.. math:: \Delta_w(s, a) \;\ge\; \Delta_v(s, a) - \gamma\, \mathrm{sp}(w - v),

so that an action need not be read again before the spans since its last reading add up to its :math:`\Delta` (MacQueen
1967; Puterman 2005, section 6.7). Here :math:`\gamma\,\mathrm{sp}` is summed up as the *drift*, and each pair has an
*expiry*, the drift at which it must be read again. The first reading costs nothing: :math:`q_0 = r`.

Rows that sum to one only within :math:`\eta` add :math:`\gamma \eta (|\min| + |\max|)` of w - v to the drift, and the
rounding of the four q's in the inequality four times the error of a backup. What is left out is therefore worse in
exact arithmetic, and in floats: the loop returns the same bits as if it read everything.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning._kernels import LONG_ROW, mean_of_long_row
from rltheory.planning.backup import BellmanSweep, bellman_sweep, kernel_arrays
from rltheory.planning.rounding import backup_error, largest_size
from rltheory.planning.threads import cut, on_each

_LONG_ROW = 16
_LARGEST = 3e38
_ONE = np.uint64(1)


def eliminating_sweep(mdp: MDP) -> BellmanSweep:
    """Return a sweep as `backup.bellman_sweep` does, that remembers from call to call what cannot be best.

    Only long rows are left out: to look whether a short one may be takes as long as to read it.
    """
    if mdp.P.nnz < _LONG_ROW * mdp.n_pairs:
        return bellman_sweep(mdp)
    rows, parts = kernel_arrays(mdp.P, mdp.r, mdp.pair_start), cut(mdp.P.indptr[mdp.pair_start])
    longest, largest, eta = int(np.diff(mdp.P.indptr).max()), largest_size(mdp.r), mdp.row_sum_error
    expiry = np.empty(mdp.n_pairs, dtype=np.float32)
    _first_expiry(*rows[3:], expiry)
    last, drift, error = np.zeros(mdp.n_states), 0.0, 0.0

    def sweep(v: np.ndarray, backed_up: np.ndarray, policy: np.ndarray) -> tuple[float, float, float]:
        nonlocal drift, error
        np.subtract(v, last, out=last)
        least, most = float(last.min()), float(last.max())
        last[:] = v
        size = largest_size(v)
        error = max(error, backup_error(longest, largest, mdp.gamma, size, eta))
        drift += mdp.gamma * (most - least + eta * (abs(most) + abs(least))) + 4 * error
        loop = partial(_eliminating, *rows, mdp.gamma, v, backed_up, policy, expiry, drift, mdp.n_actions)
        lows, highs, sizes = zip(*on_each(parts, loop), strict=True)
        return min(lows), max(highs), max(sizes)

    return sweep


@njit(cache=True, nogil=True)
def _rounded_down(x):  # type: ignore[no-untyped-def]
    """Return a non-negative number in single precision, not larger than it was."""
    return np.float32(max(min(x, _LARGEST) * (1.0 - 2.0**-22) - 2.0**-149, 0.0))


@njit(cache=True, nogil=True)
def _first_expiry(r, pair_start, expiry):  # type: ignore[no-untyped-def]
    """Fill in how much worse than the best each reward is."""
    for s in range(np.uint64(pair_start.size - 1)):
        begin, end = np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])
        best = -np.inf
        for i in range(begin, end):
            best = max(best, r[i])
        for i in range(begin, end):
            expiry[i] = _rounded_down(best - r[i])


@njit(cache=True, nogil=True)
def _eliminating(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, gamma, v, backed_up, policy, expiry, drift, n_actions, first, last
):
    """Do what `_kernels.bellman` does, with the rows that are due."""
    low, high, size = np.inf, -np.inf, 0.0
    q = np.empty(n_actions)
    for s in range(np.uint64(first), np.uint64(last)):
        begin, end = np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])
        best, best_action = -np.inf, 0
        for i in range(begin, end):
            q[i - begin] = -np.inf
            if expiry[i] <= drift:
                start, stop, mean = np.uint64(indptr[i]), np.uint64(indptr[i + _ONE]), 0.0
                if stop - start >= LONG_ROW:
                    mean = mean_of_long_row(columns, data, start, stop, v)
                else:
                    for k in range(start, stop):
                        mean += data[k] * v[columns[k]]
                q[i - begin] = r[i] + gamma * mean
                if q[i - begin] > best:
                    best, best_action = q[i - begin], np.int64(i) - pair_start[s]
        for i in range(begin, end):
            if q[i - begin] > -np.inf:
                expiry[i] = _rounded_down(best - q[i - begin] + drift)
        backed_up[s] = best
        policy[s] = best_action
        low, high = min(low, best - v[s]), max(high, best - v[s])
        size = max(size, abs(best), abs(v[s]))
    return low, high, size
