"""``python -m proofs_check``: every theorem against drawn instances, and its false variant too.

Exit status: 0 if all theorems hold, 1 if one fails, a false variant survives or a tight ratio is not reached, 2 if the
command line asks for something that cannot be done.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proofs_check import THEOREMS, WINGS, Attack, Kind, Theorem, Verification, attack, report, verify
from proofs_check.parallel import verify_all
from proofs_check.verification import find
from proofs_check.weak import weakest_first

_NARROWEST = 160
_KINDS = {kind.name.lower().replace("_", "-"): kind for kind in Kind}


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
        theorems = _chosen(options)
    except _UsageError as error:
        print(f"proofs_check: {error}", file=sys.stderr)
        return 2
    console = Console()
    # Not a terminal but a log: do not fold the table into its 80 columns.
    console.width = console.width if console.is_terminal else max(console.width, _NARROWEST)
    started = time.perf_counter()
    verifications = _verified(theorems, options, console)
    seconds = time.perf_counter() - started
    _print(verifications, seconds, console, compact=options.compact)
    attacks = _attacked(theorems, options, console)
    _write(verifications, options, seconds)
    passed = all(one.passed for one in verifications) and not any(one.violated for one in attacks)
    return 0 if passed else 1


def _parser() -> _Parser:
    parser = _Parser(prog="python -m proofs_check", description="Try to refute every theorem, and its false variant.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="theorems to verify; by default all")
    parser.add_argument("--examples", type=int, default=100, metavar="N", help="instances a theorem (default 100)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another run, or the same again (default 0)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--wing", choices=WINGS, action="append", help="only theorems of this wing (repeatable)")
    parser.add_argument("--kind", choices=_KINDS, action="append", help="only theorems of this kind (repeatable)")
    parser.add_argument("--compact", action="store_true", help="print a short table, wing by wing")
    parser.add_argument("--attack", type=int, metavar="N", help="search with N evaluations for the tightest instance")
    parser.add_argument("--weakest-first", action="store_true", help="attack first what no known instance attains")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report that needs no other file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers")
    return parser


def _chosen(options: argparse.Namespace) -> list[Theorem]:
    """Return the theorems that are asked for; everything that could fail later is checked here."""
    if options.examples < 1:
        raise _UsageError(f"--examples is {options.examples}; at least one instance is needed")
    if options.seed < 0:
        raise _UsageError(f"--seed is {options.seed}; a seed is at least 0")
    if options.jobs < 1:
        raise _UsageError(f"--jobs is {options.jobs}; at least one process is needed")
    if options.attack is not None and options.attack < 2:
        raise _UsageError(f"--attack is {options.attack}; an attack needs at least 2 evaluations")
    for path in (options.html, options.json):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise _UsageError(f"cannot write {path}: it is a folder, or its folder does not exist")
    if options.html is not None and importlib.util.find_spec("latex2mathml") is None:
        raise _UsageError("--html needs latex2mathml: pip install rltheory[report]")
    try:
        named = [find(name) for name in dict.fromkeys(options.names)] or list(THEOREMS.values())
    except ValueError as error:
        raise _UsageError(str(error)) from None
    chosen = [theorem for theorem in named if _admitted(theorem, options)]
    if not chosen:
        raise _UsageError("no theorem is of that wing and kind; --help lists both")
    return chosen


def _admitted(theorem: Theorem, options: argparse.Namespace) -> bool:
    """Whether the filters let a theorem pass."""
    of_wing = options.wing is None or any(theorem.name in WINGS[wing] for wing in options.wing)
    return of_wing and (options.kind is None or any(theorem.kind is _KINDS[kind] for kind in options.kind))


def _verified(theorems: list[Theorem], options: argparse.Namespace, console: Console) -> list[Verification]:
    columns = (MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    verifications = []
    with Progress(*columns, console=console, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task("", total=len(theorems))
        outcomes: Iterator[Verification]
        if options.jobs == 1:
            outcomes = (verify(theorem, examples=options.examples, rng=options.seed) for theorem in theorems)
        else:
            executor = stack.enter_context(ProcessPoolExecutor(options.jobs))
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
    console.print(report.attack_table(attacks))
    for one in attacks:
        if one.violated:
            console.print(one.in_words(), style="bold", markup=False, highlight=False)
    violated = sum(one.violated for one in attacks)
    console.print(f"{len(attacks)} attacked, {violated} violated", highlight=False)
    return attacks


def _print(verifications: list[Verification], seconds: float, console: Console, *, compact: bool) -> None:
    console.print(report.compact_table(verifications) if compact else report.table(verifications))
    failed = [one for one in verifications if not one.passed]
    for one in failed:
        console.print(one.in_words(), style="bold", markup=False, highlight=False)
    console.print(f"{sum(one.instances for one in verifications)} instances in {seconds:.1f} s", highlight=False)
    console.print(f"{len(verifications) - len(failed)} passed, {len(failed)} failed", highlight=False)


def _write(verifications: list[Verification], options: argparse.Namespace, seconds: float) -> None:
    if options.json is not None:
        report.write_json(verifications, options.json, examples=options.examples, seed=options.seed)
    if options.html is not None:
        from proofs_check.html_report import html_report

        page = html_report(verifications, examples=options.examples, seed=options.seed, seconds=seconds)
        options.html.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
