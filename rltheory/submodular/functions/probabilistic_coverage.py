r"""Probabilistic coverage: each element covers each item by chance, independently.

    $F(S) = \sum_j w_j \Bigl(1 - \prod_{v \in S} (1 - p_{vj})\Bigr)$,

the expected weight of the items covered if element v covers item j with probability $p_{vj}$: a mixture of coverage
functions, hence monotone and submodular. With probabilities 0 and 1 it is `Coverage`. An element that is in the set
already is not tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProbabilisticCoverage:
    r"""The expected weight of the items covered, $F(S) = \sum_j w_j (1 - \prod_{v \in S} (1 - p_{vj}))$.

    Parameters
    ----------
    prob : array_like, shape (n_elements, n_items)
        Probability that the element covers the item, independently of the others.
    weights : array_like, shape (n_items,), optional
        What an item pays, at least 0; 1 by default.

    Raises
    ------
    ModelError
        If a probability is not in [0, 1] or a weight is negative, with its place.

    Examples
    --------
    >>> ProbabilisticCoverage([[0.5], [0.5]], weights=[4.0]).gains_along([[0, 1, 0]])
    array([[2., 1., 0.]])
    """

    prob: np.ndarray
    weights: np.ndarray = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        prob = checks.nonnegative(self.prob, "prob", "element", "item")
        above = np.argwhere(prob > 1)
        if above.size:
            element, item = above[0]
            raise ModelError(f"prob of element {element}, item {item} is {prob[element, item]:g}; it is at most 1")
        weights = checks.nonnegative(
            np.ones(prob.shape[1]) if self.weights is None else self.weights, "weights", "item"
        )
        if weights.size != prob.shape[1]:
            raise ModelError(f"weights has {weights.size} entries; with {prob.shape[1]} items it must have as many")
        valid.set_fields(self, {"prob": prob, "weights": weights})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.prob.shape[0]

    @property
    def n_items(self) -> int:
        """Number of items that can be covered."""
        return self.prob.shape[1]

    def value(self, subset: Iterable[int]) -> float:
        """Return the expected weight of the items that the distinct elements cover."""
        chosen = np.unique(checks.checked_elements(subset, self.n_elements))
        return float(self.weights @ (1 - np.prod(1 - self.prob[chosen], axis=0)))

    def tally(self) -> ProbabilisticTally:
        """Return a tally of the empty set."""
        return ProbabilisticTally(self, np.zeros(self.n_elements, dtype=bool), self.weights.copy(), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        return checks.gains_on_threads(paths, self.n_items, _gains, self.prob, self.weights)

    def __repr__(self) -> str:
        return (
            f"ProbabilisticCoverage({self.n_elements} elements, {self.n_items} items of weight"
            f" {self.weights.sum():g} in all)"
        )


class ProbabilisticTally:
    """A set that grows: its elements, and the expected weight of each item that is left."""

    __slots__ = ("_F", "_chosen", "_left", "value")

    def __init__(self, F: ProbabilisticCoverage, chosen: np.ndarray, left: np.ndarray, value: float) -> None:
        self._F, self._chosen, self._left, self.value = F, chosen, left, value

    def gain(self, element: int) -> float:
        """Return the expected weight that the element would cover first, 0 if it is in the set."""
        element = checks.checked_element(element, self._F.n_elements)
        return 0.0 if self._chosen[element] else float(self._F.prob[element] @ self._left)

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return np.where(self._chosen, 0.0, self._F.prob @ self._left)

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        if not self._chosen[element]:
            self._left *= 1 - self._F.prob[element]
            self._chosen[element] = True
        self.value += gain
        return gain

    def copy(self) -> ProbabilisticTally:
        """Return a tally of the same set that grows on its own."""
        return ProbabilisticTally(self._F, self._chosen.copy(), self._left.copy(), self.value)


@njit(cache=True, nogil=True)
def _gains(prob, weights, paths, gains):  # type: ignore[no-untyped-def]
    chosen_by = np.full(prob.shape[0], -1)
    left = np.empty(weights.size)
    for p in range(paths.shape[0]):
        left[:] = weights
        for j in range(paths.shape[1]):
            v = paths[p, j]
            gains[p, j] = 0.0
            if chosen_by[v] == p:
                continue
            chosen_by[v] = p
            for k in range(left.size):
                gains[p, j] += prob[v, k] * left[k]
                left[k] *= 1.0 - prob[v, k]
