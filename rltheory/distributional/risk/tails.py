r"""Conditional value at risk: the mean of the worst, or of the best, tail of mass tau.

With lower quantiles q, and the shortfall :math:`x_- = \min(x, 0)`,

.. math::

   \mathrm{CVaR}_\tau(X) = \frac1\tau \int_0^\tau q_u \, du
   = \max_b \Big\{ b + \frac1\tau E (X - b)_- \Big\}
   = \min \Big\{ E[\xi X] : 0 \le \xi \le \frac1\tau, \; E \xi = 1 \Big\} .

The first form is the tail's mean, where an atom that the level cuts counts in part; in the second (Rockafellar and
Uryasev 2000, 2002) every :math:`\tau`-quantile is a maximiser; the third is its dual. The second shows that CVaR is
convex in the law, as a maximum of linear functionals, and how to optimise it: an expected utility for each b. It is not
indifferent to mixtures, so that taking it for the goal of every step is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import AVERSE, MEAN, SEEKING, ScaleFree, require_level


@dataclass(frozen=True, slots=True)
class CVaR(ScaleFree):
    r"""The mean of the worst outcomes of mass tau.

    Parameters
    ----------
    tau : float
        Mass of the lower tail in (0, 1]; 1 gives the mean.

    Raises
    ------
    CriterionError
        If tau is outside (0, 1].

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.CVaR(0.5)(DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25]))
    -1.5
    """

    tau: float

    def __post_init__(self) -> None:
        require_level("tau", self.tau, "EssentialInfimum")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the mean of the lower tail."""
        return lower_tail_mean(law, self.tau)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law; all axioms at level 1."""
        return AVERSE if self.tau < 1 else MEAN

    def lipschitz(self, spread: float) -> float:
        """Return 1 / tau, which any change within the tail attains."""
        return 1 / self.tau


@dataclass(frozen=True, slots=True)
class OptimisticCVaR(ScaleFree):
    r"""The mean of the best outcomes of mass tau.

    That is :math:`-\mathrm{CVaR}_\tau(-X) = \min_b \{ b + E (X - b)_+ / \tau \}`. It is concave in the law, so that
    only a randomised policy may be optimal for it.

    Parameters
    ----------
    tau : float
        Mass of the upper tail in (0, 1]; 1 gives the mean.

    Raises
    ------
    CriterionError
        If tau is outside (0, 1].

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.OptimisticCVaR(0.5)(DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25]))
    1.0
    """

    tau: float

    def __post_init__(self) -> None:
        require_level("tau", self.tau, "EssentialSupremum")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the mean of the upper tail."""
        return -lower_tail_mean(law.scale(-1.0), self.tau)

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, positively homogeneous, concave in the law; all axioms at level 1."""
        return SEEKING if self.tau < 1 else MEAN

    def lipschitz(self, spread: float) -> float:
        """Return 1 / tau, which any change within the tail attains."""
        return 1 / self.tau


def lower_tail_mean(law: DiscreteLaw, tau: float) -> float:
    """Return the mean of the lower tail of mass tau, an atom that the level cuts counting in part; at 0, the least."""
    if tau == 0:
        return float(law.atoms[0])
    within = np.minimum(law.cumulative, tau)
    return float(np.diff(within, prepend=0.0) @ law.atoms) / tau
