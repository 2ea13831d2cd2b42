"""The answer to "solve this MDP": a value, a policy, and two vectors that are proven to enclose both their values."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP

_ROWS_SHOWN = 12

Progress = Callable[[int, float], None]
"""What a solver calls after each round: how many so far, and the width of the enclosure in reward units."""


class Criterion(enum.Enum):
    """What a value is the value of."""

    DISCOUNTED = "discounted"
    FINITE_HORIZON = "finite horizon"
    MAXIMAL_REACHABILITY = "maximal reachability"
    MINIMAL_REACHABILITY = "minimal reachability"
    TOTAL_REWARD = "total reward"
    AVERAGE_REWARD = "average reward"


class Status(enum.Enum):
    """Why an algorithm stopped; the value is a sentence with the remedy."""

    CONVERGED = "the proven gap is within tol"
    LIMIT_REACHED = "the limit on iterations came before tol: raise the limit, or choose a faster method"
    ROUNDING_FLOOR = (
        "tol is below what float64 can certify here, and the gap is what was reached: ask for a larger tol (of a small"
        " model with a discount or a horizon, planning.solve with exact=True gives the nominal optimum in fractions)"
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Solution:
    """A solved MDP, with the proof of its accuracy.

    Parameters
    ----------
    value : ndarray, shape (n_states,), or (H + 1, n_states) for a finite horizon
        The midpoint of ``lower`` and ``upper``, in reward units; ``value[H]`` is zero.
    policy : ndarray of int, shape (n_states,) or (H, n_states)
        The action of each state, by its position among the state's own.
    lower, upper : ndarray, shaped like ``value``
        Proven, rounding included: ``lower <= v^policy <= v* <= upper``.
    status : Status
        Why the algorithm stopped.
    iterations : int
        How many rounds it took; a round is what the method counts (a sweep, an improvement).
    history : ndarray
        The proven width of the enclosure (before rounding is accounted for) after each round, in reward units.
    method : str
        The algorithm and, if `solve` chose it, why.
    occupancy : ndarray, shape (n_pairs,), optional
        Expected discounted number of visits to each pair from ``mu``, where the method computes it.
    model : MDP or FiniteHorizonMDP, optional
        What was solved; names in the tables come from it.
    criterion : Criterion
        What the value is the value of.
    goal : ndarray of bool, shape (n_states,), optional
        Where episodes end, of reachability and total reward.
    tails : ndarray, shape (2, n_states), optional
        What to add to ``lower`` and ``upper`` to have the vectors whose inequalities prove them, where floats alone
        could not hold these.
    """

    value: np.ndarray
    policy: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    status: Status
    iterations: int
    history: np.ndarray
    method: str
    occupancy: np.ndarray | None = None
    model: MDP | FiniteHorizonMDP | None = field(default=None, repr=False)
    criterion: Criterion = Criterion.DISCOUNTED
    goal: np.ndarray | None = field(default=None, repr=False)
    tails: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("value", "policy", "lower", "upper", "history", "occupancy", "goal", "tails"):
            _freeze(self, name)

    @property
    def gap(self) -> float:
        """Largest width of the enclosure, in reward units: the number to quote."""
        return float((self.upper - self.lower).max())

    @property
    def start_value(self) -> float:
        """Value under the model's start distribution, in reward units."""
        if self.model is None:
            raise AttributeError("this solution does not know its model, so it has no start distribution")
        first = self.value if self.value.ndim == 1 else self.value[0]
        return float(self.model.mu @ first)

    def certificate(self) -> dict[str, Any]:
        """Return the proof of ``lower`` and ``upper`` in a form that can leave the process.

        Returns
        -------
        dict
            Ready for ``json.dump``; ``python -m proofs_check.certificate MODEL FILE`` checks it in exact arithmetic
            against a model that `rltheory.io.save_npz` wrote. Its bounds may be a little wider than ``lower`` and
            ``upper``, because they must hold as inequalities between rational numbers.

        Raises
        ------
        CriterionError
            If the answer does not know its model or its goal, or its bounds are infinite.
        """
        from rltheory.planning.certificate import certificate

        return certificate(self)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state (of the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``state, action, value, lower, upper``; state and action by name.
        """
        first = self.value.ndim == 2
        value, lower, upper = (x[0] if first else x for x in (self.value, self.lower, self.upper))
        policy = self.policy[0] if first and len(self.policy) else self.policy
        rows = []
        for state in range(value.size):
            action = int(policy[state]) if policy.ndim == 1 and policy.size else None
            rows.append(
                {
                    "state": str(state) if self.model is None else self.model.state_name(state),
                    "action": _action_name(self.model, state, action),
                    "value": float(value[state]),
                    "lower": float(lower[state]),
                    "upper": float(upper[state]),
                }
            )
        return rows

    def __repr__(self) -> str:
        return (
            f"Solution({self.status.name}, gap={self.gap:.3g}, values {self.value.min():.6g} to"
            f" {self.value.max():.6g}, {self.iterations} rounds of {self.method})"
        )

    def _repr_html_(self) -> str:
        head = "<tr>" + "".join(f"<th>{name}</th>" for name in ("state", "action", "value", "lower", "upper")) + "</tr>"
        rows = self.to_rows()
        body = "".join(
            f"<tr><td>{escape(row['state'])}</td><td>{escape(row['action'])}</td>"
            + "".join(f"<td>{row[name]:.6g}</td>" for name in ("value", "lower", "upper"))
            + "</tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more states</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p><table>{head}{body}</table>{more}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyValue:
    """The value of one policy, with the proof of its accuracy.

    Parameters
    ----------
    value : ndarray, shape (n_states,), or (H + 1, n_states) for a finite horizon
        The midpoint of ``lower`` and ``upper``, in reward units.
    lower, upper : ndarray, shaped like ``value``
        Proven, rounding included: ``lower <= v^policy <= upper``.
    method : str
        How the linear system was solved.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    method: str

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper"):
            _freeze(self, name)

    @property
    def gap(self) -> float:
        """Largest width of the enclosure, in reward units."""
        return float((self.upper - self.lower).max())

    def to_rows(self) -> list[dict[str, float]]:
        """Return one dictionary for each state (of the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``value, lower, upper``.
        """
        value, lower, upper = (x if x.ndim == 1 else x[0] for x in (self.value, self.lower, self.upper))
        return [
            {"value": float(v), "lower": float(low), "upper": float(high)}
            for v, low, high in zip(value, lower, upper, strict=True)
        ]

    def __repr__(self) -> str:
        return (
            f"PolicyValue(gap={self.gap:.3g}, values {self.value.min():.6g} to {self.value.max():.6g}, {self.method})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def _freeze(answer: Any, name: str) -> None:
    """Replace an array field by a read-only view."""
    array = getattr(answer, name)
    if array is not None:
        view = np.asarray(array).view()
        view.flags.writeable = False
        object.__setattr__(answer, name, view)


def _action_name(model: MDP | FiniteHorizonMDP | None, state: int, action: int | None) -> str:
    if action is None:
        return ""
    return str(action) if model is None else model.action_name(state, action)
