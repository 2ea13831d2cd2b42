r"""No swap regret: an expert for each action, each to be trusted with that action's share of the play.

Swap regret compares with every map F of actions to actions: :math:`\max_F \sum_t \sum_a p_t(a) (g_t(F(a)) - g_t(a))`.
Blum and Mansour (2007) run n copies of a rule. Copy a plays :math:`Q_t(a, \cdot)` and is shown :math:`p_t(a)\, g_t`,
and the player plays what the copies leave as it is,

.. math:: p_t = p_t Q_t, \qquad\text{so that}\qquad p_t \cdot g_t = \sum_a Q_t(a, \cdot) \cdot (p_t(a)\, g_t):

what F earns above the player is the sum of the external regrets of the copies. With Hedge for a copy, `swap_hedge` has
the regret of `bounds.swap_hedge_regret`, and the joint law of such players tends to the correlated equilibria.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.learning import _kernels
from rltheory.games.learning.rule import Rule, checked_step

_LEAST_WEIGHT = 1e-100  # below it the matrix would fall apart into pieces, each with a law of its own


def swap_hedge(step: float) -> Rule:
    r"""Return the rule of Blum and Mansour (2007) over Hedge.

    Parameters
    ----------
    step : float
        Step size of each copy, for gains in [0, 1]; `bounds.swap_hedge_step` is the best for a number of rounds.

    Returns
    -------
    Rule

    Raises
    ------
    ModelError
        If the step size is not a finite number above 0.

    Examples
    --------
    >>> from rltheory.games.learning import strategies_against, swap_hedge
    >>> strategies_against(swap_hedge(step=1.0), [[1, 0], [1, 0]]).round(3)
    array([[0.5  , 0.5  ],
           [0.622, 0.378]])
    """
    step = checked_step(step)
    return Rule(
        f"swap-regret Hedge, step {step:.4g}",
        start=lambda n: np.zeros((n, n)),
        strategy=lambda totals: stationary(_softmax_of_rows(step * totals)),
        update=lambda totals, p, g: totals + np.outer(p, g),
    )


def stationary(Q: np.ndarray) -> np.ndarray:
    """Return the distribution p = p Q of a positive stochastic matrix, by elimination without a subtraction.

    Grassmann, Taksar and Heyman (1985): every entry is accurate to a few roundings, however small.

    Parameters
    ----------
    Q : ndarray, shape (n, n)
        Rows are distributions with positive entries.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> stationary(np.array([[0.5, 0.5], [0.25, 0.75]])).round(6)
    array([0.333333, 0.666667])
    """
    return _kernels.stationary(np.array(Q, dtype=np.float64))


def _softmax_of_rows(Z: np.ndarray) -> np.ndarray:
    weights = np.maximum(np.exp(Z - Z.max(axis=1, keepdims=True)), _LEAST_WEIGHT)
    return weights / weights.sum(axis=1, keepdims=True)
