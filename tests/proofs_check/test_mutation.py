import importlib
import json
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import hypothesis.strategies as st
import pytest

from proofs_check import Check, Theorem, mutation, scaled
from proofs_check.evidence import Use, use_of
from proofs_check.mutants import functions_of
from proofs_check.mutation import Outcome, bound_modules, complaints, explained, main, mutate, try_mutants

SOURCE = '''
def attained(x):
    """Twice x.

    >>> attained(1.0)
    2.0
    """
    return 2 * x


def loose(x):
    return 5 * x


def told(x):
    """
    >>> told(1.0)
    2.0
    """
    return 2 * x


def tested(x):
    return 2 * x


def endless(x):
    while x >= 0.5:
        x -= 1
    return x
'''
TEST = """
import toy_bounds

def test_it_doubles():
    assert toy_bounds.tested(1.0) == 2.0
"""
NUMBERS = st.floats(0.5, 1.0)


def doubled(name, tight=True):
    """Claim that 2 x is at most a bound."""

    def check(x):
        return Check(2 * x, getattr(sys.modules["toy_bounds"], name)(x))

    attains = {"tight": lambda: check(1.0), "tight_ratio": 0.99} if tight else {}
    return Theorem(name, "2x", "here", "none", NUMBERS, check, scaled(check, rhs=0.3), **attains)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Put a module of bounds in place, with a theorem on each of two of its functions, and return its tests' folder."""
    (tmp_path / "toy_bounds.py").write_text(SOURCE)
    (tmp_path / "test_toy_bounds.py").write_text(TEST)
    monkeypatch.syspath_prepend(tmp_path)
    import toy_bounds  # noqa: F401

    theorems = {"attained": doubled("attained"), "loose": doubled("loose", tight=False)}
    for module in ("proofs_check.evidence", "proofs_check.mutation"):
        monkeypatch.setattr(f"{module}.THEOREMS", theorems)
    monkeypatch.setattr(mutation, "TESTS", tmp_path)
    monkeypatch.setattr(mutation, "_near", lambda module: tuple(theorems))
    yield tmp_path
    for name in ("toy_bounds", "test_toy_bounds"):
        sys.modules.pop(name, None)


def fate(toy, name, uses=()):
    return [(one.change, one.caught_by) for one in try_mutants(f"toy_bounds.{name}", uses, tests=toy)]


def test_theorems_are_observed_to_call_the_bounds(toy):
    use = use_of("attained", functions=["toy_bounds.attained", "toy_bounds.loose"], examples=5)
    assert use.functions == {"toy_bounds.attained"}
    assert use.tightness == pytest.approx(1)


def test_a_mutant_of_an_attained_bound_is_caught_and_one_of_a_loose_bound_survives(toy):
    outcomes = mutate(["toy_bounds"], examples=5, tests=toy)
    caught = {one.function.rpartition(".")[2]: one for one in outcomes if one.change.startswith(("2 *", "5 *"))}
    assert caught["attained"].caught_by == "tight instance of attained"
    assert caught["loose"].caught_by is None
    assert caught["loose"].theorems == ("loose",)
    assert caught["loose"].tightness == pytest.approx(0.4)


def test_a_theorem_without_a_tight_instance_catches_what_it_can(toy):
    mutation.THEOREMS["attained"] = doubled("attained", tight=False)
    assert fate(toy, "attained", [Use("attained", frozenset(), 1.0, 0.0)]) == [("2 * x -> 1 * x", "attained")]


def test_examples_and_tests_are_asked_last(toy):
    assert fate(toy, "told") == [("2 * x -> 1 * x", "examples")]
    assert fate(toy, "tested") == [("2 * x -> 1 * x", "tests")]


