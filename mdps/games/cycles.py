"""Games in which best replies run in a circle."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame


def rock_paper_scissors(n: int = 3) -> NormalFormGame:
    r"""Rock, paper, scissors, or n weapons in a circle, each of which beats the $(n - 1)/2$ before it.

    ===========  =====  =====  ========
    row, column  rock   paper  scissors
    ===========  =====  =====  ========
    rock         0, 0   -1, 1  1, -1
    paper        1, -1  0, 0   -1, 1
    scissors     -1, 1  1, -1  0, 0
    ===========  =====  =====  ========

    Zero sum and symmetric; the value is 0, and $1/n$ each is the only equilibrium.

    Parameters
    ----------
    n : int
        Number of weapons, odd and at least 3.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If n is even or too small.

    Notes
    -----
    Fisher and Ryan (1992) for the uniqueness of optimal strategies in tournament games.

    Examples
    --------
    >>> from mdps.games import rock_paper_scissors
    >>> rock_paper_scissors().payoffs[0]
    array([[ 0., -1.,  1.],
           [ 1.,  0., -1.],
           [-1.,  1.,  0.]])
    """
    if checks.whole("n", n, 3) % 2 == 0:
        raise ModelError(f"n is {n}; with an even number of weapons they cannot all beat as many as beat them")
    ahead = (np.arange(n)[:, None] - np.arange(n)) % n
    A = np.where(ahead == 0, 0, np.where(ahead <= n // 2, 1, -1))
    names = ("rock", "paper", "scissors") if n == 3 else tuple(map(str, range(n)))
    return NormalFormGame.zero_sum(A, action_names=(names, names))


def shapley_game() -> NormalFormGame:
    r"""Shapley's game: fictitious play circles around its only equilibrium and never comes near.

    ===========  ====  ====  ====
    row, column  0     1     2
    ===========  ====  ====  ====
    0            0, 0  1, 0  0, 1
    1            0, 1  0, 0  1, 0
    2            1, 0  0, 1  0, 0
    ===========  ====  ====  ====

    In the only equilibrium all play $\tfrac13$ each, and both receive $\tfrac13$. Correlated equilibria pay between
    $\tfrac23$ and 1 to both together.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Shapley (1964).
    """
    A = np.roll(np.eye(3), 1, axis=1)
    return NormalFormGame((A, np.roll(A, 1, axis=1)))
