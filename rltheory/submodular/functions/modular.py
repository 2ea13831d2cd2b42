r"""Modular functions: every element has its weight, whatever else is chosen.

    $F(S) = \sum_{v \in S} w_v$,

the functions that are submodular with equality, of curvature 0. A second visit still gains nothing, where the additive
reward of `SubmodularMDP.with_rewards` pays again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Modular:
    r"""The total weight of the elements, $F(S) = \sum_{v \in S} w_v$.

    Parameters
    ----------
    weights : array_like, shape (n_elements,)
        At least 0.

    Raises
    ------
    ModelError
        If a weight is negative, with its element.

    Examples
    --------
    >>> Modular([1.0, 2.0, 4.0]).gains_along([[2, 0, 2]])
    array([[4., 1., 0.]])
    """

    weights: np.ndarray

    def __post_init__(self) -> None:
        valid.set_fields(self, {"weights": checks.nonnegative(self.weights, "weights", "element")})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.weights.size

    def value(self, subset: Iterable[int]) -> float:
        """Return the weight of the distinct elements."""
        return float(self.weights[np.unique(checks.checked_elements(subset, self.n_elements))].sum())

    def tally(self) -> ModularTally:
        """Return a tally of the empty set."""
        return ModularTally(self.weights.copy(), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        return np.where(checks.first_visits(paths), self.weights[paths], 0.0)

    def __repr__(self) -> str:
        return f"Modular({self.n_elements} elements of weight {self.weights.sum():g} in all)"


class ModularTally:
    """A set that grows: the weights of what is not in it."""

    __slots__ = ("_left", "value")

    def __init__(self, left: np.ndarray, value: float) -> None:
        self._left, self.value = left, value

    def gain(self, element: int) -> float:
        """Return the element's weight, 0 if it is in the set."""
        return float(self._left[checks.checked_element(element, self._left.size)])

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return self._left.copy()

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        self._left[element] = 0.0
        self.value += gain
        return gain

    def copy(self) -> ModularTally:
        """Return a tally of the same set that grows on its own."""
        return ModularTally(self._left.copy(), self.value)
