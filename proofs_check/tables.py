"""What came out, as tables for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich import box
from rich.markup import escape
from rich.table import Table

from proofs_check.attack import Attack
from proofs_check.claims import Disproof
from proofs_check.verification import Verdict, Verification

_COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.FAILS: "bold red",
    Verdict.NOT_REFUTED: "bold yellow",
    Verdict.NOT_TIGHT: "bold yellow",
}
WORDS = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "FAILS",
    Verdict.NOT_REFUTED: "not refutable",
    Verdict.NOT_TIGHT: "not tight",
}
"""A verdict in a word or two."""


def number(x: float | None, digits: int = 3) -> str:
    """Return a number for a table: short, and a dash where there is none.

    Parameters
    ----------
    x : float or None
    digits : int
        Significant digits.

    Returns
    -------
    str

    Examples
    --------
    >>> number(0.99999999999, digits=6), number(float("nan")), number(1.5e-12)
    ('1', '–', '1.5e-12')
    """
    return "–" if x is None or math.isnan(x) else f"{x:.{digits}g}"


def ratio_in_words(verification: Verification) -> str:
    """Return the tight instance's ratio and what it must reach, such as ``1 (0.999)``.

    Parameters
    ----------
    verification : Verification

    Returns
    -------
    str
    """
    if verification.tight is None or verification.theorem.tight_ratio is None:
        return number(None)
    return f"{number(verification.tight.tightness, 6)} ({verification.theorem.tight_ratio:g})"


def table(verifications: Iterable[Verification]) -> Table:
    """Return the results as a table for `rich`.

    Parameters
    ----------
    verifications : iterable of Verification

    Returns
    -------
    rich.table.Table
        One row for each theorem.
    """
    rows = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    rows.add_column("theorem", no_wrap=True)
    rows.add_column("source", overflow="fold", max_width=40)
    for name in ("instances", "seconds", "worst slack", "tightness", "tight instance (needs)"):
        rows.add_column(name, justify="right")
    rows.add_column("false variant")
    rows.add_column("verdict", no_wrap=True)
    for one in verifications:
        rows.add_row(
            one.theorem.name,
            escape(one.theorem.source),
            str(one.instances),
            f"{one.seconds:.2f}",
            number(one.slack),
            number(one.tightness, 6),
            ratio_in_words(one),
            "refuted" if one.refuted else "[bold yellow]survived[/]",
            f"[{_COLOURS[one.verdict]}]{WORDS[one.verdict]}[/]",
        )
    return rows


def compact_table(verifications: Iterable[Verification], disproofs: Iterable[Disproof] = ()) -> Table:
    """Return the results as a short table for `rich`, under a heading for each wing.

    Parameters
    ----------
    verifications : iterable of Verification
    disproofs : iterable of Disproof

    Returns
    -------
    rich.table.Table
        Name, tightness, time and verdict of each theorem and false claim; those of no wing of `proofs_check.WINGS` come
        last.
    """
    rows = _empty_table("theorem", "tightness", "seconds", verdict=True)
    for wing, (members, false) in by_wing(verifications, disproofs).items():
        passed = sum(one.passed for one in members) + sum(one.refuted for one in false)
        rows.add_row(f"[bold]{wing}[/]", "", "", f"{passed} of {len(members) + len(false)} as they must be")
        for one in members:
            verdict = f"[{_COLOURS[one.verdict]}]{WORDS[one.verdict]}[/]"
            rows.add_row(f"  {one.theorem.name}", number(one.tightness, 6), f"{one.seconds:.2f}", verdict)
        for each in false:
            rows.add_row(f"  {each.claim.name}", number(each.check.tightness, 6), f"{each.seconds:.2f}", _fate(each))
    return rows


def claims_table(disproofs: Iterable[Disproof]) -> Table:
    """Return what the counterexamples of false claims gave as a table for `rich`.

    Parameters
    ----------
    disproofs : iterable of Disproof

    Returns
    -------
    rich.table.Table
        The two sides on the counterexample of each.
    """
    rows = _empty_table("false claim", "left side", "right side", verdict=True)
    for one in disproofs:
        rows.add_row(one.claim.name, number(one.check.lhs, 6), number(one.check.rhs, 6), _fate(one))
    return rows


def wing_table(verifications: Iterable[Verification], disproofs: Iterable[Disproof] = ()) -> Table:
    """Return one line for each wing as a table for `rich`.

    Parameters
    ----------
    verifications : iterable of Verification
    disproofs : iterable of Disproof

    Returns
    -------
    rich.table.Table
        How many theorems hold, have been measured to be tight within a percent, and how long they took in all.
    """
    rows = _empty_table("wing", "theorems", "hold", "tight to 1 %", "false claims", "refuted", "instances", "seconds")
    for wing, (members, false) in by_wing(verifications, disproofs).items():
        counts = (
            len(members),
            sum(one.passed for one in members),
            sum(best_ratio(one) >= 0.99 for one in members),
            len(false),
            sum(one.refuted for one in false),
            sum(one.instances for one in members),
        )
        seconds = sum(one.seconds for one in members) + sum(one.seconds for one in false)
        rows.add_row(wing, *(f"{count:,}" for count in counts), f"{seconds:.1f}")
    return rows


def slowest_table(verifications: Iterable[Verification], count: int) -> Table:
    """Return the theorems that took longest as a table for `rich`.

    Parameters
    ----------
    verifications : iterable of Verification
    count : int
        How many.

    Returns
    -------
    rich.table.Table
    """
    rows = _empty_table("slowest", "seconds", "instances")
    for one in sorted(verifications, key=lambda one: -one.seconds)[:count]:
        rows.add_row(one.theorem.name, f"{one.seconds:.2f}", str(one.instances))
    return rows


def by_wing(
    verifications: Iterable[Verification], disproofs: Iterable[Disproof] = ()
) -> dict[str, tuple[list[Verification], list[Disproof]]]:
    """Return what came out of each wing of `proofs_check.WINGS`, in the order of the wings.

    Parameters
    ----------
    verifications : iterable of Verification
    disproofs : iterable of Disproof

    Returns
    -------
    dict of str to (list of Verification, list of Disproof)
        Without wings of which there is nothing; what is of no wing comes last, as ``"of no wing"``.
    """
    from proofs_check import WING_OF, WINGS

    wings: dict[str, tuple[list[Verification], list[Disproof]]] = {wing: ([], []) for wing in (*WINGS, "of no wing")}
    for one in verifications:
        wings[WING_OF.get(one.theorem.name, "of no wing")][0].append(one)
    for each in disproofs:
        wings[WING_OF.get(each.claim.name, "of no wing")][1].append(each)
    return {wing: members for wing, members in wings.items() if any(members)}


def best_ratio(verification: Verification) -> float:
    """Return the largest ratio lhs/rhs that was seen, on drawn instances or the tight one; 0 for an identity.

    Parameters
    ----------
    verification : Verification

    Returns
    -------
    float
    """
    checks = (*verification.checks, *(() if verification.tight is None else (verification.tight,)))
    return max((check.tightness for check in checks if not math.isnan(check.tightness)), default=0.0)


def _fate(disproof: Disproof) -> str:
    return "[green]false[/]" if disproof.refuted else "[bold red]NOT REFUTED[/]"


def _empty_table(first: str, *numbers: str, verdict: bool = False) -> Table:
    rows = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    rows.add_column(first, no_wrap=True)
    for name in numbers:
        rows.add_column(name, justify="right")
    if verdict:
        rows.add_column("verdict", no_wrap=True)
    return rows


def attack_table(attacks: Iterable[Attack]) -> Table:
    """Return attacks as a table for `rich`.

    Parameters
    ----------
    attacks : iterable of Attack

    Returns
    -------
    rich.table.Table
        For each the ratio lhs/rhs that drawn instances and the whole attack reached.
    """
    rows = _empty_table("attacked", "evaluations", "tightness drawn", "tightness reached")
    rows.add_column("frozen", overflow="fold", max_width=30)
    rows.add_column("outcome", no_wrap=True)
    for one in attacks:
        rows.add_row(
            one.theorem.name,
            str(one.evaluations),
            number(one.drawn, 6),
            number(one.tightness, 6),
            ", ".join(one.frozen),
            "[bold red]VIOLATED[/]" if one.violated else "[green]not violated[/]",
        )
    return rows
