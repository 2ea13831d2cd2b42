"""Theorems that are verified by other processes come out as they do in this one."""

import importlib.util
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from proofs_check import THEOREMS, rows, verify, verify_all
from proofs_check.__main__ import main

NAMES = ("greedy-loss", "bellman-shift", "stock-optimum", "cvar-optimum", "robust-tv-duality")


def test_the_outcome_is_the_same_to_the_last_word():
    theorems = [THEOREMS[name] for name in NAMES]
    with ProcessPoolExecutor(2) as executor:
        found = list(verify_all(theorems, examples=20, seed=3, executor=executor))
    alone = [verify(theorem, examples=20, rng=3) for theorem in theorems]
    assert [one.theorem.name for one in found] == list(NAMES)
    assert untimed(found) == untimed(alone)


def untimed(verifications):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows.to_rows(verifications)]


def test_the_outcome_is_the_same_on_threads_and_without_an_executor():
    theorems = [THEOREMS[name] for name in NAMES[:3]]
    with ThreadPoolExecutor(1) as executor:
        found = list(verify_all(theorems, examples=20, executor=executor))
    assert untimed(found) == untimed(verify_all(theorems, examples=20))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs the extra dask")
def test_the_outcome_is_the_same_on_two_workers_of_dask():
    from distributed import Client, LocalCluster

    theorems = [THEOREMS[name] for name in NAMES]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:
        found = list(verify_all(theorems, examples=20, seed=3, executor=client.get_executor()))
    assert untimed(found) == untimed(verify(theorem, examples=20, rng=3) for theorem in theorems)


def test_a_run_that_is_given_up_cancels_what_waits():
    with ProcessPoolExecutor(1) as executor:
        outcomes = verify_all([THEOREMS[name] for name in NAMES], examples=20, executor=executor)
        assert next(outcomes).passed
        outcomes.close()


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


def test_what_is_drawn_does_not_depend_on_the_code_that_is_loaded(tmp_path, monkeypatch):
    before = verify("greedy-loss", examples=60, rng=7).checks
    (tmp_path / "crowded.py").write_text("\n".join(f"x{i} = {i}.{i}e-3, {i}" for i in range(300, 500)))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("crowded")
    assert verify("greedy-loss", examples=60, rng=7).checks == before
