"""Mutation run: would a wrong constant or sign in a bound be noticed?

Every *mutant* of a bound (`proofs_check.mutants`) takes its place, and what vouches for the bound
(`proofs_check.evidence`) is tried, the strongest first: the tight instances of the theorems that call it; these
theorems as a whole; the examples of its module; the test files about bounds that name it. A mutant is *caught* by the
first that fails. One that survives is *explained* in ``survivors.toml``, or a finding: the checks have no power there,
or the bound is wrong.

``python -m proofs_check.mutation`` runs all modules of the library that are called ``bounds``. Exit status: 0 if the
survivors are those explained, 1 if not, 2 if the command line asks for something that cannot be done.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import math
import pkgutil
import sys
import time
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

import rltheory
from proofs_check import THEOREMS, WINGS
from proofs_check.evidence import TESTS, Use, evidence_for, use_of
from proofs_check.mutants import function_called, functions_of, mutants_of, replaced

EXAMPLES = 25
"""Instances a theorem, for each mutant."""

EXPLAINED = Path(__file__).with_name("survivors.toml")
"""The survivors that are known, with reasons."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant.

    Parameters
    ----------
    function, change : str
        Those of the `proofs_check.mutants.Mutant`.
    caught_by : str or None
        The first thing that failed, such as ``tight instance of greedy-loss``; None if it survived.
    theorems : tuple of str
        Those that call the function.
    tightness : float
        The largest part of a bound that is attained in these theorems; nan if there is none.
    seconds : float
        What it took.
    """

    function: str
    change: str
    caught_by: str | None
    theorems: tuple[str, ...]
    tightness: float
    seconds: float

    @property
    def key(self) -> str:
        """That of the mutant."""
        return f"{self.function}: {self.change}"

    @property
    def module(self) -> str:
        """The module of the function."""
        return self.function.rpartition(".")[0]


@cache
def bound_modules() -> list[str]:
    """Return the modules of the library that hold the right sides of theorems.

    Returns
    -------
    list of str
        All that are called ``bounds`` or are in a package of that name.
    """
    modules = (module.name for module in pkgutil.walk_packages(rltheory.__path__, "rltheory."))
    return sorted(name for name in modules if "bounds" in name.split("."))


def mutate(
    modules: Sequence[str],
    *,
    every: int = 1,
    examples: int = EXAMPLES,
    tests: Path = TESTS,
    executor: Executor | None = None,
) -> list[Outcome]:
    """Try every mutant of every function of some modules, by theorems of their wings and of wings without bounds.

    Parameters
    ----------
    modules : sequence of str
        Such as ``"rltheory.planning.bounds.discounted"``.
    every : int
        Only the first of so many functions is tried, for a quick look.
    examples : int
        Instances a theorem.
    tests : Path
        The folder of the test files.
    executor : concurrent.futures.Executor, optional
        Where functions are tried, one a task; by default one after the other. Its workers must be processes, since a
        mutant takes the place of the function for all threads.

    Returns
    -------
    list of Outcome
        In the order of the source.

    Raises
    ------
    RuntimeError
        If something fails without any mutant, so that it can show nothing.
    """
    over: Callable[..., Iterator[Any]] = map if executor is None else executor.map
    found = {name: _near(module) for module in modules for name in functions_of(importlib.import_module(module))}
    functions = dict(list(found.items())[::every])
    theorems = dict.fromkeys(theorem for near in functions.values() for theorem in near)
    uses = sorted(over(partial(use_of, functions=functions, examples=examples), theorems), key=lambda use: use.seconds)
    users = [[use for use in uses if name in use.functions and use.theorem in near] for name, near in functions.items()]
    tried = over(partial(try_mutants, examples=examples, tests=tests), functions, users)
    return [one for outcomes in tried for one in outcomes]


def _near(module: str) -> tuple[str, ...]:
    """Theorems that may vouch for a module, whatever else is run: those of its wing, and of wings without bounds."""
    own, wings_with_bounds = module.split(".")[1], {name.split(".")[1] for name in bound_modules()}
    return tuple(name for wing in WINGS if wing == own or wing not in wings_with_bounds for name in WINGS[wing])


def try_mutants(name: str, uses: Sequence[Use], *, examples: int = EXAMPLES, tests: Path = TESTS) -> list[Outcome]:
    """Let each mutant of a function take its place, and see what fails.

    Parameters
    ----------
    name : str
        Full name of the function.
    uses : sequence of Use
        The theorems that call it, in the order in which to try them.
    examples : int
        Instances a theorem.
    tests : Path
        The folder of the test files.

    Returns
    -------
    list of Outcome

    Raises
    ------
    RuntimeError
        If what caught a mutant fails without any.
    """
    function = function_called(name)
    theorems = tuple(use.theorem for use in uses)
    tightness = max((use.tightness for use in uses if not math.isnan(use.tightness)), default=math.nan)
    evidence = evidence_for(function, [THEOREMS[one] for one in theorems], examples=examples, tests=tests)
    outcomes, sound = [], set()
    for mutant in mutants_of(function):
        started = time.perf_counter()
        with replaced(function, mutant), warnings.catch_warnings(action="ignore"):
            caught = next((one for one in evidence if not one.stands()), None)
        if caught is not None and caught.label not in sound:
            if not caught.stands():
                raise RuntimeError(f"{name}: without any mutant, this fails: {caught.label}")
            sound.add(caught.label)
        label = None if caught is None else caught.label
        outcomes.append(Outcome(name, mutant.change, label, theorems, tightness, time.perf_counter() - started))
    return outcomes


def explained(path: Path = EXPLAINED) -> dict[str, str]:
    """Return the survivors that are known.

    Parameters
    ----------
    path : Path
        A file of tables ``[[survivors]]``, each with ``why`` in a word, the ``reason``, and keys of ``mutants``.

    Returns
    -------
    dict of str to str
        From a mutant's key to why it survives, in a word.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["survivors"]
    return {key: table["why"] for table in tables for key in table["mutants"]}


