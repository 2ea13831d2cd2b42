r"""Attack a theorem: the instance that comes nearest to violating a bound.

Half of the budget goes to drawn instances, where Hypothesis climbs towards a large ratio lhs/rhs as in `verify`; the
rest to a local search by `proofs_check.moves` from the best of them, which keeps a move that does not lower the ratio.

The strategy promises that the assumptions hold for what it *draws*; nobody promises that for what has moved. So a moved
instance on which the theorem itself fails proves nothing: it has left the assumptions, the arguments that had moved are
*frozen*, and the search goes back to what was drawn. It does refute the theorem if all of those arguments are declared
``free``; and it refutes another claim, such as a false variant or a student's bound, if the theorem holds on it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from proofs_check import moves, verification
from proofs_check.saved import decode, encode
from proofs_check.theorem import Check, Theorem
from proofs_check.verification import Example, arguments, find, names_of

_STARTS = 3
_PATIENCE = 60  # moves in vain from one start before the next has its turn
_RUNS = 50  # seeds for one evaluation of a theorem about random draws
_REFUSED = (ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Attack:
    """What `attack` found.

    Parameters
    ----------
    theorem : Theorem
        The theorem.
    best : Example
        The instance that violates the claim, or else the one with the largest ratio (of an identity: least slack).
    history : tuple of (int, float)
        The number of evaluations after which the ratio lhs/rhs reached each of its records.
    evaluations : int
        How many instances were evaluated, in both stages.
    drawn : float
        The largest ratio among drawn instances.
    moved : bool
        Whether ``best`` has been moved, rather than drawn as it is.
    frozen : tuple of str
        Arguments whose moves left the assumptions.
    violated : bool
        Whether ``best`` violates the claim.
    """

    theorem: Theorem
    best: Example
    history: tuple[tuple[int, float], ...]
    evaluations: int
    drawn: float
    moved: bool
    frozen: tuple[str, ...]
    violated: bool

    @property
    def tightness(self) -> float:
        """The ratio lhs/rhs of the best instance; nan for an identity."""
        return self.best.check.tightness

    def in_words(self) -> str:
        """Return what was reached, and the instance in words from which it can be built again."""
        outcome = "VIOLATED" if self.violated else "not violated"
        how = "moved" if self.moved else "drawn"
        frozen = f"; frozen: {', '.join(self.frozen)}" if self.frozen else ""
        return (
            f"{self.theorem.name}: {outcome} in {self.evaluations} evaluations, tightness {self.tightness:.6g}"
            f" ({self.drawn:.6g} drawn){frozen}\n{how} instance: {self.best.in_words()}"
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each record of the ratio: theorem, evaluations, tightness."""
        return [{"theorem": self.theorem.name, "evaluations": n, "tightness": ratio} for n, ratio in self.history]

    def save(self, path: str | Path) -> None:
        """Write the attack to a JSON file, exactly to the last bit.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        ValueError
            If an argument of the instance is of a type that cannot be kept (`proofs_check.saved.encode`).
        """
        check = self.best.check
        document = {
            "theorem": self.theorem.name,
            "instance": encode(self.best.instance),
            "check": [encode(x) for x in (check.lhs, check.rhs, check.scale)],
            "history": self.history,
            "evaluations": self.evaluations,
            "drawn": encode(self.drawn),
            "moved": self.moved,
            "frozen": self.frozen,
            "violated": self.violated,
        }
        Path(path).write_text(json.dumps(document, allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Attack:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Attack

        Raises
        ------
        ValueError
            If `proofs_check.THEOREMS` has no theorem of that name, or the file is not one of these.
        """
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(document, dict) or "theorem" not in document or "history" not in document:
            raise ValueError(f"{path} does not hold an attack: write one with Attack.save")
        theorem = find(document["theorem"])
        check = Check(*map(decode, document["check"]))
        return cls(
            theorem=theorem,
            best=Example(decode(document["instance"]), check, names_of(theorem)),
            history=tuple((n, ratio) for n, ratio in document["history"]),
            evaluations=document["evaluations"],
            drawn=decode(document["drawn"]),
            moved=document["moved"],
            frozen=tuple(document["frozen"]),
            violated=document["violated"],
        )

    def __repr__(self) -> str:
        outcome = "violated" if self.violated else "not violated"
        return f"Attack({self.theorem.name}: {outcome}, tightness {self.tightness:.6g}, {self.evaluations} evaluations)"

    def _repr_markdown_(self) -> str:
        rows = "\n".join(f"| {n} | {ratio:.6g} |" for n, ratio in self.history)
        return f"`{self!r}`\n\n| evaluations | tightness |\n|---:|---:|\n{rows}"


def attack(
    theorem: Theorem | str,
    *,
    budget: int = 400,
    rng: Any = 0,
    check: Callable[..., Check] | None = None,
    free: Collection[str] = (),
) -> Attack:
    """Look for the instance that comes nearest to violating a bound.

    Parameters
    ----------
    theorem : Theorem or str
        A theorem, or the name of one in `proofs_check.THEOREMS`.
    budget : int
        How many instances to evaluate at most, at least 2. (Shrinking a drawn counterexample comes on top.)
    rng : None, int or numpy.random.Generator
        As in `numpy.random.default_rng`; an int makes the attack reproducible.
    check : callable, optional
        The claim to attack instead of the theorem's, with the same arguments and left side, such as its ``refutable``.
    free : collection of str
        Arguments, as the check calls them, that may be anything, so that a violation counts wherever they have moved.

    Returns
    -------
    Attack

    Raises
    ------
    ValueError
        If there is no theorem of that name, the budget is below 2, or ``free`` names no argument.

    Examples
    --------
    >>> attack("greedy-loss", budget=60).violated
    False
    """
    theorem = find(theorem) if isinstance(theorem, str) else theorem
    if budget < 2:
        raise ValueError(f"budget is {budget}; an attack needs at least 2 evaluations, one drawn and one moved")
    unknown = [name for name in free if name not in names_of(theorem)]
    if unknown:
        raise ValueError(
            f"free names {unknown[0]!r}; the arguments of {theorem.name} are {', '.join(names_of(theorem))}"
        )
    rng = np.random.default_rng(rng)
    seed = int(rng.integers(2**32))

    def tested(claim: Callable[..., Check]) -> Callable[..., Check]:
        return verification._on_one_instance(theorem, claim, runs=_RUNS, seed=seed)

    claim = tested(theorem.check if check is None else check)
    drawn, counterexample = verification._search(
        theorem.instances, claim, names=names_of(theorem), examples=budget // 2, seed=seed
    )
    search = _Search(theorem, claim, None if check is None else tested(theorem.check), frozenset(free), rng)
    for example in drawn:
        search.record(example)
    if counterexample is not None:
        search.record(counterexample)
        return search.outcome(violation=counterexample, moved=False)
    return search.climb(drawn, budget)


def _ratio(example: Example) -> float:
    """The ratio to climb; below every ratio where there is none, and then by the slack."""
    ratio = example.check.tightness
    return ratio if math.isfinite(ratio) else -math.inf


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a climb is, and which arguments have moved on the way."""

    example: Example
    moved: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Search:
    """The state of an attack."""

    theorem: Theorem
    claim: Callable[..., Check]
    truth: Callable[..., Check] | None
    free: frozenset[str]
    rng: np.random.Generator
    evaluations: int = 0
    history: list[tuple[int, float]] = field(default_factory=list)
    frozen: set[int] = field(default_factory=set)
    drawn: list[Example] = field(default_factory=list)
    climbed: list[_Place] = field(default_factory=list)

    def record(self, example: Example) -> None:
        """Count a drawn instance."""
        self.evaluations += 1
        self.drawn.append(example)
        self._note(example)

    def climb(self, drawn: list[Example], budget: int) -> Attack:
        """Move from the best of the drawn instances, one after the other, while the budget lasts."""
        starts = _distinct(drawn)
        limits = _limits(drawn)
        while self.evaluations < budget and any(self._movable(start, limits) for start in starts):
            for start in starts:
                violation = self._climb_from(start, limits, budget)
                if violation is not None:
                    return self.outcome(violation=violation, moved=True)
        return self.outcome()

    def outcome(self, *, violation: Example | None = None, moved: bool = False) -> Attack:
        """Return the violation, or the best place that has not been given up."""
        best, ratios = violation, [_ratio(example) for example in self.drawn]
        if best is None and self.drawn:
            least = min(self.drawn, key=lambda example: example.check.slack)
            top = max(self.drawn, key=_ratio) if max(ratios) > -math.inf else least
            place = max([_Place(top), *self.climbed], key=lambda place: _ratio(place.example))
            best, moved = place.example, bool(place.moved)
        if best is None:
            raise ValueError(f"the strategy of {self.theorem.name} drew nothing in this budget; give a larger one")
        reached = [(n, ratio) for n, ratio in self.history if violation is not None or ratio <= _ratio(best)]
        return Attack(
            self.theorem,
            best,
            tuple(reached),
            self.evaluations,
            max((ratio for ratio in ratios if ratio > -math.inf), default=math.nan),
            moved,
            tuple(names_of(self.theorem)[at] for at in sorted(self.frozen)),
            violation is not None,
        )

    def _climb_from(self, start: Example, limits: list[moves.Interval], budget: int) -> Example | None:
        """Climb until nothing has helped for a while; return a moved instance that refutes the claim."""
        place, vain = _Place(start), 0
        while vain < _PATIENCE and self.evaluations < budget:
            able = self._movable(place.example, limits)
            if not able:
                break
            at = int(self.rng.choice(able))
            candidate = self._moved(place, at, limits[at])
            vain += 1
            if candidate is None:
                continue
            if self._has_left(candidate):
                self._give_up(candidate.moved)
                place = _Place(start)
            elif not candidate.example.check.holds:
                self._note(candidate.example)
                return candidate.example
            elif _ratio(candidate.example) >= _ratio(place.example):
                vain = 0 if _ratio(candidate.example) > _ratio(place.example) + 1e-6 else vain
                place = candidate
                self.climbed.append(place)
                self._note(place.example)
        return None

    def _movable(self, example: Example, limits: list[moves.Interval]) -> list[int]:
        able = [at for at, one in enumerate(arguments(example.instance)) if moves.movable(one)]
        return [at for at in able if at not in self.frozen and limits[at][0] <= limits[at][1]]

    def _moved(self, place: _Place, at: int, limit: moves.Interval) -> _Place | None:
        """Move one argument and evaluate; None if the model or the check refuses what came out."""
        instance = place.example.instance
        changed = list(arguments(instance))
        self.evaluations += 1
        try:
            changed[at] = moves.moved(changed[at], limit, self.rng)
            with np.errstate(all="ignore"):  # a moved weight may be zero, and then the check says so by nan or infinity
                check = self.claim(*changed)
        except _REFUSED:
            return None
        if math.isnan(check.lhs) or math.isnan(check.rhs):
            return None
        whole = tuple(changed) if isinstance(instance, tuple) else changed[0]
        return _Place(Example(whole, check, place.example.names), place.moved | {at})

    def _has_left(self, place: _Place) -> bool:
        """Whether the theorem fails on a moved instance, so that it must have left the assumptions."""
        if {names_of(self.theorem)[at] for at in place.moved} <= self.free:
            return False
        if self.truth is None:
            return not place.example.check.holds
        return not self.truth(*arguments(place.example.instance)).holds

    def _give_up(self, moved: frozenset[int]) -> None:
        """Freeze arguments and forget what was reached by moving them; a free argument is never to blame."""
        names = names_of(self.theorem)
        self.frozen |= {at for at in moved if names[at] not in self.free}
        self.climbed = [place for place in self.climbed if not place.moved & self.frozen]

    def _note(self, example: Example) -> None:
        ratio = _ratio(example)
        if ratio > max((reached for _, reached in self.history), default=-math.inf):
            self.history.append((self.evaluations, ratio))


def _distinct(drawn: list[Example]) -> list[Example]:
    """Return the best few instances, no two with the same ratio."""
    by_ratio = {round(_ratio(one), 9): one for one in drawn if _ratio(one) > -math.inf}
    return [by_ratio[ratio] for ratio in sorted(by_ratio, reverse=True)[:_STARTS]]


def _limits(drawn: list[Example]) -> list[moves.Interval]:
    """Return, for each argument, the interval of the numbers drawn for it."""
    columns = zip(*(arguments(one.instance) for one in drawn), strict=False)
    return [moves.interval(column) for column in columns]
