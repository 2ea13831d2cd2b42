"""What came out, for people and for programs: a table on the terminal, JSON, and the page of the documentation."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from proofs_check.attack import Attack
from proofs_check.theorem import Check, Theorem
from proofs_check.verification import Example, Verdict, Verification

_CITATION = re.compile(r"[a-z]+\d{4}[a-z]*\b")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.FAILS: "bold red",
    Verdict.NOT_REFUTED: "bold yellow",
    Verdict.NOT_TIGHT: "bold yellow",
}
WORDS = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "FAILS",
    Verdict.NOT_REFUTED: "not refutable",
    Verdict.NOT_TIGHT: "not tight",
}
"""A verdict in a word or two."""


def number(x: float | None, digits: int = 3) -> str:
    """Return a number for a table: short, and a dash where there is none.

    Parameters
    ----------
    x : float or None
    digits : int
        Significant digits.

    Returns
    -------
    str

    Examples
    --------
    >>> number(0.99999999999, digits=6), number(float("nan")), number(1.5e-12)
    ('1', '–', '1.5e-12')
    """
    return "–" if x is None or math.isnan(x) else f"{x:.{digits}g}"


def ratio_in_words(verification: Verification) -> str:
    """Return the tight instance's ratio and what it must reach, such as ``1 (0.999)``.

    Parameters
    ----------
    verification : Verification

    Returns
    -------
    str
    """
    if verification.tight is None or verification.theorem.tight_ratio is None:
        return number(None)
    return f"{number(verification.tight.tightness, 6)} ({verification.theorem.tight_ratio:g})"


def table(verifications: Iterable[Verification]) -> Table:
    """Return the results as a table for `rich`.

    Parameters
    ----------
    verifications : iterable of Verification

    Returns
    -------
    rich.table.Table
        One row for each theorem.
    """
    rows = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    rows.add_column("theorem", no_wrap=True)
    rows.add_column("source", overflow="fold", max_width=40)
    for name in ("instances", "worst slack", "tightness", "tight instance (needs)"):
        rows.add_column(name, justify="right")
    rows.add_column("false variant")
    rows.add_column("verdict", no_wrap=True)
    for one in verifications:
        rows.add_row(
            one.theorem.name,
            escape(one.theorem.source),
            str(one.instances),
            number(one.slack),
            number(one.tightness, 6),
            ratio_in_words(one),
            "refuted" if one.refuted else "[bold yellow]survived[/]",
            f"[{_COLOURS[one.verdict]}]{WORDS[one.verdict]}[/]",
        )
    return rows


def compact_table(verifications: Iterable[Verification]) -> Table:
    """Return the results as a short table for `rich`, under a heading for each wing.

    Parameters
    ----------
    verifications : iterable of Verification

    Returns
    -------
    rich.table.Table
        Name, tightness and verdict of each theorem; those of no wing of `proofs_check.WINGS` come last.
    """
    from proofs_check import WINGS

    wing_of = {name: wing for wing, names in WINGS.items() for name in names}
    rows = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    rows.add_column("theorem", no_wrap=True)
    rows.add_column("tightness", justify="right")
    rows.add_column("verdict", no_wrap=True)
    found = list(verifications)
    for wing in (*WINGS, None):
        members = [one for one in found if wing_of.get(one.theorem.name) == wing]
        if members:
            passed = sum(one.passed for one in members)
            rows.add_row(f"[bold]{wing or 'of no wing'}[/]", "", f"{passed} of {len(members)} hold")
        for one in members:
            verdict = f"[{_COLOURS[one.verdict]}]{WORDS[one.verdict]}[/]"
            rows.add_row(f"  {one.theorem.name}", number(one.tightness, 6), verdict)
    return rows


def attack_table(attacks: Iterable[Attack]) -> Table:
    """Return attacks as a table for `rich`.

    Parameters
    ----------
    attacks : iterable of Attack

    Returns
    -------
    rich.table.Table
        For each the ratio lhs/rhs that drawn instances and the whole attack reached.
    """
    rows = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    rows.add_column("attacked", no_wrap=True)
    for name in ("evaluations", "tightness drawn", "tightness reached"):
        rows.add_column(name, justify="right")
    rows.add_column("frozen", overflow="fold", max_width=30)
    rows.add_column("outcome", no_wrap=True)
    for one in attacks:
        rows.add_row(
            one.theorem.name,
            str(one.evaluations),
            number(one.drawn, 6),
            number(one.tightness, 6),
            ", ".join(one.frozen),
            "[bold red]VIOLATED[/]" if one.violated else "[green]not violated[/]",
        )
    return rows


def to_rows(verifications: Iterable[Verification]) -> list[dict[str, Any]]:
    """Return one dictionary for each theorem, with everything that was measured.

    Parameters
    ----------
    verifications : iterable of Verification

    Returns
    -------
    list of dict
        Ready for JSON: numbers that are not finite are None, instances are in words.
    """
    return [
        {
            "name": one.theorem.name,
            "statement": one.theorem.statement,
            "assumptions": one.theorem.assumptions,
            "source": one.theorem.source,
            "kind": one.theorem.kind.name.lower(),
            "instances": one.instances,
            "worst_slack": _finite(one.slack),
            "tightness": _finite(one.tightness),
            "tight": None if one.tight is None else _sides(one.tight),
            "tight_ratio": one.theorem.tight_ratio,
            "refuted": one.refuted,
            "verdict": one.verdict.name.lower(),
            "passed": one.passed,
            "worst": _example(one.worst),
            "refutation": _example(one.refutation),
            "checks": [[_finite(check.lhs), _finite(check.rhs)] for check in one.checks],
        }
        for one in verifications
    ]


def write_json(verifications: Sequence[Verification], path: Path, *, examples: int, seed: int) -> None:
    """Write all numbers to a JSON file.

    Parameters
    ----------
    verifications : sequence of Verification
    path : Path
    examples, seed : int
        What the run was asked for.
    """
    passed = sum(one.passed for one in verifications)
    document = {
        "examples": examples,
        "seed": seed,
        "passed": passed,
        "failed": len(verifications) - passed,
        "theorems": to_rows(verifications),
    }
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def theorems_page(theorems: Iterable[Theorem] | None = None) -> str:
    """Return the documentation's page of theorems, in MyST markdown.

    Parameters
    ----------
    theorems : iterable of Theorem, optional
        By default all of `proofs_check.THEOREMS`.

    Returns
    -------
    str
        One section for each theorem, whose anchor is the theorem's name.

    Examples
    --------
    >>> page = theorems_page()
    >>> "(greedy-loss)=" in page, "{cite}`singh1994`" in page
    (True, True)
    """
    if theorems is None:
        from proofs_check import THEOREMS

        theorems = THEOREMS.values()
    theorems = tuple(theorems)
    names = {theorem.name for theorem in theorems}
    return _PAGE_HEAD + "\n".join(_section(theorem, names) for theorem in theorems)


_PAGE_HEAD = r"""# Theorems

