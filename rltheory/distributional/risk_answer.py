"""The answer to "which policy with stock is best for this risk measure": bounds, a policy, the law of its return."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.stock_policy import StockPolicy


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RiskAnswer:
    """The best value of a risk measure of the return, over all policies that remember their history.

    Parameters
    ----------
    value : float
        What the policy attains, in reward units.
    lower, upper : float
        ``lower <= optimum <= upper``, up to rounding (about 1e-14 of the returns a step).
    thresholds : ndarray
        The numbers b, in reward units, for which the policy is best in expectation.
    stock : float
        Stock at step 0; that of the policy's nodes.
    policy : StockPolicy
        A policy that attains ``value``.
    law : DiscreteLaw
        The law of the return under it, without the initial stock.
    method : str
        How it was found.
    """

    value: float
    lower: float
    upper: float
    thresholds: np.ndarray
    stock: float
    policy: StockPolicy = field(repr=False)
    law: DiscreteLaw
    method: str

    def __post_init__(self) -> None:
        self.thresholds.flags.writeable = False

    @property
    def gap(self) -> float:
        """Width of the enclosure, in reward units."""
        return self.upper - self.lower

    def to_rows(self) -> list[dict[str, float]]:
        """Return one row for each atom of the return's law, for a table."""
        return self.law.to_rows()

    def __repr__(self) -> str:
        b = ", ".join(f"{x:g}" for x in self.thresholds.tolist())
        return f"RiskAnswer(value={self.value:.6g}, gap={self.gap:.2g}, thresholds=[{b}]; {self.method})"
