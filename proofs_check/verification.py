r"""Put a theorem to the test: look for an instance that refutes it, and for one that refutes its false variant.

Instances are drawn and, where one fails, shrunk by Hypothesis, reproducibly from ``rng``. Where no tight instance is
known, the search climbs towards one (`hypothesis.target`), so that a wrong constant has little room to hide.

A theorem that holds *with high probability* is run on several instances, each with many seeds. Its check on one
instance is then: the one-sided Clopper-Pearson lower limit of the failure probability is at most $\delta$. A theorem
*in expectation* is treated likewise with Student's lower limit of the mean of lhs - rhs. The confidence is such that a
true theorem is rejected with probability at most `FALSE_ALARM` in a whole call of `verify` (exactly so for the binomial
test, asymptotically for the mean).
"""

from __future__ import annotations

import difflib
import enum
import inspect
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import hypothesis
import numpy as np
from hypothesis.strategies import SearchStrategy

from proofs_check.draws import same_draws_everywhere
from proofs_check.theorem import Check, Kind, Theorem
from proofs_check.words import arguments, describe

FALSE_ALARM = 1e-6
"""Probability that a true theorem about random draws is rejected, in one call of `verify`."""

_STATISTICAL_INSTANCES = 10


class Verdict(enum.Enum):
    """What came out; the value is a sentence with the remedy."""

    HOLDS = "no instance violates it, and its false variant is refuted"
    FAILS = "an instance violates it: correct the statement, the bound or the check"
    NOT_REFUTED = "its false variant survived, so the check has no power: find instances that break the variant"
    NOT_TIGHT = "the tight instance stays below the ratio it must reach: correct the instance or the claim"


@dataclass(frozen=True, slots=True)
class Example:
    """An instance and what the check says about it.

    Parameters
    ----------
    instance : object
        The arguments of the check: a tuple, or a single argument.
    check : Check
        Its outcome.
    names : tuple of str
        What the check calls its arguments.
    """

    instance: Any
    check: Check
    names: tuple[str, ...]

    def in_words(self) -> str:
        """Return the numbers and the instance, in words that are enough to build it again."""
        head = f"lhs = {self.check.lhs!r}, rhs = {self.check.rhs!r}, slack = {self.check.slack:.6g}"
        named = zip(self.names, arguments(self.instance), strict=False)
        return "\n".join([head, *(f"{name} = {describe(argument)}" for name, argument in named)])


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found out about one theorem.

    Parameters
    ----------
    theorem : Theorem
        The theorem.
    examples : tuple of Example
        Every instance that was tried and satisfies the theorem, in order.
    counterexample : Example, optional
        A minimal instance that violates the theorem.
    refutation : Example, optional
        An instance that violates the false variant.
    tight : Check, optional
        The check of the tight instance.
    seconds : float
        How long all of this took; two that differ in nothing else are equal.
    """

    theorem: Theorem
    examples: tuple[Example, ...]
    counterexample: Example | None
    refutation: Example | None
    tight: Check | None
    seconds: float = field(default=0.0, compare=False)

    @property
    def instances(self) -> int:
        """How many instances were tried (without the steps of shrinking)."""
        return len(self.checks)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The check of every instance, in order; a counterexample comes last."""
        last = () if self.counterexample is None else (self.counterexample,)
        return tuple(example.check for example in (*self.examples, *last))

    @property
    def slack(self) -> float:
        """The worst slack: the smallest ``rhs - lhs``."""
        return min((check.slack for check in self.checks), default=math.nan)

    @property
    def tightness(self) -> float:
        """The largest ``lhs / rhs``; nan if the right side was never more than rounding, as in an identity."""
        return max((check.tightness for check in self.checks if not math.isnan(check.tightness)), default=math.nan)

    @property
    def worst(self) -> Example | None:
        """The counterexample, else the tightest instance, else (for an identity) the one with the largest error."""
        if self.counterexample is not None or not self.examples:
            return self.counterexample
        meaningful = [example for example in self.examples if not math.isnan(example.check.tightness)]
        if meaningful:
            return max(meaningful, key=lambda example: example.check.tightness)
        return min(self.examples, key=lambda example: example.check.slack)

    @property
    def holds(self) -> bool:
        """Whether no instance violates the theorem."""
        return self.counterexample is None

    @property
    def refuted(self) -> bool:
        """Whether the false variant was refuted, as it must be."""
        return self.refutation is not None

    @property
    def tight_reached(self) -> bool:
        """Whether the tight instance, if there is one, satisfies the bound and reaches the stated ratio."""
        if self.tight is None or self.theorem.tight_ratio is None:
            return True
        return self.tight.holds and self.tight.tightness >= self.theorem.tight_ratio

    @property
    def verdict(self) -> Verdict:
        """The first thing that is wrong, or that nothing is."""
        if not self.holds:
            return Verdict.FAILS
        if not self.refuted:
            return Verdict.NOT_REFUTED
        return Verdict.HOLDS if self.tight_reached else Verdict.NOT_TIGHT

    @property
    def passed(self) -> bool:
        """Whether the verdict is that the theorem holds."""
        return self.verdict is Verdict.HOLDS

    def in_words(self) -> str:
        """Return the verdict and, where something is wrong, the instance that shows it."""
        head = f"{self.theorem.name}: {self.verdict.value}"
        if self.counterexample is not None:
            return f"{head}\nminimal counterexample: {self.counterexample.in_words()}"
        if self.verdict is Verdict.NOT_TIGHT and self.tight is not None:
            return f"{head}\ntightness {self.tight.tightness:.6g}, promised {self.theorem.tight_ratio:g}"
        return head

    def __repr__(self) -> str:
        return (
            f"Verification({self.theorem.name}: {self.verdict.name}, {self.instances} instances,"
            f" worst slack {self.slack:.3g}, tightness {self.tightness:.6g})"
        )


