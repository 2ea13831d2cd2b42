r"""Hedge, or multiplicative weights: play each action in proportion to the exponential of what it would have earned.

With G the sum of the gains so far and a step size :math:`\eta`, Hedge (Freund and Schapire 1997) plays

.. math:: p_t(a) \propto \exp\big(\eta\, G_{t-1}(a)\big),

and optimistic Hedge (Rakhlin and Sridharan 2013; Syrgkanis, Agarwal, Luo and Schapire 2015) counts the last gain twice,
as a prediction of the next one, which is none in the first round:

.. math:: p_t(a) \propto \exp\big(\eta\, (G_{t-1}(a) + g_{t-1}(a))\big), \qquad g_0 = 0.

`bounds.hedge_regret` and `bounds.optimistic_hedge_gap` say what this earns.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.learning import _kernels
from rltheory.games.learning.rule import Rule, checked_step, zeros


def softmax(z: np.ndarray) -> np.ndarray:
    """Return the distribution in proportion to the exponentials of z, without overflow."""
    weights = np.exp(z - z.max())
    return weights / weights.sum()


def hedge(step: float) -> Rule:
    r"""Return the rule :math:`p_t \propto \exp(\eta\, G_{t-1})`.

    Parameters
    ----------
    step : float
        The step size :math:`\eta > 0`, for gains in [0, 1]; `bounds.hedge_step` is the best for a number of rounds.

    Returns
    -------
    Rule

    Raises
    ------
    ModelError
        If the step size is not a finite number above 0.

    Examples
    --------
    >>> from rltheory.games.learning import hedge, strategies_against
    >>> strategies_against(hedge(step=1.0), [[1, 0], [1, 0]]).round(3)
    array([[0.5  , 0.5  ],
           [0.731, 0.269]])
    """
    step = checked_step(step)
    return Rule(
        f"Hedge, step {step:.4g}",
        start=zeros,
        strategy=lambda total: softmax(step * total),
        update=lambda total, p, g: total + g,
        kernel=_kernels.HEDGE,
        step=step,
    )


def optimistic_hedge(step: float) -> Rule:
    r"""Return the rule :math:`p_t \propto \exp(\eta\, (G_{t-1} + g_{t-1}))`, with no prediction in the first round.

    Parameters
    ----------
    step : float
        The step size :math:`\eta > 0`, for gains in [0, 1].

    Returns
    -------
    Rule

    Raises
    ------
    ModelError
        If the step size is not a finite number above 0.

    Examples
    --------
    >>> from rltheory.games.learning import optimistic_hedge, strategies_against
    >>> strategies_against(optimistic_hedge(step=1.0), [[1, 0], [1, 0]]).round(3)
    array([[0.5  , 0.5  ],
           [0.881, 0.119]])
    """
    step = checked_step(step)
    return Rule(
        f"optimistic Hedge, step {step:.4g}",
        start=lambda n: (np.zeros(n), np.zeros(n)),
        strategy=lambda state: softmax(step * (state[0] + state[1])),
        update=lambda state, p, g: (state[0] + g, g),
        kernel=_kernels.OPTIMISTIC_HEDGE,
        step=step,
    )
