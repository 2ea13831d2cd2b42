r"""Distortions: the mean after the distribution function has been bent.

For a nondecreasing g with :math:`g(0) = 0` and :math:`g(1) = 1`, with sorted atoms and their distribution function,

.. math:: \rho_g(X) = \int x \, d g(F(x)) = \sum_i x_i \, [\, g(F_i) - g(F_{i-1}) \,] .

All are monotone, translation invariant and positively homogeneous, and additive for variables that rise and fall
together (Wang 1996; Yaari 1987). Since :math:`\rho_g(X) = b - \int_a^b g(F(x)) \, dx` for laws on [a, b], a concave g,
which weighs the worst outcomes more, gives a coherent functional that is convex in the law; a convex g one that is
concave in the law; and the Lipschitz constant is the largest slope of g.

Here g acts on the distribution function. Where a distortion is given as a map of quantile levels to sample from, as by
Dabney, Ostrovski, Silver and Munos (2018), g is its inverse: Wang's parameter has the other sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import AVERSE, MEAN, NEITHER, SEEKING, ScaleFree, require
from rltheory.models import CriterionError

_GRID = np.linspace(0.0, 1.0, 1025)
_ROUNDING = 1e-12
LEAST_THETA = 0.28
"""Below about 0.2792 the weight of `CumulativeProspectWeight` is not monotone."""


def distorted_mean(law: DiscreteLaw, g: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return the mean of a law whose distribution function F is replaced by g(F)."""
    return float(np.diff(g(law.cumulative), prepend=0.0) @ law.atoms)


def distortion_axioms(concave: bool, convex: bool) -> Axioms:
    """Return what a distortion promises."""
    if concave and convex:
        return MEAN
    return AVERSE if concave else SEEKING if convex else NEITHER


@dataclass(frozen=True, slots=True)
class Distortion(ScaleFree):
    r"""The distorted mean :math:`\sum_i x_i [g(F_i) - g(F_{i-1})]` of a distortion of your own.

    Parameters
    ----------
    g : callable
        Function of arrays, nondecreasing on [0, 1], with g(0) = 0 and g(1) = 1. The integral of a nonincreasing density
        on levels is one, and makes a spectral functional.
    concave, convex : bool
        Whether g is; both only if it is the identity. Not known is False.
    slope : float
        Largest slope of g, which is the Lipschitz constant; infinity if it has none, or none is known.

    Raises
    ------
    CriterionError
        If g is no distortion, or not as declared, on a grid of 1,025 levels.

    Examples
    --------
    The mean of the smaller of two draws:

    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> smaller = risk.Distortion(lambda u: 1 - (1 - u) ** 2, concave=True, slope=2.0)
    >>> smaller(DiscreteLaw([0.0, 1.0])), smaller.axioms.superadditive
    (0.25, True)
    """

    g: Callable[[np.ndarray], np.ndarray]
    concave: bool = field(default=False, kw_only=True)
    convex: bool = field(default=False, kw_only=True)
    slope: float = field(default=np.inf, kw_only=True)

    def __post_init__(self) -> None:
        _check(self.g, self.concave, self.convex, self.slope)

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the distorted mean."""
        return distorted_mean(law, self.g)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law if g is concave."""
        return distortion_axioms(self.concave, self.convex)

    def lipschitz(self, spread: float) -> float:
        """Return the largest slope of g."""
        return self.slope


@dataclass(frozen=True, slots=True)
class Wang(ScaleFree):
    r"""Wang's transform, :math:`g(u) = \Phi(\Phi^{-1}(u) + \lambda)` with the normal distribution function.

    It moves a normal law by :math:`-\lambda` standard deviations (Wang 2000).

    Parameters
    ----------
    lam : float
        Aversion to risk; positive is averse, negative seeking, 0 the mean.

    Raises
    ------
    CriterionError
        If lam is not finite.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> round(risk.Wang(1.0)(DiscreteLaw([0.0, 1.0])), 4)
    0.1587
    """

    lam: float

    def __post_init__(self) -> None:
        require(bool(np.isfinite(self.lam)), "lam", self.lam, "it is finite; positive is averse to risk")

    def g(self, u: np.ndarray) -> np.ndarray:
        """Return the distorted levels."""
        from scipy.special import ndtr, ndtri

        return ndtr(ndtri(u) + self.lam)

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the distorted mean."""
        return distorted_mean(law, self.g)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law if lam > 0, concave in the law if lam < 0."""
        return distortion_axioms(self.lam >= 0, self.lam <= 0)

    def lipschitz(self, spread: float) -> float:
        """Return infinity: g is vertical at an end, unless lam is 0."""
        return np.inf if self.lam else 1.0


