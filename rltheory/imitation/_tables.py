"""Policies as tables (H, n_states, n_actions), how often states are visited, and what a learner can tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.models._policies import step_policies
from rltheory.planning import occupancy


def checked_model(model: FiniteHorizonMDP) -> FiniteHorizonMDP:
    """Return a model without discount in which every state has every action."""
    if not isinstance(model, FiniteHorizonMDP):
        raise CriterionError(f"a {type(model).__name__} has no horizon; mdp.finite_horizon(H) sets one")
    if model.gamma != 1:
        raise CriterionError(f"gamma is {model.gamma}; imitation is about models of finite horizon with gamma = 1")
    counts = model.action_counts
    if (counts < model.n_actions).any():
        s = int(np.argmax(counts < model.n_actions))
        raise ModelError(f"state {s} has {counts[s]} of {model.n_actions} actions; an imitator may take any anywhere")
    return model


def probabilities(model: FiniteHorizonMDP, policy: Any) -> np.ndarray:
    """Return a policy of any form as probabilities, shape (H, n_states, n_actions)."""
    steps = step_policies(model, policy, model.H)
    tables = [np.eye(model.n_actions)[step] if step.ndim == 1 else step for step in steps]
    return np.array(tables).reshape(model.H, model.n_states, model.n_actions)


def state_visits(model: FiniteHorizonMDP, policy: np.ndarray) -> np.ndarray:
    """Return the probability of each state at each step, shape (H, n_states)."""
    pairs = occupancy(model, policy)
    return pairs.reshape(model.H, model.n_states, model.n_actions).sum(axis=2)


def checked_groups(groups: Any, n_states: int) -> np.ndarray:
    """Return what the learner sees of each state, as numbers 0, 1, ...; by default the state itself."""
    if groups is None:
        return np.arange(n_states)
    groups = np.asarray(groups)
    if groups.shape != (n_states,):
        raise ModelError(f"groups has shape {groups.shape}; one label is needed for each of {n_states} states")
    return np.unique(groups, return_inverse=True)[1].reshape(-1)


def pooled(table: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Add up a table (H, n_states, n_actions) over the states of each group."""
    return np.einsum("tsa,sg->tga", table, np.eye(int(groups.max()) + 1)[groups])


def frequencies(counts: np.ndarray) -> np.ndarray:
    """Divide counts (..., n_actions) by their sums; where nothing was counted, all actions are alike."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1 / counts.shape[-1])
