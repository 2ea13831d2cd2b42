"""The measuring itself, on tiny models."""

import os
import time

import numpy as np
import pytest

from benchmarks import problems, reference, run, worker
from benchmarks.peers import SOLVERS, UnfitError
from benchmarks.worker import Skipped, Worker


@pytest.mark.parametrize(("needed", "found"), [(1.0, 1e-2), (2e-4, 1e-4), (5e-4, 10**-3.5), (1.5e-9, 1e-9)])
def test_the_loosest_tolerance_that_is_accurate_enough_is_found(needed, found):
    assert run.loosest(lambda tol: 1e-6 * tol / needed) == pytest.approx(found)


def test_a_solver_that_is_never_accurate_is_given_up():
    asked = []
    with pytest.raises(Skipped, match=r"not within 1e-06 at any tolerance: the error stays at 0\.5"):
        run.loosest(lambda tol: asked.append(tol) or 0.5)
    assert len(asked) == 4


@pytest.mark.parametrize("solver", ["rltheory", "quantecon_mpi", "quantecon_pi"])
@pytest.mark.parametrize("branching", [5, 60], ids=["sparse", "dense"])
def test_solvers_find_the_optimum(solver, branching):
    mdp = problems.garnet(60, 3, branching, gamma=0.95)
    value = SOLVERS[solver](mdp)(1e-8).value()
    lower, upper = reference.bracket(mdp, value)
    assert (upper - lower).max() < 1e-6


@pytest.mark.parametrize("solver", ["mdpsolver_mpi", "storm_discounted", "storm_ovi", "mdptoolbox_pi"])
def test_optional_peers_find_the_optimum_each_time_they_are_asked(solver):
    pytest.importorskip(
        {"mdpsolver": "mdpsolver", "storm": "stormpy.environments", "mdptoolbox": "mdptoolbox"}[solver.split("_")[0]],
        reason="a peer that is not installed: pip install 'rltheory[bench]'",
    )
    mdp = problems.garnet(60, 3, 5, gamma=0.95)
    solve = SOLVERS[solver](mdp)
    for tol in (1e-8, 1e-2, 1e-8):
        value = solve(tol).value()
    lower, upper = reference.bracket(mdp, value)
    assert (upper - lower).max() < 1e-6


def test_a_model_that_a_peer_cannot_take_is_refused_with_the_reason():
    pytest.importorskip("mdptoolbox", reason="a peer that is not installed: pip install 'rltheory[bench]'")
    with pytest.raises(UnfitError, match="dense matrix of each policy, here with 1e\\+08 entries"):
        SOLVERS["mdptoolbox_pi"](problems.river_swim(10_000, gamma=0.9))


def test_a_model_comes_out_of_its_file_as_it_went_in(tmp_path):
    mdp = problems.garnet(20, 3, 4, gamma=0.9)
    worker.write_task(tmp_path, mdp, np.zeros(20), np.ones(20))
    read = worker.read_model(tmp_path)
    np.testing.assert_array_equal(read.P.toarray(), mdp.P.toarray())
    np.testing.assert_array_equal(read.r, mdp.r)
    assert read.gamma == mdp.gamma


def test_children_get_the_threads_and_the_parent_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert worker.in_child(os.getenv, "NUMBA_NUM_THREADS", threads=2) == "2"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NUMBA_NUM_THREADS" not in os.environ


@pytest.fixture
def task(tmp_path):
    """Return a folder with a model of 50 states and its optimum."""
    mdp = problems.garnet(50, 3, 5, gamma=0.95)
    value = SOLVERS["quantecon_pi"](mdp)(1e-8).value()
    worker.write_task(tmp_path, mdp, *reference.bracket(mdp, value))
    return tmp_path


def test_a_worker_solves_within_its_tolerance(task):
    with Worker("rltheory", task, threads=1, patience=300) as ours:
        done = ours.solve(1e-6, limit=60)
    assert done.error <= 1e-6
    assert 0 < done.seconds < 60
    assert "policy iteration" in done.note


def test_a_worker_that_takes_too_long_is_ended(tmp_path):
    slow = problems.river_swim(3000, gamma=0.9999)
    worker.write_task(tmp_path, slow, np.zeros(3000), np.full(3000, 1e4))
    with Worker("quantecon_mpi", tmp_path, threads=1, patience=300) as peer:
        began = time.monotonic()
        with pytest.raises(Skipped, match=r"> 0\.05 s"):
            peer.solve(1e-10, limit=0.05)
        assert time.monotonic() - began < 5


def test_what_goes_wrong_in_a_worker_becomes_its_reason(task):
    with pytest.raises(Skipped, match="KeyError: 'nonesuch'"):
        Worker("nonesuch", task, threads=1, patience=300)


def test_a_tiny_run_measures_ours_and_quantecon_to_the_same_error():
    task, measured = run.measure("tiny", ["quantecon_mpi", "quantecon_pi"], threads=(1,), pairs=2, limit=60)
    ours, *peers = measured
    assert task.n_states == 50
    assert task.reference_width < 1e-8
    assert [m.solver for m in measured] == ["rltheory", "quantecon_mpi", "quantecon_pi"]
    assert all(m.error <= run.ERROR and len(m.seconds) >= 2 for m in measured)
    assert all(m.ratio(1) > 0 for m in peers)
    assert np.isnan(ours.ratio(1))
    assert ours.input_bytes == 12 * task.nnz + 12 * 150 + 8 * 50


def test_after_the_deadline_no_peer_is_begun():
    _, measured = run.measure("tiny", ["quantecon_mpi"], threads=(1,), pairs=1, limit=60, deadline=time.monotonic())
    assert [m.note for m in measured[1:]] == ["no time was left"]
    assert len(measured[0].seconds) == 1
