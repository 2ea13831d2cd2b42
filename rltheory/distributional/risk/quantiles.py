r"""The ends of a law, and its quantiles.

.. math::

   \operatorname{ess\,inf} X, \qquad q^-_\tau = \min \{ y : P(X \le y) \ge \tau \}, \qquad
   \mathrm{VaR}_\tau = q^+_\tau = \min \{ y : P(X \le y) > \tau \}, \qquad \operatorname{ess\,sup} X.

The two quantiles differ where the distribution function is flat at the level. They look at one place of the law only:
laws that are as near as one likes in :math:`w_1` may have quantiles that are far apart. The ends alone are indifferent
to mixtures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import LARGEST, LEAST, NEITHER, ScaleFree, require_level


@dataclass(frozen=True, slots=True)
class EssentialInfimum(ScaleFree):
    """The worst that can happen.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.EssentialInfimum()(DiscreteLaw([0.0, 4.0], [0.01, 0.99]))
    0.0
    """

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the smallest atom."""
        return float(law.atoms[0])

    @property
    def axioms(self) -> Axioms:
        """Coherent, convex in the law, indifferent to mixtures."""
        return LEAST

    def lipschitz(self, spread: float) -> float:
        """Return infinity: the rarest outcome decides."""
        return np.inf


@dataclass(frozen=True, slots=True)
class EssentialSupremum(ScaleFree):
    """The best that can happen.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.EssentialSupremum()(DiscreteLaw([0.0, 4.0], [0.99, 0.01]))
    4.0
    """

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the largest atom."""
        return float(law.atoms[-1])

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, positively homogeneous; concave in the law, indifferent to mixtures."""
        return LARGEST

    def lipschitz(self, spread: float) -> float:
        """Return infinity: the rarest outcome decides."""
        return np.inf


@dataclass(frozen=True, slots=True)
class LowerQuantile(ScaleFree):
    r"""The lower quantile :math:`q^-_\tau`, the smallest y with :math:`P(X \le y) \ge \tau`.

    Parameters
    ----------
    tau : float
        Level in (0, 1]; a level within 1e-12 of a value of the distribution function is taken for it.

    Raises
    ------
    CriterionError
        If tau is outside (0, 1].

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> coin = DiscreteLaw([0.0, 1.0])
    >>> risk.LowerQuantile(0.5)(coin), risk.ValueAtRisk(0.5)(coin)
    (0.0, 1.0)
    """

    tau: float

    def __post_init__(self) -> None:
        require_level("tau", self.tau, "EssentialInfimum")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the smallest atom with P(X <= y) >= tau."""
        return float(law.quantile(self.tau))

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, positively homogeneous; at level 1 those of `EssentialSupremum`."""
        return NEITHER if self.tau < 1 else LARGEST

    def lipschitz(self, spread: float) -> float:
        """Return infinity: quantiles jump."""
        return np.inf


@dataclass(frozen=True, slots=True)
class ValueAtRisk(ScaleFree):
    r"""The value at risk :math:`q^+_\tau`, the upper quantile: the smallest y with :math:`P(X \le y) > \tau`.

    Parameters
    ----------
    tau : float
        Mass of the lower tail in (0, 1]; level 1 gives the largest atom. Levels within 1e-12 of a value of the
        distribution function are taken for it.

    Raises
    ------
    CriterionError
        If tau is outside (0, 1].

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.ValueAtRisk(0.25)(DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25]))
    0.0
    """

    tau: float

    def __post_init__(self) -> None:
        require_level("tau", self.tau, "EssentialInfimum")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the smallest atom with P(X <= y) > tau."""
        return float(law.quantile(self.tau, side="upper"))

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, positively homogeneous; at level 1 those of `EssentialSupremum`."""
        return NEITHER if self.tau < 1 else LARGEST

    def lipschitz(self, spread: float) -> float:
        """Return infinity: quantiles jump."""
        return np.inf
