r"""What theory promises about Markov games: one pure function for each theorem.

T is Shapley's operator of a zero-sum discounted game, :math:`v^*` its value, :math:`\|\cdot\|` the sup norm, and
:math:`v^{p, \cdot} = \min_q v^{p, q}` what a policy p secures, :math:`v^{\cdot, q} = \max_p v^{p, q}` what q concedes.
Values and gains are in reward units. `proofs_check` puts every function of this file to the test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def minimax_contraction(gamma: float, distance: float) -> float:
    r"""Distance after one backup: :math:`\|T u - T v\| \le \gamma \|u - v\|`.

    The value of a matrix game moves by no more than its entries. Shapley (1953). Attained by :math:`u = v + c`.
    """
    return gamma * distance


def shapley_bracket(backed_up: Any, v: Any, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the ends of :math:`T v + c \min d \le v^{p, \cdot} \le v^* \le v^{\cdot, q} \le T v + c \max d`.

    Here :math:`d = T v - v`, :math:`c = \gamma / (1 - \gamma)`, and p and q are optimal in the matrix games at v. After
    MacQueen (1966), whose proof needs no more than that T is monotone and that :math:`T (v + c) = T v + \gamma c`.
    Attained by one state.

    Parameters
    ----------
    backed_up, v : array_like, shape (n_states,)
        ``T v`` and ``v``.
    gamma : float
        Discount in [0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (n_states,)

    Examples
    --------
    >>> shapley_bracket([1.0, 0.0], [0.0, 0.0], gamma=0.5)
    (array([1., 0.]), array([2., 1.]))
    """
    backed_up = np.asarray(backed_up, dtype=np.float64)
    d = backed_up - np.asarray(v, dtype=np.float64)
    c = gamma / (1 - gamma)
    return backed_up + c * d.min(), backed_up + c * d.max()


def shapley_stop(gamma: float, change: float) -> float:
    r"""Error after the last change: :math:`\|v_{k+1} - v^*\| \le \frac{\gamma}{1-\gamma} \|v_{k+1} - v_k\|`.

    So a change of at most :math:`\varepsilon (1 - \gamma) / \gamma` is enough for an error of :math:`\varepsilon`.
    Shapley (1953). Attained by one state.
    """
    return gamma / (1 - gamma) * change


def greedy_strategy_loss(gamma: float, value_error: float) -> float:
    r"""Loss of a policy greedy for v: :math:`\|v^* - v^{p, \cdot}\| \le \frac{2\gamma}{1-\gamma} \|v - v^*\|`.

    Greedy is p that is optimal in the matrix games at v: :math:`T_p v = T v`, so that
    :math:`v^* - v^{p, \cdot} = (T v^* - T v) + (T_p v - T_p v^{p, \cdot})`, of which each part is at most gamma times a
    distance. As of Singh and Yee (1994) for an MDP; the second player loses at most as much. Attained by
    `mdps.greedy_trap`, a game in which the second player has no choice.
    """
    return 2 * gamma / (1 - gamma) * value_error


def greedy_profile_gap(gamma: float, value_error: float) -> float:
    r"""Gap of greedy p and q: :math:`v^{\cdot, q} - v^{p, \cdot} \le \frac{2\gamma(1+\gamma)}{1-\gamma} \|v - v^*\|`.

    From `shapley_bracket`, where :math:`|d| \le (1 + \gamma) \|v - v^*\|`; it is less than twice
    `greedy_strategy_loss`. `mdps.greedy_trap` comes within a factor of :math:`1 / (1 + \gamma)`.
    """
    return 2 * gamma * (1 + gamma) / (1 - gamma) * value_error


def strategy_iteration_error(gamma: float, k: int, initial_error: float) -> float:
    r"""Error of strategy iteration after k rounds: :math:`0 \le v^* - v_k \le \gamma^k \|v^* - v_0\|`.

    Its values are what the policies secure, and are never behind value iteration from the same start. Hoffman and Karp
    (1966).
    """
    return gamma**k * initial_error


def stage_gap_accumulation(gaps: Any, gamma: float = 1.0) -> float:
    r"""Gain by deviating in a game of H steps: at most :math:`\sum_t \gamma^t \delta_t`.

    :math:`\delta_t` is the most that the player gains in a stage game of step t, the rest of the game being played as
    it should. True for Nash, correlated and coarse correlated equilibria, and for every objective that is monotone and
    to which constants add. Attained by a prisoners' dilemma that is repeated.

    Parameters
    ----------
    gaps : array_like, shape (H,)
        Of each step, from the first on.
    gamma : float
        Discount between steps.

    Returns
    -------
    float

    Examples
    --------
    >>> stage_gap_accumulation([1.0, 1.0, 1.0], gamma=0.5)
    1.75
    """
    gaps = np.asarray(gaps, dtype=np.float64)
    return math.fsum(gaps * gamma ** np.arange(gaps.size))


def double_oracle_rounds(m: int, n: int) -> int:
    """Rounds of the double oracle in an m x n game: at most m + n - 1, for each but the last adds an action.

    McMahan, Gordon and Blum (2003). Attained by the game in which the first player wins if she guesses the second
    player's number.
    """
    return m + n - 1


def markov_double_oracle_rounds(action_counts: Any) -> int:
    r"""Rounds of the double oracle in a Markov game: at most :math:`1 + \sum_s (m(s) - 1) + (n(s) - 1)`.

    Parameters
    ----------
    action_counts : array_like of int, shape (n_states, 2)
        How many actions each player has in each state.

    Returns
    -------
    int

    Examples
    --------
    >>> markov_double_oracle_rounds([[2, 3], [1, 1]])
    4
    """
    return 1 + int((np.asarray(action_counts) - 1).sum())
