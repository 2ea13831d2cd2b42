r"""Functionals of the mean and of distances from it.

.. math::

   E X, \qquad \operatorname{Var} X = E (X - E X)^2, \qquad E X - \lambda \operatorname{Var} X, \qquad
   E X - \kappa\, E (E X - X)_+ .

The mean is linear in the law. The variance is :math:`E X^2 - (E X)^2`, concave in it, so that the mean less the
variance (Markowitz 1952) is convex; but it prefers 0 to some gambles that never lose. The mean less the lower
semideviation has no such fault for :math:`\kappa \le 1` (Ogryczak and Ruszczyński 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import COHERENT, MEAN, ScaleBound, ScaleFree, holding, require


@dataclass(frozen=True, slots=True)
class Mean(ScaleFree):
    """The expectation: the functional of ordinary dynamic programming, which has every axiom.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.Mean()(DiscreteLaw([0.0, 4.0], [0.75, 0.25]))
    1.0
    """

    def __call__(self, law: DiscreteLaw) -> float:
        """Return E X."""
        return law.mean

    @property
    def axioms(self) -> Axioms:
        """All."""
        return MEAN

    def lipschitz(self, spread: float) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True, slots=True)
class Variance(ScaleFree):
    """The variance, in squared reward units; nothing but concave in the law.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.Variance()(DiscreteLaw([0.0, 4.0]))
    4.0
    """

    def __call__(self, law: DiscreteLaw) -> float:
        """Return Var X."""
        return law.variance

    @property
    def axioms(self) -> Axioms:
        """Concave in the law."""
        return holding("concave_in_law")

    def lipschitz(self, spread: float) -> float:
        """Return twice the spread, which a small mass far from all else attains."""
        return 2 * spread


@dataclass(frozen=True, slots=True)
class MeanVariance(ScaleBound):
    r"""The mean less a multiple of the variance, :math:`E X - \lambda \operatorname{Var} X`.

    Parameters
    ----------
    lam : float
        :math:`\lambda > 0`, in units of one over reward.

    Raises
    ------
    CriterionError
        If lam is not positive.

    Examples
    --------
    It prefers nothing to a free lottery ticket:

    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.MeanVariance(1.0)(DiscreteLaw([0.0, 4.0]))
    -2.0
    """

    lam: float

    def __post_init__(self) -> None:
        require(0 < self.lam < np.inf, "lam", self.lam, "it is positive and finite (0 would be the mean)")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return E X - lam Var X."""
        return law.mean - self.lam * law.variance

    @property
    def axioms(self) -> Axioms:
        """Translation invariant, and convex in the law."""
        return holding("translation_invariant", "convex_in_law")

    def lipschitz(self, spread: float) -> float:
        """Return 1 + 2 lam spread, which a small mass far below all else attains."""
        return 1 + 2 * self.lam * spread


@dataclass(frozen=True, slots=True)
class Semideviation(ScaleFree):
    r"""The mean less a multiple of the lower semideviation, :math:`E X - \kappa\, E (E X - X)_+`.

    Parameters
    ----------
    kappa : float
        :math:`\kappa \in [0, 1]`, without unit.

    Raises
    ------
    CriterionError
        If kappa is outside [0, 1], where the functional is not monotone.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.Semideviation(0.5)(DiscreteLaw([0.0, 4.0]))
    1.5
    """

    kappa: float

    def __post_init__(self) -> None:
        require(0 <= self.kappa <= 1, "kappa", self.kappa, "it is in [0, 1], where the functional is monotone")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return E X - kappa E (E X - X)+."""
        mean = law.mean
        return mean - self.kappa * law.expect(lambda x: np.maximum(mean - x, 0.0))

    @property
    def axioms(self) -> Axioms:
        """Coherent, and neither convex nor concave in the law; all axioms if kappa is 0."""
        return holding(*COHERENT) if self.kappa else MEAN

    def lipschitz(self, spread: float) -> float:
        """Return 1 + kappa, which a small mass below all else attains."""
        return 1 + self.kappa
