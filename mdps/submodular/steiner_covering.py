"""Steiner covering on a grid: collect enough of each kind, by a walk from one heap to the next.

Cells hold items of several kinds; a walk earns, of each kind, the number of distinct cells visited that hold it, up to
what is demanded of it. The demands' sum is the most that anybody can earn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mdps.submodular.grid import grid
from rltheory import ModelError
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.model import SubmodularMDP

DEMANDS = (3, 2, 3, 4, 6, 3)
"""How many of each of the six published kinds are wanted: 21 in all."""
SUPPLIES = (18, 14, 13, 16, 18, 14)
"""How many cells of 7 x 15 hold each of them: 93 in all."""


def steiner_covering(
    groups: Sequence[Iterable[int]],
    demands: Sequence[float] = DEMANDS,
    H: int = 39,
    *,
    shape: tuple[int, int] = (7, 15),
    start: tuple[int, int] = (2, 4),
    slip: float = 0.0,
) -> SubmodularMDP:
    r"""Walk on an open grid and earn $\sum_k \min(D_k, |\tau \cap G_k|)$, what is collected up to the demand.

    On each of the ten published grids all 21 items wanted can be collected within 39 moves.

    Parameters
    ----------
    groups : sequence of iterables of int
        For each kind the cells that hold it, as states, ``row * columns + column``.
    demands : sequence of float
        How many of each kind count.
    H : int
        Number of moves.
    shape : tuple of int
        Rows and columns.
    start : tuple of int
        Row and column of the first cell.
    slip : float
        Probability that the action is replaced by one of the five, all equally likely.

    Returns
    -------
    SubmodularMDP

    Raises
    ------
    ModelError
        If a group leaves the grid, the demands are not one for each group, or as for `mdps.submodular.grid`.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024).

    Examples
    --------
    >>> steiner_covering([[0, 1], [5]], [1, 1], H=3, shape=(2, 3), start=(0, 1))
    SubmodularMDP(3 steps, 6 states, 30 state-action pairs, BudgetAdditive of states)
    """
    free = np.ones(shape, dtype=bool)
    F = BudgetAdditive.from_groups(groups, demands, n_elements=free.size)
    return grid(F, free, H, start=start, slip=slip)


def random_steiner_covering(
    H: int = 39,
    *,
    shape: tuple[int, int] = (7, 15),
    supplies: Sequence[int] = SUPPLIES,
    demands: Sequence[float] = DEMANDS,
    start: tuple[int, int] = (2, 4),
    rng: int | np.random.Generator | None = None,
) -> SubmodularMDP:
    """Scatter the published numbers of items over distinct cells of the grid, all placements equally likely.

    Parameters
    ----------
    H : int
        Number of moves.
    shape : tuple of int
        Rows and columns.
    supplies : sequence of int
        How many cells hold each kind.
    demands : sequence of float
        How many of each kind count.
    start : tuple of int
        Row and column of the first cell.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same grid.

    Returns
    -------
    SubmodularMDP

    Raises
    ------
    ModelError
        If the grid has fewer cells than there are items.

    Examples
    --------
    >>> random_steiner_covering(rng=0).F
    BudgetAdditive(105 elements, 6 kinds, 21 of them counted)
    """
    n_cells, n_items = shape[0] * shape[1], sum(supplies)
    if n_items > n_cells:
        raise ModelError(f"supplies sum to {n_items} items; {shape[0]} x {shape[1]} cells hold at most {n_cells}")
    cells = np.random.default_rng(rng).permutation(n_cells)[:n_items]
    groups = [np.sort(group).tolist() for group in np.split(cells, np.cumsum(supplies)[:-1])]
    return steiner_covering(groups, demands, H, shape=shape, start=start)
