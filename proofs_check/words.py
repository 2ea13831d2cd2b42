"""Instances in words from which they can be built again: models row by row, arrays entry by entry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.models import MDP, OutcomeModel


def arguments(instance: Any) -> tuple[Any, ...]:
    """Return the arguments that an instance stands for: a tuple is several, anything else is one."""
    return instance if isinstance(instance, tuple) else (instance,)


def describe(argument: Any) -> str:
    """Return an argument of a check in words from which it can be built again.

    Parameters
    ----------
    argument : object
        A model row by row, an array entry by entry, a record field by field, a function by its name, anything else by
        its ``repr``.

    Returns
    -------
    str

    Examples
    --------
    >>> import rltheory as rl
    >>> print(describe(rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)))
    MDP with 1 state, gamma = 0.5, mu = [1.0]
      state 0, action 0: reward 1.0; to 0 with probability 1.0
    >>> print(describe((np.array([1, 2]), describe)))
    ([1, 2], describe)
    """
    if isinstance(argument, MDP | OutcomeModel):
        return "\n".join(_model_in_words(argument))
    return _fields_in_words(argument) if _hides_fields(argument) else _plain(argument)


def _model_in_words(model: MDP | OutcomeModel) -> list[str]:
    states = "1 state" if model.n_states == 1 else f"{model.n_states} states"
    lines = [f"{type(model).__name__} with {states}, gamma = {model.gamma!r}, mu = {model.mu.tolist()}"]
    for row, state in enumerate(model.pair_state.tolist()):
        action = row - int(model.pair_start[state])
        outcomes = _expected_outcomes(model, row) if isinstance(model, MDP) else _joint_outcomes(model, row)
        lines.append(f"  state {state}, action {action}: {outcomes}")
    return lines


def _expected_outcomes(mdp: MDP, row: int) -> str:
    entries = slice(mdp.P.indptr[row], mdp.P.indptr[row + 1])
    law = zip(mdp.P.indices[entries].tolist(), mdp.P.data[entries].tolist(), strict=True)
    targets = ", ".join(f"to {target} with probability {probability!r}" for target, probability in law)
    return f"reward {float(mdp.r[row])!r}; {targets}"


def _joint_outcomes(model: OutcomeModel, row: int) -> str:
    triples = zip(*(array[row].tolist() for array in (model.reward, model.next_state, model.prob)), strict=True)
    return ", ".join(f"reward {r!r} and to {target} with probability {p!r}" for r, target, p in triples if p > 0)


def _hides_fields(argument: Any) -> bool:
    """Whether an argument is a record of plain data that its ``repr`` only sums up."""
    if not dataclasses.is_dataclass(argument) or isinstance(argument, type):
        return False
    values = [getattr(argument, field.name) for field in dataclasses.fields(argument)]
    return not any(map(callable, values)) and any(
        value is not None and _plain(value) not in repr(argument) for value in values
    )


def _fields_in_words(record: Any) -> str:
    lines = [repr(record)]
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is not None:
            lines.append(f"{field.name} = {describe(value)}".replace("\n", "\n  "))
    return "\n  ".join(lines)


def _plain(argument: Any) -> str:
    """Return the ``repr`` with arrays as lists, exact to the last digit, and without addresses."""
    if hasattr(argument, "toarray") or isinstance(argument, np.ndarray):
        return repr((argument.toarray() if hasattr(argument, "toarray") else argument).tolist())
    if isinstance(argument, np.generic):
        return repr(argument.item())
    if isinstance(argument, tuple) and hasattr(argument, "_fields"):
        named = zip(argument._fields, map(_plain, argument), strict=True)
        return f"{type(argument).__name__}({', '.join(f'{name}={value}' for name, value in named)})"
    if type(argument) in (tuple, list):
        parts = ", ".join(map(_plain, argument))
        return f"[{parts}]" if isinstance(argument, list) else f"({parts}{',' * (len(argument) == 1)})"
    if hasattr(argument, "edges"):
        return f"{type(argument).__name__} with edges {[tuple(edge) for edge in argument.edges.data('weight', 1)]}"
    return _name(argument) if callable(argument) and " at 0x" in repr(argument) else repr(argument)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__qualname__)
