"""All numbers of a run, for programs: what a course grades against."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from proofs_check.attack import Attack
from proofs_check.claims import Disproof
from proofs_check.theorem import Check
from proofs_check.verification import Example, Verification


def to_rows(verifications: Iterable[Verification]) -> list[dict[str, Any]]:
    """Return one dictionary for each theorem, with everything that was measured.

    Parameters
    ----------
    verifications : iterable of Verification

    Returns
    -------
    list of dict
        Ready for JSON: numbers that are not finite are None, instances are in words.
    """
    from proofs_check import WING_OF

    return [
        {
            "name": one.theorem.name,
            "wing": WING_OF.get(one.theorem.name),
            "statement": one.theorem.statement,
            "assumptions": one.theorem.assumptions,
            "source": one.theorem.source,
            "kind": one.theorem.kind.name.lower(),
            "delta": one.theorem.delta,
            "instances": one.instances,
            "seconds": round(one.seconds, 4),
            "worst_slack": _finite(one.slack),
            "tightness": _finite(one.tightness),
            "tight": None if one.tight is None else _sides(one.tight),
            "tight_ratio": one.theorem.tight_ratio,
            "attained_by": one.theorem.attained_by,
            "refuted": one.refuted,
            "verdict": one.verdict.name.lower(),
            "passed": one.passed,
            "worst": _example(one.worst),
            "counterexample": _example(one.counterexample),
            "refutation": _example(one.refutation),
            "checks": [[_finite(check.lhs), _finite(check.rhs)] for check in one.checks],
        }
        for one in verifications
    ]


def claim_rows(disproofs: Iterable[Disproof]) -> list[dict[str, Any]]:
    """Return one dictionary for each false claim.

    Parameters
    ----------
    disproofs : iterable of Disproof

    Returns
    -------
    list of dict
        Ready for JSON.
    """
    from proofs_check import WING_OF

    return [
        {
            "name": one.claim.name,
            "wing": WING_OF.get(one.claim.name),
            "statement": one.claim.statement,
            "source": one.claim.source,
            "instance": one.claim.instance,
            "lesson": one.claim.lesson,
            "counterexample": _sides(one.check),
            "refuted": one.refuted,
            "seconds": round(one.seconds, 4),
        }
        for one in disproofs
    ]


def attack_rows(attacks: Iterable[Attack]) -> list[dict[str, Any]]:
    """Return one dictionary for each attack.

    Parameters
    ----------
    attacks : iterable of Attack

    Returns
    -------
    list of dict
        Ready for JSON: the best instance in words, and after how many evaluations the ratio reached each record.
    """
    return [
        {
            "name": one.theorem.name,
            "violated": one.violated,
            "evaluations": one.evaluations,
            "tightness_drawn": _finite(one.drawn),
            "tightness": _finite(one.tightness),
            "history": [[count, _finite(ratio)] for count, ratio in one.history],
            "frozen": list(one.frozen),
            "moved": one.moved,
            "best": _example(one.best),
        }
        for one in attacks
    ]


def write_json(
    verifications: Sequence[Verification],
    path: Path,
    *,
    examples: int,
    seed: int,
    disproofs: Sequence[Disproof] = (),
    attacks: Sequence[Attack] = (),
) -> None:
    """Write all numbers to a JSON file.

    Parameters
    ----------
    verifications : sequence of Verification
    path : Path
    examples, seed : int
        What the run was asked for.
    disproofs : sequence of Disproof
        False claims.
    attacks : sequence of Attack
    """
    passed = sum(one.passed for one in verifications)
    document = {
        "examples": examples,
        "seed": seed,
        "passed": passed,
        "failed": len(verifications) - passed,
        "theorems": to_rows(verifications),
        "claims": claim_rows(disproofs),
        "attacks": attack_rows(attacks),
    }
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _sides(check: Check) -> dict[str, float | None]:
    return {"lhs": _finite(check.lhs), "rhs": _finite(check.rhs), "ratio": _finite(check.tightness)}


def _example(example: Example | None) -> dict[str, Any] | None:
    return None if example is None else {**_sides(example.check), "in_words": example.in_words()}
