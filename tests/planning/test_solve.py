"""`solve` chooses, explains its choice, and is right whatever it chose."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps
from rltheory import MDP, CriterionError, Status
from rltheory.planning import slow_models
from rltheory.planning.gauss_seidel import gauss_seidel_policy_iteration
from rltheory.planning.order import renumbered


@given(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=100.0))
def test_all_algorithms_agree_within_their_enclosures(mdp):
    chosen, exact = rl.solve(mdp, tol=1e-4), rl.policy_iteration(mdp, tol=1e-4)
    assert (chosen.lower <= exact.upper).all()
    assert (exact.lower <= chosen.upper).all()


def lazy(mdp, stay):
    """Return the same moves, made with probability ``1 - stay`` only."""
    own = sp.csr_array((np.ones(mdp.n_pairs), (np.arange(mdp.n_pairs), mdp.pair_state)), shape=mdp.P.shape)
    return mdp.replace(P=sp.csr_array((1 - stay) * mdp.P + stay * own))


def grid(n, **options):
    return mdps.gridworld("S" + "." * (n - 1) + ("\n" + "." * n) * (n - 2) + "\n" + "." * (n - 1) + "G", 0.2, **options)


def shuffled(mdp):
    return renumbered(mdp, np.random.default_rng(0).permutation(mdp.n_states))


SLOW = "chosen because chains mix slowly and "
KINDS = {
    "small": (mdps.river_swim(6), "policy iteration with dense LU, chosen because the model has at most 100 states"),
    "mixing": (mdps.garnet(1000, 3, 5, rng=0), "modified policy iteration, chosen because chains mix fast"),
    "dense": (
        mdps.garnet(400, 3, 400, rng=0, gamma=0.999),
        "modified policy iteration, chosen because chains mix fast",
    ),
    "forgetful": (mdps.river_swim(1000, gamma=0.5), "modified policy iteration, chosen because chains mix fast"),
    "line": (mdps.river_swim(450, gamma=0.999), f"banded elimination, {SLOW}its states lead to near ones"),
    "grid": (grid(40, gamma=0.9999), f"BiCGSTAB, {SLOW}its states lead to near ones"),
    "shuffled line": (
        shuffled(mdps.river_swim(450, gamma=0.999)),
        f"banded elimination, {SLOW}its states lead to near ones once they are renumbered",
    ),
    "lazy": (
        lazy(mdps.garnet(1000, 3, 5, rng=0, gamma=0.999), 0.999),
        f"BiCGSTAB, {SLOW}no order of its states is better",
    ),
    "absorbing": (
        MDP.from_arrays(np.eye(400)[:, None], np.arange(400.0) / 400, gamma=0.999),
        f"values in order, {SLOW}no way leads back to a state",
    ),
}
ALGORITHMS = (rl.value_iteration, rl.policy_iteration, rl.modified_policy_iteration, gauss_seidel_policy_iteration)


@pytest.mark.parametrize("kind", KINDS)
def test_the_choice_is_explained(kind, monkeypatch):
    monkeypatch.setattr(slow_models, "_CHEAP_ELIMINATION", 1e6)
    mdp, method = KINDS[kind]
    solution = rl.solve(mdp, tol=1e-6)
    assert solution.method.endswith(method)
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-6
    assert solution.model is mdp


@pytest.mark.parametrize("kind", KINDS)
def test_all_algorithms_agree_within_their_enclosures_on_every_kind(kind):
    mdp = KINDS[kind][0]
    tol = 1e-3 if mdp.gamma > 0.9 else 1e-6
    answers = [solver(mdp, tol=tol) for solver in (rl.solve, *ALGORITHMS)]
    assert all(answer.status is Status.CONVERGED for answer in answers)
    assert (np.max([a.lower for a in answers], axis=0) <= np.min([a.upper for a in answers], axis=0)).all()


INTERRUPTED = """
import signal
import sys

import mdps
import rltheory as rl

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background jobs ignore
n = {n}
art = "S" + "." * (n - 1) + ("\\n" + "." * n) * (n - 2) + "\\n" + "." * (n - 1) + "G"
mdp = {model}
rl.{solver}(mdps.river_swim(400, gamma=0.99))
print("ready", flush=True)
while True:
    rl.{solver}(mdp, tol=1e-5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT that one process can send another")
@pytest.mark.parametrize(
    ("model", "solver"),
    [
        ("mdps.river_swim(300_000, gamma=0.9999)", "solve"),
        pytest.param("mdps.gridworld(art, 0.2, gamma=0.9999)", "solve", marks=pytest.mark.slow),
        pytest.param("mdps.gridworld(art, 0.2, gamma=0.9999)", "value_iteration", marks=pytest.mark.slow),
        pytest.param("mdps.garnet(300_000, 4, 5, gamma=0.9999)", "solve", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_is_heard(model, solver):
    program = INTERRUPTED.format(n=500, model=model, solver=solver)
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        time.sleep(1.5)
        assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=3)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors


def test_the_choice_can_be_overruled():
    assert rl.solve(mdps.river_swim(6), method=rl.value_iteration).method == "value iteration"


def test_an_undiscounted_model_is_refused_with_the_way_out():
    with pytest.raises(CriterionError, match="pass gamma < 1, or set a horizon"):
        rl.solve(mdps.river_swim(6, gamma=1.0))


@pytest.mark.slow
def test_a_million_states_are_solved_and_proven():
    mdp = mdps.garnet(1_000_000, 4, 4, rng=0, gamma=0.95)
    solution = rl.solve(mdp, tol=1e-6)
    assert solution.status is Status.CONVERGED
    assert np.array_equal(solution.policy, rl.planning.greedy(mdp, solution.value))


@pytest.mark.parametrize("solver", [*ALGORITHMS, rl.solve])
def test_progress_is_told_round_by_round(solver):
    told = []
    solution = solver(mdps.garnet(500, 3, 5, rng=0), progress=lambda rounds, width: told.append((rounds, width)))
    assert [rounds for rounds, _ in told] == list(range(1, solution.iterations + 1))
    assert [width for _, width in told] == solution.history.tolist()


def test_progress_of_a_slow_model_begins_again_with_the_algorithm_that_is_chosen_in_the_end():
    told = []
    solution = rl.solve(KINDS["line"][0], progress=lambda rounds, width: told.append((rounds, width)))
    final = told[-solution.iterations :]
    assert [rounds for rounds, _ in final] == list(range(1, solution.iterations + 1))
    assert [width for _, width in final] == solution.history.tolist()


@pytest.mark.parametrize("solver", [rl.solve, rl.value_iteration, rl.planning.gauss_seidel_policy_iteration])
def test_a_model_beside_which_there_is_no_room_is_refused_with_the_estimate(solver, monkeypatch):
    monkeypatch.setattr("rltheory.planning.enclosure._WORTH_ASKING", 0.0)
    monkeypatch.setattr("rltheory.planning.memory.available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=r"about .* GB are needed for .*MDP\(1000 states.* GB are available"):
        solver(mdps.garnet(1000, 3, 5, rng=0))
