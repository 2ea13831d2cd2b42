r"""Walks that see a little of their surroundings: the weight of what was seen at least once.

From cell (i, j) one sees the block of the four cells (i, j), (i, j + 1), (i + 1, j) and (i + 1, j + 1), without walls
and what is off the grid. A walk earns the weight of all cells that it has seen, a weighted coverage. A step along a row
or a column shows at most two new cells, so that with unit weights

    $F(\tau) \le 4 + 2 H$ for every walk of H moves,

which a winding walk attains on a grid that is large enough. The planner who adds the weight of the block
at each step, and not of what is new in it, stands still on the best block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps.submodular.grid import checked_free, grid
from rltheory import ModelError
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP


def coverage_grid(
    weight: Any, H: int = 39, *, start: tuple[int, int] = (1, 4), wide: bool = False, slip: float = 0.0
) -> SubmodularMDP:
    r"""Walk on an open grid and earn the weight of the cells that were seen.

    Published with 30 x 30 cells and 40 states, H = 39, for a density drawn from a Gaussian process and for
    `bimodal_weight`; with 80 states, H = 79, for unit weights, where 4 + 2 H = 162 is optimal.

    Parameters
    ----------
    weight : array_like, shape (rows, columns)
        What each cell pays when it is seen, at least 0.
    H : int
        Number of moves.
    start : tuple of int
        Row and column of the first cell; in the published grids (1, 4).
    wide : bool
        Whether one sees the blocks of the block's cells too, 3 x 3 cells.
    slip : float
        Probability that the action is replaced by one of the five, all equally likely.

    Returns
    -------
    SubmodularMDP

    Raises
    ------
    ModelError
        If ``weight`` is no grid of weights of at least 0, or as for `mdps.submodular.grid`.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024).

    Examples
    --------
    >>> import numpy as np
    >>> walk = coverage_grid(np.ones((30, 30)), H=79)
    >>> walk
    SubmodularMDP(79 steps, 900 states, 4500 state-action pairs, Coverage of states)
    >>> walk.F.value([0, 1])
    6.0
    """
    weight = np.asarray(weight)
    if weight.ndim != 2:
        raise ModelError(f"weight has shape {weight.shape}; it must be one number for each row and column of the grid")
    free = np.ones(weight.shape, dtype=bool)
    return grid(block_coverage(free, weight, wide=wide), free, H, start=start, slip=slip)


def bimodal_weight(rows: int = 30, columns: int = 30) -> np.ndarray:
    r"""Return $w(i, j) = 1 / (1 + e^{-u_i v_j})$, u and v evenly spaced in [-1, 1]: heavy in two opposite corners."""
    return 1 / (1 + np.exp(-np.outer(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns))))


def linear_weight(rows: int = 30, columns: int = 30) -> np.ndarray:
    """Return the number of each cell as its weight: 0 in the upper left corner, and ever more row by row."""
    return np.arange(rows * columns, dtype=float).reshape(rows, columns)


def two_room(H: int = 39, *, slip: float = 0.0) -> SubmodularMDP:
    """Walk through two rooms of 7 x 4 cells and the corridor of 2 x 6 cells between them, from its middle.

    All 68 free cells can be seen in 39 moves, which is optimal; the planner who adds blocks step by step values its
    plan at 160 and stays where it is, with 4 cells seen.

    Parameters
    ----------
    H : int
        Number of moves.
    slip : float
        Probability that the action is replaced by one of the five, all equally likely.

    Returns
    -------
    SubmodularMDP
        With 7 x 14 cells; 30 of them are walls.

    Raises
    ------
    ModelError
        As for `mdps.submodular.grid`.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024).

    Examples
    --------
    >>> two_room().F
    Coverage(98 elements, 98 items of weight 68 in all)
    """
    free = np.ones((7, 14), dtype=bool)
    free[:2, 4:10] = free[4:, 4:10] = False
    return grid(block_coverage(free, free.astype(float)), free, H, start=(2, 6), slip=slip)


def block_coverage(free: Any, weight: Any, *, wide: bool = False) -> Coverage:
    """Return the weight of the cells that are seen from some of the chosen cells.

    Parameters
    ----------
    free : array_like of bool, shape (rows, columns)
        Cells that are seen, and from which one sees.
    weight : array_like, shape (rows, columns)
        What each cell pays.
    wide : bool
        Whether one sees the blocks of the block's cells too.

    Returns
    -------
    Coverage
        Elements and items are the cells, row by row.

    Raises
    ------
    ModelError
        If the shapes differ or a weight is negative.
    """
    free, weight = checked_free(free), np.asarray(weight)
    if weight.shape != free.shape:
        raise ModelError(f"weight has shape {weight.shape}; it must be that of the grid, {free.shape}")
    number = np.full(np.add(free.shape, 1), -1)
    number[:-1, :-1] = np.where(free, np.arange(free.size).reshape(free.shape), -1)
    corners = [number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]]
    block = np.stack(corners, axis=-1).reshape(free.size, 4)
    seen = [{int(cell) for cell in cells if cell >= 0} if cells[0] >= 0 else set() for cells in block]
    if wide:
        seen = [set().union(*(seen[cell] for cell in cells)) for cells in seen]
    return Coverage.from_sets([sorted(cells) for cells in seen], weight.ravel())
