"""Many theorems at once, on any executor: a process verifies one theorem and tells the outcome in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import repeat

from proofs_check.theorem import Check, Theorem
from proofs_check.verification import Example, Verification, arguments, describe, verify


class _Words(str):
    """An argument of a check as `describe` tells it, since what it is made of may not travel between processes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def verify_all(theorems: Sequence[Theorem], *, examples: int, seed: int, executor: Executor) -> Iterator[Verification]:
    """Verify theorems of `proofs_check.THEOREMS`, as many at the same time as the executor has workers.

    Parameters
    ----------
    theorems : sequence of Theorem
        Which.
    examples, seed : int
        As ``examples`` and ``rng`` of `verify`.
    executor : concurrent.futures.Executor
        Where they run.

    Yields
    ------
    Verification
        In the order of the theorems. All checks are there; of the instances only the worst one and those that violate
        something, in words.
    """
    names = [theorem.name for theorem in theorems]
    outcomes = executor.map(_outcome, names, repeat(examples), repeat(seed))
    for theorem, outcome in zip(theorems, outcomes, strict=True):
        yield Verification(theorem, *outcome)


Outcome = tuple[tuple[Example, ...], Example | None, Example | None, Check | None]
"""The fields of a `Verification` but the theorem, whose functions do not travel between processes."""


def _outcome(name: str, examples: int, seed: int) -> Outcome:
    found = verify(name, examples=examples, rng=seed)
    worst = found.worst
    tried = tuple(_told(one) if one is worst else replace(one, instance=()) for one in found.examples)
    counterexample, refutation = (one and _told(one) for one in (found.counterexample, found.refutation))
    return tried, counterexample, refutation, found.tight


def _told(example: Example) -> Example:
    return replace(example, instance=tuple(_Words(describe(argument)) for argument in arguments(example.instance)))
