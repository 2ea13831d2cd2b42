"""The report as one HTML file: statements in MathML, a picture of the slack for each theorem, no other resource."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from proofs_check.report import WORDS, number, ratio_in_words
from proofs_check.theorem import TOLERANCE
from proofs_check.verification import Example, Verification

_MATHEMATICS = re.compile(r"\$([^$]+)\$")
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)')
_NOT_NEEDED = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_BLUE, _RED, _GREY = "#2b5d8a", "#b3261e", "#8a8f98"


def html_report(verifications: Sequence[Verification], *, examples: int, seed: int, seconds: float) -> str:
    """Return a self-contained page about a run.

    Parameters
    ----------
    verifications : sequence of Verification
    examples, seed : int
        What the run was asked for.
    seconds : float
        How long it took.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ModuleNotFoundError
        If latex2mathml is not installed.
    """
    body = "\n".join(map(_section, verifications))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Theorems, put to the test</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>Theorems, put to the test</h1>
<p class="summary">{_result(verifications)} ({examples} asked for each, seed {seed}) in {seconds:.0f} seconds.</p>
<p>{mathematics(_READING)}</p>
</header>
<main>
<h2 id="summary">Summary</h2>
{_summary(verifications)}
{body}
</main>
</body>
</html>
"""


def _result(verifications: Sequence[Verification]) -> str:
    passed = sum(one.passed for one in verifications)
    instances = sum(one.instances for one in verifications)
    verdict = "All theorems hold." if passed == len(verifications) else "Not all theorems hold."
    return f"<strong>{verdict}</strong> {passed} of {len(verifications)} passed on {instances:,} instances"


_READING = r"""A theorem is an inequality, lhs ≤ rhs. The left side comes from an independent oracle (linear programs,
brute force, rational arithmetic), the right side from the library. <em>Slack</em> is rhs − lhs, not negative beyond
rounding; <em>tightness</em> is the largest lhs / rhs found. A theorem has a tight instance where one is known, and a
<em>false variant</em> that the same search must refute: a check that cannot fail shows nothing. Throughout
$0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman operator, $\pi_v$ is greedy for $v$, $\|\cdot\|$ is the sup
norm, and $\mathrm{sp}(x) = \max x - \min x$. Without a discount $T$ is the undiscounted operator, $g$ the gain and $h$
the bias, $D$ the deviation matrix, and TV the total variation distance."""


def mathematics(text: str) -> str:
    r"""Replace LaTeX between dollar signs by MathML; the rest is kept as it is.

    Parameters
    ----------
    text : str
        HTML with mathematics, such as ``"at most $\gamma^k$"``.

    Returns
    -------
    str

    Examples
    --------
    >>> "<mi>&#x003B3;</mi>" in mathematics(r"at most $\gamma$")
    True
    """
    from latex2mathml.converter import convert

    return _MATHEMATICS.sub(lambda formula: convert(formula.group(1)), text)


def _prose(text: str) -> str:
    """Escape everything but the mathematics, which becomes MathML."""
    parts = _MATHEMATICS.split(text)
    return mathematics("".join(f"${part}$" if odd % 2 else escape(part) for odd, part in enumerate(parts)))


def _badge(verification: Verification) -> str:
    mark = "✓" if verification.passed else "✗"
    kind = "good" if verification.passed else "bad"
    return f'<span class="badge {kind}">{mark} {WORDS[verification.verdict]}</span>'


def _summary(verifications: Sequence[Verification]) -> str:
    measured = ("instances", "worst slack", "tightness", "tight instance (needs)")
    rows = [
        f'<tr><td><a href="#{one.theorem.name}">{one.theorem.name}</a></td>'
        + "".join(f'<td class="number">{cell}</td>' for cell in _numbers(one))
        + f"<td>{'refuted' if one.refuted else 'survived'}</td><td>{_badge(one)}</td></tr>"
        for one in verifications
    ]
    numbers = "".join(f'<th class="number">{name}</th>' for name in measured)
    head = f"<th>theorem</th>{numbers}<th>false variant</th><th>verdict</th>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _numbers(verification: Verification) -> list[str]:
    slack, tightness = number(verification.slack), number(verification.tightness, 6)
    return [str(verification.instances), slack, tightness, ratio_in_words(verification)]


def _section(verification: Verification) -> str:
    theorem = verification.theorem
    names = ("instances", "worst slack", "tightness", "tight instance (needs)")
    facts = "".join(
        f"<div><dt>{name}</dt><dd>{cell}</dd></div>" for name, cell in zip(names, _numbers(verification), strict=True)
    )
    problem = "" if verification.passed else f'<p class="problem">{escape(verification.verdict.value)}.</p>'
    worst = "Counterexample" if verification.counterexample is not None else "Worst instance"
    return f"""<section id="{theorem.name}">
<h2>{escape(theorem.title)} {_badge(verification)}</h2>
{problem}
<p class="statement">{_prose(theorem.statement)}</p>
<p class="small"><b>Assumptions.</b> {_prose(theorem.assumptions)}. <b>Source.</b> {_prose(theorem.source)}.</p>
<dl>{facts}</dl>
<figure>{slack_picture(verification)}
<figcaption>Slack of each instance, in the order tried. The line is zero, the band what rounding may take.</figcaption>
</figure>
{_details(worst, verification.worst, is_open=not verification.holds)}
{_details("What refutes the false variant", verification.refutation)}
</section>"""


