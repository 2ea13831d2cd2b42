"""What one learner loses against one expert, exactly, beside what the two theorems promise of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.imitation import bounds
from rltheory.imitation._tables import checked_model, probabilities
from rltheory.imitation.losses import disagreement, recoverability
from rltheory.models import FiniteHorizonMDP
from rltheory.models._validation import frozen
from rltheory.planning import evaluate_policy


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Imitation:
    """A comparison of a learner with an expert, in a model that is known.

    Parameters
    ----------
    expert_value, value : float
        Expected return of both from the start distribution, in reward units.
    seen_errors, own_errors : ndarray, shape (H,)
        Error of each step where the expert goes, and where the learner goes (`disagreement`).
    recoverability : ndarray, shape (H,)
        Most that a wrong action costs if the expert goes on (`recoverability`), in reward units.
    width : float
        Largest reward less the smallest.
    """

    expert_value: float
    value: float
    seen_errors: np.ndarray
    own_errors: np.ndarray
    recoverability: np.ndarray
    width: float

    def __post_init__(self) -> None:
        for name in ("seen_errors", "own_errors", "recoverability"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def gap(self) -> float:
        """What the learner loses, in reward units; negative if it is better than the expert."""
        return self.expert_value - self.value

    @property
    def cloning_bound(self) -> float:
        """What it loses at most by what is seen where the expert goes (`bounds.cloning_gap`)."""
        return self.width * bounds.cloning_gap(self.seen_errors)

    @property
    def interaction_bound(self) -> float:
        """What it loses at most by what is seen where it goes itself (`bounds.interaction_gap`)."""
        return bounds.interaction_gap(self.own_errors, self.recoverability)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each step.

        Returns
        -------
        list of dict
            With keys ``step, seen_error, own_error, recoverability``.
        """
        columns = zip(self.seen_errors, self.own_errors, self.recoverability, strict=True)
        return [
            {"step": t, "seen_error": float(seen), "own_error": float(own), "recoverability": float(u)}
            for t, (seen, own, u) in enumerate(columns)
        ]

    def __repr__(self) -> str:
        return (
            f"Imitation(gap {self.gap:.6g}, at most {self.cloning_bound:.6g} by what was seen,"
            f" {self.interaction_bound:.6g} by its own errors)"
        )


def certify(model: FiniteHorizonMDP, expert: Any, policy: Any) -> Imitation:
    """Compare a learner with an expert, exactly.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Without discount.
    expert, policy : array_like
        As for `rltheory.evaluate_policy`.

    Returns
    -------
    Imitation

    Raises
    ------
    CriterionError
        If the model has no horizon, or a discount.
    ModelError
        If a policy does not fit, or a state lacks an action.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import imitation
    >>> imitation.certify(*mdps.steep_path(10, error=0.01))
    Imitation(gap 0.533825, at most 0.55 by what was seen, 0.533825 by its own errors)
    """
    checked_model(model)
    expert, policy = probabilities(model, expert), probabilities(model, policy)
    rewards = np.array([model.rewards(t) for t in range(model.H)])
    return Imitation(
        expert_value=start_value(model, expert),
        value=start_value(model, policy),
        seen_errors=disagreement(model, expert, policy),
        own_errors=disagreement(model, expert, policy, visited_by=policy),
        recoverability=recoverability(model, expert),
        width=float(np.ptp(rewards)) if model.H else 0.0,
    )


def start_value(model: FiniteHorizonMDP, policy: np.ndarray) -> float:
    """Return the expected return of a policy from the start distribution."""
    return float(model.mu @ evaluate_policy(model, policy).value[0])
