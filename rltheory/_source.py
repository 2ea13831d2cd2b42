"""What the command solves: a file, ``gym:ID``, or ``mdps:NAME(...)`` with literals, which are never evaluated."""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from rltheory import io
from rltheory.io.files import load_with_labels
from rltheory.models import MDP, Dataset, FiniteHorizonMDP, LinearMDP, ModelError, OutcomeModel

Solvable = MDP | FiniteHorizonMDP | LinearMDP
"""What a source is read as."""

_LONGEST = 10_000


def read_source(
    source: str, *, gamma: float | None = None, horizon: int | None = None, discounted: bool = True
) -> tuple[Solvable, Mapping[str, Any]]:
    """Return the model that a source names, and the labels of its states.

    Parameters
    ----------
    source : str
        ``gym:ID``, ``mdps:NAME`` or ``mdps:NAME(...)``, or the path of a file.
    gamma : float, optional
        Discount in place of the source's own; with a horizon 1 by default.
    horizon : int, optional
        Number of steps, for the finite-horizon problem.
    discounted : bool
        Whether the question is about a discounted model, if there is no horizon: then it must have a discount.

    Returns
    -------
    model : MDP, FiniteHorizonMDP or LinearMDP
    labels : mapping of str to ndarray of int
        The states of each label, where the file has labels.

    Raises
    ------
    ModelError
        If the source is unknown or holds no model, or a discount is missing.
    ImportError
        If a library that the source needs is missing.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> read_source("mdps:river_swim(n=4)", gamma=0.9)
    (MDP(4 states, 8 state-action pairs, at most 2 actions, 14 transitions, gamma=0.9), {})
    """
    if gamma is None and (horizon is not None or (not discounted and source.startswith("gym:"))):
        gamma = 1.0
    model: Solvable
    labels: Mapping[str, Any] = {}
    kind, _, rest = source.partition(":")
    if kind == "gym":
        model = _gymnasium_model(rest, gamma)
    elif kind == "mdps":
        model = _instance(rest, gamma)
    else:
        model, labels = _file_model(source, gamma)
    if horizon is not None:
        if not isinstance(model, MDP):
            raise ModelError(f"{source} has a horizon of its own, {model.H} steps; leave --horizon out")
        return model.finite_horizon(horizon), labels
    if discounted and isinstance(model, MDP) and model.gamma == 1:
        raise ModelError(
            f"{source} has no discount below 1: add --gamma G, or --horizon H for a finite horizon, or name a"
            " --criterion without a discount"
        )
    return model, labels


def tabular(model: Solvable) -> MDP | FiniteHorizonMDP:
    """Return a model as the nominal solvers take it: a linear one without its features."""
    return model.to_finite_horizon() if isinstance(model, LinearMDP) else model


def catalogue() -> dict[str, Callable[..., Any]]:
    """Return the instances of `mdps` by name."""
    return importlib.import_module("mdps").CATALOGUE


def parameters(function: Callable[..., Any]) -> str:
    """Return the parameters of a function with their defaults, without types: ``(n=6, *, gamma=0.95)``."""
    plain = [p.replace(annotation=p.empty) for p in inspect.signature(function).parameters.values()]
    return str(inspect.Signature(plain))


def parse_call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Read ``name`` or ``name(literal, key=literal)`` without evaluating anything.

    Parameters
    ----------
    text : str
        Python syntax.

    Returns
    -------
    name : str
    args : list
    kwargs : dict

    Raises
    ------
    ModelError
        If the text is anything else.

    Examples
    --------
    >>> parse_call("river_swim(6, gamma=0.9)")
    ('river_swim', [6], {'gamma': 0.9})
    """
    refusal = ModelError(f"mdps:{text[:60]} is neither a name nor a call with literals, such as mdps:river_swim(n=6)")
    if len(text) > _LONGEST:
        raise refusal
    try:
        node = ast.parse(text, mode="eval").body
        called = node.func if isinstance(node, ast.Call) else node
        if not isinstance(called, ast.Name):
            raise refusal
        if not isinstance(node, ast.Call):
            return called.id, [], {}
        if any(keyword.arg is None for keyword in node.keywords):
            raise refusal
        keywords = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
        return called.id, [ast.literal_eval(argument) for argument in node.args], keywords
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise refusal from None


def _gymnasium_model(name: str, gamma: float | None) -> MDP:
    """Return the model of a registered environment."""
    if not name or ":" in name:
        raise ModelError(f"gym:{name} is not the id of a registered environment, such as gym:FrozenLake8x8-v1")
    if gamma is None:
        raise ModelError(
            f"gym:{name} stores no discount: add --gamma G, or --horizon H for a finite horizon, or name a"
            " --criterion without a discount"
        )
    return io.from_gymnasium(name, gamma)


def _instance(text: str, gamma: float | None) -> MDP:
    """Return an instance of the catalogue; a discount is handed to it unless the call has one."""
    name, args, kwargs = parse_call(text)
    known = catalogue()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "`rltheory list` shows them"
        raise ModelError(f"there is no instance mdps:{name}; {hint}")
    signature = inspect.signature(known[name])
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
        if gamma is not None and "gamma" in signature.parameters and "gamma" not in given:
            kwargs["gamma"] = gamma
        model: MDP = known[name](*args, **kwargs)
    except ModelError:
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError, MemoryError) as error:
        raise ModelError(f"mdps:{text} cannot be built by {name}{parameters(known[name])}: {error}") from None
    return model if gamma in (None, model.gamma) else model.replace(gamma=gamma)


def _file_model(path: str, gamma: float | None) -> tuple[Solvable, Mapping[str, Any]]:
    """Return the model of a file, and its labels."""
    try:
        model, labels = load_with_labels(path, gamma)
        return _solvable(model, path), labels
    except FileNotFoundError:
        raise ModelError(f"{path} is no file; a source is a file, gym:ID or mdps:NAME(...)") from None


def _solvable(model: Any, source: str) -> Solvable:
    """Return a model that a solver takes."""
    if isinstance(model, OutcomeModel):
        return model.to_mdp()
    if isinstance(model, (MDP, FiniteHorizonMDP, LinearMDP)):
        return model
    what = "a dataset" if isinstance(model, Dataset) else f"a {type(model).__name__}"
    raise ModelError(f"{source} holds {what}, not a model that can be solved")
