"""One section of the report: a theorem with what was measured, a false claim, or a remark."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from html import escape

from proofs_check.attack import Attack
from proofs_check.claims import Disproof, Remark
from proofs_check.html_report.curves import slack_picture, sparkline
from proofs_check.html_report.mathematics import prose
from proofs_check.html_report.pictures import instance_picture
from proofs_check.tables import WORDS, number, ratio_in_words
from proofs_check.theorem import Check
from proofs_check.verification import Example, Verification

_SLUG = re.compile(r"(?<![#\w-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])")
_CITATION = re.compile(r"\b([a-z]+)(\d{4})[a-z]*\b")
_MOST_LETTERS = 6000

MEASURED = ("instances", "worst slack", "tightness", "tight instance (needs)", "seconds")


def measured(verification: Verification) -> list[str]:
    """Return what `MEASURED` names, in words."""
    return [
        str(verification.instances),
        number(verification.slack),
        number(verification.tightness, 6),
        ratio_in_words(verification),
        f"{verification.seconds:.2f}",
    ]


def badge(good: bool, words: str) -> str:
    """Return a verdict as a coloured label."""
    return f'<span class="badge {"good" if good else "bad"}">{"✓" if good else "✗"} {words}</span>'


def verdict(verification: Verification) -> str:
    """Return the verdict as a coloured label."""
    return badge(verification.passed, WORDS[verification.verdict])


def theorem_section(verification: Verification, attack: Attack | None, names: Collection[str]) -> str:
    """Return the section of a theorem.

    Parameters
    ----------
    verification : Verification
    attack : Attack, optional
    names : collection of str
        What the report has a section of: their names become links.

    Returns
    -------
    str
        HTML.
    """
    theorem = verification.theorem
    facts = _facts(zip(MEASURED, measured(verification), strict=True))
    problem = "" if verification.passed else f'<p class="problem">{escape(verification.verdict.value)}.</p>'
    tight = f"<b>Attained.</b> {text(theorem.tightness_in_words, names)}" if theorem.tightness_in_words else ""
    worst = "Counterexample" if verification.counterexample is not None else "Worst instance drawn"
    return f"""<section id="{theorem.name}">
<h3>{escape(theorem.title)} {verdict(verification)}</h3>
{problem}
<p class="statement">{text(theorem.statement, names)}</p>
<p class="small"><b>Assumptions.</b> {_sentence(text(theorem.assumptions, names))}
<b>Source.</b> {_source(theorem.source)} {tight}</p>
{facts}
<figure>{slack_picture(verification)}
<figcaption>Slack of each instance, in the order tried. The line is zero, the band what rounding may take.</figcaption>
</figure>
{_example(worst, verification.worst, is_open=True)}
{_example("What refutes the false variant", verification.refutation, is_open=False)}
{_attacked(attack)}
</section>"""


def claim_section(disproof: Disproof, names: Collection[str]) -> str:
    """Return the section of a false claim: the two sides of its counterexample, and what is true instead.

    Parameters
    ----------
    disproof : Disproof
    names : collection of str

    Returns
    -------
    str
        HTML.
    """
    claim = disproof.claim
    mark = badge(disproof.refuted, "false" if disproof.refuted else "not refuted")
    return f"""<section id="{claim.name}">
<h3>{escape(claim.title)} {mark}</h3>
<p class="statement"><b>Claimed:</b> {text(claim.statement, names)}</p>
<p><b>Counterexample.</b> {_sentence(text(claim.instance, names))}</p>
{_sides(disproof.check)}
<p><b>Instead.</b> {_sentence(text(claim.lesson, names))}</p>
<p class="small"><b>Source.</b> {_source(claim.source)}</p>
</section>"""


def remark_section(remark: Remark, names: Collection[str]) -> str:
    """Return the section of what no instance can decide.

    Parameters
    ----------
    remark : Remark
    names : collection of str

    Returns
    -------
    str
        HTML.
    """
    return f"""<section id="{remark.name}">
<h3>{escape(remark.title)}</h3>
<p class="statement">{text(remark.statement, names)}</p>
<p><b>Not checked.</b> {_sentence(text(remark.reason, names))}</p>
<p class="small"><b>Source.</b> {_source(remark.source)}</p>
</section>"""


def text(written: str, names: Collection[str]) -> str:
    """Return a text with its mathematics set and the names of other sections as links.

    Parameters
    ----------
    written : str
        With LaTeX between dollar signs.
    names : collection of str

    Returns
    -------
    str
        HTML.
    """

    def link(slug: re.Match[str]) -> str:
        name = slug.group()
        return f'<a href="#{name}">{name}</a>' if name in names else name

    tags_and_text = re.split(r"(<math.*?</math>|<[^>]*>)", prose(written), flags=re.DOTALL)
    return "".join(part if odd % 2 else _SLUG.sub(link, part) for odd, part in enumerate(tags_and_text))


def _source(source: str) -> str:
    """Return a source with its bibliography keys as author and year."""
    return _sentence(prose(_CITATION.sub(lambda key: f"{key[1].capitalize()} {key[2]}", source)))


def _sentence(html: str) -> str:
    """Begin with a capital unless with mathematics, and end with a full stop."""
    return f"{html[0].upper()}{html[1:].removesuffix('.')}."


def _sides(check: Check) -> str:
    sides = (("left side", check.lhs), ("right side", check.rhs), ("slack", check.slack), ("ratio", check.tightness))
    return _facts((name, number(x, 6)) for name, x in sides)


def _facts(facts: Iterable[tuple[str, str]], more: str = "") -> str:
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts) + f"{more}</dl>"


def _example(title: str, example: Example | None, *, is_open: bool) -> str:
    """Return an instance with its two sides, as pictures and, folded, in exact words."""
    if example is None:
        return ""
    words = example.in_words()
    if len(words) > _MOST_LETTERS:
        words = words[:_MOST_LETTERS] + f"\n… ({len(words)} letters in all; the JSON file has them)"
    exact = f"<details><summary>in exact words</summary><pre>{escape(words)}</pre></details>"
    opened = " open" if is_open else ""
    return (
        f'<details class="example"{opened}><summary>{title}</summary>'
        f"{_sides(example.check)}{instance_picture(example)}{exact}</details>"
    )


def _attacked(attack: Attack | None) -> str:
    if attack is None:
        return ""
    reached = (
        ("evaluations", str(attack.evaluations)),
        ("tightness drawn", number(attack.drawn, 6)),
        ("tightness reached", number(attack.tightness, 6)),
    )
    facts = _facts(reached, f"<div>{sparkline(attack)}</div>")
    outcome = badge(not attack.violated, "violated" if attack.violated else "not violated")
    frozen = f'<p class="small">Frozen: {escape(", ".join(attack.frozen))}.</p>' if attack.frozen else ""
    return (
        f'<div class="attack"><h4>Attack {outcome}</h4>{facts}{frozen}'
        f"{_example('The instance that it reached', attack.best, is_open=attack.violated)}</div>"
    )
