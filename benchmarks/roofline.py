r"""How near one Bellman sweep comes to the fastest that this machine allows.

A sweep must read the model once, and fetch one entry of v for each transition. So it takes at least

.. math:: \max\{\text{time to read } 12\,\mathrm{nnz} + 12\, n_\text{pairs} + 20\, n \text{ bytes},\;
                \text{time to gather } v(s') \text{ for all transitions}\}.

Both are measured: the first on a buffer of that size (so that a model which fits a cache is compared with the cache),
the second with the columns of the model itself (random ones in a garnet, neighbours in a grid), each by a kernel that
does nothing else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numba import njit, prange

from rltheory import MDP

_CHUNK = 1 << 16
_LEAST_SECONDS = 0.3
_LEAST_RUNS = 5


@dataclass(frozen=True)
class Sweep:
    """The best time of a sweep, and the two bounds on it, in seconds."""

    problem: str
    threads: int
    seconds: float
    read: float
    gather: float

    @property
    def share(self) -> float:
        """The larger bound over the time of the sweep: 1 is the fastest possible."""
        return max(self.read, self.gather) / self.seconds


@dataclass(frozen=True)
class Machine:
    """What memory does, with so many threads: the rate of reading, and the time of a random gather by the size of v."""

    threads: int
    bytes_a_second: float
    gather_nanoseconds: dict[str, float]


def measure_sweeps(problems: Sequence[str], threads: int) -> list[Sweep]:
    """Time one fused Bellman sweep of each problem, and its bounds; for a process started with so many threads."""
    return [_measure(problem, threads) for problem in problems]


def _measure(problem: str, threads: int) -> Sweep:
    from benchmarks.run import PROBLEMS

    mdp = PROBLEMS[problem]()
    v = np.random.default_rng(0).random(mdp.n_states)
    buffer = np.ones((12 * mdp.P.nnz + 12 * mdp.n_pairs + 20 * mdp.n_states) // 8)
    columns = mdp.P.indices.view(np.uint32)
    return Sweep(
        problem,
        threads,
        seconds=fastest(_sweep(mdp, v)),
        read=_least(_READ, buffer),
        gather=_least(_GATHER, columns, v),
    )


def measure_machine(threads: int) -> Machine:
    """Measure the memory alone: a buffer of 1 GB, and vectors that fit the second cache, the third, and neither."""
    buffer = np.ones(125_000_000)
    rng = np.random.default_rng(0)
    nanoseconds = {}
    for name, n in {"0.4 MB": 50_000, "8 MB": 1_000_000, "400 MB": 50_000_000}.items():
        columns = rng.integers(0, n, size=10_000_000, dtype=np.uint32)
        v = np.ones(n)
        nanoseconds[name] = 1e9 * _least(_GATHER, columns, v) / columns.size
    return Machine(threads, buffer.nbytes / _least(_READ, buffer), nanoseconds)


def fastest(call: Callable[[], object]) -> float:
    """Return the least time of a call, in seconds, after one that is not timed."""
    call()
    least, spent, runs = math.inf, 0.0, 0
    while runs < _LEAST_RUNS or spent < _LEAST_SECONDS:
        began = time.perf_counter()
        call()
        seconds = time.perf_counter() - began
        least, spent, runs = min(least, seconds), spent + seconds, runs + 1
    return least


def read_time(size: int) -> float:
    """Return the least time in which one thread reads so many numbers, in seconds."""
    return fastest(partial(_READ[0], np.ones(size)))


def _least(variants: list[Any], *args: np.ndarray) -> float:
    """Return the time of the faster kernel, serial or parallel: starting threads does not pay for a small model."""
    return min(fastest(partial(kernel, *args)) for kernel in variants)


def _sweep(mdp: MDP, v: np.ndarray) -> Callable[[], object]:
    from rltheory.planning.backup import bellman_sweep

    sweep = bellman_sweep(mdp)
    backed_up, policy = np.empty(mdp.n_states), np.empty(mdp.n_states, dtype=np.int64)
    v = v.view()
    v.flags.writeable = False  # as the kernels are compiled
    return lambda: sweep(v, backed_up, policy)


def _sum(buffer: np.ndarray) -> float:
    total = 0.0
    for chunk in prange((buffer.size + _CHUNK - 1) // _CHUNK):
        part = 0.0
        for k in range(np.uint64(chunk * _CHUNK), np.uint64(min((chunk + 1) * _CHUNK, buffer.size))):
            part += buffer[k]
        total += part
    return total


def _sum_of_gathered(columns: np.ndarray, v: np.ndarray) -> float:
    total = 0.0
    for chunk in prange((columns.size + _CHUNK - 1) // _CHUNK):
        part = 0.0
        for k in range(np.uint64(chunk * _CHUNK), np.uint64(min((chunk + 1) * _CHUNK, columns.size))):
            part += v[columns[k]]
        total += part
    return total


# Sums may be taken in any order here: only the time counts.
_VARIANTS = ({"fastmath": True}, {"fastmath": True, "parallel": True})
_READ = [njit(**options)(_sum) for options in _VARIANTS]
_GATHER = [njit(**options)(_sum_of_gathered) for options in _VARIANTS]
