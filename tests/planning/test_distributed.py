"""Value iteration in parts: the same bits on any number of ranks, over any interruption, and never a hang.

Ranks are threads here, which need no MPI; the last tests start processes with ``mpiexec`` where there is one.
"""

import importlib.util
import pickle
import shutil
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from rltheory import ConvergenceWarning, CriterionError, ModelError, Status, value_iteration
from rltheory.planning import _checkpoint
from rltheory.planning.distributed import distributed_value_iteration, world
from rltheory.planning.row_blocks import RowBlock, build_block, memory_per_rank, split

ROOT = Path(__file__).resolve().parents[2]
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
needs_mpi = pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None,
    reason="needs mpi4py and mpiexec: pip install rltheory[mpi]",
)


class Member:
    """One of several threads, with the words of `rltheory.planning._ranks.Communicator`."""

    def __init__(self, rank, slots, barrier):
        self.rank, self.size = rank, len(slots)
        self._slots, self._barrier = slots, barrier

    def share(self, item):
        self._slots[self.rank] = pickle.dumps(item)
        self._barrier.wait(timeout=60)
        told = [pickle.loads(item) for item in self._slots]
        self._barrier.wait(timeout=60)
        return told

    def join(self, part, whole, sizes):
        parts = self.share(part)
        assert [part.size for part in parts] == sizes
        whole[:] = np.concatenate(parts)

    def largest(self, numbers):
        return tuple(max(column) for column in zip(*self.share(numbers), strict=True))

    def spread(self, array):
        array[:] = self.share(array)[0]

    def abort(self):
        self._barrier.abort()


def on_threads(size, work):
    """Return what ``work(comm)`` returns on each of so many ranks, or the exception that it raises."""
    slots, barrier = [None] * size, threading.Barrier(size)
    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(work, Member(rank, slots, barrier)) for rank in range(size)]
        return [future.exception() or future.result() for future in futures]


def bits(solution):
    """Return every number of a solution, as bytes."""
    fields = (solution.value, solution.policy, solution.lower, solution.upper, solution.history)
    return [field.tobytes() for field in fields] + [solution.status]


def rows_of(mdp):
    """Return the function that builds the rows of some states, as a user with a model larger than a machine has it."""

    def build(first, last):
        pairs = slice(mdp.pair_start[first], mdp.pair_start[last])
        return mdp.P[pairs], mdp.r[pairs], mdp.pair_start[first : last + 1] - mdp.pair_start[first]

    return build


@given(discounted_mdps(), st.integers(1, 4))
def test_any_number_of_ranks_gives_the_bits_of_value_iteration(mdp, size):
    alone = value_iteration(mdp, tol=1e-6)
    size = min(size, mdp.n_states)
    for solution in on_threads(size, lambda comm: distributed_value_iteration(split(mdp, comm), comm, tol=1e-6)):
        assert bits(solution) == bits(alone)


def test_one_process_without_a_communicator_gives_the_bits_of_value_iteration():
    mdp = mdps.garnet(300, 3, 4, rng=0, gamma=0.99)
    assert bits(distributed_value_iteration(split(mdp))) == bits(value_iteration(mdp))


@given(discounted_mdps(), st.integers(1, 4))
def test_the_blocks_are_the_model_in_order(mdp, size):
    size = min(size, mdp.n_states)
    for blocks in (
        on_threads(size, lambda comm: split(mdp, comm)),
        on_threads(size, lambda comm: build_block(rows_of(mdp), mdp.n_states, mdp.gamma, comm)),
    ):
        assert [block.first for block in blocks[1:]] + [mdp.n_states] == [block.last for block in blocks]
        assert np.array_equal(np.concatenate([block.P.toarray() for block in blocks]), mdp.P.toarray())
        assert np.array_equal(np.concatenate([block.r for block in blocks]), mdp.r)


def triangle(n):
    """Return the function that builds a model whose state s has s + 1 successors: half the work is in few states."""
    from scipy.sparse import csr_array

    def build(first, last):
        counts = np.arange(first, last) + 1
        offsets = np.concatenate([[0], np.cumsum(counts)])
        columns = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        P = csr_array((np.repeat(1 / counts, counts), columns, offsets), shape=(last - first, n))
        return P, np.ones(last - first), np.arange(last - first + 1)

    return build


