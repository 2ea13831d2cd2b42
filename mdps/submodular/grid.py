"""Walks on a grid: what a set function makes of the cells that are seen.

The cell in row i and column j is state ``i * columns + j``. The five actions stay, or go right, down, left or up; a
move against a wall or off the grid stays. Walls are states too, so that an array of values reshapes to the grid; no
walk enters them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP

MOVES = {"stay": (0, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1), "up": (-1, 0)}
"""The actions in their order: rows and columns that a move adds."""


def grid(F: SetFunction, free: Any, H: int, *, start: tuple[int, int] = (0, 0), slip: float = 0.0) -> SubmodularMDP:
    """Walk on a grid with walls and earn a set function of the cells that are visited.

    Parameters
    ----------
    F : SetFunction
        Of the ``rows * columns`` cells, or of their visits, ``(H + 1) * rows * columns``.
    free : array_like of bool, shape (rows, columns)
        Where one can walk; the rest is wall.
    H : int
        Number of moves, at least 1: a walk sees H + 1 cells.
    start : tuple of int
        Row and column of the first cell.
    slip : float
        Probability that the action is replaced by one of the five, all equally likely.

    Returns
    -------
    SubmodularMDP
        Sparse; states named ``(row, column)``, actions ``stay, right, down, left, up``.

    Raises
    ------
    ModelError
        If there is no cell, the start is a wall or off the grid, or ``slip`` is no probability.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024): the grids of their experiments.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> grid(Coverage(np.eye(6)), np.ones((2, 3), dtype=bool), H=4)
    SubmodularMDP(4 steps, 6 states, 30 state-action pairs, Coverage of states)
    """
    from scipy.sparse import csr_array

    free = checked_free(free)
    start = _checked_start(start, free)
    checks.probability("slip", slip)
    landing = _landing(free)
    n_states, n_actions = landing.shape
    chance = (1 - slip) * np.eye(n_actions) + slip / n_actions
    pair = np.arange(n_states * n_actions).reshape(n_states, n_actions)
    action, taken = np.nonzero(chance)
    entries = (np.tile(chance[action, taken], n_states), (pair[:, action].ravel(), landing[:, taken].ravel()))
    P = csr_array(entries, shape=(pair.size, n_states))
    rows, columns = free.shape
    return SubmodularMDP(
        P,
        F,
        H,
        mu=start[0] * columns + start[1],
        pair_start=np.arange(0, pair.size + 1, n_actions),
        state_names=[f"({i}, {j})" for i in range(rows) for j in range(columns)],
        action_names=tuple(MOVES),
    )


def checked_free(free: Any) -> np.ndarray:
    """Return where one can walk as booleans of shape (rows, columns)."""
    free = np.asarray(free)
    if free.ndim != 2 or free.dtype != bool or not free.size:
        raise ModelError(
            f"free has shape {free.shape} and dtype {free.dtype}; it must say of each row and column, True or False,"
            " whether one can walk there"
        )
    return free


def _checked_start(start: tuple[int, int], free: np.ndarray) -> tuple[int, int]:
    """Return the first cell."""
    on_grid = len(start) == 2 and 0 <= start[0] < free.shape[0] and 0 <= start[1] < free.shape[1]
    if not on_grid or not free[start]:
        raise ModelError(
            f"start is {start}; it must be the row and column of a free cell of {free.shape[0]} x {free.shape[1]} cells"
        )
    return start


def _landing(free: np.ndarray) -> np.ndarray:
    """Return the state in which each move ends, shape (n_states, 5)."""
    row, column = np.indices(free.shape)
    landing = []
    for down, right in MOVES.values():
        i = np.clip(row + down, 0, free.shape[0] - 1)
        j = np.clip(column + right, 0, free.shape[1] - 1)
        passes = free[i, j] & free
        landing.append(np.where(passes, i, row) * free.shape[1] + np.where(passes, j, column))
    return np.stack(landing, axis=-1).reshape(free.size, len(MOVES))
