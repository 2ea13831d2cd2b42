"""Gambit's strategic games: what the manual says of the format, exact round trips, and errors that name the place."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory.games import NormalFormGame
from rltheory.io import load
from rltheory.io.nfg import read_nfg, write_nfg
from rltheory.models import ModelError

LISTED = 'NFG 1 R "Two by three" { "Ann" "Bob" } { 3 2 } 1 1 0 2 0 2 1 1 0 3 2 0'
BY_OUTCOMES = """NFG 1 R "Two by three" { "Ann" "Bob" }
{ { "1" "2" "3" } { "1" "2" } }
{ { "" 1, 1 } { "" 0, 2 } { "" 0, 2 } { "" 1, 1 } { "" 0, 3 } { "" 2, 0 } }
1 2 3 4 5 6
"""
JUNK = (
    "NFG", "1", "R", "D", '"a"', '"', "{", "}", ",", "0", "2", "-1", "1/2", "1/0", ".5", "1e999", "nan", "99999999999",
    '\\"', "\\", "é", "\0", "#", "x", "{ 2 2 }", '{ "a" "b" }', "{ 1000000 1000000 }", "٣", "\x85",
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=5).filter(
    lambda name: '\\"' not in name and not name.endswith("\\")
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3).map(float)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a text as a file."""

    def of(text):
        path = tmp_path / "game.nfg"
        path.write_bytes(text.encode())
        return read_nfg(path)

    return of


def game_or_message(path):
    try:
        return read_nfg(path)
    except ModelError as error:
        return str(error)


