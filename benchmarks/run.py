"""The measuring: one problem, our solver and one peer after the other, interleaved, all to the same true error.

Ours is asked for a *proven* gap of `ERROR`, once and for all. A peer gets the loosest tolerance of its own, in steps of
a factor of about 3, with which its value is within `ERROR` of the optimum. Then both run in turn, A B A B, each in a
warm process of its own, and every answer is compared with the optimum again.
"""

from __future__ import annotations

import math
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.more_problems import MORE
from benchmarks.problems import SUITE, garnet
from benchmarks.worker import Run, Setup, Skipped, Worker, in_child, write_task
from rltheory import MDP

ERROR = 1e-6
"""What all values are within of the optimum, in reward units."""

PROBLEMS: dict[str, Callable[[], MDP]] = {**SUITE, **MORE, "tiny": partial(garnet, 50, 3, 5, gamma=0.95)}
"""Every problem by name, and one to try this out with."""

OURS = "rltheory"

_PATIENCE = 600.0


@dataclass(frozen=True)
class Task:
    """A problem's size and the width within which its optimum is known."""

    problem: str
    n_states: int
    n_pairs: int
    nnz: int
    gamma: float
    reference_width: float

    @property
    def input_bytes(self) -> int:
        """Size of the model: indices and probabilities, rewards and offsets."""
        return 12 * self.nnz + 12 * self.n_pairs + 8 * self.n_states


@dataclass(frozen=True)
class Measurement:
    """One solver on one problem.

    Parameters
    ----------
    problem, solver, threads
        What was measured, and how many threads it might use.
    seconds : tuple of float
        Times of the solves; empty if there is none to report, and ``note`` says why.
    ours : dict of int to tuple of float
        For a peer: our times in the same rounds, by our number of threads.
    error : float
        Largest true error of the solves timed, in reward units.
    tol : float
        The solver's own tolerance.
    compile, convert : float
        Seconds to import it and to solve a tiny model, and to take in the real one.
    extra_bytes : int
        Peak of memory beyond the model, conversion included.
    input_bytes : int
        The model's size.
    note : str
        Why there is no time, or what the solver says of itself.
    """

    problem: str
    solver: str
    threads: int
    seconds: tuple[float, ...] = ()
    ours: dict[int, tuple[float, ...]] = field(default_factory=dict)
    error: float = math.nan
    tol: float = math.nan
    compile: float = math.nan
    convert: float = math.nan
    extra_bytes: int = 0
    input_bytes: int = 0
    note: str = ""

    @property
    def median(self) -> float:
        """Median time of a solve in seconds, or NaN."""
        return median(self.seconds) if self.seconds else math.nan

    def ratio(self, threads: int) -> float:
        """How many times as long as ours it takes: the median over the rounds, or NaN."""
        pairs = zip(self.seconds, self.ours.get(threads, ()), strict=False)
        ratios = [theirs / ours for theirs, ours in pairs]
        return median(ratios) if ratios else math.nan