def test_ranks_get_nearly_equal_numbers_of_transitions_not_of_states():
    blocks = on_threads(4, lambda comm: build_block(triangle(1000), 1000, 0.9, comm))
    share = 1000 * 1001 / 2 / 4
    assert all(abs(block.P.nnz - share) <= 0.02 * share for block in blocks)
    assert blocks[0].last - blocks[0].first > 3 * (blocks[3].last - blocks[3].first)


def test_the_caller_may_say_where_to_cut():
    blocks = on_threads(2, lambda comm: build_block(triangle(10), 10, 0.9, comm, boundaries=[0, 9, 10]))
    assert [(block.first, block.last) for block in blocks] == [(0, 9), (9, 10)]


def test_cuts_that_leave_a_rank_without_states_are_refused():
    with pytest.raises(ModelError, match=r"boundaries are \[0, 0\]; 2 increasing numbers from 0 to 10"):
        build_block(triangle(10), 10, 0.9, boundaries=[0, 0])


def test_a_part_that_would_not_fit_is_refused_before_it_is_built():
    asked = []

    def build(first, last):
        asked.append(last - first)
        return triangle(1000)(first, last)

    with pytest.raises(MemoryError, match=r"about 0\.00612 GB are needed for 1,000 states with 500,\d+ transitions"):
        build_block(build, 1000, 0.9, available=6_000_000)
    assert max(asked) == 1


def test_a_part_that_does_not_fit_on_one_rank_is_refused_on_all():
    build = partial(build_block, triangle(1000), 1000, 0.9)
    refusals = on_threads(2, lambda comm: build(comm, available=None if comm.rank == 0 else 1000))
    assert all(isinstance(refusal, MemoryError) for refusal in refusals)
    assert all("rank 1 of 2 could not take its part" in str(refusal) for refusal in refusals)


def test_the_estimate_of_memory_is_kept():
    mdp = mdps.garnet(100_000, 3, 5, rng=0, gamma=0.5)
    block = split(mdp)
    distributed_value_iteration(block, tol=1e-3)  # compiles
    tracemalloc.start()
    distributed_value_iteration(block, tol=1e-3)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    estimate = memory_per_rank(mdp.n_states, mdp.n_states, mdp.n_pairs, mdp.P.nnz)
    assert 0.9 <= (used + 12 * (mdp.P.nnz + mdp.n_pairs)) / estimate <= 1


def test_a_failure_to_build_on_one_rank_is_the_same_error_on_all():
    def build(first, last):
        if last == 1000 and first < 999:
            raise KeyError("a table is missing")
        return triangle(1000)(first, last)

    errors = on_threads(3, lambda comm: build_block(build, 1000, 0.9, comm))
    assert all(isinstance(error, RuntimeError) for error in errors)
    assert all("rank 2 of 3 could not build its rows: 'a table is missing'" in str(error) for error in errors)


def test_a_bad_row_is_named_with_its_block():
    with pytest.raises(ModelError, match=r"begins with state 4, counted from there: state 1, action 0 .* sums to 0\.5"):
        RowBlock(np.eye(6)[4:] * [[1.0], [0.5]], [0, 0], 0.9, [0, 1, 2], first=4)


@pytest.mark.parametrize("first", [-1, 5])
def test_a_block_outside_the_model_is_refused(first):
    with pytest.raises(ModelError, match=r"those of P are 0\.\.5"):
        RowBlock(np.eye(6)[4:], [0, 0], 0.9, [0, 1, 2], first=first)


def test_a_build_that_returns_other_states_is_refused():
    with pytest.raises(ModelError, match=r"build\(0, 10\) returned states 0\.\.9 of 20; those up to 9 of 10"):
        build_block(triangle(20), 10, 0.9)


def test_more_ranks_than_states_are_refused():
    mdp = mdps.river_swim(2)
    assert all("2 states cannot be shared by 3 ranks" in str(e) for e in on_threads(3, lambda comm: split(mdp, comm)))


def test_blocks_that_do_not_follow_one_another_are_refused():
    with pytest.raises(ModelError, match=r"rank 0 of 1 holds states 4\.\.5 of 6, and the ranks before it end at -1"):
        distributed_value_iteration(RowBlock(np.eye(6)[4:], [0, 0], 0.9, [0, 1, 2], first=4))


