"""The answer to "solve this model although it may be wrong": a value, a policy, proven ends, and what nature does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP, LinearMDP, ModelError
from rltheory.planning.solution import Status
from rltheory.robust.divergences import Divergence

Model = MDP | FiniteHorizonMDP | LinearMDP
_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RobustSolution:
    """A robust value, with the proof of its accuracy.

    Parameters
    ----------
    value : ndarray, shape (n_states,), or (H + 1, n_states) for a finite horizon
        The worst case of the policy, in reward units; ``value[H]`` is zero.
    policy : ndarray
        Actions of shape (n_states,) or (H, n_states), by their position among a state's own, or probabilities with a
        last axis n_actions.
    lower, upper : ndarray, shaped like ``value``
        Proven, with a margin for rounding: ``lower <= worst case of the policy <= robust optimum <= upper``; of a given
        policy, the ends of its own worst case.
    status : Status
        Why the algorithm stopped.
    iterations : int
        How many rounds it took: steps of a horizon, or sweeps.
    history : ndarray
        Width of the enclosure after each sweep, in reward units; empty for a finite horizon.
    method : str
        The algorithm.
    model : MDP, FiniteHorizonMDP or LinearMDP
        What was solved.
    divergence : Divergence
        What nature may do.
    nature : callable
        What `worst_kernel` asks: from a step and the values that follow to nature's rows.
    """

    value: np.ndarray
    policy: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    status: Status
    iterations: int
    history: np.ndarray
    method: str
    model: Model = field(repr=False)
    divergence: Divergence
    nature: Callable[[int, np.ndarray], np.ndarray] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("value", "policy", "lower", "upper", "history"):
            view = np.asarray(getattr(self, name)).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @property
    def gap(self) -> float:
        """Largest width of the enclosure, in reward units: the number to quote."""
        return float((self.upper - self.lower).max())

    @property
    def start_value(self) -> float:
        """Value under the model's start distribution, in reward units."""
        return float(self.model.mu @ (self.value if self.value.ndim == 1 else self.value[0]))

    def worst_kernel(self, t: int | None = None) -> np.ndarray:
        """Return the kernel that nature answers with: a minimiser for the values that follow.

        Parameters
        ----------
        t : int, optional
            The step, of a finite horizon; a discounted model has one kernel for all steps.

        Returns
        -------
        ndarray, shape (n_pairs, n_states), or (d, n_states) for a `LinearMDP`
            Distributions over next states; of a `LinearMDP` its factors, to be mixed by the features.

        Raises
        ------
        ModelError
            If there is no such step, or a step is missing or not asked for.
        """
        if self.value.ndim == 1:
            if t is not None:
                raise ModelError(f"t is {t}; a discounted model has the same worst kernel at every step, leave t out")
            return self.nature(0, self.value)
        if t is None or not 0 <= t < len(self.value) - 1:
            raise ModelError(f"there is no step {t}; steps are 0..{len(self.value) - 2}")
        return self.nature(t, self.value[t + 1])

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state (of the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``state, action, value, lower, upper``; of a randomised policy, ``action`` has the probabilities.
        """
        value, lower, upper = (x if x.ndim == 1 else x[0] for x in (self.value, self.lower, self.upper))
        policy = self.policy if self.value.ndim == 1 else self.policy[0] if len(self.policy) else None
        return [
            {
                "state": self.model.state_name(s),
                "action": "" if policy is None else self._action(s, policy[s]),
                "value": float(value[s]),
                "lower": float(lower[s]),
                "upper": float(upper[s]),
            }
            for s in range(value.size)
        ]

    def _action(self, state: int, choice: Any) -> str:
        if np.ndim(choice) == 0:
            return self.model.action_name(state, int(choice))
        played = np.flatnonzero(choice)
        return ", ".join(f"{self.model.action_name(state, int(a))}: {choice[a]:.3g}" for a in played)

    def __repr__(self) -> str:
        return (
            f"RobustSolution({self.status.name}, gap={self.gap:.3g}, values {self.value.min():.6g} to"
            f" {self.value.max():.6g}, {type(self.divergence).__name__}, {self.iterations} rounds of {self.method})"
        )

    def _repr_html_(self) -> str:
        names = ("state", "action", "value", "lower", "upper")
        rows = self.to_rows()
        body = "".join(
            f"<tr><td>{escape(row['state'])}</td><td>{escape(row['action'])}</td>"
            + "".join(f"<td>{row[name]:.6g}</td>" for name in names[2:])
            + "</tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        head = "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more states</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p><table>{head}{body}</table>{more}"