def measure(
    problem: str,
    peers: Sequence[str],
    *,
    threads: Sequence[int],
    pairs: int,
    limit: float,
    deadline: float = math.inf,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Task, list[Measurement]]:
    """Measure our solver with each number of threads, and each peer with the largest, on one problem.

    Parameters
    ----------
    problem : str
        A name in `PROBLEMS`.
    peers : sequence of str
        Names in `peers.SOLVERS`.
    threads : sequence of int
        Numbers of threads for ours.
    pairs : int
        Rounds: in each, every one of ours and the peer solve once.
    limit : float
        Seconds after which a solve is ended and the solver reported as slower.
    deadline : float
        Time, by ``time.monotonic``, after which no further peer is begun.
    say : callable
        Told what is going on, a line at a time.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        say(f"{problem}: building it, and its optimum")
        task: Task = in_child(prepare, problem, folder, threads=max(threads))
        ours = {n: stack.enter_context(Worker(OURS, folder, threads=n, patience=_PATIENCE)) for n in threads}
        warm = {n: worker.solve(ERROR, limit=_PATIENCE) for n, worker in ours.items()}
        times: dict[int, list[Run]] = {n: [] for n in threads}
        measured = []
        for peer in peers:
            say(f"{problem}: {peer}")
            base = Measurement(problem, peer, max(threads), input_bytes=task.input_bytes)
            if time.monotonic() > deadline:
                measured.append(replace(base, note="no time was left"))
            else:
                measured.append(_with_peer(base, folder, ours, times, pairs=pairs, limit=limit))
        if not all(times.values()):
            times, _ = _rounds(ours, pairs if time.monotonic() < deadline else 1)
        of_ours = [
            _filled(
                Measurement(problem, OURS, n, tol=ERROR, input_bytes=task.input_bytes),
                worker.setup,
                times[n],
                extra_bytes=warm[n].extra_bytes,
            )
            for n, worker in ours.items()
        ]
        return task, [*of_ours, *measured]


def prepare(problem: str, folder: Path) -> Task:
    """Build a problem, bracket its optimum, and write both where workers find them."""
    import rltheory as rl
    from benchmarks.reference import bracket

    mdp = PROBLEMS[problem]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.ConvergenceWarning)  # the bracket tells how good it is
        value = rl.solve(mdp, tol=ERROR / 1000).value
    lower, upper = bracket(mdp, value)
    write_task(folder, mdp, lower, upper)
    return Task(problem, mdp.n_states, mdp.n_pairs, int(mdp.P.nnz), mdp.gamma, float((upper - lower).max()))


def loosest(error_of: Callable[[float], float], target: float = ERROR) -> float:
    """Return the loosest tolerance, in steps of a factor of about 3, whose error is within ``target``.

    It tightens from 0.01 by factors of 10, and then tries the one in between.

    Raises
    ------
    Skipped
        If 1e-14 is not enough, or four tolerances in a row make no difference.
    """
    errors: list[float] = []
    for exponent in range(-2, -15, -1):
        errors.append(error_of(10.0**exponent))
        if errors[-1] <= target:
            between = 10 ** (exponent + 0.5)
            return between if len(errors) > 1 and error_of(between) <= target else 10.0**exponent
        if len(errors) >= 4 and len(set(errors[-4:])) == 1:
            break
    raise Skipped(f"not within {target:g} at any tolerance: the error stays at {errors[-1]:.1g}")


def _with_peer(
    base: Measurement, folder: Path, ours: dict[int, Worker], times: dict[int, list[Run]], *, pairs: int, limit: float
) -> Measurement:
    """Measure a peer beside ours, whose runs are added to ``times``."""
    tried: list[Run] = []

    def error_of(tol: float) -> float:
        tried.append(worker.solve(tol, limit=limit))
        return tried[-1].error

    try:
        with Worker(base.solver, folder, threads=base.threads, patience=max(2 * limit, 30)) as worker:
            tol = loosest(error_of)
            beside, runs = _rounds(ours, pairs, lambda: worker.solve(tol, limit=limit))
    except Skipped as skipped:
        return replace(base, note=str(skipped))
    for count, of_ours in beside.items():
        times[count] += of_ours
    return replace(
        _filled(base, worker.setup, runs, extra_bytes=tried[0].extra_bytes),
        ours={count: tuple(run.seconds for run in of_ours) for count, of_ours in beside.items()},
        tol=tol,
    )


def _rounds(
    ours: dict[int, Worker], pairs: int, peer: Callable[[], Run] | None = None
) -> tuple[dict[int, list[Run]], list[Run]]:
    """Let each of ours and the peer solve in turn, ``pairs`` times."""
    beside: dict[int, list[Run]] = {count: [] for count in ours}
    runs = []
    for _ in range(pairs):
        for count, worker in ours.items():
            beside[count].append(worker.solve(ERROR, limit=_PATIENCE))
        if peer is not None:
            runs.append(peer())
    return beside, runs


def _filled(base: Measurement, setup: Setup, runs: Sequence[Run], *, extra_bytes: int) -> Measurement:
    return replace(
        base,
        seconds=tuple(run.seconds for run in runs),
        error=max(run.error for run in runs),
        compile=setup.compile,
        convert=setup.convert,
        extra_bytes=max(0, extra_bytes),
        note=runs[-1].note,
    )