def test_ranks_that_ask_for_different_things_are_refused():
    block = split(mdps.river_swim(6, gamma=0.9))
    errors = on_threads(2, lambda comm: distributed_value_iteration(block, comm, tol=[1e-3, 1e-6][comm.rank]))
    assert all("rank 0 has (6, 0.9, 0.001, None, None), rank 1 has (6, 0.9, 1e-06" in str(error) for error in errors)


@pytest.mark.parametrize("option", ["tol", "max_sweeps", "checkpoint_every"])
def test_options_that_are_not_positive_are_refused(option, tmp_path):
    with pytest.raises(ModelError, match=f"{option} is 0"):
        distributed_value_iteration(split(mdps.river_swim(6)), checkpoint=tmp_path / "c.npz", **{option: 0})


def test_a_model_without_discount_is_refused_on_every_rank():
    mdp = mdps.river_swim(6, gamma=1.0)
    errors = on_threads(2, lambda comm: distributed_value_iteration(split(mdp, comm), comm))
    assert all(isinstance(error, CriterionError) for error in errors)


def test_a_limit_that_comes_first_is_told():
    mdp = mdps.river_swim(6, gamma=0.99)
    with pytest.warns(ConvergenceWarning, match="raise the limit"):
        solution = distributed_value_iteration(split(mdp), tol=1e-6, max_sweeps=5)
    assert (solution.status, solution.iterations) == (Status.LIMIT_REACHED, 5)


def test_a_failure_during_the_sweeps_ends_all_ranks_and_says_why(capsys):
    mdp = mdps.river_swim(6, gamma=0.99)

    def fail(sweeps, width):
        if sweeps == 3:
            raise RuntimeError("the third sweep is unlucky")

    def work(comm):
        return distributed_value_iteration(split(mdp, comm), comm, progress=fail if comm.rank == 1 else None)

    errors = on_threads(2, work)
    assert isinstance(errors[1], RuntimeError)
    assert isinstance(errors[0], threading.BrokenBarrierError)
    assert "rank 1 of 2 failed and ends the others" in capsys.readouterr().err


def interrupted(mdp, path, sweeps=25, every=10):
    with pytest.warns(ConvergenceWarning):
        distributed_value_iteration(split(mdp), checkpoint=path, checkpoint_every=every, max_sweeps=sweeps)


def test_an_interrupted_computation_goes_on_to_the_same_bits(tmp_path):
    mdp, path, seen = mdps.river_swim(30, gamma=0.99), tmp_path / "river.npz", []
    interrupted(mdp, path)
    solution = distributed_value_iteration(split(mdp), checkpoint=path, progress=lambda k, width: seen.append(k))
    assert seen[0] == 21
    assert bits(solution) == bits(value_iteration(mdp))


def test_it_goes_on_with_another_number_of_ranks_and_another_tolerance(tmp_path):
    mdp, path = mdps.river_swim(30, gamma=0.99), tmp_path / "river.npz"
    interrupted(mdp, path)
    alone = value_iteration(mdp, tol=1e-4)
    goes_on = partial(distributed_value_iteration, tol=1e-4, checkpoint=path)
    assert all(bits(got) == bits(alone) for got in on_threads(3, lambda comm: goes_on(split(mdp, comm), comm)))


def with_two_probabilities_exchanged(mdp):
    P = mdp.P.copy()
    entries = slice(P.indptr[3], P.indptr[4])
    P.data[entries] = P.data[entries][::-1]
    return mdp.replace(P=P)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda mdp: mdp.replace(gamma=0.9), r"gamma is 0\.99 there and 0\.9 here"),
        (lambda mdp: mdp.replace(r=np.nextafter(mdp.r, 2)), r"checksum is \d+ there"),
        (with_two_probabilities_exchanged, r"checksum is \d+ there"),
        (lambda mdp: mdps.river_swim(31, gamma=0.99), r"n_states is 30 there and 31 here"),
    ],
)
def test_a_checkpoint_of_another_model_is_refused_with_the_reason(tmp_path, change, reason):
    mdp, path = mdps.river_swim(30, gamma=0.99), tmp_path / "river.npz"
    interrupted(mdp, path)
    with pytest.raises(ModelError, match=f"another model: .*{reason}"):
        distributed_value_iteration(split(change(mdp)), checkpoint=path)


