"""A theorem as an object: what it says, where it comes from, and a check that is two numbers on one instance.

A check is worth something under three rules. Its left side comes from an *independent oracle* (`proofs_check.oracles`),
never from the algorithm under test; its right side is a function of a wing's ``bounds.py``, the one a notebook user
calls; and it comes with a deliberately false variant, ``refutable``, that the harness must break.
"""

from __future__ import annotations

import enum
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

TOLERANCE = 1e-9
"""Relative to ``1 + |rhs| + scale``: what rounding and the solvers of the oracles may take from an inequality."""

_NAMES = (
    "Azuma Baird Bayes Bellman Bernstein Blackwell Bretagnolle Chow Dobrushin Freedman Hau Hoeffding Howard Huber"
    " Kemeny Kiefer Kolmogorov Lai Laurent Lipschitz Markov Nash Odoni Pinsker Poisson Pythagoras Rao Robbins"
    " Scherrer Shapley Steiner Wasserstein Wolfowitz"
)
_ACRONYMS = "CVaR DR DRPVI EVaR INPO KL L1 LP LSVI MD MEX MPI MVP OCE PEVI Q R2PVI SPPO TD TV UCB UCBVI VTR VaR W2"
_AS_WRITTEN = {name.lower(): name for name in (*_ACRONYMS.split(), *_NAMES.split())} | {"cramer": "Cramér"}
_MEANINGFUL = 1e3  # a ratio of two numbers is quoted only where the tolerance cannot change its third digit


@dataclass(frozen=True, slots=True)
class Check:
    """One inequality ``lhs <= rhs`` on one instance.

    Parameters
    ----------
    lhs, rhs : float
        The two sides, in the units of the theorem.
    scale : float
        Size of the numbers whose difference ``lhs`` is, where that is far more than ``rhs``, as in an identity.

    Examples
    --------
    >>> check = Check(lhs=0.9, rhs=1.0)
    >>> check.holds, round(check.slack, 12), check.tightness
    (True, 0.1, 0.9)
    """

    lhs: float
    rhs: float
    scale: float = 0.0

    def __post_init__(self) -> None:
        for side in ("lhs", "rhs", "scale"):
            object.__setattr__(self, side, float(getattr(self, side)))

    @classmethod
    def everywhere(cls, lhs: Any, rhs: Any) -> Check:
        """Return the worst coordinate of an inequality between arrays.

        Parameters
        ----------
        lhs, rhs : array_like
            Of shapes that broadcast.

        Returns
        -------
        Check
            The coordinate at which ``lhs - rhs`` is largest relative to ``1 + |rhs|``.

        Examples
        --------
        >>> Check.everywhere([1.0, 2.0], [3.0, 2.5])
        Check(lhs=2.0, rhs=2.5, scale=0.0)
        """
        lhs, rhs = (np.ravel(x) for x in np.broadcast_arrays(np.asarray(lhs, float), np.asarray(rhs, float)))
        worst = int(np.argmax((lhs - rhs) / (1 + np.abs(rhs))))
        return cls(lhs[worst], rhs[worst])

    @classmethod
    def equal(cls, left: Any, right: Any) -> Check:
        """Return an identity between arrays as the inequality ``max |left - right| <= 0``.

        Parameters
        ----------
        left, right : array_like
            Of shapes that broadcast.

        Returns
        -------
        Check
            Its ``scale`` is the largest magnitude on either side, so that rounding is allowed for in proportion.

        Examples
        --------
        >>> Check.equal([1.0, 2.0], [1.0, 2.0 + 1e-12]).holds
        True
        """
        left, right = np.asarray(left, float), np.asarray(right, float)
        return cls(np.abs(left - right).max(), 0.0, scale=max(np.abs(left).max(), np.abs(right).max()))

    @property
    def allowance(self) -> float:
        """What the left side may exceed the right one by: ``1e-9 * (1 + |rhs| + scale)``."""
        return TOLERANCE * (1 + abs(self.rhs) + self.scale)

    @property
    def holds(self) -> bool:
        """Whether ``lhs <= rhs`` within the allowance; not so if either is not a number."""
        return bool(self.lhs <= self.rhs + self.allowance)

    @property
    def slack(self) -> float:
        """How far the right side is above the left one."""
        return self.rhs - self.lhs

    @property
    def tightness(self) -> float:
        """The ratio ``lhs / rhs``: 1 where the bound is attained, nan where the right side is no more than rounding."""
        return self.lhs / self.rhs if self.rhs > _MEANINGFUL * self.allowance else math.nan


