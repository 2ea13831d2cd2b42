"""The checks of policies, which name actions by their position among a state's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError


def checked_policy(model: PairModel, policy: Any) -> np.ndarray:
    """Return a stationary policy as int (n_states,) or float (n_states, n_actions), refusing one that does not fit."""
    policy = np.asarray(policy)
    counts = model.action_counts
    if policy.shape == (model.n_states,) and policy.dtype.kind in "iu":
        wrong = (policy < 0) | (policy >= counts)
        if wrong.any():
            s = int(np.argmax(wrong))
            raise ModelError(f"policy takes action {policy[s]} in state {s}; its actions are 0..{counts[s] - 1}")
        return policy.astype(np.int64, copy=False)
    if policy.shape != (model.n_states, model.n_actions) or policy.dtype.kind not in "fiub":
        raise ModelError(
            f"policy has shape {policy.shape} and dtype {policy.dtype}; actions are integers of shape"
            f" ({model.n_states},), probabilities have shape ({model.n_states}, {model.n_actions})"
        )
    policy = policy.astype(np.float64, copy=False)
    wrong = ~((policy >= 0) & ((policy == 0) | (np.arange(model.n_actions) < counts[:, None]))).all(axis=1)
    wrong |= ~(np.abs(policy.sum(axis=1) - 1) <= 1e-9)
    if wrong.any():
        s = int(np.argmax(wrong))
        raise ModelError(f"policy of state {s} is {policy[s]}; it must be a distribution over its {counts[s]} actions")
    return policy


def step_policies(model: PairModel, policy: Any, H: int) -> list[np.ndarray]:
    """Return one checked policy for each step, the same for all if it has no step axis."""
    policy = np.asarray(policy)
    stationary = policy.shape == (model.n_states,) and policy.dtype.kind in "iu"
    stationary |= policy.shape == (model.n_states, model.n_actions) and policy.dtype.kind == "f"
    if stationary:
        return [checked_policy(model, policy)] * H
    if policy.shape[:1] != (H,):
        raise ModelError(
            f"policy has shape {policy.shape}; it must be that of a stationary policy, or have {H} steps first"
        )
    return [checked_policy(model, step) for step in policy]
