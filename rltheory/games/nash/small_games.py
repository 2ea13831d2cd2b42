r"""Zero-sum games with a handful of actions, compiled: what a Markov game asks for at each state of each sweep.

The row player receives A. A pair of strategies (p, q) proves an enclosure of the value,

.. math:: \min_j (A^\top p)_j \;\le\; \max_p \min_q p^\top A q = \min_q \max_p p^\top A q \;\le\; \max_i (A q)_i,

whose width is the *duality gap*. Candidates are tried in order of cost, and the first whose own gap is no more than
rounding is the answer:

1. an entry that is least in its row and largest in its column: a saddle point in pure strategies;
2. the square kernels of Shapley and Snow (1950), if no player has more than three actions: each extreme pair of optimal
   strategies is, on some square submatrix K and with zeros elsewhere,

   .. math:: p = \frac{1^\top \mathrm{adj} K}{1^\top \mathrm{adj} K\, 1}, \qquad
      q = \frac{\mathrm{adj} K\, 1}{1^\top \mathrm{adj} K\, 1};

3. the simplex method (Dantzig 1951) for max sum y subject to B y <= 1 and y >= 0, where B is A moved and scaled to
   [1, 2]: q is y, and p the dual variables, both divided by their sums.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.games.nash._dense import solve_in_place
from rltheory.games.nash._tableau import PIVOT, pivot

_GAP = 1e-12  # of the range of payoffs: what is taken for rounding
_ROUNDING = 4 * 2.0**-52
_NEGATIVE = 1e-13


@njit(cache=True, nogil=True, error_model="numpy")
def small_zero_sum(A: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, bool]:
    """Solve a small zero-sum game; for use in compiled loops, so the payoffs are not looked at for what is wrong.

    Parameters
    ----------
    A : ndarray of float64, shape (m, n), C-contiguous
        What the row player receives. Meant for up to some fifty actions; `zero_sum` takes any number.

    Returns
    -------
    value : float
        The middle of the enclosure that p and q prove, in payoff units.
    p : ndarray, shape (m,)
        Optimal strategy of the row player.
    q : ndarray, shape (n,)
        Optimal strategy of the column player.
    solved : bool
        Whether the duality gap is at most 1e-12 times the range of payoffs, plus what rounding of the means of payoffs
        can make of it. Not so if an entry is not finite; otherwise see `zero_sum`.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.nash.small_games import small_zero_sum
    >>> small_zero_sum(np.array([[9.0, 0.0], [0.0, 1.0]]))
    (0.9, array([0.1, 0.9]), array([0.1, 0.9]), True)
    """
    m, n = A.shape
    tol = _rounding_gap(A)
    row, column = _cautious_actions(A)
    p, q = np.zeros(m), np.zeros(n)
    p[row] = q[column] = 1.0
    low, high = enclosed_value(A, p, q)
    if not high - low <= tol and max(m, n) <= 3:
        low, high = _kernels(A, p, q, tol)
    if not high - low <= tol:
        simplex_strategies(A, p, q)
        low, high = enclosed_value(A, p, q)
    if not high - low <= tol and _polished(A, p, q):
        low, high = enclosed_value(A, p, q)
    return 0.5 * (low + high), p, q, high - low <= tol < np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def enclosed_value(A: np.ndarray, p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    """Return what p secures for the row player and what q holds her down to, in payoff units."""
    m, n = A.shape
    low, high = np.inf, -np.inf
    column = np.zeros(n)
    for i in range(m):
        mean = 0.0
        for j in range(n):
            mean += A[i, j] * q[j]
            column[j] += A[i, j] * p[i]
        if mean > high or np.isnan(mean):
            high = mean
    for j in range(n):
        if column[j] < low or np.isnan(column[j]):
            low = column[j]
    return low, high


@njit(cache=True, nogil=True, error_model="numpy")
def _rounding_gap(A: np.ndarray) -> float:
    low, high = A.min(), A.max()
    return _GAP * (high - low) + _ROUNDING * (A.shape[0] + A.shape[1]) * max(high, -low)


@njit(cache=True, nogil=True, error_model="numpy")
def _cautious_actions(A: np.ndarray) -> tuple[int, int]:
    """Return the row whose least entry is largest, and the column whose largest is least."""
    m, n = A.shape
    row, column, secured, conceded = 0, 0, -np.inf, np.inf
    for i in range(m):
        least = A[i].min()
        if least > secured:
            row, secured = i, least
    for j in range(n):
        largest = A[0, j]
        for i in range(1, m):
            largest = max(largest, A[i, j])
        if largest < conceded:
            column, conceded = j, largest
    return row, column


@njit(cache=True, nogil=True, error_model="numpy")
def _kernels(A: np.ndarray, p: np.ndarray, q: np.ndarray, tol: float) -> tuple[float, float]:
    """Try all square kernels of a game with at most three actions each; p and q are overwritten."""
    m, n = A.shape
    low, high = -np.inf, np.inf
    for i in range(m):
        for other in range(i):
            for j in range(n):
                for b in range(j):
                    p[:], q[:] = 0.0, 0.0
                    p[other], p[i] = A[i, j] - A[i, b], A[other, b] - A[other, j]
                    q[b], q[j] = A[i, j] - A[other, j], A[other, b] - A[i, b]
                    if _as_strategy(p) and _as_strategy(q):
                        low, high = enclosed_value(A, p, q)
                        if high - low <= tol:
                            return low, high
    if m == 3 and n == 3:
        K = A - A[0, 0]
        for i in range(3):
            p[i] = q[i] = 0.0
            for j in range(3):
                p[i] += _cofactor(K, i, j)
                q[i] += _cofactor(K, j, i)
        if _as_strategy(p) and _as_strategy(q):
            low, high = enclosed_value(A, p, q)
    return low, high


@njit(cache=True, nogil=True, error_model="numpy")
def _cofactor(K: np.ndarray, i: int, j: int) -> float:
    a, b, c, d = (i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3  # cyclic, so that the sign is right
    return K[a, c] * K[b, d] - K[a, d] * K[b, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _as_strategy(weights: np.ndarray) -> bool:
    """Divide by the sum, if all have one sign up to rounding."""
    total = weights.sum()
    if total == 0.0 or not np.isfinite(total):
        return False
    for a in range(weights.size):
        weights[a] /= total
        if weights[a] < -_NEGATIVE:
            return False
        weights[a] = max(weights[a], 0.0)
    weights /= weights.sum()
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def simplex_strategies(A: np.ndarray, p: np.ndarray, q: np.ndarray) -> bool:
    """Overwrite p and q by what the simplex method finds; returns whether it came to an end.

    The entering variable is the one of the steepest slope, and of the smallest number (Bland 1977) once there were
    more pivots than a game without ties should need, so that it cannot cycle.
    """
    m, n = A.shape
    T, basic, free = _tableau(A)
    patience = 10 * (m + n)
    for pivots in range(10 * patience):
        bland = pivots > patience
        column = _entering(T, free, bland)
        if column < 0:
            _read(T, basic, free, p, q)
            return True
        row = _leaving(T, basic, column, bland)
        if row < 0:
            return False
        pivot(T, row, column)
        basic[row], free[column] = free[column], basic[row]
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _polished(A: np.ndarray, p: np.ndarray, q: np.ndarray) -> bool:
    """Solve anew for strategies that make the opponent indifferent on the supports of p and q, if of equal size.

    What the pivots have lost, where payoffs nearly tie, is regained: an elimination leaves a small residual.
    """
    rows, columns = np.flatnonzero(p > _NEGATIVE), np.flatnonzero(q > _NEGATIVE)
    k = rows.size
    if columns.size != k:
        return False
    system, least = np.ones((k + 1, k + 1)), A.min()
    scale = A.max() - least
    for i in range(k):
        for j in range(k):
            system[i, j] = (A[rows[i], columns[j]] - least) / scale
    system[k, k] = 0.0
    for transposed, strategy, support in ((True, p, rows), (False, q, columns)):
        x = np.zeros(k + 1)
        x[k] = 1.0
        if not solve_in_place(system.T.copy() if transposed else system.copy(), x):
            return False
        weights = np.maximum(x[:k], 0.0)
        strategy[support] = weights / weights.sum()
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _tableau(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the condensed tableau; variables 0..n-1 are columns, n..n+m-1 the slacks of rows."""
    m, n = A.shape
    least = A.min()
    scale = A.max() - least
    if not scale > 0:
        scale = 1.0
    T = np.empty((m + 1, n + 1))
    for i in range(m):
        for j in range(n):
            T[i, j] = 1.0 + (A[i, j] - least) / scale
        T[i, n] = 1.0
    T[m, :n], T[m, n] = -1.0, 0.0
    return T, np.arange(n, n + m), np.arange(n)


