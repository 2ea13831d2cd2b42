r"""Is a set function monotone, is it submodular? Exhaustively for few elements, by sampling for many.

Both properties are statements about gains. F is monotone if no gain $F(u \mid A)$ is negative, and submodular if

    $F(v \mid A) \ge F(v \mid A + u)$  for all A and all $u \ne v \notin A$,

which is $F(A + u) + F(A + v) \ge F(A + u + v) + F(A)$: one step of diminishing, which implies all others by induction.
(Nemhauser, Wolsey and Fisher 1978, section 2.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.value_table import value_table

EXHAUSTIVE = 14
"""Most elements for which every set is looked at."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where a property fails.

    Attributes
    ----------
    subset : tuple of int
        The set A.
    elements : tuple of int
        What is added to it: u, or u and then v.
    amount : float
        By how much the property fails.
    """

    subset: tuple[int, ...]
    elements: tuple[int, ...]
    amount: float

    def __str__(self) -> str:
        A = "{" + ", ".join(map(str, self.subset)) + "}"
        if len(self.elements) == 1:
            return f"element {self.elements[0]} loses {self.amount:.6g} when it joins {A}"
        u, v = self.elements
        return f"element {v} gains {self.amount:.6g} more when {u} has joined {A}"


@dataclass(frozen=True, slots=True)
class PropertyCheck:
    """What came of a check; it is true if no violation was found.

    Attributes
    ----------
    name : str
        The property.
    exhaustive : bool
        Whether every set was looked at; if not, sampled ones were, and that the property holds is not proven.
    checked : int
        How many inequalities were looked at.
    violation : Violation or None
        The worst place where it fails, if it does.
    """

    name: str
    exhaustive: bool
    checked: int
    violation: Violation | None

    @property
    def holds(self) -> bool:
        """Whether no violation was found."""
        return self.violation is None

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        looked = f"{'all' if self.exhaustive else 'sampled'} {self.checked} inequalities"
        return f"PropertyCheck({self.name}: {self.violation or 'holds'}; {looked})"


def check_monotone(
    F: SetFunction, *, samples: int = 2000, rng: np.random.Generator | int | None = None
) -> PropertyCheck:
    """Look for an element whose gain is negative.

    Parameters
    ----------
    F : SetFunction
        Up to 14 elements are checked exhaustively.
    samples : int, optional
        How many sets and elements to draw where there are more.
    rng : numpy.random.Generator or int, optional
        Draws them.

    Returns
    -------
    PropertyCheck
        True if no violation beyond rounding was found; names the worst otherwise.

    Examples
    --------
    >>> from rltheory.submodular.functions.cut import Cut
    >>> check_monotone(Cut([[0.0, 2.0], [2.0, 0.0]]))
    PropertyCheck(monotone: element 0 loses 2 when it joins {1}; all 4 inequalities)
    """
    if F.n_elements > EXHAUSTIVE:
        return _sampled("monotone", F, 1, samples, rng)
    table = value_table(F)
    return _listed("monotone", F.n_elements, 1, table, lambda A, u: table[A] - table[A | u])


def check_submodular(
    F: SetFunction, *, samples: int = 2000, rng: np.random.Generator | int | None = None
) -> PropertyCheck:
    """Look for an element that gains more because another one has joined.

    An element is not added twice: a function of measurements with ``repeats=True`` is checked by `visits_of` it.

    Parameters
    ----------
    F : SetFunction
        Up to 14 elements are checked exhaustively.
    samples : int, optional
        How many sets and pairs of elements to draw where there are more.
    rng : numpy.random.Generator or int, optional
        Draws them.

    Returns
    -------
    PropertyCheck
        True if no violation beyond rounding was found; names the worst otherwise.

    Examples
    --------
    >>> from rltheory.submodular.functions.by_value import ByValue
    >>> check_submodular(ByValue(3, lambda chosen: len(chosen) ** 2))
    PropertyCheck(submodular: element 1 gains 2 more when 0 has joined {}; all 6 inequalities)
    """
    if F.n_elements > EXHAUSTIVE:
        return _sampled("submodular", F, 2, samples, rng)
    table = value_table(F)
    return _listed(
        "submodular", F.n_elements, 2, table, lambda A, u, v: table[A | u | v] - table[A | u] - table[A | v] + table[A]
    )


def _listed(name: str, n: int, size: int, table: np.ndarray, excess: Callable[..., np.ndarray]) -> PropertyCheck:
    """Check all sets without some elements, one or two, for all choices of these."""
    every = np.arange(2**n)
    checked, worst = 0, None
    for elements in combinations(range(n), size):
        bits = [1 << element for element in elements]
        without = every[(every & sum(bits)) == 0]
        failing = excess(without, *bits)
        checked += without.size
        place = int(failing.argmax())
        if failing[place] > (worst.amount if worst else _ROUNDING * np.abs(table).max()):
            subset = tuple(v for v in range(n) if without[place] >> v & 1)
            worst = Violation(subset, elements, float(failing[place]))
    return PropertyCheck(name, True, checked, worst)


def _sampled(
    name: str, F: SetFunction, size: int, samples: int, rng: np.random.Generator | int | None
) -> PropertyCheck:
    """Check random sets of all sizes: all but the last elements of a path, in random order, are the set."""
    if samples < 1:
        raise ModelError(f"samples is {samples}; at least 1 set must be drawn to check {F.n_elements} elements")
    rng = np.random.default_rng(rng)
    worst = None
    for _ in range(samples):
        drawn = rng.permutation(F.n_elements)[: rng.integers(size, F.n_elements + 1)]
        tally = F.tally()
        for element in drawn[:-size]:
            tally.add(element)
        *first, last = drawn[-size:]
        before = tally.gain(last)
        scale = abs(tally.value) + abs(before)
        for element in first:
            scale += abs(tally.add(element))
        failing = tally.gain(last) - before if first else -before
        if failing > max(_ROUNDING * scale, worst.amount if worst else 0.0):
            worst = Violation(tuple(sorted(drawn[:-size].tolist())), tuple(drawn[-size:].tolist()), float(failing))
    return PropertyCheck(name, False, samples, worst)
