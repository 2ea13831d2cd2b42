"""What vouches for a bound: tight instances, theorems, examples and tests, each of which holds or does not.

Which theorems call which bounds is observed, not declared.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import math
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

from proofs_check import THEOREMS
from proofs_check.mutants import function_called, functions_of
from proofs_check.theorem import Theorem
from proofs_check.verification import verify

TESTS = Path(__file__).parents[1] / "tests"
"""Where test files are looked for; there are none beside an installed package."""

_LEARNING = 5  # instances that show which bounds a theorem calls
_PATIENCE = 20.0  # seconds of computing after which what does not end has failed
_QUIETLY = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib", "-m", "not slow")
_DOCTEST = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(frozen=True, slots=True)
class Use:
    """What one theorem has to do with the bounds.

    Parameters
    ----------
    theorem : str
        Its name.
    functions : frozenset of str
        Full names of those that it calls.
    tightness : float
        The part of the bound that its tight instance attains, or any instance if it has none; nan for an identity.
    seconds : float
        What it takes to verify it.
    """

    theorem: str
    functions: frozenset[str]
    tightness: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that vouches for a function.

    Parameters
    ----------
    label : str
        Such as ``tight instance of greedy-loss``.
    holds : callable
        Whether it holds; an error means that it does not.
    """

    label: str
    holds: Callable[[], bool]

    def stands(self) -> bool:
        """Return whether it holds, and that in time."""
        try:
            with _patience():
                return self.holds()
        except (Exception, _TimeUpError):
            return False


def use_of(name: str, *, functions: Collection[str], examples: int) -> Use:
    """Observe which bounds a theorem calls, and make sure that it holds.

    Parameters
    ----------
    name : str
        Of the theorem.
    functions : collection of str
        Full names of the bounds to look out for.
    examples : int
        Instances to verify it with.

    Returns
    -------
    Use

    Raises
    ------
    RuntimeError
        If it does not hold.
    """
    theorem = THEOREMS[name]
    bounds = {id(function_called(full).__code__): full for full in functions}
    codes = _called(partial(verify, theorem, examples=_LEARNING, shrink=False), bounds)
    if not codes:
        return Use(name, frozenset(), math.nan, 0.0)
    started = time.perf_counter()
    found = verify(theorem, examples=examples, shrink=False)
    if not found.passed:
        raise RuntimeError(f"without any mutant: {found.in_words()}")
    tightness = found.tightness if found.tight is None else found.tight.tightness
    return Use(name, frozenset(bounds[code] for code in codes), tightness, time.perf_counter() - started)


def evidence_for(function: FunctionType, theorems: Sequence[Theorem], *, examples: int, tests: Path) -> list[Evidence]:
    """Return what vouches for a function, the strongest first.

    Parameters
    ----------
    function : function
        A bound.
    theorems : sequence of Theorem
        Those that call it, in the order in which to try them.
    examples : int
        Instances a theorem.
    tests : Path
        The folder of the test files.

    Returns
    -------
    list of Evidence
        Tight instances; theorems as a whole; the examples of the function's module; the test files about bounds that
        name it, or what calls it in its module.
    """
    return [
        *(Evidence(f"tight instance of {one.name}", partial(_is_tight, one)) for one in theorems if one.tight),
        *(Evidence(one.name, partial(_holds, one, examples)) for one in theorems),
        Evidence("examples", partial(_examples_hold, function.__module__)),
        Evidence("tests", partial(_tests_pass, function, tests)),
    ]


def _is_tight(theorem: Theorem) -> bool:
    assert theorem.tight is not None
    assert theorem.tight_ratio is not None
    check = theorem.tight()
    return check.holds and check.tightness >= theorem.tight_ratio


def _holds(theorem: Theorem, examples: int) -> bool:
    return verify(theorem, examples=examples, shrink=False).passed


def _examples_hold(module: str) -> bool:
    runner = doctest.DocTestRunner(verbose=False, optionflags=_DOCTEST)
    failed = (
        runner.run(one, out=lambda _: None).failed
        for one in doctest.DocTestFinder().find(importlib.import_module(module))
    )
    return not any(failed)


def _tests_pass(function: FunctionType, tests: Path) -> bool:
    """Return whether the tests of bounds that name a function, or what calls it, pass, but for slow ones."""
    import pytest

    near = functions_of(sys.modules[function.__module__]).values()
    names = {function.__name__, *(one.__name__ for one in near if function.__name__ in one.__code__.co_names)}
    named = re.compile(rf"\b({'|'.join(names)})\b")
    about = sorted(tests.rglob("test_*bound*.py"))
    files = [str(path) for path in about if named.search(path.read_text(encoding="utf-8"))]
    if not files:
        return True
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = pytest.main([*_QUIETLY, *files])
    return status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def _called(run: Callable[[], Any], codes: Collection[int]) -> set[int]:
    """Return those code objects, by identity, that a run calls."""
    called = set()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and id(frame.f_code) in codes:
            called.add(id(frame.f_code))

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return called


class _TimeUpError(BaseException):
    """Not an `Exception`, so that nothing handles it on the way."""


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """End what does not end by itself, where there are signals: in the main thread of a process."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def end(*_: Any) -> None:
        raise _TimeUpError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE, 1.0)  # again and again: what is raised in a callback is lost
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