Every theorem on this page is an object that can be checked, and refuted: `proofs_check.verify("greedy-loss")` draws
instances, compares both sides of the inequality and looks for a counterexample, while `python -m proofs_check` does so
for all of them. The left side comes from an independent oracle; the right side is a function of the library; and a
deliberately false variant of each theorem must be refuted by the same search, or the check counts as worthless.

Throughout $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman optimality operator and $T_\pi$ that of a policy,
$\pi_v$ is greedy for $v$, $\|\cdot\|$ is the sup norm and $\mathrm{sp}(x) = \max x - \min x$.

Theorems about goals, chains and the average reward know no discount: there $T$ is the undiscounted operator and $v^*$
the best total or probability until the goal. The gain $g$ and the bias $h$ solve $g + h = r + P h$; $P^*$ is the
limiting matrix and $D = (I - P + P^*)^{-1} - P^*$ the deviation matrix. TV is the total variation distance, half of
$L_1$.

Theorems about laws: $\eta(s)$ is the law of a return $G$ from state $s$, $\eta^\pi$ that of a policy, and there
$T_\pi$ is the distributional Bellman operator. $w_p$ is Wasserstein's distance and $\ell_2$ Cramér's; a bar is a
supremum over states. $\Pi_C$ projects on a support with cells of at most $\Delta$ and $\Pi_Q$ on $m$ equal atoms, and
$\eta_C$, $\eta_Q$ are the fixed points of projected steps. The stock follows $c' = (c + R)/\gamma$, and $V(s, c) =
\sup_\pi E f(c + G)$ over all policies, whatever they remember, as every $\max_\pi$ is and every star on a risk
measure; $V_h$ is $V$ on a grid of stocks. Larger is better, and $\tau$ is the mass of the lower tail.

Theorems about offline learning: $K$ trajectories of $H$ steps, features $\phi$ of $d$ factors, regressions with ridge
$\gamma$ and Gram matrices $\Lambda_t$. A hat is what a learner estimates, $\Gamma_t$ its penalty; $V^\pi$ and $V^*$ are
worst cases under nature's penalty or ball, and $w_t(V)$ is the worst case of each factor.

