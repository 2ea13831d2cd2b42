r"""Congestion: the more players use a road, the slower it is, and an equilibrium is where a potential is highest.

Each of n players takes one of m roads; on road j, which k of them take, each needs the time $d_j(k)$. Rosenthal (1973):

$$\Phi(a) = -\sum_j \sum_{k=1}^{n_j(a)} d_j(k)$$

changes by exactly what a player who changes roads gains, so that the best profile for $\Phi$ is an equilibrium without
mixing, and replies that improve lead to one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory import ModelError
from rltheory.games import NormalFormGame


def congestion(delays: Any = ((1, 2, 3), (2, 2, 2))) -> NormalFormGame:
    r"""Return the game in which each player takes one road.

    By default a road whose time is the number of its users, and one that always takes 2: with three players the
    equilibria without mixing are those in which one or two of them take the first road.

    Parameters
    ----------
    delays : array_like, shape (m, n)
        ``delays[j, k - 1]`` is the time that road j takes with k users; n is the number of players.

    Returns
    -------
    NormalFormGame
        Payoffs are negative times.

    Raises
    ------
    ModelError
        If the delays are not a matrix of finite numbers.

    Notes
    -----
    Rosenthal (1973); the default is in the manner of Pigou (1920).

    Examples
    --------
    >>> from mdps.games import congestion
    >>> congestion()
    NormalFormGame(3 players, 2 x 2 x 2 actions)
    """
    d = _checked_delays(delays)
    m, n = d.shape
    users = _users(m, n)
    own = np.indices((m,) * n)
    arrays = [-d[own[i], np.take_along_axis(users, own[i][None], axis=0)[0] - 1] for i in range(n)]
    names = tuple(f"road {j}" for j in range(m))
    return NormalFormGame(arrays, action_names=(names,) * n)


def congestion_potential(delays: Any = ((1, 2, 3), (2, 2, 2))) -> np.ndarray:
    r"""Return $\Phi$ of every profile of `congestion`, shape (m, ..., m).

    Parameters
    ----------
    delays : array_like, shape (m, n)
        As for `congestion`.

    Returns
    -------
    ndarray
        What each player gains by changing roads alone is the difference of its entries.

    Raises
    ------
    ModelError
        As for `congestion`.

    Examples
    --------
    >>> from mdps.games import congestion_potential
    >>> congestion_potential()[0, 0]
    array([-6., -5.])
    """
    d = _checked_delays(delays)
    m, n = d.shape
    total = np.concatenate([np.zeros((m, 1)), np.cumsum(d, axis=1)], axis=1)
    return -sum((total[j, used] for j, used in enumerate(_users(m, n))), start=np.zeros((m,) * n))


def _users(m: int, n: int) -> np.ndarray:
    """Return how many players take each road, shape (m, m, ..., m)."""
    own = np.indices((m,) * n)
    return np.stack([(own == j).sum(axis=0) for j in range(m)])


def _checked_delays(delays: Any) -> np.ndarray:
    d = np.array(delays, dtype=np.float64)
    if d.ndim != 2 or 0 in d.shape or not np.isfinite(d).all():
        raise ModelError(f"delays has shape {d.shape}; it must be a matrix of finite numbers, roads by users")
    return d
