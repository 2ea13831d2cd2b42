r"""Regret matching: play each action in proportion to the regret of not having played it all along.

With :math:`r_t(a) = g_t(a) - p_t \cdot g_t`, regret matching (Hart and Mas-Colell 2000) sums, and plays the positive
part; regret matching+ (Tammelin 2014) forgets what is below zero in each round:

.. math::

   R_t = R_{t-1} + r_t, \qquad Q_t = (Q_{t-1} + r_t)^+, \qquad
   p_{t+1} \propto R_t^+ \;\text{ or }\; Q_t, \;\text{ uniform if that is zero.}

Neither has a step size, nor minds the unit of the gains. `bounds.regret_matching_regret` holds for both.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.learning import _kernels
from rltheory.games.learning.rule import Rule, uniform, zeros


def positive_share(regrets: np.ndarray) -> np.ndarray:
    """Return the distribution in proportion to the positive parts; uniform if there are none."""
    weights = np.maximum(regrets, 0.0)
    total = weights.sum()
    return weights / total if total > 0 else uniform(regrets.size)


def regret_matching() -> Rule:
    """Return the rule of Hart and Mas-Colell (2000).

    Returns
    -------
    Rule

    Examples
    --------
    >>> from rltheory.games.learning import regret_matching, strategies_against
    >>> strategies_against(regret_matching(), [[2, 0, 1], [0, 0, 0]])[1].round(3)
    array([1., 0., 0.])
    """
    return Rule(
        "regret matching",
        start=zeros,
        strategy=positive_share,
        update=lambda regrets, p, g: regrets + (g - p @ g),
        kernel=_kernels.REGRET_MATCHING,
    )


def regret_matching_plus() -> Rule:
    """Return the rule of Tammelin (2014), with simultaneous updates.

    Returns
    -------
    Rule

    Examples
    --------
    >>> from rltheory.games.learning import regret_matching_plus, strategies_against
    >>> strategies_against(regret_matching_plus(), [[3, 0, 0], [0, 1, 0], [0, 0, 0]])[2].round(3)
    array([0.667, 0.333, 0.   ])
    """
    return Rule(
        "regret matching+",
        start=zeros,
        strategy=positive_share,
        update=lambda regrets, p, g: np.maximum(regrets + (g - p @ g), 0.0),
        kernel=_kernels.REGRET_MATCHING_PLUS,
    )
