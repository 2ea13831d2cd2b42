r"""Weighted coverage: what counts is the items that the chosen elements cover together.

    $F(S) = \sum_j w_j\, 1\{S \cap C_j \ne \emptyset\}$,

where element v covers the items of row v, and $C_j$ is the set of elements that cover item j. An item pays once: the
gain of v is the weight of its items that nothing covers yet, which only falls as S grows. Monotone and submodular for
weights of at least 0. (Nemhauser, Wolsey and Fisher 1978.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Coverage:
    r"""The weight of the items covered, $F(S) = \sum_j w_j\, 1\{S \cap C_j \ne \emptyset\}$.

    Parameters
    ----------
    covers : array_like or sparse array, shape (n_elements, n_items)
        1 where the element covers the item, else 0. `Coverage.from_sets` takes lists of items.
    weights : array_like, shape (n_items,), optional
        What an item pays, at least 0; 1 by default.

    Raises
    ------
    ModelError
        If an entry of ``covers`` is not 0 or 1, or a weight is negative, with its place.

    Examples
    --------
    >>> F = Coverage.from_sets([[0, 1], [1, 2], [2]], weights=[1.0, 2.0, 4.0])
    >>> F.value([0, 2]), F.value([0, 1, 2])
    (7.0, 7.0)
    >>> F.gains_along([[0, 1, 2]])
    array([[3., 4., 0.]])
    """

    covers: csr_array
    weights: np.ndarray = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        covers = checks.nonnegative_sparse(self.covers, "covers", "element", "item")
        partial = np.flatnonzero(covers.data != 1)
        if partial.size:
            row = int(np.searchsorted(covers.indptr, partial[0], side="right")) - 1
            raise ModelError(
                f"covers of element {row}, item {covers.indices[partial[0]]} is {covers.data[partial[0]]:g}; an element"
                " covers an item or not, 1 or 0 (ProbabilisticCoverage takes probabilities)"
            )
        weights = np.ones(covers.shape[1]) if self.weights is None else self.weights
        weights = checks.nonnegative(weights, "weights", "item")
        if weights.size != covers.shape[1]:
            raise ModelError(f"weights has {weights.size} entries; with {covers.shape[1]} items it must have as many")
        valid.set_fields(self, {"covers": covers, "weights": weights})

    @classmethod
    def from_sets(cls, sets: Sequence[Iterable[int]], weights: Any = None, *, n_items: int | None = None) -> Coverage:
        """Return the coverage in which element v covers the items ``sets[v]``; an item listed twice counts once.

        Parameters
        ----------
        sets : sequence of iterables of int
            One for each element; it may be empty.
        weights : array_like, shape (n_items,), optional
            What an item pays, at least 0; 1 by default.
        n_items : int, optional
            By default as many as there are weights, or else as the largest item says.

        Raises
        ------
        ModelError
            If an element covers an item that does not exist.
        """
        if n_items is None and weights is not None:
            n_items = np.size(weights)
        return cls(checks.membership(sets, n_items, "the set of element"), weights)

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.covers.shape[0]

    @property
    def n_items(self) -> int:
        """Number of items that can be covered."""
        return self.weights.size

    def items_of(self, element: int) -> np.ndarray:
        """Return the items that an element covers, ascending."""
        element = checks.checked_element(element, self.n_elements)
        return self.covers.indices[self.covers.indptr[element] : self.covers.indptr[element + 1]]

    def value(self, subset: Iterable[int]) -> float:
        """Return the weight of the items that some element of the set covers."""
        covered = np.zeros(self.n_items, dtype=bool)
        for element in subset:
            covered[self.items_of(element)] = True
        return float(self.weights[covered].sum())

    def tally(self) -> CoverageTally:
        """Return a tally of the empty set."""
        return CoverageTally(self, self.weights.copy(), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        covers = self.covers
        work = 1 + covers.nnz // max(1, self.n_elements)
        return checks.gains_on_threads(paths, work, _gains, covers.indptr, covers.indices, self.weights)

    def __repr__(self) -> str:
        return f"Coverage({self.n_elements} elements, {self.n_items} items of weight {self.weights.sum():g} in all)"


class CoverageTally:
    """A set that grows: the weight of the items that are left."""

    __slots__ = ("_F", "_left", "value")

    def __init__(self, F: Coverage, left: np.ndarray, value: float) -> None:
        self._F, self._left, self.value = F, left, value

    def gain(self, element: int) -> float:
        """Return the weight of the items that the element would cover first."""
        return float(self._left[self._F.items_of(element)].sum())

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return self._F.covers @ self._left

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        self._left[self._F.items_of(element)] = 0.0
        self.value += gain
        return gain

    def copy(self) -> CoverageTally:
        """Return a tally of the same set that grows on its own."""
        return CoverageTally(self._F, self._left.copy(), self.value)


@njit(cache=True, nogil=True)
def _gains(indptr, items, weights, paths, gains):  # type: ignore[no-untyped-def]
    covered_by = np.full(weights.size, -1)
    for p in range(paths.shape[0]):
        for j in range(paths.shape[1]):
            gain = 0.0
            for k in range(indptr[paths[p, j]], indptr[paths[p, j] + 1]):
                if covered_by[items[k]] != p:
                    covered_by[items[k]] = p
                    gain += weights[items[k]]
            gains[p, j] = gain
