"""Any function of a set that is written in Python: the gains are differences of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ByValue:
    """A set function that is given by its values, for experiments and as a reference; it may be neither monotone nor
    submodular.

    Parameters
    ----------
    n_elements : int
        Size of the ground set.
    function : callable
        From a frozenset of elements to a number, 0 of the empty set.

    Raises
    ------
    ModelError
        If the empty set has a value other than 0.

    Examples
    --------
    >>> pairs = ByValue(3, lambda chosen: len(chosen) ** 2)
    >>> pairs.gains_along([[2, 0, 2]])
    array([[1., 3., 0.]])
    """

    n_elements: int
    function: Callable[[frozenset[int]], float]

    def __post_init__(self) -> None:
        empty = self.function(frozenset())
        if empty != 0:
            raise ModelError(f"function of the empty set is {empty:g}; subtract it, so that the empty set is worth 0")

    def value(self, subset: Iterable[int]) -> float:
        """Return the value of the distinct elements."""
        return float(self.function(frozenset(checks.checked_elements(subset, self.n_elements).tolist())))

    def tally(self) -> ValueTally:
        """Return a tally of the empty set."""
        return ValueTally(self, frozenset(), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        gains = np.zeros(paths.shape)
        for path, gain in zip(paths, gains, strict=True):
            tally = self.tally()
            gain[:] = [tally.add(int(element)) for element in path]
        return gains

    def __repr__(self) -> str:
        return f"ByValue({self.n_elements} elements, {getattr(self.function, '__name__', 'function')})"


class ValueTally:
    """A set that grows, and its value."""

    __slots__ = ("_F", "_chosen", "value")

    def __init__(self, F: ByValue, chosen: frozenset[int], value: float) -> None:
        self._F, self._chosen, self.value = F, chosen, value

    def gain(self, element: int) -> float:
        """Return how much more the set with the element is worth."""
        element = checks.checked_element(element, self._F.n_elements)
        return 0.0 if element in self._chosen else float(self._F.function(self._chosen | {element})) - self.value

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return np.array([self.gain(element) for element in range(self._F.n_elements)])

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        self._chosen |= {int(element)}
        self.value += gain
        return gain

    def copy(self) -> ValueTally:
        """Return a tally of the same set that grows on its own."""
        return ValueTally(self._F, self._chosen, self.value)
