"""Pictures of mixed strategies over three actions: a triangle, whose corners are the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
_LABELS = (((-0.03, -0.03), "right", "top"), ((0.03, -0.03), "left", "top"), ((0.0, 0.03), "center", "bottom"))
_SUM = 1e-9


def strategy_simplex(
    paths: Mapping[str, Any], ax: Axes | None = None, *, names: Sequence[str] = ("0", "1", "2")
) -> Axes:
    """Draw mixed strategies over three actions as points of a triangle, joined in their order.

    Parameters
    ----------
    paths : mapping from names to array_like, shape (k, 3)
        Strategies, such as averages after each round; each row sums to 1. A single strategy is drawn as a dot.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    names : sequence of 3 str
        What is played in the lower left corner, the lower right one, and at the top.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no path to draw, or a row is no strategy over three actions.

    See Also
    --------
    strategy_simplex_table : the same numbers, with the places in the plane.

    Examples
    --------
    >>> ax = strategy_simplex({"path": [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]})
    >>> ax.lines[1].get_xdata().tolist()
    [0.0, 0.5]
    """
    checked = _checked_strategies(paths)
    ax = axes(ax)
    ax.plot(*_CORNERS[[0, 1, 2, 0]].T, color="0.6", linewidth=1)
    for k, (name, rows) in enumerate(checked.items()):
        x, y = (rows @ _CORNERS).T
        if len(rows) == 1:
            ax.plot(x, y, "o", markersize=8, label=name, zorder=4, clip_on=False)
        else:
            ax.plot(x, y, linestyle=LINES[k % len(LINES)], linewidth=1.8, label=name)
    for name, (x, y), (shift, ha, va) in zip(names, _CORNERS, _LABELS, strict=True):
        ax.text(x + shift[0], y + shift[1], name, ha=ha, va=va)
    ax.set(aspect="equal", xlim=(-0.2, 1.2), ylim=(-0.15, 1.0))
    ax.set_axis_off()
    ax.legend(loc="upper right")
    return ax


def strategy_simplex_table(paths: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers that `strategy_simplex` draws, one row for each strategy.

    Parameters
    ----------
    paths
        As for `strategy_simplex`.

    Returns
    -------
    list of dict
        With keys ``path, step, strategy`` (a list of 3 floats), ``x, y``.

    Raises
    ------
    ModelError
        As for `strategy_simplex`.

    Examples
    --------
    >>> strategy_simplex_table({"corner": [[0.0, 1.0, 0.0]]})
    [{'path': 'corner', 'step': 0, 'strategy': [0.0, 1.0, 0.0], 'x': 1.0, 'y': 0.0}]
    """
    return [
        {"path": name, "step": k, "strategy": row.tolist(), "x": float(x), "y": float(y)}
        for name, rows in _checked_strategies(paths).items()
        for k, (row, (x, y)) in enumerate(zip(rows, rows @ _CORNERS, strict=True))
    ]


def _checked_strategies(paths: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not paths:
        raise ModelError("there is no path to draw; paths maps a name to each")
    checked = {name: np.atleast_2d(np.asarray(rows, dtype=np.float64)) for name, rows in paths.items()}
    for name, rows in checked.items():
        if rows.ndim != 2 or rows.shape[1] != 3:
            raise ModelError(f"path {name!r} has shape {rows.shape}; strategies over three actions are (k, 3)")
        if not ((rows >= -_SUM).all() and (np.abs(rows.sum(axis=1) - 1) <= _SUM).all()):
            raise ModelError(f"path {name!r} has a row that is no strategy: probabilities sum to 1")
    return checked
