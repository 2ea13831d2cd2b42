r"""Small changes of an instance, for a local search: what moves, and what stays as it was drawn.

One move changes one argument. These move, and nothing else:

- an `MDP` or `FiniteHorizonMDP`: a row of $P$, or a reward; of an `OutcomeModel` a row of probabilities, or a reward;
- an array of floats: if its rows are distributions, one of them; otherwise an entry;
- a float; and one item of a tuple (not of a named one) or of a list that holds any of these.

A row moves by a *simplex step* $p \leftarrow p \exp(\sigma z) / \sum p \exp(\sigma z)$ with Gaussian $z$, which keeps
its support, or, as a change of structure, by moving mass between two entries: all of it (merge), or half (split, which
may reach an entry of the array that was empty, but only in models), or by becoming deterministic. Rewards, entries and
floats stay within the interval of those that were drawn for the argument. Discounts, horizons, starts, sizes, whole
numbers, policies that name actions and all other objects stay. A model is built anew, so that it is validated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP, OutcomeModel

Interval = tuple[float, float]
_ROUNDING = 1e-9


def interval(arguments: Iterable[Any]) -> Interval:
    """Return the least and the largest number that may move, over drawn arguments.

    Parameters
    ----------
    arguments : iterable
        The same argument of several instances. Of models the rewards count, of arrays the entries.

    Returns
    -------
    tuple of float
        (inf, -inf) if nothing moves.

    Examples
    --------
    >>> interval([0.5, (0.25, "no number"), np.array([2.0, 3.0])])
    (0.25, 3.0)
    """
    arrays = [array for array in itertools.chain.from_iterable(map(_numbers, arguments)) if array.size]
    finite = [array[np.isfinite(array)] for array in arrays]
    return min((float(x.min()) for x in finite if x.size), default=np.inf), max(
        (float(x.max()) for x in finite if x.size), default=-np.inf
    )


def movable(argument: Any) -> bool:
    """Return whether `moved` can change an argument.

    Parameters
    ----------
    argument : object

    Returns
    -------
    bool

    Examples
    --------
    >>> movable(0.5), movable(3), movable([1.0, "x"])
    (True, False, True)
    """
    if isinstance(argument, np.ndarray):
        return argument.dtype.kind == "f" and argument.size > 0
    if type(argument) in (tuple, list):
        return any(map(movable, argument))
    return isinstance(argument, float | MDP | FiniteHorizonMDP | OutcomeModel)


def moved(argument: Any, bounds: Interval, rng: np.random.Generator) -> Any:
    """Return a changed copy of an argument.

    Parameters
    ----------
    argument : object
        One that is `movable`.
    bounds : tuple of float
        Rewards, entries and floats stay between these, as `interval` finds them.
    rng : numpy.random.Generator

    Returns
    -------
    object
        Of the same type and shape.

    Raises
    ------
    ValueError
        If the argument does not move, or what comes out is no valid model.

    Examples
    --------
    >>> 0.0 <= moved(0.5, (0.0, 1.0), np.random.default_rng(0)) <= 1.0
    True
    """
    if isinstance(argument, MDP | FiniteHorizonMDP):
        return _moved_model(argument, bounds, rng)
    if isinstance(argument, OutcomeModel):
        if rng.random() < 0.5:
            return replace(argument, reward=_moved_entry(argument.reward, bounds, rng))
        return replace(argument, prob=_moved_row(argument.prob, rng, anywhere=True))
    if isinstance(argument, np.ndarray) and movable(argument):
        if _are_distributions(argument):
            return _moved_row(argument, rng, anywhere=False)
        return _moved_entry(argument, bounds, rng)
    if isinstance(argument, float):
        return float(_moved_entry(np.array([argument]), bounds, rng)[0])
    if type(argument) in (tuple, list) and movable(argument):
        items = list(argument)
        chosen = int(rng.choice([i for i, item in enumerate(items) if movable(item)]))
        items[chosen] = moved(items[chosen], bounds, rng)
        return items if isinstance(argument, list) else tuple(items)
    raise ValueError(f"a {type(argument).__name__} does not move; models, arrays of floats and floats do")


def _numbers(argument: Any) -> list[np.ndarray]:
    if isinstance(argument, MDP | FiniteHorizonMDP):
        return [argument.r]
    if isinstance(argument, OutcomeModel):
        return [argument.reward]
    if type(argument) in (tuple, list):
        return list(itertools.chain.from_iterable(map(_numbers, argument)))
    return [np.asarray(argument)] if movable(argument) else []


def _are_distributions(array: np.ndarray) -> bool:
    if array.ndim == 0 or array.shape[-1] < 2:
        return False
    return bool(array.min() >= 0 and np.abs(array.sum(axis=-1) - 1).max() <= _ROUNDING)


def _moved_model(model: MDP | FiniteHorizonMDP, bounds: Interval, rng: np.random.Generator) -> MDP | FiniteHorizonMDP:
    if rng.random() < 0.5 and model.r.size:
        return replace(model, r=_moved_entry(model.r, bounds, rng))
    if isinstance(model.P, np.ndarray):
        return replace(model, P=_moved_row(model.P, rng, anywhere=True))
    return replace(model, P=type(model.P)(_moved_row(model.P.toarray(), rng, anywhere=True)))


def _moved_entry(array: np.ndarray, bounds: Interval, rng: np.random.Generator) -> np.ndarray:
    """Change one entry a little, to the value of another entry, or to an end of the interval; or shift all."""
    flat = np.array(array, dtype=float).reshape(-1)
    low, high = bounds
    at, kind, step = rng.integers(flat.size), rng.random(), 10 ** rng.uniform(-4, 0) * (high - low)
    if kind < 0.6:
        flat[at] += step * rng.standard_normal()
    elif kind < 0.75:
        flat[at] = flat[rng.integers(flat.size)]
    elif kind < 0.85:
        flat[at] = bounds[rng.integers(2)]
    else:
        flat += step * rng.standard_normal()
    return flat.clip(low, high).reshape(array.shape)


def _moved_row(rows: np.ndarray, rng: np.random.Generator, *, anywhere: bool) -> np.ndarray:
    """Change one distribution along the last axis; ``anywhere`` allows it to reach entries without mass."""
    changed = np.array(rows, dtype=float).reshape(-1, rows.shape[-1])
    if not len(changed):  # a model without steps, whose dynamics change with the step
        return changed.reshape(rows.shape)
    row = changed[rng.integers(changed.shape[0])]  # a view
    support, kind = np.flatnonzero(row), rng.random()
    if kind < 0.6:
        row[support] *= np.exp(10 ** rng.uniform(-3, 0.5) * rng.standard_normal(support.size))
    elif kind < 0.9:
        source, target = rng.choice(support), rng.choice(row.size if anywhere else support)
        mass = row[source] * rng.choice([1.0, 0.5])
        row[source] -= mass
        row[target] += mass
    else:
        row[support] = support == rng.choice(support)
    row /= row.sum()
    return changed.reshape(rows.shape)
