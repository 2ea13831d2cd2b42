"""A solver in a process of its own, with one model: it stays warm between runs, and can be killed.

The process is fresh, so that its threads are set before any library is loaded, its memory is that of one solver, and
nothing that a library does (endless loops and exits were seen) can harm the others.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from rltheory import MDP

_THREAD_VARIABLES = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SHARE_OF_MEMORY = 0.6
_WORTH_REPEATING = 5.0


class Skipped(Exception):  # noqa: N818
    """There is no time to report, for the reason given."""


@dataclass(frozen=True)
class Setup:
    """Seconds before the first run: to import and to solve a tiny model, and to take in the real one."""

    compile: float
    convert: float


@dataclass(frozen=True)
class Run:
    """One solve: its time, its proven distance from the optimum, and the peak of memory beyond the model itself."""

    seconds: float
    error: float
    extra_bytes: int
    note: str


class Worker:
    """The parent's end of a worker process.

    Parameters
    ----------
    solver : str
        A name in `peers.SOLVERS`.
    folder : Path
        Where `write_task` put the model and the bracket of its optimum.
    threads : int
        How many the process may use, for Numba, OpenMP and BLAS alike.
    patience : float
        Seconds to wait for the set-up.

    Raises
    ------
    Skipped
        If the solver is not installed, cannot take the model, or takes too long over it.
    """

    def __init__(self, solver: str, folder: Path, *, threads: int, patience: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, solver, str(folder)), daemon=True)
        with threads_of_children(threads):
            self._process.start()
        theirs.close()
        self.setup: Setup = self._receive(patience, f"set-up takes > {patience:g} s")

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def solve(self, tol: float, *, limit: float) -> Run:
        """Solve once with the solver's own tolerance, or raise `Skipped` after ``limit`` seconds."""
        self._connection.send(tol)
        return self._receive(limit, f"> {limit:g} s")

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _receive(self, limit: float, otherwise: str) -> Any:
        try:
            answer = self._connection.recv() if self._connection.poll(limit) else Skipped(otherwise)
        except EOFError:
            self._process.join()
            answer = Skipped(f"its process ended by itself (exit code {self._process.exitcode})")
        if isinstance(answer, Skipped):
            self.stop()
            raise answer
        return answer


@contextmanager
def threads_of_children(threads: int) -> Iterator[None]:
    """Let processes that start inside use so many threads, for Numba, OpenMP and BLAS alike."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def in_child(function: Callable[..., Any], *args: Any, threads: int) -> Any:
    """Return what a function returns in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with threads_of_children(threads), ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *args).result()


def write_task(folder: Path, mdp: MDP, lower: np.ndarray, upper: np.ndarray) -> None:
    """Write a model, and bounds on its optimal value, where workers find them."""
    np.savez(
        folder / "model.npz",
        data=mdp.P.data,
        indices=mdp.P.indices,
        indptr=mdp.P.indptr,
        r=mdp.r,
        pair_start=mdp.pair_start,
        gamma=mdp.gamma,
    )
    np.savez(folder / "bracket.npz", lower=lower, upper=upper)


def read_model(folder: Path) -> MDP:
    """Read the model that `write_task` wrote."""
    from scipy.sparse import csr_array

    with np.load(folder / "model.npz") as arrays:
        pair_start, r = arrays["pair_start"], arrays["r"]
        P = csr_array(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(r.size, pair_start.size - 1), copy=False
        )
        return MDP.from_pairs(P, r, float(arrays["gamma"]), pair_start=pair_start)


def _serve(connection: Connection, solver: str, folder: str) -> None:
    """Run in the worker's process: set up, then one solve for each tolerance that is received."""
    resource.setrlimit(resource.RLIMIT_AS, (_memory_limit(), resource.RLIM_INFINITY))
    try:
        _run(connection, solver, Path(folder))
    except BaseException as error:  # a library may call sys.exit
        connection.send(Skipped(_reason(error)))


def _run(connection: Connection, solver: str, folder: Path) -> None:
    from benchmarks import problems, reference
    from benchmarks.peers import SOLVERS

    started = time.perf_counter()
    SOLVERS[solver](problems.garnet(500, 2, 5, gamma=0.9))(1e-6).value()
    compiled = time.perf_counter()
    mdp = read_model(folder)
    with np.load(folder / "bracket.npz") as arrays:
        lower, upper = arrays["lower"], arrays["upper"]
    resident = _resident_bytes()
    converting = time.perf_counter()
    solve = SOLVERS[solver](mdp)
    connection.send(Setup(compiled - started, time.perf_counter() - converting))
    seconds = _WORTH_REPEATING
    while True:
        tol = connection.recv()
        if seconds < _WORTH_REPEATING:
            solve(tol)  # fills the caches again, in which other processes were meanwhile
        began = time.perf_counter()
        answer = solve(tol)
        seconds = time.perf_counter() - began
        extra = _peak_bytes() - resident
        error = reference.error_bound(np.asarray(answer.value(), dtype=np.float64), lower, upper)
        connection.send(Run(seconds, error, extra, answer.note))


def _reason(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return "not installed"
    if isinstance(error, MemoryError):
        return f"needs more than {_memory_limit() / 2**30:.0f} GiB of memory"
    if type(error).__name__ == "UnfitError":
        return str(error)
    return f"{type(error).__name__}: {str(error)[:100]}"


def _memory_limit() -> int:
    return int(_SHARE_OF_MEMORY * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def _resident_bytes() -> int:
    """Return the memory in use, and forget its peak so far; without Linux's files, return the peak."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _peak_bytes()


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
