r"""Suboptimality of shallow Q-iteration by regression, with every constant in the open; returns are in [0, 1].

Iteration i of the algorithm sees states with the law :math:`D_t` that its policies so far and then the uniform policy
induce; :math:`\|g\|_t^2 = E_{s \sim D_t,\, a \sim \mathrm{unif}}\, g(s, a)^2`. Four inequalities lead from the error of
one regression to the suboptimality of the policy. The gap :math:`\Delta_k` is that of :math:`Q^k` itself: between its
best and its best non-maximal action (``q_gap``).

The shape is that of theorem 3.6 of Laidlaw, Zhu, Russell and Dragan (2024), "The effective horizon explains deep RL
performance in stochastic environments"; statements and constants are proved here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def stochastic_effective_horizon(k: int, gap: float, n_actions: int) -> float:
    r"""Return :math:`\bar H_k = k + \log_A(1 / \Delta_k^2)`, for a model that lookahead k solves.

    Parameters
    ----------
    k : int
        Lookahead.
    gap : float
        The number :math:`\Delta_k`, for returns in [0, 1]; ``inf`` where all actions tie, which counts as 1.
    n_actions : int
        The number A; with one action the horizon is k.

    Examples
    --------
    >>> stochastic_effective_horizon(k=1, gap=0.5, n_actions=2)
    3.0
    """
    if n_actions == 1:
        return float(k)
    return math.inf if gap <= 0 else k - 2 * math.log(min(gap, 1.0)) / math.log(n_actions)


def mistake_loss(mistakes: Any, spread: float = 1.0) -> float:
    r"""Loss of a policy that is greedy for :math:`Q^k` but for mistakes: :math:`(R_{\max} - R_{\min}) \sum_t P(\text{mistake at } t)`.

    Before its first mistake the policy cannot be told from a greedy one.

    Parameters
    ----------
    mistakes : array_like, shape (H,)
        Probability, under the policy itself, of an action at step t that does not maximise Q^k.
    spread : float
        Range of returns, 1 by default.

    Examples
    --------
    >>> mistake_loss([0.1, 0.0, 0.2])
    0.30000000000000004
    """  # noqa: E501
    return spread * float(np.sum(mistakes))


def error_growth(errors: Any, n_actions: int) -> float:
    r"""Error of Q^k after regressions with errors :math:`e_k, \dots, e_1`, the last one first: :math:`\sum_j A^{j/2} e_{k-j}`.

    As maximising over A actions multiplies a squared error under uniform actions by at most A,

    .. math:: \|\hat Q^{j+1}_t - Q^{j+1}_t\|_t \le e_{j+1} + \sqrt A\, \|\hat Q^j_{t+1} - Q^j_{t+1}\|_{t+1} .

    Parameters
    ----------
    errors : array_like, shape (k,)
        Error of each regression, from that at step t to that of the returns, k - 1 steps later.
    n_actions : int
        The number A.

    Examples
    --------
    >>> error_growth([0.1, 0.1], n_actions=4)
    0.30000000000000004
    """  # noqa: E501
    errors = np.asarray(errors, dtype=np.float64)
    return float(errors @ np.sqrt(float(n_actions)) ** np.arange(errors.size))


def mistake_probability(squared_error: float, gap: float, n_actions: int) -> float:
    r"""Probability that the largest estimate misleads: :math:`P_{s \sim D}(\hat a \notin \arg\max Q^k) \le 2 A \|\hat Q - Q^k\|^2 / \Delta_k^2`.

    A mistake takes errors of two actions that add up to :math:`\Delta_k`, so that their squares add up to
    :math:`\Delta_k^2 / 2`, and each has weight 1 / A. Attained where both are off by half the gap.

    Parameters
    ----------
    squared_error : float
        The number :math:`\|\hat Q - Q^k\|^2`, under uniform actions.
    gap : float
        The number :math:`\Delta_k` on the support of D; ``inf`` where all actions tie.
    n_actions : int
        The number A.

    Examples
    --------
    >>> mistake_probability(squared_error=0.001, gap=0.2, n_actions=2)
    0.09999999999999998
    """  # noqa: E501
    return 2 * n_actions * squared_error / gap**2


def tabular_error(n_states: int, n_actions: int, m: int) -> float:
    r"""Expected squared error of cell averages from m samples: :math:`S A / (m + 1)`.

    For targets and a default in [0, 1] and uniform actions: a cell of probability p has the variance at most 1/4 and
    is seen by binomially many samples, so that it adds at most :math:`1 / (2(m+1))`; unseen it adds at most
    :math:`p (1-p)^m \le 1 / (2(m+1))` more.

    Parameters
    ----------
    n_states : int
        States that have positive probability at the step.
    n_actions, m : int
        Actions and samples.

    Examples
    --------
    >>> tabular_error(n_states=2, n_actions=2, m=99)
    0.04
    """
    return n_states * n_actions / (m + 1)


def finite_class_error(n_tables: int, m: int) -> float:
    r"""Expected squared error of the best of n tables on m samples: :math:`(1 + \log n) / ((1 - e^{-1/2})\, m)`, 1 at most.

    For targets and tables in [0, 1], if the conditional mean :math:`f^*` of the target is among the tables. With
    :math:`d = f - f^*` and noise :math:`\xi` of range 1, a table f is no worse than :math:`f^*` on the samples if
    :math:`\sum (2 d \xi - d^2) \ge 0`, of which the probability is at most

    .. math:: \big( E\, e^{2 d \xi - d^2} \big)^m \le \big( E\, e^{-d^2 / 2} \big)^m
              \le e^{-(1 - e^{-1/2})\, m\, E d^2},

    by Hoeffding's lemma given the pair, and as :math:`e^{-x/2} \le 1 - (1 - e^{-1/2}) x` on [0, 1]. Sum over tables with
    :math:`E d^2 > x`, and integrate over x.

    Parameters
    ----------
    n_tables : int
        Candidates, at least 1; for all regressions of shallow Q-iteration, the class must hold every conditional mean
        that they may ask for (completeness).
    m : int
        Samples.

    Examples
    --------
    >>> round(finite_class_error(n_tables=20, m=1000), 6)
    0.010155
    """  # noqa: E501
    return 0.0 if n_tables == 1 else min(1.0, (1 + math.log(n_tables)) / (-math.expm1(-0.5) * m))


def _growth(n_actions: int, k: int) -> float:
    r"""Return :math:`(A^{k/2} - 1) / (\sqrt A - 1)`, which is k for one action."""
    return error_growth(np.ones(k), n_actions)


def sqirl_suboptimality(H: int, n_actions: int, k: int, gap: float, squared_error: float) -> float:
    r"""Expected suboptimality of shallow Q-iteration with fresh episodes for each regression.

    .. math::

       E[J^* - J(\hat\pi)] \le \frac{2 H A}{\Delta_k^2} \Big( \frac{A^{k/2} - 1}{\sqrt A - 1} \Big)^2 \bar e^2

    for a model that lookahead k solves, with returns in [0, 1].

    Parameters
    ----------
    H, n_actions, k : int
        Steps, actions, lookahead.
    gap : float
        The number :math:`\Delta_k`.
    squared_error : float
        Bound :math:`\bar e^2` on the expected squared error of each regression, such as `tabular_error`.

    Examples
    --------
    >>> sqirl_suboptimality(H=3, n_actions=2, k=1, gap=0.5, squared_error=0.001)
    0.048
    """
    return 2 * H * n_actions * _growth(n_actions, k) ** 2 * squared_error / gap**2


def sqirl_episodes(
    H: int, n_states: int, n_actions: int, k: int, gap: float, *, eps: float, delta: float = 0.5
) -> float:
    r"""Episodes m for each regression of cell averages after which :math:`J(\hat\pi) \ge J^* - \varepsilon` with probability :math:`1 - \delta`.

    Markov's inequality for `sqirl_suboptimality` with `tabular_error`.

    Parameters
    ----------
    H, n_states, n_actions, k : int
        Size and lookahead; ``n_states`` those possible at one step.
    gap : float
        The number :math:`\Delta_k`; ``inf`` where all actions tie.
    eps, delta : float
        Suboptimality and failure probability.

    Examples
    --------
    >>> sqirl_episodes(H=3, n_states=2, n_actions=2, k=1, gap=0.5, eps=0.1)
    3840.0
    """  # noqa: E501
    if gap <= 0:
        return math.inf
    times_samples = sqirl_suboptimality(H, n_actions, k, gap, tabular_error(n_states, n_actions, 0))
    return max(1.0, float(np.ceil(times_samples / (eps * delta))))


def sqirl_timesteps(H: int, k: int, m: float) -> float:
    r"""Timesteps of shallow Q-iteration with fresh episodes for each regression: :math:`k H^2 m`.

    Examples
    --------
    >>> sqirl_timesteps(H=3, k=2, m=100)
    1800.0
    """
    return float(k * H**2 * m)
