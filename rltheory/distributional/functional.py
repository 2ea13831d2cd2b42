r"""What a functional of a law promises: the axioms that decide how, and whether, it can be optimised.

Let K map laws to numbers, larger being better. Stock-augmented dynamic programming maximises :math:`K(c_0 + G)` step by
step if K is (Pires et al. 2025)

* *indifferent to mixtures*: components that are each better make a mixture that is better; and
* *indifferent to the discount*: :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`;

and over an infinite horizon if it is also Lipschitz in :math:`w_1`. Expected utilities are indifferent to mixtures, and
hardly anything else is: CVaR, quantiles and variances are not, and need a way of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rltheory.distributional.law import DiscreteLaw


@dataclass(frozen=True, slots=True)
class Axioms:
    r"""Which axioms a functional satisfies, for all laws in its domain.

    Parameters
    ----------
    monotone : bool
        :math:`X \le Y` surely implies :math:`K(X) \le K(Y)`.
    translation_invariant : bool
        :math:`K(X + c) = K(X) + c`.
    positively_homogeneous : bool
        :math:`K(\lambda X) = \lambda K(X)` for :math:`\lambda > 0`.
    superadditive : bool
        :math:`K(X + Y) \ge K(X) + K(Y)` for all joint laws.
    convex_in_law, concave_in_law : bool
        Along mixtures. Of a functional that is convex in the law some deterministic policy is optimal; of a concave one
        only a randomised policy may be.
    indifferent_to_mixtures : bool
        If :math:`K(\nu_k) \ge K(\nu'_k)` for all k then :math:`K(\sum_k w_k \nu_k) \ge K(\sum_k w_k \nu'_k)`.
    """

    monotone: bool
    translation_invariant: bool
    positively_homogeneous: bool
    superadditive: bool
    convex_in_law: bool
    concave_in_law: bool
    indifferent_to_mixtures: bool


class Functional(Protocol):
    """A functional of laws, such as `risk.CVaR` or `risk.ExpectedUtility`: a frozen record that is called."""

    def __call__(self, law: DiscreteLaw) -> float:
        """Return K of a law."""

    @property
    def axioms(self) -> Axioms:
        """What it promises."""

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)` for this gamma."""

    def lipschitz(self, spread: float) -> float:
        r"""Return the least L known with :math:`|K(\nu) - K(\nu')| \le L\, w_1(\nu, \nu')`, or infinity.

        ``spread`` is the length of an interval that holds both laws (infinity if none is known).
        """
