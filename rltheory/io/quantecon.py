"""QuantEcon's ``DiscreteDP``: rewards ``R``, transitions ``Q`` and discount ``beta``, in product or in pair form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def from_quantecon(
    R: Any,
    Q: Any,
    beta: float,
    s_indices: Any = None,
    a_indices: Any = None,
    *,
    mu: Any = None,
    state_names: Sequence[object] | None = None,
    action_names: Sequence[object] | None = None,
) -> MDP:
    """Build an `MDP` from the arguments of ``quantecon.markov.DiscreteDP``.

    Parameters
    ----------
    R : array_like, shape (n, m) or (L,)
        Rewards, in product or in pair form; an infeasible action has ``-inf`` and is left out.
    Q : array_like, shape (n, m, n), or array_like or sparse array, shape (L, n)
        Transition probabilities, in the same form.
    beta : float
        Discount in [0, 1].
    s_indices, a_indices : array_like of int, shape (L,), optional
        State and action of each row of the pair form.
    mu, state_names, action_names
        As for `MDP`.

    Returns
    -------
    MDP
        Where actions were left out, the others keep QuantEcon's numbers as their names.

    Raises
    ------
    ModelError
        If the shapes do not fit together, or a state has no feasible action.

    Examples
    --------
    Two states; the second has one feasible action, number 1:

    >>> import numpy as np
    >>> Q = [[[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [0.0, 1.0]]]
    >>> mdp = from_quantecon([[5.0, 10.0], [-np.inf, -1.0]], Q, beta=0.95)
    >>> mdp
    MDP(2 states, 3 state-action pairs, at most 2 actions, 3 transitions, gamma=0.95)
    >>> mdp.action_name(1, 0)
    '1'
    """
    from scipy.sparse import issparse

    Q = Q if issparse(Q) else np.asarray(Q)
    R = np.asarray(R)
    names = {"mu": mu, "state_names": state_names, "action_names": action_names}
    if Q.ndim == 3 and R.shape == Q.shape[:2]:
        feasible = ~np.isneginf(R)
        return MDP.from_arrays(Q, np.where(feasible, R, 0.0), beta, allowed=feasible, **names)
    if Q.ndim == 2 and R.shape == Q.shape[:1]:
        if s_indices is None or a_indices is None:
            raise ModelError("pair form needs s_indices and a_indices, the state and the action of each row")
        return _from_pair_form(R, Q, beta, states=np.asarray(s_indices), actions=np.asarray(a_indices), **names)
    raise ModelError(
        f"R has shape {R.shape} and Q has {Q.shape}; they must be (n, m) and (n, m, n), or (L,) and (L, n)"
    )


def _from_pair_form(
    R: np.ndarray, Q: Any, beta: float, *, states: np.ndarray, actions: np.ndarray, **names: Any
) -> MDP:
    """Build a model from one row for each pair, leaving out rows whose reward is -inf."""
    if states.shape != R.shape or actions.shape != R.shape:
        raise ModelError(f"s_indices and a_indices have {states.size} and {actions.size} entries; R has {R.size}")
    feasible = ~np.isneginf(R)
    if not feasible.all():
        rows = np.flatnonzero(feasible)
        R, Q, states, actions = R[rows], (Q.tocsr() if hasattr(Q, "tocsr") else Q)[rows], states[rows], actions[rows]
    return MDP.from_pairs(Q, R, beta, states=states, actions=actions, **names)


def to_quantecon(mdp: MDP) -> tuple[np.ndarray, csr_matrix, float, np.ndarray, np.ndarray]:
    """Return the arguments ``(R, Q, beta, s_indices, a_indices)`` of ``quantecon.markov.DiscreteDP``, in pair form.

    Parameters
    ----------
    mdp : MDP
        Any; states may differ in their number of actions.

    Returns
    -------
    R : ndarray, shape (n_pairs,)
    Q : csr_matrix, shape (n_pairs, n_states)
    beta : float
    s_indices, a_indices : ndarray of int, shape (n_pairs,)
        An action is numbered by its position among the state's own, so that policies mean the same on both sides.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5)
    >>> R, Q, beta, s_indices, a_indices = to_quantecon(coin)
    >>> R.tolist(), Q.shape, beta, s_indices.tolist(), a_indices.tolist()
    ([0.0, 1.0], (2, 2), 0.5, [0, 1], [0, 0])
    """
    from scipy.sparse import csr_matrix

    states = mdp.pair_state
    return (
        np.array(mdp.r),
        csr_matrix(mdp.P, copy=True),
        mdp.gamma,
        states,
        np.arange(mdp.n_pairs) - mdp.pair_start[states],
    )
