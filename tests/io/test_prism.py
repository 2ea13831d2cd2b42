"""PRISM's explicit files: what is read from them, what is written, and what is wrong with them, by line and column."""

import pytest

import mdps
import rltheory as rl
from rltheory.io import load, read_prism, write_prism
from rltheory.models import MDP, ModelError

TRA = """\
2 3 5
0 0 0 0.5 stay
0 0 1 0.5 stay
0 1 1 1.0 go
1 0 0 0.25 stay
1 0 1 0.75 stay
"""
LAB = '0="init" 1="deadlock" 2="goal"\n0: 0\n1: 2\n'
SREW = "2 1\n1 10\n"
TREW = "2 3 3\n0 0 0 2\n0 0 1 4\n0 1 1 0.5\n"
STA = "(x,y)\n0:(0,true)\n1:(-1,false)\n"


@pytest.fixture
def files(tmp_path):
    """Return a function that writes files, named by their endings, and returns the path of the transitions."""

    def write(**contents):
        for ending, content in contents.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"model.{ending}").write_bytes(data)
        return tmp_path / "model.tra"

    return write


def test_all_files_together_are_one_model(files):
    mdp, labels = read_prism(files(tra=TRA, lab=LAB, srew=SREW, trew=TREW, sta=STA), gamma=0.9)

    assert mdp.P.toarray().tolist() == [[0.5, 0.5], [0, 1], [0.25, 0.75]]
    assert mdp.r.tolist() == [3, 0.5, 10]  # 0.5 * 2 + 0.5 * 4; the state's 10
    assert mdp.gamma == 0.9
    assert mdp.mu.tolist() == [1, 0]
    assert [mdp.action_name(0, 1), mdp.action_name(1, 0)] == ["go", "stay"]
    assert mdp.action_names == ("stay", "go")
    assert mdp.state_names == ("x=0,y=true", "x=-1,y=false")
    assert {name: states.tolist() for name, states in labels.items()} == {"goal": [1]}


def test_rewards_of_states_and_transitions_add_up(files):
    mdp, _ = read_prism(files(tra=TRA, srew="2 2\n0 100\n1 10\n", trew=TREW), gamma=0.9)

    assert mdp.r.tolist() == [103, 100.5, 10]


def test_the_older_names_of_files_are_read(files):
    path = files(tra=TRA, rews=SREW, rewt=TREW)

    assert read_prism(path, gamma=0.9)[0].r.tolist() == [3, 0.5, 10]


def test_other_files_can_be_named(files, tmp_path):
    (tmp_path / "fuel.srew").write_text("2 1\n0 7\n")

    mdp, _ = read_prism(files(tra=TRA, srew=SREW), gamma=0.9, srew=tmp_path / "fuel.srew")

    assert mdp.r.tolist() == [7, 7, 0]


def test_old_and_new_names_together_are_ambiguous(files):
    path = files(tra=TRA, srew=SREW, rews=SREW)

    with pytest.raises(ModelError, match=r"model\.srew and .*model\.rews both hold rewards .* say which with srew="):
        read_prism(path, gamma=0.9)
    assert read_prism(path, gamma=0.9, srew=path.with_suffix(".rews"))[0].r.tolist() == [0, 0, 10]


def test_without_labels_the_first_state_is_initial_and_without_rewards_all_are_zero(files):
    mdp, labels = read_prism(files(tra=TRA), gamma=1.0)

    assert mdp.mu.tolist() == [1, 0]
    assert mdp.r.tolist() == [0, 0, 0]
    assert labels == {}


def test_storm_s_dialect_has_no_counts(files):
    path = files(
        tra="mdp\n" + TRA.partition("\n")[2],
        lab="#DECLARATION\ninit goal safe!\n#END\n0 init\n1 goal safe!\n",
        srew="1 10\n",
        trew="0 0 0 2\n0 0 1 4\n0 1 1 0.5\n",
    )

    mdp, labels = read_prism(path, gamma=0.9)

    assert mdp.r.tolist() == [3, 0.5, 10]
    assert {name: states.tolist() for name, states in labels.items()} == {"goal": [1], "safe!": [1]}


