r"""Curvature: how much of its value an element can lose to the others.

    $c = 1 - \min_{v : F(v) > 0} \frac{F(V) - F(V \setminus v)}{F(\{v\})} \in [0, 1]$

is the total curvature of a monotone submodular function (Conforti and Cornuéjols 1984). By submodularity the last gain
is the least, so that $(1 - c) \sum_{v \in A} F(v) \le F(A) \le \sum_{v \in A} F(v)$ for every set A: with c = 0 the
function is modular, and what ignores diminishing returns loses a factor of at most 1 - c. Elements that no path can
reach do not matter, and leaving them out can only make c smaller.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.functions import _elements as checks
from rltheory.submodular.functions.algebra import restriction
from rltheory.submodular.functions.protocol import SetFunction, Tally
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import reachable_elements

_ROUNDING = 1e-9


def curvature(F: SetFunction, elements: Iterable[int] | None = None) -> float:
    """Return the total curvature, exactly up to rounding.

    Parameters
    ----------
    F : SetFunction
        Monotone and submodular.
    elements : iterable of int, optional
        The ground set V; all elements by default.

    Returns
    -------
    float
        In [0, 1]; 0 if no element is worth anything.

    Raises
    ------
    CriterionError
        If the last gain of an element is negative or more than the element is worth alone: then F is not monotone or
        not submodular, and has no curvature. The message names the element.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> curvature(Coverage.from_sets([[0, 1, 2], [2, 3], [4]]))  # the second element keeps one item of its two
    0.5
    """
    names = np.arange(F.n_elements) if elements is None else np.unique(checks.checked_elements(elements, F.n_elements))
    part = F if elements is None else restriction(F, names)
    alone, last = part.tally().gains(), last_gains(part)
    slack = _ROUNDING * alone.sum()
    if (last < -slack).any():
        v = int(last.argmin())
        raise CriterionError(f"element {names[v]} loses {-last[v]:g} when it joins all others; F is not monotone")
    if (last > alone + slack).any():
        v = int((last - alone).argmax())
        raise CriterionError(
            f"element {names[v]} is worth {alone[v]:g} alone and gains {last[v]:g} beside all others; F is not"
            " submodular"
        )
    worth = alone > 0
    kept = last[worth] / alone[worth]
    return float(np.clip(1 - kept.min(initial=1.0), 0.0, 1.0))


def instance_curvature(mdp: SubmodularMDP) -> float:
    """Return the curvature over what the paths of a model can touch, at most that of F.

    Raises
    ------
    CriterionError
        As for `curvature`.
    """
    return curvature(mdp.F, reachable_elements(mdp))


def last_gains(F: SetFunction) -> np.ndarray:
    r"""Return what each element gains beside all others, $F(V) - F(V \setminus v)$, shape (n_elements,).

    To leave out the elements of one half, add the other half once; then divide again. This takes n log n additions in
    place of n squared.
    """
    gains = np.empty(F.n_elements)
    _leave_out(F.tally(), 0, F.n_elements, gains)
    return gains


def _leave_out(tally: Tally, first: int, last: int, gains: np.ndarray) -> None:
    """Write the last gains of elements ``first..last - 1``; the tally holds all others, and may grow."""
    if last - first == 1:
        gains[first] = tally.gain(first)
    elif last > first:
        middle = (first + last) // 2
        without_lower = tally.copy()
        for element in range(middle, last):
            without_lower.add(element)
        _leave_out(without_lower, first, middle, gains)
        for element in range(first, middle):
            tally.add(element)
        _leave_out(tally, middle, last, gains)
