r"""Models in which no way leads back to a state: the value of each follows from the values of those after it.

.. math:: v(s) = \max_a \frac{r(s, a) + \gamma \sum_{t \ne s} P(t \mid s, a)\, v(t)}{1 - \gamma P(s \mid s, a)}

Staying where one is does not count as a way back. The graph is searched depth first (Tarjan 1972): a state's value is
computed when all that it leads to have theirs, while its rows are still at hand. The first way back ends the search,
which on most other models is soon.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning.backup import kernel_arrays

_ONE = np.uint64(1)


def acyclic_value(mdp: MDP) -> np.ndarray | None:
    """Return the optimal value, up to rounding, of a model in which no way leads back; None if one does.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.

    Returns
    -------
    ndarray, shape (n_states,), or None

    Examples
    --------
    >>> import rltheory as rl
    >>> ladder = rl.MDP.from_arrays([[[0.5, 0.0, 0.5]], [[0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0]]], [3, 0, 2], gamma=0.5)
    >>> acyclic_value(ladder).round(6)
    array([4.666667, 0.      , 2.      ])
    """
    v = np.empty(mdp.n_states)
    return v if _search(*kernel_arrays(mdp.P, mdp.r, mdp.pair_start), mdp.gamma, v) else None


@njit(cache=True, nogil=True)
def _search(indptr, columns, data, r, pair_start, gamma, v):  # type: ignore[no-untyped-def]
    """Fill in the values; return whether no way led back to a state that was not finished."""
    n = pair_start.size - 1
    seen, finished = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    path, entry = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for root in range(n):
        depth = 0
        if not seen[root]:
            seen[root], path[0], entry[0], depth = True, root, indptr[pair_start[root]], 1
        while depth:
            s = path[depth - 1]
            if entry[depth - 1] == indptr[pair_start[s + 1]]:
                v[s] = _best(indptr, columns, data, r, pair_start, gamma, v, s)
                finished[s] = True
                depth -= 1
                continue
            t = np.int64(columns[np.uint64(entry[depth - 1])])
            entry[depth - 1] += 1
            if not seen[t]:
                seen[t], path[depth], entry[depth] = True, t, indptr[pair_start[t]]
                depth += 1
            elif not finished[t] and t != s:
                return False
    return True


@njit(cache=True, nogil=True)
def _best(indptr, columns, data, r, pair_start, gamma, v, s):  # type: ignore[no-untyped-def]
    """Return the value of a state, given those of the states that it leads to."""
    best = -np.inf
    for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + 1])):
        total, stay = r[i], 0.0
        for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + _ONE])):
            if columns[k] == s:
                stay += data[k]
            else:
                total += gamma * data[k] * v[columns[k]]
        best = max(best, total / (1.0 - gamma * stay))
    return best
