"""``python -m proofs_check``: every theorem against drawn instances, its false variant too, and every false claim.

Exit status: 0 if all theorems hold, 1 if one fails, a false variant survives, a tight ratio is not reached or a false
claim is not refuted, 2 if the command line asks for something that cannot be done.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proofs_check import (
    CLAIMS,
    REMARKS,
    THEOREMS,
    WING_OF,
    WINGS,
    Attack,
    Claim,
    Disproof,
    Kind,
    Theorem,
    Verification,
    attack,
    disprove,
    rows,
    tables,
    verify_all,
)
from proofs_check.verification import find
from proofs_check.weak import weakest_first

_NARROWEST = 160
_KINDS: dict[str, Kind | None] = {kind.name.lower().replace("_", "-"): kind for kind in Kind}
_KINDS["claim"] = None


class _UsageError(Exception):
    """The command line asks for something that cannot be done; the message is one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Verify theorems, print a table, write reports.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    int
        The exit status: 0, 1 or 2.
    """
    try:
        options = _parser().parse_args(argv)
        theorems, claims = _chosen(options)
    except _UsageError as error:
        print(f"proofs_check: {error}", file=sys.stderr)
        return 2
    console = Console()
    # Not a terminal but a log: do not fold the table into its 80 columns.
    console.width = console.width if console.is_terminal else max(console.width, _NARROWEST)
    started = time.perf_counter()
    verifications = _verified(theorems, options, console)
    disproofs = [disprove(claim) for claim in claims]
    seconds = time.perf_counter() - started
    _print(verifications, disproofs, seconds, console, options)
    found = _Found(verifications, disproofs, _attacked(theorems, options, console), seconds)
    _write(found, options)
    for path in (options.html, options.json):
        if path is not None:
            console.print(f"written: {path.absolute()} ({path.stat().st_size / 1e6:.1f} MB)", soft_wrap=True)
    return 0 if found.passed else 1


@dataclass(frozen=True, slots=True)
class _Found:
    """What a run came to."""

    verifications: list[Verification]
    disproofs: list[Disproof]
    attacks: list[Attack]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything came out as it must."""
        as_they_must = [one.passed for one in self.verifications] + [one.refuted for one in self.disproofs]
        return all(as_they_must) and not any(one.violated for one in self.attacks)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m proofs_check", description="Try to refute every theorem, and its false variant.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="theorems or false claims; by default all")
    parser.add_argument("--examples", type=int, default=100, metavar="N", help="instances a theorem (default 100)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another run, or the same again (default 0)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--wing", choices=WINGS, action="append", help="only what is of this wing (repeatable)")
    parser.add_argument("--kind", choices=_KINDS, action="append", help="only what is of this kind (repeatable)")
    parser.add_argument("--compact", action="store_true", help="print a short table, wing by wing")
    parser.add_argument("--slowest", type=int, metavar="N", help="print the N theorems that took longest")
    parser.add_argument("--attack", type=int, metavar="N", help="search with N evaluations for the tightest instance")
    parser.add_argument("--weakest-first", action="store_true", help="attack first what no known instance attains")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report that needs no other file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    return parser


def _chosen(options: argparse.Namespace) -> tuple[list[Theorem], list[Claim]]:
    """Return the theorems and false claims that are asked for; everything that could fail later is checked here."""
    if options.seed < 0:
        raise _UsageError(f"--seed is {options.seed}; a seed is at least 0")
    counts = {"examples": "instance", "jobs": "process", "slowest": "theorem"}
    for name, counted in counts.items():
        value = getattr(options, name)
        if value is not None and value < 1:
            raise _UsageError(f"--{name} is {value}; at least one {counted} is needed")
    if options.attack is not None and options.attack < 2:
        raise _UsageError(f"--attack is {options.attack}; an attack needs at least 2 evaluations")
    for path in (options.html, options.json):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise _UsageError(f"cannot write {path}: it is a folder, or its folder does not exist")
    if options.html is not None and importlib.util.find_spec("latex2mathml") is None:
        raise _UsageError("--html needs latex2mathml: pip install rltheory[report]")
    named = _named(options.names or [*THEOREMS, *CLAIMS])
    chosen = [one for one in named if _admitted(one, options)]
    if not chosen:
        raise _UsageError("no theorem is of that wing and kind; --help lists both")
    theorems = [one for one in chosen if isinstance(one, Theorem)]
    return theorems, [one for one in chosen if isinstance(one, Claim)]


