"""The ``rltheory`` command: solve a model from a file, from Gymnasium or from the catalogue, and check theorems.

    rltheory solve gym:FrozenLake8x8-v1 --gamma 0.99
    rltheory solve "mdps:river_swim(n=6)" --json
    rltheory solve "mdps:river_swim(n=3, gamma=0.5)" --exact
    rltheory solve maze/mdp.npz --horizon 30 --plot maze.png
    rltheory solve dice.drn --criterion max-reachability --goal done --certificate dice.json
    rltheory solve "mdps:river_swim(n=6)" --robust tv --rho 0.1
    rltheory list
    rltheory check --examples 500

Exit codes: 0 if the answer is as accurate as asked for, or as float64 allows; 1 if a limit came first (the answer is
printed all the same); 2 if the question was wrong, with one line that says why.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import rltheory
from rltheory.models import CriterionError, ModelError

CRITERIA = ("discounted", "finite-horizon", "max-reachability", "min-reachability", "shortest-path", "average")
"""What ``--criterion`` accepts; by default the model and ``--horizon`` decide between the first two."""

METHODS = (
    "value_iteration",
    "policy_iteration",
    "modified_policy_iteration",
    "gauss_seidel_policy_iteration",
    "linear_program",
)
"""What ``--method`` accepts: names of functions of `rltheory.planning`."""

DIVERGENCES = ("tv", "kl", "chi2", "l1", "linf")
"""What ``--robust`` accepts: how far nature may move the model is measured by one of these."""

_WITH_A_GOAL = CRITERIA[2:5]
_UNDISCOUNTED = CRITERIA[2:]
_PICTURES = (".png", ".pdf", ".svg")


class _UsageError(Exception):
    """The arguments do not make a command."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    int
        The exit code: 0, 1 or 2, as at the head of this module.

    Examples
    --------
    >>> main(["solve", "mdps:no_such_instance", "--gamma", "0.9"])
    2
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] == ["check"]:
            return importlib.import_module("proofs_check.__main__").main(arguments[1:])
        options = _parser().parse_args(arguments)
        return options.run(options)
    except BrokenPipeError:
        # The reader has seen enough, as `head` does; what is still buffered goes nowhere, without another complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (_UsageError, ModelError, CriterionError, ImportError, OSError, MemoryError) as error:
        print("rltheory:", " ".join(str(error).split()) or type(error).__name__, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = _Parser(prog="rltheory", description="RL theory that you can run.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"rltheory {rltheory.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    solve = commands.add_parser(
        "solve",
        help="solve a model and print what is proven about the answer",
        epilog="Exit code: 0 if the answer is as accurate as asked for, or as float64 allows; 1 if a limit came first;"
        " 2 if the question was wrong.",
        allow_abbrev=False,
    )
    solve.add_argument("source", metavar="SOURCE", help="a file, gym:FrozenLake8x8-v1, or 'mdps:river_swim(n=6)'")
    solve.add_argument(
        "--criterion", choices=CRITERIA, help="what the value is the value of (default: as the model says)"
    )
    solve.add_argument(
        "--goal",
        metavar="STATES",
        help="where episodes end: names or indices of states, separated by commas, or a label",
    )
    solve.add_argument("--gamma", type=float, metavar="G", help="discount in [0, 1], in place of the source's own")
    solve.add_argument("--horizon", type=int, metavar="H", help="number of steps; gamma is then 1 unless given")
    solve.add_argument("--tol", type=float, default=1e-8, help="accuracy of the answer, in reward units (default 1e-8)")
    solve.add_argument("--method", choices=METHODS, help="in place of the one that suits the model")
    solve.add_argument("--robust", choices=DIVERGENCES, help="let nature move the model, at a price or within a radius")
    solve.add_argument("--lam", type=float, metavar="X", help="weight of nature's penalty, in reward units")
    solve.add_argument("--rho", type=float, metavar="X", help="radius of nature's ball")
    solve.add_argument(
        "--rectangular",
        choices=("sa", "s", "d"),
        help="what nature moves on its own: each row (default), the rows of a state, or each factor of a linear model"
        " (default for these)",
    )
    solve.add_argument("--exact", action="store_true", help="solve a small model in fractions, without any rounding")
    solve.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    solve.add_argument("--plot", type=_picture, metavar="FILE.png", help="draw the value (and, on a grid, the policy)")
    solve.add_argument(
        "--certificate",
        type=_proof,
        metavar="FILE.json",
        help="write the proof, and beside it the model it is about, FILE.npz",
    )
    solve.set_defaults(run=_solve)
    commands.add_parser("list", help="show the instances and the methods").set_defaults(run=_list)
    commands.add_parser("check", help="put the theorems to the test (rltheory check --help)", add_help=False)
    return parser


def _picture(path: str) -> str:
    """Return the name of a picture whose format can be written."""
    return _writable(path, _PICTURES)


def _proof(path: str) -> str:
    """Return the name of a certificate; the ending tells it from the model that is written beside it."""
    return _writable(path, (".json",))


def _writable(path: str, endings: tuple[str, ...]) -> str:
    """Return the name of a file of a known kind in a folder that exists."""
    if Path(path).suffix.lower() not in endings:
        raise argparse.ArgumentTypeError(f"{path!r} must end in {', '.join(endings)}")
    if not Path(path).resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder of {path!r} does not exist")
    return path


def _solve(options: argparse.Namespace) -> int:
    """Solve a source and tell the answer."""
    _require_consistent(options)
    if options.robust:
        return _solve_robustly(options)
    if options.exact:
        return _solve_exactly(options)
    from rltheory import _question, _report, planning
    from rltheory._source import read_source, tabular

    method: Callable[..., planning.Solution] | None = getattr(planning, options.method) if options.method else None
    # A warning would only repeat the status, which is printed.
    with _progress(options) as progress, _stdout_kept_clean(), warnings.catch_warnings(action="ignore"):
        discounted = options.criterion not in _UNDISCOUNTED
        source, labels = read_source(
            options.source, gamma=options.gamma, horizon=options.horizon, discounted=discounted
        )
        model = tabular(source)
        goal = None if options.goal is None else _question.states_of(options.goal, model, labels)
        begin = time.perf_counter()
        model, solution = _question.answer(
            model, options.criterion, goal, tol=options.tol, method=method, progress=progress
        )
        seconds = time.perf_counter() - begin
    if options.json:
        _report.print_json(options.source, model, solution, seconds)
    else:
        _report.print_answer(model, solution, seconds)
    if options.certificate:
        _report.write_certificate(options.certificate, model, solution)
    if options.plot:
        _report.write_picture(options.plot, model, solution)
    return int(solution.status is planning.Status.LIMIT_REACHED)


def _require_consistent(options: argparse.Namespace) -> None:
    """Refuse options that belong to another criterion."""
    if options.robust:
        for name in ("exact", "method", "certificate"):
            if getattr(options, name):
                raise _UsageError(f"--robust has its own methods, and no use for --{name}; leave it out")
        if options.criterion not in (None, "discounted", "finite-horizon"):
            raise _UsageError(f"--robust is about discounted models and horizons, not --criterion {options.criterion}")
    else:
        for name in ("lam", "rho", "rectangular"):
            if getattr(options, name) is not None:
                raise _UsageError(f"--{name} belongs to --robust {', '.join(DIVERGENCES)}; name one of these")
    if options.goal is not None and options.criterion not in _WITH_A_GOAL:
        raise _UsageError(
            f"--goal belongs to --criterion {', '.join(_WITH_A_GOAL)}; name one of these, or leave it out"
        )
    if options.criterion in _UNDISCOUNTED:
        for name in ("gamma", "horizon", "method", "exact"):
            if getattr(options, name) not in (None, False):
                raise _UsageError(f"--criterion {options.criterion} has no use for --{name}; leave it out")
    if options.criterion == "discounted" and options.horizon is not None:
        raise _UsageError("--criterion discounted has no horizon; leave --horizon out, or ask for finite-horizon")


def _solve_robustly(options: argparse.Namespace) -> int:
    """Solve a source against nature and tell the answer, and what she does at the start."""
    from rltheory import _nature, _question, _report, planning
    from rltheory._source import read_source

    divergence = _nature.divergence_of(options.robust, lam=options.lam, rho=options.rho)
    with _stdout_kept_clean(), warnings.catch_warnings(action="ignore"):
        model, _ = read_source(options.source, gamma=options.gamma, horizon=options.horizon)
        _question.require_match(model, options.criterion)
        begin = time.perf_counter()
        model, solution, rectangular = _nature.robust_answer(model, divergence, options.rectangular, tol=options.tol)
        seconds = time.perf_counter() - begin
        moves = _nature.moves(model, solution, rectangular)
    if options.json:
        _report.print_robust_json(options.source, model, solution, rectangular, moves, seconds)
    else:
        _report.print_robust_answer(model, solution, rectangular, moves, seconds)
    if options.plot:
        _report.write_picture(options.plot, model, solution)
    return int(solution.status is planning.Status.LIMIT_REACHED)


def _solve_exactly(options: argparse.Namespace) -> int:
    """Solve a source in fractions and tell the answer."""
    from rltheory import _question, _report, planning
    from rltheory._source import read_source, tabular

    if options.method or options.plot or options.certificate:
        raise _UsageError("--exact prints fractions by its own method; leave --method, --plot and --certificate out")
    with _stdout_kept_clean(), warnings.catch_warnings(action="ignore"):
        source, _ = read_source(options.source, gamma=options.gamma, horizon=options.horizon)
        model = tabular(source)
        _question.require_match(model, options.criterion)
        begin = time.perf_counter()
        solution = planning.solve(model, exact=True)
        seconds = time.perf_counter() - begin
    if options.json:
        _report.print_exact_json(options.source, model, solution, seconds)
    else:
        _report.print_exact_answer(solution, seconds)
    return 0


@contextlib.contextmanager
def _stdout_kept_clean() -> Iterator[None]:
    """Send to stderr what compiled solvers print on stdout, as HiGHS 1.16 does with its name."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[int, float], None] | None]:
    """Show on stderr, if somebody watches, how far the solver is; a new line at most every tenth of a second."""
    if not sys.stderr.isatty():
        yield None
        return
    from rltheory._report import console

    shown = 0.0
    with console(stderr=True).status(f"solving {options.source}") as status:

        def show(rounds: int, width: float) -> None:
            nonlocal shown
            if time.monotonic() - shown > 0.1:
                shown = time.monotonic()
                status.update(f"solving {options.source}: round {rounds}, width {width:.3g}, tol {options.tol:g}")

        yield show


def _list(_: argparse.Namespace) -> int:
    """Show what can be solved, and how."""
    from rich.table import Table

    from rltheory import _report, planning
    from rltheory._source import catalogue, parameters

    instances, methods = Table(title="solve 'mdps:NAME(...)'"), Table(title="solve ... --method NAME")
    for table in (instances, methods):
        table.add_column("name", no_wrap=True)
        table.add_column("what it is")
    for name, build in catalogue().items():
        instances.add_row(name, f"{_summary(build)}\n{parameters(build)}")
    for name in METHODS:
        methods.add_row(name, _summary(getattr(planning, name)))
    _report.console().print(instances, methods)
    return 0


def _summary(function: Callable[..., object]) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
