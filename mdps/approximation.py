r"""Instances on which errors of approximation do as much harm as their bounds allow.

Throughout $H = 1/(1-\gamma)$, $T$ is the Bellman operator and $\pi_v$ a greedy policy. Ties are broken as in `tight`.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.tight import TIE
from rltheory import MDP, ModelError, OutcomeModel


def error_chain_q(gamma: float = 0.9, sweeps: int = 5, error: float = 1.0) -> tuple[MDP, np.ndarray]:
    r"""The `error_chain` for action values: errors of each pair instead of each state.

    In state i (here i = 0, 1, ...) action 0 leads to state i - 1 for nothing (in state 0 it stays), and action 1 stays
    for $-2\varepsilon(1 - \gamma^{i+1})H$; the optimum is 0, and so $q^* = r$. From $q_0 = q^*$, let
    $q_k = T q_{k-1} + e_k$ with $e_k = \mp\varepsilon$ for actions 0 and 1 of state k - 1, and $+\varepsilon$ for
    action 0 of state k: then $\pi_{q_k}$ stays in state k - 1 and loses $2\varepsilon(1 - \gamma^k)H^2$, as much as
    theory allows. Policy iteration with the same errors, $q_k = q^{\pi_{k-1}} + e_k$ from the optimal $\pi_0 = 0$,
    makes the same policies.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    sweeps : int
        Number of sweeps, at least 1.
    error : float
        $\varepsilon = \|e_k\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        With ``sweeps + 1`` states.
    errors : ndarray, shape (sweeps, n_pairs)
        Row k - 1 is $e_k$.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, errors = mdps.error_chain_q(gamma=0.5, sweeps=2)
    >>> errors
    array([[-1.,  1.,  1.,  0.,  0.,  0.],
           [ 0.,  0., -1.,  1.,  1.,  0.]])
    """
    checks.inner_discount(gamma)
    state = np.arange(checks.whole("sweeps", sweeps, 1) + 1)
    errors = np.zeros((sweeps, sweeps + 1, 2))
    step = np.arange(sweeps)
    errors[step, step] = [-1, 1]
    errors[step, step + 1, 0] = 1
    staying = -2 * checks.positive("error", error) * (1 - gamma ** (state + 1)) / (1 - gamma) * (1 - TIE)
    next_state = np.stack([np.maximum(state - 1, 0), state], axis=1)
    reward = np.stack([np.zeros_like(staying), staying], axis=1)
    return OutcomeModel.from_tables(next_state, reward, gamma).to_mdp(), error * errors.reshape(sweeps, -1)


def alternating_policies(gamma: float = 0.9, error: float = 1.0) -> tuple[MDP, np.ndarray, np.ndarray]:
    r"""Two groups of states, and a policy from which policy iteration with one value a group alternates for ever.

    States 0 and 1 are the first and the second group's; so are 2 and 3, which nothing leads to. Action 0 leads to the
    state 0 or 1 of the own group for $-\varepsilon H$, and for $2\varepsilon$ more from states 2 and 3; action 1 leads
    to that of the other group for nothing. For every policy, $q^\pi(s, a)$ differs within a group by at most
    $2\varepsilon$, so that averages over groups are off by at most $\varepsilon$. But if $\pi$ takes action 0 in one
    group and action 1 in the other, the policy greedy for the averaged $q^\pi$ has these exchanged. Each of the two
    policies loses $\varepsilon H^2$, for ever, although the features are that good for all policies (Szepesvari 2022,
    lecture 13).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon$, the error of averaging, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        With 4 states and 2 actions.
    groups : ndarray of int, shape (4,)
        The group, 0 or 1, of each state.
    policy : ndarray of int, shape (4,)
        The policy to start from.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, groups, policy = mdps.alternating_policies(gamma=0.5)
    >>> groups, policy
    (array([0, 1, 0, 1]), array([0, 1, 0, 1]))
    """
    checks.inner_discount(gamma)
    groups = np.array([0, 1, 0, 1])
    lost = checks.positive("error", error) / (1 - gamma) * (1 - TIE)
    reward = np.array([[-lost, 0.0], [-lost, 0.0], [2 * error - lost, 0.0], [2 * error - lost, 0.0]])
    return OutcomeModel.from_tables(np.stack([groups, 1 - groups], axis=1), reward, gamma).to_mdp(), groups, groups


def residual_fork(gamma: float = 0.9, residual: float = 1.0) -> tuple[MDP, np.ndarray, np.ndarray]:
    r"""A fork in the road, and a value whose residual sends the greedy policy to the wrong side.

    From state 0 actions 0 and 1 lead to the loops 1, worth $2\varepsilon$ a step, and 2, worth nothing. With
    $v(1) = v(2) = \varepsilon H$ the residual $Tv - v$ is $+\varepsilon$ in state 1 and $-\varepsilon$ in state 2, and
    action 1 is greedy. Optimal and greedy policy part after one step, so that for the weights
    $\mu = (1 - \gamma, \gamma, \gamma)/(1 + \gamma)$ both visit no state more often than $C = 1 + \gamma$ times
    $\mu$. The loss from state 0 is $2\gamma\varepsilon H = H\sqrt{2\gamma C}\, \|Tv - v\|_{2,\mu}$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    residual : float
        $\varepsilon$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        Starts in state 0.
    v : ndarray, shape (3,)
    weights : ndarray, shape (3,)
        The distribution $\mu$.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, v, weights = mdps.residual_fork(gamma=0.5)
    >>> v, weights.round(3)
    (array([1., 2., 2.]), array([0.333, 0.333, 0.333]))
    """
    checks.inner_discount(gamma)
    good = 2 * checks.positive("residual", residual) * (1 - TIE)
    P = [[0, 1.0, 0], [0, 0, 1.0], [0, 1.0, 0], [0, 0, 1.0]]
    mdp = MDP.from_pairs(P, [0.0, 0.0, good, 0.0], gamma, pair_start=[0, 2, 3, 4], mu=0)
    bad_value, good_value = residual / (1 - gamma), (good - residual) / (1 - gamma)
    return mdp, np.array([gamma * bad_value, good_value, bad_value]), np.array([1 - gamma, gamma, gamma]) / (1 + gamma)


def mixture_trap(gamma: float = 0.9, advantage: float = 1.0) -> tuple[MDP, np.ndarray, np.ndarray]:
    r"""A policy and an improvement that leads to where it does harm.

    Action 0 stays, for nothing. In state 0, action 1 earns $\varepsilon$ and leads to state 1, where it stays and costs
    $\varepsilon$. Against the policy 0 the policy 1 has the advantage $\varepsilon$ in state 0, where the former always
    is. The mixture of the two, with weight $\alpha$ on the latter, gains less than $\alpha\varepsilon H$ by
    $2\alpha^2\gamma\varepsilon H / (1 - \gamma(1-\alpha))$, the bound of Kakade and Langford (2002), attained for every
    $\alpha$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    advantage : float
        $\varepsilon$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        Starts in state 0.
    policy, other : ndarray of int, shape (2,)
        The policy and the improvement.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.mixture_trap(gamma=0.5)[0].r
    array([ 0.,  1.,  0., -1.])
    """
    checks.inner_discount(gamma)
    earned = checks.positive("advantage", advantage)
    table = OutcomeModel.from_tables([[0, 1], [1, 1]], [[0.0, earned], [0.0, -earned]], gamma, mu=0)
    return table.to_mdp(), np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.int64)


def trust_region_trap(
    gamma: float = 0.9, shift: float = 1e-4, advantage: float = 1.0
) -> tuple[MDP, np.ndarray, np.ndarray]:
    r"""A stochastic policy, and one that is near it in total variation but improves it less than it seems.

    Actions 0, 1 and 2 earn $0$, $-M$ and $M$. All stay where they are, except that action 2 leads from state 0 to state
    1. The policy takes actions 1 and 2 with probability $\alpha$ each and is worth nothing, so that $\pm M$ are also
    the advantages. The other one shifts $\alpha$ from action 1 to action 2 in state 0, and the other way round in state
    1. It gains less than its advantage on the visits of the first policy by

    $$\frac{4\gamma\alpha^2 M}{(1 - \gamma + \gamma\alpha)(1 - \gamma + 2\gamma\alpha)},$$

    which approaches the bound $4\gamma\alpha^2 M H^2$ (Schulman, Levine, Abbeel, Jordan and Moritz, 2015) as
    $\alpha \to 0$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    shift : float
        $\alpha$, the total variation between the policies in each state, in (0, 1/2].
    advantage : float
        $M$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        Starts in state 0.
    policy, other : ndarray of float, shape (2, 3)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, policy, other = mdps.trust_region_trap(shift=0.25)
    >>> other.tolist()
    [[0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]
    """
    checks.inner_discount(gamma)
    if not 0 < checks.number("shift", shift) <= 0.5:
        raise ModelError(f"shift is {shift!r}; a policy that can shift so much twice needs 0 < shift <= 1/2")
    rewards = np.array([0.0, -1.0, 1.0]) * checks.positive("advantage", advantage)
    table = OutcomeModel.from_tables([[0, 0, 1], [1, 1, 1]], [rewards, rewards], gamma, mu=0)
    rest = 1 - 2 * shift
    policy, other = np.array([[rest, shift, shift]] * 2), np.array([[rest, 0, 2 * shift], [rest, 2 * shift, 0]])
    return table.to_mdp(), policy, other
