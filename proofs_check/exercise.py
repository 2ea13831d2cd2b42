"""A theorem as an exercise: its constant is hidden, and a bound that is handed in is graded.

A bound is a number, by which the true right side is multiplied, or a function of the arguments of the check which
returns a right side. It is *too small* if an instance refutes it: one that the strategy draws, or one that
`proofs_check.attack` reaches and on which the theorem itself holds. Otherwise it counts as valid, on the evidence of
that search, and the grade says how many times larger than the true right side it was.
"""

from __future__ import annotations

import enum
import inspect
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from statistics import median
from typing import Any

from proofs_check import verification
from proofs_check.attack import attack
from proofs_check.saved import encode
from proofs_check.theorem import Check, Kind, Theorem
from proofs_check.verification import Example, arguments, find, names_of

Bound = float | Callable[..., float]
_MATHEMATICS = re.compile(r"\$[^$]*\$")
_INEQUALITY = re.compile(r"\\(le|ge)q?(?![a-zA-Z])|[<>]")
_WORDS = re.compile(r"\bat (most|least)\b(?= \S*[$\d])")
_INSTANCES = 50


class Mark(enum.Enum):
    """What came out; the value is a sentence."""

    TOO_SMALL = "an instance violates the bound"
    VALID = "no instance that was tried violates the bound"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Grade:
    """What `Exercise.grade` found.

    Parameters
    ----------
    name : str
        The theorem.
    mark : Mark
        Too small, or valid.
    counterexample : Example, optional
        An instance that violates the bound; its ``rhs`` is the bound.
    median_looseness, largest_looseness : float
        The bound divided by the true right side, over drawn instances on which that is not zero; nan if on none.
    tightness : float
        The largest ratio of the left side to the bound that was reached.
    evaluations : int
        How many instances were tried in the search for a violation.
    """

    name: str
    mark: Mark
    counterexample: Example | None
    median_looseness: float
    largest_looseness: float
    tightness: float
    evaluations: int

    @property
    def passed(self) -> bool:
        """Whether the bound is valid."""
        return self.mark is Mark.VALID

    def in_words(self) -> str:
        """Return the mark and the reason for it."""
        head = f"{self.name}: {self.mark.value} ({self.evaluations} tried)"
        if self.counterexample is not None:
            return f"{head}\ncounterexample: {self.counterexample.in_words()}"
        return (
            f"{head}; it is {self.median_looseness:.4g} times the true one in the median,"
            f" {self.largest_looseness:.4g} at most; tightness {self.tightness:.4g}"
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the grade as one dictionary, ready for JSON: numbers that are not finite are None."""
        return [
            {
                "name": self.name,
                "mark": self.mark.name.lower(),
                "passed": self.passed,
                "median_looseness": _finite(self.median_looseness),
                "largest_looseness": _finite(self.largest_looseness),
                "tightness": _finite(self.tightness),
                "evaluations": self.evaluations,
                "counterexample": None if self.counterexample is None else self.counterexample.in_words(),
            }
        ]

    def __repr__(self) -> str:
        return f"Grade({self.name}: {self.mark.name}, {self.median_looseness:.4g} times the true bound)"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Exercise:
    """A theorem whose right side is to be found; `exercise` makes one.

    Parameters
    ----------
    theorem : Theorem
        With the answer.
    """

    theorem: Theorem

    @property
    def statement(self) -> str:
        """The theorem's statement with a blank in place of its bound (`hidden`)."""
        return hidden(self.theorem.statement)

    @property
    def signature(self) -> str:
        """What to hand in."""
        parameters = ", ".join(
            name if parameter.annotation is parameter.empty else f"{name}: {parameter.annotation}"
            for name, parameter in inspect.signature(self.theorem.check).parameters.items()
        )
        return f"bound({parameters}) -> float"

    def grade(self, bound: Bound, *, budget: int = 400, rng: Any = 0) -> Grade:
        """Grade a bound.

        Parameters
        ----------
        bound : float or callable
            A factor of the true right side, or a function of the arguments of the check that returns a right side.
        budget : int
            How many instances the search for a violation evaluates at most.
        rng : None, int or numpy.random.Generator
            As in `numpy.random.default_rng`; an int makes the grade reproducible.

        Returns
        -------
        Grade

        Raises
        ------
        ValueError
            If the bound is no positive number and no function.
        TypeError
            If a function returns nan, or what is no number.

        Examples
        --------
        >>> exercise("greedy-loss").grade(0.5, budget=60).mark
        <Mark.TOO_SMALL: 'an instance violates the bound'>
        """
        claim = _claim(self.theorem, bound)
        found = attack(self.theorem, budget=budget, rng=rng, check=claim)
        ratios = []
        for example in _drawn(self.theorem, _INSTANCES, seed=0):
            true = example.check
            if not math.isnan(true.tightness):
                ratios.append(claim(*arguments(example.instance)).rhs / true.rhs)
        return Grade(
            name=self.theorem.name,
            mark=Mark.TOO_SMALL if found.violated else Mark.VALID,
            counterexample=found.best if found.violated else None,
            median_looseness=median(ratios) if ratios else math.nan,
            largest_looseness=max(ratios, default=math.nan),
            tightness=found.tightness,
            evaluations=found.evaluations,
        )

    def write_json(self, path: str | Path, *, instances: int = 20, answers: bool = True, rng: int = 0) -> None:
        """Write the exercise so that a course can grade against it: drawn instances with both sides.

        Parameters
        ----------
        path : str or Path
        instances : int
            How many to write.
        answers : bool
            Whether to write the true right sides, and the ratio that the tight instance reaches; students get False.
        rng : int
            Seed of the instances.

        Raises
        ------
        ValueError
            If ``instances`` is not positive.
        """
        if instances < 1:
            raise ValueError(f"instances is {instances}; at least one is needed")
        rows = [_row(example, answers=answers) for example in _drawn(self.theorem, instances, seed=rng)]
        document: dict[str, Any] = {
            "name": self.theorem.name,
            "statement": self.theorem.statement if answers else self.statement,
            "assumptions": self.theorem.assumptions,
            "signature": self.signature,
            "instances": rows,
        }
        if answers:
            document["tight_ratio"] = self.theorem.tight_ratio
        Path(path).write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")

    def __repr__(self) -> str:
        return f"Exercise({self.theorem.name}: {self.signature})"

    def _repr_markdown_(self) -> str:
        return (
            f"**Exercise** (`{self.theorem.name}`). {self.statement}\n\n"
            f"*Assumptions:* {self.theorem.assumptions}\n\n*Hand in:* `{self.signature}`, or a factor of the true bound"
        )


def exercise(name: Theorem | str) -> Exercise:
    r"""Return a theorem as an exercise.

    Parameters
    ----------
    name : Theorem or str
        A theorem, or the name of one in `proofs_check.THEOREMS`.

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        If there is none of that name, or it is about random draws, or its statement has no bound.

    Examples
    --------
    >>> task = exercise("greedy-loss")
    >>> print(task.statement)
    $\|v^* - v^{\pi_v}\| \le \;?$.
    >>> task.signature
    'bound(mdp: MDP, v: np.ndarray) -> float'
    """
    theorem = find(name) if isinstance(name, str) else name
    if theorem.kind is not Kind.DETERMINISTIC:
        raise ValueError(f"theorem {theorem.name} is about random draws; an exercise needs a deterministic one")
    if hidden(theorem.statement) == "?":
        raise ValueError(f"the statement of theorem {theorem.name} has no bound that could be hidden; take another one")
    return Exercise(theorem)


def hidden(statement: str) -> str:
    r"""Return a statement with a blank in place of its bound, and without what comes later, which may explain it.

    The bound is what follows the first inequality in a formula, or the first "at most" or "at least", after the word
    "then" if the statement has one; $0 \le x$ does not count.

    Parameters
    ----------
    statement : str
        With LaTeX between dollar signs.

    Returns
    -------
    str
        Only a question mark if the statement has no bound.

    Examples
    --------
    >>> hidden(r"If $x \ge 0$, then $f(x) \le 2 x$: doubled.")
    'If $x \\ge 0$, then $f(x) \\le \\;?$.'
    """
    begin = max(statement.find(" then "), 0)
    inequalities = [
        (found.end(), r" \;?$.")
        for formula in _MATHEMATICS.finditer(statement, begin)
        for found in _INEQUALITY.finditer(statement, formula.start(), formula.end())
        if statement[formula.start() + 1 : found.start()].strip() != "0"
    ]
    words = [(found.end(), " ?.") for found in _WORDS.finditer(statement, begin)]
    end, blank = min(inequalities + words, default=(0, "?"))
    return statement[:end] + blank


def _claim(theorem: Theorem, bound: Bound) -> Callable[..., Check]:
    """Return the theorem's check with a bound in place of its right side."""
    if not callable(bound) and not bound > 0:
        raise ValueError(f"bound is {bound!r}; a factor is a positive number, and anything else a function")

    def claim(*args: Any) -> Check:
        true = theorem.check(*args)
        rhs = bound(*args) if callable(bound) else bound * true.rhs
        if not isinstance(rhs, Real) or math.isnan(rhs):
            raise _BadBoundError(f"the bound returned {rhs!r}; a number is needed")
        return replace(true, rhs=rhs)

    return claim


class _BadBoundError(TypeError):
    """A bound returned no number: an error of who handed it in, which no search may skip."""


def _drawn(theorem: Theorem, count: int, *, seed: int) -> list[Example]:
    drawn, _ = verification._search(
        theorem.instances, theorem.check, names=names_of(theorem), examples=count, seed=seed, climb=False
    )
    return drawn


def _row(example: Example, *, answers: bool) -> dict[str, Any]:
    """One instance of the file: exact where its types can be kept, and in words."""
    words = {
        name: verification.describe(one) for name, one in zip(example.names, arguments(example.instance), strict=False)
    }
    try:
        instance = encode(example.instance)
    except ValueError:
        instance = None
    row = {"instance": instance, "in_words": words, "lhs": _finite(example.check.lhs)}
    return row | ({"rhs": _finite(example.check.rhs)} if answers else {})


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None
