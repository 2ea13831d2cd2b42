"""The answer to an optimisation over laws of the return: the policy, its law, its value and what bounds the optimum."""

from __future__ import annotations

from dataclasses import dataclass

from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.stock_policy import StockPolicy


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LawSolution:
    """A functional of the law of the return, optimised.

    Unless the algorithm says otherwise, ``lower`` and ``upper`` hold both what the policy achieves and the optimum.

    Parameters
    ----------
    value : float
        The functional of the law of ``stock + G`` that the algorithm arrived at, in the functional's units.
    lower, upper : float
        Proven bounds, up to rounding.
    stock : float
        Stock at the start, in reward units.
    policy : StockPolicy
        What to do at each node that can be met.
    law : DiscreteLaw
        Law of the return G (not of ``stock + G``) under ``policy``.
    method : str
        The algorithm.
    history : tuple of float
        Value of each iterate at the start, where the algorithm has iterates that improve.
    prices : tuple of float
        What one more unit of each constraint costs, in the functional's units, where there are constraints.
    violation : float
        By how much the policy's law misses a constraint at most, in the constraint's units: rounding of the solver.
    """

    value: float
    lower: float
    upper: float
    stock: float
    policy: StockPolicy
    law: DiscreteLaw
    method: str
    history: tuple[float, ...] = ()
    prices: tuple[float, ...] = ()
    violation: float = 0.0

    @property
    def gap(self) -> float:
        """Distance between the bounds: the number to quote."""
        return self.upper - self.lower

    def to_rows(self) -> list[dict[str, float]]:
        """Return the law of the return as a table, one row for each atom."""
        return self.law.to_rows()

    def __repr__(self) -> str:
        return f"LawSolution(value {self.value:.6g}, gap={self.gap:.3g}, stock {self.stock:g}, {self.method})"
