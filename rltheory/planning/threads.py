"""Sweeps on several threads: the states are cut into as many parts, and a compiled loop runs over each.

The loops let go of Python's lock while they run. Nothing that a state is told depends on the part it is in, and the
extremes over all states are the same in any order: an answer does not depend on the number of threads, bit by bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numba import config

from rltheory.models import ModelError

Result = TypeVar("Result")

_WORTH_SHARING = 200_000
_chosen: ContextVar[int | None] = ContextVar("threads", default=None)


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let solvers use this many threads, within a ``with`` block.

    By default they use one for each core of this process, or as many as the environment variable ``NUMBA_NUM_THREADS``
    said when it began.

    Parameters
    ----------
    count : int
        At least 1. Answers do not depend on it, only the time they take.

    Raises
    ------
    ModelError
        If ``count`` is less than 1.

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> with rl.planning.use_threads(1):
    ...     answer = rl.solve(mdps.garnet(1000, 3, 5, rng=0))
    """
    if count < 1:
        raise ModelError(f"count is {count}; at least 1 thread is needed")
    token = _chosen.set(count)
    try:
        yield
    finally:
        _chosen.reset(token)


def cut(before: np.ndarray) -> list[tuple[int, int]]:
    """Cut the states into one part for each thread, of equal work; one part where there is too little to share.

    Parameters
    ----------
    before : ndarray of int, shape (n_states + 1,)
        How many transitions come before each state, and in all.

    Returns
    -------
    list of (int, int)
        First state of each part, and the first of the next.
    """
    n_states, work = before.size - 1, int(before[-1])
    parts = (_chosen.get() or config.NUMBA_NUM_THREADS) if work >= _WORTH_SHARING else 1
    inner = np.searchsorted(before, [work * part // parts for part in range(1, parts)])
    edges = [0, *inner.tolist(), n_states]
    return [(first, last) for first, last in pairwise(edges) if first < last]


def on_each(parts: list[tuple[int, int]], loop: Callable[[int, int], Result]) -> list[Result]:
    """Return what ``loop(first, last)`` returns for each part, all at the same time."""
    others = [_pool().submit(loop, *part) for part in parts[1:]]
    return [loop(*parts[0]), *(other.result() for other in others)]


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="rltheory")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but not its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
