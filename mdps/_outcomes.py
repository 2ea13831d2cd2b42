"""How instances are assembled here: arrays of outcomes (next state, probability, reward) that broadcast together."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory import MDP, OutcomeModel


def product_mdp(next_state: np.ndarray, prob: Any, reward: Any, gamma: float, *, mu: Any = None, **names: Any) -> MDP:
    """Return the MDP in which pair (s, a) has the outcomes ``[s, a, :]``; the arrays broadcast to (S, A, B)."""
    next_state, prob, reward = np.broadcast_arrays(next_state, prob, reward)
    n_states, n_actions, width = next_state.shape
    next_state, prob, reward = (array.reshape(-1, width) for array in (next_state, prob, reward))
    return ragged_mdp(next_state, prob, reward, gamma, counts=[n_actions] * n_states, mu=mu, **names)


def ragged_mdp(
    next_state: np.ndarray, prob: Any, reward: Any, gamma: float, *, counts: Any, mu: Any = None, **names: Any
) -> MDP:
    """Return the MDP whose state s has ``counts[s]`` pairs; the arrays broadcast to (n_pairs, B)."""
    next_state, prob, reward = np.broadcast_arrays(next_state, prob, reward)
    pair_start = np.concatenate([[0], np.cumsum(counts)])
    return OutcomeModel(prob, next_state, reward, gamma, mu, pair_start, **names).to_mdp()
