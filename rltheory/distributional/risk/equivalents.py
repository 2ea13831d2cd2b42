r"""Utilities in reward units: the certainty equivalent, and the optimised one.

.. math::

   \mathrm{CE}_f(X) = f^{-1}(E f(X)), \qquad
   \mathrm{OCE}_u(X) = \sup_b \{ b + E u(X - b) \} .

The certainty equivalent is what one would take for certain instead of X. It compares laws as the expected utility does.
The optimised one (Ben-Tal and Teboulle 1986, 2007) spends b now and keeps X - b for later; u is concave and
nondecreasing with :math:`u(0) = 0` and 1 among its slopes at 0, that is :math:`u(x) \le x`. It is translation invariant
always, and convex in the law as a maximum of linear functionals:

* :math:`u(x) = \min(x, 0) / \tau` gives CVaR, and :math:`u(x) = (1 - e^{-\beta x}) / \beta` entropic risk;
* slopes :math:`a_+ \le 1 \le a_-` give
  :math:`a_+ E X + (1 - a_+)\, \mathrm{CVaR}_\tau(X)` with :math:`\tau = (1 - a_+) / (a_- - a_+)`,

since a best b is a :math:`\tau`-quantile. In general a best b lies among the atoms' range, and is found there by golden
section.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import MEAN, require_discount
from rltheory.distributional.risk.entropic import entropic_value, exponential_growth
from rltheory.distributional.risk.tails import lower_tail_mean
from rltheory.distributional.risk.utilities import ExpectedUtility, Function
from rltheory.models import CriterionError

_ROUNDING = 1e-12
_FAR = 2.0**20
_GOLDEN = (np.sqrt(5) - 1) / 2
_SECTIONS = 90  # shrink an interval below its rounding


@dataclass(frozen=True, slots=True, eq=False)
class CertaintyEquivalent:
    r"""The certain amount that is worth as much, :math:`f^{-1}(E f(X))`.

    Parameters
    ----------
    utility : ExpectedUtility
        With an inverse, such as ``ExpectedUtility.logarithm()``.

    Raises
    ------
    CriterionError
        If the utility has no inverse.

    Examples
    --------
    The geometric mean:

    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> growth = risk.CertaintyEquivalent(risk.ExpectedUtility.logarithm())
    >>> round(growth(DiscreteLaw([1.0, 4.0])), 12)
    2.0
    """

    utility: ExpectedUtility

    def __post_init__(self) -> None:
        self._inverse()

    def _inverse(self) -> Function:
        if self.utility.inverse is None:
            raise CriterionError(
                f"{self.utility} has no inverse; a certainty equivalent needs one, such as a logarithm"
            )
        return self.utility.inverse

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the certainty equivalent; of an exponential utility as entropic risk, which does not overflow."""
        if self.utility.aversion is not None:
            return entropic_value(law, self.utility.aversion)
        return float(self._inverse()(np.asarray(self.utility(law))))

    @property
    def axioms(self) -> Axioms:
        """Monotone, indifferent to mixtures; convex in the law if f is concave; in units of reward as f scales."""
        u = self.utility
        if u.concave and u.convex:
            return MEAN
        return Axioms(
            monotone=True,
            translation_invariant=u.aversion is not None,
            positively_homogeneous=u.compares_at_all_scales,
            superadditive=u.concave and u.compares_at_all_scales and u.degree != 1,  # a mean of some power: Minkowski
            convex_in_law=u.concave,
            concave_in_law=u.convex,
            indifferent_to_mixtures=True,
        )

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: as for the utility."""
        return self.utility.indifferent_to_discount(gamma)

    def lipschitz(self, spread: float) -> float:
        """Return exp(aversion spread) for an exponential utility, infinity for those of which no bound is known."""
        aversion = self.utility.aversion
        return np.inf if aversion is None else exponential_growth(aversion, spread)


@dataclass(frozen=True, slots=True, eq=False)
class OptimisedCertaintyEquivalent:
    r"""The optimised certainty equivalent :math:`\sup_b \{ b + E u(X - b) \}`.

    Two slopes and exponential utilities are computed by their closed forms. For others the value is not above the
    supremum, and below it by rounding only, as the maximand is concave.

    Parameters
    ----------
    utility : ExpectedUtility
        Concave and increasing, with :math:`u(0) = 0` and :math:`u(x) \le x`.

    Raises
    ------
    CriterionError
        If the utility is not declared concave and increasing, or one of its numbers is not as it must be.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> law = DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25])
    >>> risk.OptimisedCertaintyEquivalent.of_slopes(0.0, 2.0)(law), risk.CVaR(0.5)(law)
    (-1.5, -1.5)
    """

    utility: ExpectedUtility

    def __post_init__(self) -> None:
        u = self.utility
        if not (u.concave and u.increasing):
            raise CriterionError(f"{u} is not declared concave and increasing; an optimised equivalent needs both")
        steps = 2.0 ** np.arange(4, -21, -1)
        near = np.concatenate([[0.0], steps, -steps])
        value = np.asarray(u.f(near))
        wrong = value > near + _ROUNDING * (1 + np.abs(near))
        wrong[0] = abs(value[0]) > _ROUNDING
        if wrong.any():
            x, y = near[wrong][0], value[wrong][0]
            raise CriterionError(f"u({x:g}) = {y:g} for {u}; u(0) = 0 and u(x) <= x must hold")

    @classmethod
    def of_slopes(cls, above: float, below: float) -> OptimisedCertaintyEquivalent:
        r"""Return the one with slopes above and below 0: a mean and a CVaR, mixed.

        Parameters
        ----------
        above : float
            Slope of gains, in [0, 1].
        below : float
            Slope of losses, at least 1.

        Returns
        -------
        OptimisedCertaintyEquivalent

        Raises
        ------
        CriterionError
            If a slope is outside.
        """
        return cls(ExpectedUtility.piecewise_linear(above, below))

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the optimised certainty equivalent."""
        if self._is_mean:
            return law.mean
        if self.utility.degree == 1:
            above, below = self._slope(1.0), self._slope(-1.0)
            return above * law.mean + (1 - above) * lower_tail_mean(law, (1 - above) / (below - above))
        if self.utility.aversion is not None:
            return entropic_value(law, self.utility.aversion)
        return self._golden_section(law)

    def _slope(self, at: float) -> float:
        with np.errstate(over="ignore"):
            return float(self.utility.f(np.array([at]))[0]) / at

    @property
    def _is_mean(self) -> bool:
        """Whether u(x) = x for all gains or for all losses, so that b below or above all atoms is best."""
        return self._slope(_FAR) == 1 or self._slope(-_FAR) == 1

    def _golden_section(self, law: DiscreteLaw) -> float:
        def value(b: float) -> float:
            return b + float(law.prob @ np.asarray(self.utility.f(law.atoms - b)))

        low, high = float(law.atoms[0]), float(law.atoms[-1])
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_left, at_right = value(left), value(right)
        best = max(value(low), value(high), at_left, at_right)
        for _ in range(_SECTIONS):
            if at_left >= at_right:
                high, right, at_right = right, left, at_left
                left = high - _GOLDEN * (high - low)
                at_left = value(left)
            else:
                low, left, at_left = left, right, at_right
                right = low + _GOLDEN * (high - low)
                at_right = value(right)
            best = max(best, at_left, at_right)
        return best

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, convex in the law; coherent if u has two slopes only."""
        if self._is_mean:
            return MEAN
        coherent = self.utility.degree == 1
        return Axioms(
            monotone=True,
            translation_invariant=True,
            positively_homogeneous=coherent,
            superadditive=coherent,
            convex_in_law=True,
            concave_in_law=False,
            indifferent_to_mixtures=self.utility.aversion is not None,  # then it is entropic risk
        )

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: if u has two slopes only."""
        return require_discount(gamma) in (0.0, 1.0) or self.utility.degree == 1 or self._is_mean

    def lipschitz(self, spread: float) -> float:
        """Return the largest slope that u can show, that at -spread; where it is not known, by a secant just below."""
        if self._is_mean:
            return 1.0
        if self.utility.aversion is not None:
            return exponential_growth(self.utility.aversion, spread)
        if not np.isfinite(spread):
            return self.utility.slope
        step = 1e-3 * (spread or 1.0)
        low, high = np.asarray(self.utility.f(np.array([-spread - step, -spread])))
        return min(self.utility.slope, float(high - low) / step)
