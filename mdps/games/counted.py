"""Games whose equilibria are counted, and one with infinitely many."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory.games import NormalFormGame


def coordination(n_actions: int = 2, n_players: int = 2) -> NormalFormGame:
    r"""Everyone gets 1 if all do the same, and nothing otherwise.

    With any set of actions, all playing each of its members with the same probability is an equilibrium; two players
    have no others, which makes $2^m - 1$ with m actions.

    Parameters
    ----------
    n_actions, n_players : int
        Sizes, at least 1.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a size is not a whole number of at least 1.

    Notes
    -----
    Quint and Shubik (1997), who conjectured that no game of two players with m actions each has a larger, finite
    number; true for m up to 4, and refuted by `seventy_five`.
    """
    checks.whole("n_actions", n_actions, 1)
    checks.whole("n_players", n_players, 1)
    u = np.zeros((n_actions,) * n_players)
    u[tuple([np.arange(n_actions)] * n_players)] = 1.0
    return NormalFormGame([u] * n_players)


def seventy_five() -> NormalFormGame:
    r"""Return a game of two players with six actions each and 75 equilibria, more than $2^6 - 1 = 63$.

    The number is odd and finite, as in every nondegenerate game.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Von Stengel (1999), Discrete and Computational Geometry 21.
    """
    A = [
        [9504, -660, 19976, -20526, 1776, -8976],
        [-111771, 31680, -130944, 168124, -8514, 52764],
        [397584, -113850, 451176, -586476, 29216, -178761],
        [171204, -45936, 208626, -263076, 14124, -84436],
        [1303104, -453420, 1227336, -1718376, 72336, -461736],
        [737154, -227040, 774576, -1039236, 48081, -300036],
    ]
    B = [
        [72336, 48081, 29216, 14124, 1776, -8514],
        [-461736, -300036, -178761, -84436, -8976, 52764],
        [1227336, 774576, 451176, 208626, 19976, -130944],
        [-1718376, -1039236, -586476, -263076, -20526, 168124],
        [1303104, 737154, 397584, 171204, 9504, -111771],
        [-453420, -227040, -113850, -45936, -660, 31680],
    ]
    return NormalFormGame((A, B))


def nine_equilibria() -> NormalFormGame:
    r"""Return a game of three players with two actions each and nine equilibria, as many as such games can have.

    If the third player plays 0, the three receive (9, 8, 12) when the others both play 0 and (9, 8, 2) when both play
    1; if she plays 1, they receive (3, 4, 6) when the others differ; else nobody receives anything. With the
    probabilities (p, q, r) of action 0, the equilibria are

    $$(1, 1, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0), (\tfrac12, \tfrac12, 1), (0, \tfrac14, \tfrac13),
      (\tfrac13, 1, \tfrac14), (\tfrac25, \tfrac12, \tfrac13), (\tfrac12, \tfrac25, \tfrac14).$$

    Returns
    -------
    NormalFormGame

    Notes
    -----
    McKelvey and McLennan (1997), Journal of Economic Theory 72.
    """
    u = np.zeros((3, 2, 2, 2))
    u[:, 0, 0, 0] = 9, 8, 12
    u[:, 1, 1, 0] = 9, 8, 2
    u[:, 1, 0, 1] = u[:, 0, 1, 1] = 3, 4, 6
    return NormalFormGame(tuple(u))


def continuum() -> NormalFormGame:
    r"""Return a degenerate game: against one strategy with a single action there are two best replies.

    ===========  ====  ====
    row, column  0     1
    ===========  ====  ====
    0            3, 3  3, 3
    1            2, 2  5, 6
    2            0, 3  6, 1
    ===========  ====  ====

    The equilibria are row 0 against $(y, 1 - y)$ for every y in $[\tfrac23, 1]$, and, alone,
    $(0, \tfrac13, \tfrac23)$ against $(\tfrac13, \tfrac23)$.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Von Stengel (2007), in Algorithmic Game Theory, chapter 3.
    """
    return NormalFormGame(([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]))
