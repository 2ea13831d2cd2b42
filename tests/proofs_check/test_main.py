import importlib.util
import json

import hypothesis.strategies as st
import pytest

from proofs_check import CLAIMS, THEOREMS, WINGS, Check, Claim, Theorem
from proofs_check.__main__ import main


def theorem(name, **changes):
    fields = {
        "name": name,
        "statement": "$x \\le 10$",
        "source": "here",
        "assumptions": "none",
        "instances": st.integers(0, 10),
        "check": lambda x: Check(x, 10),
        "refutable": lambda x: Check(x, 5),
    }
    return Theorem(**(fields | changes))


@pytest.fixture
def with_theorem(monkeypatch):
    def add(one):
        monkeypatch.setitem(THEOREMS, one.name, one)
        return one.name

    return add


def test_theorems_that_hold_exit_with_0(capsys):
    assert main(["greedy-loss", "bellman-shift", "--examples", "10"]) == 0
    out = capsys.readouterr().out
    assert "greedy-loss" in out
    assert "singh1994" in out
    assert out.splitlines()[-1] == "2 passed, 0 failed"


def test_what_no_known_instance_attains_is_attacked_first(capsys):
    options = ["--examples", "2", "--attack", "2", "--weakest-first"]
    assert main(["greedy-loss", "new-features", "howard-count", *options]) == 0
    attacked = capsys.readouterr().out.partition("tightness reached")[2]
    places = [attacked.index(name) for name in ("howard-count", "new-features", "greedy-loss")]
    assert places == sorted(places)


def test_a_theorem_that_fails_exits_with_1_and_its_counterexample(with_theorem, capsys):
    name = with_theorem(theorem("false", check=lambda x: Check(x, 7)))
    assert main([name, "--examples", "50"]) == 1
    out = capsys.readouterr().out
    assert "minimal counterexample: lhs = 8.0, rhs = 7.0" in out
    assert out.splitlines()[-1] == "0 passed, 1 failed"


def test_a_false_variant_that_survives_exits_with_1(with_theorem, capsys):
    name = with_theorem(theorem("vacuous", refutable=lambda x: Check(x, 10)))
    assert main([name, "--examples", "10"]) == 1
    assert "its false variant survived" in capsys.readouterr().out


def test_a_tight_ratio_that_is_not_reached_exits_with_1(with_theorem, capsys):
    name = with_theorem(theorem("loose", tight=lambda: Check(9.0, 10.0), tight_ratio=0.99))
    assert main([name, "--examples", "10"]) == 1
    assert "tightness 0.9, promised 0.99" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gredy-loss"], "no theorem is called 'gredy-loss'; near names: greedy-loss"),
        (["--examples", "0"], "--examples is 0; at least one instance is needed"),
        (["--examples", "many"], "argument --examples: invalid int value: 'many'"),
        (["--slowest", "0"], "--slowest is 0; at least one theorem is needed"),
        (["--seed", "-1"], "--seed is -1; a seed is at least 0"),
        (["--colour"], "unrecognized arguments: --colour"),
        (["--html", "no/such/folder/report.html"], "cannot write no/such/folder/report.html"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"proofs_check: {message}")
    assert captured.err.count("\n") == 1


def test_a_report_without_latex2mathml_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["greedy-loss", "--html", str(tmp_path / "report.html")]) == 2
    assert "pip install rltheory[report]" in capsys.readouterr().err


def test_a_false_claim_is_checked_by_its_name(capsys):
    assert main(["span-without-the-two"]) == 0
    out = capsys.readouterr().out
    assert "span-without-the-two" in out
    assert "1 false claims, 0 not refuted" in out


def test_a_claim_that_its_counterexample_does_not_violate_exits_with_1(monkeypatch, capsys):
    claim = Claim("true", "$1 \\le 1$", "here", lambda: Check(1, 1), "one", "nothing")
    monkeypatch.setitem(CLAIMS, claim.name, claim)
    assert main(["true", "--compact"]) == 1
    out = capsys.readouterr().out
    assert "NOT REFUTED" in out
    assert "true: its counterexample does not violate it" in out


def test_claims_follow_their_wing_and_have_a_kind_of_their_own(capsys):
    names = ["gain-change", "span-without-the-two", "--examples", "5"]
    assert main([*names, "--kind", "claim"]) == 0
    assert "gain-change" not in capsys.readouterr().out
    assert main([*names, "--kind", "deterministic"]) == 0
    assert "span-without-the-two" not in capsys.readouterr().out
    assert main([*names, "--wing", "average"]) == 0
    assert "span-without-the-two" in capsys.readouterr().out
    assert main([*names, "--wing", "planning"]) == 2


