r"""Which bounds could be too loose: those that no instance is known to attain. They are attacked first.

A check of $\text{lhs} \le \text{rhs}$ whose ratio never exceeds one half would pass with half of the constant, too.
It says "not contradicted", and not "this is the constant". What raises the ratio is a tight instance; what lowers the
bound is a proof; and where attacks have found nothing for long, what is left is a *conjecture*, with the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from proofs_check.attack import Attack, attack
from proofs_check.theorem import Theorem
from proofs_check.verification import find

_ATTAINED = 0.9


class Weak(NamedTuple):
    """Bounds whose power was in doubt, and what is known of them now.

    Parameters
    ----------
    about : str
        What is bounded.
    theorems : tuple of str
        Names in `proofs_check.THEOREMS`, of the bound and of those that sharpen it.
    known : str
        Whether it is attained, has been improved, or what is conjectured.
    """

    about: str
    theorems: tuple[str, ...]
    known: str


WEAK = (
    Weak("loss by the span of the residual", ("residual-span-loss",), "Attained."),
    Weak(
        "rounds of policy iteration",
        ("howard-count", "howard-count-sharp", "howard-count-scherrer"),
        "Improved, with a proof: the horizon rounded down and not up, which is attained. So is Scherrer's form.",
    ),
    Weak("approximate modified policy iteration", ("approximate-mpi",), "Attained."),
    Weak("certainty equivalence", ("certainty-equivalence",), "Attained."),
    Weak("planning with another discount", ("discount-loss",), "Attained."),
    Weak(
        "total variance",
        ("total-variance", "total-variance-known-rewards", "accumulated-deviation"),
        "Improved, with a proof: at most half of it, for every policy, which is attained as the discount tends to 0.",
    ),
    Weak("Bellman residual in a weighted norm", ("residual-loss-concentrated", "residual-loss-visited"), "Attained."),
    Weak("cycles of policies", ("cyclic-policies",), "Attained."),
    Weak("averagers", ("averager-error-distance", "averager-loss"), "Attained."),
    Weak("abstraction", ("abstraction-error", "abstraction-loss", "q-abstraction-loss"), "Attained."),
    Weak(
        "small changes of a policy",
        ("conservative-mixture", "trust-region", "trust-region-visited"),
        "Attained, in the limit of small changes.",
    ),
    Weak("gradient domination, softmax", ("softmax-gradient-domination",), "Attained in the limit."),
    Weak("gradient domination, direct", ("direct-gradient-domination",), "Attained."),
    Weak(
        "natural gradient",
        ("natural-gradient-loss",),
        "Attained in the limit, from a start that hardly ever takes the good action.",
    ),
    Weak("mirror descent", ("mirror-descent-rate",), "Attained."),
    Weak("Politex", ("politex-loss",), "Four actions and one round come to 0.9."),
    Weak("entropy", ("entropy-bias", "entropy-loss"), "Attained; the loss as the discount tends to 1."),
    Weak(
        "curvature of the objective",
        ("softmax-smoothness",),
        "Improved, with a proof: at most a sixteenth of 8 H³, which is attained.",
    ),
    Weak(
        "means of samples",
        ("hoeffding-inequality", "bernstein-inequality", "empirical-bernstein"),
        "Exact laws: nine tenths of the first two fail, and eight tenths of the third.",
    ),
    Weak("sums of independent steps", ("azuma",), "Attained in the limit of rare events, by fair coins."),
    Weak(
        "martingales by variance", ("freedman-inequality",), "An adversary that plans comes to 0.83, an attack to 0.87."
    ),
    Weak(
        "frequencies",
        ("frequencies-in-l1", "expected-l1-distance"),
        "The expectation is attained; of the tail exact laws come to 0.68.",
    ),
    Weak(
        "noise in a regression",
        ("self-normalised-bound",),
        "Half of the radius is refuted. The ratio, of a lower limit of the probability to fail, tells little.",
    ),
    Weak("loss of an optimist", ("optimism", "loss-of-an-optimist"), "Attained."),
    Weak("regret of UCB", ("bandit-ucb-regret",), "Improved, with a proof, and two arms come to 0.7 of that."),
    Weak("span of the bias", ("bias-diameter", "discounted-span"), "Attained."),
    Weak("fixed point of categorical evaluation", ("categorical-evaluation-cramer",), "Attained."),
    Weak(
        "new features",
        (
            "elliptical-potential",
            "elliptical-potential-determinant",
            "elliptical-potential-sharp",
            "new-features",
            "new-features-sharp",
        ),
        "Improved, with proofs: 1/ln 2 in place of 2, which is attained, and 1.51 in place of 3.",
    ),
    Weak(
        "widths with weights",
        ("weighted-potential",),
        "Conjecture: half of it holds. A single loud feature comes to 0.5 in the limit, and nothing to more.",
    ),
    Weak(
        "recursion of moments",
        ("moment-recursion",),
        "Conjecture: 1/(2 √2) of it holds, 0.3536. One step comes to that as λ₁ tends to 0, and nothing to more.",
    ),
)
"""Bounds whose power was in doubt."""


def weakest(theorems: Iterable[Theorem] | None = None, *, below: float = _ATTAINED) -> list[Theorem]:
    """Return the theorems of which no instance is known that comes near the bound, those without any first.

    Parameters
    ----------
    theorems : iterable of Theorem, optional
        Of which; by default all.
    below : float
        A tight instance that reaches this ratio takes a theorem off the list.

    Returns
    -------
    list of Theorem
        In ascending order of ``tight_ratio``; of two alike, that of the catalogue.

    Examples
    --------
    >>> [one.name for one in weakest(below=0.4) if one.tight is not None]
    ['bandit-elimination-regret', 'sum-of-moment-widths', 'moment-recursion', 'new-features']
    """
    from proofs_check import THEOREMS

    chosen = THEOREMS.values() if theorems is None else theorems
    return [one for one in weakest_first(chosen) if _reached(one) < below]


def weakest_first(theorems: Iterable[Theorem]) -> list[Theorem]:
    """Return theorems in ascending order of the ratio that their tight instance must reach, those without one first.

    Parameters
    ----------
    theorems : iterable of Theorem

    Returns
    -------
    list of Theorem
    """
    return sorted(theorems, key=_reached)


def weak_rows(entries: Sequence[Weak] = WEAK, *, budget: int = 400, rng: Any = 0) -> list[dict[str, Any]]:
    """Attack the theorems of `WEAK`, and return one dictionary for each.

    Parameters
    ----------
    entries : sequence of Weak
        Which.
    budget : int
        As for `attack`, for each theorem.
    rng : None, int or numpy.random.Generator
        As for `attack`; an int makes the rows reproducible.

    Returns
    -------
    list of dict
        With keys ``about, theorem, reached, tight, evaluations, known``: the ratio that the attack reached, and that of
        the tight instance, None if there is none.
    """
    return [_row(entry, attack(name, budget=budget, rng=rng)) for entry in entries for name in entry.theorems]


def weak_table(rows: Iterable[dict[str, Any]]) -> str:
    """Return the rows of `weak_rows` as a Markdown table.

    Parameters
    ----------
    rows : iterable of dict

    Returns
    -------
    str
    """
    lines = ["| what is bounded | theorem | attack | tight instance | what is known |", "|---|---|---:|---:|---|"]
    before = None
    for row in rows:
        new = row["about"] != before
        about, known = (row["about"], row["known"]) if new else ("", "")
        tight = "–" if row["tight"] is None else _digits(row["tight"])
        lines.append(f"| {about} | `{row['theorem']}` | {_digits(row['reached'])} | {tight} | {known} |")
        before = row["about"]
    return "\n".join(lines)


def _reached(theorem: Theorem) -> float:
    return -1.0 if theorem.tight_ratio is None else theorem.tight_ratio


def _row(entry: Weak, found: Attack) -> dict[str, Any]:
    theorem = find(found.theorem.name)
    return {
        "about": entry.about,
        "theorem": theorem.name,
        "reached": found.tightness,
        "tight": None if theorem.tight is None else theorem.tight().tightness,
        "evaluations": found.evaluations,
        "known": entry.known,
    }


def _digits(ratio: float) -> str:
    """Return four digits, cut and not rounded, so that no ratio below 1 is called 1."""
    return f"{int(ratio * 1e4 + 1e-6) / 1e4:.4f}"
