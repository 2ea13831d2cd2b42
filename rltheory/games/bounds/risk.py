r"""What theory promises of players averse to risk: thresholds, certificates, distances between solution concepts.

A symmetric 2 x 2 coordination game pays the row player [[a, b], [c, d]] with a > c and d > b, as the stag hunt does;
:math:`\Delta = (a - c) + (d - b)`. When the others play action 0 with probability q, the derivative of
:math:`E - \gamma \operatorname{Var}` in the own probability p of action 0 is

.. math:: G(q, p) = q \Delta - (d - b) - 2 \gamma\, q (1 - q)\, \Delta\, [(c - d) + p \Delta] .
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def coordination_slope(a: float, b: float, c: float, d: float, gamma: float, q: float, p: float) -> float:
    """Derivative G(q, p) of the own objective in p, when the others play action 0 with probability q.

    Examples
    --------
    >>> coordination_slope(4, 1, 3, 3, gamma=0.0, q=1.0, p=0.5)
    1.0
    """
    total = (a - c) + (d - b)
    return q * total - (d - b) - 2 * gamma * q * (1 - q) * total * ((c - d) + p * total)


def stag_threshold(a: float, b: float, c: float, d: float, tremble: float) -> float:
    r"""The largest gamma at which both playing action 0 is a risk-averse equilibrium; infinite if all are.

    It is so while :math:`G(1-\epsilon, 1-\epsilon) \ge 0`, that is up to

    .. math:: \gamma^* = \frac{(1-\epsilon) \Delta - (d - b)}
       {2 \epsilon (1-\epsilon) \Delta [(c - d) + (1-\epsilon) \Delta]}

    if the bracket is positive, and for every gamma if it is not. Negative if it is an equilibrium for no gamma.

    Examples
    --------
    >>> [round(stag_threshold(4, 1, 3, 3, tremble), 4) for tremble in (0.01, 0.05, 0.1)]
    [5.4983, 1.0465, 0.4801]
    """
    total = (a - c) + (d - b)
    return _threshold(
        (1 - tremble) * total - (d - b), 2 * tremble * (1 - tremble) * total * ((c - d) + (1 - tremble) * total)
    )


def hare_threshold(a: float, b: float, c: float, d: float, tremble: float) -> float:
    r"""The largest gamma at which both playing action 1 is a risk-averse equilibrium; infinite if all are.

    It is so while :math:`G(\epsilon, \epsilon) \le 0`: for every gamma if :math:`(c - d) + \epsilon \Delta \ge 0` and
    :math:`\epsilon \Delta \le d - b`.

    Examples
    --------
    >>> hare_threshold(4, 1, 3, 3, tremble=0.1)
    inf
    """
    return stag_threshold(d, c, b, a, tremble)


def _threshold(at_zero: float, loss: float) -> float:
    """Return the largest gamma with at_zero - gamma * loss >= 0, if at_zero is at least 0."""
    if at_zero < 0:
        return -math.inf
    return at_zero / loss if loss > 0 else math.inf


def stag_gain(a: float, b: float, c: float, d: float, gamma: float, tremble: float) -> float:
    r"""How much a player gains by leaving the corner where both play action 0 as often as trembles allow.

    With the slope :math:`G = G(1-\epsilon, 1-\epsilon)` there and the curvature
    :math:`D = 2 \gamma \epsilon (1 - \epsilon) \Delta^2`: nothing if G is at least 0, that is up to `stag_threshold`,
    and else :math:`|G| s - D s^2 / 2` at :math:`s = \min(|G| / D, 1 - 2 \epsilon)`. Risk dominance plays no part.

    Examples
    --------
    >>> stag_gain(5, 0, 1, 1, gamma=0.8, tremble=0.1), stag_gain(5, 0, 1, 1, gamma=0.9, tremble=0.1) > 0
    (0.0, True)
    """
    slope = coordination_slope(a, b, c, d, gamma, 1 - tremble, 1 - tremble)
    bend = 2 * gamma * tremble * (1 - tremble) * (a - b - c + d) ** 2
    if slope >= 0:
        return 0.0
    step = min(-slope / bend, 1 - 2 * tremble) if bend > 0 else 1 - 2 * tremble
    return -slope * step - bend * step**2 / 2


def risk_dominant_action(a: float, b: float, c: float, d: float) -> int:
    """The action that risk dominates (Harsanyi and Selten 1988): 1 if d - b > a - c, else 0.

    Examples
    --------
    >>> risk_dominant_action(4, 1, 3, 3), risk_dominant_action(5, 0, 1, 1)
    (1, 0)
    """
    return int(d - b > a - c)


def mean_variance_gain(p: Any, mean: Any, covariance: Any, gamma: float, tremble: float = 0.0) -> float:
    r"""How much a player gains at most by leaving p, when she maximises :math:`p \mu - \gamma p^\top \Sigma p`.

    By concavity, with :math:`g = \mu - 2 \gamma \Sigma p`, at most
    :math:`\epsilon \sum_a g_a + (1 - m \epsilon) \max_a g_a - g \cdot p` (Frank and Wolfe 1956).

    Parameters
    ----------
    p, mean : array_like, shape (m,)
        Strategy, and expected payoffs of the actions.
    covariance : array_like, shape (m, m)
        Covariance of the actions' payoffs, which the others' randomness causes.
    gamma, tremble : float
        Weight of the variance, and least probability of every action.

    Examples
    --------
    >>> mean_variance_gain([0.0, 1.0], [1.0, 0.75], [[1.0, 0.0], [0.0, 0.0]], gamma=0.5)
    0.25
    """
    p, covariance = np.asarray(p, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    g = np.asarray(mean, dtype=np.float64) - 2 * gamma * (covariance @ p)
    return float(tremble * g.sum() + (1 - g.size * tremble) * g.max() - g @ p)


def risk_averse_nash_gain(gamma: float, tremble: float, n_actions: int, spread: float) -> float:
    r"""How far a risk-averse equilibrium is from Nash's: gains in expected payoff of at most
    :math:`\gamma D^2 / 4 + (m - 1) \epsilon D`.

    Who goes to another strategy gains no more than the variance allows, which is at most a quarter of the square of
    the spread D of her payoffs, and what the trembles forbid.

    Examples
    --------
    >>> risk_averse_nash_gain(gamma=0.5, tremble=0.01, n_actions=3, spread=2.0)
    0.54
    """
    return gamma * spread**2 / 4 + (n_actions - 1) * tremble * spread


def entropic_mean_variance_error(tau: float, spread: float) -> float:
    r"""How far :math:`-\frac1\tau \ln E e^{-\tau z}` is from :math:`E z - \frac\tau2 \operatorname{Var} z`: at most
    :math:`\tau^2 D^3 / (36 \sqrt 3)`.

    Taylor's formula for the cumulant generating function leaves a third central moment of a tilted law, and no law on
    an interval of length D has one above :math:`D^3 / (6 \sqrt 3)`. Attained in the limit of small tau by the law with
    mass :math:`(1 - 1/\sqrt 3) / 2` on one end.

    Examples
    --------
    >>> round(entropic_mean_variance_error(tau=1.0, spread=1.0), 6)
    0.016038
    """
    return tau**2 * spread**3 / (36 * math.sqrt(3))


def log_barrier_gain(epsilon: float, n_actions: int) -> float:
    r"""How much a best response with the penalty :math:`-\epsilon \sum_a \ln p_a` misses of the objective without it:
    at most :math:`(m - 1) \epsilon`, for any concave objective.

    As in interior-point methods (Boyd and Vandenberghe 2004, section 11.2.2), less one :math:`\epsilon` because
    probabilities are at most 1: with the gradient g and :math:`p_a = \epsilon / (\lambda - g_a)` the gain is at most
    :math:`\max g - g \cdot p = m \epsilon - (\lambda - \max g)`. Attained where all other actions are far worse.

    Examples
    --------
    >>> log_barrier_gain(epsilon=0.01, n_actions=3)
    0.02
    """
    return (n_actions - 1) * epsilon


def negative_entropy_gain(epsilon: float, n_actions: int) -> float:
    r"""The same with the penalty :math:`\epsilon \sum_a p_a \ln p_a`: at most :math:`\epsilon \ln m`, its range.

    Examples
    --------
    >>> round(negative_entropy_gain(epsilon=0.5, n_actions=2), 6)
    0.346574
    """
    return epsilon * math.log(n_actions)


def quantal_risk_averse_gain(tau: float, epsilon: float, n_actions: int, spread: float) -> float:
    r"""How far an entropic risk-averse quantal equilibrium with a log barrier is from a risk-averse one with
    :math:`\gamma = \tau / 2`: gains of at most :math:`(m - 1) \epsilon + \tau^2 D^3 / (18 \sqrt 3)`.

    `log_barrier_gain`, and twice `entropic_mean_variance_error`: once where the player is and once where she goes.

    Examples
    --------
    >>> round(quantal_risk_averse_gain(tau=0.1, epsilon=0.001, n_actions=2, spread=1.0), 6)
    0.001321
    """
    return log_barrier_gain(epsilon, n_actions) + 2 * entropic_mean_variance_error(tau, spread)


MONOTONE_PRODUCT = 1 / 16
r"""From which :math:`\epsilon_1 \epsilon_2 \tau_1 \tau_2` on two players' operator is monotone, for either pair of
divergence and penalty. Sharp for the reversed divergence with negative entropy."""

MONOTONE_PRODUCT_LOG_BARRIER = 1 / 64
"""The same for relative entropy with a log barrier, for which it is sharp."""

PUBLISHED_PRODUCT = 1.0
"""The condition of Mazumdar, Panaganti and Shi (2025): sufficient, and 16 or 64 times what is necessary."""


def monotone_determinant(epsilon: Any, tau: Any) -> float:
    r"""How monotone the operator of a two-player risk-averse quantal equilibrium is:
    :math:`1 - 1 / (4 \sqrt{\epsilon_1 \epsilon_2 \tau_1 \tau_2})`.

    The determinant, in normal form, of the blocks by which a strategy and the adversary of the other player act on each
    other, when the players are weighted by `player_weights`. The terms of the payoffs are skew and cancel. At least 0
    means monotone, above 0 strictly so: then the equilibrium is unique. It is 3/4 at the published condition.

    Parameters
    ----------
    epsilon, tau : array_like, shape (2,)
        Weights of the penalties and risk parameters of both players.

    Examples
    --------
    >>> monotone_determinant([1, 1], [1, 1]), monotone_determinant([0.25, 0.25], [1, 1])
    (0.75, 0.0)
    """
    product = float(np.prod(np.asarray(epsilon, dtype=np.float64)) * np.prod(np.asarray(tau, dtype=np.float64)))
    return 1 - 1 / (4 * math.sqrt(product))


def player_weights(epsilon: Any, tau: Any) -> tuple[float, float]:
    r"""Weights of the players' parts under which their operator is monotone: :math:`w_2 / w_1 =
    \sqrt{\epsilon_1 \tau_2 / (\epsilon_2 \tau_1)}`.

    Examples
    --------
    >>> player_weights([0.25, 1.0], [1.0, 1.0])
    (1.0, 0.5)
    """
    (e1, e2), (t1, t2) = epsilon, tau
    return 1.0, math.sqrt(e1 * t2 / (e2 * t1))