def test_the_slowest_theorems_are_printed(capsys):
    assert main(["greedy-loss", "bellman-shift", "--examples", "5", "--slowest", "1"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    start = next(i for i, words in enumerate(lines) if words[0] == "slowest")
    listed = [words[0] for words in lines[start + 1 :] if words[0] in ("greedy-loss", "bellman-shift")]
    assert len(listed) == 1


def test_an_attack_is_in_the_reports(tmp_path):
    html, numbers = tmp_path / "report.html", tmp_path / "report.json"
    options = ["--examples", "5", "--attack", "20", "--html", str(html), "--json", str(numbers)]
    assert main(["greedy-loss", *options]) == 0
    assert "tightness reached" in html.read_text(encoding="utf-8")
    assert json.loads(numbers.read_text())["attacks"][0]["evaluations"] <= 20


def test_remarks_are_reported_unless_theorems_are_named(tmp_path):
    html = tmp_path / "report.html"
    assert main(["--wing", "planning", "--kind", "claim", "--html", str(html)]) in (0, 2)
    assert main(["greedy-loss", "--examples", "5", "--html", str(html)]) == 0
    assert "What is not checked" not in html.read_text(encoding="utf-8")


def test_reports_are_written_even_about_failures(with_theorem, tmp_path):
    name = with_theorem(theorem("false", check=lambda x: Check(x, 7)))
    html, numbers = tmp_path / "report.html", tmp_path / "report.json"
    assert main([name, "--examples", "20", "--seed", "3", "--html", str(html), "--json", str(numbers)]) == 1
    assert "FAILS" in html.read_text(encoding="utf-8")
    document = json.loads(numbers.read_text())
    assert (document["seed"], document["failed"]) == (3, 1)


def test_filters_choose_theorems_of_a_wing_and_a_kind(capsys):
    assert (
        main(["greedy-loss", "kemeny-constant", "--examples", "5", "--wing", "planning", "--kind", "deterministic"])
        == 0
    )
    out = capsys.readouterr().out
    assert "greedy-loss" in out
    assert "kemeny-constant" not in out
    assert out.splitlines()[-1] == "1 passed, 0 failed"


def test_a_filter_that_leaves_nothing_exits_with_2(capsys):
    assert main(["greedy-loss", "--wing", "games"]) == 2
    assert main(["greedy-loss", "--kind", "in-expectation"]) == 2
    assert "no theorem is of that wing and kind" in capsys.readouterr().err


def test_an_unknown_wing_exits_with_2(capsys):
    assert main(["--wing", "flying"]) == 2
    assert "invalid choice: 'flying'" in capsys.readouterr().err


def test_every_theorem_is_in_one_wing():
    assert sorted(name for names in WINGS.values() for name in names) == sorted(THEOREMS)


def test_the_compact_table_goes_wing_by_wing(with_theorem, capsys):
    own = with_theorem(theorem("own"))
    assert main([own, "gain-change", "greedy-loss", "--examples", "50", "--compact"]) == 0
    lines = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    order = [lines.index(word) for word in ("planning", "greedy-loss", "average", "gain-change", "of", "own")]
    assert order == sorted(order)


def test_an_attack_prints_the_tightness_that_it_reached(capsys):
    assert main(["greedy-loss", "--examples", "5", "--attack", "40"]) == 0
    out = capsys.readouterr().out
    assert "tightness reached" in out
    assert out.splitlines()[-1] == "1 attacked, 0 violated"


def test_an_attack_that_finds_a_violation_exits_with_1(with_theorem, capsys):
    name = with_theorem(theorem("rarely-false", instances=st.integers(0, 10**4), check=lambda x: Check(x, 9000)))
    assert main([name, "--examples", "1", "--attack", "400"]) == 1
    out = capsys.readouterr().out
    assert "VIOLATED" in out
    assert out.splitlines()[-1] == "1 attacked, 1 violated"


def test_an_attack_without_a_budget_exits_with_2(capsys):
    assert main(["greedy-loss", "--attack", "1"]) == 2
    assert "--attack is 1; an attack needs at least 2 evaluations" in capsys.readouterr().err
