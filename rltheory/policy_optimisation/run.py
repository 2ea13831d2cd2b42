"""What a climb leaves behind: every policy it visited, and the exact value of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.models._validation import frozen
from rltheory.policy_optimisation._logits import table, value_of


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyRun:
    """The policies of a climb, from the first one on.

    Parameters
    ----------
    policies : ndarray, shape (K + 1, n_states, n_actions)
        Probabilities; 0 for an action that a state does not have.
    values : ndarray, shape (K + 1, n_states)
        The value of each, by a linear solve, in reward units. Of `entropy_policy_gradient`, the soft value.
    steps : ndarray, shape (K,)
        The step sizes.
    model : MDP
        What was climbed.
    """

    policies: np.ndarray
    values: np.ndarray
    steps: np.ndarray
    model: MDP = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("policies", "values", "steps"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def start_values(self) -> np.ndarray:
        """Value of each policy under the model's start distribution, in reward units."""
        return self.values @ self.model.mu

    @property
    def mixture_value(self) -> np.ndarray:
        """Value of drawing one of the policies, each with the same probability, and keeping it for ever."""
        return self.values.mean(axis=0)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each policy.

        Returns
        -------
        list of dict
            With keys ``iteration, start_value, least_value, largest_value``.
        """
        return [
            {
                "iteration": k,
                "start_value": float(start),
                "least_value": float(v.min()),
                "largest_value": float(v.max()),
            }
            for k, (start, v) in enumerate(zip(self.start_values, self.values, strict=True))
        ]

    def __repr__(self) -> str:
        start = self.start_values
        return f"PolicyRun({len(self.steps)} steps, start value {start[0]:.6g} -> {start[-1]:.6g})"


def record(mdp: MDP, logs: list[np.ndarray], steps: list[float]) -> PolicyRun:
    """Return the run of these policies, given as logarithms of probabilities, with their values."""
    policies = np.array([table(mdp, one) for one in logs])
    return PolicyRun(policies, np.array([value_of(mdp, one) for one in logs]), np.array(steps, float), mdp)
