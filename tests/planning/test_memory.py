"""What does not fit is refused before it is tried; what fits, by the system and by its control groups, is not."""

import numpy as np
import pytest

import mdps
from rltheory import backward_induction, evaluate_policy, linear_program, planning
from rltheory.planning import memory
from rltheory.planning.memory import available_memory, require_memory

GB = 10**9


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Return a function that writes the files in which a system tells of its memory."""
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "groups")

    def write(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    write("meminfo", "MemTotal: 16000000 kB\nMemFree: 1000 kB\nMemAvailable: 8000000 kB\n")
    return write


def test_what_is_available_is_what_the_kernel_says(system):
    assert available_memory() == 8_000_000 * 1024


def test_a_control_group_may_leave_less_and_its_file_cache_counts_as_free(system):
    system("cgroup", "0::/batch/job7\n")
    system("groups/batch/job7/memory.max", "max\n")
    system("groups/batch/job7/memory.current", "5\n")
    system("groups/batch/memory.max", f"{4 * GB}\n")
    system("groups/batch/memory.current", f"{3 * GB}\n")
    system("groups/batch/memory.stat", f"anon 7\ninactive_file {GB}\n")
    assert available_memory() == 2 * GB


def test_groups_of_the_first_version_count_too(system):
    system("cgroup", "3:cpu:/x\n4:memory:/docker/abc\n0::/\n")
    system("groups/memory/memory.limit_in_bytes", f"{GB}\n")
    system("groups/memory/memory.usage_in_bytes", f"{GB // 4}\n")
    system("groups/memory/memory.stat", "total_inactive_file 0\n")
    assert available_memory() == GB - GB // 4


def test_a_group_without_a_limit_changes_nothing(system):
    system("cgroup", "0::/\n")
    system("groups/memory.max", "max\n")
    system("groups/memory.current", "5\n")
    system("groups/memory.stat", "inactive_file 0\n")
    assert available_memory() == 8_000_000 * 1024


def test_the_refusal_has_the_estimate_and_what_there_is(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 2 * GB)
    require_memory(2 * GB, "what just fits")
    with pytest.raises(MemoryError, match=r"^about 3 GB are needed for a table, and 2 GB are available: halve it$"):
        require_memory(3 * GB, "a table", remedy="halve it")


def test_where_the_system_does_not_say_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    require_memory(1e30, "anything")


WALK = mdps.random_walk(3000)
RIVER = mdps.river_swim(6, gamma=0.9)


@pytest.mark.parametrize(
    ("solve", "what"),
    [
        (lambda: planning.maximal_reachability(WALK, 3001), "the graph of 3,002 states with 6,002 transitions"),
        (lambda: planning.minimal_reachability(WALK, 3001), "the graph of 3,002 states"),
        (lambda: planning.shortest_path(WALK), "the graph of 3,002 states"),
        (lambda: linear_program(RIVER), "the linear program of 6 states with 22 transitions"),
        (lambda: planning.average_linear_program(RIVER), "the linear program of 6 states"),
        (lambda: planning.constrained(RIVER, np.ones(12), 10.0), "the linear program of 6 states"),
        (lambda: backward_induction(RIVER.finite_horizon(7)), "7 steps of 6 states"),
        (lambda: evaluate_policy(RIVER.finite_horizon(7), np.zeros(6, dtype=int)), "7 steps of 6 states"),
        (lambda: planning.evaluate_average_reward(WALK, np.zeros(3002, dtype=int)), "2 stationary distributions"),
    ],
)
def test_solvers_refuse_before_they_start(solve, what, monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 10)
    with pytest.raises(MemoryError, match=rf"GB are needed for {what}.*, and 1e-08 GB are available"):
        solve()


def test_what_is_left_after_the_graph_was_asked_is_weighed_again(monkeypatch):
    room = iter([10**9, 10])
    monkeypatch.setattr(memory, "available_memory", lambda: next(room))
    with pytest.raises(MemoryError, match="needed for 3,000 undecided states with 6,000 transitions"):
        planning.maximal_reachability(WALK, 3001)


def test_elimination_that_would_not_fit_is_not_tried(monkeypatch):
    monkeypatch.setattr(planning.linear_systems, "available_memory", lambda: 1000)
    P = mdps.random_walk(3000).P
    x, method = planning.linear_systems.solve_policy_system(P, 0.9, np.ones(3002))
    assert method == "BiCGSTAB"
    assert np.allclose(x, 10)
