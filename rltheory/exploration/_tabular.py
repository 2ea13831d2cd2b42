"""What tabular learners ask of a model, checked at the edge, and the arrays that their kernels read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rltheory.exploration._checked import checked_vmax
from rltheory.exploration.learning_run import LearningRun
from rltheory.exploration.radius import Radius, Scaled, Theory
from rltheory.models import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.models._drawable import drawable


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A model as dense arrays: ``P`` and ``cumulative`` have one step where the kernel does not change.

    ``q`` is the best that each pair can give, shape (H, n_states, n_actions), and ``optimum`` what the start can.
    """

    P: np.ndarray
    cumulative: np.ndarray
    r: np.ndarray
    mu: np.ndarray
    mu_cumulative: np.ndarray
    vmax: float
    q: np.ndarray
    optimum: float

    @property
    def world(self) -> tuple[np.ndarray, ...]:
        """The arguments with which every kernel begins."""
        return self.P, self.cumulative, self.r, self.mu, self.mu_cumulative


def tables(mdp: FiniteHorizonMDP, *, vmax: float | None = None, stationary: bool = False) -> Tables:
    """Return the arrays of a model that a tabular learner can play."""
    if not isinstance(mdp, FiniteHorizonMDP):
        raise CriterionError(f"a {type(mdp).__name__} has no horizon; mdp.finite_horizon(H) sets one")
    if mdp.gamma != 1:
        raise CriterionError(f"gamma is {mdp.gamma:g}; learners of episodes add up rewards, so gamma must be 1")
    if mdp.H == 0:
        raise ModelError("H is 0; an episode needs at least one step")
    counts = mdp.action_counts
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise ModelError(f"state {odd} has {counts[odd]} actions and state 0 has {counts[0]}; all need as many")
    shape = (mdp.H, mdp.n_states, int(counts[0]))
    P = np.array([mdp.rows(t).toarray() for t in range(mdp.H)]).reshape(*shape, mdp.n_states)
    r = np.array([mdp.rewards(t) for t in range(mdp.H)]).reshape(shape)
    changes = (P[:1] != P).any(axis=(1, 2, 3))
    if changes.any() and stationary:
        raise ModelError(
            f"the kernel of step {int(np.argmax(changes))} is not that of step 0; this learner pools steps"
        )
    P = P if changes.any() else P[:1].copy()
    vmax = checked_vmax(P, r, float(mdp.H) if vmax is None else vmax)
    q = best_q(P, r)
    optimum = float(mdp.mu @ q[0].max(axis=1))
    return Tables(P, drawable(P), r, np.array(mdp.mu), drawable(mdp.mu), vmax, q, optimum)


def best_q(P: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the value of each pair under the best actions afterwards, shape (H, n_states, n_actions)."""
    q = np.array(r)
    for t in reversed(range(len(r) - 1)):
        q[t] += P[min(t, len(P) - 1)] @ q[t + 1].max(axis=1)
    return q


def checked_eps(eps: float) -> float:
    """Return an accuracy to stop at, a finite number of at least 0."""
    if not 0 <= eps < np.inf:
        raise ModelError(f"eps is {eps!r}; the accuracy to stop at is a finite number of at least 0")
    return float(eps)


def without_rewards(mdp: FiniteHorizonMDP) -> FiniteHorizonMDP:
    """Return the model with rewards of 0, for learners that do not look at them."""
    if not isinstance(mdp, FiniteHorizonMDP):
        raise CriterionError(f"a {type(mdp).__name__} has no horizon; mdp.finite_horizon(H) sets one")
    return replace(mdp, r=np.zeros_like(mdp.r))


def bonus_scale(radius: Radius, method: str) -> float:
    """Return what multiplies the theorem's bonus, for learners whose only radii are the theorem's and a part of it."""
    if isinstance(radius, Theory):
        return 1.0
    if isinstance(radius, Scaled):
        return radius.c
    raise ModelError(f"radius is {radius!r}; {method} knows Theory() and Scaled(c)")


def optimist_run(
    method: str,
    known: Tables,
    values: np.ndarray,
    believed: np.ndarray,
    error: np.ndarray,
    policy: np.ndarray,
    policies: np.ndarray | None,
) -> LearningRun:
    """Return the run of a learner of bonuses, which is covered while no pair's estimate falls short of its optimum."""
    return LearningRun(
        method,
        known.optimum,
        known.optimum - values,
        policy,
        optimistic_value=believed,
        radius=np.zeros(error.size),
        error=error,
        policies=policies,
    )
