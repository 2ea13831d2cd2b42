r"""Facility location: each customer is served by the best of the open facilities.

    $F(S) = \sum_j \max_{v \in S} b_{vj}$ (0 of the empty set),

where facility v is worth $b_{vj} \ge 0$ to customer j. A new facility gains what it improves on the best so far, which
falls as S grows: monotone and submodular. (Cornuéjols, Fisher and Nemhauser 1977.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FacilityLocation:
    r"""What the best chosen facility is worth to each customer, $F(S) = \sum_j \max_{v \in S} b_{vj}$.

    Parameters
    ----------
    benefits : array_like, shape (n_elements, n_customers)
        What each element is worth to each customer, at least 0.

    Raises
    ------
    ModelError
        If a benefit is negative, with its place.

    Examples
    --------
    >>> F = FacilityLocation([[3.0, 0.0], [2.0, 5.0]])
    >>> F.gains_along([[0, 1]])
    array([[3., 5.]])
    >>> F.gains_along([[1, 0]])
    array([[7., 1.]])
    """

    benefits: np.ndarray

    def __post_init__(self) -> None:
        valid.set_fields(self, {"benefits": checks.nonnegative(self.benefits, "benefits", "element", "customer")})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.benefits.shape[0]

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self.benefits.shape[1]

    def value(self, subset: Iterable[int]) -> float:
        """Return what the best facilities of the set are worth."""
        chosen = checks.checked_elements(subset, self.n_elements)
        return float(self.benefits[chosen].max(axis=0, initial=0.0).sum())

    def tally(self) -> FacilityTally:
        """Return a tally of the empty set."""
        return FacilityTally(self, np.zeros(self.n_customers), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        return checks.gains_on_threads(paths, self.n_customers, _gains, self.benefits)

    def __repr__(self) -> str:
        return f"FacilityLocation({self.n_elements} elements, {self.n_customers} customers)"


class FacilityTally:
    """A set that grows: the best so far for each customer."""

    __slots__ = ("_F", "_best", "value")

    def __init__(self, F: FacilityLocation, best: np.ndarray, value: float) -> None:
        self._F, self._best, self.value = F, best, value

    def gain(self, element: int) -> float:
        """Return what the element improves on the best so far."""
        offer = self._F.benefits[checks.checked_element(element, self._F.n_elements)]
        return float(np.maximum(offer - self._best, 0.0).sum())

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return np.maximum(self._F.benefits - self._best, 0.0).sum(axis=1)

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        np.maximum(self._best, self._F.benefits[element], out=self._best)
        self.value += gain
        return gain

    def copy(self) -> FacilityTally:
        """Return a tally of the same set that grows on its own."""
        return FacilityTally(self._F, self._best.copy(), self.value)


@njit(cache=True, nogil=True)
def _gains(benefits, paths, gains):  # type: ignore[no-untyped-def]
    best = np.empty(benefits.shape[1])
    for p in range(paths.shape[0]):
        best[:] = 0.0
        for j in range(paths.shape[1]):
            gains[p, j] = 0.0
            offer = benefits[paths[p, j]]
            for k in range(best.size):
                if offer[k] > best[k]:
                    gains[p, j] += offer[k] - best[k]
                    best[k] = offer[k]
