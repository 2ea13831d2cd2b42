"""Theorems of reinforcement learning as checks that can fail.

``THEOREMS`` maps names to `Theorem`; `verify` looks for an instance that refutes one, and ``python -m proofs_check``
does so for all of them. There is no registry: a wing's module ends with its tuple of theorems and is listed here.
"""

from proofs_check import (
    approximation,
    average,
    distributional,
    experiments,
    exploration,
    games,
    horizon,
    offline,
    planning,
    policy_optimisation,
    robust,
    submodular,
    total,
)
from proofs_check.attack import Attack, attack
from proofs_check.exercise import exercise
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
    submodular,
    exploration,
)

THEOREMS: dict[str, Theorem] = {theorem.name: theorem for wing in _WINGS for theorem in wing.THEOREMS}
"""Every theorem, by name, in the order in which one would teach them."""

WINGS: dict[str, tuple[str, ...]] = {
    wing.__name__.rpartition(".")[2]: tuple(theorem.name for theorem in wing.THEOREMS) for wing in _WINGS
}
"""The names of the theorems of each wing."""

__all__ = [
    "THEOREMS",
    "WINGS",
    "Attack",
    "Check",
    "Example",
    "Kind",
    "Theorem",
    "Verdict",
    "Verification",
    "attack",
    "exercise",
    "scaled",
    "verify",
]
