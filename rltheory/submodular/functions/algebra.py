r"""New set functions from old: sums, restrictions, contractions, truncations, and functions of visits.

Monotone and submodular functions stay so under each of them: $\sum_i c_i F_i$ with $c_i \ge 0$;
$S \mapsto F(\iota(S))$ for a map $\iota$ between ground sets (a restriction if it is one to one);
$S \mapsto F(S \mid A) = F(S \cup A) - F(A)$; and $S \mapsto \min(F(S), c)$. (Lovász 1983.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks
from rltheory.submodular.functions.protocol import SetFunction, Tally


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WeightedSum:
    r"""The sum $\sum_i c_i F_i(S)$ of functions of the same elements.

    Parameters
    ----------
    functions : sequence of SetFunction
        At least one, all with as many elements.
    weights : array_like, shape (n_functions,), optional
        At least 0; 1 by default.

    Raises
    ------
    ModelError
        If the ground sets differ or a weight is negative, with its function.

    Examples
    --------
    >>> from rltheory.submodular.functions.modular import Modular
    >>> WeightedSum([Modular([1.0, 2.0]), Modular([1.0, 0.0])], [1.0, 10.0]).value([0])
    11.0
    """

    functions: Sequence[SetFunction]
    weights: np.ndarray = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        functions = tuple(self.functions)
        if not functions:
            raise ModelError("functions is empty; a sum needs at least one, to know its elements")
        weights = checks.nonnegative(
            np.ones(len(functions)) if self.weights is None else self.weights, "weights", "function"
        )
        if weights.size != len(functions):
            raise ModelError(
                f"weights has {weights.size} entries; with {len(functions)} functions it must have as many"
            )
        for i, function in enumerate(functions):
            if function.n_elements != functions[0].n_elements:
                raise ModelError(
                    f"function {i} has {function.n_elements} elements, and function 0 has {functions[0].n_elements}"
                )
        valid.set_fields(self, {"functions": functions, "weights": weights})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.functions[0].n_elements

    def value(self, subset: Iterable[int]) -> float:
        """Return the sum of the weighted values."""
        chosen = list(subset)
        return sum(c * F.value(chosen) for c, F in zip(self.weights.tolist(), self.functions, strict=True))

    def tally(self) -> SumTally:
        """Return a tally of the empty set."""
        return SumTally(self.weights.tolist(), [F.tally() for F in self.functions])

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        return sum(c * F.gains_along(paths) for c, F in zip(self.weights, self.functions, strict=True))

    def __repr__(self) -> str:
        return f"WeightedSum({len(self.functions)} functions of {self.n_elements} elements)"


class SumTally:
    """A set that grows in every summand."""

    __slots__ = ("_parts", "_weights")

    def __init__(self, weights: list[float], parts: list[Tally]) -> None:
        self._weights, self._parts = weights, parts

    @property
    def value(self) -> float:
        """The sum's value of the elements added so far."""
        return sum(c * part.value for c, part in zip(self._weights, self._parts, strict=True))

    def gain(self, element: int) -> float:
        """Return what the element would gain."""
        return sum(c * part.gain(element) for c, part in zip(self._weights, self._parts, strict=True))

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return sum(c * part.gains() for c, part in zip(self._weights, self._parts, strict=True))  # type: ignore[return-value]

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        return sum(c * part.add(element) for c, part in zip(self._weights, self._parts, strict=True))

    def copy(self) -> SumTally:
        """Return a tally of the same set that grows on its own."""
        return SumTally(self._weights, [part.copy() for part in self._parts])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pullback:
    r"""A function of other elements, $S \mapsto F(\{\iota(v) : v \in S\})$: `restriction` and `visits_of` are such.

    Parameters
    ----------
    F : SetFunction
        Of the elements that are stood for.
    image : array_like of int, shape (n_elements,)
        The element $\iota(v)$ of F for which each new element stands.

    Raises
    ------
    ModelError
        If an image is not an element of F.
    """

    F: SetFunction
    image: np.ndarray

    def __post_init__(self) -> None:
        image = checks.checked_elements(self.image, self.F.n_elements)
        valid.set_fields(self, {"image": valid.frozen(image)})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.image.size

    def value(self, subset: Iterable[int]) -> float:
        """Return F of what the elements stand for."""
        return self.F.value(self.image[checks.checked_elements(subset, self.n_elements)])

    def tally(self) -> PullbackTally:
        """Return a tally of the empty set."""
        return PullbackTally(self.image, self.F.tally())

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        return self.F.gains_along(self.image[checks.checked_paths(paths, self.n_elements)])

    def __repr__(self) -> str:
        return f"Pullback({self.n_elements} elements, of {self.F!r})"


class PullbackTally:
    """A set that grows, by what its elements stand for."""

    __slots__ = ("_image", "_tally")

    def __init__(self, image: np.ndarray, tally: Tally) -> None:
        self._image, self._tally = image, tally

    @property
    def value(self) -> float:
        """The function's value of the elements added so far."""
        return self._tally.value

    def gain(self, element: int) -> float:
        """Return what the element would gain."""
        return self._tally.gain(self._image[checks.checked_element(element, self._image.size)])

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return self._tally.gains()[self._image]

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        return self._tally.add(self._image[checks.checked_element(element, self._image.size)])

    def copy(self) -> PullbackTally:
        """Return a tally of the same set that grows on its own."""
        return PullbackTally(self._image, self._tally.copy())


