"""Numbers as small pictures: a vector as bars, a matrix as shaded cells, a model as the matrix of its rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from proofs_check.html_report.svg import BLUE, GREY, RED, drawing, element

MOST_CELLS, MOST_BARS = 12, 40
_NUMBERED = 10  # more bars than these are too narrow for a number each
_HEIGHT = 46.0


def number(x: float) -> str:
    """Return a number of a cell in at most seven characters.

    Examples
    --------
    >>> number(0.123456), number(-1e-12), number(3.0)
    ('0.123', '-1e-12', '3')
    """
    return f"{x:.3g}".replace("e-0", "e-").replace("e+0", "e")


def bars(values: Sequence[float], label: str, names: Sequence[str] | None = None) -> str:
    """Draw a vector as bars from zero, upwards in blue and downwards in red.

    Parameters
    ----------
    values : sequence of float
        At most `MOST_BARS`.
    label : str
        What the picture shows.
    names : sequence of str, optional
        What stands below each bar; by default its value, if there are few.

    Returns
    -------
    str
        An SVG element.
    """
    few = len(values) <= _NUMBERED
    names = names if names is not None else [number(x) for x in values] if few else None
    step = max(8.0, 6.2 * max(map(len, names)) + 6) if names else 9.0
    finite = [x for x in values if math.isfinite(x)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    scale = _HEIGHT / (high - low or 1.0)
    zero = 2 + high * scale
    shapes = [element("path", d=f"M0 {zero:.1f}H{step * len(values):.0f}", stroke=GREY, stroke_width=0.8)]
    for i, x in enumerate(values):
        if math.isfinite(x) and x:
            top, size = (zero - x * scale, x * scale) if x > 0 else (zero, -x * scale)
            middle = step * (i + 0.5)
            wide = min(step - 2, 22.0)
            colour = BLUE if x > 0 else RED
            shapes.append(
                element("rect", x=middle - wide / 2, y=top, width=wide, height=size, fill=colour, opacity="0.75")
            )
    if names:
        shapes += [
            element("text", escape(name), x=step * (i + 0.5), y=_HEIGHT + 16, class_="bar")
            for i, name in enumerate(names)
        ]
    return drawing("".join(shapes), step * len(values), _HEIGHT + (20 if names else 6), label)


def matrix(values: Any, *, head: Sequence[str] = (), sides: Sequence[str] = ()) -> str:
    """Return a matrix as a table of shaded cells: blue above zero, red below, the darker the larger.

    Parameters
    ----------
    values : array_like, shape (m, n)
    head, sides : sequence of str
        Names of columns and rows, if they have any.

    Returns
    -------
    str
        HTML.
    """
    values = np.asarray(values, dtype=float)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    lines = [[_cell(x, largest, number(x)) for x in row] for row in values.tolist()]
    return _table(lines, head, sides)


def bimatrix(row_payoffs: np.ndarray, column_payoffs: np.ndarray) -> str:
    """Return a game of two players: in each cell what the row and what the column player receive."""
    largest = float(np.abs(row_payoffs).max()) or 1.0
    pairs = zip(row_payoffs.tolist(), column_payoffs.tolist(), strict=True)
    lines = [[_cell(u, largest, f"{number(u)}, {number(w)}") for u, w in zip(*pair, strict=True)] for pair in pairs]
    return _table(lines, (), ())


def rows_of_model(names: Sequence[str], sides: Sequence[str], P: np.ndarray, rewards: Sequence[str]) -> str:
    """Return a model as the matrix of its rows: for each state and action the reward and where it leads."""
    lines = [
        [f"<td>{escape(reward)}</td>", *(_cell(p, 1.0, number(p) if p else "") for p in row)]
        for reward, row in zip(rewards, P.tolist(), strict=True)
    ]
    return _table(lines, ("reward", *(f"to {name}" for name in names)), sides)


def _cell(x: float, largest: float, text: str) -> str:
    shade = min(math.ceil(6 * abs(x) / largest), 6) if math.isfinite(x) else 0
    kind = f' class="{"b" if x > 0 else "r"}{shade}"' if shade else ""
    return f"<td{kind}>{escape(text)}</td>"


def _table(lines: Sequence[Sequence[str]], head: Sequence[str], sides: Sequence[str]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in ([""] if sides and head else []) + list(head))
    rows = [
        "<tr>" + (f"<th>{escape(sides[i])}</th>" if sides else "") + "".join(cells) + "</tr>"
        for i, cells in enumerate(lines)
    ]
    return f'<table class="cells">{f"<tr>{top}</tr>" if top else ""}{"".join(rows)}</table>'
