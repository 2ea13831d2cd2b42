"""What the theorems of policy optimisation are put to the test on."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

from mdps.strategies import unit_reward_mdps
from proofs_check import oracles
from rltheory import MDP


def _visible(mdp: MDP) -> MDP:
    """Let episodes begin anywhere, mostly where they did, so that no state goes unvisited."""
    return mdp.replace(mu=0.5 * mdp.mu + 0.5 / mdp.n_states)


MODELS = unit_reward_mdps(max_states=3)
VISIBLE = MODELS.map(_visible)


def logits(mdp: MDP) -> SearchStrategy[np.ndarray]:
    """Draw moderate logits, one a pair.

    Parameters
    ----------
    mdp : MDP

    Returns
    -------
    SearchStrategy of ndarray, shape (n_pairs,)
    """
    elements = st.integers(-3, 3).map(float) | st.floats(-3, 3, allow_subnormal=False)
    return hnp.arrays(np.float64, mdp.n_pairs, elements=elements, fill=st.nothing())


def positive_policies(mdp: MDP) -> SearchStrategy[np.ndarray]:
    """Draw a policy that takes every action.

    Parameters
    ----------
    mdp : MDP

    Returns
    -------
    SearchStrategy of ndarray, shape (n_states, n_actions)
    """
    return logits(mdp).map(lambda theta: oracles.policy_of(mdp, np.exp(theta)))


def bandit(n_actions: int, gamma: float) -> MDP:
    """Return one state in which one action earns 1, and all others nothing.

    Parameters
    ----------
    n_actions : int
    gamma : float

    Returns
    -------
    MDP
    """
    return MDP.from_pairs(np.ones((n_actions, 1)), np.eye(n_actions)[0], gamma, n_actions=n_actions)


def nearly(mdp: MDP, policy: np.ndarray, rest: float = 1e-9) -> np.ndarray:
    """Return a deterministic policy that takes all other actions with next to no probability.

    Parameters
    ----------
    mdp : MDP
    policy : ndarray of int, shape (n_states,)
    rest : float

    Returns
    -------
    ndarray, shape (n_states, n_actions)
    """
    return oracles.policy_of(mdp, oracles.pair_weights(mdp, policy) + rest)