def _details(title: str, example: Example | None, *, is_open: bool = False) -> str:
    if example is None:
        return ""
    opened = " open" if is_open else ""
    return f"<details{opened}><summary>{title}</summary><pre>{escape(example.in_words())}</pre></details>"


def slack_picture(verification: Verification) -> str:
    """Draw the slack of every instance, relative to ``1 + |rhs|``, on a scale that shows both rounding and size.

    Parameters
    ----------
    verification : Verification

    Returns
    -------
    str
        An SVG element whose identifiers begin with the theorem's name.
    """
    import matplotlib as mpl

    name = verification.theorem.name
    own = {"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif", "font.size": 9}
    file = io.StringIO()
    with mpl.rc_context(own):
        _slack_figure(verification).savefig(file, format="svg", transparent=True)
    svg = _NOT_NEEDED.sub("", file.getvalue()).strip()
    label = f'<svg role="img" aria-label="Slack of each instance of {escape(name)}"'
    return _IDENTIFIER.sub(rf"\g<1>{name}-", svg).replace("<svg", label, 1)


def _slack_figure(verification: Verification) -> Any:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    checks = verification.checks
    slack = np.array([check.slack / (1 + abs(check.rhs) + check.scale) for check in checks])
    holds = np.array([check.holds for check in checks])
    instance = np.arange(1, slack.size + 1)
    figure = Figure(figsize=(9.0, 2.2))
    FigureCanvasSVG(figure)
    ax = figure.add_axes((0.08, 0.2, 0.91, 0.76))
    ax.axhspan(-TOLERANCE, TOLERANCE, color=_GREY, alpha=0.25, linewidth=0)
    ax.axhline(0, color=_GREY, linewidth=0.8)
    ax.plot(instance[holds], slack[holds], "o", markersize=3.5, color=_BLUE, alpha=0.6, markeredgewidth=0)
    ax.plot(instance[~holds], slack[~holds], "X", markersize=8, color=_RED)
    ax.set_yscale("symlog", linthresh=TOLERANCE, linscale=0.5)
    ax.set_yticks(
        [tick for tick in (-1.0, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 1.0) if tick >= 0 or tick >= 10 * slack.min()]
    )
    ax.set_yticks([], minor=True)
    ax.set_ylim(top=3.0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("instance")
    ax.set_ylabel("slack / (1 + |rhs|)")
    ax.spines[["top", "right"]].set_visible(False)
    return figure


_STYLE = """
:root { --ink: #1d2129; --quiet: #5c6370; --line: #dfe2e7; --paper: #fff; --tint: #f5f7fa; --link: #2b5d8a; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
#summary { margin-top: 2rem; }
.summary { font-size: 1.1rem; }
header p + p { color: var(--quiet); font-size: .92rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
section { border-top: 1px solid var(--line); padding: 1.8rem 0 1.4rem; scroll-margin-top: 1rem; }
.statement { font-size: 1.08rem; margin: .4rem 0 .8rem; }
.small { color: var(--quiet); font-size: .9rem; margin: 0 0 .9rem; }
math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", math; font-size: 1.08em; }
.wide { overflow-x: auto; margin-bottom: 2.5rem; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 2px solid var(--line); }
th, td { padding: .32rem .6rem .32rem 0; vertical-align: baseline; white-space: nowrap; }
td { border-bottom: 1px solid var(--line); }
.number, dd { font-variant-numeric: tabular-nums; }
th.number, td.number { text-align: right; padding-right: 1.4rem; }
.badge { font-size: .78rem; font-weight: 600; border-radius: 1rem; padding: .1rem .6rem; white-space: nowrap; }
.problem { color: #7f1d1d; margin: .2rem 0; }
.good { color: #14532d; background: #dcf3e3; }
.bad { color: #7f1d1d; background: #fbdcd9; }
dl { display: flex; flex-wrap: wrap; gap: .3rem 2.2rem; margin: 0 0 .6rem; }
dt { color: var(--quiet); font-size: .78rem; }
dd { margin: 0; font-weight: 600; }
figure { margin: 0 0 .6rem; }
figure svg { max-width: 100%; height: auto; display: block; }
figcaption { color: var(--quiet); font-size: .8rem; }
summary { cursor: pointer; color: var(--link); font-size: .9rem; padding: .15rem 0; }
pre { background: var(--tint); border-radius: .4rem; padding: .8rem 1rem; margin: .3rem 0 .6rem; font-size: .8rem;
  line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { details:not([open]) { display: none; } section { break-inside: avoid; } }
"""
