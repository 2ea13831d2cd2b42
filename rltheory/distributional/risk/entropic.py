r"""Entropic risk, and the entropic value at risk.

.. math::

   \mathrm{ERM}_\beta(X) = -\frac1\beta \ln E e^{-\beta X}, \qquad
   \mathrm{EVaR}_\alpha(X) = \sup_{\beta > 0} \Big\{ \mathrm{ERM}_\beta(X) + \frac{\ln \alpha}{\beta} \Big\}
   = \inf \{ E_Q X : \mathrm{KL}(Q \| P) \le -\ln \alpha \} .

The first is the certainty equivalent of an exponential utility (Howard and Matheson 1972). It falls from the mean at
:math:`\beta = 0` to the essential infimum as :math:`\beta` grows, and by Hoeffding by at most :math:`\beta R^2 / 8` for
laws on an interval of length R. The second (Ahmadi-Javid 2012) is the coherent functional that it makes, with

.. math:: \operatorname{ess\,inf} X \le \mathrm{EVaR}_\alpha(X) \le \mathrm{CVaR}_\alpha(X) .

**The supremum.** In :math:`t = 1/\beta` the maximand is the perspective of a concave function, so concave, and its
derivative is :math:`\mathrm{KL}(Q_\beta \| P) + \ln \alpha` with the tilted law
:math:`dQ_\beta / dP \propto e^{-\beta X}`. The divergence grows from 0 to :math:`-\ln P(X = \min)`. So if the least
atom has mass :math:`\alpha` or more the supremum is that atom; and otherwise the maximiser is the root of an increasing
function, not below :math:`\sqrt{-8 \ln \alpha} / R`, since :math:`\mathrm{KL}(Q_\beta \| P) \le \beta^2 R^2 / 8`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import LEVEL_TOLERANCE, DiscreteLaw
from rltheory.distributional.risk._shared import (
    AVERSE,
    MEAN,
    ScaleFree,
    holding,
    require,
    require_discount,
    require_level,
)

_NEARLY_LINEAR = 1e-8
_NEARLY_WORST = 1e4


@dataclass(frozen=True, slots=True)
class Entropic:
    r"""Entropic risk, :math:`-\frac1\beta \ln E e^{-\beta X}`.

    It is indifferent to mixtures, as a monotone function of an expected utility, but not to a discount:
    :math:`\mathrm{ERM}_\beta(\gamma X) = \gamma\, \mathrm{ERM}_{\gamma\beta}(X)`.

    Parameters
    ----------
    beta : float
        Aversion to risk, at least 0 and in units of one over reward; 0 gives the mean.

    Raises
    ------
    CriterionError
        If beta is negative or not finite.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> coin = DiscreteLaw([0.0, 1.0])
    >>> [round(risk.Entropic(beta)(coin), 4) for beta in (0.0, 1.0, 10.0, 1000.0)]
    [0.5, 0.3799, 0.0693, 0.0007]
    """

    beta: float

    def __post_init__(self) -> None:
        require(
            0 <= self.beta < np.inf, "beta", self.beta, "it is at least 0 and finite (EssentialInfimum is the limit)"
        )

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the entropic risk."""
        return entropic_value(law, self.beta)

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, convex in the law, indifferent to mixtures; all axioms if beta is 0."""
        if self.beta == 0:
            return MEAN
        return holding("monotone", "translation_invariant", "convex_in_law", "indifferent_to_mixtures")

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: not between 0 and 1."""
        return require_discount(gamma) in (0.0, 1.0) or self.beta == 0

    def lipschitz(self, spread: float) -> float:
        """Return exp(beta spread), which a small mass far below all else attains."""
        return exponential_growth(self.beta, spread)


@dataclass(frozen=True, slots=True)
class EVaR(ScaleFree):
    r"""The entropic value at risk, :math:`\sup_{\beta > 0} \{ \mathrm{ERM}_\beta(X) + \ln(\alpha) / \beta \}`.

    The maximiser is found to about 1e-12 of itself, where the maximand is flat: what is left is rounding, about 1e-14
    times the largest atom.

    Parameters
    ----------
    alpha : float
        Level in (0, 1]; 1 gives the mean.

    Raises
    ------
    CriterionError
        If alpha is outside (0, 1].

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> law = DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25])
    >>> [round(risk.EVaR(alpha)(law), 4) for alpha in (1.0, 0.5, 0.25)]
    [-0.25, -2.356, -3.0]
    """

    alpha: float

    def __post_init__(self) -> None:
        require_level("alpha", self.alpha, "EssentialInfimum")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the entropic value at risk."""
        least, mean = float(law.atoms[0]), law.mean
        if self.alpha == 1 or law.atoms.size == 1:
            return mean
        if law.prob[0] >= self.alpha - LEVEL_TOLERANCE:
            return least
        radius = -math.log(self.alpha)
        beta = _tilt(law, radius)
        return min(max(entropic_value(law, beta) - radius / beta, least), mean)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law; all axioms at level 1."""
        return AVERSE if self.alpha < 1 else MEAN

    def lipschitz(self, spread: float) -> float:
        """Return infinity below level 1: an outcome of mass p can weigh as much as a multiple of 1 / ln(1 / p)."""
        return np.inf if self.alpha < 1 else 1.0


def entropic_value(law: DiscreteLaw, beta: float) -> float:
    """Return -ln E exp(-beta X) / beta without overflow, and without cancellation where beta is small."""
    least = float(law.atoms[0])
    if beta * (law.atoms[-1] - least) < _NEARLY_LINEAR:  # the next term of the series is below beta^2 range^3
        return law.mean - beta / 2 * law.variance
    return least - _log_laplace(law, beta, least) / beta


def _log_laplace(law: DiscreteLaw, beta: float, origin: float) -> float:
    """Return ln E exp(-beta (X - origin)), exact to rounding also where it is near 0."""
    exponent = -beta * (law.atoms - origin)
    change = float(law.prob @ np.expm1(exponent))
    return math.log1p(change) if abs(change) < 0.5 else math.log(law.prob @ np.exp(exponent))


def exponential_growth(rate: float, spread: float) -> float:
    """Return exp(rate spread), infinity where that is too large for a float, and 1 for rate 0."""
    exponent = rate * spread if rate else 0.0
    return math.exp(exponent) if exponent < 700 else math.inf


def _tilt(law: DiscreteLaw, radius: float) -> float:
    """Return the beta whose tilted law is at divergence ``radius``, which is less than -ln P(X = min)."""
    from scipy.optimize import brentq

    def excess(log_beta: float) -> float:
        return _divergence(law, math.exp(log_beta)) - radius

    scale = float(law.atoms[-1] - law.atoms[0])
    low = math.log(math.sqrt(8 * radius) / scale) - 1e-6
    high, end = low + 1.0, math.log(_NEARLY_WORST / float(law.atoms[1] - law.atoms[0]))
    while excess(high) < 0:
        if high > end:
            return math.exp(high)
        high += 1.0
    return math.exp(brentq(excess, low, high, xtol=1e-13, rtol=1e-14))


def _divergence(law: DiscreteLaw, beta: float) -> float:
    """Return KL(Q || P) for dQ/dP proportional to exp(-beta X)."""
    least, most = law.atoms[0], law.atoms[-1]
    origin = law.mean if beta * (most - least) < 1 else float(least)  # the one cancels less, the other never overflows
    exponent = -beta * (law.atoms - origin)
    weight = law.prob * np.exp(exponent)
    return float(weight @ exponent / weight.sum()) - _log_laplace(law, beta, origin)
