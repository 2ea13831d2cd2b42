"""Functionals of a law, as the theorems of this wing need them: one of each kind, good and bad."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rltheory.distributional import Axioms, DiscreteLaw


def _axioms(*true: str) -> Axioms:
    return Axioms(**{name: name in true for name in Axioms.__slots__})


@dataclass(frozen=True, eq=False)
class ExpectedUtility:
    """K = E f(X); ``degree`` if f is homogeneous on each half-line, ``slope`` if f is Lipschitz."""

    f: Callable[[np.ndarray], np.ndarray]
    name: str = "f(x)"
    degree: float | None = None
    slope: float = math.inf

    def __call__(self, law: DiscreteLaw) -> float:
        return law.expect(self.f)

    @property
    def axioms(self) -> Axioms:
        return _axioms("convex_in_law", "concave_in_law", "indifferent_to_mixtures")

    def indifferent_to_discount(self, gamma: float) -> bool:
        return gamma in (0, 1) or self.degree is not None

    def lipschitz(self, spread: float) -> float:
        return self.slope

    def __repr__(self) -> str:
        return f"ExpectedUtility({self.name})"

    @classmethod
    def shortfall(cls) -> ExpectedUtility:
        return cls(lambda x: np.minimum(x, 0), "min(x, 0)", degree=1, slope=1.0)

    @classmethod
    def gain(cls) -> ExpectedUtility:
        return cls(lambda x: np.maximum(x, 0), "max(x, 0)", degree=1, slope=1.0)

    @classmethod
    def absolute(cls) -> ExpectedUtility:
        return cls(lambda x: -np.abs(x), "-|x|", degree=1, slope=1.0)

    @classmethod
    def negative_power(cls, p: float) -> ExpectedUtility:
        return cls(lambda x: -(np.abs(x) ** p), f"-|x|^{p:g}", degree=p)

    @classmethod
    def reached(cls) -> ExpectedUtility:
        return cls(lambda x: (x >= 0).astype(float), "1{x >= 0}", degree=0)

    @classmethod
    def exponential(cls, beta: float) -> ExpectedUtility:
        return cls(lambda x: (1 - np.exp(-beta * x)) / beta, f"(1 - exp(-{beta:g} x)) / {beta:g}")

    @classmethod
    def quadratic(cls, target: float = 0.0) -> ExpectedUtility:
        return cls(lambda x: -((x - target) ** 2), f"-(x - {target:g})^2")


@dataclass(frozen=True)
class Mean:
    """K = E X."""

    def __call__(self, law: DiscreteLaw) -> float:
        return law.mean

    @property
    def axioms(self) -> Axioms:
        return _axioms(*Axioms.__slots__)

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return 1.0


@dataclass(frozen=True)
class EssentialInfimum:
    """K = the least atom."""

    def __call__(self, law: DiscreteLaw) -> float:
        return float(law.atoms[0])

    @property
    def axioms(self) -> Axioms:
        return _axioms(
            "monotone",
            "translation_invariant",
            "positively_homogeneous",
            "superadditive",
            "convex_in_law",
            "indifferent_to_mixtures",
        )

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return math.inf


@dataclass(frozen=True)
class EssentialSupremum:
    """K = the largest atom."""

    def __call__(self, law: DiscreteLaw) -> float:
        return float(law.atoms[-1])

    @property
    def axioms(self) -> Axioms:
        return _axioms(
            "monotone", "translation_invariant", "positively_homogeneous", "concave_in_law", "indifferent_to_mixtures"
        )

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return math.inf


class _WithoutMixtures:
    """What functionals that are not indifferent to mixtures have in common."""

    @property
    def axioms(self) -> Axioms:
        return _axioms()

    def indifferent_to_discount(self, gamma: float) -> bool:
        return gamma == 1


@dataclass(frozen=True)
class CVaR(_WithoutMixtures):
    """K = the mean of the worst tau."""

    tau: float

    def __call__(self, law: DiscreteLaw) -> float:
        level = np.minimum(law.cumulative, self.tau)
        return float(law.atoms @ np.diff(level, prepend=0.0) / self.tau)

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return 1 / self.tau


@dataclass(frozen=True)
class LowerQuantile(_WithoutMixtures):
    """K = the least y with P(X <= y) >= tau."""

    tau: float

    def __call__(self, law: DiscreteLaw) -> float:
        return float(law.quantile(self.tau))

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return math.inf


@dataclass(frozen=True)
class MeanVariance(_WithoutMixtures):
    """K = E X - lam Var X."""

    lam: float

    def __call__(self, law: DiscreteLaw) -> float:
        return law.mean - self.lam * law.variance

    def lipschitz(self, spread: float) -> float:
        return 1 + 2 * self.lam * spread


@dataclass(frozen=True)
class Variance(_WithoutMixtures):
    """K = Var X."""

    def __call__(self, law: DiscreteLaw) -> float:
        return law.variance

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return 2 * spread


def _gaps(law: DiscreteLaw, target: DiscreteLaw) -> tuple[np.ndarray, np.ndarray]:
    """The difference of the distribution functions between neighbouring atoms, and how long it lasts."""
    grid = np.union1d(law.atoms, target.atoms)
    return (law.cdf(grid) - target.cdf(grid))[:-1], np.diff(grid)


@dataclass(frozen=True)
class NegativeWasserstein(_WithoutMixtures):
    """K = -w_1 to a target law."""

    target: DiscreteLaw

    def __call__(self, law: DiscreteLaw) -> float:
        difference, length = _gaps(law, self.target)
        return -float(np.abs(difference) @ length)

    def lipschitz(self, spread: float) -> float:
        return 1.0


@dataclass(frozen=True)
class NegativeCramer(_WithoutMixtures):
    """K = - the squared Cramér distance to a target law."""

    target: DiscreteLaw

    def __call__(self, law: DiscreteLaw) -> float:
        difference, length = _gaps(law, self.target)
        return -float(difference**2 @ length)

    def lipschitz(self, spread: float) -> float:
        return 2.0


@dataclass(frozen=True)
class MinusVariance(Variance):
    """K = -Var X."""

    def __call__(self, law: DiscreteLaw) -> float:
        return -law.variance
