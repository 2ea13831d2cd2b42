r"""How noisy are the estimators? Exactly, by dynamic programming, where no simulation would ever find out.

The noise of likelihood ratios sits in episodes that are hardly ever seen, so that the spread of data understates it.
In a model it is a sum, and sums over episodes have a recursion. With :math:`A, B, C` the expectations of
:math:`\rho_{t:H-1}^2` times :math:`1, G_t, G_t^2`, where :math:`G_t` is the return from step t, and
:math:`M_t x\,(s) = \sum_a \frac{\pi_t(a|s)^2}{b_t(a|s)} x(s, a)`,

.. math:: A_t = M_t P_t A_{t+1}, \quad B_t = M_t (r_t\, P_t A_{t+1} + \gamma P_t B_{t+1}), \quad
          C_t = M_t (r_t^2\, P_t A_{t+1} + 2 \gamma r_t\, P_t B_{t+1} + \gamma^2 P_t C_{t+1}) .

Estimators that add up step by step need only the second moment of what is left. Rewards are the model's expected
rewards, without noise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rltheory.estimation._tables import action_table, dense, policy_table, ratio_table
from rltheory.estimation.doubly_robust import target_values
from rltheory.estimation.marginalised import state_visits, visit_ratios
from rltheory.models import MDP, FiniteHorizonMDP
from rltheory.models._policies import checked_policy


class Moments(NamedTuple):
    """Mean and variance of what one episode contributes, in reward units and their squares."""

    mean: float
    variance: float


def ratio_second_moment(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> float:
    r"""Second moment of an episode's ratio, :math:`\mathbb{E}_b\, \rho_{0:H-1}^2 = \mu M_0 \cdots M_{H-1} \mathbf 1`.

    Parameters
    ----------
    model : FiniteHorizonMDP
    target, behaviour : array_like
        Actions (n_states,) or probabilities (n_states, n_actions), with a leading axis H if they change with the step.

    Returns
    -------
    float
        At least 1. About so many episodes of the behaviour are worth as much as one of the target.

    Raises
    ------
    CriterionError
        If the target takes an action that the behaviour never does: the message names the state and the action.

    References
    ----------
    Szepesvari (2022), lecture 19.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=20)
    >>> ratio_second_moment(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    1048576.0
    """
    return float(dense(model).mu @ _weighted_returns(model, target, behaviour)[0])


def growth_rate(mdp: MDP, target: Any, behaviour: Any) -> float:
    r"""Rate at which the second moment of the ratio grows with the length of the episode, :math:`\ln \lambda(M)`.

    :math:`\mathbb{E}_b\, \rho_{0:h-1}^2` is of order :math:`e^{\alpha h}` with :math:`\alpha` the logarithm of the
    spectral radius of :math:`M(s, s') = \sum_a \frac{\pi(a|s)^2}{b(a|s)} P(s'|s,a)`, if episodes may begin anywhere.

    Parameters
    ----------
    mdp : MDP
    target, behaviour : array_like, shape (n_states,) or (n_states, n_actions)

    Returns
    -------
    float
        Per step, at least 0; 0 if the two policies are the same.

    Raises
    ------
    CriterionError
        If the target takes an action that the behaviour never does.

    References
    ----------
    Szepesvari (2022), lecture 19, which prints the eigenvalue itself in the exponent.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.9, n_actions=2)
    >>> round(growth_rate(coin, [[1.0, 0.0]], [[0.5, 0.5]]), 4)
    0.6931
    """
    step = mdp.finite_horizon(1)
    for policy in (target, behaviour):
        checked_policy(mdp, policy)
    pi, ratios = ratio_table(step, target, behaviour)
    M = np.einsum("sa,saz->sz", (pi * ratios)[0], dense(step).P[0])
    return float(np.log(np.abs(np.linalg.eigvals(M)).max()))


def importance_sampling_moments(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> Moments:
    """Mean and variance of one episode's term in `importance_sampling`.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    Moments
        The mean is the target's value; of n episodes the variance is the n-th part.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> importance_sampling_moments(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    Moments(mean=3.0, variance=63.0)
    """
    value = _value(model, target)
    second = float(dense(model).mu @ _weighted_returns(model, target, behaviour)[2])
    return Moments(value, max(0.0, second - value**2))


def weighted_importance_sampling_variance(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> float:
    r"""Limit of n times the variance of `weighted_importance_sampling`.

    It is :math:`\mathbb{E}_b\, \rho_{0:H-1}^2 (G - v)^2`, by the delta method, as the number n of episodes grows. With
    one episode the estimate is its return, whatever the target.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    float
        In squared reward units.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> weighted_importance_sampling_variance(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    0.0
    """
    value, mu = _value(model, target), dense(model).mu
    ones, returns, squares = _weighted_returns(model, target, behaviour)
    return max(0.0, float(mu @ (squares - 2 * value * returns + value**2 * ones)))


def per_decision_moments(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> Moments:
    """Mean and variance of one episode's term in `per_decision_importance_sampling`.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    Moments

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> per_decision_moments(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    Moments(mean=3.0, variance=21.0)
    """
    return doubly_robust_moments(model, target, behaviour, np.zeros((model.n_states, model.n_actions)))


def doubly_robust_moments(
    model: FiniteHorizonMDP, target: Any, behaviour: Any, q: Any, *, assumed: Any = None
) -> Moments:
    r"""Mean and variance of one episode's term in `doubly_robust`, even if it is told the wrong behaviour.

    With :math:`\rho = \pi / \hat b`, :math:`\hat b` the assumed behaviour, :math:`m` the mean and :math:`D` the second
    moment of :math:`Y`, and :math:`\delta_t = r_t - \hat q_t`,

    .. math:: m_t = \hat v_t + \mathbb{E}_b\, \rho_t (\delta_t + \gamma P_t m_{t+1}) ,

    .. math::

       D_t = \hat v_t^2 + 2 \hat v_t\, (m_t - \hat v_t)
             + \mathbb{E}_b\, \rho_t^2 (\delta_t^2 + 2 \gamma \delta_t\, P_t m_{t+1} + \gamma^2 P_t D_{t+1}) .

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.
    q : array_like, shape (n_states, n_actions) or (H, n_states, n_actions)
        The predictions :math:`\hat q`.
    assumed : array_like, optional
        The policy whose probabilities the ratios are divided by; by default the behaviour.

    Returns
    -------
    Moments
        The mean is the target's value if ``assumed`` is the behaviour, or if q is right.

    References
    ----------
    Jiang and Li (2016), theorem 1 has the variance of the unbiased case.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> doubly_robust_moments(coin, [[1.0, 0.0]], [[0.5, 0.5]], target_values(coin, [[1.0, 0.0]]))
    Moments(mean=3.0, variance=0.0)
    """
    world, gamma = dense(model), model.gamma
    b = policy_table(model, behaviour)
    pi, ratios = ratio_table(model, target, behaviour if assumed is None else assumed)
    ratio_table(model, target, behaviour)
    q = action_table(model, q)
    mean, second = np.zeros(model.n_states), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        v, surprise, following = (pi[t] * q[t]).sum(axis=1), world.r[t] - q[t], gamma * world.P[t] @ mean
        squared = surprise**2 + 2 * surprise * following + gamma**2 * world.P[t] @ second
        mean = v + (b[t] * ratios[t] * (surprise + following)).sum(axis=1)
        second = v**2 + 2 * v * (mean - v) + (b[t] * ratios[t] ** 2 * squared).sum(axis=1)
    return _moments(world.mu, mean, second)


def marginalised_moments(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> Moments:
    """Mean and variance of one episode's term in `marginalised_importance_sampling` with the model's `visit_ratios`.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    Moments

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> marginalised_moments(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    Moments(mean=3.0, variance=3.0)
    """
    world, b = dense(model), policy_table(model, behaviour)
    earned = pair_ratios(model, target, behaviour) * world.r
    mean, second = np.zeros(model.n_states), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        following = model.gamma * world.P[t] @ mean
        squared = earned[t] ** 2 + 2 * earned[t] * following + model.gamma**2 * world.P[t] @ second
        mean, second = (b[t] * (earned[t] + following)).sum(axis=1), (b[t] * squared).sum(axis=1)
    return _moments(world.mu, mean, second)


def pair_ratio_moments(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> np.ndarray:
    r"""Second moments of the ratios of pairs, :math:`C_t = \sum_{s,a} d^\pi_t(s, a)^2 / d^b_t(s, a)`.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    ndarray, shape (H,)
        Each at least 1.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> pair_ratio_moments(coin, [[1.0, 0.0]], [[0.5, 0.5]])
    array([2., 2., 2.])
    """
    visits = state_visits(model, behaviour)[:, :, None] * policy_table(model, behaviour)
    return (visits * pair_ratios(model, target, behaviour) ** 2).sum(axis=(1, 2))


def cramer_rao(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> float:
    r"""Least variance of an unbiased estimator, times the number of episodes.

    .. math:: \operatorname{Var}_\mu v_0 +
       \sum_t \gamma^{2(t+1)} \sum_{s,a} \frac{d^\pi_t(s,a)^2}{d^b_t(s,a)} \operatorname{Var}_{P_t(\cdot|s,a)} v_{t+1}

    if nothing is known of the start distribution and of the dynamics of any step but where they are zero, and rewards
    and the behaviour are known. In a tree, where each state has one history, :math:`d^\pi_t / d^b_t = \rho_{0:t}`, and
    `doubly_robust` with the right action values attains it.

    Parameters
    ----------
    model, target, behaviour
        As for `ratio_second_moment`.

    Returns
    -------
    float
        In squared reward units.

    References
    ----------
    Jiang and Li (2016), theorem 2 for trees, and its extension to models whose states have several histories.

    Examples
    --------
    >>> import rltheory as rl
    >>> toss = rl.FiniteHorizonMDP([[[0.5, 0.5]] * 2] * 2, [[0.0, 0.0], [1.0, 1.0]], H=2, mu=0)
    >>> cramer_rao(toss, [0, 0], [[0.5, 0.5], [0.5, 0.5]])
    0.5
    """
    world, pi = dense(model), policy_table(model, target)
    q = target_values(model, target)
    v = np.concatenate([(pi * q).sum(axis=2), np.zeros((1, model.n_states))])
    visits = state_visits(model, behaviour)[:, :, None] * policy_table(model, behaviour)
    weights = visits * pair_ratios(model, target, behaviour) ** 2
    total = _variance(world.mu, v[0])
    for t in range(model.H):
        total += model.gamma ** (2 * t + 2) * float((weights[t] * _variance(world.P[t], v[t + 1])).sum())
    return float(total)


def pair_ratios(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> np.ndarray:
    r"""Return how much more often a target visits each pair than the behaviour, :math:`w_t(s) \rho_t(s, a)`."""
    _, ratios = ratio_table(model, target, behaviour)
    return visit_ratios(model, target, behaviour)[:, :, None] * ratios


def _weighted_returns(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> tuple[np.ndarray, ...]:
    """Return the expectations of the squared ratio times 1, the return and its square, from each state."""
    world, gamma = dense(model), model.gamma
    pi, ratios = ratio_table(model, target, behaviour)
    A, B, C = np.ones(model.n_states), np.zeros(model.n_states), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        r, (a, b, c) = world.r[t], (world.P[t] @ x for x in (A, B, C))
        A, B, C = (
            (pi[t] * ratios[t] * x).sum(axis=1)
            for x in (a, r * a + gamma * b, r**2 * a + 2 * gamma * r * b + gamma**2 * c)
        )
    return A, B, C


def _value(model: FiniteHorizonMDP, target: Any) -> float:
    world, q = dense(model), target_values(model, target)
    return float(world.mu @ (policy_table(model, target)[0] * q[0]).sum(axis=1)) if model.H else 0.0


def _variance(P: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the variance of a function under each row, from deviations so that no digits cancel."""
    return (P * (v - (P @ v)[..., None]) ** 2).sum(axis=-1)


def _moments(mu: np.ndarray, mean: np.ndarray, second: np.ndarray) -> Moments:
    value = float(mu @ mean)
    return Moments(value, max(0.0, float(mu @ second) - value**2))
