r"""A concave function of a modular one: more of the same is worth less and less.

    $F(S) = g\Bigl(\sum_{v \in S} w_v\Bigr)$,

with g concave and g(0) = 0. Submodular for weights of at least 0, and monotone if g increases; `WeightedSum` adds
several up. Of curvature $1 - \min_v \{g(W) - g(W - w_v)\} / g(w_v)$, with W the sum of all weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks

_GRID = 257
_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConcaveOfModular:
    r"""A concave function of the total weight, $F(S) = g(\sum_{v \in S} w_v)$.

    Parameters
    ----------
    concave : callable
        The function g from an array of numbers of at least 0 to an array of the same shape, with g(0) = 0; `np.sqrt`
        and `np.log1p` are such functions.
    weights : array_like, shape (n_elements,)
        At least 0.

    Raises
    ------
    ModelError
        If a weight is negative, g(0) is not 0, or g is not concave on a grid between 0 and the sum of all weights.

    Examples
    --------
    >>> ConcaveOfModular(np.sqrt, [1.0, 3.0, 5.0]).gains_along([[0, 1, 2], [1, 1, 0]])
    array([[1.        , 1.        , 1.        ],
           [1.73205081, 0.        , 0.26794919]])
    """

    concave: Callable[[np.ndarray], np.ndarray]
    weights: np.ndarray

    def __post_init__(self) -> None:
        weights = checks.nonnegative(self.weights, "weights", "element")
        valid.set_fields(self, {"weights": weights})
        amounts = np.linspace(0.0, weights.sum(), _GRID)
        values = self.concave(amounts)
        if np.shape(values) != amounts.shape:
            raise ModelError(f"concave returns shape {np.shape(values)} for an array of shape {amounts.shape}")
        if values[0] != 0:
            raise ModelError(f"concave of 0 is {values[0]:g}; it must be 0, which is what the empty set is worth")
        bend = values[:-2] + values[2:] - 2 * values[1:-1]
        if not (bend <= _ROUNDING * np.abs(values).max()).all():
            k = int(np.argmax(np.nan_to_num(bend, nan=np.inf)))
            raise ModelError(
                f"concave is not concave between {amounts[k]:g} and {amounts[k + 2]:g}: its values there are"
                f" {values[k]:g}, {values[k + 1]:g}, {values[k + 2]:g}"
            )

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.weights.size

    def value(self, subset: Iterable[int]) -> float:
        """Return g of the weight of the distinct elements."""
        chosen = np.unique(checks.checked_elements(subset, self.n_elements))
        return float(self.concave(self.weights[chosen].sum()))

    def tally(self) -> ConcaveTally:
        """Return a tally of the empty set."""
        return ConcaveTally(self, self.weights.copy(), 0.0, 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        totals = np.cumsum(np.where(checks.first_visits(paths), self.weights[paths], 0.0), axis=1)
        return np.diff(self.concave(totals), axis=1, prepend=0.0)

    def __repr__(self) -> str:
        name = getattr(self.concave, "__name__", "concave")
        return f"ConcaveOfModular({name} of {self.n_elements} elements of weight {self.weights.sum():g} in all)"


class ConcaveTally:
    """A set that grows: the weights of what is not in it, and the total of what is."""

    __slots__ = ("_F", "_left", "_total", "value")

    def __init__(self, F: ConcaveOfModular, left: np.ndarray, total: float, value: float) -> None:
        self._F, self._left, self._total, self.value = F, left, total, value

    def gain(self, element: int) -> float:
        """Return what the element's weight adds, 0 if it is in the set."""
        weight = self._left[checks.checked_element(element, self._F.n_elements)]
        return float(self._F.concave(self._total + weight) - self.value)

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return self._F.concave(self._total + self._left) - self.value

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        self._total += self._left[element]
        self._left[element] = 0.0
        self.value = float(self._F.concave(self._total))  # type: ignore[arg-type]
        return gain

    def copy(self) -> ConcaveTally:
        """Return a tally of the same set that grows on its own."""
        return ConcaveTally(self._F, self._left.copy(), self._total, self.value)