@st.composite
def named_games(draw):
    """Draw games of one to three players, with and without names."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    n = int(np.prod(sizes))
    arrays = [np.array(draw(st.lists(FLOATS, min_size=n, max_size=n))).reshape(sizes) for _ in sizes]
    players = draw(st.none() | st.lists(NAMES, min_size=len(sizes), max_size=len(sizes)).filter(any))
    actions = draw(st.none() | st.tuples(*(st.lists(NAMES, min_size=m, max_size=m) for m in sizes)))
    return NormalFormGame(arrays, player_names=players, action_names=actions)


@pytest.mark.parametrize("text", [LISTED, BY_OUTCOMES], ids=["listed", "by outcomes"])
def test_profiles_are_counted_with_the_first_strategy_changing_fastest(read, text):
    # The manual: the list begins 1 1 for the first strategies, then the strategy of the first player is incremented.
    game = read(text)

    assert game.payoffs[0].tolist() == [[1, 1], [0, 0], [0, 2]]
    assert game.payoffs[1].tolist() == [[1, 1], [2, 3], [2, 0]]
    assert game.player_names == ("Ann", "Bob")


def test_payoffs_of_three_players_stand_where_the_tree_of_counting_puts_them(read):
    numbers = " ".join(f"{i} {10 * i} {-i}" for i in range(12))
    game = read(f'NFG 1 R "" {{ "" "" "" }} {{ 2 3 2 }} {numbers}')

    for a in np.ndindex(2, 3, 2):
        position = a[0] + 2 * a[1] + 6 * a[2]
        assert [u[a] for u in game.payoffs] == [position, 10 * position, -position]
    assert game.player_names is None


def test_the_outcome_nought_pays_nothing(read):
    game = read('NFG 1 R "" { "a" "b" } { { "x" "y" } { "x" "y" } } { { "both" 3 4 } } 1 0 0 1')

    assert game.payoffs[0].tolist() == [[3, 0], [0, 3]]
    assert game.payoffs[1].tolist() == [[4, 0], [0, 4]]
    assert game.action_names == (("x", "y"), ("x", "y"))


def test_outcomes_can_be_used_with_numbers_of_strategies_and_commas_left_out(read):
    game = read('NFG 1 D "" { "a" "b" } { 1 2 } "a comment" { { "" 1 2 } { "" 3, 4, } } 2 1')

    assert game.payoffs[0].tolist() == [[3, 1]]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("7", 7.0),
        ("-7", -7.0),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("1/3", 1 / 3),
        ("-2/4", -0.5),
        ("1e-3", 1e-3),
        ("2.5E+2", 250),
    ],
)
def test_numbers_are_whole_decimal_or_rational(read, word, value):
    assert read(f'NFG 1 R "t" {{ "p" }} {{ 1 }} {word}').payoffs[0].tolist() == [value]


def test_a_backslash_hides_a_quotation_mark_and_nothing_else(read):
    game = read(r'NFG 1 R "an \"odd\" title" { "a\"b" "c\d" } { 1 1 } 0 0')

    assert game.player_names == ('a"b', r"c\d")


def test_white_space_means_nothing_outside_names(read):
    spread = re.sub(" ", " \r\n\t\v", LISTED.replace('"Two by three"', '"t"'))

    assert (read(spread).payoffs[0] == read(LISTED).payoffs[0]).all()
    assert (read('NFG 1 R"t"{"a""b"}{2 1}1 2 3 4').payoffs[1] == [[2], [4]]).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("EFG 2 R", r"line 1, column 1: 'EFG' where `NFG`"),
        ('NFG 2 R "t"', r"line 1, column 5: version '2' of the format cannot be read; version 1 can"),
        ('NFG 1 Q "t"', r"line 1, column 7: 'Q' where `R`"),
        ("NFG 1 R { }", r"line 1, column 9: '{' where the title of the game, in quotation marks, must stand"),
        ('NFG 1 R "t" {\n"a" "b }', r"line 2, column 5: the quotation mark that opens here is never closed"),
        ('NFG 1 R "t" { } { }', r"0 players"),
        ('NFG 1 R "t" { "a" "b" } { 2 }', r"line 1, column 29: the strategies of 1 players are given; there are 2"),
        ('NFG 1 R "t" { "a" } { 2 2 }', r"line 1, column 25: '2' where `}`"),
        ('NFG 1 R "t" { "a" } { 0 }', r"line 1, column 23: player 1 has no strategy"),
        ('NFG 1 R "t" { "a" } { { } }', r"line 1, column 23: player 1 has no strategy"),
        ('NFG 1 R "t" { "a" } { -2 } 1', r"'-2' where the number of a player's strategies, a whole number"),
        ('NFG 1 R "t" { "a" } { 3 } 1 2', r"line 1, column 30: 2 entries end the file; 3 are needed, a payoff for"),
        ('NFG 1 R "t" { "a" } { 2 }\n1 2 3', r"line 2, column 5: 3 entries end the file; 2 are needed"),
        ('NFG 1 R "t" { "a" } { 1000000000 } 1', r"1 entries end the file; 1000000000 are needed"),
        ('NFG 1 R "t" { "a" } { 2 }\n1 two', r"line 2, column 3: 'two' is not a number"),
        ('NFG 1 R "t" { "a" } { 2 }\n1 1/0', r"line 2, column 3: '1/0' divides by zero"),
        ('NFG 1 R "t" { "a" } { 1 } 1e999', r"too large for double precision"),
        ('NFG 1 R "t" { "a" } { 2 } 1, 2', r"line 1, column 28: ',' where a payoff, a number, must stand"),
        ('NFG 1 R "t" { "a" } { 1 } { { "" 1 } } 2', r"line 1, column 40: there is no outcome 2; outcomes are 1\.\.1"),
        ('NFG 1 R "t" { "a" } { 1 } { { 1 } } 1', r"'1' where the name of an outcome"),
        ('NFG 1 R "t" { "a" } { 1 } { { "" 1 2 } } 1', r"'2' where `}`, after the payoffs of 1 players"),
        ('NFG 1 R "t" { "a" } { 1 } { { "" 1 } } 1.0', r"'1.0' where the number of an outcome"),
        ('NFG 1 R "é" { "a" }', r"line 1, column 20: the file ends where `{`, before the strategies"),
        (" \n ", r"is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(read, text, message):
    with pytest.raises(ModelError, match=message):
        read(text)


@given(named_games(), NAMES, st.booleans(), st.booleans())
def test_a_game_comes_back_bit_by_bit(tmp_path_factory, game, text, outcomes, rational):
    path = tmp_path_factory.mktemp("nfg") / "game.nfg"
    write_nfg(path, game, title=text, comment=text, outcomes=outcomes, rational=rational)
    back = load(path)

    assert [u.tobytes() for u in back.payoffs] == [u.tobytes() for u in game.payoffs]
    assert back.n_actions == game.n_actions
    assert (back.player_names, back.action_names) == (game.player_names, game.action_names)


def test_a_fraction_is_written_for_what_the_float_is_and_a_decimal_for_what_it_stands_for(tmp_path):
    path = tmp_path / "game.nfg"
    write_nfg(path, NormalFormGame([[0.1]]))
    assert path.read_text().split()[-1] == "0.1"
    write_nfg(path, NormalFormGame([[0.1]]), rational=True)
    assert path.read_text().split()[-1] == "3602879701896397/36028797018963968"


@pytest.mark.parametrize("name", ["a\\", '\\"', "a\rb", "\ud800"], ids=["end", "mark", "return", "surrogate"])
def test_a_name_that_the_format_cannot_say_is_refused(tmp_path, name):
    with pytest.raises(ModelError, match="rename"):
        write_nfg(tmp_path / "game.nfg", NormalFormGame([[0.0]], player_names=[name]))


def test_a_game_has_no_discount(tmp_path):
    path = tmp_path / "game.nfg"
    write_nfg(path, NormalFormGame([[0.0]]))
    with pytest.raises(ModelError, match="played once"):
        load(path, gamma=0.5)


@given(st.lists(st.sampled_from(JUNK), max_size=30).map(" ".join) | st.text(max_size=40) | st.binary(max_size=40))
def test_no_text_does_worse_than_a_model_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("nfg") / "game.nfg"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    found = game_or_message(path)
    assert isinstance(found, NormalFormGame) or "game.nfg" in found


@given(st.sampled_from([LISTED, BY_OUTCOMES]), st.integers(0, 200), st.integers(0, 3), st.sampled_from(["", *JUNK]))
def test_a_damaged_file_gives_a_game_of_its_own_size_or_a_model_error(tmp_path_factory, text, at, removed, junk):
    path = tmp_path_factory.mktemp("nfg") / "game.nfg"
    path.write_bytes((text[:at] + junk + text[at + removed :]).encode())
    found = game_or_message(path)
    assert found.n_players == 2 if isinstance(found, NormalFormGame) else "game.nfg" in found
