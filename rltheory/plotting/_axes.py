"""What every picture shares: axes to draw on, styles of lines, whole-number ticks, names under bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS = "reward units"
LINES = ("-", "--", "-.", ":")
"""Styles of curves that are compared, in order."""

_NAMED_TICKS = 30
_HORIZONTAL_CHARACTERS = 60


def axes(ax: Axes | None) -> Axes:
    """Return the given axes, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def name_ticks(ax: Axes, names: Sequence[str]) -> None:
    """Write names under positions 0, 1, 2, ... where they fit, whole numbers where they do not."""
    if len(names) > _NAMED_TICKS:
        whole_ticks(ax.xaxis)
        return
    upright = sum(map(len, names)) > _HORIZONTAL_CHARACTERS
    ax.set_xticks(range(len(names)), names, rotation=90 if upright else 0)


def whole_ticks(axis: object) -> None:
    """Put ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))  # type: ignore[attr-defined]
