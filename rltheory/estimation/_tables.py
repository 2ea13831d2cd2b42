"""Policies and models as dense arrays with a step axis, and the ratio of two policies, checked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rltheory.models import CriterionError, Dataset, FiniteHorizonMDP, ModelError
from rltheory.models._pairs import PairModel
from rltheory.models._policies import step_policies


class _EveryAction(PairModel):
    """Sizes of a dataset: every state has every action."""

    def __init__(self, data: Dataset) -> None:
        self.pair_start = np.arange(0, data.n_states * data.n_actions + 1, data.n_actions)
        self.state_names = self.action_names = None


class Dense(NamedTuple):
    """A model of H steps as arrays; actions that a state lacks have rows of zeros."""

    P: np.ndarray
    """(H, n_states, n_actions, n_states)"""
    r: np.ndarray
    """(H, n_states, n_actions)"""
    gamma: float
    mu: np.ndarray


def require_steps(world: Any, *others: type) -> None:
    """Refuse a model without a number of steps, unless it is of one of the other types."""
    if not isinstance(world, (FiniteHorizonMDP, *others)):
        raise ModelError(
            f"model is {type(world).__name__}; episodes have a number of steps, so give a FiniteHorizonMDP"
            " (an MDP's finite_horizon(H))"
        )


def dense(model: FiniteHorizonMDP) -> Dense:
    """Return the tables of every step; an action that a state does not have leads nowhere and earns nothing."""
    require_steps(model)
    H, S, A = model.H, model.n_states, model.n_actions
    P, r = np.zeros((H, S, A, S)), np.zeros((H, S, A))
    states = model.pair_state
    actions = np.arange(model.n_pairs) - model.pair_start[states]
    for t in range(H):
        P[t, states, actions], r[t, states, actions] = model.rows(t).toarray(), model.rewards(t)
    return Dense(P, r, model.gamma, model.mu)


def policy_table(world: FiniteHorizonMDP | Dataset, policy: Any) -> np.ndarray:
    """Return a policy as probabilities of shape (H, n_states, n_actions)."""
    require_steps(world, Dataset)
    model = _EveryAction(world) if isinstance(world, Dataset) else world
    shape = (world.H, world.n_states, world.n_actions)
    steps = step_policies(model, policy, world.H)
    rows = [np.eye(world.n_actions)[step] if step.ndim == 1 else step for step in steps]
    return np.array(rows).reshape(shape)


def ratio_table(world: FiniteHorizonMDP | Dataset, target: Any, behaviour: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the target's probabilities and their ratios to those of the behaviour, shape (H, n_states, n_actions)."""
    pi, b = policy_table(world, target), policy_table(world, behaviour)
    if ((pi > 0) & (b == 0)).any():
        t, s, a = (int(i) for i in np.argwhere((pi > 0) & (b == 0))[0])
        state, action = (s, a) if isinstance(world, Dataset) else (world.state_name(s), world.action_name(s, a))
        raise CriterionError(
            f"behaviour never takes action {action} in state {state} at step {t}, and target does with probability"
            f" {pi[t, s, a]:g}; data say nothing about it, so estimate a target that takes only what was tried"
        )
    return pi, np.divide(pi, b, out=np.zeros_like(pi), where=b > 0)


def action_table(world: FiniteHorizonMDP | Dataset, q: Any, name: str = "q") -> np.ndarray:
    """Return one number for each pair and step, shape (H, n_states, n_actions); without a step axis for all steps."""
    shape = (world.H, world.n_states, world.n_actions)
    q = np.asarray(q, dtype=float)
    if q.shape not in (shape, shape[1:]):
        raise ModelError(f"{name} has shape {q.shape}; one number for each pair has shape {shape[1:]}, or {shape}")
    if not np.isfinite(q).all():
        raise ModelError(f"{name} has an entry that is not finite")
    return np.broadcast_to(q, shape)
