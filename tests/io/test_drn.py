"""Storm's DRN files: what is read from them, what is written, and what is wrong with them, by line and column."""

import numpy as np
import pytest

import mdps
import rltheory as rl
from rltheory.io import load, read_drn, write_drn
from rltheory.models import MDP, ModelError

DRN = """\
// Exported by storm
// Original model type: MDP
@type: MDP
@value_type: double
@parameters

@placeholders
$half : 1/2
$same : $half
@reward_models
time money 
@nr_states
2
@nr_choices
3
@model
state 0 [1, 0] init "two words"
//[x=0	& y=1]
	action stay [0, 2]
		0 : $half
		1 : $same
	action go [0, -0.25]
		1 : 1
state 1 [0, 10]
//[x=1	& y=1]
	action __NOLABEL__ [3, 0]
		1 : 2/3
		0 : 1/3
"""  # noqa: W291


@pytest.fixture
def drn(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(content):
        (tmp_path / "model.drn").write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "model.drn"

    return write


def test_a_file_of_storm_is_read(drn):
    mdp, labels = read_drn(drn(DRN), gamma=0.9, reward="money")

    assert mdp.P.toarray().tolist() == [[0.5, 0.5], [0, 1], [1 / 3, 2 / 3]]
    assert mdp.r.tolist() == [2, -0.25, 10]
    assert (mdp.gamma, mdp.mu.tolist()) == (0.9, [1, 0])
    assert [mdp.action_name(0, 0), mdp.action_name(0, 1), mdp.action_name(1, 0)] == ["stay", "go", ""]
    assert mdp.state_names == ("[x=0\t& y=1]", "[x=1\t& y=1]")
    assert {name: states.tolist() for name, states in labels.items()} == {"two words": [0]}


def test_rewards_of_states_and_actions_add_up(drn):
    assert read_drn(drn(DRN), gamma=0.9, reward="time")[0].r.tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (None, "model.drn has several reward models; choose with reward=, one of time, money"),
        ("fuel", "model.drn has no reward model 'fuel'; it has time, money"),
    ],
)
def test_one_of_several_rewards_is_chosen_by_name(reward, message, drn):
    with pytest.raises(ModelError, match=message):
        read_drn(drn(DRN), gamma=0.9, reward=reward)


def test_a_markov_chain_is_a_model_with_one_action(drn):
    chain = "@type: DTMC\n@parameters\n@reward_models\n\n@nr_states\n2\n@model\nstate 0 init\n action 0\n  1 : 1\n"

    mdp, _ = read_drn(drn(f"{chain}state 1\n action 0\n  1 : 1"), gamma=0.5)

    assert mdp.P.toarray().tolist() == [[0, 1], [0, 1]]
    assert (mdp.r.tolist(), mdp.action_names, mdp.state_names) == ([0, 0], None, None)


