"""The answer to "what shall I do where returns diminish?": a policy, what it reaches, and what no policy exceeds."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import frozen
from rltheory.submodular.model import SubmodularMDP

_ROWS_SHOWN = 12
_ROUNDING = 1e-9


class Status(enum.Enum):
    """How much is proven; the value is a sentence with the remedy."""

    OPTIMAL = "no policy is better by more than the gap, which is rounding"
    BRACKETED = (
        "no policy is better by more than the gap: search wider for a larger lower bound, or ask submodular.relaxation"
        " for a smaller upper one"
    )
    LIMIT_REACHED = "the limit on rounds came before tol: raise the limit"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Certified:
    """A policy or a path, with what it reaches and a proof of what no policy exceeds.

    Parameters
    ----------
    lower : float
        What the policy reaches, in reward units: J of it, exact up to rounding.
    upper : float
        Proven: no policy, whatever it remembers, has a larger J. Infinite where nothing was proven.
    method : str
        The algorithm.
    policy : ndarray, mapping or callable, optional
        A Markov policy of shape (H, n_states) or (H, n_states, n_actions), or whatever tells the action of a history.
    path : ndarray of int, shape (H + 1,), optional
        The states of the only path, where dynamics and policy are deterministic.
    gains : ndarray, shape (H + 1,), optional
        What each arrival of the path gained over those before it, in reward units.
    status : Status, optional
        Why the algorithm stopped; by default what the gap says.
    history : ndarray
        What each round reached, in reward units.
    evaluations : int
        How many values or gains of the set function were asked for; 0 where none were counted.
    model : SubmodularMDP, optional
        What was solved; names in the tables come from it.

    Raises
    ------
    ModelError
        If the upper bound is below what was reached, by more than rounding: one of the two is wrong.

    Examples
    --------
    >>> answer = Certified(3.0, 4.0, "beam search", path=[0, 1, 2], gains=[1.0, 1.0, 1.0])
    >>> answer
    Certified(BRACKETED, value 3, at most 4, gap=1, beam search)
    >>> answer.tightened(3.0).status.name
    'OPTIMAL'
    """

    lower: float
    upper: float
    method: str
    policy: np.ndarray | Mapping[Any, Any] | Callable[..., Any] | None = None
    path: np.ndarray | None = None
    gains: np.ndarray | None = None
    status: Status = None  # type: ignore[assignment]  # filled in below
    history: np.ndarray = field(default_factory=lambda: np.zeros(0))
    evaluations: int = 0
    model: SubmodularMDP | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        lower, upper = float(self.lower), float(self.upper)
        slack = _ROUNDING * max(1.0, abs(lower))
        if not upper >= lower - slack:
            raise ModelError(
                f"upper is {upper:.12g}, below the value {lower:.12g} that was reached; one of them is wrong"
            )
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", max(lower, upper))
        for name in ("path", "gains", "history"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))
        if isinstance(self.policy, np.ndarray):
            object.__setattr__(self, "policy", frozen(self.policy))
        if self.status is None:
            object.__setattr__(self, "status", Status.OPTIMAL if self.gap <= slack else Status.BRACKETED)

    @property
    def value(self) -> float:
        """What the policy reaches, in reward units: ``lower``."""
        return self.lower

    @property
    def gap(self) -> float:
        """What the best policy may still gain, in reward units: the number to quote."""
        return self.upper - self.lower

    @property
    def ratio(self) -> float:
        """Proven fraction of the optimum that the policy reaches; 1 where nothing can be gained."""
        return 1.0 if self.gap == 0 else self.lower / self.upper

    def tightened(self, upper: float) -> Certified:
        """Return the same answer with the smaller of two upper bounds.

        Parameters
        ----------
        upper : float
            Another proven bound, in reward units.

        Returns
        -------
        Certified

        Raises
        ------
        ModelError
            If it is below what was reached.
        """
        kept: Any = self.status if self.status is Status.LIMIT_REACHED else None
        return dataclasses.replace(self, upper=min(self.upper, float(upper)), status=kept)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each arrival of the path, or one in all where there is no single path.

        Returns
        -------
        list of dict
            With keys ``h, state, gain, value`` (the value of the path so far), state by name; or ``method, lower,
            upper, gap``.
        """
        if self.path is None or self.gains is None:
            return [{"method": self.method, "lower": self.lower, "upper": self.upper, "gap": self.gap}]
        totals = np.cumsum(self.gains)
        return [
            {
                "h": h,
                "state": str(state) if self.model is None else self.model.state_name(int(state)),
                "gain": float(self.gains[h]),
                "value": float(totals[h]),
            }
            for h, state in enumerate(self.path)
        ]

    def __repr__(self) -> str:
        top = f"at most {self.upper:.6g}, gap={self.gap:.3g}" if math.isfinite(self.upper) else "no upper bound"
        return f"Certified({self.status.name}, value {self.lower:.6g}, {top}, {self.method})"

    def _repr_html_(self) -> str:
        rows = self.to_rows()
        head = "".join(f"<th>{name}</th>" for name in rows[0])
        cells = [
            "".join(f"<td>{x:.6g}</td>" if isinstance(x, float) else f"<td>{escape(str(x))}</td>" for x in row.values())
            for row in rows[:_ROWS_SHOWN]
        ]
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more arrivals</p>" if len(rows) > _ROWS_SHOWN else ""
        intro = f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p>"
        return f"{intro}<table><tr>{head}</tr>{body}</table>{more}"
