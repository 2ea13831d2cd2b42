r"""Sphinx extension: mathematics becomes MathML when the pages are built, so that they need no script and no network.

Browsers draw MathML themselves. Docstrings may also write $x$ and $$x$$, as a notebook does; here they become the
``:math:`` role and the ``.. math::`` directive before anybody else reads the docstring.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from proofs_check.html_report.mathematics import mathml

_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_SPANS = re.compile(
    r"(?P<kept>``.+?``|:math:`.+?`|\.\. math::.*)|\$(?P<math>[^\s$](?:[^$]*?[^\s$])?)\$|(?P<bar>\|)", re.DOTALL
)
_BEFORE_NUMPYDOC = 400


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer, ``html_math_renderer = "mathml"``, and the reader of docstrings."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_display, None))
    app.connect("autodoc-process-docstring", _read_dollars, priority=_BEFORE_NUMPYDOC)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def dollars_to_rst(text: str) -> str:
    """Return a docstring with its dollars turned into the role and the directive; examples are left alone."""
    paragraphs = re.split(r"(\n[ \t]*\n)", text)
    return "".join(part if ">>>" in part else _with_roles(part) for part in paragraphs)


def _with_roles(paragraph: str) -> str:
    display = _DISPLAY.search(paragraph)
    if display:
        lines = paragraph.lstrip("\n")
        indent = lines[: len(lines) - len(lines.lstrip())]
        formula = " ".join(display.group(1).split())
        before, after = paragraph[: display.start()].rstrip(), paragraph[display.end() :].strip()
        parts = [_with_roles(before), f"{indent}.. math:: {formula}", f"{indent}{_with_roles(after)}".rstrip()]
        return "\n\n".join(part for part in parts if part.strip())
    return _SPANS.sub(_as_role, paragraph)


def _as_role(found: re.Match[str]) -> str:
    if found["math"]:
        return ":math:`" + " ".join(found["math"].split()) + "`"
    return found["kept"] or r"\|"  # a bar as in P(s'|s,a) is no substitution, of which docstrings have none


def _read_dollars(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = dollars_to_rst("\n".join(lines)).split("\n")


def _visit_inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _visit_display(writer: Any, node: nodes.math_block) -> None:
    latex = node.astext().strip()
    if r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    writer.body.append(f'<div class="math">{mathml(latex, display=True)}</div>')
    raise nodes.SkipNode