def complaints(outcomes: Sequence[Outcome], known: Collection[str]) -> list[str]:
    """Return what is wrong with a run, in words.

    Parameters
    ----------
    outcomes : sequence of Outcome
        All those of some functions.
    known : collection of str
        Keys of survivors that are explained.

    Returns
    -------
    list of str
        A line for each survivor that is not explained, and for each explained one that is caught or does not exist.
    """
    caught = {one.key: one.caught_by for one in outcomes}
    functions = {one.function for one in outcomes}
    mine = [key for key in known if key.partition(":")[0] in functions]
    return [
        *(f"survives, and is not explained: {key}" for key, by in caught.items() if by is None and key not in known),
        *(f"is explained, but caught by {caught[key]}: {key}" for key in mine if caught.get(key) is not None),
        *(f"is explained, but there is no such mutant: {key}" for key in mine if key not in caught),
    ]


def table(outcomes: Sequence[Outcome], known: dict[str, str]) -> Table:
    """Return the run as a table for `rich`: one row for each module.

    Parameters
    ----------
    outcomes : sequence of Outcome
    known : dict of str to str
        As from `explained`.

    Returns
    -------
    rich.table.Table
    """
    columns = ("tight instances", "theorems", "examples", "tests", "explained", "survive")
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(columns, 0))
    for one in outcomes:
        counts[one.module][_column(one, known)] += 1
    found = Table("module", "mutants", *columns, "seconds", box=box.SIMPLE_HEAD, title="Mutants, and what catches them")
    for column in found.columns[1:]:
        column.justify = "right"
    seconds = {module: sum(one.seconds for one in outcomes if one.module == module) for module in counts}
    for module, row in counts.items():
        found.add_row(module, str(sum(row.values())), *map(str, row.values()), f"{seconds[module]:.1f}")
    sums = [sum(row[column] for row in counts.values()) for column in columns]
    found.add_section()
    found.add_row("all", str(len(outcomes)), *map(str, sums), f"{sum(seconds.values()):.1f}")
    return found


def _column(outcome: Outcome, known: Collection[str]) -> str:
    if outcome.caught_by is None:
        return "explained" if outcome.key in known else "survive"
    if outcome.caught_by in ("examples", "tests"):
        return outcome.caught_by
    return "tight instances" if outcome.caught_by.startswith("tight instance of ") else "theorems"


def main(argv: Sequence[str] | None = None) -> int:
    """Run mutants, print a table and what is wrong.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    int
        The exit status: 0, 1 or 2.
    """
    parser = argparse.ArgumentParser(prog="python -m proofs_check.mutation", description="Mutate the bounds.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as rltheory.games.bounds.nash")
    parser.add_argument("--wing", action="append", default=[], metavar="WING", help="all bounds of it (repeatable)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only one of N functions (default 1)")
    parser.add_argument("--examples", type=int, default=EXAMPLES, metavar="N", help="instances a theorem (default 25)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all outcomes")
    options = parser.parse_args(argv)
    if min(options.every, options.examples, options.jobs) < 1:
        parser.error("--every, --examples and --jobs must be at least 1")
    known_modules = bound_modules()
    modules = [*options.modules, *(name for name in known_modules if name.split(".")[1] in options.wing)]
    unknown = [name for name in options.modules if not _exists(name)]
    unknown += [wing for wing in options.wing if not any(name.split(".")[1] == wing for name in known_modules)]
    if unknown:
        parser.error(f"there are no bounds called {', '.join(unknown)}")
    modules = modules or known_modules
    with ExitStack() as stack:
        executor = stack.enter_context(ProcessPoolExecutor(options.jobs)) if options.jobs > 1 else None
        outcomes = mutate(modules, every=options.every, examples=options.examples, tests=TESTS, executor=executor)
    known = explained()
    wrong = complaints(outcomes, known)
    console = Console(width=160)
    console.print(table(outcomes, known))
    for line in wrong:
        console.print(line, style="bold", markup=False, highlight=False, soft_wrap=True)
    if options.json is not None:
        rows = [asdict(one) | {"explained": known.get(one.key)} for one in outcomes]
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 1 if wrong else 0


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
