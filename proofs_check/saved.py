"""Arguments of checks as JSON and back, exact to the last bit.

Numbers, arrays, models and collections of these are written out. Any other dataclass or named tuple of this project,
such as a utility or a game, is its import path and its fields; a function that a module defines is its path alone. What
has no path, such as a lambda, cannot be kept. Reading imports nothing but this project, and calls nothing but what
builds these types.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import operator
import tempfile
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from rltheory.io import npz
from rltheory.models import MDP, Dataset, FiniteHorizonMDP, LinearMDP, OutcomeModel

_MODELS = (MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel, Dataset)
_OURS = ("rltheory", "mdps", "proofs_check")


def _graph(kind: type[nx.Graph], parts: list[Any]) -> nx.Graph:
    graph = kind()
    graph.add_nodes_from(parts[0])
    graph.add_edges_from(parts[1])
    return graph


def _graph_parts(graph: nx.Graph) -> list[list[Any]]:
    return [list(graph.nodes(data=True)), list(graph.edges(data=True))]


# A key of the document: the type, what its parts are, and how it is built from them.
_COLLECTIONS: dict[str, tuple[type, Callable[[Any], Iterable[Any]], Callable[[list[Any]], Any]]] = {
    "tuple": (tuple, list, tuple),
    "list": (list, list, list),
    "set": (set, list, set),
    "frozenset": (frozenset, list, frozenset),
    "dict": (dict, dict.items, dict),
    "fraction": (Fraction, lambda x: [str(x)], lambda parts: Fraction(*parts)),
    "csr": (
        csr_array,
        lambda x: [x.data, x.indices, x.indptr, x.shape],
        lambda parts: csr_array(tuple(parts[:3]), shape=parts[3]),
    ),
    "partial": (
        partial,
        lambda f: [f.func, f.args, f.keywords],
        lambda parts: partial(parts[0], *parts[1], **parts[2]),
    ),
    "graph": (nx.Graph, _graph_parts, partial(_graph, nx.Graph)),
    "digraph": (nx.DiGraph, _graph_parts, partial(_graph, nx.DiGraph)),
}


def encode(argument: Any) -> Any:
    """Return an argument as plain JSON.

    Parameters
    ----------
    argument : object
        None, a bool, an int, a float, a string, an array, a model or dataset (the arrays of `rltheory.io.save_npz`), a
        dataclass, named tuple or function that can be imported from this project, or a tuple, list, set or dict, a
        `fractions.Fraction`, a `functools.partial`, a `scipy.sparse.csr_array`, or a graph of these.

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
            file = Path(folder) / "model.npz"
            npz.save_npz(file, argument)
            return {"model": {name: encode(array) for name, array in npz.read_arrays(file).items()}}
    if isinstance(argument, np.ndarray) and argument.dtype.kind in "fiubU":
        entries = [encode(x) for x in argument.reshape(-1).tolist()]
        return {"array": entries, "dtype": argument.dtype.str, "shape": list(argument.shape)}
    if isinstance(argument, np.generic) and argument.dtype.kind in "fiubU":
        return {"scalar": encode(argument.item()), "dtype": argument.dtype.str}
    if isinstance(argument, float) and not math.isfinite(argument):
        return {"float": str(argument)}
    if argument is None or isinstance(argument, bool | int | float | str):
        return argument
    for key, (kind, parts, _) in _COLLECTIONS.items():
        if type(argument) is kind:
            return {key: [encode(part) for part in parts(argument)]}
    if (path := _path(argument)) is not None:
        return {"name": path}
    if (path := _path(type(argument))) is not None and (fields := _fields(type(argument))) is not None:
        return {"object": path, "fields": {name: encode(getattr(argument, name)) for name in fields}}
    raise ValueError(
        f"a {type(argument).__name__} cannot be kept as JSON; numbers, arrays, models, collections of these and what"
        " this project defines by name can"
    )


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
        If it is none that `encode` writes, or a model in it is not valid, or it names what this project does not have.
    """
    if not isinstance(document, dict):
        return document
    if "model" in document:
        return npz.from_arrays({name: decode(array) for name, array in document["model"].items()}, "the document")
    if "array" in document:
        entries = [decode(x) for x in document["array"]]
        return np.array(entries, dtype=document["dtype"]).reshape(document["shape"])
    if "scalar" in document:
        return np.dtype(document["dtype"]).type(decode(document["scalar"]))
    if "float" in document:
        return float(document["float"])
    if "name" in document:
        return _named(document["name"])
    if "object" in document:
        made = _named(document["object"])
        if _fields(made) is None:
            raise ValueError(f"{document['object']} is neither a dataclass nor a named tuple")
        return made(**{name: decode(value) for name, value in document["fields"].items()})
    for key, (_, _, build) in _COLLECTIONS.items():
        if key in document:
            return build([decode(part) for part in document[key]])
    raise ValueError(f"{sorted(document)} are not the keys of a saved argument")


def _path(thing: Any) -> str | None:
    """Return from where a class or function can be imported, if it can."""
    module = "numpy" if isinstance(thing, np.ufunc) else getattr(thing, "__module__", None)
    path = f"{module}:{getattr(thing, '__qualname__', getattr(thing, '__name__', None))}"
    try:
        return path if _named(path) is thing else None
    except ValueError:
        return None


def _named(path: str) -> Any:
    """Return the class or function of this project, or the ufunc of NumPy, that a path names."""
    module, _, name = path.partition(":")
    if module.partition(".")[0] not in (*_OURS, "numpy"):
        raise ValueError(f"{path} is not of this project, and is not imported")
    try:
        thing = operator.attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError):
        raise ValueError(f"{path} cannot be imported") from None
    if not (isinstance(thing, np.ufunc) if module == "numpy" else getattr(thing, "__module__", None) == module):
        raise ValueError(f"{path} is defined elsewhere")
    return thing


def _fields(kind: Any) -> tuple[str, ...] | None:
    """Return the names of what a class is built from, if it is a dataclass or a named tuple."""
    if not isinstance(kind, type):
        return None
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind) if field.init)
    return getattr(kind, "_fields", None) if issubclass(kind, tuple) else None
