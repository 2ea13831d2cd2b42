"""What is no theorem: a claim that is false, with its counterexample, and a remark that no instance can decide.

A claim that many believe, or that a page prints, teaches most where it breaks. Its counterexample is one `Check` that
must *not* hold. A remark says why nothing is checked (an order without constants, a limit, a class of problems), and
what is checked in its place.

What stands after a colon (``instance``, ``lesson``, ``reason``) begins small and ends without a full stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from proofs_check.theorem import Check, heading


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Claim:
    r"""A statement that is false.

    Parameters
    ----------
    name : str
        A slug, distinct from those of theorems.
    statement : str
        What is claimed, with LaTeX between dollar signs.
    source : str
        Who claims it or corrects it, as in `Theorem`.
    counterexample : callable
        Returns the check of the instance on which the claim breaks.
    instance : str
        That instance, in words.
    lesson : str
        What is true in its place; names of theorems become links.

    Examples
    --------
    >>> import proofs_check
    >>> claim = proofs_check.CLAIMS["span-without-the-two"]
    >>> claim.refuted, round(claim.counterexample().tightness, 3)
    (True, 2.0)
    """

    name: str
    statement: str
    source: str
    counterexample: Callable[[], Check]
    instance: str
    lesson: str

    @property
    def refuted(self) -> bool:
        """Whether the counterexample violates the claim."""
        return not self.counterexample().holds

    @property
    def title(self) -> str:
        """The name as a heading."""
        return heading(self.name)

    def __repr__(self) -> str:
        return f"Claim({self.name}: false)"

    def _repr_markdown_(self) -> str:
        return (
            f"**False claim** (`{self.name}`). {self.statement}\n\n"
            f"*Counterexample:* {self.instance}\n\n*Instead:* {self.lesson}\n\n*Source:* {self.source}"
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Remark:
    r"""A result that no finite instance can confirm or refute.

    Parameters
    ----------
    name : str
        A slug, distinct from those of theorems and claims.
    statement : str
        The result, with LaTeX between dollar signs.
    source : str
        As in `Theorem`.
    reason : str
        Why nothing is checked, and what is in its place; names of theorems become links.

    Examples
    --------
    >>> import proofs_check
    >>> proofs_check.REMARKS["policy-iteration-is-exponential"]
    Remark(policy-iteration-is-exponential; fearnley2010)
    """

    name: str
    statement: str
    source: str
    reason: str

    @property
    def title(self) -> str:
        """The name as a heading."""
        return heading(self.name)

    def __repr__(self) -> str:
        return f"Remark({self.name}; {self.source})"

    def _repr_markdown_(self) -> str:
        return (
            f"**Remark** (`{self.name}`). {self.statement}\n\n*Not checked:* {self.reason}\n\n*Source:* {self.source}"
        )


@dataclass(frozen=True, slots=True)
class Disproof:
    """What the counterexample of a false claim gave.

    Parameters
    ----------
    claim : Claim
        The claim.
    check : Check
        Its two sides on the counterexample.
    seconds : float
        How long that took.
    """

    claim: Claim
    check: Check
    seconds: float = field(default=0.0, compare=False)

    @property
    def refuted(self) -> bool:
        """Whether the counterexample violates the claim, as it must."""
        return not self.check.holds

    def in_words(self) -> str:
        """Return the two sides and, if the claim survives, that this is a defect."""
        sides = f"lhs = {self.check.lhs!r}, rhs = {self.check.rhs!r}"
        outcome = "false, as it must be" if self.refuted else "its counterexample does not violate it: correct either"
        return f"{self.claim.name}: {outcome}\n{sides}"

    def __repr__(self) -> str:
        outcome = "REFUTED" if self.refuted else "SURVIVES"
        return f"Disproof({self.claim.name}: {outcome}, lhs {self.check.lhs:.6g}, rhs {self.check.rhs:.6g})"


def disprove(claim: Claim) -> Disproof:
    """Evaluate the counterexample of a false claim.

    Parameters
    ----------
    claim : Claim

    Returns
    -------
    Disproof

    Examples
    --------
    >>> import proofs_check
    >>> disprove(proofs_check.CLAIMS["span-without-the-two"]).refuted
    True
    """
    started = time.perf_counter()
    check = claim.counterexample()
    return Disproof(claim, check, time.perf_counter() - started)
