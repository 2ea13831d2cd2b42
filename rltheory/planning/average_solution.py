"""The answer to "what does this MDP earn a step in the long run?": gain, bias and policy, and proven bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.planning.solution import Status, _freeze

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AverageRewardSolution:
    """An MDP solved for the average reward, with the proof of its accuracy.

    Parameters
    ----------
    gain : ndarray, shape (n_states,)
        Reward a step in the long run from each state: the midpoint of its bounds, in reward units.
    bias : ndarray, shape (n_states,)
        What starting in a state earns beyond the gain, in reward units. That of the policy, its long-run average zero,
        where linear systems were solved; from `relative_value_iteration` with its middle at zero.
    policy : ndarray of int, shape (n_states,)
        The action of each state, by its position among the state's own.
    gain_lower, gain_upper : ndarray, shape (n_states,)
        Proven, rounding included: ``gain_lower <= g^policy <= g* <= gain_upper``, for the rows of ``model`` divided by
        their sums.
    status : Status
        Why the algorithm stopped.
    iterations : int
        How many rounds it took; a round is what the method counts (a sweep, an improvement).
    history : ndarray
        The width of the bounds after each round, in reward units.
    method : str
        The algorithm and, if `average_reward` chose it, why.
    model : MDP, optional
        What was solved; names in the tables come from it.
    upper_bias : ndarray, shape (n_states,), optional
        What proves ``gain_upper``, where ``bias`` does not.
    """

    gain: np.ndarray
    bias: np.ndarray
    policy: np.ndarray
    gain_lower: np.ndarray
    gain_upper: np.ndarray
    status: Status
    iterations: int
    history: np.ndarray
    method: str
    model: MDP | None = field(default=None, repr=False)
    upper_bias: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("gain", "bias", "policy", "gain_lower", "gain_upper", "history", "upper_bias"):
            _freeze(self, name)

    @property
    def gap(self) -> float:
        """Largest width of the bounds on the gain, in reward units a step: the number to quote."""
        return float((self.gain_upper - self.gain_lower).max())

    def certificate(self) -> dict[str, Any]:
        """Return the proof of ``gain_lower`` and ``gain_upper`` in a form that can leave the process.

        Returns
        -------
        dict
            As that of `Solution.certificate`.

        Raises
        ------
        CriterionError
            If the answer does not know its model.
        """
        from rltheory.planning.certificate import certificate

        return certificate(self)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state.

        Returns
        -------
        list of dict
            With keys ``state, action, gain, lower, upper, bias``; state and action by name.
        """
        return [
            {
                "state": str(state) if self.model is None else self.model.state_name(state),
                "action": str(action) if self.model is None else self.model.action_name(state, action),
                "gain": float(self.gain[state]),
                "lower": float(self.gain_lower[state]),
                "upper": float(self.gain_upper[state]),
                "bias": float(self.bias[state]),
            }
            for state, action in enumerate(self.policy.tolist())
        ]

    def __repr__(self) -> str:
        return (
            f"AverageRewardSolution({self.status.name}, gap={self.gap:.3g}, gain {self.gain.min():.6g} to"
            f" {self.gain.max():.6g}, {self.iterations} rounds of {self.method})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p>{_table(self.to_rows())}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyGain:
    """The average reward of one policy, with the proof of its accuracy.

    Parameters
    ----------
    gain : ndarray, shape (n_states,)
        Reward a step in the long run from each state: the midpoint of its bounds, in reward units.
    bias : ndarray, shape (n_states,)
        ``h`` with ``gain + h = r + P h`` whose average under each stationary distribution is zero, in reward units.
    gain_lower, gain_upper : ndarray, shape (n_states,)
        Proven, rounding included: ``gain_lower <= g^policy <= gain_upper``, for rows divided by their sums.
    stationary : ndarray, shape (n_classes, n_states)
        One stationary distribution for each recurrent class of the policy.
    method : str
        How the linear systems were solved.
    """

    gain: np.ndarray
    bias: np.ndarray
    gain_lower: np.ndarray
    gain_upper: np.ndarray
    stationary: np.ndarray
    method: str

    def __post_init__(self) -> None:
        for name in ("gain", "bias", "gain_lower", "gain_upper", "stationary"):
            _freeze(self, name)

    @property
    def gap(self) -> float:
        """Largest width of the bounds on the gain, in reward units a step."""
        return float((self.gain_upper - self.gain_lower).max())

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state.

        Returns
        -------
        list of dict
            With keys ``state, gain, lower, upper, bias``.
        """
        columns = (self.gain, self.gain_lower, self.gain_upper, self.bias)
        return [
            {"state": str(state), **dict(zip(("gain", "lower", "upper", "bias"), map(float, row), strict=True))}
            for state, row in enumerate(zip(*columns, strict=True))
        ]

    def __repr__(self) -> str:
        return (
            f"PolicyGain(gap={self.gap:.3g}, gain {self.gain.min():.6g} to {self.gain.max():.6g},"
            f" {len(self.stationary)} recurrent class(es), {self.method})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{_table(self.to_rows())}"


def _table(rows: list[dict[str, Any]]) -> str:
    """Return the first rows as an HTML table."""
    head = "<tr>" + "".join(f"<th>{name}</th>" for name in rows[0]) + "</tr>"
    cells = [[x if isinstance(x, str) else f"{x:.6g}" for x in row.values()] for row in rows[:_ROWS_SHOWN]]
    body = "".join("<tr>" + "".join(f"<td>{escape(x)}</td>" for x in row) + "</tr>" for row in cells)
    more = f"<p>... and {len(rows) - _ROWS_SHOWN} more states</p>" if len(rows) > _ROWS_SHOWN else ""
    return f"<table>{head}{body}</table>{more}"