def verify(theorem: Theorem | str, *, examples: int = 500, rng: Any = 0, shrink: bool = True) -> Verification:
    """Look for instances that refute a theorem, and for one that refutes its false variant.

    Parameters
    ----------
    theorem : Theorem or str
        A theorem, or the name of one in `proofs_check.THEOREMS`.
    examples : int
        How many instances to draw, and at most how many to break the false variant with. For theorems about random
        draws: how many seeds on each of ten instances, at least.
    rng : None, int or numpy.random.Generator
        As in `numpy.random.default_rng`; an int makes the run reproducible.
    shrink : bool
        Whether to make a counterexample minimal; if not, the search ends with the first one.

    Returns
    -------
    Verification

    Raises
    ------
    ValueError
        If there is no theorem of that name, or ``examples`` is not positive.

    Examples
    --------
    >>> verify("effective-horizon", examples=20).verdict
    <Verdict.HOLDS: 'no instance violates it, and its false variant is refuted'>
    """
    if isinstance(theorem, str):
        theorem = find(theorem)
    if examples < 1:
        raise ValueError(f"examples is {examples}; at least one instance is needed")
    started = time.perf_counter()
    seed = int(np.random.default_rng(rng).integers(2**32))
    runs = partial(_on_one_instance, theorem, runs=examples, seed=seed)
    search = partial(_search, theorem.instances, names=names_of(theorem), seed=seed)
    tried = examples if theorem.kind is Kind.DETERMINISTIC else _STATISTICAL_INSTANCES
    # Where a tight instance is known, climbing towards one would only repeat it: draw at random instead.
    drawn, counterexample = search(runs(theorem.check), examples=tried, shrink=shrink, climb=theorem.tight is None)
    _, refutation = search(runs(theorem.refutable), examples=max(tried, 100), shrink=False)
    tight = None if theorem.tight is None else theorem.tight()
    return Verification(theorem, tuple(drawn), counterexample, refutation, tight, time.perf_counter() - started)