def test_short_decimals_are_rescaled_only_when_asked(drn):
    path = drn(DRN.replace("2/3", "0.6667").replace("1/3", "0.3334"))

    with pytest.raises(ModelError, match=r"line 27, .* sum to 1\.0001 .* normalise=True"):
        read_drn(path, gamma=0.9, reward="time")
    P = read_drn(path, gamma=0.9, reward="time", normalise=True)[0].P.toarray()
    assert P[2] == pytest.approx([1 / 3, 2 / 3], abs=1e-4)
    assert P[2].sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("MDP\n@v", "CTMC\n@v", "line 3, column 1: a model of type 'CTMC' cannot be read, because of continuous time"),
        ("MDP\n@v", "Markov Automaton\n@v", "'Markov Automaton' cannot be read, because of continuous time"),
        ("MDP\n@v", "POMDP\n@v", "because of observations"),
        ("MDP\n@v", "dragon\n@v", "a model of type 'dragon' cannot be read; MDP and DTMC can"),
        ("MDP\n@v", "DTMC\n@v", "is a DTMC with 3 actions in 2 states"),
        ("double", "double-interval", "line 4, column 1: values of type 'double-interval' cannot be read"),
        ("@parameters\n", "@parameters\np q\n", r"line 6, column 1: the model has parameters \('p q'\)"),
        ("@type: MDP\n", "", "does not say what it holds"),
        ("@nr_states\n2\n", "", "does not say how many states there are"),
        ("@nr_states\n2\n", "@nr_states\n", "line 12, column 1: one whole number must stand on the line below"),
        ("@nr_states\n2", "@nr_states\n3", "line 13, column 1: the header promises 3 states, the file lists 2"),
        ("@nr_states\n2", "@nr_states\n999999999999999999", "the header promises 999999999999999999 states"),
        ("@nr_choices\n3", "@nr_choices\n4", "line 15, column 1: the header promises 4 choices, the file lists 3"),
        ("@nr_choices\n3", "@nr_states\n3", "line 14, column 1: @nr_states is no section of a header, or repeated"),
        ("@nr_choices", "@dragons", "line 14, column 1: @dragons is no section"),
        ("@model\n", "", "no line @model"),
        ("@nr_states\n2", "@nr_states: 2", "line 12, column 1: what @nr_states says must stand on the line below"),
        ("// Exported", "Exported", "line 1, column 1: 'Exported by storm' stands before the first section"),
        ("double\n", "double\nor so\n", "line 5, column 1: 'or so' is no section"),
        ("$half : 1/2", "half : 1/2", r"line 8, column 1: 'half : 1/2' is not `\$name : value`"),
        ("$half : 1/2", "$half : 1/0", "line 8, column 1: '1/0' divides by zero"),
        ("$same : $half", "$half : 1/2", r"line 9, column 1: .* with a new name"),
        ("time money", "money money", "line 11, column 1: a reward model is named twice"),
        ("[0, 2]", "[0, 2, 4]", r"line 19, column 2: \[0, 2, 4\] holds 3 rewards; @reward_models names 2"),
        ("[0, 2]", "[0, two]", "line 19, column 2: 'two' is not a number"),
        ("[0, 2]", "[0, 2", r"line 19, column 13: '\[0, 2' is not `\[rewards\]`"),
        ("[0, 2]", "[0, 2] x", r"line 19, column 13: '\[0, 2\] x' is not `\[rewards\]`"),
        ("stay", "st[y", r"line 19, column 9: 'st\[y' is no name of an action"),
        ('"two words"', '"two words', r"line 17, column 8: .* is not `\[rewards\] label label ...`"),
        (" init", "", "labels no state init"),
        ("state 1", "state 2", "line 24, column 7: state 1 must follow"),
        ("0 : $half", "0 : $third", r"line 20, column 7: '\$third' is not a number"),
        ("0 : $half", "0 : [0.4, 0.6]", "line 20, column 3: the line that begins with '0' is not"),
        ("0 : $half", "0 0.5 :", "line 20, column 3: the line that begins with '0' is not"),
        ("0 : $half", "2 : $half", r"line 20, column 3: there is no state '2'; states are 0\.\.1"),
        ("0 : $half", "1 : $half", "line 21, column 3: state 0, action 0 leads to state 1 twice"),
        ("0 : $half", "0 : 0.4", r"line 20, column 3: .* of state 0, action 0 sum to 0\.9"),
        ("0 : $half", "0 : 1.5", r"line 20, column 3: the probability 1.5 is outside \[0, 1\]"),
        ("\t\t1 : 1\n", "", "line 23, column 1: the action above leads nowhere"),
        ("\taction stay [0, 2]\n", "", "line 19, column 3: a state comes first, then an action"),
        ("\taction __NOLABEL__ [3, 0]\n\t\t1 : 2/3\n\t\t0 : 1/3\n", "", "line 24, column 1: the file ends without"),
        ("\t\t1 : 2/3\n\t\t0 : 1/3\n", "", "line 26, column 2: the file ends without a transition"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(old, new, message, drn):
    assert old in DRN
    with pytest.raises(ModelError, match=message) as caught:
        read_drn(drn(DRN.replace(old, new)), gamma=0.9, reward="money")

    assert "model.drn" in str(caught.value)


def test_a_state_without_an_action_is_named(drn):
    with pytest.raises(ModelError, match="line 7, column 1: the state above has no action; give it a self-loop"):
        read_drn(drn("@type: MDP\n@nr_states\n2\n@model\n\nstate 0 init\nstate 1\n action 0\n  1 : 1\n"), gamma=0.9)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe@", "line 1, column 1: the byte 0xff is not UTF-8 text"),
        ("@type: MDP\n@nr_states\n1\n@model\n", "the header promises 1 states, the file lists 0"),
        ("@type: MDP\n@nr_states\n0\n@model\n", "labels no state init"),
    ],
)
def test_a_file_without_a_model_says_so(content, message, drn):
    with pytest.raises(ModelError, match=message):
        read_drn(drn(content), gamma=0.9)