@pytest.mark.parametrize("header", ["2 3\n", "dtmc\n"])
def test_a_markov_chain_is_a_model_with_one_action(header, files):
    chain = f"{header}0 0 1/3\n0 1 2/3\n1 1 1\n"

    mdp, _ = read_prism(files(tra=chain, trew="2 1\n0 1 9\n" if header[0] == "2" else "0 1 9\n"), gamma=0.5)

    assert mdp.P.toarray().tolist() == [[1 / 3, 2 / 3], [0, 1]]
    assert mdp.r.tolist() == [6, 0]
    assert mdp.n_actions == 1


def test_comments_blank_lines_and_foreign_line_ends_are_read(files):
    lines = ["# Transitions (MDP)", *TRA.splitlines(), "", "   # the end, with an ä"]
    dressed = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()

    assert read_prism(files(tra=dressed), gamma=0.9)[0].P.toarray().tolist() == [[0.5, 0.5], [0, 1], [0.25, 0.75]]


def test_the_order_of_lines_does_not_matter(files):
    header, *lines = TRA.splitlines()
    sorted_model, _ = read_prism(files(tra=TRA, trew=TREW), gamma=0.9)

    shuffled, _ = read_prism(files(tra="\n".join([header, *lines[::-1]]), trew=TREW), gamma=0.9)

    assert (shuffled.P != sorted_model.P).nnz == 0
    assert shuffled.r.tolist() == sorted_model.r.tolist()
    assert shuffled.action_names == sorted_model.action_names


def test_choices_without_a_name_have_an_empty_one(files):
    mdp, _ = read_prism(files(tra=TRA.replace(" go", "")), gamma=0.9)

    assert [mdp.action_name(0, 0), mdp.action_name(0, 1)] == ["stay", ""]


def test_short_decimals_are_rescaled_only_when_asked(files):
    path = files(tra="1 1 1\n0 0 0 0.9999\n")

    with pytest.raises(ModelError, match=r"sum to 0\.9999 .* normalise=True rescales"):
        read_prism(path, gamma=0.9)
    assert read_prism(path, gamma=0.9, normalise=True)[0].P.toarray().tolist() == [[1]]
    with pytest.raises(ModelError, match="this is more than rounding"):
        read_prism(files(tra="1 1 1\n0 0 0 0.99\n"), gamma=0.9, normalise=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0 0 1 0.5", "0 0 1 o.5", "line 3, column 7: 'o.5' is not a number; it must be a decimal"),
        ("0 0 1 0.5", "0 0 1 nan", "line 3, column 7: 'nan' is not a number"),
        ("0 0 1 0.5", "0 0 1 1e", "line 3, column 7: '1e' is not a number"),
        ("0 0 1 0.5", "0 0 1 0_5", "line 3, column 7: '0_5' is not a number"),
        ("0 0 1 0.5", "0 0 1 1/0", "line 3, column 7: '1/0' divides by zero"),
        ("0 0 1 0.5", "0 0 1 1e999", "line 3, column 7: '1e999' is too large"),
        ("0 0 1 0.5", "0 0 1 -0.5", r"line 3, column 1: the probability -0.5 is outside \[0, 1\]"),
        ("0 0 1 0.5", "0 0 1 0.4", r"line 2, column 1: .* state 0, action 0 sum to 0.9 \(1 bad rows\)"),
        ("0 0 1 0.5", "0 0 2 0.5", r"line 3, column 5: there is no state '2'; states are 0\.\.1"),
        ("0 0 1 0.5", "0 x 1 0.5", "line 3, column 3: 'x' is not the index of a choice"),
        ("0 0 1 0.5", "-0 0 1 0.5", "line 3, column 1: '-0' is not the index of a state"),
        ("0 0 1 0.5", "0 0 1 0.5 stay here", "line 3, column 1: .* is not `source choice target probability"),
        ("0 0 1 0.5 stay", "0 0 1", "line 3, column 1: .* is not `source choice target probability"),
        ("0 0 1 0.5 stay", "0 0 1 0.5", "line 3, column 1: the action differs"),
        ("0 0 1 0.5 stay", "0 0 1 0.5 §", "line 3, column 11: '§' is no name of an action"),
        ("0 0 1 0.5", "0 0 0 0.5", "line 3, column 1: state 0, action 0 leads to state 0 twice"),
        ("0 1 1 1.0", "0 2 1 1.0", "line 4, column 1: before this line, state 0 has no choice 1"),
        ("0 1 1 1.0", "0 99 1 1.0", "line 4, column 3: choice '99' is too large"),
        ("0 0 ", "0 1 ", "line 2, column 1: before this line, state 0 has no choice 0"),
        ("1 0 ", "0 2 ", "line 6, column 1: state 1 has no transition; .* self-loop"),
        ("2 3 5", "3 3 5", "line 6, column 1: state 2 has no transition"),
        ("2 3 5", "2 2 5", "line 1, column 3: the header promises 2 choices, the lines hold 3"),
        ("2 3 5", "2 3 6", "line 1, column 5: the header promises 6 transitions, but 5 lines follow"),
        ("2 3 5", "4 3 5", "line 1, column 1: the header promises 4 states with 3 choices"),
        ("2 3 5", "0 3 5", "line 1, column 1: the header promises 0 states"),
        ("2 3 5", "2 9 5", "line 1, column 3: the header promises 9 choices with 5 transitions"),
        ("2 3 5", "2 3 5 7", "line 1, column 1: four counts are the header of a POMDP"),
        ("2 3 5", "2 -3 5", "line 1, column 3: '-3' is not a count"),
        ("2 3 5", "ctmc", "line 1, column 1: it holds a model of type ctmc"),
        ("2 3 5", "# Transitions (CTMC)\n2 3 5", "line 2, column 1: it holds a model of type ctmc"),
        ("2 3 5", "7", "line 1, column 1: a .tra file begins with"),
        ("stay", "st\0ay", r"line 2, column 11: 'st\\x00ay' is no name"),
    ],
)
def test_what_is_wrong_with_transitions_is_told_by_line_and_column(old, new, message, files):
    with pytest.raises(ModelError, match=rf"model\.tra, {message}"):
        read_prism(files(tra=TRA.replace(old, new)), gamma=0.9)


