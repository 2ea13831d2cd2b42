"""Certificates: every one that is written is accepted by exact arithmetic, and every one that is changed is not."""

import contextlib
import copy
import dataclasses
import hashlib
import json
import subprocess
import sys
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mdps
import rltheory as rl
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, finite_horizon_mdps
from proofs_check.certificate import RejectedError, check, main
from rltheory import ConvergenceWarning, CriterionError, FiniteHorizonMDP, planning
from rltheory.io import save_npz

in_files = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
models = discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=1e6) | finite_horizon_mdps(max_reward=1e6)


def written(folder, model, content=None):
    """Write a model and its certificate, or the given content; return both paths."""
    save_npz(folder / "model.npz", model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        content = rl.solve(model).certificate() if content is None else content
    (folder / "proof.json").write_text(json.dumps(content))
    return folder / "model.npz", folder / "proof.json"


def sealed(content):
    """Return the content with a fresh seal, as a forger would."""
    content = {name: value for name, value in content.items() if name != "seal"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return content | {"seal": hashlib.sha256(text.encode()).hexdigest()}


@in_files
@given(models)
def test_every_certificate_is_accepted(tmp_path, model):
    assert check(*written(tmp_path, model)).startswith("proven: lower <= v^policy <= v* <= upper")


def test_hard_models_are_certified_too(tmp_path, hard_mdp):
    for number in range(150):
        mdp = hard_mdp(np.random.default_rng([30, number]))
        assert check(*written(tmp_path, mdp if number % 3 else mdp.finite_horizon(4)))


def answers(mdp, goal, tol=1e-8):
    """Return the answers to all questions without a discount that have one."""
    solvers = {
        "maximal reachability": lambda: planning.maximal_reachability(mdp, goal, tol=tol),
        "minimal reachability": lambda: planning.minimal_reachability(mdp, goal, tol=tol),
        "total reward": lambda: planning.shortest_path(mdp, goal, tol=tol),
        "average reward": lambda: planning.average_reward(mdp, tol=tol),
    }
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for criterion, solver in solvers.items():
            with contextlib.suppress(CriterionError):
                found[criterion] = solver()
    return found


def widened(folder, solution):
    """Check an answer's certificate; return its gap and that of the answer."""
    proof = solution.certificate()
    assert check(*written(folder, solution.model, proof)).startswith("proven: ")
    return float(Fraction(proof["gap"])), solution.gap


def test_every_answer_without_a_discount_is_certified_with_its_own_gap(tmp_path, tangled_mdp):
    """End components, cycles of total zero, exits down to 1e-15, rewards of both signs, multichain: nothing is lost."""
    counts = dict.fromkeys(("maximal reachability", "minimal reachability", "total reward", "average reward"), 0)
    for number in range(120):
        rng = np.random.default_rng([32, number])
        mdp, goal = tangled_mdp(rng, traps=bool(number % 2))
        for criterion, solution in answers(mdp, goal, tol=float(rng.choice([1e-2, 1e-8, 1e-14]))).items():
            gap, own = widened(tmp_path, solution)
            assert gap <= own * (1 + 1e-6)
            counts[criterion] += 1
    assert min(counts.values()) > 50


def test_hard_models_have_certified_averages(tmp_path, hard_mdp):
    for number in range(100):
        mdp = hard_mdp(np.random.default_rng([33, number]))
        gap, own = widened(tmp_path, answers(mdp, 0)["average reward"])
        assert gap <= own * (1 + 1e-6)


@in_files
@given(discounted_mdps(gammas=[1.0], max_reward=1e6), st.data())
def test_every_criterion_is_certified_in_drawn_models(tmp_path, mdp, data):
    goal = data.draw(st.lists(st.integers(0, mdp.n_states - 1), min_size=1, max_size=2))
    for solution in answers(mdp, goal).values():
        widened(tmp_path, solution)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_none_of_ten_thousand_answers_is_without_its_proof(tmp_path, tangled_mdp, part):
    for number in range(700 * part, 700 * (part + 1)):
        mdp, goal = tangled_mdp(np.random.default_rng([34, number]), traps=bool(number % 2))
        for solution in answers(mdp, goal).values():
            widened(tmp_path, solution)


@pytest.mark.parametrize(
    "solution",
    [
        planning.maximal_reachability(mdps.frozen_lake(), [15]),
        planning.minimal_reachability(mdps.random_walk(50), [51]),
        planning.shortest_path(mdps.gridworld(gamma=1.0, slip=0.2)),
        planning.average_reward(mdps.admission_queue()),
        planning.relative_value_iteration(mdps.river_swim(30), tol=1e-6),
        planning.average_linear_program(mdps.gambler(10)),
    ],
    ids=lambda solution: solution.method,
)
def test_instances_are_certified(tmp_path, solution):
    gap, own = widened(tmp_path, solution)
    assert gap <= own * (1 + 1e-6)


@in_files
@given(models, st.data())
def test_a_changed_byte_breaks_the_seal(tmp_path, model, data):
    model_file, proof = written(tmp_path, model)
    text = proof.read_text()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    changed = text[:place] + other + text[place + 1 :]
    if json_or_none(changed) == json.loads(text):
        return
    proof.write_text(changed)
    with pytest.raises(RejectedError):
        check(model_file, proof)


def json_or_none(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


@in_files
@given(models, st.data())
def test_a_forged_bound_is_caught_by_the_inequalities_themselves(tmp_path, model, data):
    """The forger renews the seal: a vector moved into the enclosure by its whole width no longer satisfies Bellman."""
    if isinstance(model, FiniteHorizonMDP) and model.H == 0:
        return
    model_file, proof = written(tmp_path, model)
    content = json.loads(proof.read_text())
    side, way = data.draw(st.sampled_from([("lower", 1), ("upper", -1)]))
    step = data.draw(st.integers(0, len(content["policy"]) - 1))
    state = data.draw(st.integers(0, model.n_states - 1))
    width = Fraction(content["gap"]) + Fraction(1, 10**9)
    content[side][step][state] = str(Fraction(content[side][step][state]) + way * width)
    proof.write_text(json.dumps(sealed(content)))
    with pytest.raises(RejectedError, match=r"bound of state|the claimed gap"):
        check(model_file, proof)


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (lambda c: c | {"gap": "0"}, "the claimed gap is 0, but the vectors are"),
        (lambda c: c | {"criterion": "average regret"}, "is not one that this program can check"),
        (lambda c: c | {"policy": [[0] * 6]}, "the lower bound of state"),
        (lambda c: c | {"policy": [[7] * 6]}, "state 0 has no action 7"),
        (lambda c: c | {"lower": [c["lower"][0][:-1]], "upper": c["upper"]}, "one entry for each of 6 states"),
        (lambda c: c | {"model": "0" * 64}, "about another model"),
    ],
    ids=["gap", "criterion", "policy", "action", "length", "model"],
)
def test_a_forged_claim_is_caught(tmp_path, forge, message):
    mdp = mdps.river_swim(6)
    content = copy.deepcopy(rl.solve(mdp).certificate())
    with pytest.raises(RejectedError, match=message):
        check(*written(tmp_path, mdp, sealed(forge(content))))


def test_a_changed_probability_of_the_model_is_caught(tmp_path):
    mdp = mdps.river_swim(6)
    _, proof = written(tmp_path, mdp)
    data = mdp.P.data.copy()
    data[[4, 5]] += [1e-9, -1e-9]
    changed = mdp.replace(P=type(mdp.P)((data, mdp.P.indices, mdp.P.indptr), shape=mdp.P.shape))
    save_npz(tmp_path / "model.npz", changed)
    with pytest.raises(RejectedError, match="about another model"):
        check(tmp_path / "model.npz", proof)


def test_bounds_without_the_margin_for_rounding_are_rejected_somewhere(tmp_path, hard_mdp):
    """The false variant: the enclosure itself, true as it is, does not satisfy the inequalities exactly."""
    rejected = 0
    for number in range(60):
        mdp = hard_mdp(np.random.default_rng([31, number]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            solution = rl.policy_iteration(mdp, tol=1e-300)
        content = solution.certificate()
        value = [["{}/{}".format(*float(x).as_integer_ratio()) for x in solution.value]]
        content |= {"lower": value, "upper": value, "gap": "0"}
        try:
            check(*written(tmp_path, mdp, sealed(content)))
        except RejectedError:
            rejected += 1
    assert rejected > 20


def test_the_checker_imports_the_standard_library_only(tmp_path):
    """As a script it runs without the packages that it checks."""
    model_file, proof = written(tmp_path, mdps.river_swim(6))
    import proofs_check.certificate as checker

    command = [sys.executable, "-I", "-S", checker.__file__, str(model_file), str(proof)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("proven:")


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    model_file, proof = written(tmp_path, mdps.river_swim(6))
    assert main([str(model_file), str(proof)]) == 0
    assert main([str(model_file)]) == 2
    assert main([str(tmp_path / "none.npz"), str(proof)]) == 1
    assert main([str(model_file), str(model_file)]) == 1
    assert "usage:" in capsys.readouterr().err


def test_an_answer_without_its_model_cannot_be_certified():
    solution = rl.solve(mdps.river_swim(6))
    orphan = rl.Solution(
        solution.value, solution.policy, solution.lower, solution.upper, solution.status, 1, solution.history, "none"
    )
    with pytest.raises(CriterionError, match="does not know its model"):
        orphan.certificate()


CHAIN = planning.maximal_reachability(mdps.unsound_chain(3), goal=6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"goal": None}, "does not know its goal"),
        ({"upper": np.full(7, np.inf)}, "infinite in some states"),
        ({"lower": CHAIN.upper + 1e-9}, "do not prove themselves"),
        ({"criterion": rl.planning.Criterion.FINITE_HORIZON}, "finite horizon of a MDP has no certificate"),
    ],
    ids=["goal", "infinite", "bounds", "model"],
)
def test_an_answer_that_proves_nothing_is_refused_with_the_reason(changes, message):
    with pytest.raises(CriterionError, match=message):
        dataclasses.replace(CHAIN, **changes).certificate()


def test_an_average_without_its_model_is_refused():
    solution = planning.average_reward(mdps.river_swim(6))
    with pytest.raises(CriterionError, match="does not know its model"):
        dataclasses.replace(solution, model=None).certificate()


def test_the_command_line_writes_a_certificate_and_its_model(tmp_path, capsys):
    from rltheory.__main__ import main as rltheory_command

    proof = tmp_path / "river.json"
    assert rltheory_command(["solve", "mdps:river_swim(n=6)", "--certificate", str(proof)]) == 0
    assert main([str(tmp_path / "river.npz"), str(proof)]) == 0
    assert "proven:" in capsys.readouterr().out
