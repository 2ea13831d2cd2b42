r"""Penalties that keep a strategy from certainty, as a player's mistakes do.

=================  ===================================================  ==============================================
`LogBarrier`       :math:`\epsilon \nu(p) = -\epsilon \sum \ln p_a`     :math:`p_a = \epsilon / (\lambda - g_a)`
`NegativeEntropy`  :math:`\epsilon \nu(p) = \epsilon \sum p_a \ln p_a`  :math:`p_a \propto e^{g_a / \epsilon}` (logit)
=================  ===================================================  ==============================================

On the right is the strategy that maximises :math:`g \cdot p - \epsilon \nu(p)`, with the one
:math:`\lambda > \max g` at which it sums to 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rltheory.games.risk.smooth import least_multiplier, require_positive

LEAST_PROBABILITY = 1e-300  # what is less likely is still possible: penalties take logarithms


class Penalty:
    """What both penalties share: a weight, derivatives, and the strategy that is best for a linear objective."""

    __slots__ = ()

    epsilon: float

    def value(self, p: np.ndarray) -> float:
        """Return the penalty, in payoff units."""
        raise NotImplementedError

    def slope(self, p: np.ndarray) -> np.ndarray:
        """Return its gradient, shape (m,)."""
        raise NotImplementedError

    def curvature(self, p: np.ndarray) -> np.ndarray:
        """Return the diagonal of its second derivatives, shape (m,)."""
        raise NotImplementedError

    def response(self, g: np.ndarray, scale: float = 1.0) -> np.ndarray:
        """Return the strategy that maximises g p less ``scale`` times the penalty."""
        raise NotImplementedError

    def ceiling(self, g: np.ndarray) -> float:
        """Return a proven upper bound on g p less the penalty, over all strategies; their maximum but for rounding."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class LogBarrier(Penalty):
    r"""The penalty :math:`-\epsilon \sum_a \ln p_a`.

    Parameters
    ----------
    epsilon : float
        Its weight, positive, in payoff units.

    Raises
    ------
    CriterionError
        If epsilon is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import LogBarrier
    >>> LogBarrier(1.0).response(np.array([1.5, 0.0])).round(6)
    array([0.666667, 0.333333])
    """

    epsilon: float

    def __post_init__(self) -> None:
        require_positive("epsilon", self.epsilon)

    def value(self, p: np.ndarray) -> float:
        """Return -epsilon sum log p."""
        return -self.epsilon * float(np.log(p).sum())

    def slope(self, p: np.ndarray) -> np.ndarray:
        """Return -epsilon / p."""
        return -self.epsilon / p

    def curvature(self, p: np.ndarray) -> np.ndarray:
        """Return epsilon / p^2."""
        return self.epsilon / p**2

    def response(self, g: np.ndarray, scale: float = 1.0) -> np.ndarray:
        """Return epsilon / (lambda - g), that sums to 1."""
        height = (g.max() - g) / (scale * self.epsilon)
        p = 1 / (least_multiplier(np.ones(g.size), height) + height)
        return p / p.sum()

    def ceiling(self, g: np.ndarray) -> float:
        """Return the dual objective lambda + epsilon sum (log(epsilon / (lambda - g)) - 1), which any lambda proves."""
        height = (g.max() - g) / self.epsilon
        lam = least_multiplier(np.ones(g.size), height)
        return float(g.max() + self.epsilon * (lam - np.log(lam + height).sum() - g.size))


@dataclass(frozen=True, slots=True)
class NegativeEntropy(Penalty):
    r"""The penalty :math:`\epsilon \sum_a p_a \ln p_a`, of which logit responses are the best ones.

    Parameters
    ----------
    epsilon : float
        Its weight, positive, in payoff units: one over the precision of the logit.

    Raises
    ------
    CriterionError
        If epsilon is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import NegativeEntropy
    >>> NegativeEntropy(1.0).response(np.array([np.log(2), 0.0])).round(6)
    array([0.666667, 0.333333])
    """

    epsilon: float

    def __post_init__(self) -> None:
        require_positive("epsilon", self.epsilon)

    def value(self, p: np.ndarray) -> float:
        """Return epsilon sum p log p."""
        return self.epsilon * float((p * np.log(np.where(p > 0, p, 1.0))).sum())

    def slope(self, p: np.ndarray) -> np.ndarray:
        """Return epsilon (1 + log p)."""
        return self.epsilon * (1 + np.log(p))

    def curvature(self, p: np.ndarray) -> np.ndarray:
        """Return epsilon / p."""
        return self.epsilon / p

    def response(self, g: np.ndarray, scale: float = 1.0) -> np.ndarray:
        """Return the logit response, exp(g / epsilon) rescaled."""
        p = np.maximum(np.exp((g - g.max()) / (scale * self.epsilon)), LEAST_PROBABILITY)
        return p / p.sum()

    def ceiling(self, g: np.ndarray) -> float:
        """Return epsilon log sum exp(g / epsilon)."""
        return float(g.max() + self.epsilon * math.log(np.exp((g - g.max()) / self.epsilon).sum()))