@pytest.mark.parametrize(
    ("ending", "content", "message"),
    [
        ("tra", b"", r"model\.tra is empty"),
        ("tra", b"\n \n", r"model\.tra is empty"),
        ("tra", b"# nothing\n", r"model\.tra holds comments only"),
        ("tra", b"mdp\n", "holds no transition"),
        ("tra", TRA.encode("utf-16"), "line 1, column 1: the byte 0xff is not UTF-8 text"),
        ("tra", b"2 3 5\n0 0 \xe9", "line 2, column 5: the byte 0xe9 is not UTF-8 text"),
        ("tra", "mdp\n7 0 9 1\n", "line 2, column 1: there is no state '7'"),
        ("tra", "mdp\n0 0 99999999999999999 1\n", "there is no state '99999999999999999'"),
        ("tra", "mdp\n0 0 99999999999999999999 1\n", "is not the index of a state"),
        ("tra", "2 3 5\n1 0 1 1\n1 1 1 1\n1 2 1 1\n1 3 1 1\n1 4 1 1\n", "line 2, .*, state 0 has no transition"),
        ("lab", '0="init" 2="goal"\n0: 0\n', 'line 1, column 9: here `1="name"` must follow'),
        ("lab", '0="init" 1="a b"\n0: 0\n', "line 1, column 13: 'a b' is no new name of a label"),
        ("lab", '0="init" 1="init"\n0: 0\n', "line 1, column 13: 'init' is no new name of a label"),
        ("lab", '0="init"\n0: 1\n', "line 2, column 1: there is no label 1"),
        ("lab", '0="init"\n2: 0\n', "line 2, column 1: there is no state 2"),
        ("lab", '0="init"\n0: 0\n0: 0\n', "line 3, column 1: state 0 already has a line"),
        ("lab", '0="init"\n0 0\n', "line 2, column 1: '0 0' is not `state: label label"),
        ("lab", '0="init"\n', 'labels no state "init"'),
        ("lab", "#DECLARATION\ninit\n0 init\n", "no line #END ends them"),
        ("lab", "#DECLARATION\ninit\n#END\n0 goal\n", "line 4, column 1: the label 'goal' is not declared"),
        ("lab", "#DECLARATION\ninit\n#END\n0:\n", "line 4, column 1: '0:' is not `state label label"),
        ("srew", "2 2\n1 10\n", "line 1, column 3: the header promises 2 rewards, but 1 lines follow"),
        ("srew", "3 1\n1 10\n", "line 1, column 1: the header says 3, the transitions have 2"),
        ("srew", "2 1\n2 10\n", "line 2, column 1: there is no state '2'"),
        ("srew", "2 2\n1 10\n1 10\n", "line 3, column 1: state '1' already has a reward"),
        ("srew", "2 1\n1 inf\n", "line 2, column 3: 'inf' is not a number"),
        ("srew", "2 1\n1 10 x\n", "line 2, column 1: the line that begins with '1' is not `state reward`"),
        ("srew", "1 10\n", "line 1, column 1: the header says 1, the transitions have 2"),
        ("srew", "2 1 1\n1 10\n", "does not begin with 2 counts"),
        ("trew", "2 3 1\n0 1 0 1\n", "line 2, column 1: there is a reward, but no transition"),
        ("trew", "2 3 1\n0 5 0 1\n", "line 2, column 1: there is a reward, but no transition"),
        ("trew", "2 3 1\n9 0 9 1\n", "line 2, column 1: there is a reward, but no transition"),
        ("trew", "2 3 2\n0 0 0 1\n0 0 0 1\n", "line 3, column 1: this transition already has a reward"),
        ("trew", "2 4 1\n0 0 0 1\n", "line 1, column 1: the header says 2 4, the transitions have 2 3"),
        ("trew", "2 3 2\n0 0 0 1e308\n0 0 1 1e999\n", "line 3, column 7: '1e999' is too large"),
        ("sta", "x\n0:(1)\n1:(1)\n", r"line 1, column 1: 'x' is not `\(x,y,...\)`"),
        ("sta", "(x)\n0:(1)\n", "lists 1 states, the transitions have 2"),
        ("sta", "(x)\n0:(1)\n1:(1)\n2:(1)\n", "line 4, .* after 2 of 2 states the file ends"),
        ("sta", "(x)\n1:(1)\n0:(1)\n", r"line 2, .* `0:\(x\)` must follow"),
        ("sta", "(x)\n0:(1,2)\n1:(1)\n", "line 2, column 1: '1,2' are not 1 values"),
        ("sta", "(x)\n0:(1) # one\n1:(1)\n", "names 1 of 2 states in comments"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(ending, content, message, files):
    with pytest.raises(ModelError, match=message):
        read_prism(files(**{"tra": TRA, ending: content}), gamma=0.9)


def test_a_sum_that_overflows_is_an_error_of_the_file(files):
    with pytest.raises(ModelError, match=r"model\.tra: the reward of state 0, action 0 .* is inf"):
        read_prism(files(tra=TRA, srew="2 1\n0 1e308\n", trew="2 3 2\n0 0 0 1.7e308\n0 0 1 1.7e308\n"), gamma=0.9)


def test_a_header_cannot_ask_for_memory(files):
    with pytest.raises(ModelError, match="promises 999999999999999999 transitions, but 5 lines follow"):
        read_prism(files(tra=TRA.replace("2 3 5", "99999999999999 999999999999999 999999999999999999")), gamma=0.9)


def test_what_is_written_is_what_prism_writes(tmp_path):
    mdp = MDP.from_arrays(
        [[[0.5, 0.5], [0, 1]], [[1, 0], [0.1, 0.9]]], [[1, -0.25], [0, 0]], 0.9, mu=0, action_names=["stay", "go"]
    )

    write_prism(tmp_path / "m.tra", mdp, {"goal": [1]}, reward="gain")

    assert (tmp_path / "m.tra").read_text().splitlines() == [
        "2 4 6", "0 0 0 0.5 stay", "0 0 1 0.5 stay", "0 1 1 1.0 go",
        "1 0 0 1.0 stay", "1 1 0 0.1 go", "1 1 1 0.9 go",
    ]  # fmt: skip
    assert (tmp_path / "m.lab").read_text() == '0="init" 1="deadlock" 2="goal"\n0: 0\n1: 2\n'
    assert (tmp_path / "m.trew").read_text().splitlines() == [
        '# Reward structure "gain"', "# Transition rewards", "2 4 3", "0 0 0 1.0", "0 0 1 1.0", "0 1 1 -0.25",
    ]  # fmt: skip
    assert not (tmp_path / "m.sta").exists()


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["x=0,y=true", "x=-1,y=false"], STA),
        (["x=0", "y=1"], "(state)\n0:(0) # x=0\n1:(1) # y=1\n"),
        (["x=0.5", "x=1"], "(state)\n0:(0) # x=0.5\n1:(1) # x=1\n"),
        (["(0, 0) ü#:", " "], "(state)\n0:(0) # (0, 0) ü#:\n1:(1) #  \n"),
    ],
)
def test_names_of_states_are_variables_or_comments_and_come_back(names, written, tmp_path):
    mdp = mdps.chain(2).replace(state_names=names, mu=0)

    write_prism(tmp_path / "m.tra", mdp)

    assert (tmp_path / "m.sta").read_text(encoding="utf-8") == written
    assert read_prism(tmp_path / "m.tra", gamma=0.9)[0].state_names == tuple(names)


