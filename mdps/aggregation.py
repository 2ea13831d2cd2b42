r"""Instances on which states that are treated alike do as much harm as theory allows.

Each comes with the group of every state and with weights that add up to 1 in each group: the average of a group, for
its values or its rows of the model, is taken with these weights. Throughout $H = 1/(1-\gamma)$, $T$ is the Bellman
operator, $M$ replaces each value by the average of its group, and $\hat v = M T \hat v$. Ties are broken as in `tight`.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.tight import TIE, greedy_trap, residual_trap
from rltheory import MDP, OutcomeModel

Grouped = tuple[MDP, np.ndarray, np.ndarray]
"""A model, the group of each state, and its weight."""


def averaging_drift(gamma: float = 0.9, gap: float = 1.0) -> Grouped:
    r"""Two states that differ by a little, and whose common value drifts away by H times as much.

    State 0 is a worthless loop; state 1 leads to it for $\delta$. Both are in one group, with all weight on state 1, so
    that its reward seems to come again and again: $v^* = (0, \delta)$, but $\hat v = \delta H$. Attains
    $\|\hat v - v^*\| \le H \|M v^* - v^*\|$ and $\|\hat v - v^*\| \le 2 H \min_x \|x - v^*\|$, where x is constant on
    groups (Gordon, 1995).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    gap : float
        $\delta = \|M v^* - v^*\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (2,)
    weights : ndarray, shape (2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, groups, weights = mdps.averaging_drift()
    >>> groups, weights
    (array([0, 0]), array([0., 1.]))
    """
    checks.inner_discount(gamma)
    reward = [[0.0], [checks.positive("gap", gap)]]
    return OutcomeModel.from_tables([[0], [0]], reward, gamma).to_mdp(), np.array([0, 0]), np.array([0.0, 1.0])


def averaging_trap(gamma: float = 0.9, gap: float = 1.0) -> Grouped:
    r"""Two groups whose values drift apart, and a decision between them, taken wrongly for ever.

    In state 0, action 0 stays and costs $2\gamma\delta H$; action 1 leads to the worthless loop 2 for nothing. States
    1 and 3 stand for the groups of 0 and 2: they lead to these for $+\delta$ and $-\delta$, so that
    $\hat v = \pm\delta H$ where $v^* = 0$, and state 0 stays. It loses $2\gamma\delta H^2$, as much as theory allows:
    $2\gamma H^2 \|M v^* - v^*\|$, and $4\gamma H^2$ times the distance of $v^*$ to the values that are constant on
    groups (Van Roy, 2006).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    gap : float
        $\delta = \|M v^* - v^*\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (4,)
    weights : ndarray, shape (4,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.averaging_trap(gamma=0.5)[0].r.round(6)
    array([-2.,  0.,  1.,  0., -1.])
    """
    checks.inner_discount(gamma)
    cost = 2 * gamma * checks.positive("gap", gap) / (1 - gamma) * (1 - TIE)
    targets, rewards = [0, 2, 0, 2, 2], [-cost, 0.0, gap, 0.0, -gap]
    mdp = MDP.from_pairs(np.eye(4)[targets], rewards, gamma, pair_start=[0, 2, 3, 4, 5])
    return mdp, np.array([0, 0, 1, 1]), np.array([0.0, 1.0, 0.0, 1.0])


def averaging_greedy_trap(gamma: float = 0.9, error: float = 1.0) -> Grouped:
    r"""The `greedy_trap`, whose value is the average of the optimal one.

    Each state of the trap is in a group with a loop (states 2 and 3) that has all the weight and whose value is that of
    the trap. So $M T v^* = M v^*$ is off by $\pm\varepsilon$, and the policy greedy for it, after one sweep of averaged
    value iteration from $v^*$, loses $2\gamma\varepsilon H$: as much as one error of that size can cost.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon = \|M v^* - v^*\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (4,)
    weights : ndarray, shape (4,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, groups, weights = mdps.averaging_greedy_trap()
    >>> groups, weights
    (array([0, 1, 0, 1]), array([0., 0., 1., 1.]))
    """
    return _represented(*greedy_trap(gamma, error))


def averaging_residual_trap(gamma: float = 0.9, residual: float = 1.0) -> Grouped:
    r"""The `residual_trap`, whose value is what averaging makes of it.

    Each state of the trap is in a group with a loop (states 2 and 3) that has all the weight and whose value is that of
    the trap. So $\hat v$ is the trap's value and $T \hat v - \hat v = \pm\varepsilon$; the greedy policy loses
    $2\gamma\varepsilon H$, as much as a residual of that size can make it lose (Williams and Baird, 1993).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    residual : float
        $\varepsilon = \|M T \hat v - T \hat v\|$, above 0, in reward units.

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (4,)
    weights : ndarray, shape (4,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, groups, weights = mdps.averaging_residual_trap()
    >>> groups, weights
    (array([0, 1, 0, 1]), array([0., 0., 1., 1.]))
    """
    return _represented(*residual_trap(gamma, residual))


def _represented(trap: MDP, v: np.ndarray) -> Grouped:
    """Add to each of two states a loop of the given value, which has all the weight in their group."""
    rewards = [*trap.r, *(1 - trap.gamma) * v]
    mdp = MDP.from_pairs(np.eye(4)[[0, 1, 0, 1, 2, 3]], rewards, trap.gamma, pair_start=[0, 2, 4, 5, 6])
    return mdp, np.array([0, 1, 0, 1]), np.array([0.0, 0.0, 1.0, 1.0])


def abstraction_trap(gamma: float = 0.9, error: float = 0.1) -> Grouped:
    r"""Two states that the abstract model takes for one, with rewards that are off by ``error``.

    All actions stay. Actions 0 and 1 earn $1/2 \pm \varepsilon$ in state 0, and $1/2$ in state 1, which has all the
    weight and breaks the tie for action 1. Attains both $\|q^* - q^*_\phi\| \le \varepsilon_r H$ and the loss
    $2 \varepsilon_r H$ of the abstract model's policy.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon$, in (0, 1/2], so that rewards are in [0, 1].

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (2,)
    weights : ndarray, shape (2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.abstraction_trap(error=0.25)[0].r.round(6)
    array([0.75, 0.25, 0.5 , 0.5 ])
    """
    checks.inner_discount(gamma)
    checks.number("error", checks.positive("error", error), 0, 0.5)
    reward = [[0.5 + error, 0.5 - error], [0.5, 0.5 + error * TIE]]
    mdp = OutcomeModel.from_tables([[0, 0], [1, 1]], reward, gamma).to_mdp()
    return mdp, np.array([0, 0]), np.array([0.0, 1.0])


def abstraction_leak(gamma: float = 0.9, leak: float = 1e-4) -> Grouped:
    r"""A state that earns 1 for ever stands for one that leaks into nothing: the `leaky_reward` as an abstraction.

    States 0 and 1 earn 1 and are one group, with all weight on state 0, a loop; state 1 is one too but for the
    probability ``leak`` of going to the worthless state 2. So $\varepsilon_P = 2\,\mathtt{leak}$, and
    $\|q^* - q^*_\phi\|$ approaches $\gamma\varepsilon_P H^2 / 2$ with the ratio
    $(1-\gamma)/(1-\gamma+\gamma\,\mathtt{leak})$.

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    leak : float
        Probability in [0, 1].

    Returns
    -------
    mdp : MDP
    groups : ndarray of int, shape (3,)
    weights : ndarray, shape (3,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.abstraction_leak(leak=0.25)[0].P.toarray()[1]
    array([0.  , 0.75, 0.25])
    """
    checks.inner_discount(gamma)
    checks.probability("leak", leak)
    P = [[1.0, 0, 0], [0, 1 - leak, leak], [0, 0, 1]]
    mdp = MDP.from_pairs(P, [1.0, 1.0, 0.0], gamma, n_actions=1)
    return mdp, np.array([0, 0, 1]), np.array([1.0, 0.0, 1.0])


def q_abstraction_trap(gamma: float = 0.9, error: float = 1.0) -> Grouped:
    r"""Groups within which optimal action values differ by ``error``, and whose abstract model is as bad as can be.

    Everything is worth nothing. In state 0, action 0 stays and costs $2\varepsilon H$; action 1 leads to the loop 4 for
    nothing. States 1, 3 and 5 have all the weight in the groups of 0, 2 and 4. From 3 and 5 one returns to the loops 2
    and 4 for $+\varepsilon$ and $-\varepsilon$, which seems to go on for ever; and in state 1 the actions lead to these
    two groups, with rewards that keep $q^*$ within $\varepsilon$ of that of state 0. So the abstract model is off by
    $\pm\varepsilon H$, prefers action 0, and loses $2\varepsilon H^2$ in state 0, the bound of Abel, Hershkowitz and
    Littman (2016).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        $\varepsilon$, the largest difference of $q^*(\cdot, a)$ within a group, above 0, in reward units.

    Returns
    -------
    mdp : MDP
        With 6 states and 2 actions.
    groups : ndarray of int, shape (6,)
    weights : ndarray, shape (6,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, groups, weights = mdps.q_abstraction_trap()
    >>> groups, weights
    (array([0, 0, 1, 1, 2, 2]), array([0., 1., 0., 1., 0., 1.]))
    """
    checks.inner_discount(gamma)
    cost = 2 * checks.positive("error", error) / (1 - gamma) * (1 - TIE)
    next_state = [[0, 4], [2, 4], [2, 2], [2, 2], [4, 4], [4, 4]]
    reward = [[-cost, 0.0], [error - cost, -error], [0.0, 0.0], [error, error], [0.0, 0.0], [-error, -error]]
    mdp = OutcomeModel.from_tables(next_state, reward, gamma).to_mdp()
    return mdp, np.array([0, 0, 1, 1, 2, 2]), np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
