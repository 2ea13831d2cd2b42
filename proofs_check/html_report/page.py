"""The report as one HTML page: a bar to go from wing to wing, a table for each wing, a section for each theorem."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from proofs_check.attack import Attack
from proofs_check.claims import Disproof, Remark
from proofs_check.html_report.mathematics import mathematics
from proofs_check.html_report.sections import (
    MEASURED,
    claim_section,
    measured,
    remark_section,
    theorem_section,
    verdict,
)
from proofs_check.report import wing_title
from proofs_check.tables import by_wing
from proofs_check.verification import Verification


def html_report(
    verifications: Sequence[Verification],
    *,
    examples: int,
    seed: int,
    seconds: float,
    disproofs: Sequence[Disproof] = (),
    remarks: Sequence[Remark] = (),
    attacks: Sequence[Attack] = (),
) -> str:
    """Return a self-contained page about a run.

    Parameters
    ----------
    verifications : sequence of Verification
    examples, seed : int
        What the run was asked for.
    seconds : float
        How long it took.
    disproofs : sequence of Disproof
        False claims.
    remarks : sequence of Remark
        What is not checked.
    attacks : sequence of Attack

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ModuleNotFoundError
        If latex2mathml is not installed.
    """
    names = {one.theorem.name for one in verifications}
    names |= {one.claim.name for one in disproofs} | {one.name for one in remarks}
    attacked = {one.theorem.name: one for one in attacks}
    wings = {wing: members for wing, (members, _) in by_wing(verifications).items()}
    chapters = {
        wing_title(wing): _table(members)
        + "\n".join(theorem_section(one, attacked.get(one.theorem.name), names) for one in members)
        for wing, members in wings.items()
    }
    if disproofs:
        chapters["False claims"] = _CLAIMS + "\n".join(claim_section(one, names) for one in disproofs)
    if remarks:
        chapters["What is not checked"] = _REMARKS + "\n".join(remark_section(one, names) for one in remarks)
    entries = {wing_title(wing): [(one.theorem.name, one.passed) for one in members] for wing, members in wings.items()}
    entries |= {"False claims": [(one.claim.name, one.refuted) for one in disproofs]}
    entries |= {"What is not checked": [(one.name, True) for one in remarks]}
    body = "\n".join(f'<h2 id="{_anchor(title)}">{title}</h2>\n{chapter}' for title, chapter in chapters.items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Theorems, put to the test</title>
<style>
{resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<nav aria-label="wings"><a class="home" href="#top">Theorems</a>
{_navigation({title: entries[title] for title in chapters})}
</nav>
<main id="top">
<header>
<h1>Theorems, put to the test</h1>
<p class="summary">{_result(verifications, disproofs)} ({examples} asked for each, seed {seed}) in {seconds:.0f}
seconds.</p>
<p>{mathematics(_READING)}</p>
</header>
{body}
</main>
</body>
</html>
"""


def _result(verifications: Sequence[Verification], disproofs: Sequence[Disproof]) -> str:
    passed, refuted = sum(one.passed for one in verifications), sum(one.refuted for one in disproofs)
    instances = sum(one.instances for one in verifications)
    good = passed == len(verifications) and refuted == len(disproofs)
    verdicts = "All theorems hold." if good else "Not everything is as it must be."
    claims = f"; {refuted} of {len(disproofs)} false claims were refuted" if disproofs else ""
    return (
        f"<strong>{verdicts}</strong> {passed} of {len(verifications)} theorems passed{claims};"
        f" {instances:,} instances were tried"
    )


_READING = r"""A theorem is an inequality, lhs ≤ rhs. The left side comes from an independent oracle (linear programs,
brute force, rational arithmetic), the right side from the library. <em>Slack</em> is rhs − lhs, not negative beyond
rounding; <em>tightness</em> is the largest lhs / rhs found, and the worst instance drawn is the one that has it. A
theorem has a tight instance where one is known, and a <em>false variant</em> that the same search must refute: a check
that cannot fail shows nothing. Throughout $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman operator, $\pi_v$
is greedy for $v$, $\|\cdot\|$ is the sup norm, and $\mathrm{sp}(x) = \max x - \min x$. Without a discount $T$ is the
undiscounted operator, $g$ the gain and $h$ the bias, $D$ the deviation matrix, and TV the total variation distance. In
pictures a circle is a state and an arrow an action with its reward; a small dot is an action from which chance goes on,
with a probability on each arrow. Cells are blue above zero and red below, the darker the larger."""

_CLAIMS = "<p>Statements that are believed or printed, and false: each with an instance that violates it.</p>\n"
_REMARKS = "<p>What no finite instance can confirm or refute, and what is checked in its place.</p>\n"


def _anchor(title: str) -> str:
    return "chapter-" + title.lower().replace(" ", "-")


def _navigation(entries: dict[str, list[tuple[str, bool]]]) -> str:
    """Return a list of chapters that unfold into the names of their sections."""
    return "\n".join(
        f'<details><summary><a href="#{_anchor(title)}">{title}</a> <span>{len(members)}</span></summary><ul>'
        + "".join(f'<li><a href="#{name}">{"" if good else "✗ "}{name}</a></li>' for name, good in members)
        + "</ul></details>"
        for title, members in entries.items()
    )


def _table(verifications: Sequence[Verification]) -> str:
    rows = [
        f'<tr><td><a href="#{one.theorem.name}">{one.theorem.name}</a></td>'
        + "".join(f'<td class="number">{cell}</td>' for cell in measured(one))
        + f"<td>{'refuted' if one.refuted else 'survived'}</td><td>{verdict(one)}</td></tr>"
        for one in verifications
    ]
    numbers = "".join(f'<th class="number">{name}</th>' for name in MEASURED)
    head = f"<th>theorem</th>{numbers}<th>false variant</th><th>verdict</th>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>\n'
