r"""What a set function is to every algorithm of this wing: its value, its gains, and a tally that grows.

A function $F : 2^V \to \mathbb{R}$ on the ground set $V = \{0, \dots, n - 1\}$, with $F(\emptyset) = 0$, is *monotone*
if more elements never make less, and *submodular* if gains diminish:

    $F(A) \le F(B)$  and  $F(v \mid A) \ge F(v \mid B)$  for $A \subseteq B$, $v \notin B$,

where $F(v \mid A) = F(A \cup \{v\}) - F(A)$ is the gain of v. An element that is in A already gains nothing, unless the
function is asked for ``repeats=True``, as those of measurements can be: then each visit measures anew, and sets are
multisets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Self

import numpy as np


class Tally(Protocol):
    """A set that grows, element by element, and what the next one would gain."""

    @property
    def value(self) -> float:
        """The function's value of the elements added so far."""

    def gain(self, element: int) -> float:
        """Return what the element would gain, in reward units."""

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""

    def add(self, element: int) -> float:
        """Add an element and return its gain."""

    def copy(self) -> Self:
        """Return a tally of the same set that grows on its own."""


class SetFunction(Protocol):
    """A function of sets of elements 0..n_elements - 1, zero of the empty set."""

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""

    def value(self, subset: Iterable[int]) -> float:
        """Return the value of a set; elements may repeat, which counts once (unless each visit measures anew)."""

    def tally(self) -> Tally:
        """Return a tally of the empty set."""

    def gains_along(self, paths: np.ndarray) -> np.ndarray:
        """Return the gain of each element of each path over those before it.

        Parameters
        ----------
        paths : ndarray of int, shape (n_paths, length)
            Elements in the order in which they are added.

        Returns
        -------
        ndarray, shape (n_paths, length)
            Rows sum to the values of the paths.
        """
