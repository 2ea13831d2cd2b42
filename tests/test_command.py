"""The command: what it prints, what it returns, and what it refuses in one line."""

import functools
import json
import subprocess
import sys
import types
from fractions import Fraction

import numpy as np
import pytest

import mdps
import rltheory as rl
from proofs_check import certificate
from rltheory.__main__ import main
from rltheory._question import states_of

RIVER = "mdps:river_swim(n=6)"
HEADS_AND_TAILS = rl.MDP.from_arrays(
    [[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, state_names=["[red]tails[/red]", "heads"], action_names=["toss"]
)


def answer(capsys, *arguments):
    """Return the one JSON object that the command prints."""
    assert main(["solve", *map(str, arguments), "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_a_table_says_what_is_proven(capsys):
    assert main(["solve", RIVER, "--gamma", "0.95"]) == 0

    printed = capsys.readouterr()
    assert printed.err == ""
    words = printed.out.split()
    for column in ("state", "action", "value", "lower", "upper"):
        assert column in words
    assert "4.669300161" in words
    assert "CONVERGED: the proven gap is within tol" in printed.out
    assert "policy iteration" in printed.out
    assert "more states" not in printed.out


def test_the_json_object_is_the_solution(capsys):
    found = answer(capsys, RIVER)

    solution = rl.solve(mdps.river_swim(n=6))
    assert found["value"] == solution.value.tolist()
    assert found["lower"] == solution.lower.tolist()
    assert found["upper"] == solution.upper.tolist()
    assert found["policy"] == solution.policy.tolist()
    assert found["actions"] == ["right"] * 6
    assert (found["status"], found["gap"], found["method"]) == ("CONVERGED", solution.gap, solution.method)
    assert found["start_value"] == solution.start_value
    assert (found["gamma"], found["horizon"]) == (0.95, None)


def test_taxi_is_solved_to_its_known_value(capsys):
    found = answer(capsys, "gym:Taxi-v3", "--gamma", 0.99)

    # State 16: the passenger sits in the taxi at the destination, so dropping off earns 20 and ends.
    assert (found["value"][16], found["actions"][16]) == (pytest.approx(20), "drop off")
    assert found["states"][500] == "end"
    assert found["value"][500] == pytest.approx(0, abs=1e-9)


def test_many_states_are_counted_instead_of_listed(capsys):
    assert main(["solve", "gym:Taxi-v3", "--gamma", "0.99"]) == 0

    assert "... and 481 more states" in capsys.readouterr().out


def test_the_maze_of_bridge_has_its_published_return(capsys, shared_data):
    found = answer(capsys, shared_data("bridge/maze_easy_l0_30_fs1/mdp.npz"), "--horizon", 30)

    assert found["start_value"] == pytest.approx(10, abs=1e-9)
    assert (found["gamma"], found["horizon"]) == (1, 30)
    assert (len(found["policy"]), len(found["value"]), len(found["actions"])) == (30, 31, 30)


def test_a_horizon_is_named_above_the_answer(capsys, shared_data):
    assert main(["solve", str(shared_data("bridge/maze_easy_l0_30_fs1")), "--horizon", "30"]) == 0

    assert "step 0 of 30" in capsys.readouterr().out


def test_a_file_of_ours_brings_its_discount(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS)

    assert answer(capsys, tmp_path / "coin.npz")["value"] == pytest.approx([0.5, 1.5])
    assert answer(capsys, tmp_path / "coin.npz", "--gamma", 0.0)["value"] == pytest.approx([0, 1])
    assert answer(capsys, tmp_path / "coin.npz", "--horizon", 3)["value"][0] == pytest.approx([1, 2])
    assert answer(capsys, tmp_path / "coin.npz", "--horizon", 3, "--gamma", 0)["value"][0] == pytest.approx([0, 1])


def test_a_file_with_a_horizon_is_solved_as_it_is(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS.finite_horizon(3, gamma=1.0))

    assert answer(capsys, tmp_path / "coin.npz")["value"][0] == pytest.approx([1, 2])
    assert main(["solve", str(tmp_path / "coin.npz"), "--horizon", "4"]) == 2
    assert "has a horizon of its own, 3 steps" in capsys.readouterr().err


def test_names_are_printed_as_they_are(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS)

    assert main(["solve", str(tmp_path / "coin.npz")]) == 0

    assert "[red]tails[/red]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "gamma", "used"),
    [
        (RIVER, None, 0.95),
        (RIVER, 0.5, 0.5),
        ("mdps:river_swim(gamma=0.8)", None, 0.8),
        ("mdps:river_swim(gamma=0.8)", 0.5, 0.5),
        ("mdps:river_swim", 0.5, 0.5),
        ("mdps:river_swim(4, gamma=.5)", None, 0.5),
    ],
)
def test_an_instance_has_its_own_discount_unless_told(source, gamma, used, capsys):
    assert answer(capsys, source, *([] if gamma is None else ["--gamma", gamma]))["gamma"] == used


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("value_iteration", "value iteration"),
        ("policy_iteration", "policy iteration"),
        ("modified_policy_iteration", "modified policy iteration"),
    ],
)
def test_a_method_can_be_chosen(method, words, capsys):
    found = answer(capsys, RIVER, "--method", method, "--tol", 1e-6)

    assert words in found["method"]
    assert found["gap"] <= 1e-6


def test_the_linear_program_keeps_quiet_beside_json():
    command = [sys.executable, "-m", "rltheory", "solve", RIVER, "--method", "linear_program", "--json"]

    found = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(found.stdout)["start_value"] == pytest.approx(4.669300161)


def test_exact_values_are_printed_as_fractions_where_these_are_short(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS)
    assert main(["solve", str(tmp_path / "coin.npz"), "--exact"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert {"1/2", "3/2", "0.5", "1.5"} <= set(printed.out.split())

    assert main(["solve", RIVER, "--exact"]) == 0
    assert "digits)" in capsys.readouterr().out
    assert main(["solve", RIVER, "--exact", "--horizon", "2"]) == 0
    assert "step 0 of 2" in capsys.readouterr().out


def test_exact_values_leave_as_numerators_and_denominators(capsys):
    found = answer(capsys, "mdps:garnet(60, 3, 4, rng=0)", "--exact")

    exact = rl.solve(mdps.garnet(60, 3, 4, rng=0), exact=True)
    assert [Fraction(int(p, 0), int(q, 0)) for p, q in found["fraction"]] == list(exact.value)
    assert found["value"] == [float(x) for x in exact.value]
    steps = answer(capsys, RIVER, "--exact", "--horizon", 2)
    assert (len(steps["fraction"]), len(steps["policy"])) == (3, 2)


def test_a_limit_that_came_first_is_exit_code_1(capsys, monkeypatch):
    limited = functools.partial(rl.value_iteration, max_sweeps=3)
    monkeypatch.setattr(rl.planning, "value_iteration", limited)

    assert main(["solve", RIVER, "--method", "value_iteration"]) == 1

    printed = capsys.readouterr()
    assert "LIMIT_REACHED" in printed.out
    assert printed.err == ""


def test_what_float64_cannot_certify_is_said_and_is_no_failure(capsys):
    assert main(["solve", RIVER, "--tol", "1e-300"]) == 0

    assert "ROUNDING_FLOOR: tol is below what float64 can certify" in capsys.readouterr().out


WALK = "mdps:random_walk(n=3)"


@pytest.mark.parametrize(
    ("source", "options", "criterion", "start"),
    [
        (RIVER, ("discounted",), "discounted", 4.669300161),
        (RIVER, ("finite-horizon", "--horizon", 2), "finite horizon", 0.01),
        (WALK, ("max-reachability", "--goal", 4), "maximal reachability", 0.5),
        (WALK, ("min-reachability", "--goal", "0,4"), "minimal reachability", 1.0),
        ("mdps:cliff_walking", ("shortest-path",), "total reward", -13),
        ("mdps:cliff_walking(gamma=1.0)", ("shortest-path", "--goal", "(3, 11)"), "total reward", -13),
        (RIVER, ("average",), "average reward", 0.4286224338),
        ("gym:FrozenLake-v1", ("max-reachability", "--goal", 15), "maximal reachability", 14 / 17),
    ],
    ids=lambda options: options[0] if isinstance(options, tuple) else "",
)
def test_every_criterion_is_solved_and_certified(source, options, criterion, start, tmp_path, capsys):
    found = answer(capsys, source, "--criterion", *options, "--certificate", tmp_path / "proof.json")

    assert found["criterion"] == criterion
    assert found["start_value"] == pytest.approx(start, abs=1e-6)
    assert found["gap"] <= 1e-8
    sizes = {len(found[name]) for name in ("value", "lower", "upper")}
    assert sizes == {3 if criterion == "finite horizon" else len(found["states"])}
    assert certificate.main([str(tmp_path / "proof.npz"), str(tmp_path / "proof.json")]) == 0
    assert f"({criterion}" in capsys.readouterr().out


def test_the_bias_is_told_with_the_average(capsys):
    solution = rl.planning.average_reward(mdps.river_swim(6))
    found = answer(capsys, RIVER, "--criterion", "average")
    assert (found["bias"], found["value"]) == (solution.bias.tolist(), solution.gain.tolist())

    assert main(["solve", RIVER, "--criterion", "average"]) == 0
    words = capsys.readouterr().out
    assert {"gain", "bias"} <= set(words.split())
    assert "start gain   0.4286224338" in words


@pytest.mark.parametrize(
    ("goal", "states"),
    [("won", [1, 2]), ("won, 0", [0, 1, 2]), ("x=1,y=0", [1]), ("2", [0]), ("1", [1])],
    ids=["label", "label and index", "name with a comma", "name that is a number", "index"],
)
def test_a_goal_is_named_by_states_or_by_a_label(goal, states, tmp_path, capsys):
    stay = rl.MDP.from_arrays(np.eye(3)[:, None], np.zeros(3), gamma=1.0, mu=0, state_names=["2", "x=1,y=0", "y"])
    assert states_of(goal, stay, {"won": [1, 2]}).tolist() == states

    rl.io.write_drn(tmp_path / "stay.drn", stay.replace(state_names=None), {"won": [1, 2]})
    found = answer(capsys, tmp_path / "stay.drn", "--criterion", "max-reachability", "--goal", "won")
    assert found["value"] == [0, 1, 1]
    assert found["goal"] == [1, 2]


@pytest.mark.parametrize("source", ["mdps:gridworld", RIVER])
@pytest.mark.parametrize("criterion", ["discounted", "average"])
def test_a_picture_is_written(source, criterion, tmp_path, capsys):
    assert main(["solve", source, "--criterion", criterion, "--plot", str(tmp_path / "answer.png")]) == 0

    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")


def test_the_list_names_every_instance_and_method(capsys):
    assert main(["list"]) == 0

    printed = capsys.readouterr().out
    for name in (*mdps.CATALOGUE, "value_iteration", "linear_program"):
        assert name in printed
    assert "(n=6, *, gamma=0.95)" in printed


def test_check_hands_its_arguments_on(monkeypatch):
    seen = []
    stand_in = types.ModuleType("proofs_check.__main__")
    stand_in.main = lambda arguments: seen.append(arguments) or 7
    monkeypatch.setitem(sys.modules, "proofs_check.__main__", stand_in)

    assert main(["check", "--examples", "3", "--json", "greedy-loss"]) == 7
    assert seen == [["--examples", "3", "--json", "greedy-loss"]]


def refused(capsys, *arguments):
    """Return the one line with which the command refuses."""
    assert main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("rltheory: ")
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["solve"], "the following arguments are required: SOURCE"),
        (["dance"], "invalid choice: 'dance'"),
        (["solve", RIVER, "--dragon"], "unrecognized arguments: --dragon"),
        (["solve", RIVER, "--tol", "small"], "invalid float value: 'small'"),
        (["solve", RIVER, "--tol", "0"], "tol is 0.0"),
        (["solve", RIVER, "--exact", "--method", "value_iteration"], "leave --method, --plot and --certificate out"),
        (["solve", "mdps:river_swim(n=500)", "--exact"], "500 states, and exact mode takes at most 200"),
        (["solve", RIVER, "--gamma", "2"], "gamma is 2.0; a discount is a number in [0, 1]"),
        (["solve", RIVER, "--gamma", "1"], "has no discount below 1: add --gamma G, or --horizon H"),
        (["solve", RIVER, "--horizon", "-1"], "H is -1"),
        (["solve", RIVER, "--criterion", "regret"], "invalid choice: 'regret'"),
        (["solve", RIVER, "--criterion", "max-reachability"], "asks for a goal: add --goal, with states or a label"),
        (["solve", RIVER, "--criterion", "max-reachability", "--goal", "6"], "by index 0..5"),
        (["solve", RIVER, "--criterion", "max-reachability", "--goal", "1,sea"], "--goal sea is no state"),
        (["solve", RIVER, "--criterion", "max-reachability", "--goal", ""], "--goal '' is no state"),
        (
            ["solve", RIVER, "--goal", "5"],
            "--goal belongs to --criterion max-reachability, min-reachability, shortest-path",
        ),
        (["solve", RIVER, "--criterion", "average", "--goal", "5"], "--goal belongs to --criterion max-reachability"),
        (["solve", RIVER, "--criterion", "average", "--gamma", "0.9"], "has no use for --gamma; leave it out"),
        (["solve", RIVER, "--criterion", "average", "--method", "value_iteration"], "has no use for --method"),
        (["solve", RIVER, "--criterion", "average", "--exact"], "has no use for --exact"),
        (["solve", RIVER, "--criterion", "shortest-path"], "no state is absorbing without reward; name the goal"),
        (["solve", RIVER, "--criterion", "finite-horizon"], "asks for a number of steps: add --horizon H"),
        (["solve", RIVER, "--criterion", "finite-horizon", "--exact"], "asks for a number of steps: add --horizon H"),
        (["solve", RIVER, "--criterion", "discounted", "--horizon", "3"], "leave --horizon out"),
        (["solve", RIVER, "--method", "magic"], "invalid choice: 'magic'"),
        (["solve", RIVER, "--horizon", "3", "--method", "value_iteration"], "leave method out"),
        (["solve", RIVER, "--robust", "dragon"], "invalid choice: 'dragon'"),
        (["solve", RIVER, "--robust", "tv"], "exactly one is needed"),
        (["solve", RIVER, "--robust", "tv", "--lam", "1", "--rho", "0.1"], "exactly one is needed"),
        (["solve", RIVER, "--robust", "tv", "--lam", "-1"], "lam is -1.0; it must be above 0"),
        (["solve", RIVER, "--robust", "tv", "--rho", "nan"], "rho is nan; it must be at least 0"),
        (["solve", RIVER, "--robust", "linf", "--lam", "1"], "it is a ball only, with a radius rho"),
        (["solve", RIVER, "--robust", "linf", "--rho", "0.1", "--rectangular", "s"], "LInf(rho=0.1)"),
        (
            ["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--rectangular", "d"],
            "this one has none; ask for sa or s",
        ),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--gamma", "1"], "has no discount below 1"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--tol", "0"], "tol is 0.0"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--exact"], "no use for --exact; leave it out"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--method", "value_iteration"], "no use for --method"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--certificate", "a.json"], "no use for --certificate"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--criterion", "average"], "not --criterion average"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--criterion", "finite-horizon"], "add --horizon H"),
        (["solve", RIVER, "--robust", "tv", "--rho", "0.1", "--goal", "5"], "--goal belongs to --criterion"),
        (["solve", RIVER, "--lam", "1"], "--lam belongs to --robust tv, kl, chi2, l1, linf"),
        (["solve", RIVER, "--rho", "1"], "--rho belongs to --robust"),
        (["solve", RIVER, "--rectangular", "s"], "--rectangular belongs to --robust"),
        (["solve", RIVER, "--plot", "answer.doc"], "must end in .png"),
        (["solve", RIVER, "--plot", "no/such/folder/answer.png"], "does not exist"),
        (["solve", "no_such_file.npz"], "no_such_file.npz is no file; a source is a file, gym:ID or mdps:NAME(...)"),
        (["solve", "mdps:river_swin"], "did you mean river_swim?"),
        (["solve", "mdps:dragon"], "`rltheory list` shows them"),
        (
            ["solve", "mdps:river_swim(m=3)"],
            "by river_swim(n=6, *, gamma=0.95): got an unexpected keyword argument 'm'",
        ),
        (["solve", "mdps:river_swim(n='six')"], "n is 'six'"),
        (["solve", "gym:"], "is not the id of a registered environment"),
        (["solve", "gym:FrozenLake-v1"], "stores no discount: add --gamma G, or --horizon H"),
        (["solve", "gym:Blackjack-v1", "--gamma", "0.9"], "Blackjack-v1 has no transition table `P`"),
        (["solve", "gym:NoSuchGame-v0", "--gamma", "0.9"], "cannot make 'NoSuchGame-v0'"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(arguments, message, capsys):
    assert message in refused(capsys, *arguments)


@pytest.mark.parametrize(
    "call",
    [
        "__import__('os')",
        "__import__('os').system('true')",
        "river_swim(n=().__class__)",
        "river_swim(n=__import__('os').getpid())",
        "river_swim(n=(lambda: 6)())",
        "river_swim(n=[6 for _ in [0]][0])",
        "river_swim(n=3 + 3)",
        "river_swim(*[6])",
        "river_swim(**{'n': 6})",
        "river_swim.__globals__",
        "river_swim(6)(7)",
        "river_swim(n:=6)",
        "river_swim; river_swim",
        "CATALOGUE['river_swim']",
        "strategies",
        "",
        "river_swim(n=" + "-" * 9000 + "6)",
        "river_swim(" + "(" * 5000 + ")" * 5000 + ")",
        "river_swim(" + "6," * 9000 + ")",
        "river_swim\0",
    ],
)
def test_nothing_in_a_source_is_evaluated(call, capsys):
    assert "mdps:" in refused(capsys, "solve", f"mdps:{call}")


def test_an_environment_of_another_module_is_not_imported(capsys):
    assert "not the id of a registered environment" in refused(capsys, "solve", "gym:antigravity:Game-v0")
    assert "antigravity" not in sys.modules


def test_a_linear_model_is_solved_without_its_features(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "walk.npz", mdps.robust_walk())

    found = answer(capsys, tmp_path / "walk.npz", "--certificate", tmp_path / "proof.json")

    assert found["start_value"] == pytest.approx(1.62425, abs=1e-5)  # 1.624250 of the docstring
    assert (found["horizon"], found["criterion"]) == (3, "finite horizon")
    assert certificate.main([str(tmp_path / "proof.npz"), str(tmp_path / "proof.json")]) == 0
    capsys.readouterr()
    assert answer(capsys, tmp_path / "walk.npz", "--exact")["start_value"] == pytest.approx(found["start_value"])
    assert answer(capsys, tmp_path / "walk.npz", "--gamma", 1)["start_value"] == found["start_value"]
    assert "which is undiscounted" in refused(capsys, "solve", str(tmp_path / "walk.npz"), "--gamma", "0.9")
    assert "has a horizon of its own, 3 steps" in refused(capsys, "solve", str(tmp_path / "walk.npz"), "--horizon", "4")


@pytest.mark.parametrize(
    ("options", "worst"),
    [  # W of a fair coin between v and v + 1, above v; then v = 0.5 (v + W)
        (("tv", "--rho", 0.25), 0.25),
        (("tv", "--lam", 0.5), 0.25),
        (("tv", "--lam", "inf"), 0.5),
        (("l1", "--rho", 0.5), 0.25),
        (("linf", "--rho", 0.25), 0.25),
        (("chi2", "--rho", 0.25), 0.25),
        (("chi2", "--lam", 0.25), 0.25),
        (("kl", "--lam", 1), -np.log((1 + np.exp(-1)) / 2)),
        (("kl", "--rho", 0), 0.5),
    ],
    ids=lambda given: "".join(map(str, given)) if isinstance(given, tuple) else "",
)
def test_a_coin_against_nature_has_the_value_of_the_closed_form(options, worst, capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS)

    found = answer(capsys, tmp_path / "coin.npz", "--robust", *options)

    assert found["value"] == pytest.approx([worst, 1 + worst], abs=1e-8)
    assert found["gap"] <= 1e-8
    assert all(low <= v <= high for low, v, high in zip(found["lower"], found["value"], found["upper"], strict=True))
    assert (found["criterion"], found["rectangular"], found["horizon"]) == ("robust discounted", "sa", None)
    assert found[options[1].removeprefix("--")] == options[2]
    steps = answer(capsys, tmp_path / "coin.npz", "--robust", *options, "--horizon", 2)
    assert steps["value"] == [pytest.approx([worst, 1 + worst]), pytest.approx([0, 1]), [0, 0]]
    assert (steps["criterion"], steps["gamma"], steps["horizon"]) == ("robust finite horizon", 1, 2)


def test_what_nature_does_at_the_start_is_told(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "coin.npz", HEADS_AND_TAILS.replace(mu=1))
    arguments = [str(tmp_path / "coin.npz"), "--robust", "tv", "--rho", "0.25"]

    assert answer(capsys, *arguments)["nature"] == [
        {"state": 1, "action": 0, "next_state": 0, "nominal": 0.5, "worst": 0.75},
        {"state": 1, "action": 0, "next_state": 1, "nominal": 0.5, "worst": 0.25},
    ]
    assert main(["solve", *arguments]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "CONVERGED: the proven gap is within tol" in printed.out
    assert "against      TV(rho=0.25), each row on its own" in printed.out
    assert {"nominal", "worst", "0.75", "[red]tails[/red]"} <= set(printed.out.split())
    assert main(["solve", *arguments[:-1], "0"]) == 0
    assert "nature       leaves the first step as it is" in capsys.readouterr().out
    assert answer(capsys, *arguments, "--horizon", 0)["nature"] == []


def test_nature_may_move_rows_states_or_factors(capsys, tmp_path):
    P = [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]
    twins = rl.FiniteHorizonMDP(P, [[1.0, 1.0], [0.0, 0.0]], H=2, mu=0)
    rl.io.save_npz(tmp_path / "twins.npz", rl.LinearMDP.embed(twins))
    ask = (tmp_path / "twins.npz", "--robust", "tv", "--rho", 0.5)

    rows, states, factors = (answer(capsys, *ask, "--rectangular", kind) for kind in ("sa", "s", "d"))

    assert answer(capsys, *ask)["rectangular"] == "d"
    assert rows["value"][0] == factors["value"][0] == [1.5, 0]  # half of the mass is lost
    assert rows["nature"] == factors["nature"]
    assert states["value"][0] == [pytest.approx(1.75), pytest.approx(0)]  # a quarter, whichever action is drawn
    assert states["policy"][0][0] == [0.5, 0.5]
    assert [(move["action"], move["next_state"], move["worst"]) for move in states["nature"]] == [
        (0, 0, 0.75), (0, 1, 0.25), (1, 0, 0.75), (1, 1, 0.25),
    ]  # fmt: skip
    assert main(["solve", *map(str, ask), "--rectangular", "s"]) == 0
    assert "0: 0.5, 1: 0.5" in capsys.readouterr().out


def test_the_robust_walk_has_its_published_structure(capsys, tmp_path):
    rl.io.save_npz(tmp_path / "walk.npz", mdps.robust_walk())

    found = answer(capsys, tmp_path / "walk.npz", "--robust", "tv", "--lam", 1)

    assert found["start_value"] == pytest.approx(0.9995)  # (1 - c) 0.999 m + c m with m = 1, c = 1/2
    assert found["actions"][0][0] == "++++"
    moved = {found["states"][move["next_state"]]: move["worst"] for move in found["nature"]}
    assert moved == {"second": 0, "goal": 0, "fail": pytest.approx(1)}


@pytest.mark.parametrize("options", [["--rectangular", "sa"], ["--rectangular", "s"], ["--horizon", "5"]])
def test_a_robust_value_is_drawn(options, tmp_path, capsys):
    picture = str(tmp_path / "answer.png")

    assert main(["solve", "mdps:gridworld", "--robust", "tv", "--rho", "0.1", *options, "--plot", picture]) == 0

    assert (tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")


def test_a_dataset_is_not_solved(capsys, tmp_path):
    data = rl.Dataset.from_episodes([[(0, 0, 1.0, 0)]], n_states=1, n_actions=1, H=1)
    rl.io.save_npz(tmp_path / "data.npz", data)

    assert "holds a dataset" in refused(capsys, "solve", str(tmp_path / "data.npz"))


def test_other_files_are_refused(capsys, tmp_path):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    (tmp_path / "text.npz").write_text("hello")

    assert "neither a file of save_npz nor one of BRIDGE" in refused(capsys, "solve", str(tmp_path / "other.npz"))
    assert "not a readable .npz file" in refused(capsys, "solve", str(tmp_path / "text.npz"))


def test_a_missing_extra_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)

    assert "pip install rltheory[io]" in refused(capsys, "solve", "gym:FrozenLake-v1", "--gamma", "0.9")


def test_the_module_runs_as_a_command():
    found = subprocess.run(
        [sys.executable, "-m", "rltheory", "solve", "mdps:no_such_instance"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "rltheory: there is no instance mdps:no_such_instance; `rltheory list` shows them\n"
