r"""Expected utilities, :math:`E f(X)`: linear in the law, and what stock-augmented dynamic programming optimises.

Every expected utility is indifferent to mixtures, and hardly any other functional is. It is Lipschitz in :math:`w_1` if
and only if f is, with the same constant (Kantorovich and Rubinstein 1958). It is indifferent to the discount
:math:`\gamma` if and only if

.. math:: f(\gamma x) = \alpha f(x) + \beta \quad \text{for all } x, \text{ with } \alpha > 0,

since utilities are unique up to such maps (von Neumann and Morgenstern 1947). For all discounts that leaves what is
homogeneous on each half-line with one degree p, :math:`f(\lambda x) = \lambda^p f(x)`, and on the positive numbers the
logarithm. A shift is no loss: the shortfall below a target y is :math:`\min(x, 0)` of a stock that begins at
:math:`c_0 = -y`. That is what the stock buys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import require, require_discount
from rltheory.models import CriterionError

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExpectedUtility:
    r"""The expectation of a function f of the return.

    The classmethods make the usual ones with all that is known of them. Of a function of your own, declare what holds:
    what is not declared is taken not to hold.

    Parameters
    ----------
    f : callable
        Function of arrays.
    name : str
        Its formula, for people.
    increasing, concave, convex, superadditive : bool
        Whether f is nondecreasing, concave, convex, and :math:`f(x + y) \ge f(x) + f(y)`, on its domain.
    slope : float
        Its Lipschitz constant; infinity if it has none, or none is known.
    degree : float, optional
        The p with :math:`f(\lambda x) = \lambda^p f(x)` for all :math:`\lambda > 0`.
    scale_free : bool
        Whether :math:`f(\lambda x) = \alpha f(x) + \beta` with numbers that depend on :math:`\lambda > 0` only,
        although it has no degree. So is the logarithm.
    aversion : float, optional
        The a for which f is an increasing affine function of :math:`(1 - e^{-a x}) / a`, or of x if a is 0.
    inverse : callable, optional
        The inverse of f, if it increases strictly; `CertaintyEquivalent` needs it.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> missing = risk.ExpectedUtility.shortfall()
    >>> missing, missing(DiscreteLaw([-2.0, 3.0]))
    (ExpectedUtility(min(x, 0)), -1.0)
    >>> missing.slope, missing.degree, missing.concave
    (1.0, 1.0, True)
    """

    f: Function
    name: str = field(default="f(x)", kw_only=True)
    increasing: bool = field(default=False, kw_only=True)
    concave: bool = field(default=False, kw_only=True)
    convex: bool = field(default=False, kw_only=True)
    superadditive: bool = field(default=False, kw_only=True)
    slope: float = field(default=np.inf, kw_only=True)
    degree: float | None = field(default=None, kw_only=True)
    scale_free: bool = field(default=False, kw_only=True)
    aversion: float | None = field(default=None, kw_only=True)
    inverse: Function | None = field(default=None, kw_only=True)

    def __call__(self, law: DiscreteLaw) -> float:
        """Return E f(X)."""
        return law.expect(self.f)

    @property
    def axioms(self) -> Axioms:
        """Linear in the law, indifferent to mixtures, and what f itself is."""
        is_identity = self.degree == 1 and self.concave and self.convex and self.increasing and self.slope == 1
        return Axioms(
            monotone=self.increasing,
            translation_invariant=is_identity,
            positively_homogeneous=self.degree == 1,
            superadditive=self.superadditive,
            convex_in_law=True,
            concave_in_law=True,
            indifferent_to_mixtures=True,
        )

    @property
    def compares_at_all_scales(self) -> bool:
        r"""Whether f is homogeneous, or scales as the logarithm does."""
        return self.degree is not None or self.scale_free

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`."""
        return require_discount(gamma) in (0.0, 1.0) or self.compares_at_all_scales

    def lipschitz(self, spread: float) -> float:
        """Return the Lipschitz constant of f."""
        return self.slope

    def __repr__(self) -> str:
        return f"ExpectedUtility({self.name})"

    @classmethod
    def piecewise_linear(cls, above: float, below: float, *, name: str | None = None) -> ExpectedUtility:
        r"""Return the utility with two slopes, :math:`a_+ \max(x, 0) + a_- \min(x, 0)`, of degree 1.

        Parameters
        ----------
        above, below : float
            Slopes above and below 0: ``above <= below`` is concave.
        name : str, optional
            Its formula, for people.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If a slope is not finite.
        """
        require(bool(np.isfinite(above)), "above", above, "a slope is finite")
        require(bool(np.isfinite(below)), "below", below, "a slope is finite")
        return cls(
            partial(_slopes, above, below),
            name=name or f"{above:g} max(x, 0) + {below:g} min(x, 0)",
            increasing=above >= 0 and below >= 0,
            concave=above <= below,
            convex=above >= below,
            superadditive=above <= below,
            slope=max(abs(above), abs(below)),
            degree=1.0,
            aversion=0.0 if above == below > 0 else None,
        )

    @classmethod
    def shortfall(cls) -> ExpectedUtility:
        """Return the utility min(x, 0): what is missing at 0, as a negative number."""
        return cls.piecewise_linear(0.0, 1.0, name="min(x, 0)")

    @classmethod
    def gain(cls) -> ExpectedUtility:
        """Return the utility max(x, 0): what is gained over 0."""
        return cls.piecewise_linear(1.0, 0.0, name="max(x, 0)")

    @classmethod
    def absolute(cls) -> ExpectedUtility:
        r"""Return the utility :math:`-|x|`, best at 0: with a stock of minus a target, the distance from the target."""
        return cls.piecewise_linear(-1.0, 1.0, name="-|x|")

    @classmethod
    def negative_power(cls, p: float) -> ExpectedUtility:
        r"""Return the utility :math:`-|x|^p`, of degree p.

        Parameters
        ----------
        p : float
            Positive; 1 is `absolute`, and from 1 on the utility is concave.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If p is not positive.
        """
        require(0 < p < np.inf, "p", p, "it is positive and finite")
        return cls(
            partial(_distance, p),
            name=f"-|x|^{p:g}",
            concave=p >= 1,
            superadditive=p <= 1,
            slope=1.0 if p == 1 else np.inf,
            degree=float(p),
        )

    @classmethod
    def reached(cls) -> ExpectedUtility:
        """Return the utility 1{x >= 0}, of degree 0: whether the target is reached."""
        return cls(_reaches, name="1{x >= 0}", increasing=True, degree=0.0)

    @classmethod
    def exponential(cls, beta: float) -> ExpectedUtility:
        r"""Return the utility :math:`(1 - e^{-\beta x}) / \beta`, whose certainty equivalent is `Entropic`.

        Parameters
        ----------
        beta : float
            Aversion to risk, positive and in units of one over reward.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If beta is not positive.
        """
        require(0 < beta < np.inf, "beta", beta, "it is positive and finite (0 would be the mean)")
        return cls(
            partial(_exponential, beta),
            name=f"(1 - exp(-{beta:g} x)) / {beta:g}",
            increasing=True,
            concave=True,
            aversion=float(beta),
            inverse=partial(_exponential_inverse, beta),
        )

    @classmethod
    def power(cls, p: float) -> ExpectedUtility:
        r"""Return the utility :math:`x^p / p` on positive numbers, of constant relative aversion 1 - p to risk.

        Parameters
        ----------
        p : float
            Below 1, and not 0 (the limit at 0 is `logarithm`). Zero is in the domain if p is positive.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If p is 0, or not below 1; and if the utility is asked of numbers that are not positive.
        """
        require(-np.inf < p < 1 and p != 0, "p", p, "it is below 1 and not 0 (1 is the mean, 0 the logarithm)")
        return cls(
            partial(_power, p),
            name=f"x^{p:g} / {p:g}",
            increasing=True,
            concave=True,
            superadditive=p < 0,
            degree=float(p),
            inverse=partial(_power_inverse, p),
        )

    @classmethod
    def logarithm(cls) -> ExpectedUtility:
        """Return the utility ln x on positive numbers: growth.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If the utility is asked of numbers that are not positive.
        """
        return cls(
            _logarithm,
            name="ln x",
            increasing=True,
            concave=True,
            scale_free=True,
            inverse=np.exp,
        )

    @classmethod
    def quadratic(cls, target: float = 0.0) -> ExpectedUtility:
        r"""Return the utility :math:`-(x - y)^2` for a target y; of degree 2 if the target is 0.

        Parameters
        ----------
        target : float
            The y, in reward units.

        Returns
        -------
        ExpectedUtility

        Raises
        ------
        CriterionError
            If the target is not finite.
        """
        require(bool(np.isfinite(target)), "target", target, "it is finite")
        return cls(
            partial(_quadratic, target),
            name=f"-(x - {target:g})^2" if target else "-x^2",
            concave=True,
            degree=None if target else 2.0,
        )


