"""Theorems of reinforcement learning as checks that can fail.

``THEOREMS`` maps names to `Theorem`; `verify` looks for an instance that refutes one, and ``python -m proofs_check``
does so for all of them. There is no registry: a wing's module ends with its tuple of theorems and is listed here.
"""

from proofs_check import (
    approximation,
    average,
    distributional,
    experiments,
    games,
    horizon,
    offline,
    planning,
    policy_optimisation,
    robust,
    total,
)
from proofs_check.theorem import Check, Kind, Theorem, scaled
from proofs_check.verification import Example, Verdict, Verification, verify

_WINGS = (
    planning,
    approximation,
    policy_optimisation,
    total,
    average,
    distributional,
    robust,
    offline,
    experiments,
    games,
    horizon,
)

THEOREMS: dict[str, Theorem] = {theorem.name: theorem for wing in _WINGS for theorem in wing.THEOREMS}
"""Every theorem, by name, in the order in which one would teach them."""

__all__ = ["THEOREMS", "Check", "Example", "Kind", "Theorem", "Verdict", "Verification", "scaled", "verify"]
