"""What the optimisers of this wing are asked: utilities, starts and levels, checked where they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError, OutcomeModel

Utility = Any
"""A function of arrays, or an object whose attribute ``f`` is one, such as an expected utility of laws."""


def function_of(utility: Utility) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of arrays that a utility is."""
    function = getattr(utility, "f", utility)
    if not callable(function):
        raise ModelError(f"utility is {utility!r}; it must be a function of arrays, or have one as its attribute f")
    return function


def utility_values(utility: Utility, stock: np.ndarray) -> np.ndarray:
    """Return f at each stock, one number for each row if stocks are vectors.

    Raises
    ------
    ModelError
        If it does not return a finite number for each.
    """
    found = np.asarray(function_of(utility)(stock), dtype=np.float64)
    if found.shape != stock.shape[:1]:
        raise ModelError(f"the utility maps stocks of shape {stock.shape} to {found.shape}; it must be one number each")
    if not np.isfinite(found).all():
        worst = int(np.argmin(np.isfinite(found)))
        raise ModelError(f"the utility of a final stock of {stock[worst]} is {found[worst]}; it must be finite there")
    return found


def start_distribution(model: OutcomeModel, start: int | None) -> np.ndarray:
    """Return the law of the first state, shape (n_states,): ``mu``, or a point mass.

    Raises
    ------
    ModelError
        If ``start`` is no state.
    """
    if start is None:
        return model.mu
    if not (isinstance(start, int | np.integer) and 0 <= start < model.n_states):
        raise ModelError(f"start is {start}; states are 0..{model.n_states - 1}")
    return (np.arange(model.n_states) == start).astype(np.float64)


def checked_level(level: Any, name: str = "tau") -> float:
    """Return the mass of a tail.

    Raises
    ------
    ModelError
        If it is not in (0, 1].
    """
    if not (np.ndim(level) == 0 and 0 < level <= 1):
        raise ModelError(f"{name} is {level}; it is the mass of a tail, in (0, 1]")
    return float(level)


def require_end(model: OutcomeModel, H: int | None) -> None:
    """Refuse an infinite horizon without a discount.

    Raises
    ------
    CriterionError
        If both hold.
    """
    if H is None and not 0 < model.gamma < 1:
        raise CriterionError(f"gamma is {model.gamma:g} and no horizon is given; set H, or a discount in (0, 1)")