@dataclass(frozen=True, slots=True)
class Power(ScaleFree):
    r"""The proportional hazards of the worst, :math:`g(u) = u^{1/k}`.

    Parameters
    ----------
    k : float
        Positive; above 1 averse to risk, 1 the mean, below 1 seeking.

    Raises
    ------
    CriterionError
        If k is not positive.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.Power(2)(DiscreteLaw([0.0, 1.0], [0.25, 0.75]))
    0.5
    """

    k: float

    def __post_init__(self) -> None:
        require(0 < self.k < np.inf, "k", self.k, "it is positive and finite; above 1 is averse to risk")

    def g(self, u: np.ndarray) -> np.ndarray:
        """Return the distorted levels."""
        return u ** (1 / self.k)

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the distorted mean."""
        return distorted_mean(law, self.g)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law if k > 1, concave in the law if k < 1."""
        return distortion_axioms(self.k >= 1, self.k <= 1)

    def lipschitz(self, spread: float) -> float:
        """Return 1 / k, or infinity if k > 1: g is vertical at 0."""
        return np.inf if self.k > 1 else 1 / self.k


@dataclass(frozen=True, slots=True)
class DualPower(ScaleFree):
    r"""The dual power, :math:`g(u) = 1 - (1 - u)^k`: for whole k the mean of the least of k draws.

    Parameters
    ----------
    k : float
        Positive; above 1 averse to risk, 1 the mean, below 1 seeking.

    Raises
    ------
    CriterionError
        If k is not positive.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> risk.DualPower(3)(DiscreteLaw([0.0, 1.0]))
    0.125
    """

    k: float

    def __post_init__(self) -> None:
        require(0 < self.k < np.inf, "k", self.k, "it is positive and finite; above 1 is averse to risk")

    def g(self, u: np.ndarray) -> np.ndarray:
        """Return the distorted levels."""
        return 1 - (1 - u) ** self.k

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the distorted mean."""
        return distorted_mean(law, self.g)

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law if k > 1, concave in the law if k < 1."""
        return distortion_axioms(self.k >= 1, self.k <= 1)

    def lipschitz(self, spread: float) -> float:
        """Return k, or infinity if k < 1: g is vertical at 1."""
        return self.k if self.k >= 1 else np.inf


@dataclass(frozen=True, slots=True)
class CumulativeProspectWeight(ScaleFree):
    r"""The weight of cumulative prospect theory, :math:`g(u) = u^\theta / (u^\theta + (1 - u)^\theta)^{1/\theta}`.

    It weighs both tails more than the middle (Tversky and Kahneman 1992), so it is neither averse to risk nor seeking,
    and not superadditive.

    Parameters
    ----------
    theta : float
        In [0.28, 1]; 1 gives the mean. Below 0.279 the weight is not monotone.

    Raises
    ------
    CriterionError
        If theta is outside.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> round(risk.CumulativeProspectWeight(0.71)(DiscreteLaw([0.0, 1.0], [0.01, 0.99])), 4)
    0.9636
    """

    theta: float

    def __post_init__(self) -> None:
        valid = f"it is in [{LEAST_THETA}, 1], where the weight is monotone"
        require(LEAST_THETA <= self.theta <= 1, "theta", self.theta, valid)

    def g(self, u: np.ndarray) -> np.ndarray:
        """Return the distorted levels."""
        raised = u**self.theta
        return raised / (raised + (1 - u) ** self.theta) ** (1 / self.theta)

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the distorted mean."""
        return distorted_mean(law, self.g)

    @property
    def axioms(self) -> Axioms:
        """Monotone, translation invariant, positively homogeneous; all axioms if theta is 1."""
        return NEITHER if self.theta < 1 else MEAN

    def lipschitz(self, spread: float) -> float:
        """Return infinity: g is vertical at both ends, unless theta is 1."""
        return np.inf if self.theta < 1 else 1.0


def _check(g: Callable[[np.ndarray], np.ndarray], concave: bool, convex: bool, slope: float) -> None:
    """Refuse what is no distortion, or not as declared, on a grid."""
    value = np.asarray(g(_GRID), dtype=np.float64)
    if value.shape != _GRID.shape or not np.isfinite(value).all():
        raise CriterionError(
            f"g returns shape {value.shape} for {_GRID.shape} levels; it is a finite function of arrays"
        )
    if abs(value[0]) > _ROUNDING or abs(value[-1] - 1) > _ROUNDING:
        raise CriterionError(f"g goes from {value[0]:g} to {value[-1]:g}; a distortion goes from 0 to 1")
    step, bend = np.diff(value), np.diff(value, 2)
    for sound, claim, worst in (
        (step >= -_ROUNDING, "nondecreasing", step.argmin()),
        (not concave or bend <= _ROUNDING, "concave, as declared", bend.argmax()),
        (not convex or bend >= -_ROUNDING, "convex, as declared", bend.argmin()),
        (step <= slope / 1024 + _ROUNDING, f"of slope {slope:g} at most, as declared", step.argmax()),
    ):
        if not np.all(sound):
            raise CriterionError(f"g is not {claim}, near level {_GRID[worst + 1]:.4g}")