def _named(names: Sequence[str]) -> list[Theorem | Claim]:
    try:
        return [CLAIMS[name] if name in CLAIMS else find(name) for name in dict.fromkeys(names)]
    except ValueError as error:
        raise _UsageError(str(error)) from None


def _admitted(one: Theorem | Claim, options: argparse.Namespace) -> bool:
    """Whether the filters let a theorem or claim pass."""
    kind = one.kind if isinstance(one, Theorem) else None
    of_wing = options.wing is None or WING_OF.get(one.name) in options.wing
    return of_wing and (options.kind is None or kind in [_KINDS[name] for name in options.kind])


def _verified(theorems: list[Theorem], options: argparse.Namespace, console: Console) -> list[Verification]:
    columns = (MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    verifications = []
    with Progress(*columns, console=console, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task("", total=len(theorems))
        executor = stack.enter_context(ProcessPoolExecutor(options.jobs)) if options.jobs > 1 else None
        outcomes = verify_all(theorems, examples=options.examples, seed=options.seed, executor=executor)
        for theorem in theorems:
            progress.update(task, description=theorem.name)
            verifications.append(next(outcomes))
            progress.advance(task)
    return verifications


def _attacked(theorems: list[Theorem], options: argparse.Namespace, console: Console) -> list[Attack]:
    """Attack the theorems if asked to, and print how near a violation each comes."""
    if options.attack is None:
        return []
    ordered = weakest_first(theorems) if options.weakest_first else theorems
    attacks = [attack(theorem, budget=options.attack, rng=options.seed) for theorem in ordered]
    console.print(tables.attack_table(attacks))
    for one in attacks:
        if one.violated:
            console.print(one.in_words(), style="bold", markup=False, highlight=False)
    violated = sum(one.violated for one in attacks)
    console.print(f"{len(attacks)} attacked, {violated} violated", highlight=False)
    return attacks


def _print(
    verifications: list[Verification],
    disproofs: list[Disproof],
    seconds: float,
    console: Console,
    options: argparse.Namespace,
) -> None:
    if options.compact:
        console.print(tables.compact_table(verifications, disproofs))
        console.print(tables.wing_table(verifications, disproofs))
    else:
        console.print(tables.table(verifications))
        if disproofs:
            console.print(tables.claims_table(disproofs))
    if options.slowest is not None:
        console.print(tables.slowest_table(verifications, options.slowest))
    failed = [one for one in verifications if not one.passed]
    survivors = [one for one in disproofs if not one.refuted]
    for words in [*(one.in_words() for one in failed), *(one.in_words() for one in survivors)]:
        console.print(words, style="bold", markup=False, highlight=False)
    console.print(f"{sum(one.instances for one in verifications)} instances in {seconds:.1f} s", highlight=False)
    if disproofs:
        console.print(f"{len(disproofs)} false claims, {len(survivors)} not refuted", highlight=False)
    console.print(f"{len(verifications) - len(failed)} passed, {len(failed)} failed", highlight=False)


def _write(found: _Found, options: argparse.Namespace) -> None:
    if options.json is not None:
        rows.write_json(
            found.verifications,
            options.json,
            examples=options.examples,
            seed=options.seed,
            disproofs=found.disproofs,
            attacks=found.attacks,
        )
    if options.html is not None:
        from proofs_check.html_report import html_report

        # All that was asked for without a name: what is not checked belongs to it.
        wings = options.wing or WINGS
        remarks = (
            [] if options.names or options.kind else [one for one in REMARKS.values() if WING_OF[one.name] in wings]
        )
        page = html_report(
            found.verifications,
            disproofs=found.disproofs,
            remarks=remarks,
            attacks=found.attacks,
            examples=options.examples,
            seed=options.seed,
            seconds=found.seconds,
        )
        options.html.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
