r"""The value of a given policy, and how often it visits each state-action pair.

.. math:: v^\pi = r_\pi + \gamma P_\pi v^\pi, \qquad
          x_\pi(s, a) = \pi(a \mid s)\, d(s), \quad d = \mu + \gamma P_\pi^\top d,
          \qquad \mu \cdot v^\pi = r \cdot x_\pi

(Puterman 2005, sections 6.1 and 6.9). A value is enclosed from its residual, as in `enclosure`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP
from rltheory.models._policies import checked_policy, step_policies
from rltheory.planning.backup import policy_rows, policy_weights
from rltheory.planning.enclosure import enclose_fixed_point, require_discounted
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.memory import require_memory
from rltheory.planning.rounding import growth, outward, row_error, row_sum_error
from rltheory.planning.solution import PolicyValue


def evaluate_policy(model: MDP | FiniteHorizonMDP, policy: Any) -> PolicyValue:
    """Compute the value of a policy, with proven bounds.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        An MDP with ``gamma < 1``, or a model of finite horizon.
    policy : array_like
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions); for a finite horizon also with a
        leading axis of length H.

    Returns
    -------
    PolicyValue
        ``lower <= v^policy <= upper``, rounding included.

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1.
    ModelError
        If the policy does not fit the model; the message names the state.

    References
    ----------
    Puterman (2005), theorem 6.1.1.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> rl.evaluate_policy(mdp, [1, 0]).value
    array([1., 4.])
    """
    if isinstance(model, FiniteHorizonMDP):
        return _evaluate_steps(model, step_policies(model, policy, model.H))
    require_discounted(model)
    policy = checked_policy(model, policy)
    P_policy, r_policy = policy_rows(model.P, model.r, model.pair_start, policy)
    v, method = solve_policy_system(P_policy, model.gamma, r_policy)
    backed_up, error, eta = _policy_backup_with_error(model.P, model.r, model.pair_start, model.gamma, v, policy)
    lower, upper = enclose_fixed_point(backed_up, error, v, model.gamma, eta)
    return PolicyValue(lower + (upper - lower) / 2, lower, upper, method)


def occupancy(model: MDP | FiniteHorizonMDP, policy: Any) -> np.ndarray:
    r"""Compute how often a policy visits each state-action pair, starting from ``mu``.

    .. math:: x(s, a) = \sum_t \gamma^t \Pr(s_t = s, a_t = a)

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        An MDP with ``gamma < 1``, or a model of finite horizon.
    policy : array_like
        As for `evaluate_policy`.

    Returns
    -------
    ndarray
        For an MDP, shape (n_pairs,): expected discounted visits, which sum to ``1 / (1 - gamma)``. For a finite
        horizon, shape (H, n_pairs): the probability of each pair at each step, undiscounted; every step sums to 1.

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1.
    ModelError
        If the policy does not fit the model; the message names the state.

    References
    ----------
    Puterman (2005), theorem 6.9.1.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5, mu=0)
    >>> rl.occupancy(mdp, [0, 0])
    array([1., 0., 1., 0.])
    """
    if isinstance(model, FiniteHorizonMDP):
        return _step_occupancies(model, step_policies(model, policy, model.H))
    require_discounted(model)
    policy = checked_policy(model, policy)
    P_policy, _ = policy_rows(model.P, model.r, model.pair_start, policy)
    visits, _ = solve_policy_system(P_policy, model.gamma, model.mu, transpose=True)
    return _pair_probabilities(model.pair_start, policy, visits)


def _policy_backup_with_error(
    P: Any, r: np.ndarray, pair_start: np.ndarray, gamma: float, v: np.ndarray, policy: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return ``T_pi v``, a bound on its rounding error in each state, and how far its rows are from sum one."""
    if policy.ndim == 1:
        P_policy, r_policy = policy_rows(P, r, pair_start, policy)
        q = r_policy + gamma * (P_policy @ v)
        return q, row_error(P_policy, r_policy, gamma, v), row_sum_error(P_policy)
    q = r + gamma * (P @ v)
    weights = policy_weights(pair_start, policy)
    terms = policy.shape[1]
    error = outward(weights @ row_error(P, r, gamma, v) + growth(terms) * (weights @ np.abs(q)), terms)
    eta, eta_weights = row_sum_error(P), row_sum_error(weights)
    return weights @ q, error, outward(eta + eta_weights + eta * eta_weights, 3)


def _evaluate_steps(model: FiniteHorizonMDP, policies: list[np.ndarray]) -> PolicyValue:
    """Return the value of a policy by backward recursion, with the accumulated rounding error."""
    require_memory(32.0 * (model.H + 1) * model.n_states, f"{model.H:,} steps of {model.n_states:,} states")
    value, radius = np.zeros((model.H + 1, model.n_states)), np.zeros((model.H + 1, model.n_states))
    for t in reversed(range(model.H)):
        value[t], error, eta = _policy_backup_with_error(
            model.rows(t), model.rewards(t), model.pair_start, model.gamma, value[t + 1], policies[t]
        )
        radius[t] = outward(error + model.gamma * (1 + eta) * radius[t + 1].max(initial=0.0), 4)
    lower, upper = np.nextafter(value - radius, -np.inf), np.nextafter(value + radius, np.inf)
    lower[model.H], upper[model.H] = 0.0, 0.0
    return PolicyValue(value, lower, upper, "backward recursion")


def _step_occupancies(model: FiniteHorizonMDP, policies: list[np.ndarray]) -> np.ndarray:
    visits = np.empty((model.H, model.n_pairs))
    d = model.mu
    for t, policy in enumerate(policies):
        visits[t] = _pair_probabilities(model.pair_start, policy, d)
        d = model.rows(t).T @ visits[t]
    return visits


def _pair_probabilities(pair_start: np.ndarray, policy: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return ``pi(a|s) d(s)`` for every pair."""
    if policy.ndim == 1:
        x = np.zeros(int(pair_start[-1]))
        x[pair_start[:-1] + policy] = d
        return x
    return policy_weights(pair_start, policy).T @ d
