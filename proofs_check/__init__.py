"""Theorems of reinforcement learning as checks that can fail.

``THEOREMS`` maps names to `Theorem`; `verify` looks for an instance that refutes one, and ``python -m proofs_check``
does so for all of them. ``CLAIMS`` are false, each with its counterexample, and ``REMARKS`` are what no instance can
decide. There is no registry: a wing's module ends with its tuple of theorems, and of claims and remarks if it has any,
and is listed here.
"""

from proofs_check import (
    approximation,
    average,
    bandits,
    distributional,
    estimation,
    experiments,
    exploration,
    games,
    hardness,
    horizon,
    imitation,
    offline,
    planning,
    policy_optimisation,
    robust,
    submodular,
    total,
)
from proofs_check.attack import Attack, attack
from proofs_check.claims import Claim, Disproof, Remark, disprove
from proofs_check.exercise import exercise
from proofs_check.parallel import verify_all
from proofs_check.pictures import plot_attack, plot_instance
from proofs_check.theorem import Check, Kind, Theorem, scaled
from proofs_check.verification import Example, Verdict, Verification, verify
from proofs_check.weak import WEAK, weak_rows, weak_table, weakest

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
    estimation,
    bandits,
    exploration,
    imitation,
    hardness,
)

THEOREMS: dict[str, Theorem] = {theorem.name: theorem for wing in _WINGS for theorem in wing.THEOREMS}
"""Every theorem, by name, in the order in which one would teach them."""

WINGS: dict[str, tuple[str, ...]] = {
    wing.__name__.rpartition(".")[2]: tuple(theorem.name for theorem in wing.THEOREMS) for wing in _WINGS
}
"""The names of the theorems of each wing."""

CLAIMS: dict[str, Claim] = {claim.name: claim for wing in _WINGS for claim in getattr(wing, "CLAIMS", ())}
"""Every false claim, by name."""

REMARKS: dict[str, Remark] = {remark.name: remark for wing in _WINGS for remark in getattr(wing, "REMARKS", ())}
"""Every remark, by name."""

WING_OF: dict[str, str] = {
    entry.name: wing.__name__.rpartition(".")[2]
    for wing in _WINGS
    for entry in (*wing.THEOREMS, *getattr(wing, "CLAIMS", ()), *getattr(wing, "REMARKS", ()))
}
"""The wing of each theorem, claim and remark."""

__all__ = [
    "CLAIMS",
    "REMARKS",
    "THEOREMS",
    "WEAK",
    "WINGS",
    "WING_OF",
    "Attack",
    "Check",
    "Claim",
    "Disproof",
    "Example",
    "Kind",
    "Remark",
    "Theorem",
    "Verdict",
    "Verification",
    "attack",
    "disprove",
    "exercise",
    "plot_attack",
    "plot_instance",
    "scaled",
    "verify",
    "verify_all",
    "weak_rows",
    "weak_table",
    "weakest",
]
