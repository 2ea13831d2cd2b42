"""Theorems that are verified by other processes come out as they do in this one."""

from concurrent.futures import ProcessPoolExecutor

import pytest

from proofs_check import THEOREMS, report, verify
from proofs_check.__main__ import main
from proofs_check.parallel import verify_all

NAMES = ("greedy-loss", "bellman-shift", "stock-optimum", "cvar-optimum", "robust-tv-duality")


def test_the_outcome_is_the_same_to_the_last_word():
    theorems = [THEOREMS[name] for name in NAMES]
    with ProcessPoolExecutor(2) as executor:
        found = list(verify_all(theorems, examples=20, seed=3, executor=executor))
    alone = [verify(theorem, examples=20, rng=3) for theorem in theorems]
    assert [one.theorem.name for one in found] == list(NAMES)
    assert report.to_rows(found[:2]) == report.to_rows(alone[:2])
    for one, other in zip(found, alone, strict=True):  # functions are told by their address
        assert one.checks == other.checks
        assert one.verdict is other.verdict
        assert one.refutation.check == other.refutation.check


def test_the_command_takes_a_number_of_processes(capsys):
    assert main(["greedy-loss", "bellman-shift", "--examples", "5", "--jobs", "2"]) == 0
    assert "2 passed, 0 failed" in capsys.readouterr().out
    assert main(["greedy-loss", "--jobs", "0"]) == 2
    assert "--jobs is 0; at least one process is needed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["stock-conventions", "nested-cvar-no-order"])
def test_what_refutes_a_false_variant_is_told_in_words(name):
    with ProcessPoolExecutor(1) as executor:
        (found,) = verify_all([THEOREMS[name]], examples=10, seed=0, executor=executor)
    assert found.passed
    assert found.refutation.in_words().startswith("lhs = ")
