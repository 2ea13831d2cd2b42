"""The iterates of the classical algorithms, one at a time, for teaching and for checking theorems about them.

Nothing is hidden in a loop: `value_iterates` and `policy_iterates` are the textbook recurrences, and ``for`` is the
rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning.backup import backup, checked_policy, checked_value, policy_rows
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.policy_iteration import first_policy, improve, policy_solve

__all__ = ["Iterate", "modified_policy_iterates", "policy_iterates", "value_iterates"]


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """One round of an algorithm.

    Parameters
    ----------
    value : ndarray, shape (n_states,)
        The current value, in reward units.
    policy : ndarray of int, shape (n_states,)
        The policy of this round: greedy for ``value``, or in policy iteration the one whose value ``value`` is.
    residual : ndarray, shape (n_states,)
        ``T value - value``, from which bounds follow.
    """

    value: np.ndarray
    policy: np.ndarray
    residual: np.ndarray


def value_iterates(mdp: MDP, v0: Any = None) -> Iterator[Iterate]:
    """Yield ``v0, T v0, T T v0, ...`` without end, each with its greedy policy and residual.

    Parameters
    ----------
    mdp : MDP
        Any discount: at ``gamma = 1`` these are the values of longer and longer horizons.
    v0 : array_like, shape (n_states,), optional
        First value; zero by default.

    Yields
    ------
    Iterate

    Raises
    ------
    ModelError
        If ``v0`` does not fit the model.

    Examples
    --------
    >>> from itertools import islice
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> [float(iterate.value[0]) for iterate in islice(rl.planning.value_iterates(mdp), 4)]
    [0.0, 1.0, 1.5, 1.75]
    """
    v = np.zeros(mdp.n_states) if v0 is None else checked_value(mdp, v0)
    while True:
        backed_up, policy = backup(mdp, v)
        yield Iterate(v, policy, backed_up - v)
        v = backed_up


def policy_iterates(mdp: MDP, policy0: Any = None) -> Iterator[Iterate]:
    """Yield the policies of Howard's policy iteration with their values, until the policy is optimal.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    policy0 : array_like of int, shape (n_states,), optional
        First policy; by default greedy for immediate rewards.

    Yields
    ------
    Iterate
        The last one is optimal, up to rounding.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If ``policy0`` does not fit the model.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.9)
    >>> [iterate.policy.tolist() for iterate in rl.planning.policy_iterates(mdp)]
    [[1, 0], [0, 0]]
    """
    require_discounted(mdp)
    policy = first_policy(mdp) if policy0 is None else checked_policy(mdp, policy0)
    while True:
        v, _ = policy_solve(mdp, policy)
        improved, gain = improve(mdp, v, policy)
        yield Iterate(v, policy, gain)
        if np.array_equal(improved, policy):
            return
        policy = improved


def modified_policy_iterates(mdp: MDP, m: int, v0: Any = None) -> Iterator[Iterate]:
    """Yield the values of modified policy iteration, ``v <- (T_pi)^m v`` for the greedy policy, without end.

    Parameters
    ----------
    mdp : MDP
        Any discount.
    m : int
        Sweeps with each policy; 1 is value iteration.
    v0 : array_like, shape (n_states,), optional
        First value; zero by default.

    Yields
    ------
    Iterate

    Raises
    ------
    ModelError
        If ``m`` is below 1 or ``v0`` does not fit the model.

    Examples
    --------
    >>> from itertools import islice
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> [float(iterate.value[0]) for iterate in islice(rl.planning.modified_policy_iterates(mdp, m=2), 3)]
    [0.0, 1.5, 1.875]
    """
    if m < 1:
        raise ModelError(f"m is {m}; a policy is swept at least once")
    v = np.zeros(mdp.n_states) if v0 is None else checked_value(mdp, v0)
    while True:
        backed_up, policy = backup(mdp, v)
        yield Iterate(v, policy, backed_up - v)
        P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
        v = backed_up
        for _ in range(m - 1):
            v = r_policy + mdp.gamma * (P_policy @ v)
