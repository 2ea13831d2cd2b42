"""Policies as logarithms of probabilities, one number a pair: a softmax never underflows there."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.models import _validation as valid
from rltheory.models._policies import checked_policy
from rltheory.planning.backup import policy_rows
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.linear_systems import solve_policy_system


def log_softmax(mdp: MDP, logits: np.ndarray) -> np.ndarray:
    """Return the logarithms of the softmax of each state's logits."""
    starts, owner = mdp.pair_start[:-1], mdp.pair_state
    shifted = logits - np.maximum.reduceat(logits, starts)[owner]
    return shifted - np.log(np.add.reduceat(np.exp(shifted), starts))[owner]


def table(mdp: MDP, logs: np.ndarray) -> np.ndarray:
    """Return probabilities of shape (n_states, n_actions), 0 where a state lacks the action."""
    policy = np.zeros((mdp.n_states, mdp.n_actions))
    policy[mdp.pair_state, np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]] = np.exp(logs)
    return policy


def value_of(mdp: MDP, logs: np.ndarray, r: np.ndarray | None = None) -> np.ndarray:
    """Return the value of a policy by a linear solve, for the model's rewards or others."""
    P_policy, r_policy = policy_rows(mdp.P, mdp.r if r is None else r, mdp.pair_start, table(mdp, logs))
    return solve_policy_system(P_policy, mdp.gamma, r_policy)[0]


def action_values(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """Return ``r + gamma P v``, one number a pair."""
    return mdp.r + mdp.gamma * (mdp.P @ v)


def checked_start(mdp: MDP, policy: Any) -> np.ndarray:
    """Return the logarithms of a policy that takes every action, the uniform one by default."""
    require_discounted(mdp)
    if policy is None:
        return log_softmax(mdp, np.zeros(mdp.n_pairs))
    policy = checked_policy(mdp, policy)
    if policy.ndim == 1:
        policy = np.eye(mdp.n_actions)[policy]
    taken = policy[mdp.pair_state, np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]]
    if not (taken > 0).all():
        row = int(np.argmin(taken > 0))
        raise ModelError(
            f"policy never takes {valid.place(row, mdp.pair_start)}; a softmax never returns to an action of"
            " probability 0, so it must be positive everywhere"
        )
    return log_softmax(mdp, np.log(taken))


def checked_logits(mdp: MDP, logits: Any) -> np.ndarray:
    """Return logits as floats, one a pair, refusing those that do not fit."""
    require_discounted(mdp)
    logits = np.zeros(mdp.n_pairs) if logits is None else valid.real_array(logits, "logits")
    if logits.shape != (mdp.n_pairs,) or not np.isfinite(logits).all():
        raise ModelError(f"logits has shape {logits.shape}; {mdp.n_pairs} finite numbers are needed, one for each pair")
    return logits
