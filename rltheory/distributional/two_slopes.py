r"""Utilities that are linear on each half-line: the Lipschitz ones that are indifferent to every discount.

A continuous f with f(0) = 0 orders :math:`\gamma X` and :math:`\gamma Y` as it orders X and Y, for all discounts, only
if :math:`f(\gamma x) = \gamma^p f(x)` with one degree p for both half-lines; and it is Lipschitz on the whole line only
if p = 1. What is left is :math:`f(x) = a_+ \max(x, 0) + a_- \min(x, 0)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.distributional._arguments import Utility, function_of
from rltheory.models import CriterionError, ModelError

_SAMPLES = np.array([1e-3, 0.1, 0.5, 2.0, 7.0, 1e3])
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class TwoSlopes:
    r"""The utility :math:`f(x) = a_+ \max(x, 0) + a_- \min(x, 0)`.

    Parameters
    ----------
    above, below : float
        The slopes :math:`a_+` right and :math:`a_-` left of 0. ``TwoSlopes(0, 1)`` counts what is missing,
        ``TwoSlopes(1, 1 + lam)`` penalises a shortfall, ``TwoSlopes(-1, 1)`` is :math:`-|x|`.

    Examples
    --------
    >>> from rltheory.distributional.two_slopes import TwoSlopes
    >>> TwoSlopes(1.0, 3.0)([-2.0, 2.0])
    array([-6.,  2.])
    """

    above: float
    below: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.above, self.below]).all():
            raise ModelError(f"the slopes are {self.above} and {self.below}; they must be finite")

    def __call__(self, x: Any) -> np.ndarray:
        """Return f, elementwise."""
        x = np.asarray(x, dtype=np.float64)
        return np.where(x >= 0, self.above, self.below) * x

    @property
    def degree(self) -> int:
        r"""The p of :math:`f(\lambda x) = \lambda^p f(x)`, which is 1."""
        return 1

    @property
    def lipschitz(self) -> float:
        """The larger slope, in absolute value."""
        return max(abs(self.above), abs(self.below))


def as_two_slopes(utility: Utility) -> TwoSlopes:
    """Return a utility that is linear on each half-line as what it is.

    Parameters
    ----------
    utility : callable or object with attribute ``f``
        A `TwoSlopes`, or a function with the same values.

    Returns
    -------
    TwoSlopes

    Raises
    ------
    CriterionError
        If it is another function: the message says where it differs.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.distributional.two_slopes import as_two_slopes
    >>> as_two_slopes(lambda x: -np.abs(x))
    TwoSlopes(above=-1.0, below=1.0)
    """
    f = function_of(utility)
    if isinstance(f, TwoSlopes):
        return f
    one = np.asarray(f(np.array([1.0, -1.0])), dtype=np.float64)
    slopes = TwoSlopes(float(one[0]), -float(one[1]))
    x = np.concatenate([_SAMPLES, -_SAMPLES, [0.0]])
    difference = np.abs(np.asarray(f(x), dtype=np.float64) - slopes(x))
    wrong = ~(difference <= _SAME * (1 + np.abs(slopes(x))))
    if wrong.any():
        at = float(x[np.argmax(wrong)])
        raise CriterionError(
            f"over an infinite horizon the utility must be linear on each half-line, f(x) = a max(x, 0) + b min(x, 0),"
            f" to be Lipschitz and indifferent to the discount; this one is not at x = {at:g}. Set a horizon H: what"
            " remains after it is at most L gamma**H max|r| / (1 - gamma) for an L-Lipschitz utility"
        )
    return slopes
