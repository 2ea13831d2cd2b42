r"""What holds on the supports of an equilibrium: polynomial equations in the probabilities, and Newton's method.

With supports :math:`S_i` and payoffs :math:`v_i`,

.. math:: u_i(a, \sigma_{-i}) = v_i \;\; (a \in S_i), \qquad \sum_{a \in S_i} \sigma_i(a) = 1, \qquad i = 1, \dots, n:

as many equations as unknowns; linear for two players.
"""

from __future__ import annotations

import numpy as np

Supports = tuple[tuple[int, ...], ...]

_STEPS = 25
_FAR = 1e3
_SOLVED = 1e-13


def restricted(payoffs: tuple[np.ndarray, ...], supports: Supports) -> tuple[np.ndarray, ...]:
    """Return payoffs of the game in which only the supports may be played."""
    place = np.ix_(*supports)
    return tuple(u[place] for u in payoffs)


def newton(payoffs: tuple[np.ndarray, ...], starts: np.ndarray) -> np.ndarray:
    """Solve the system of a game with full supports by Newton's method, from many starts at once.

    Parameters
    ----------
    payoffs : tuple of n ndarray
        Of a size of about one.
    starts : ndarray, shape (B, m_1 + ... + m_n)
        Strategies of all players in a row.

    Returns
    -------
    ndarray, shape (B, m_1 + ... + m_n)
        Solutions, also with negative entries; nan where it did not converge. Singular systems are solved by least
        squares, so that a start near a continuum of solutions leads to one of them.
    """
    sizes = payoffs[0].shape
    belongs = np.repeat(np.eye(len(sizes)), sizes, axis=0)
    K = sum(sizes)
    y = np.hstack((starts, np.zeros((len(starts), len(sizes)))))
    y[:, K:] = _batch(payoffs, _split(starts, sizes))[0] @ belongs / np.array(sizes)
    residual, rows = np.full(len(y), np.inf), np.arange(len(y))
    for _ in range(_STEPS):
        values, slopes = _batch(payoffs, _split(y[rows, :K], sizes))
        F = np.hstack((values - y[rows, K:] @ belongs.T, y[rows, :K] @ belongs - 1))
        residual[rows] = np.abs(F).max(axis=1)
        going = (residual[rows] > _SOLVED) & (np.abs(y[rows]).max(axis=1) < _FAR)
        if not going.any():
            break
        rows, slopes, F = rows[going], slopes[going], F[going]
        J = np.zeros((len(rows), y.shape[1], y.shape[1]))
        J[:, :K, :K], J[:, :K, K:], J[:, K:, :K] = slopes, -belongs, belongs.T
        y[rows] -= _solve(J, F)
    return np.where((residual <= 100 * _SOLVED)[:, None], y[:, :K], np.nan)


def _solve(J: np.ndarray, F: np.ndarray) -> np.ndarray:
    try:
        steps = np.linalg.solve(J, F[..., None])[..., 0]
    except np.linalg.LinAlgError:
        steps = np.full_like(F, np.inf)
    for b in np.flatnonzero(~(np.abs(steps).max(axis=1) < 1e3)):  # far away, or nearly singular
        steps[b] = np.linalg.lstsq(J[b], F[b], rcond=1e-10)[0]
    return steps


def _split(rows: np.ndarray, sizes: tuple[int, ...]) -> list[np.ndarray]:
    return np.split(rows, np.cumsum(sizes)[:-1], axis=1)


def _batch(payoffs: tuple[np.ndarray, ...], profiles: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the payoffs of actions, and their slopes in the others' probabilities, for a batch of profiles."""
    n, sizes, B = len(payoffs), payoffs[0].shape, len(profiles[0])
    ends = np.cumsum([0, *sizes])
    values, slopes = np.zeros((B, ends[-1])), np.zeros((B, ends[-1], ends[-1]))
    for i, u in enumerate(payoffs):
        values[:, ends[i] : ends[i + 1]] = u if n == 1 else 0.0
        for j in range(n):
            if j != i:
                between = _between(u, profiles, i, j)
                slopes[:, ends[i] : ends[i + 1], ends[j] : ends[j + 1]] = between
        if n > 1:
            last = n - 1 if i != n - 1 else n - 2
            values[:, ends[i] : ends[i + 1]] = (between * profiles[last][:, None, :]).sum(axis=2)
    return values, slopes


def _between(u: np.ndarray, profiles: list[np.ndarray], i: int, j: int) -> np.ndarray:
    """Average over all players but i and j, for each profile of the batch; actions of i are rows."""
    averaged = np.moveaxis(u, (i, j), (0, 1))[None]
    for k in reversed([k for k in range(len(profiles)) if k not in (i, j)]):
        p = profiles[k]
        averaged = (averaged * p.reshape(len(p), *(1,) * (averaged.ndim - 2), -1)).sum(axis=-1)
    return averaged
