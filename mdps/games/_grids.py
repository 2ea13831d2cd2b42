"""Drawings of grids, and moves on them."""

from __future__ import annotations

import inspect
from collections.abc import Collection

from rltheory import ModelError

Cell = tuple[int, int]
"""Row and column, counted from the upper left corner."""

MOVES: dict[str, Cell] = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1), "stay": (0, 0)}


def cells(art: str, legend: str) -> dict[str, list[Cell]]:
    """Return the cells of each letter of the legend.

    Raises
    ------
    ModelError
        If a line has another length than the first one, or a letter is not in the legend.
    """
    lines = inspect.cleandoc(art).split("\n")
    found: dict[str, list[Cell]] = {letter: [] for letter in legend}
    for i, line in enumerate(lines):
        if len(line) != len(lines[0]):
            raise ModelError(f"row {i} of the drawing has {len(line)} cells, row 0 has {len(lines[0])}")
        for j, letter in enumerate(line):
            if letter not in found:
                raise ModelError(f"row {i}, column {j} of the drawing is {letter!r}; it must be one of {legend}")
            found[letter].append((i, j))
    return found


def moved(cell: Cell, move: str, free: Collection[Cell]) -> Cell:
    """Return where a move leads; against a wall or off the grid it stays."""
    new = (cell[0] + MOVES[move][0], cell[1] + MOVES[move][1])
    return new if new in free else cell