# What ends it may be raised in a callback of the garbage collector first, where it is lost, and then again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_mutant_that_never_ends_is_caught(toy, monkeypatch):
    monkeypatch.setattr("proofs_check.evidence._PATIENCE", 0.5)
    with (toy / "test_toy_bounds.py").open("a") as tests:
        tests.write("\n\ndef test_it_ends():\n    assert toy_bounds.endless(3.0) == 0\n")
    assert dict(fate(toy, "endless"))["x -= 1 -> x += 1"] == "tests"


def test_everything_is_as_before(toy):
    module = sys.modules["toy_bounds"]
    before = {name: value.__code__ for name, value in vars(module).items() if hasattr(value, "__code__")}
    mutate(["toy_bounds"], examples=5, tests=toy)
    assert before == {name: value.__code__ for name, value in vars(module).items() if hasattr(value, "__code__")}
    assert module.attained(1.0) == 2.0


def test_what_fails_without_any_mutant_shows_nothing(toy):
    mutation.THEOREMS["attained"] = doubled("missing")
    with pytest.raises(RuntimeError, match="without any mutant, this fails: tight instance of missing"):
        fate(toy, "attained", [Use("attained", frozenset(), 1.0, 0.0)])


def test_an_executor_gives_the_same(toy):
    with ThreadPoolExecutor(1) as one_thread:
        over = {one.key: one.caught_by for one in mutate(["toy_bounds"], examples=5, tests=toy, executor=one_thread)}
    assert over == {one.key: one.caught_by for one in mutate(["toy_bounds"], examples=5, tests=toy)}


def outcome(change, caught_by=None):
    return Outcome("toy.bounds.f", change, caught_by, (), 0.5, 0.0)


def test_a_survivor_must_be_explained_and_an_explained_one_must_survive():
    outcomes = [outcome("a -> b"), outcome("c -> d", "tests"), outcome("e -> f"), outcome("g -> h", "tests")]
    known = ["toy.bounds.f: a -> b", "toy.bounds.f: c -> d", "toy.bounds.f: i -> j", "other.bounds.f: a -> b"]
    assert complaints(outcomes, known) == [
        "survives, and is not explained: toy.bounds.f: e -> f",
        "is explained, but caught by tests: toy.bounds.f: c -> d",
        "is explained, but there is no such mutant: toy.bounds.f: i -> j",
    ]


def test_every_survivor_is_explained_once_and_in_words():
    import tomllib

    tables = tomllib.loads(mutation.EXPLAINED.read_text(encoding="utf-8"))["survivors"]
    keys = [key for table in tables for key in table["mutants"]]
    assert len(keys) == len(set(keys)) == len(explained())
    functions = {name for module in bound_modules() for name in functions_of(importlib.import_module(module))}
    assert {key.split(": ")[0] for key in keys} <= functions
    assert all(table["reason"] for table in tables)


def test_the_command_prints_a_table_and_writes_all_outcomes(toy, capsys):
    status = main(["toy_bounds", "--json", str(toy / "out.json")])
    rows = json.loads((toy / "out.json").read_text())
    printed = capsys.readouterr().out
    assert status == 1
    assert "survives, and is not explained: toy_bounds.loose: 5 * x -> 2.5 * x" in printed
    assert {row["change"] for row in rows} >= {"2 * x -> 1 * x", "5 * x -> 2.5 * x"}
    assert "Traceback" not in printed


@pytest.mark.parametrize("wrong", [["rltheory.nowhere.bounds"], ["--wing", "nowhere"], ["--jobs", "0"]])
def test_what_cannot_be_done_is_refused(wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(wrong)
    assert wrong[-1].lstrip("0") in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("wing", sorted({name.split(".")[1] for name in bound_modules()})[::6])
def test_a_wrong_constant_or_sign_in_a_bound_is_noticed(wing):
    """Of one bound in eight of one wing in six, for want of time; the command tries all.

    Elsewhere, in a process of its own: a mutant takes the place of the bound for all that runs beside it.
    """
    modules = [name for name in bound_modules() if name.split(".")[1] == wing]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        outcomes = mutate(modules, every=8, executor=elsewhere)
    assert complaints(outcomes, explained()) == []
