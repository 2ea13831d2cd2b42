r"""Budget-additive functions: of each kind, what is collected counts up to a budget.

    $F(S) = \sum_k \min\Bigl(D_k, \sum_{v \in S} x_{vk}\Bigr)$,

where element v holds the amount $x_{vk}$ of kind k. With amounts 0 and 1 this is Steiner covering,
$\sum_k \min(D_k, |S \cap G_k|)$: three bananas are wanted and the fourth is worth nothing. Monotone and submodular,
since the minimum is concave and increasing. (Andelman and Mansour 2004.)
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
class BudgetAdditive:
    r"""What is collected of each kind, up to its budget: $F(S) = \sum_k \min(D_k, \sum_{v \in S} x_{vk})$.

    Parameters
    ----------
    amounts : array_like or sparse array, shape (n_elements, n_kinds)
        What each element holds of each kind, at least 0. `BudgetAdditive.from_groups` takes lists of elements.
    budgets : array_like, shape (n_kinds,)
        The most that counts, at least 0.

    Raises
    ------
    ModelError
        If an amount or a budget is negative, with its place.

    Examples
    --------
    >>> F = BudgetAdditive.from_groups([[0, 1, 2], [2, 3]], budgets=[2, 1], n_elements=4)
    >>> F.value([0, 2]), F.value([0, 1, 2, 3])
    (3.0, 3.0)
    >>> F.gains_along([[0, 1, 2, 0]])
    array([[1., 1., 1., 0.]])
    """

    amounts: csr_array
    budgets: np.ndarray

    def __post_init__(self) -> None:
        amounts = checks.nonnegative_sparse(self.amounts, "amounts", "element", "kind")
        budgets = checks.nonnegative(self.budgets, "budgets", "kind")
        if budgets.size != amounts.shape[1]:
            raise ModelError(f"budgets has {budgets.size} entries; with {amounts.shape[1]} kinds it must have as many")
        valid.set_fields(self, {"amounts": amounts, "budgets": budgets})

    @classmethod
    def from_groups(cls, groups: Sequence[Iterable[int]], budgets: Any, *, n_elements: int) -> BudgetAdditive:
        r"""Return Steiner covering, $\sum_k \min(D_k, |S \cap G_k|)$.

        Parameters
        ----------
        groups : sequence of iterables of int
            The elements $G_k$ that hold one of kind k; an element listed twice counts once.
        budgets : array_like, shape (n_groups,)
            How many of each kind count.
        n_elements : int
            Size of the ground set.

        Raises
        ------
        ModelError
            If a group holds an element that does not exist.
        """
        return cls(checks.membership(groups, n_elements, "group").T, budgets)

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.amounts.shape[0]

    @property
    def n_kinds(self) -> int:
        """Number of kinds."""
        return self.budgets.size

    def held_by(self, element: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the kinds that an element holds, ascending, and how much of each."""
        element = checks.checked_element(element, self.n_elements)
        row = slice(self.amounts.indptr[element], self.amounts.indptr[element + 1])
        return self.amounts.indices[row], self.amounts.data[row]

    def value(self, subset: Iterable[int]) -> float:
        """Return what the distinct elements of the set hold, each kind up to its budget."""
        collected = np.zeros(self.n_kinds)
        for element in np.unique(checks.checked_elements(subset, self.n_elements)):
            kinds, amounts = self.held_by(element)
            collected[kinds] += amounts
        return float(np.minimum(self.budgets, collected).sum())

    def tally(self) -> BudgetTally:
        """Return a tally of the empty set."""
        return BudgetTally(self, np.zeros(self.n_elements, dtype=bool), self.budgets.copy(), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        amounts = self.amounts
        work = 2 + amounts.nnz // max(1, self.n_elements)
        data = amounts.indptr, amounts.indices, amounts.data, self.budgets
        return checks.gains_on_threads(paths, work, _gains, *data)

    def __repr__(self) -> str:
        return (
            f"BudgetAdditive({self.n_elements} elements, {self.n_kinds} kinds, {self.budgets.sum():g} of them counted)"
        )


class BudgetTally:
    """A set that grows: its elements, and what is left of each budget."""

    __slots__ = ("_F", "_chosen", "_left", "value")

    def __init__(self, F: BudgetAdditive, chosen: np.ndarray, left: np.ndarray, value: float) -> None:
        self._F, self._chosen, self._left, self.value = F, chosen, left, value

    def gain(self, element: int) -> float:
        """Return how much of what the element holds still counts; nothing if it is in the set."""
        kinds, amounts = self._F.held_by(element)
        return 0.0 if self._chosen[element] else float(np.minimum(self._left[kinds], amounts).sum())

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        amounts = self._F.amounts
        counted = np.minimum(self._left[amounts.indices], amounts.data)
        element = np.repeat(np.arange(self._F.n_elements), np.diff(amounts.indptr))
        gains = np.bincount(element, counted, minlength=self._F.n_elements).astype(np.float64)  # whole if all are empty
        gains[self._chosen] = 0.0
        return gains

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        if not self._chosen[element]:
            kinds, amounts = self._F.held_by(element)
            self._left[kinds] -= np.minimum(self._left[kinds], amounts)
            self._chosen[element] = True
        self.value += gain
        return gain

    def copy(self) -> BudgetTally:
        """Return a tally of the same set that grows on its own."""
        return BudgetTally(self._F, self._chosen.copy(), self._left.copy(), self.value)


@njit(cache=True, nogil=True)
def _gains(indptr, kinds, amounts, budgets, paths, gains):  # type: ignore[no-untyped-def]
    chosen_by = np.full(indptr.size - 1, -1)
    left = np.empty(budgets.size)
    for p in range(paths.shape[0]):
        left[:] = budgets
        for j in range(paths.shape[1]):
            gains[p, j] = 0.0
            if chosen_by[paths[p, j]] == p:
                continue
            chosen_by[paths[p, j]] = p
            for k in range(indptr[paths[p, j]], indptr[paths[p, j] + 1]):
                counted = min(left[kinds[k]], amounts[k])
                left[kinds[k]] -= counted
                gains[p, j] += counted
