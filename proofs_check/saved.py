"""Arguments of checks as JSON and back, exact to the last bit: numbers, arrays, models, and tuples of these."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from rltheory.io import npz
from rltheory.models import MDP, Dataset, FiniteHorizonMDP, LinearMDP, OutcomeModel

_MODELS = (MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel, Dataset)


def encode(argument: Any) -> Any:
    """Return an argument as plain JSON.

    Parameters
    ----------
    argument : object
        None, a bool, an int, a float, a string, an array, a model or dataset (the arrays of `rltheory.io.save_npz`),
        or a tuple or list of these.

    Returns
    -------
    object
        For `json.dumps`, without numbers that are not finite.

    Raises
    ------
    ValueError
        If it is of another type.

    Examples
    --------
    >>> encode((1, 0.5)), decode(encode((1, 0.5)))
    ({'tuple': [1, 0.5]}, (1, 0.5))
    """
    if isinstance(argument, _MODELS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            npz.save_npz(path, argument)
            return {"model": {name: encode(array) for name, array in npz.read_arrays(path).items()}}
    if isinstance(argument, np.ndarray) and argument.dtype.kind in "fiubU":
        entries = [encode(x) for x in argument.reshape(-1).tolist()]
        return {"array": entries, "dtype": argument.dtype.str, "shape": list(argument.shape)}
    if isinstance(argument, np.generic):
        return encode(argument.item())
    if isinstance(argument, float) and not math.isfinite(argument):
        return {"float": str(argument)}
    if argument is None or isinstance(argument, bool | int | float | str):
        return argument
    if type(argument) in (tuple, list):
        return {type(argument).__name__: [encode(item) for item in argument]}
    raise ValueError(f"a {type(argument).__name__} cannot be kept as JSON; numbers, arrays, models and tuples can")


def decode(document: Any) -> Any:
    """Return the argument that `encode` wrote.

    Parameters
    ----------
    document : object
        From `json.loads`.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is none that `encode` writes, or a model in it is not valid.
    """
    if not isinstance(document, dict):
        return document
    if "model" in document:
        return npz.from_arrays({name: decode(array) for name, array in document["model"].items()}, "the document")
    if "array" in document:
        entries = [decode(x) for x in document["array"]]
        return np.array(entries, dtype=document["dtype"]).reshape(document["shape"])
    if "float" in document:
        return float(document["float"])
    if "tuple" in document:
        return tuple(decode(item) for item in document["tuple"])
    if "list" in document:
        return [decode(item) for item in document["list"]]
    raise ValueError(f"{sorted(document)} are not the keys of a saved argument")
