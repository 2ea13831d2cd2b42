r"""The greedy choice of k elements, plainly and lazily: the same set, with fewer evaluations.

Greedy adds the element of the largest gain, k times. For a monotone submodular function its value is at least
$1 - (1 - 1/k)^k \ge 1 - 1/e$ of the best of any k elements. (Nemhauser, Wolsey and Fisher 1978.)

A gain only falls as the set grows, so that a gain computed earlier bounds the present one from above. Lazy greedy
(Minoux 1978) keeps such bounds in a heap and computes anew only the gain on top: if it stays on top, nothing else can
be larger. Ties go to the lower element in both, unless rounding tells them apart.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from rltheory.models import CriterionError
from rltheory.models._validation import checked_whole
from rltheory.submodular.functions.protocol import SetFunction

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class GreedySet:
    """The elements that a greedy choice took.

    Attributes
    ----------
    elements : tuple of int
        In the order of the choice.
    gains : tuple of float
        What each gained.
    evaluations : int
        How many gains of elements were computed.
    """

    elements: tuple[int, ...]
    gains: tuple[float, ...]
    evaluations: int

    @property
    def value(self) -> float:
        """Value of the set."""
        return sum(self.gains)

    def __repr__(self) -> str:
        return f"GreedySet({len(self.elements)} elements worth {self.value:g}, {self.evaluations} evaluations)"


def greedy(F: SetFunction, k: int) -> GreedySet:
    """Choose at most k elements, each time one of the largest gain; stop when nothing gains any more.

    Parameters
    ----------
    F : SetFunction
        Any; the guarantee is for monotone submodular functions.
    k : int
        Most elements, at least 0.

    Returns
    -------
    GreedySet

    Raises
    ------
    ModelError
        If k is negative.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> greedy(Coverage.from_sets([[0, 1], [1, 2, 3], [0]]), k=2).elements
    (1, 0)
    """
    tally, evaluations = F.tally(), 0
    elements: list[int] = []
    gains: list[float] = []
    for _ in range(_checked_size(k, F)):
        offered = tally.gains()
        evaluations += F.n_elements - len(elements)
        offered[elements] = -np.inf
        best = int(offered.argmax())
        if offered[best] <= 0:
            break
        elements.append(best)
        gains.append(tally.add(best))
    return GreedySet(tuple(elements), tuple(gains), evaluations)


def lazy_greedy(F: SetFunction, k: int) -> GreedySet:
    """Choose as `greedy` does, computing a gain only where an earlier one does not rule the element out.

    Parameters
    ----------
    F : SetFunction
        Submodular.
    k : int
        Most elements, at least 0.

    Returns
    -------
    GreedySet

    Raises
    ------
    ModelError
        If k is negative.
    CriterionError
        If a gain has grown, so that the function is not submodular; the message names the element.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> F = Coverage.from_sets([[v, v + 1] for v in range(100)])
    >>> greedy(F, 10), lazy_greedy(F, 10)
    (GreedySet(10 elements worth 20, 955 evaluations), GreedySet(10 elements worth 20, 118 evaluations))
    """
    k, tally = _checked_size(k, F), F.tally()
    heap = [(-gain, element, 0) for element, gain in enumerate(tally.gains().tolist())] if k else []
    heapq.heapify(heap)
    evaluations = len(heap)
    elements: list[int] = []
    gains: list[float] = []
    while heap and len(elements) < k and heap[0][0] < 0:
        bound, element, size = heap[0]
        if size == len(elements):
            heapq.heappop(heap)
            elements.append(element)
            gains.append(tally.add(element))
            continue
        gain = tally.gain(element)
        evaluations += 1
        if gain > -bound + _ROUNDING * (tally.value - bound):
            raise CriterionError(
                f"element {element} gains {gain:g} beside {sorted(elements)} and gained {-bound:g} beside fewer of"
                " them: the function is not submodular (greedy needs no bounds)"
            )
        heapq.heapreplace(heap, (-gain, element, len(elements)))
    return GreedySet(tuple(elements), tuple(gains), evaluations)


def _checked_size(k: int, F: SetFunction) -> int:
    return min(checked_whole("k", k, 0), F.n_elements)
