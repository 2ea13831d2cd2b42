"""What the processes of one computation say to each other: five words, over MPI or by one process to itself.

A failure on one rank must not leave the others waiting for it. What is done apart is done `in_agreement`: if it fails
anywhere, the same error is raised everywhere. While the ranks exchange vectors there is no time for that, and a failure
ends them all (`ending_together`).
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np

from rltheory.models import CriterionError, ModelError

Result = TypeVar("Result")

_KINDS = (ModelError, CriterionError, MemoryError, OSError)


class Communicator(Protocol):
    """A group of processes numbered 0..size - 1; every method is called by all of them at once."""

    rank: int
    size: int

    def join(self, part: np.ndarray, whole: np.ndarray, sizes: list[int]) -> None:
        """Fill ``whole`` on each rank with the parts of all, in the order of ranks; part k has ``sizes[k]`` entries."""

    def largest(self, numbers: tuple[float, ...]) -> tuple[float, ...]:
        """Return the largest of all ranks' first numbers, of their second numbers, and so on."""

    def spread(self, array: np.ndarray) -> None:
        """Overwrite the array on each rank by that of rank 0."""

    def share(self, item: Any) -> list[Any]:
        """Return the small Python objects of all ranks, in their order."""

    def abort(self) -> None:
        """End all processes at once; the only method that one rank may call alone."""


class Alone:
    """One process, without MPI."""

    rank, size = 0, 1

    def join(self, part: np.ndarray, whole: np.ndarray, sizes: list[int]) -> None:
        whole[:] = part

    def largest(self, numbers: tuple[float, ...]) -> tuple[float, ...]:
        return numbers

    def spread(self, array: np.ndarray) -> None:
        pass

    def share(self, item: Any) -> list[Any]:
        return [item]

    def abort(self) -> None:
        pass


class Ranks:
    """The processes of an mpi4py communicator."""

    def __init__(self, comm: Any) -> None:
        self._comm, self._mpi = comm, mpi()
        self.rank, self.size = comm.Get_rank(), comm.Get_size()

    def join(self, part: np.ndarray, whole: np.ndarray, sizes: list[int]) -> None:
        self._comm.Allgatherv(part, (whole, sizes))

    def largest(self, numbers: tuple[float, ...]) -> tuple[float, ...]:
        array = np.array(numbers)
        self._comm.Allreduce(self._mpi.IN_PLACE, array, op=self._mpi.MAX)
        return tuple(array.tolist())

    def spread(self, array: np.ndarray) -> None:
        self._comm.Bcast(array)

    def share(self, item: Any) -> list[Any]:
        return self._comm.allgather(item)

    def abort(self) -> None:
        self._comm.Abort(1)


def mpi() -> Any:
    """Return the module ``mpi4py.MPI``, or say how to install it."""
    try:
        return importlib.import_module("mpi4py.MPI")
    except ImportError as missing:
        raise ImportError(
            f"planning on several processes needs mpi4py and an MPI library: pip install rltheory[mpi] ({missing})"
        ) from missing


def communicator(comm: Any) -> Communicator:
    """Return the group that a caller's ``comm`` means: None, an mpi4py communicator, or one of ours."""
    if comm is None:
        return Alone()
    return comm if hasattr(comm, "share") else Ranks(comm)


def in_agreement(ranks: Communicator, what: str, work: Callable[[], Result]) -> Result:
    """Do some work apart, and return its result if it succeeded on every rank; else raise one error on all of them."""
    result, error = None, None
    try:
        result = work()
    except Exception as raised:
        error = raised
        if ranks.size == 1:
            raise
    told = ranks.share(None if error is None else (_kind(error), str(error)))
    for rank, failure in enumerate(told):
        if failure is not None:
            raise failure[0](f"rank {rank} of {ranks.size} could not {what}: {failure[1]}") from error
    return result  # type: ignore[return-value]


@contextmanager
def ending_together(ranks: Communicator) -> Iterator[None]:
    """End every rank if this one fails: the others wait for its numbers, and would do so for ever."""
    try:
        yield
    except CriterionError:
        raise  # drawn from numbers that all ranks have agreed on, so that each of them raises it
    except BaseException:
        if ranks.size > 1:
            # The only word that the others' terminal will see: after an abort no exception is reported.
            sys.stderr.write(f"rank {ranks.rank} of {ranks.size} failed and ends the others:\n{traceback.format_exc()}")
            sys.stderr.flush()
            ranks.abort()
        raise


def _kind(error: Exception) -> type[Exception]:
    """Return a class that can be made from a message alone, as not every exception can."""
    return next((kind for kind in _KINDS if isinstance(error, kind)), RuntimeError)