def test_what_is_written_is_what_storm_writes(tmp_path):
    mdp = MDP.from_arrays(
        [[[0.5, 0.5], [0, 1]], [[1, 0], [0.1, 0.9]]], [[1, -0.25], [0, 0]], 0.9, mu=0, state_names=["a", "ü b"]
    )

    write_drn(tmp_path / "m.drn", mdp, {"goal": [1], "a b": [True, True], "[x": [0]}, reward="gain")

    assert (tmp_path / "m.drn").read_text(encoding="utf-8").splitlines() == [
        "// Exported by rltheory", "@type: MDP", "@parameters", "", "@reward_models", "gain",
        "@nr_states", "2", "@nr_choices", "4", "@model",
        'state 0 init "a b" "[x"', "//a", "\taction 0 [1.0]", "\t\t0 : 0.5", "\t\t1 : 0.5",
        "\taction 1 [-0.25]", "\t\t1 : 1.0",
        'state 1 goal "a b"', "//ü b", "\taction 0 [0.0]", "\t\t0 : 1.0",
        "\taction 1 [0.0]", "\t\t0 : 0.1", "\t\t1 : 0.9",
    ]  # fmt: skip
    back, labels = read_drn(tmp_path / "m.drn", gamma=0.9, reward="gain")
    assert back.state_names == ("a", "ü b")
    assert {name: states.tolist() for name, states in labels.items()} == {"goal": [1], "a b": [0, 1], "[x": [0]}


NAMED = MDP.from_arrays([[[1.0]]], [1.0], 0.9, action_names=["a"], state_names=["s"])


@pytest.mark.parametrize(
    ("changes", "labels", "reward", "message"),
    [
        ({"action_names": ["drop off"]}, {}, "r", "the name 'drop off' of state 0, action 0 has spaces or brackets"),
        ({"action_names": ["__NOLABEL__"]}, {}, "r", "or means no name; rename"),
        ({"state_names": ["a\rb"]}, {}, "r", "has a line break"),
        ({"state_names": ["\udfff"]}, {}, "r", "which UTF-8 does not know"),
        ({}, {'"': [0]}, "r", "has a quotation mark"),
        ({}, {"": [0]}, "r", "is empty"),
        ({}, {"init": [0]}, "r", r"mdp\.mu says"),
        ({}, {}, "two words", "reward is 'two words'"),
    ],
)
def test_what_the_file_cannot_hold_is_refused(changes, labels, reward, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        write_drn(tmp_path / "m.drn", NAMED.replace(**changes), labels, reward=reward)

    assert not (tmp_path / "m.drn").exists()


def test_negative_zeros_and_tiny_numbers_come_back(tmp_path):
    mdp = MDP.from_arrays([[[1 - 2**-53, 2**-53]], [[5e-324, 1]]], [-0.0, 1e-300], 0.9, mu=0)

    write_drn(tmp_path / "m.drn", mdp)

    back, _ = read_drn(tmp_path / "m.drn", gamma=0.9)
    assert back.P.toarray().tobytes() == mdp.P.toarray().tobytes()
    assert np.signbit(back.r[0])


def test_load_knows_the_ending(tmp_path):
    river = mdps.river_swim(n=4, gamma=0.9)
    write_drn(tmp_path / "m.drn", river)

    assert load(tmp_path / "m.drn").gamma == 1
    assert rl.solve(load(tmp_path / "m.drn", gamma=0.9)).value.tolist() == rl.solve(river).value.tolist()


def test_the_command_solves_a_file(tmp_path, capsys):
    from rltheory.__main__ import main

    write_drn(tmp_path / "m.drn", mdps.river_swim(n=6))

    assert main(["solve", str(tmp_path / "m.drn"), "--gamma", "0.95"]) == 0
    assert "4.669300161" in capsys.readouterr().out
    assert main(["solve", str(tmp_path / "m.drn")]) == 2
    assert "has no discount below 1: add --gamma" in capsys.readouterr().err