def find(name: str) -> Theorem:
    """Return the theorem of a name.

    Parameters
    ----------
    name : str
        A key of `proofs_check.THEOREMS`.

    Returns
    -------
    Theorem

    Raises
    ------
    ValueError
        If there is none; the message suggests near names.

    Examples
    --------
    >>> find("greedy-los")
    Traceback (most recent call last):
    ValueError: no theorem is called 'greedy-los'; near names: greedy-loss, greedy-loss-q, greedy-loss-span
    """
    from proofs_check import THEOREMS

    if name in THEOREMS:
        return THEOREMS[name]
    near = sorted(difflib.get_close_matches(name, THEOREMS, n=3, cutoff=0.5))
    hint = f"near names: {', '.join(near)}" if near else "proofs_check.THEOREMS lists them"
    raise ValueError(f"no theorem is called {name!r}; {hint}")


class _ViolationError(Exception):
    """Ends a search: the instance violates the inequality."""

    def __init__(self, example: Example) -> None:
        super().__init__(example)
        self.example = example


def names_of(theorem: Theorem) -> tuple[str, ...]:
    """What the check calls the arguments of an instance."""
    names = tuple(inspect.signature(theorem.check).parameters)
    return names if theorem.kind is Kind.DETERMINISTIC else tuple(name for name in names if name != "rng")


def _search(
    instances: SearchStrategy[Any],
    check: Callable[..., Check],
    *,
    names: tuple[str, ...],
    examples: int,
    seed: int,
    shrink: bool = True,
    climb: bool = True,
) -> tuple[list[Example], Example | None]:
    """Draw instances until one violates the check; return those that satisfied it, and the (shrunk) violation."""
    satisfied: list[Example] = []
    phases = [hypothesis.Phase.generate, hypothesis.Phase.target]

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        phases=[*phases, hypothesis.Phase.shrink] if shrink else phases,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(instances)
    def try_one(instance: Any) -> None:
        example = Example(instance, check(*arguments(instance)), names)
        if not example.check.holds:
            raise _ViolationError(example)
        satisfied.append(example)
        if climb and math.isfinite(example.check.tightness):
            hypothesis.target(example.check.tightness)

    try:
        with same_draws_everywhere():
            try_one()
    except _ViolationError as violated:
        return satisfied, violated.example
    return satisfied, None


def _on_one_instance(theorem: Theorem, check: Callable[..., Check], *, runs: int, seed: int) -> Callable[..., Check]:
    """Return the check of one instance, which for theorems about random draws is a test over many seeds."""
    if theorem.kind is Kind.DETERMINISTIC:
        return check
    alarm = FALSE_ALARM / _STATISTICAL_INSTANCES

    def over_seeds(*args: Any) -> Check:
        streams = np.random.default_rng(seed).spawn(runs)
        draws = [check(*args, rng=stream) for stream in streams]
        if theorem.delta is None:
            return _mean_excess(draws, alarm)
        return Check(_least_probability(sum(not draw.holds for draw in draws), runs, alarm), theorem.delta)

    return over_seeds


def _least_probability(failures: int, runs: int, alarm: float) -> float:
    """One-sided Clopper-Pearson limit: the failure probability is above it, but for a false alarm."""
    from scipy.stats import beta

    return float(beta.ppf(alarm, failures, runs - failures + 1)) if failures else 0.0


def _mean_excess(draws: Sequence[Check], alarm: float) -> Check:
    """The mean of both sides, the left one lowered to Student's one-sided limit of the mean of lhs - rhs."""
    from scipy.stats import t

    excess = np.array([draw.lhs - draw.rhs for draw in draws])
    error = excess.std(ddof=1) / math.sqrt(excess.size) * float(t.ppf(1 - alarm, excess.size - 1))
    rhs = float(np.mean([draw.rhs for draw in draws]))
    return Check(float(excess.mean()) + rhs - error, rhs)
