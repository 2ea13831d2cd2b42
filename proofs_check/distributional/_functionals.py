"""A functional that is good for nothing but a counterexample."""

from __future__ import annotations

from dataclasses import dataclass

from rltheory.distributional import Axioms, DiscreteLaw, risk


@dataclass(frozen=True)
class MinusVariance:
    """K = -Var X: the steadiest return, whatever it is."""

    def __call__(self, law: DiscreteLaw) -> float:
        return -law.variance

    @property
    def axioms(self) -> Axioms:
        return Axioms(False, False, False, False, True, False, False)

    def indifferent_to_discount(self, gamma: float) -> bool:
        return True

    def lipschitz(self, spread: float) -> float:
        return risk.Variance().lipschitz(spread)
