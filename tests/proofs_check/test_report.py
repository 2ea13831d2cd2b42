import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import hypothesis.strategies as st
import pytest

import proofs_check
from proofs_check import THEOREMS, Check, Theorem, verify
from proofs_check.html_report import html_report, mathematics, slack_picture
from proofs_check.report import citations, cited, linked, theorems_page, to_rows, write_json

REFERENCES = Path(proofs_check.__file__).parents[1] / "docs" / "references.bib"
NAMESPACES = {
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
}
FALSE = Theorem(
    name="false",
    statement=r"$x \le 3$ & <so> on",
    source="here",
    assumptions="none",
    instances=st.integers(0, 9),
    check=lambda x: Check(x, 3),
    refutable=lambda x: Check(x, 2),
)


@pytest.fixture(scope="module")
def verifications():
    return [verify("greedy-loss", examples=20), verify("bellman-shift", examples=20), verify(FALSE, examples=20)]


@pytest.fixture(scope="module")
def page(verifications):
    return html_report(verifications, examples=20, seed=0, seconds=1.0)


def test_the_page_needs_nothing_from_elsewhere(page):
    assert set(re.findall(r"https?://[^\s\"'<>]+", page)) <= NAMESPACES
    assert not re.search(r"<script|<link|<img|@import|url\((?!#)", page)


def test_the_page_shows_statements_as_mathematics(page):
    assert page.count("<math") > 10
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)


def test_the_page_has_a_picture_and_the_worst_instance_of_each_theorem(page, verifications):
    assert page.count("<svg") == len(verifications)
    assert "MDP with" in page
    assert "Counterexample" in page
    assert "x = 4" in page


def test_text_is_escaped(page):
    assert "&amp; &lt;so&gt; on" in page


def test_identifiers_are_unique(page):
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_pictures_are_well_formed_and_refer_to_themselves(verifications):
    svg = slack_picture(verifications[0])
    root = ET.fromstring(svg)
    own = {element.get("id") for element in root.iter() if element.get("id")}
    referred = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert referred <= own
    assert all(name.startswith("greedy-loss-") for name in own)


def test_mathematics_is_replaced_and_prose_kept():
    assert mathematics("no formula") == "no formula"
    assert mathematics("$x$ and $y$").count("<math") == 2


def test_the_json_has_the_same_numbers(verifications, tmp_path):
    path = tmp_path / "report.json"
    write_json(verifications, path, examples=20, seed=0)
    document = json.loads(path.read_text())
    assert document["theorems"] == json.loads(json.dumps(to_rows(verifications)))
    assert (document["passed"], document["failed"], document["examples"], document["seed"]) == (2, 1, 20, 0)
    trap, shift, false = document["theorems"]
    assert trap["checks"] == [[check.lhs, check.rhs] for check in verifications[0].checks]
    assert trap["tight"]["ratio"] == verifications[0].tight.tightness
    assert shift["tightness"] is None
    assert false["verdict"] == "fails"
    assert false["worst"]["lhs"] == 4


def test_every_statement_can_be_set_as_mathematics():
    for theorem in THEOREMS.values():
        for text in (theorem.statement, theorem.assumptions, theorem.source):
            assert "\\" not in re.sub(r"<annotation.*?</annotation>", "", mathematics(text))


def test_the_page_of_theorems_has_an_anchor_and_a_citation_each():
    page = theorems_page()
    for name, theorem in THEOREMS.items():
        assert f"\n({name})=\n## {theorem.title}\n" in page
        assert linked(theorem.statement, THEOREMS) in page
    assert page.count("**Source.**") == len(THEOREMS)


def test_citations_become_roles():
    assert cited("macqueen1966; puterman2005, section 6.6") == (
        "{cite}`macqueen1966`; {cite}`puterman2005`, section 6.6"
    )
    assert cited("hau2023entropic") == "{cite}`hau2023entropic`"


@pytest.mark.skipif(not REFERENCES.exists(), reason="the documentation is not beside this installation")
def test_every_source_is_in_the_bibliography():
    known = set(re.findall(r"@\w+\{(\w+),", REFERENCES.read_text(encoding="utf-8")))
    assert citations(THEOREMS.values()) <= known
