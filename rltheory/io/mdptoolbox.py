"""MDPToolbox: one transition matrix for each action, ``P[a, s, s2]``, and rewards in any of its shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError


def from_mdptoolbox(
    P: Any,
    R: Any,
    gamma: float,
    *,
    mu: Any = None,
    state_names: Sequence[object] | None = None,
    action_names: Sequence[object] | None = None,
) -> MDP:
    """Build an `MDP` from the arrays that MDPToolbox takes.

    Parameters
    ----------
    P : array_like, shape (n_actions, n_states, n_states), or sequence of sparse (n_states, n_states)
        ``P[a][s, s2]``.
    R : array_like, shape (n_states,), (n_states, n_actions) or (n_actions, n_states, n_states), or sequence of sparse
        Rewards of states, of pairs, or of transitions (their expectation is taken).
    gamma : float
        Discount in [0, 1].
    mu, state_names, action_names
        As for `MDP`.

    Returns
    -------
    MDP

    Raises
    ------
    ModelError
        As for `MDP.from_arrays`.

    Examples
    --------
    The toolbox's own forest of three ages: wait, or cut:

    >>> wait = [[0.1, 0.9, 0.0], [0.1, 0.0, 0.9], [0.1, 0.0, 0.9]]
    >>> cut = [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    >>> from_mdptoolbox([wait, cut], [[0, 0], [0, 1], [4, 2]], gamma=0.96)
    MDP(3 states, 6 state-action pairs, at most 2 actions, 9 transitions, gamma=0.96)
    """
    from scipy.sparse import issparse

    if isinstance(P, np.ndarray) and P.dtype == object:  # the toolbox's array of matrices
        P = list(P)
    if hasattr(R, "toarray"):
        R = R.toarray()
    elif isinstance(R, (list, tuple, np.ndarray)) and len(R) and all(issparse(rewards) for rewards in R):
        R = _expected_by_action(P, R)
    return MDP.from_arrays(
        P,
        R,
        gamma,
        axes="ass",
        mu=mu,
        state_names=state_names,
        action_names=action_names,
    )


def to_mdptoolbox(mdp: MDP, *, sparse: bool = False) -> tuple[Any, np.ndarray, float]:
    """Return the arrays ``(P, R, gamma)`` for a class of MDPToolbox, such as ``mdptoolbox.mdp.PolicyIteration``.

    Parameters
    ----------
    mdp : MDP
        Every state with the same number of actions.
    sparse : bool
        Whether ``P`` is a list of CSR matrices, one for each action, instead of one dense array.

    Returns
    -------
    P : ndarray, shape (n_actions, n_states, n_states), or list of csr_matrix
    R : ndarray, shape (n_states, n_actions)
    gamma : float

    Raises
    ------
    ModelError
        If states differ in their number of actions, which the toolbox cannot express.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5)
    >>> P, R, gamma = to_mdptoolbox(coin)
    >>> P.shape, R.tolist(), gamma
    ((1, 2, 2), [[0.0], [1.0]], 0.5)
    """
    from scipy.sparse import csr_matrix

    counts = mdp.action_counts
    if (counts != counts[0]).any():
        state = int(np.argmax(counts != counts[0]))
        raise ModelError(
            f"state 0 has {counts[0]} actions and state {state} has {counts[state]}; MDPToolbox needs the same number"
            " in every state (to_quantecon keeps such models as they are)"
        )
    n_actions = int(counts[0])
    R = np.array(mdp.r.reshape(mdp.n_states, n_actions))
    if sparse:
        return [csr_matrix(mdp.P[a::n_actions]) for a in range(n_actions)], R, mdp.gamma
    by_state = mdp.P.toarray().reshape(mdp.n_states, n_actions, mdp.n_states)
    return np.ascontiguousarray(by_state.transpose(1, 0, 2)), R, mdp.gamma


def _expected_by_action(P: Any, R: Any) -> np.ndarray:
    """Return the expected reward of each pair, (n_states, n_actions), from one sparse matrix of rewards an action."""
    from scipy.sparse import csr_array

    if len(P) != len(R):
        raise ModelError(f"P has {len(P)} actions and R has {len(R)}")
    columns = []
    for action, (probabilities, rewards) in enumerate(zip(P, R, strict=True)):
        if np.shape(probabilities) != rewards.shape:
            raise ModelError(f"R of action {action} has shape {rewards.shape}; P has {np.shape(probabilities)}")
        columns.append(np.asarray(csr_array(probabilities).multiply(csr_array(rewards)).sum(axis=1)).reshape(-1))
    return np.stack(columns, axis=1)