@njit(cache=True, nogil=True, error_model="numpy")
def _entering(T: np.ndarray, free: np.ndarray, bland: bool) -> int:
    found, slopes = -1, T[-1]
    for j in range(free.size):
        if slopes[j] < -_NEGATIVE and (found < 0 or (free[j] < free[found] if bland else slopes[j] < slopes[found])):
            found = j
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _leaving(T: np.ndarray, basic: np.ndarray, column: int, bland: bool) -> int:
    """Return the row with the least ratio; among equals the largest pivot, or the smallest number."""
    found, least, last = -1, np.inf, T.shape[1] - 1
    for i in range(basic.size):
        if T[i, column] > PIVOT:
            ratio = T[i, last] / T[i, column]
            tie = abs(ratio - least) <= _NEGATIVE
            better = basic[i] < basic[found] if bland else T[i, column] > T[found, column]
            if (tie and better) or (not tie and ratio < least):
                found, least = i, ratio
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _read(T: np.ndarray, basic: np.ndarray, free: np.ndarray, p: np.ndarray, q: np.ndarray) -> None:
    m, n = basic.size, free.size
    p[:], q[:] = 0.0, 0.0
    for i in range(m):
        if basic[i] < n:
            q[basic[i]] = max(T[i, n], 0.0)
    for j in range(n):
        if free[j] >= n:
            p[free[j] - n] = max(T[m, j], 0.0)
    p /= p.sum()
    q /= q.sum()