def restriction(F: SetFunction, elements: Iterable[int]) -> Pullback:
    """Return F on fewer elements, which are numbered anew: element i stands for ``elements[i]``.

    Raises
    ------
    ModelError
        If an element does not exist or is listed twice.
    """
    image = checks.checked_elements(elements, F.n_elements)
    listed, times = np.unique(image, return_counts=True)
    if (times > 1).any():
        raise ModelError(f"element {listed[np.argmax(times > 1)]} is listed twice; a restriction has it once")
    return Pullback(F, image)


def visits_of(F: SetFunction, H: int) -> Pullback:
    """Return a function of states as one of visits: element h n_states + s is state s after h of H actions.

    Examples
    --------
    >>> from rltheory.submodular.functions.modular import Modular
    >>> visits_of(Modular([1.0, 2.0]), H=2).gains_along([[1, 3, 4]])  # state 1, state 1 again, state 0
    array([[2., 0., 1.]])
    """
    return Pullback(F, np.tile(np.arange(F.n_elements), valid.checked_horizon(H) + 1))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contraction:
    r"""What is gained beyond a set A that is given, $S \mapsto F(S \mid A) = F(S \cup A) - F(A)$.

    Parameters
    ----------
    F : SetFunction
        Of the same elements; those of A gain nothing more.
    given : iterable of int
        The elements of A.

    Raises
    ------
    ModelError
        If an element does not exist.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> Contraction(Coverage.from_sets([[0, 1], [1, 2]]), given=[0]).value([1])
    1.0
    """

    F: SetFunction
    given: np.ndarray

    def __post_init__(self) -> None:
        valid.set_fields(self, {"given": valid.frozen(checks.checked_elements(self.given, self.F.n_elements))})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.F.n_elements

    def value(self, subset: Iterable[int]) -> float:
        """Return what the set adds to the given one."""
        return self.F.value([*self.given, *subset]) - self.F.value(self.given)

    def tally(self) -> ContractedTally:
        """Return a tally of the empty set, beside the given one."""
        tally = self.F.tally()
        for element in self.given:
            tally.add(element)
        return ContractedTally(tally, tally.value)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        before = np.broadcast_to(self.given, (len(paths), self.given.size))
        return self.F.gains_along(np.hstack([before, paths]))[:, self.given.size :]

    def __repr__(self) -> str:
        return f"Contraction({self.F!r}, given {self.given.size} elements)"


class ContractedTally:
    """A set that grows beside the given one."""

    __slots__ = ("_start", "_tally")

    def __init__(self, tally: Tally, start: float) -> None:
        self._tally, self._start = tally, start

    @property
    def value(self) -> float:
        """What the elements added so far are worth beyond the given ones."""
        return self._tally.value - self._start

    def gain(self, element: int) -> float:
        """Return what the element would gain."""
        return self._tally.gain(element)

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return self._tally.gains()

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        return self._tally.add(element)

    def copy(self) -> ContractedTally:
        """Return a tally of the same set that grows on its own."""
        return ContractedTally(self._tally.copy(), self._start)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truncation:
    r"""A function that counts up to a cap, $S \mapsto \min(F(S), c)$.

    Submodular if F is monotone and submodular; the truncation of a function that is not monotone may fail to be.

    Parameters
    ----------
    F : SetFunction
        Of the same elements.
    cap : float
        The most that counts, at least 0.

    Raises
    ------
    ModelError
        If the cap is negative.

    Examples
    --------
    >>> from rltheory.submodular.functions.modular import Modular
    >>> Truncation(Modular([1.0, 2.0, 2.0]), cap=4.0).gains_along([[0, 1, 2]])
    array([[1., 2., 1.]])
    """

    F: SetFunction
    cap: float

    def __post_init__(self) -> None:
        if not self.cap >= 0:
            raise ModelError(f"cap is {self.cap!r}; the empty set is worth 0, so that it must be at least 0")

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.F.n_elements

    def value(self, subset: Iterable[int]) -> float:
        """Return the value of the set, or the cap."""
        return min(self.F.value(subset), self.cap)

    def tally(self) -> TruncatedTally:
        """Return a tally of the empty set."""
        return TruncatedTally(self.F.tally(), self.cap)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        values = np.minimum(np.cumsum(self.F.gains_along(paths), axis=1), self.cap)
        return np.diff(values, axis=1, prepend=0.0)

    def __repr__(self) -> str:
        return f"Truncation({self.F!r}, at {self.cap:g})"


class TruncatedTally:
    """A set that grows, and is worth no more than the cap."""

    __slots__ = ("_cap", "_tally")

    def __init__(self, tally: Tally, cap: float) -> None:
        self._tally, self._cap = tally, cap

    @property
    def value(self) -> float:
        """The function's value of the elements added so far."""
        return min(self._tally.value, self._cap)

    def gain(self, element: int) -> float:
        """Return what the element would gain."""
        return min(self._tally.value + self._tally.gain(element), self._cap) - self.value

    def gains(self) -> np.ndarray:
        """Return what each element would gain, shape (n_elements,)."""
        return np.minimum(self._tally.value + self._tally.gains(), self._cap) - self.value

    def add(self, element: int) -> float:
        """Add an element and return its gain."""
        before = self.value
        self._tally.add(element)
        return self.value - before

    def copy(self) -> TruncatedTally:
        """Return a tally of the same set that grows on its own."""
        return TruncatedTally(self._tally.copy(), self._cap)