def test_a_damaged_checkpoint_is_refused_on_every_rank(tmp_path):
    mdp, path = mdps.river_swim(30, gamma=0.99), tmp_path / "river.npz"
    interrupted(mdp, path)
    path.write_bytes(path.read_bytes()[:200])
    errors = on_threads(2, lambda comm: distributed_value_iteration(split(mdp, comm), comm, checkpoint=path))
    assert all(isinstance(error, ModelError) for error in errors)
    assert all("is not a readable checkpoint" in str(error) for error in errors)


def test_a_file_of_another_kind_is_not_taken_for_a_checkpoint(tmp_path):
    np.savez(tmp_path / "other.npz", v=np.zeros(6))
    with pytest.raises(ModelError, match="is not a checkpoint of this version"):
        distributed_value_iteration(split(mdps.river_swim(6)), checkpoint=tmp_path / "other.npz")


def test_a_crash_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    mdp, path = mdps.river_swim(30, gamma=0.99), tmp_path / "river.npz"
    interrupted(mdp, path)

    def disk_is_full(file, **arrays):
        file.write(b"half")
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(_checkpoint.np, "savez", disk_is_full)
        with pytest.raises(OSError, match="no space left"):
            distributed_value_iteration(split(mdp), checkpoint=path, checkpoint_every=10)
    assert bits(distributed_value_iteration(split(mdp), checkpoint=path)) == bits(value_iteration(mdp))


def test_a_missing_mpi_is_told_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", None)
    with pytest.raises(ImportError, match=r"pip install rltheory\[mpi\]"):
        world()


def test_mpi_is_imported_only_when_it_is_used():
    script = "import rltheory.planning.distributed, sys; sys.exit('mpi4py' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


SCRIPT = """
import os, signal, sys
import numpy as np
import mdps
from rltheory.planning import distributed

comm, fate = distributed.world(), sys.argv[1]
river = mdps.river_swim(300, gamma=0.999)

def progress(sweeps, width):
    if sweeps == 20 and comm.rank == 1 and fate == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if sweeps == 20 and comm.rank == 1 and fate == "failing":
        raise ValueError("rank 1 has no luck")

def build(first, last):
    if comm.rank == 1 and fate == "unable":
        raise ValueError("rank 1 cannot build")
    pairs = slice(river.pair_start[first], river.pair_start[last])
    return river.P[pairs], river.r[pairs], river.pair_start[first:last + 1] - river.pair_start[first]

block = distributed.build_block(build, 300, 0.999, comm)
solution = distributed.distributed_value_iteration(block, comm, tol=1e-6, progress=progress)
if fate == "well":
    np.savez(f"{sys.argv[2]}/{comm.size}-{comm.rank}.npz", **{
        name: getattr(solution, name) for name in ("value", "policy", "lower", "upper", "history")
    })
"""


def run_ranks(size, *arguments):
    """Run the script on so many processes; a command that hangs is an error."""
    command = [MPIEXEC, "-n", str(size), sys.executable, "-c", SCRIPT, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@needs_mpi
def test_one_and_two_processes_give_the_bits_of_value_iteration(tmp_path):
    alone = value_iteration(mdps.river_swim(300, gamma=0.999), tol=1e-6)
    for size in (1, 2):
        done = run_ranks(size, "well", tmp_path)
        assert done.returncode == 0, done.stderr
    files = sorted(tmp_path.glob("*.npz"))
    assert [file.stem for file in files] == ["1-0", "2-0", "2-1"]
    for file in files:
        answer = np.load(file)
        assert all(answer[name].tobytes() == getattr(alone, name).tobytes() for name in answer.files)


@needs_mpi
@pytest.mark.parametrize(
    ("fate", "word"), [("killed", ""), ("failing", "rank 1 has no luck"), ("unable", "rank 1 cannot build")]
)
def test_a_rank_that_is_lost_ends_the_whole_command_with_an_error(fate, word):
    done = run_ranks(2, fate)
    assert done.returncode != 0
    assert word in done.stdout + done.stderr
