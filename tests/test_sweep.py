"""A sweep gives the same rows on any executor, and loses none when it is killed."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rltheory import ModelError
from rltheory.sweep import rows_of, sweep

ROOT = Path(__file__).resolve().parents[1]
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
POINTS = [{"n": n, "scale": scale} for n in (3, 5) for scale in (1.0, 0.1)]

STUDY = """
import json, sys, time
import numpy as np
from rltheory.sweep import sweep

def walk(n, rng, seconds=0.0):
    time.sleep(seconds)
    return {"end": np.random.default_rng(rng).normal(size=n).sum()}
"""


def walk(n, scale, rng):
    steps = scale * np.random.default_rng(rng).normal(size=n)
    return {"end": steps.sum(), "path": steps, "longest": np.abs(steps).argmax()}


def sometimes_fails(n, rng):
    if n == 2 and rng == 1:
        raise ArithmeticError("too unlucky")
    return n * rng


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_give_the_rows_that_one_loop_gives(workers, tmp_path):
    alone = sweep(walk, POINTS, 3)
    with ProcessPoolExecutor(workers) as executor:
        assert sweep(walk, POINTS, 3, executor=executor, file=tmp_path / "rows.jsonl") == alone
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 12


def test_a_row_is_had_again_from_its_point_and_its_seed():
    row = sweep(walk, POINTS, [7, 11])[3]
    assert (row["point"], row["seed"]) == (POINTS[1], 11)
    assert row["result"]["end"] == walk(**row["point"], rng=11)["end"]
    assert rows_of([row])[0]["seed"] == 11


def test_floats_survive_the_file_to_the_last_bit(tmp_path):
    fresh = sweep(walk, POINTS, 2, file=tmp_path / "rows.jsonl")
    assert sweep(walk, POINTS, 2, file=tmp_path / "rows.jsonl") == fresh
    assert sweep(walk, POINTS, 2) == fresh


def test_only_what_is_missing_is_computed(tmp_path):
    seen = []

    def counted(n, rng):
        seen.append((n, rng))
        return n

    file = tmp_path / "rows.jsonl"
    sweep(counted, [{"n": 1}], 2, file=file)
    sweep(counted, [{"n": 1}, {"n": 2}], 3, file=file)
    assert seen == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]


def test_the_order_in_which_a_point_is_written_does_not_matter(tmp_path):
    file = tmp_path / "rows.jsonl"
    sweep(walk, [{"n": 3, "scale": 1.0}], 1, file=file)
    sweep(walk, [{"scale": 1.0, "n": 3}], 1, file=file)
    assert file.read_bytes().count(b"\n") == 1


def test_a_line_that_was_cut_off_is_computed_again(tmp_path):
    file = tmp_path / "rows.jsonl"
    whole = sweep(walk, POINTS, 2, file=file)
    text = file.read_bytes()
    for end in (len(text) - 1, len(text) - 20, text.rstrip().rfind(b"\n") + 1, 5, 0):
        file.write_bytes(text[:end])
        assert sweep(walk, POINTS, 2, file=file) == whole
        assert sorted(file.read_bytes().splitlines()) == sorted(text.splitlines())


def test_a_killed_sweep_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    file, script = tmp_path / "rows.jsonl", tmp_path / "study.py"
    points = "[{'n': n, 'seconds': 0.1} for n in range(1, 9)]"
    script.write_text(STUDY + f"print(json.dumps(sweep(walk, {points}, 2, file=sys.argv[1])))")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = subprocess.Popen([sys.executable, script, file], env=environment)
    while not file.exists() or file.read_bytes().count(b"\n") < 3:
        assert begun.poll() is None
        time.sleep(0.01)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    before = file.read_bytes()
    assert before.count(b"\n") < 16

    ended = subprocess.run([sys.executable, script, file], env=environment, capture_output=True, check=True)

    assert file.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    assert json.loads(ended.stdout) == sweep(
        lambda n, seconds, rng: {"end": np.random.default_rng(rng).normal(size=n).sum()},
        [{"n": n, "seconds": 0.1} for n in range(1, 9)],
        2,
    )


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(2)], ids=["loop", "threads"])
def test_a_failed_call_is_named_and_the_others_are_kept(executor, tmp_path):
    file = tmp_path / "rows.jsonl"
    with pytest.raises(ExceptionGroup, match=r"1 of 6 calls of .*sometimes_fails failed") as caught:
        sweep(sometimes_fails, [{"n": n} for n in (1, 2, 3)], 2, file=file, executor=executor)
    assert caught.value.exceptions[0].__notes__ == ['in the call {"point": {"n": 2}, "seed": 1}']
    assert len(file.read_text().splitlines()) == 5


def test_progress_counts_the_rows():
    told = []
    sweep(sometimes_fails, [{"n": 3}], 3, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_file_of_another_function_is_refused(tmp_path):
    file = tmp_path / "rows.jsonl"
    sweep(sometimes_fails, [{"n": 3}], 1, file=file)
    with pytest.raises(ModelError, match=r"is of .*sometimes_fails, not of .*walk; choose another file"):
        sweep(partial(walk, scale=1.0), [{"n": 3}], 1, file=file)
    file.write_text("regret,4\n")
    with pytest.raises(ModelError, match=r"line 1 of .* is not a row of a sweep"):
        sweep(walk, POINTS, 1, file=file)


@pytest.mark.parametrize(
    ("points", "seeds", "message"),
    [
        ([{"n": 1}, {"n": 1}], 1, "asked for twice"),
        ([{"n": object()}], 1, "a point cannot be written as JSON: object is no number"),
        ([{"n": 1}], [0.5], "a seed is 0.5; seeds are whole numbers"),
    ],
    ids=["twice", "object", "half"],
)
def test_what_cannot_be_told_apart_or_written_is_refused(points, seeds, message):
    with pytest.raises(ModelError, match=message):
        sweep(sometimes_fails, points, seeds)


@pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None,
    reason="needs mpi4py and mpiexec: pip install rltheory[mpi]",
)
@pytest.mark.slow
def test_ranks_of_mpi_give_the_rows_that_one_loop_gives(tmp_path):
    script = tmp_path / "study.py"
    script.write_text(
        STUDY
        + """
if __name__ == "__main__":
    from mpi4py.futures import MPIPoolExecutor
    points = [{"n": n} for n in range(1, 5)]
    with MPIPoolExecutor() as executor:
        print(json.dumps([sweep(walk, points, 2, executor=executor), sweep(walk, points, 2)]))
"""
    )
    command = [MPIEXEC, "-n", "3", sys.executable, "-m", "mpi4py.futures", script]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True, timeout=120
    )
    ours, alone = json.loads(done.stdout)
    assert ours == alone


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs Dask: pip install rltheory[dask]")
@pytest.mark.slow
def test_dask_gives_the_rows_that_one_loop_gives():
    from distributed import Client

    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        assert sweep(walk, POINTS, 2, executor=client.get_executor()) == sweep(walk, POINTS, 2)
