"""An instance as pictures: each argument of a check by itself; what has no picture stays in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from numbers import Real
from typing import Any

import networkx as nx
import numpy as np

from proofs_check.html_report.cells import MOST_BARS, MOST_CELLS, bars, bimatrix, matrix, number
from proofs_check.html_report.graphs import network
from proofs_check.html_report.models import picture_of_model
from proofs_check.verification import Example
from proofs_check.words import arguments, describe
from rltheory.distributional import DiscreteLaw
from rltheory.games import NormalFormGame

_MOST_PARTS = 8
_MOST_LETTERS = 160
_MOST_NODES = 12


def instance_picture(example: Example) -> str:
    """Draw every argument of an instance.

    Parameters
    ----------
    example : Example

    Returns
    -------
    str
        HTML: numbers on one line, then pictures side by side.
    """
    named = list(zip(_names(example), arguments(example.instance), strict=True))
    scalars = [(name, argument) for name, argument in named if _is_scalar(argument)]
    line = ", ".join(f"{escape(name)} = {_scalar(argument)}" for name, argument in scalars)
    others = [_figure(name, argument) for name, argument in named if not _is_scalar(argument)]
    return (f'<p class="scalars">{line}</p>' if line else "") + f'<div class="instance">{"".join(others)}</div>'


def _names(example: Example) -> list[str]:
    """What the check calls its arguments; a check that takes any number of them may name too few."""
    count = len(arguments(example.instance))
    return [*example.names, *(f"argument {i}" for i in range(count))][:count]


def _is_scalar(argument: Any) -> bool:
    return argument is None or isinstance(argument, Real | np.generic)


def _scalar(argument: Any) -> str:
    return number(float(argument)) if isinstance(argument, float | np.floating) else escape(str(argument))


def _figure(name: str, argument: Any) -> str:
    return f'<div class="argument"><span>{escape(name)}</span>{picture(argument, name)}</div>'


def picture(argument: Any, label: str) -> str:
    """Draw one argument: a model, a game, an array, a law, or a few of these.

    Parameters
    ----------
    argument : object
    label : str
        What it is called.

    Returns
    -------
    str
        HTML; a short piece of text if there is no picture.
    """
    if isinstance(argument, np.ndarray):
        drawn = _array(argument, label)
    elif isinstance(argument, NormalFormGame):
        drawn = _game(argument)
    elif isinstance(argument, DiscreteLaw):
        drawn = _law(argument.atoms, argument.prob, label)
    elif isinstance(argument, nx.Graph) and len(argument) <= _MOST_NODES:
        drawn = network(argument, f"The graph {label}")
    elif isinstance(argument, tuple | list):
        drawn = _parts(argument, label)
    else:
        drawn = picture_of_model(argument)
    return _in_words(argument) if drawn is None else drawn


def _array(array: np.ndarray, label: str) -> str | None:
    """Return bars for a vector, shaded cells for a matrix, and several matrices for an array of three axes."""
    if array.dtype.kind not in "fiub" or 0 in array.shape:
        return None
    if array.ndim == 1:
        if array.dtype.kind == "f" and array.size <= MOST_BARS:
            return bars(array.tolist(), f"The vector {label}")
        return matrix(array[None]) if array.size <= MOST_CELLS else None
    if array.ndim == 2:
        return matrix(array) if max(array.shape) <= MOST_CELLS else None
    if array.ndim > 2 and len(array) <= _MOST_PARTS:
        parts = [_array(part, f"{label}[{i}]") for i, part in enumerate(array)]
        return None if None in parts else "".join(map(str, parts))
    return None


def _game(game: NormalFormGame) -> str | None:
    if len(game.payoffs) == 2 and max(game.payoffs[0].shape) <= MOST_CELLS:
        return bimatrix(*game.payoffs)
    parts = [_array(payoffs, f"payoffs of player {i}") for i, payoffs in enumerate(game.payoffs)]
    if None in parts:
        return None
    return "".join(f'<div class="step"><span>player {i}</span>{part}</div>' for i, part in enumerate(parts))


def _law(atoms: np.ndarray, prob: np.ndarray, label: str) -> str | None:
    return bars(prob.tolist(), f"The law {label}", [number(x) for x in atoms.tolist()]) if atoms.size <= 12 else None


def _parts(parts: Sequence[Any], label: str) -> str | None:
    if 0 < len(parts) <= MOST_BARS and all(isinstance(part, Real) for part in parts):
        return _array(np.asarray(parts, dtype=None if _whole(parts) else float), label)
    if not parts or len(parts) > _MOST_PARTS:
        return None
    names = getattr(parts, "_fields", range(len(parts)))
    if all(_is_scalar(part) or isinstance(part, str) for part in parts):
        return None
    drawn = [_scalar(part) if _is_scalar(part) else picture(part, label) for part in parts]
    return "".join(
        f'<div class="step"><span>{name}</span>{part}</div>' for name, part in zip(names, drawn, strict=True)
    )


def _whole(parts: Sequence[Any]) -> bool:
    return all(isinstance(part, int) for part in parts)


def _in_words(argument: Any) -> str:
    words = describe(argument)
    cut = words if len(words) <= _MOST_LETTERS else words[:_MOST_LETTERS].rstrip() + " …"
    return f"<code>{escape(cut)}</code>"
