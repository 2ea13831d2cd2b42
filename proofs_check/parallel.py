"""Many theorems at once, on any executor: a process verifies one theorem and sends the outcome back."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from proofs_check.theorem import Check, Kind, Theorem
from proofs_check.verification import Example, Verification, verify
from proofs_check.words import arguments, describe


class Words(str):
    """An argument of a check as `describe` tells it, where what it is made of cannot travel between processes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def verify_all(
    theorems: Iterable[Theorem], *, examples: int = 500, seed: int = 0, executor: Executor | None = None
) -> Iterator[Verification]:
    """Verify theorems of `proofs_check.THEOREMS`, as many at the same time as the executor has workers.

    What comes out is the same for every executor and every number of workers, since each theorem has its own stream of
    random numbers, which depends on the seed alone; only `Verification.seconds` differs.

    Parameters
    ----------
    theorems : iterable of Theorem
        Which.
    examples, seed : int
        As ``examples`` and ``rng`` of `verify`.
    executor : concurrent.futures.Executor, optional
        Where they run, such as ``ProcessPoolExecutor(2)``, ``dask.distributed.Client(...).get_executor()`` or
        ``mpi4py.futures.MPIPoolExecutor()``; by default here, one after the other.

    Yields
    ------
    Verification
        In the order of the theorems. All checks are there; of the instances only the worst one and those that violate
        something, whose arguments are in words if they cannot be pickled.

    Raises
    ------
    ValueError
        If ``examples`` is not positive.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from proofs_check import THEOREMS
    >>> with ThreadPoolExecutor(1) as executor:
    ...     (found,) = verify_all([THEOREMS["greedy-loss"]], examples=20, executor=executor)
    >>> found.passed, found.instances
    (True, 20)
    """
    theorems = list(theorems)
    if executor is None:
        for theorem in theorems:
            yield verify(theorem, examples=examples, rng=seed)
        return
    futures = {
        theorem.name: executor.submit(_outcome, theorem.name, examples, seed) for theorem in _longest_first(theorems)
    }
    try:
        for theorem in theorems:
            yield Verification(theorem, *futures[theorem.name].result())
    finally:
        for future in futures.values():
            future.cancel()


def _longest_first(theorems: list[Theorem]) -> list[Theorem]:
    """Begin with those that run many seeds on each instance, so that none of them is left alone at the end."""
    return sorted(theorems, key=lambda theorem: theorem.kind is Kind.DETERMINISTIC)


Outcome = tuple[tuple[Example, ...], Example | None, Example | None, Check | None, float]
"""The fields of a `Verification` but the theorem, whose functions do not travel between processes."""


def _outcome(name: str, examples: int, seed: int) -> Outcome:
    found = verify(name, examples=examples, rng=seed)
    worst = found.worst
    tried = tuple(_packed(one) if one is worst else replace(one, instance=()) for one in found.examples)
    counterexample, refutation = (one and _packed(one) for one in (found.counterexample, found.refutation))
    return tried, counterexample, refutation, found.tight, found.seconds


def _packed(example: Example) -> Example:
    return replace(example, instance=tuple(map(_movable, arguments(example.instance))))


def _movable(argument: Any) -> Any:
    """Return an argument itself if it can be pickled, and in words otherwise."""
    try:
        pickle.dumps(argument)
    except (pickle.PicklingError, AttributeError, TypeError):
        return Words(describe(argument))
    return argument
