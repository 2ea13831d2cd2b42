r"""What a player regrets: the best she could have earned by one action throughout, or by one action in place of each.

Of strategies :math:`p_1, \dots, p_T` against gains :math:`g_1, \dots, g_T`, the *external* regret and the *swap* regret
(Hannan 1957; Foster and Vohra 1997; Blum and Mansour 2007) are

.. math::

   \max_a \sum_t \big( g_t(a) - p_t \cdot g_t \big) \;\le\;
   \sum_a \max_b \sum_t p_t(a) \big( g_t(b) - g_t(a) \big).

The second one is at least 0; the first need not be.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.games.learning.rule import checked_gains
from rltheory.games.normal_form import checked_strategy
from rltheory.models import ModelError


def external_regret(strategies: Any, gains: Any) -> float:
    """Return how much more the best single action would have earned, in units of the gains.

    Parameters
    ----------
    strategies : array_like, shape (T, n)
        What was played.
    gains : array_like, shape (T, n)
        What each action was worth.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If the shapes differ, a gain is not finite, or a row is not a mixed strategy.

    Examples
    --------
    >>> external_regret([[0.5, 0.5], [1, 0]], [[1, 0], [0, 1]])
    0.5
    """
    p, g = _checked(strategies, gains)
    return float(g.sum(axis=0).max() - (p * g).sum())


def swap_regret(strategies: Any, gains: Any) -> float:
    """Return how much more another action in place of each would have earned, in units of the gains.

    Parameters
    ----------
    strategies, gains
        As for `external_regret`.

    Returns
    -------
    float
        At least 0, and at least the external regret.

    Raises
    ------
    ModelError
        As for `external_regret`.

    Examples
    --------
    >>> swap_regret([[1, 0], [0, 1]], [[0, 1], [1, 0]])
    2.0
    """
    p, g = _checked(strategies, gains)
    earned = p.T @ g  # of the action played and the one in its place
    return float((earned - np.diag(earned)[:, None]).max(axis=1).sum())


def _checked(strategies: Any, gains: Any) -> tuple[np.ndarray, np.ndarray]:
    g = checked_gains(gains)
    p = np.asarray(strategies)
    if p.shape != g.shape:
        raise ModelError(f"strategies has shape {p.shape}; with these gains it must be {g.shape}")
    return np.stack([checked_strategy(row, g.shape[1], f"the strategy of round {t}") for t, row in enumerate(p)]), g
