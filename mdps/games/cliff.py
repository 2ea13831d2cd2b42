r"""Two walkers past a cliff, who stumble when they are close to each other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import product
from typing import Any

import numpy as np

from mdps import _checks as checks
from mdps.games._grids import Cell, cells, moved
from rltheory import ModelError
from rltheory.games.markov import MarkovGame

_WALK = ("right", "up", "left", "down")


def cliff_grid(
    art: str = "1..\n#..\n#..\n0..",
    starts: tuple[Cell, Cell] = ((0, 2), (3, 2)),
    *,
    steady: float = 0.9,
    close: float = 0.5,
    gamma: float = 1.0,
    H: int | None = 15,
) -> MarkovGame:
    r"""Two players walk to their goals, beside a cliff.

    In each step a player receives 0.1, but 1 at his goal and -2 in the cliff, and never leaves these. Otherwise he
    moves right, up, left or down; off the grid he stays. With probability 0.9 both moves are made as intended, but only
    0.5 if the players are within one row and one column of each other. If not, both go to neighbouring cells, all pairs
    of which are as likely; who is at his goal or in the cliff stays there.

    The way past the other is risky: what the other does decides how surely one walks.

    Parameters
    ----------
    art : str
        One line for each row; ``0`` and ``1`` are the goals of the players, ``$`` one of both, ``#`` the cliff,
        ``.`` free.
    starts : pair of (row, column)
        Where the players begin. Rewards and moves do not depend on it, only which states there are.
    steady, close : float
        Probability that the intended moves are made, apart and close to each other.
    gamma : float
        Discount: in [0, 1), and up to 1 with a horizon.
    H : int, optional
        Number of steps; None for a game without an end.

    Returns
    -------
    MarkovGame
        States are pairs of cells, as far as they can be reached, which by default all can.

    Raises
    ------
    ModelError
        If the drawing is damaged, a player starts outside of it, or a parameter is out of range.

    Notes
    -----
    The benchmark of risk-averse quantal equilibria by Mazumdar, Panaganti and Shi (2025), after their published code:
    drawing, rewards, probabilities and 15 steps are theirs. There every pair of cells is solved for; where the players
    begin here is our choice.

    Examples
    --------
    >>> from mdps.games import cliff_grid
    >>> cliff_grid().n_states
    144
    """
    checks.probability("steady", steady)
    checks.probability("close", close)
    found = cells(art, "01$#.")
    grid = {cell for these in found.values() for cell in these}
    for player, start in enumerate(starts):
        if tuple(start) not in grid:
            raise ModelError(f"player {player} starts at {start}; the drawing has no such cell")
    goals = [set(found[str(player)] + found["$"]) for player in range(2)]
    cliff = set(found["#"])

    def reward(player: int, cell: Cell) -> float:
        return 1.0 if cell in goals[player] else -2.0 if cell in cliff else 0.1

    def step(state: Any, moves: Any) -> list[tuple[float, Hashable, Sequence[float]]]:
        pay = [reward(player, cell) for player, cell in enumerate(state)]
        held = [cell in goals[player] | cliff for player, cell in enumerate(state)]
        intended = tuple(
            cell if stuck else moved(cell, move, grid) for cell, stuck, move in zip(state, held, moves, strict=True)
        )
        around = [
            [cell] if stuck else sorted({moved(cell, move, grid) for move in _WALK} - {cell}) or [cell]
            for cell, stuck in zip(state, held, strict=True)
        ]
        surely = close if np.abs(np.subtract(*state)).max() <= 1 else steady
        pairs = list(product(*around))
        return [(surely, intended, pay), *(((1 - surely) / len(pairs), pair, pay) for pair in pairs)]

    first = tuple((int(row), int(column)) for row, column in starts)
    return MarkovGame.from_function(step, [first], [_WALK] * 2, gamma, H=H)
