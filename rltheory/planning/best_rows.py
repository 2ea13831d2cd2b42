"""The greedy choice among rows that belong to states, or to nodes: the one rule for ties."""

from __future__ import annotations

import numpy as np


def best_rows(q: np.ndarray, row_start: np.ndarray, slack: float | np.ndarray = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest q of each owner of rows, and the lowest of its actions that is within ``slack`` of it.

    Parameters
    ----------
    q : ndarray, shape (n_rows,)
        What each row is worth.
    row_start : ndarray of int, shape (n + 1,)
        Rows of owner k are ``row_start[k]:row_start[k + 1]``; each has at least one.
    slack : float or ndarray, shape (n,)
        What rounding may take from a tie, in units of q.

    Returns
    -------
    best : ndarray, shape (n,)
    action : ndarray of int, shape (n,)
        Counted from the owner's first row.

    Examples
    --------
    >>> import numpy as np
    >>> best_rows(np.array([1.0, 2.0, 2.0, 5.0]), np.array([0, 3, 4]))
    (array([2., 5.]), array([1, 0]))
    """
    first, counts = row_start[:-1], np.diff(row_start)
    best = np.maximum.reduceat(q, first)
    owner = np.repeat(np.arange(counts.size), counts)
    good = np.flatnonzero(q >= np.repeat(best - slack, counts))
    _, place = np.unique(owner[good], return_index=True)
    return best, good[place] - first