# Functions that have a name, not lambdas: a utility can then be sent to another process, and written to a file.


def _slopes(above: float, below: float, x: np.ndarray) -> np.ndarray:
    return above * np.maximum(x, 0.0) + below * np.minimum(x, 0.0)


def _distance(p: float, x: np.ndarray) -> np.ndarray:
    return -(np.abs(x) ** p)


def _reaches(x: np.ndarray) -> np.ndarray:
    return (np.asarray(x) >= 0).astype(np.float64)


def _exponential(beta: float, x: np.ndarray) -> np.ndarray:
    return -np.expm1(-beta * np.asarray(x)) / beta


def _exponential_inverse(beta: float, y: np.ndarray) -> np.ndarray:
    return -np.log1p(-beta * np.asarray(y)) / beta


def _power(p: float, x: np.ndarray) -> np.ndarray:
    return _positive(x, f"the power {p:g}", zero=p > 0) ** p / p


def _power_inverse(p: float, y: np.ndarray) -> np.ndarray:
    return (p * np.asarray(y)) ** (1 / p)


def _logarithm(x: np.ndarray) -> np.ndarray:
    return np.log(_positive(x, "the logarithm"))


def _quadratic(target: float, x: np.ndarray) -> np.ndarray:
    return -((np.asarray(x) - target) ** 2)


def _positive(x: np.ndarray, what: str, *, zero: bool = False) -> np.ndarray:
    """Return an array of floats, or raise unless all are positive (or 0, if that is allowed)."""
    x = np.asarray(x, dtype=np.float64)
    sound = (x >= 0) if zero else (x > 0)
    if not sound.all():
        valid = "x >= 0" if zero else "x > 0"
        raise CriterionError(f"{what} is asked of {x[~sound].min():g}; it needs {valid}, which a larger stock may give")
    return x
