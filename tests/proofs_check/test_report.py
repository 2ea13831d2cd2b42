import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import hypothesis.strategies as st
import pytest

import proofs_check
from proofs_check import CLAIMS, REMARKS, THEOREMS, WING_OF, WINGS, Check, Theorem, attack, disprove, verify
from proofs_check.html_report import html_report
from proofs_check.html_report.mathematics import mathematics
from proofs_check.report import citations, cited, linked, theorems_page, wing_title
from proofs_check.rows import to_rows, write_json

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
    return html_report(
        verifications,
        examples=20,
        seed=0,
        seconds=1.0,
        disproofs=[disprove(claim) for claim in CLAIMS.values()],
        remarks=list(REMARKS.values()),
        attacks=[attack("greedy-loss", budget=20)],
    )


def test_the_page_needs_nothing_from_elsewhere(page):
    assert set(re.findall(r"https?://[^\s\"'<>]+", page)) <= NAMESPACES
    assert not re.search(r"<script|<link|<img|@import|url\((?!#)", page)


def test_the_page_shows_statements_as_mathematics(page):
    assert page.count("<math") > 10
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert "\\mathrm" not in page


def section(page, name):
    return re.search(rf'<section id="{name}">.*?</section>', page, re.DOTALL).group()


def test_the_page_has_a_picture_and_the_worst_instance_of_each_theorem(page):
    for name in ("greedy-loss", "bellman-shift"):
        assert re.search('aria-label="A model with|<th>reward</th>', section(page, name))
        assert "MDP with" in section(page, name)
        assert "Slack of each instance" in section(page, name)
    assert "Counterexample" in section(page, "false")
    assert "x = 4" in section(page, "false")


def test_the_page_goes_wing_by_wing_and_leads_to_every_section(page):
    titles = re.findall(r'<h2 id="(chapter-[\w-]+)">', page)
    assert titles == ["chapter-planning", "chapter-of-no-wing", "chapter-false-claims", "chapter-what-is-not-checked"]
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'\bid="([^"]+)"', page))
    assert {"greedy-loss", *CLAIMS, *REMARKS, *titles} <= links


def test_a_false_claim_is_reported_with_both_sides_and_what_is_true(page):
    found = disprove(CLAIMS["span-without-the-two"])
    told = section(page, "span-without-the-two")
    assert f"<dt>left side</dt><dd>{found.check.lhs:.6g}</dd>" in told
    assert f"<dt>right side</dt><dd>{found.check.rhs:.6g}</dd>" in told
    assert "Instead." in told


def test_an_attack_is_reported_with_its_ratio_and_a_curve(page):
    assert "tightness reached" in section(page, "greedy-loss")
    assert "Ratio reached by the attack" in section(page, "greedy-loss")
    assert "tightness reached" not in section(page, "bellman-shift")


def test_names_of_other_sections_are_links_and_sources_are_readable(page):
    assert '<a href="#howard-count">' not in page  # it has no section in this report
    assert "Singh 1994" in page


def test_text_is_escaped(page):
    assert "&amp; &lt;so&gt; on" in page


def test_identifiers_are_unique(page):
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_pictures_are_well_formed(page):
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert all(ET.fromstring(picture).get("aria-label") for picture in pictures)


def test_mathematics_is_replaced_and_prose_kept():
    assert mathematics("no formula") == "no formula"
    assert mathematics("$x$ and $y$").count("<math") == 2


def test_the_json_has_the_same_numbers(verifications, tmp_path):
    path = tmp_path / "report.json"
    disproofs = [disprove(claim) for claim in CLAIMS.values()]
    attacks = [attack("greedy-loss", budget=20)]
    write_json(verifications, path, examples=20, seed=0, disproofs=disproofs, attacks=attacks)
    document = json.loads(path.read_text())
    assert document["theorems"] == json.loads(json.dumps(to_rows(verifications)))
    assert (document["passed"], document["failed"], document["examples"], document["seed"]) == (2, 1, 20, 0)
    trap, shift, false = document["theorems"]
    assert trap["checks"] == [[check.lhs, check.rhs] for check in verifications[0].checks]
    assert trap["tight"]["ratio"] == verifications[0].tight.tightness
    assert shift["tightness"] is None
    assert false["verdict"] == "fails"
    assert false["worst"]["lhs"] == 4
    assert false["counterexample"] == false["worst"]
    assert (trap["wing"], trap["counterexample"], trap["tight_ratio"]) == ("planning", None, 0.999999)
    assert trap["seconds"] > 0
    claim = document["claims"][0]
    assert claim["refuted"]
    assert claim["counterexample"]["lhs"] == disproofs[0].check.lhs
    assert document["attacks"][0]["history"] == [list(record) for record in attacks[0].history]


def test_every_statement_can_be_set_as_mathematics():
    texts = [(one.statement, one.assumptions, one.source, one.tightness_in_words) for one in THEOREMS.values()]
    texts += [(one.statement, one.instance, one.lesson, one.source) for one in CLAIMS.values()]
    texts += [(one.statement, one.reason, one.source) for one in REMARKS.values()]
    for group in texts:
        for text in group:
            assert "\\" not in re.sub(r"<annotation.*?</annotation>", "", mathematics(text))


def test_the_page_of_theorems_has_an_anchor_and_a_citation_each():
    page = theorems_page()
    for name, theorem in THEOREMS.items():
        assert f"\n({name})=\n### {theorem.title}\n" in page
        assert linked(theorem.statement, [*THEOREMS, *CLAIMS, *REMARKS]) in page
    assert page.count("**Source.**") == len(THEOREMS) + len(CLAIMS) + len(REMARKS)


def test_the_page_of_theorems_goes_wing_by_wing():
    page = theorems_page()
    titles = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert titles == [*map(wing_title, WINGS), "False claims", "Not checked, and why"]
    for title in titles:
        assert re.search(rf"^- \[{title}\]\(#chapter-[\w-]+\): \d+$", page, re.MULTILINE)
    assert all(anchor in page for anchor in (f"\n({name})=\n" for name in (*CLAIMS, *REMARKS)))
    assert page.index(f"\n({WINGS['total'][0]})=") > page.index("## Total reward")


def test_every_entry_has_its_wing():
    assert set(WING_OF) == {*THEOREMS, *CLAIMS, *REMARKS}
    assert all(WING_OF[name] == wing for wing, names in WINGS.items() for name in names)


def test_citations_become_roles():
    assert cited("macqueen1966; puterman2005, section 6.6") == (
        "{cite}`macqueen1966`; {cite}`puterman2005`, section 6.6"
    )
    assert cited("hau2023entropic") == "{cite}`hau2023entropic`"


@pytest.mark.skipif(not REFERENCES.exists(), reason="the documentation is not beside this installation")
def test_every_source_is_in_the_bibliography():
    known = set(re.findall(r"@\w+\{(\w+),", REFERENCES.read_text(encoding="utf-8")))
    assert citations([*THEOREMS.values(), *CLAIMS.values(), *REMARKS.values()]) <= known