def test_older_files_of_the_same_name_do_not_mix_with_the_new(tmp_path):
    for ending in ("srew", "rews", "rewt", "sta"):
        (tmp_path / f"m.{ending}").write_text("old")

    write_prism(tmp_path / "m.tra", mdps.chain(2).replace(state_names=None, mu=0))

    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lab", ".tra", ".trew"]


NAMED = MDP.from_arrays([[[1.0]]], [1.0], 0.9, action_names=["a"], state_names=["s"])


@pytest.mark.parametrize(
    ("changes", "labels", "message"),
    [
        ({"action_names": ["drop off"]}, {}, r"the name 'drop off' of state 0, action 0 is no identifier"),
        ({"action_names": ["1"]}, {}, r"rename with mdp\.replace\(action_names=\.\.\.\)"),
        ({"state_names": ["a\nb"]}, {}, "has a line break"),
        ({"state_names": ["\ud800"]}, {}, "which UTF-8 does not know"),
        ({}, {"the goal": [0]}, "the label 'the goal' is no identifier"),
        ({}, {"init": [0]}, r"mdp\.mu says"),
        ({}, {"goal": [1]}, r"label 'goal' names state 1; states are 0\.\.0"),
        ({}, {"goal": [0.5]}, "neither indices of states nor an array of bool"),
        ({}, {"goal": [True, False]}, "neither indices of states nor an array of bool"),
    ],
)
def test_what_the_files_cannot_hold_is_refused_before_anything_is_written(changes, labels, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        write_prism(tmp_path / "m.tra", NAMED.replace(**changes), labels)

    assert not (tmp_path / "m.tra").exists()


def test_only_a_uniform_start_can_be_a_label(tmp_path):
    river = mdps.river_swim(n=3)

    write_prism(tmp_path / "m.tra", river.replace(mu=[0.5, 0, 0.5]))
    assert read_prism(tmp_path / "m.tra", gamma=0.9)[0].mu.tolist() == [0.5, 0, 0.5]
    with pytest.raises(ModelError, match=r"mu of state 0 is 0.4, not 1/2: .*mdp\.replace\(mu=state\)"):
        write_prism(tmp_path / "m.tra", river.replace(mu=[0.4, 0, 0.6]))


def test_names_of_files_and_rewards_are_checked(tmp_path):
    with pytest.raises(ModelError, match=r"does not end in \.tra"):
        write_prism(tmp_path / "model", NAMED)
    with pytest.raises(ModelError, match="reward is 'my reward'; it must be an identifier"):
        write_prism(tmp_path / "m.tra", NAMED, reward="my reward")
    with pytest.raises(FileNotFoundError):
        read_prism(tmp_path / "absent.tra", gamma=0.9)


def test_load_knows_the_ending(tmp_path):
    river = mdps.river_swim(n=4, gamma=0.9)
    write_prism(tmp_path / "m.tra", river)

    assert load(tmp_path / "m.tra").gamma == 1
    assert rl.solve(load(tmp_path / "m.tra", gamma=0.9)).value.tolist() == rl.solve(river).value.tolist()
