"""The answer to "which policy has the best law of the return?": a value with bounds, a first stock, and a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StockSolution:
    """An optimum over all policies, history-dependent ones included, from one start.

    Parameters
    ----------
    value : float
        The optimum, in the units of the objective.
    lower, upper : float
        Proven: the optimum is between them, and so is what ``policy`` attains. Equal where the method is exact: then
        only rounding is left, of about 1e-12 relative to the largest number met.
    stock : float or ndarray
        The stock to begin with, in reward units.
    policy : StockPolicy, LatticePolicy or GridPolicy
        A policy that attains it. It begins with ``stock`` and adds up rewards.
    law : DiscreteLaw or None
        The law of the return under the policy, in reward units; None over an infinite horizon, or where the stock is a
        vector.
    method : str
        How it was found.
    thresholds : ndarray, optional
        Where the objective is a sum of tails: the numbers b, in reward units, for which the policy is best in
        expectation.
    history : tuple of float
        Value of each iterate at the start, where the algorithm has iterates that improve.
    prices : tuple of float
        What one more unit of each constraint costs, in the objective's units, where there are constraints.
    violation : float
        By how much the policy's law misses a constraint at most, in the constraint's units: rounding of the solver.
    """

    value: float
    lower: float
    upper: float
    stock: Any
    policy: Any
    law: DiscreteLaw | None
    method: str
    thresholds: np.ndarray | None = None
    history: tuple[float, ...] = ()
    prices: tuple[float, ...] = ()
    violation: float = 0.0

    def __post_init__(self) -> None:
        if self.thresholds is not None:
            self.thresholds.flags.writeable = False

    @property
    def gap(self) -> float:
        """The width of the enclosure: the number to quote."""
        return self.upper - self.lower

    def __repr__(self) -> str:
        width = "exact" if self.gap == 0 else f"proven within [{self.lower:.10g}, {self.upper:.10g}]"
        begins = f"initial stock {self.stock:.10g}" if np.ndim(self.stock) == 0 else f"initial stock {self.stock}"
        if self.thresholds is not None:
            begins = f"thresholds [{', '.join(f'{b:g}' for b in self.thresholds.tolist())}]"
        return f"StockSolution({self.value:.10g}, {width}; {begins}; {self.method})"

    def to_rows(self) -> list[dict[str, float]]:
        """Return one row for each value of the return, for a table; none where the law is not known."""
        return [] if self.law is None else self.law.to_rows()