class Kind(enum.Enum):
    """What the statement is about; the value says how it is put to the test."""

    DETERMINISTIC = "holds on every instance: one violation refutes it"
    HIGH_PROBABILITY = "fails with probability at most delta: refuted by a one-sided binomial test of many seeds"
    IN_EXPECTATION = "holds on average: refuted by a one-sided test of the mean over many seeds"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Theorem:
    r"""A statement that can be refuted.

    Parameters
    ----------
    name : str
        A slug: the anchor in the documentation and the identity of the test.
    statement : str
        In our words, with LaTeX between dollar signs.
    source : str
        Key of the bibliography and a number, such as ``"puterman2005, Theorem 6.3.1"``.
    assumptions : str
        With LaTeX between dollar signs.
    instances : SearchStrategy
        Draws the arguments of ``check`` (a tuple, or a single argument); the assumptions hold by construction.
    check : callable
        Returns the `Check` of one instance. Unless the theorem is deterministic it also takes ``rng``, a
        `numpy.random.Generator`, and checks one draw.
    refutable : callable
        The same with a deliberately false right-hand side; the harness must break it.
    tight : callable, optional
        Returns the check of the instance that (nearly) attains the bound.
    tight_ratio : float, optional
        The tightness which that instance must reach.
    attained_by : str, optional
        That instance in words, the beginning of a sentence: "One state that loops with reward 1".
    kind : Kind
        Deterministic unless said otherwise.
    delta : float, optional
        The failure probability of a high-probability theorem.

    Examples
    --------
    >>> import proofs_check
    >>> proofs_check.THEOREMS["greedy-loss"]
    Theorem(greedy-loss; singh1994)
    """

    name: str
    statement: str
    source: str
    assumptions: str
    instances: SearchStrategy[Any]
    check: Callable[..., Check]
    refutable: Callable[..., Check]
    tight: Callable[[], Check] | None = None
    tight_ratio: float | None = None
    attained_by: str | None = None
    kind: Kind = Kind.DETERMINISTIC
    delta: float | None = None

    def __post_init__(self) -> None:
        if (self.tight is None) != (self.tight_ratio is None):
            raise ValueError(f"theorem {self.name}: a tight instance and the ratio it must reach go together")
        if self.attained_by is not None and self.tight is None:
            raise ValueError(f"theorem {self.name}: attained_by describes a tight instance, and there is none")
        if (self.kind is Kind.HIGH_PROBABILITY) != (self.delta is not None):
            raise ValueError(f"theorem {self.name}: delta belongs to high-probability theorems, and only to them")

    @property
    def title(self) -> str:
        """The name as a heading."""
        return heading(self.name)

    @property
    def tightness_in_words(self) -> str:
        """How much of the bound is attained, and by what; empty if no tight instance is known."""
        if self.tight_ratio is None:
            return ""
        return f"{self.attained_by or 'An instance'} attains {self.tight_ratio:g} of the bound or more."

    def __repr__(self) -> str:
        return f"Theorem({self.name}; {self.source})"

    def _repr_markdown_(self) -> str:
        tight = "" if self.tight_ratio is None else f"\n\n{self.tightness_in_words}"
        return (
            f"**Theorem** (`{self.name}`). {self.statement}\n\n"
            f"*Assumptions:* {self.assumptions}\n\n*Source:* {self.source}{tight}"
        )


def heading(name: str) -> str:
    """Return a slug as a heading, with proper names and acronyms as they are written.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> heading("howard-count"), heading("bellman-shift")
    ('Howard count', 'Bellman shift')
    """
    words = [_AS_WRITTEN.get(word, word) for word in name.split("-")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


def scaled(check: Callable[..., Check], *, rhs: float = 0.9) -> Callable[..., Check]:
    """Return the check with its right side multiplied by a factor: a false variant, if the bound is attained.

    Parameters
    ----------
    check : callable
        Returns a `Check`.
    rhs : float
        The factor, below 1.

    Returns
    -------
    callable
        With the arguments of ``check``.

    Examples
    --------
    >>> scaled(lambda x: Check(lhs=x, rhs=x), rhs=0.5)(1.0).holds
    False
    """

    @functools.wraps(check)
    def false_variant(*args: Any, **kwargs: Any) -> Check:
        true = check(*args, **kwargs)
        return replace(true, rhs=rhs * true.rhs)

    return false_variant
