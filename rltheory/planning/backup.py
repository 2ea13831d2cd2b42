r"""The Bellman backup, the one step that every planning algorithm repeats.

.. math:: (T v)(s) = \max_a q(s, a), \qquad q(s, a) = r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, v(s')

and, for a policy, :math:`(T_\pi v)(s) = \sum_a \pi(a \mid s)\, q(s, a)` (Bellman 1957; Puterman 2005, section 6.2).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP, ModelError
from rltheory.models._policies import checked_policy
from rltheory.planning import _kernels
from rltheory.planning.threads import cut, on_each

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def backup(mdp: MDP, v: Any) -> tuple[np.ndarray, np.ndarray]:
    r"""Apply the Bellman optimality operator once.

    .. math:: (T v)(s) = \max_a \Big\{ r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, v(s') \Big\}

    Parameters
    ----------
    mdp : MDP
        The model.
    v : array_like, shape (n_states,)
        Values, in reward units.

    Returns
    -------
    backed_up : ndarray, shape (n_states,)
        ``T v``.
    policy : ndarray of int, shape (n_states,)
        The greedy policy of ``v``; ties go to the lowest action.

    Raises
    ------
    ModelError
        If ``v`` has the wrong shape or is not finite.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> rl.planning.backup(mdp, [0.0, 4.0])
    (array([2., 4.]), array([0, 0]))
    """
    v = checked_value(mdp, v)
    backed_up, policy = np.empty(mdp.n_states), np.empty(mdp.n_states, dtype=np.int64)
    bellman_sweep(mdp)(v, backed_up, policy)
    return backed_up, policy


BellmanSweep = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[float, float, float]]
"""``sweep(v, backed_up, policy)`` fills its last two arguments.

It returns the least and the largest entry of ``T v - v``, and the largest absolute value of ``v`` and ``T v``.
"""


def bellman_sweep(mdp: MDP) -> BellmanSweep:
    """Return the unchecked `backup` for loops."""
    return sweep_of_rows(mdp.P, mdp.r, mdp.pair_start, mdp.gamma)


def sweep_of_rows(P: csr_array, r: np.ndarray, pair_start: np.ndarray, gamma: float) -> BellmanSweep:
    """Return what `bellman_sweep` does, for pair rows that are not a model's."""
    rows, parts = kernel_arrays(P, r, pair_start), cut(P.indptr[pair_start])

    def sweep(v: np.ndarray, backed_up: np.ndarray, policy: np.ndarray) -> tuple[float, float, float]:
        loop = partial(_kernels.bellman, *rows, gamma, _read_only(v), backed_up, policy)
        low, high, size = zip(*on_each(parts, loop), strict=True)
        return min(low), max(high), max(size)

    return sweep


def largest_reward(mdp: MDP) -> np.ndarray:
    """Return ``T 0``, the first iterate, which needs no sweep: the largest reward of each state."""
    return np.maximum.reduceat(mdp.r, mdp.pair_start[:-1])


def q_values(mdp: MDP, v: Any) -> np.ndarray:
    r"""Return :math:`q(s, a) = r(s, a) + \gamma \sum_{s'} P(s' \mid s, a) v(s')` for every pair.

    Parameters
    ----------
    mdp : MDP
        The model.
    v : array_like, shape (n_states,)
        Values, in reward units.

    Returns
    -------
    ndarray, shape (n_pairs,)
        In the order of the rows of ``mdp.P``.

    Raises
    ------
    ModelError
        If ``v`` has the wrong shape or is not finite.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> rl.planning.q_values(mdp, [0.0, 4.0])
    array([2. , 0.5, 4. , 4. ])
    """
    return mdp.r + mdp.gamma * (mdp.P @ checked_value(mdp, v))


def greedy(mdp: MDP, v: Any) -> np.ndarray:
    """Return the greedy policy of a value; ties go to the lowest action.

    Parameters
    ----------
    mdp : MDP
        The model.
    v : array_like, shape (n_states,)
        Values, in reward units.

    Returns
    -------
    ndarray of int, shape (n_states,)

    Raises
    ------
    ModelError
        If ``v`` has the wrong shape or is not finite.
    """
    return backup(mdp, v)[1]


def policy_backup(mdp: MDP, v: Any, policy: Any) -> np.ndarray:
    r"""Apply a policy's operator once: :math:`(T_\pi v)(s) = \sum_a \pi(a \mid s)\, q(s, a)`.

    Parameters
    ----------
    mdp : MDP
        The model.
    v : array_like, shape (n_states,)
        Values, in reward units.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).

    Returns
    -------
    ndarray, shape (n_states,)

    Raises
    ------
    ModelError
        If ``v`` or ``policy`` does not fit the model; the message names the state.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> rl.planning.policy_backup(mdp, [0.0, 4.0], [[0.5, 0.5], [1, 0]])
    array([1.25, 4.  ])
    """
    v = checked_value(mdp, v)
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, checked_policy(mdp, policy))
    return r_policy + mdp.gamma * (P_policy @ v)


def kernel_arrays(P: csr_array, r: np.ndarray, pair_start: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the arrays of pair rows as the kernels read them, unsigned and read-only; nothing is copied."""
    return (*unsigned_rows(P), _read_only(r), _read_only(pair_start))


def unsigned_rows(P: csr_array) -> tuple[np.ndarray, ...]:
    """Return offsets, columns and data of CSR rows as the kernels read them."""
    unsigned = np.uint32 if P.indices.dtype == np.int32 else np.uint64
    return tuple(_read_only(array) for array in (P.indptr.view(unsigned), P.indices.view(unsigned), P.data))


def checked_value(model: MDP | FiniteHorizonMDP, v: Any) -> np.ndarray:
    """Return a value vector as the kernels read it, refusing one that does not fit the model."""
    v = np.ascontiguousarray(v, dtype=np.float64)
    if v.shape != (model.n_states,):
        raise ModelError(f"v has shape {v.shape}; with {model.n_states} states it must be ({model.n_states},)")
    if not np.isfinite(v).all():
        state = int(np.argmax(~np.isfinite(v)))
        raise ModelError(f"v of state {state} is {v[state]}; values are finite")
    return _read_only(v)


def policy_rows(
    P: csr_array, r: np.ndarray, pair_start: np.ndarray, policy: np.ndarray
) -> tuple[csr_array, np.ndarray]:
    """Return the kernel (n_states, n_states) and the reward (n_states,) that a checked policy induces."""
    if policy.ndim == 1:
        rows = pair_start[:-1] + policy
        return P[rows], r[rows]
    weights = policy_weights(pair_start, policy)
    return weights @ P, weights @ r


def policy_weights(pair_start: np.ndarray, policy: np.ndarray) -> csr_array:
    """Return the probabilities of a stochastic policy as a sparse (n_states, n_pairs) array."""
    from scipy.sparse import csr_array

    counts = np.diff(pair_start)
    owned = np.arange(policy.shape[1]) < counts[:, None]
    n_pairs = int(pair_start[-1])
    return csr_array((policy[owned], np.arange(n_pairs), pair_start), shape=(counts.size, n_pairs))


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
