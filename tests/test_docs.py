"""The documentation: its code runs, its reference is complete, and dollars in docstrings become mathematics."""

import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.glob("*.md") if page.name != "theorems.md")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = (
    "rltheory.models",
    "rltheory.planning",
    "rltheory.policy_optimisation",
    "rltheory.distributional",
    "rltheory.robust",
    "rltheory.offline",
    "rltheory.horizon",
    "rltheory.submodular",
    "rltheory.submodular.functions",
    "rltheory.submodular.relaxation",
    "rltheory.estimation",
    "rltheory.bandits",
    "rltheory.exploration",
    "rltheory.exploration.mex",
    "rltheory.imitation",
    "rltheory.hardness",
    "rltheory.games",
    "rltheory.games.nash",
    "rltheory.games.risk",
    "rltheory.games.learning",
    "rltheory.games.preference",
    "rltheory.games.markov",
    "rltheory.io",
    "rltheory.plotting",
    "mdps",
    "mdps.bandits",
    "mdps.games",
    "mdps.submodular",
    "proofs_check",
)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_code_of_a_page_runs(page):
    """Blocks with prompts are examples, the others files; those of a page share their names."""
    names = {}
    text = page.read_text(encoding="utf-8")
    for block in re.finditer(r"```python\n(.*?)```", text, re.DOTALL):
        code, line = block.group(1), text[: block.start()].count("\n") + 1
        if ">>>" not in code:
            exec(compile("\n" * line + code, str(page), "exec"), names)
            continue
        examples = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(examples, clear_globs=False)
        names.update(examples.globs)
        assert not runner.failures, f"{page.name}: an example below line {line} does not give what it says"


@pytest.mark.parametrize("module", MODULES)
def test_the_reference_lists_every_public_name(module):
    names = importlib.import_module(module).__all__
    page = DOCS / "api" / f"{module.removeprefix('rltheory.').replace('.', '_')}.rst"
    listed = set(re.findall(r"\w+", page.read_text(encoding="utf-8")))
    submodules = {name for name in sys.modules if name.rpartition(".")[0] == module}
    public = {name for name in names if f"{module}.{name}" not in submodules}

    assert public - listed == set()


@pytest.mark.parametrize(
    ("docstring", "page"),
    [
        ("the norm $x$ of it", "the norm :math:`x` of it"),
        ("says $$x = 1$$ and", "says\n\n.. math:: x = 1\n\nand"),
        ("a literal ``$HOME`` and ``$x$``", "a literal ``$HOME`` and ``$x$``"),
        (":math:`a` costs $b$", ":math:`a` costs :math:`b`"),
        (">>> print('$x$')\n$x$", ">>> print('$x$')\n$x$"),
        ("    $$x$$", "    .. math:: x"),
        ("sum_s' P(s'|s,a)", r"sum_s' P(s'\|s,a)"),
        (r".. math:: |x|, \|x\|", r".. math:: |x|, \|x\|"),
    ],
)
def test_dollars_in_docstrings_become_mathematics(monkeypatch, docstring, page):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(DOCS / "_ext")

    assert importlib.import_module("mathml").dollars_to_rst(docstring) == page


def test_formulas_are_drawn_by_the_browser_alone(monkeypatch):
    pytest.importorskip("latex2mathml")
    monkeypatch.syspath_prepend(DOCS / "_ext")

    formula = importlib.import_module("mathml").mathml(r"\max_a \Big\{ \mathtt{tol} + \mathbf 1 \Big\}", display=True)

    assert "\\" not in formula
    assert "mathvariant" not in formula
    assert "<munder><mo>max</mo><mi>a</mi></munder>" in formula
    assert "𝚝" in formula
    assert "𝟏" in formula


def test_names_of_functions_stand_apart_from_letters(monkeypatch):
    pytest.importorskip("latex2mathml")
    monkeypatch.syspath_prepend(DOCS / "_ext")

    formula = importlib.import_module("mathml").mathml(r"S \ln n + \ln(2)")

    assert formula.count("<mspace") == 2
    assert '<mi>ln</mi><mspace width="0.17em" /><mi>n</mi>' in formula
