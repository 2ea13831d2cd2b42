r"""Targets: to reach a number, or to come near a law.

.. math:: P(X \ge y), \qquad -w_1(X, \nu^*), \qquad -\ell_2^2(X, \nu^*) .

The first is an expected utility, and so is the distance in :math:`w_1` from a constant y, which is
:math:`E |X - y|`. No other distance from a law is: they are concave in the law, so that policies that randomise come
nearer to a target than those that do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.metrics import cramer, wasserstein
from rltheory.distributional.risk._shared import holding, require, require_discount


@dataclass(frozen=True, slots=True)
class TargetProbability:
    """The probability that the return reaches a target, P(X >= target).

    Parameters
    ----------
    target : float
        In reward units.

    Raises
    ------
    CriterionError
        If the target is not finite.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.TargetProbability(2.0)(DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25]))
    0.25
    """

    target: float

    def __post_init__(self) -> None:
        require(bool(np.isfinite(self.target)), "target", self.target, "it is finite")

    def __call__(self, law: DiscreteLaw) -> float:
        """Return P(X >= target)."""
        return law.expect(lambda x: x >= self.target)

    @property
    def axioms(self) -> Axioms:
        """Monotone, linear in the law, indifferent to mixtures."""
        return holding("monotone", "convex_in_law", "concave_in_law", "indifferent_to_mixtures")

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: if the target is 0."""
        return require_discount(gamma) in (0.0, 1.0) or self.target == 0

    def lipschitz(self, spread: float) -> float:
        """Return infinity: just below the target is not at it."""
        return np.inf


@dataclass(frozen=True, slots=True)
class NegativeWasserstein:
    r"""Minus the distance from a target law, :math:`-w_1(X, \nu^*) = -\int |F - F^*| \, dx`, in reward units.

    Parameters
    ----------
    target : DiscreteLaw
        The law :math:`\nu^*`.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.NegativeWasserstein(DiscreteLaw([0.0, 1.0]))(DiscreteLaw.point(0.0))
    -0.5
    """

    target: DiscreteLaw

    def __call__(self, law: DiscreteLaw) -> float:
        """Return minus the distance."""
        return -wasserstein(law, self.target)

    @property
    def axioms(self) -> Axioms:
        """Concave in the law; linear if the target is a constant, and then homogeneous and superadditive if it is 0."""
        if _is_zero(self.target):
            return holding("positively_homogeneous", "superadditive", *_LINEAR)
        return holding(*_LINEAR) if self.target.atoms.size == 1 else holding("concave_in_law")

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: if the target is 0."""
        return require_discount(gamma) in (0.0, 1.0) or _is_zero(self.target)

    def lipschitz(self, spread: float) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True, slots=True)
class NegativeCramer:
    r"""Minus the squared Cramér distance from a target law, :math:`-\int (F - F^*)^2 \, dx`, in reward units.

    Parameters
    ----------
    target : DiscreteLaw
        The law :math:`\nu^*`.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.NegativeCramer(DiscreteLaw([0.0, 1.0]))(DiscreteLaw.point(0.0))
    -0.25
    """

    target: DiscreteLaw

    def __call__(self, law: DiscreteLaw) -> float:
        """Return minus the squared distance."""
        return -(cramer(law, self.target) ** 2)

    @property
    def axioms(self) -> Axioms:
        """Concave in the law; positively homogeneous if the target is 0."""
        return holding("concave_in_law", *(["positively_homogeneous"] if _is_zero(self.target) else []))

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: if the target is 0."""
        return require_discount(gamma) in (0.0, 1.0) or _is_zero(self.target)

    def lipschitz(self, spread: float) -> float:
        r"""Return 2, since :math:`|(F - F^*)^2 - (G - F^*)^2| \le 2 |F - G|`; attained far from the target."""
        return 2.0


_LINEAR = ("convex_in_law", "concave_in_law", "indifferent_to_mixtures")


def _is_zero(law: DiscreteLaw) -> bool:
    return law.atoms.size == 1 and law.atoms[0] == 0