Theorems about games: $u_i(a)$ is what player $i$ receives at the joint action $a$, and $m_i$ the number of her actions;
of two players $A$ is what the row player receives, who mixes with $p$ over $m$ actions, the other with $q$ over $n$. A
gain is what a player wins by deviating alone, $x$ a mediator's law over joint actions, and $G$ has a row for each
deviation from what he says. $\lambda$ is the precision of logit responses, $\gamma$ the weight of the variance of
players who fear risk, $\epsilon$ the least probability of an action or, of quantal responses, the weight of a penalty,
$D$ the spread of payoffs, $\mu = M q$ and $\Sigma$ mean and covariance of payoffs $M$ under $q$. Learners see gains for
$T$ rounds. In games of preferences $\tau$ is the price of leaving the reference policy, and $\mathrm{br}$ the best
response. Of zero-sum Markov games $T$ is Shapley's operator, $v^{p, \cdot}$ what $p$ secures and $v^{\cdot, q}$ what
$q$ concedes.

Theorems about looking ahead: games of $H$ steps, $A$ actions. $Q^1$ is what an action is worth if all later ones are
drawn at random, $Q^{k+1}$ that with the best next action by $Q^k$. Lookahead $k$ solves a game if every policy that is
greedy for $Q^k$ is optimal; $W$ is the least lookahead that does if nothing beyond it counts.

Theorems about imitation: $\pi^e$ is the expert, $J$ the expected return of $H$ steps, $d^\pi_t$ the law of the state
at step $t$, $q^e$ what actions are worth if the expert goes on. Theorems about hardness: $A_G$ is the matrix of a graph
and $\alpha(G)$ the size of its largest independent set, $H_{\gamma,\delta} = \ln(H/\delta) / \ln\frac1\gamma$.

Theorems about estimation: $n$ or $m$ independent samples, $\delta$ the probability of failure. $\hat P$ holds relative
frequencies of all $N$ pairs, and $\hat v^*$, $\hat\pi$ are optimal for it. Episodes have $H$ steps there; $\pi$ is the
policy whose value is wanted and $b$ the one that acts, $\rho_t = \pi_t(a_t|s_t) / b_t(a_t|s_t)$, $\rho_{0:t} = \rho_0
\cdots \rho_t$, and $d_t$ are the probabilities of states or pairs at step $t$.

Theorems about bandits: $n$ rounds, $k$ arms with laws $\nu_a$, of which the best is better than arm $a$ by the gap
$\Delta_a$; $N_a$ counts pulls, $S_a$ successes of coins, and $R = \sum_a \Delta_a N_a$ is the regret. KL is relative
entropy, and kl that of two coins.

"""


def _section(theorem: Theorem, names: Collection[str]) -> str:
    lines = [
        f"({theorem.name})=",
        f"## {theorem.title}",
        "",
        linked(theorem.statement, names),
        "",
        f"**Assumptions.** {_sentence(linked(theorem.assumptions, names))}",
        "",
        f"**Source.** {_sentence(cited(theorem.source))}",
        "",
    ]
    if theorem.tight_ratio is not None:
        lines += [f"**Tightness.** {linked(theorem.tightness_in_words, names)}", ""]
    return "\n".join([*lines, f'Check it: `proofs_check.verify("{theorem.name}")`.', ""])


def linked(text: str, names: Collection[str]) -> str:
    """Return a text in which names of theorems are links to them, in MyST.

    Parameters
    ----------
    text : str
    names : collection of str

    Returns
    -------
    str

    Examples
    --------
    >>> linked("as for greedy-loss, but non-negative", ["greedy-loss"])
    'as for [](#greedy-loss), but non-negative'
    """
    return _SLUG.sub(lambda slug: f"[](#{slug.group()})" if slug.group() in names else slug.group(), text)


def cited(source: str) -> str:
    """Return a source with its bibliography keys as citations of MyST.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Examples
    --------
    >>> cited("puterman2005, section 6.6")
    '{cite}`puterman2005`, section 6.6'
    """
    return _CITATION.sub(lambda key: f"{{cite}}`{key.group()}`", source)


def citations(theorems: Iterable[Theorem]) -> set[str]:
    """Return the bibliography keys that theorems cite.

    Parameters
    ----------
    theorems : iterable of Theorem

    Returns
    -------
    set of str
    """
    return {key for theorem in theorems for key in _CITATION.findall(theorem.source)}


def _sentence(text: str) -> str:
    """Begin with a capital unless with mathematics or a citation, and end with a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _sides(check: Check) -> dict[str, float | None]:
    return {"lhs": _finite(check.lhs), "rhs": _finite(check.rhs), "ratio": _finite(check.tightness)}


def _example(example: Example | None) -> dict[str, Any] | None:
    return None if example is None else {**_sides(example.check), "in_words": example.in_words()}
