"""Grids: which cell a state is, and the picture of cells that maps of values and of policies are drawn on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import UNITS, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

_CELL = re.compile(r"\((\d+), ?(\d+)\)")
_WALL = "0.82"
_NUMBERED_CELLS = 120
_INK: dict[str, Any] = {"facecolor": "black", "edgecolor": "white", "linewidth": 0.5, "zorder": 3}
_SMALL_TEXT: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": "x-small"}
_COMPASS = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
MOVES = _COMPASS | dict(zip(("north", "east", "south", "west"), _COMPASS.values(), strict=True))
"""Directions by name, as (rows down, columns to the right)."""


@dataclass(frozen=True)
class Grid:
    """The cells that states are: ``state[i]`` lies at ``(row[i], column[i])``; cells without a state are walls."""

    shape: tuple[int, int]
    state: np.ndarray
    row: np.ndarray
    column: np.ndarray

    def image(self, numbers: Any) -> np.ndarray:
        """Return an array of the grid's shape with one number for each state, nan at walls."""
        image = np.full(self.shape, np.nan)
        image[self.row, self.column] = np.asarray(numbers)[self.state]
        return image


def grid_of(model: Any, shape: tuple[int, int] | None) -> Grid | None:
    """Return the grid of a model: the one of the given shape, else the one its state names spell, else None.

    One state may lie outside: an ``end`` that was added as the last state, or one with another name.
    """
    if shape is not None:
        rows, columns = shape
        if rows * columns not in (model.n_states, model.n_states - 1):
            raise ModelError(f"shape {tuple(shape)} has {rows * columns} cells; the model has {model.n_states} states")
        state = np.arange(rows * columns)
        return Grid((rows, columns), state, *np.divmod(state, columns))
    cells = [_CELL.fullmatch(name) for name in model.state_names or ()]
    state = np.array([s for s, cell in enumerate(cells) if cell], dtype=np.int64)
    if state.size < max(2, model.n_states - 1):
        return None
    row, column = np.array([[int(i) for i in cell.groups()] for cell in cells if cell]).T
    if len(set(zip(row.tolist(), column.tolist(), strict=True))) < state.size:
        return None
    return Grid((int(row.max()) + 1, int(column.max()) + 1), state, row, column)


def draw_values(ax: Axes, grid: Grid, value: np.ndarray) -> None:
    """Draw values as colours and, where there are few cells, as numbers at the cells' lower edges."""
    image = draw_cells(ax, grid.image(value), cmap="viridis")
    ax.figure.colorbar(image, cax=ax.inset_axes((1.03, 0, 0.03, 1)), label=f"value ({UNITS})")
    if grid.shape[0] * grid.shape[1] > _NUMBERED_CELLS:
        return
    shown = value[grid.state]
    shown = np.where(np.abs(shown) < 1e-9 * np.abs(shown).max(), 0.0, shown)  # rounding errors are no number to read
    dark_below = shown.min() + 0.6 * np.ptp(shown)
    for number, row, column in zip(shown, grid.row, grid.column, strict=True):
        ink = "black" if number > dark_below else "white"
        ax.text(column, row + 0.36, f"{number:.3g}", color=ink, **_SMALL_TEXT)


def draw_moves(ax: Axes, grid: Grid, absorbing: np.ndarray, rows: list[dict[str, Any]]) -> None:
    """Draw an arrow for each action taken, a dot at absorbing states, the name of an action without direction.

    The arrows of a stochastic policy start at the cell's centre, and their lengths are in proportion to probability.
    """
    over_values = bool(ax.images)
    if not over_values:
        draw_cells(ax, grid.image(np.zeros(absorbing.size)), cmap="Greys", vmin=0, vmax=1)
        _draw_borders(ax, grid.shape)
    lifted = grid.row - (0.1 if over_values else 0.0)  # above the numbers
    centre = {s: (x, y) for s, x, y in zip(grid.state.tolist(), grid.column.tolist(), lifted.tolist(), strict=True)}
    moves, dots = [], []
    for row in rows:
        s, name = row["state_index"], row["action"].lower()
        if s not in centre:
            continue
        if absorbing[s]:
            dots.append(centre[s])
        elif name in MOVES:
            down, right = MOVES[name]
            moves.append((*centre[s], right * row["prob"], down * row["prob"]))
        else:
            ax.text(*centre[s], row["action"], **_SMALL_TEXT)
    if dots:
        x, y = zip(*dots, strict=True)
        ax.scatter(x, y, 24, **_INK)
    if moves:
        _draw_arrows(ax, np.array(moves, dtype=float))


def _draw_arrows(ax: Axes, moves: np.ndarray) -> None:
    """Draw arrows from rows (x, y, dx, dy): centred, or fanning out where a cell has several."""
    alone = len({(x, y) for x, y, _, _ in moves.tolist()}) == len(moves)
    longest = np.abs(moves[:, 2:]).max()
    ax.quiver(
        *moves.T,
        pivot="mid" if alone else "tail",
        angles="xy",
        scale_units="xy",
        scale=longest / (0.54 if alone else 0.4),
        units="xy",
        width=0.08 if alone else 0.05,
        headwidth=3.2,
        headlength=3,
        headaxislength=3,
        **_INK,
    )


def draw_cells(ax: Axes, image: np.ndarray, **options: Any) -> AxesImage:
    """Draw an image whose missing cells are walls, with rows counted downwards, and label the axes."""
    drawn = ax.imshow(np.ma.masked_invalid(image), **options)
    ax.set_facecolor(_WALL)
    ax.set_xlabel("column")
    ax.set_ylabel("row")
    whole_ticks(ax.xaxis)
    whole_ticks(ax.yaxis)
    return drawn


def _draw_borders(ax: Axes, shape: tuple[int, int]) -> None:
    """Draw thin lines between the cells."""
    ax.hlines(np.arange(1, shape[0]) - 0.5, -0.5, shape[1] - 0.5, color=_WALL, linewidth=0.8)
    ax.vlines(np.arange(1, shape[1]) - 0.5, -0.5, shape[0] - 0.5, color=_WALL, linewidth=0.8)
