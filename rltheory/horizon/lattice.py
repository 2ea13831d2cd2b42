"""Rewards that are whole multiples of one unit: laws of returns are dense arrays, and sums tie when they should.

Then the score of a sequence in a contest is a whole number, and adding up draws is a convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from rltheory.horizon.returns import ExplorationLaws
from rltheory.models import CriterionError
from rltheory.planning.memory import require_memory

_TOLERANCE = 2e-7
"""Relative to the largest reward: rewards such as 0.1 come in single precision."""
_MOST_MULTIPLES = 1000
"""Beyond, any two numbers would be multiples of some unit within the tolerance."""


def unit_of(reward: np.ndarray) -> float:
    """Return the largest number of which all rewards are whole multiples, within single precision; 1 if all are 0.

    Parameters
    ----------
    reward : ndarray
        In reward units.

    Returns
    -------
    float

    Raises
    ------
    CriterionError
        If there is no such number that is at least a thousandth of the largest reward (whole numbers always have one).

    Examples
    --------
    >>> import numpy as np
    >>> round(unit_of(np.array([0.0, 0.25, -1.5])), 9)
    0.25
    """
    sizes = np.unique(np.abs(reward[reward != 0]))
    if sizes.size == 0:
        return 1.0
    if (sizes == np.rint(sizes)).all() and sizes[-1] < 2**53:
        return float(np.gcd.reduce(sizes.astype(np.int64)))
    allowed = _TOLERANCE * sizes[-1]
    unit = reduce(lambda a, b: _common(a, b, allowed), sizes)
    multiples = np.rint(sizes / unit)
    unit = float(sizes @ multiples / (multiples @ multiples))
    if multiples[-1] > _MOST_MULTIPLES or np.abs(sizes - unit * multiples).max() > allowed:
        raise CriterionError(
            f"rewards such as {sizes[0]:.9g} and {sizes[-1]:.9g} are not whole multiples of one unit; exact laws need"
            " that: round the rewards, or play the algorithm instead (gorp_runs)"
        )
    return unit


def _common(a: float, b: float, allowed: float) -> float:
    """Return the greatest common measure of two positive numbers, by Euclid, taking what is ``allowed`` for nothing."""
    while b > allowed:
        a, b = b, a - b * np.rint(a / b)
        b = abs(b)
    return float(a)


@dataclass(frozen=True, slots=True, eq=False)
class ReturnLaws:
    """Laws of the return still to come, on multiples of one unit; made by `return_laws`.

    Parameters
    ----------
    unit : float
        All returns are whole multiples of it, in reward units.
    low : int
        Least return considered, in units.
    law : tuple of H + 1 ndarrays, shape (S, n)
        Probability of the returns ``low, low + 1, ...`` at each step.
    """

    unit: float
    low: int
    law: tuple[np.ndarray, ...]


def return_laws(laws: ExplorationLaws) -> ReturnLaws:
    """Return laws of a deterministic game as dense arrays.

    Parameters
    ----------
    laws : ExplorationLaws

    Returns
    -------
    ReturnLaws

    Raises
    ------
    CriterionError
        If rewards are not multiples of one unit.
    MemoryError
        If the laws would not fit.
    """
    unit = unit_of(laws.table.reward)
    places = [np.rint(atoms / unit).astype(np.int64) for atoms in laws.atoms]
    low, high = min(int(place.min()) for place in places), max(int(place.max()) for place in places)
    shape = (laws.table.n_states, high - low + 1)
    require_memory(
        8.0 * len(places) * shape[0] * shape[1],
        f"the laws of {shape[1]} returns at {len(places)} steps in {shape[0]} states",
        remedy="play the algorithm instead (gorp_runs)",
    )
    rows = np.arange(shape[0])[:, None] * shape[1]
    dense = [
        np.bincount((rows + place - low).ravel(), prob.ravel(), minlength=shape[0] * shape[1]).reshape(shape)
        for place, prob in zip(places, laws.prob, strict=True)
    ]
    return ReturnLaws(unit, low, tuple(dense))
