r"""Instances on which value and policy iteration, exact or approximate, do as badly as their bounds allow.

Throughout $H = 1/(1-\gamma)$, $T$ is the Bellman operator and $\pi_v$ a greedy policy. Ties are broken as in `tight`.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.tight import TIE
from rltheory import MDP, ModelError, OutcomeModel


def slow_value_iteration(gamma: float = 0.9, sweeps: int = 20) -> MDP:
    r"""Three states in which value iteration from 0 keeps a wrong action for ``sweeps`` sweeps, and more if asked.

    States 0 and 2 are loops, worth nothing and 1 a step. In state 1, action 0 leads to the good loop for nothing, and
    action 1 to the worthless one for $R = \gamma H (1 - \gamma^k/2)$, k = ``sweeps``, a little less than the optimal
    $\gamma H$. But after j sweeps the good loop seems worth $H(1 - \gamma^j)$, so action 1 is greedy while
    $\gamma^j > \gamma^k / 2$. Policy iteration needs at most three improvements: value iteration is not strongly
    polynomial (Feinberg, Huang and Scherrer, 2014).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    sweeps : int
        Sweeps with the wrong action, at least 1.

    Returns
    -------
    MDP
        Optimal: action 0 in state 1, and $v^* = (0, \gamma H, H)$.

    Raises
    ------
    ModelError
        If a parameter is out of range, or if ``sweeps`` is so large that floating point would turn the margin
        $\gamma^k/2$ into a tie.

    Examples
    --------
    >>> import mdps
    >>> mdps.slow_value_iteration(gamma=0.5, sweeps=3).r
    array([0.    , 0.    , 0.9375, 1.    ])
    """
    checks.inner_discount(gamma)
    margin = gamma ** checks.whole("sweeps", sweeps, 1) / 2
    if margin < 1e-13:
        most = int(np.log(2e-13) / np.log(gamma))
        raise ModelError(f"sweeps is {sweeps}; with gamma = {gamma} floating point can tell at most {most} apart")
    tempting = gamma / (1 - gamma) * (1 - margin)
    P = [[1.0, 0, 0], [0, 0, 1.0], [1.0, 0, 0], [0, 0, 1.0]]
    return MDP.from_pairs(P, [0.0, 0.0, tempting, 1.0], gamma, pair_start=[0, 1, 3, 4], mu=1)


def slow_policy_iteration(gamma: float = 0.9, steps: int = 5) -> tuple[MDP, np.ndarray]:
    r"""A corridor in which good news travels one state an improvement, and the policy to start from.

    State 0 is worthless and absorbing. State 1 is absorbing too; its action 1 earns $1 - \gamma$ a step, its action 0
    nothing. From state $1 + i$ action 1 leads to state $i$ for nothing, action 0 to state 0 for next to nothing. Policy
    iteration from action 0 everywhere corrects state 1 first and then one state of the corridor after the other, so
    that after k improvements state $1 + k$ still loses $\gamma^k$. Attains
    $\|v^* - v^{\pi_k}\| \le \gamma^k \|v^* - v^{\pi_0}\|$ for every k up to ``steps``, and the same bound for modified
    policy iteration from $v^{\pi_0}$, whatever its number of inner sweeps (Puterman, 2005, sections 6.4 and 6.5).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    steps : int
        Length of the corridor, at least 1; policy iteration makes ``steps + 1`` improvements.

    Returns
    -------
    mdp : MDP
        With ``steps + 2`` states; $v^* = (0, 1, \gamma, \gamma^2, \dots)$.
    policy : ndarray of int, shape (steps + 2,)

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, policy = mdps.slow_policy_iteration(gamma=0.5, steps=3)
    >>> mdp
    MDP(5 states, 10 state-action pairs, at most 2 actions, 10 transitions, gamma=0.5)
    """
    checks.inner_discount(gamma)
    n_states = checks.whole("steps", steps, 1) + 2
    next_state, reward = np.zeros((n_states, 2), dtype=np.int64), np.zeros((n_states, 2))
    next_state[1:, 1] = np.maximum(np.arange(n_states - 1), 1)
    next_state[1, 0] = 1
    reward[1, 1] = 1 - gamma
    reward[2:, 0] = TIE * gamma**steps
    return OutcomeModel.from_tables(next_state, reward, gamma).to_mdp(), np.zeros(n_states, dtype=np.int64)


def error_chain(gamma: float = 0.9, sweeps: int = 5, error: float = 1.0, *, period: int = 1) -> tuple[MDP, np.ndarray]:
    r"""A chain, and the errors of approximate value iteration that make its greedy policy as bad as it can be.

    In state i (here i = 0, 1, ...) action 0 leads to state i - 1 for nothing (in state 0 it stays), and action 1 stays
    for $-2\varepsilon\gamma(1 - \gamma^i)H$; the optimum is 0. Starting from $v_0 = 0$, let $v_k = T v_{k-1} + e_k$
    with $e_k = -\varepsilon$ in state k - 1 and $+\varepsilon$ in state k: then $\pi_{v_k}$ stays in state k, and
    $\|v^* - v^{\pi_{v_k}}\| = 2\gamma\varepsilon(1 - \gamma^k)H^2$, the bound of Bertsekas and Tsitsiklis
    (1996), attained for every k. Approximate policy iteration with the same errors, $v_k = v^{\pi_{k-1}} + e_k$ from
    the optimal $\pi_0 = 0$, makes the same policies and so attains its bound $2\gamma\varepsilon H^2$ as k grows (the
    chain is that of Scherrer and Lesner, 2012).

    With a ``period`` m > 1 action 1 leads to state i + m - 1, and it is there that the error is $+\varepsilon$. Then
    the policies greedy for $v_k, v_{k-1}, \dots, v_{k-m+1}$, executed in turn, lead from state k back to it in m
    steps, and lose $2\gamma\varepsilon(1 - \gamma^k)H / (1 - \gamma^m)$, as much as theory allows (Lesner and
    Scherrer, 2015).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    sweeps : int
        Number K of sweeps, at least 1.
    error : float
        $\varepsilon = \|e_k\|$, above 0, in reward units.
    period : int
        Number m of policies that are executed in turn, at least 1.

    Returns
    -------
    mdp : MDP
        With ``sweeps + period`` states.
    errors : ndarray, shape (sweeps, sweeps + period)
        Row k - 1 is $e_k$.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, errors = mdps.error_chain(gamma=0.5, sweeps=2)
    >>> errors
    array([[-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    """
    checks.inner_discount(gamma)
    n_states = checks.whole("sweeps", sweeps, 1) + checks.whole("period", period, 1)
    state = np.arange(n_states)
    errors = checks.positive("error", error) * (np.eye(sweeps, n_states, k=period) - np.eye(sweeps, n_states))
    staying = -2 * error * gamma * (1 - gamma**state) / (1 - gamma) * (1 - TIE)
    next_state = np.stack([np.maximum(state - 1, 0), np.minimum(state + period - 1, n_states - 1)], axis=1)
    reward = np.stack([np.zeros_like(staying), staying], axis=1)
    return OutcomeModel.from_tables(next_state, reward, gamma).to_mdp(), errors
