"""What functionals share: promises by name, arguments checked, and what scaling does to comparisons."""

from __future__ import annotations

from dataclasses import fields

from rltheory.distributional.functional import Axioms
from rltheory.models import CriterionError

COHERENT = ("monotone", "translation_invariant", "positively_homogeneous", "superadditive")


def holding(*names: str) -> Axioms:
    """Return the axioms of which those named hold, and no others."""
    return Axioms(**{field.name: field.name in names for field in fields(Axioms)})


MEAN = holding(*COHERENT, "convex_in_law", "concave_in_law", "indifferent_to_mixtures")
LEAST = holding(*COHERENT, "convex_in_law", "indifferent_to_mixtures")
LARGEST = holding(*COHERENT[:3], "concave_in_law", "indifferent_to_mixtures")
AVERSE = holding(*COHERENT, "convex_in_law")
SEEKING = holding(*COHERENT[:3], "concave_in_law")
NEITHER = holding(*COHERENT[:3])


def require(sound: bool, name: str, value: float, valid: str) -> None:
    """Raise `CriterionError` unless an argument is sound."""
    if not sound:
        raise CriterionError(f"{name} is {value}; {valid}")


def require_level(name: str, value: float, at_zero: str) -> None:
    """Raise `CriterionError` unless a tail's mass is in (0, 1]; say what the limit at 0 is called."""
    require(0 < value <= 1, name, value, f"the mass of a tail is in (0, 1]; the limit at 0 is {at_zero}")


def require_discount(gamma: float) -> float:
    """Return a discount, or raise `CriterionError`."""
    require(0 <= gamma <= 1, "gamma", gamma, "a discount is in [0, 1]")
    return gamma


class ScaleFree:
    """Functionals whose comparisons no scaling changes."""

    __slots__ = ()

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Return True: :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`.

        Raises
        ------
        CriterionError
            If gamma is outside [0, 1].
        """
        require_discount(gamma)
        return True


class ScaleBound:
    """Functionals whose comparisons hold at one scale only."""

    __slots__ = ()

    def indifferent_to_discount(self, gamma: float) -> bool:
        r"""Whether :math:`K(X) \ge K(Y)` implies :math:`K(\gamma X) \ge K(\gamma Y)`: at gamma 0 and 1 only.

        Raises
        ------
        CriterionError
            If gamma is outside [0, 1].
        """
        return require_discount(gamma) in (0.0, 1.0)
