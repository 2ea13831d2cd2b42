r"""Graph cuts: the weight of the edges that leave the set.

    $F(S) = \sum_{u \in S,\, v \notin S} w_{uv}$,

submodular but not monotone, since all vertices together cut nothing: the negative control of everything that needs a
monotone function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cut:
    r"""The weight of the edges between a set and the rest, $F(S) = \sum_{u \in S, v \notin S} w_{uv}$. Not monotone.

    Parameters
    ----------
    weights : array_like, shape (n_elements, n_elements)
        Weights of the edges of an undirected graph: symmetric, at least 0. Loops are never cut.

    Raises
    ------
    ModelError
        If a weight is negative or differs from that of the way back, with its elements.

    Examples
    --------
    >>> Cut([[0.0, 2.0], [2.0, 0.0]]).gains_along([[0, 1]])
    array([[ 2., -2.]])
    """

    weights: np.ndarray

    def __post_init__(self) -> None:
        weights = checks.nonnegative(self.weights, "weights", "element", "element")
        if weights.shape[0] != weights.shape[1]:
            raise ModelError(f"weights has shape {weights.shape}; a graph's is square")
        skew = np.argwhere(weights != weights.T)
        if skew.size:
            u, v = skew[0]
            raise ModelError(
                f"weights of elements {u} and {v} is {weights[u, v]:g}, and {weights[v, u]:g} the other way round; the"
                " graph of a cut is undirected"
            )
        weights = weights - np.diag(np.diag(weights))
        valid.set_fields(self, {"weights": valid.frozen(weights)})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.weights.shape[0]

    def value(self, subset: Iterable[int]) -> float:
        """Return the weight of the edges between the set and the rest."""
        inside = np.zeros(self.n_elements, dtype=bool)
        inside[checks.checked_elements(subset, self.n_elements)] = True
        return float(self.weights[np.ix_(inside, ~inside)].sum())

    def tally(self) -> CutTally:
        """Return a tally of the empty set."""
        return CutTally(self, self.weights.sum(axis=1), np.zeros(self.n_elements, dtype=bool), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        new = checks.first_visits(paths)
        gains = self.weights.sum(axis=1)[paths]
        for j in range(1, paths.shape[1]):
            gains[:, j] -= 2 * (self.weights[paths[:, j, None], paths[:, :j]] * new[:, :j]).sum(axis=1)
        return np.where(new, gains, 0.0)

    def __repr__(self) -> str:
        return f"Cut({self.n_elements} elements, {np.count_nonzero(self.weights) // 2} edges)"


class CutTally:
    """A set that grows: for each vertex, how much more weight leads out of the set than into it."""

    __slots__ = ("_F", "_chosen", "_excess", "value")

    def __init__(self, F: Cut, excess: np.ndarray, chosen: np.ndarray, value: float) -> None:
        self._F, self._excess, self._chosen, self.value = F, excess, chosen, value

    def gain(self, element: int) -> float:
        """Return what the cut would gain, 0 if the element is in the set."""
        element = checks.checked_element(element, self._F.n_elements)
        return 0.0 if self._chosen[element] else float(self._excess[element])

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return np.where(self._chosen, 0.0, self._excess)

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        gain = self.gain(element)
        if not self._chosen[element]:
            self._excess -= 2 * self._F.weights[element]
            self._chosen[element] = True
        self.value += gain
        return gain

    def copy(self) -> CutTally:
        """Return a tally of the same set that grows on its own."""
        return CutTally(self._F, self._excess.copy(), self._chosen.copy(), self.value)
