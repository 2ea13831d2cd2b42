r"""Gambit's strategic games, ``.nfg``, read and written.

A file begins with ``NFG 1 R``, a title and the names of the players. Then it says how many strategies each player has,
``{ 3 2 }``, or how they are called, ``{ { "U" "M" "D" } { "L" "R" } }``; a comment may follow. The payoffs come in one
of two forms. Either there is one number for each profile and player,

    NFG 1 R "Stag hunt" { "Ann" "Bob" } { 2 2 }
    4 4  3 1  1 3  3 3

or outcomes are listed once, and each profile has the number of its outcome, 0 for "nobody gets anything":

    NFG 1 R "Meet" { "Ann" "Bob" } { { "bar" "park" } { "bar" "park" } }
    { { "together" 1, 1 } }
    1 0 0 1

Profiles are counted with the first player's strategy changing fastest. White space separates and means nothing else;
``\"`` is a quotation mark within a name, and a backslash before anything else stands for itself.

Savani and Turocy, Gambit: the package for computation in game theory; manual, "Game representation formats".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rltheory.io._text import Text, number, shown
from rltheory.models import ModelError

if TYPE_CHECKING:
    from rltheory.games import NormalFormGame

_T = TypeVar("_T", int, float)
_TOKEN = re.compile(rb'[{},]|"(?:\\"|[^"\\]|\\(?!"))*"|[^\s{},"]+|"')
_MOST_PLAYERS = 32  # axes that an array of any NumPy can have
_COUNT = re.compile(r"\d{1,18}", re.ASCII)


def read_nfg(path: str | Path) -> NormalFormGame:
    r"""Read a game in normal form from a ``.nfg`` file of Gambit.

    Parameters
    ----------
    path : str or Path
        The file; payoffs in a list or by outcomes, numbers whole, decimal or rational.

    Returns
    -------
    NormalFormGame
        Payoffs are the floats nearest to the file's numbers. Players without names, all ``""``, have none; strategies
        have names if the file gives them. The title, the comment and the names of outcomes are not kept.

    Raises
    ------
    ModelError
        If the file is damaged: the message names the file, the line, the column and what was expected.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "hunt.nfg")
    ...     _ = path.write_text('NFG 1 R "Stag hunt" { "Ann" "Bob" } { 2 2 } 4 4  3 1  1 3  3 3')
    ...     game = read_nfg(path)
    >>> game, game.player_names, game.payoffs[0]
    (NormalFormGame(2 players, 2 x 2 actions), ('Ann', 'Bob'),
     array([[4., 1.],
           [3., 3.]]))
    """
    from rltheory.games import NormalFormGame

    tokens = _Tokens.of(Text.read(path))
    _read_kind(tokens)
    tokens.quoted("the title of the game")
    players = tokens.names("the names of the players")
    if not 1 <= len(players) <= _MOST_PLAYERS:
        raise tokens.error(f"the list above has {len(players)} players; 1 to {_MOST_PLAYERS} can be read")
    sizes, names = _read_strategies(tokens, len(players))
    if tokens.here.startswith(b'"'):
        tokens.quoted("a comment")
    payoffs = _read_outcomes(tokens, sizes) if tokens.here == b"{" else _read_payoffs(tokens, sizes)
    arrays = [column.reshape(sizes, order="F") for column in payoffs.T]
    return NormalFormGame(arrays, player_names=players if any(players) else None, action_names=names)


def write_nfg(
    path: str | Path,
    game: NormalFormGame,
    *,
    title: str = "",
    comment: str = "",
    outcomes: bool = False,
    rational: bool = False,
) -> None:
    """Write a game in normal form to a ``.nfg`` file of Gambit; `read_nfg` gives it back bit by bit.

    Parameters
    ----------
    path : str or Path
        The file.
    game : NormalFormGame
        The game, of at most 32 players.
    title, comment : str
        What the file says about the game.
    outcomes : bool
        Write each pair, or tuple, of payoffs once as an outcome, and the number of its outcome for each profile.
    rational : bool
        Write the float that is stored as a fraction, such as 3602879701896397/36028797018963968, and not its shortest
        decimal, 0.1. Gambit computes with exactly what is written.

    Raises
    ------
    ModelError
        If there are too many players, or a text cannot be written: the format has no way to say a backslash before a
        quotation mark or at the end, and a carriage return does not come back.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from rltheory.games import NormalFormGame
    >>> meet = NormalFormGame.symmetric([[1, 0], [0, 1]], action_names=[["bar", "park"]] * 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "meet.nfg")
    ...     write_nfg(path, meet, title="Meet", outcomes=True)
    ...     print(path.read_text())
    NFG 1 R "Meet" { "" "" }
    { { "bar" "park" } { "bar" "park" } }
    ""
    { { "" 1, 1 } { "" 0, 0 } }
    1 2 2 1
    """
    if game.n_players > _MOST_PLAYERS:
        raise ModelError(f"the game has {game.n_players} players; at most {_MOST_PLAYERS} can be written")
    Path(path).write_bytes("\n".join([*_lines(game, title, comment, outcomes, rational), ""]).encode())


@dataclass(slots=True)
class _Tokens:
    """The tokens of a file with their places, and which is next; the last one is empty and stands for the end."""

    text: Text
    words: list[bytes]
    starts: list[int]
    position: int = 0

    @classmethod
    def of(cls, text: Text) -> _Tokens:
        """Cut a text, refusing a quotation mark that is never closed."""
        words, starts = [], []
        for found in _TOKEN.finditer(text.data):
            if found[0] == b'"':
                raise text.error(found.start(), "the quotation mark that opens here is never closed")
            words.append(found[0])
            starts.append(found.start())
        return cls(text, [*words, b""], [*starts, len(text.data.rstrip())])

    @property
    def here(self) -> bytes:
        """The next token."""
        return self.words[self.position]

    def error(self, message: str) -> ModelError:
        """Return an error that names the place of the next token."""
        return self.text.error(self.starts[self.position], message)

    def unexpected(self, wanted: str) -> ModelError:
        """Return an error that says what stands in the place of something else."""
        found = shown(self.here.decode()) if self.here else "the file ends"
        return self.error(f"{found} where {wanted} must stand")

    def take(self) -> bytes:
        """Return the next token and go on to the one after it."""
        self.position += 1
        return self.words[self.position - 1]

    def expect(self, word: bytes, what: str) -> None:
        """Go past a certain token."""
        if self.here != word:
            raise self.unexpected(f"`{word.decode()}`, {what},")
        self.take()

    def quoted(self, what: str) -> str:
        """Return a text in quotation marks."""
        if not self.here.startswith(b'"'):
            raise self.unexpected(f"{what}, in quotation marks,")
        return self.take()[1:-1].decode().replace('\\"', '"')

    def names(self, what: str) -> list[str]:
        """Return texts in braces."""
        self.expect(b"{", f"before {what}")
        found = []
        while self.here.startswith(b'"'):
            found.append(self.quoted(what))
        self.expect(b"}", f"after {what}")
        return found

    def count(self, what: str) -> int:
        """Return a whole number of at least 0."""
        if not _COUNT.fullmatch(self.here.decode()):
            raise self.unexpected(f"{what}, a whole number such as 0 or 12,")
        return int(self.take())

    def number(self, what: str) -> float:
        """Return the float nearest to a number."""
        if self.here in (b"", b"{", b"}", b",") or self.here.startswith(b'"'):
            raise self.unexpected(f"{what}, a number,")
        try:
            value = number(self.here.decode())
        except ModelError as error:
            raise self.error(str(error)) from None
        self.take()
        return value


def _read_kind(tokens: _Tokens) -> None:
    """Read ``NFG 1 R``; D, in place of R, once said that numbers are decimal."""
    if tokens.here != b"NFG":
        raise tokens.unexpected("`NFG`, by which a strategic game begins,")
    tokens.take()
    if tokens.here != b"1":
        raise tokens.error(f"version {shown(tokens.here.decode())} of the format cannot be read; version 1 can")
    tokens.take()
    if tokens.here not in (b"R", b"D"):
        raise tokens.unexpected("`R` (or, in old files, `D`)")
    tokens.take()


def _read_strategies(tokens: _Tokens, n_players: int) -> tuple[tuple[int, ...], list[list[str]] | None]:
    """Return how many strategies each player has, and their names if the file gives names."""
    tokens.expect(b"{", "before the strategies")
    names: list[list[str]] | None = [] if tokens.here == b"{" else None
    sizes: list[int] = []
    while tokens.here not in (b"}", b"") and len(sizes) < n_players:
        place = tokens.position
        if names is None:
            sizes.append(tokens.count("the number of a player's strategies"))
        else:
            names.append(tokens.names("the names of a player's strategies"))
            sizes.append(len(names[-1]))
        if sizes[-1] == 0:
            tokens.position = place
            raise tokens.error(f"player {len(sizes)} has no strategy; every player needs one")
    if tokens.here == b"}" and len(sizes) < n_players:
        raise tokens.error(f"the strategies of {len(sizes)} players are given; there are {n_players} players")
    tokens.expect(b"}", f"after the strategies of {n_players} players")
    return tuple(sizes), names


def _read_payoffs(tokens: _Tokens, sizes: Sequence[int]) -> np.ndarray:
    """Read one number for each profile and player: shape (profiles, players)."""
    n_profiles, n_players = math.prod(sizes), len(sizes)
    values = _read_list(tokens, n_profiles * n_players, tokens.number, "a payoff")
    return np.array(values).reshape(n_profiles, n_players)


def _read_outcomes(tokens: _Tokens, sizes: Sequence[int]) -> np.ndarray:
    """Read outcomes and the number of each profile's outcome: shape (profiles, players)."""
    tokens.expect(b"{", "before the outcomes")
    outcomes = [[0.0] * len(sizes)]
    while tokens.here == b"{":
        tokens.take()
        tokens.quoted("the name of an outcome")
        outcomes.append([_payoff_of_outcome(tokens, player) for player in range(len(sizes))])
        tokens.expect(b"}", f"after the payoffs of {len(sizes)} players")
    tokens.expect(b"}", "after the outcomes")

    def outcome(what: str) -> int:
        index = tokens.count(what)
        if index >= len(outcomes):
            tokens.position -= 1
            raise tokens.error(f"there is no outcome {index}; outcomes are 1..{len(outcomes) - 1}, 0 pays nothing")
        return index

    return np.array(outcomes)[_read_list(tokens, math.prod(sizes), outcome, "the number of an outcome")]


def _payoff_of_outcome(tokens: _Tokens, player: int) -> float:
    value = tokens.number(f"the payoff of player {player + 1}")
    if tokens.here == b",":
        tokens.take()
    return value


def _read_list(tokens: _Tokens, length: int, read: Callable[[str], _T], what: str) -> list[_T]:
    """Read the rest of the file, which must be so long."""
    left = len(tokens.words) - 1 - tokens.position
    values = [read(what) for _ in range(min(length, left))]
    if left != length:
        raise tokens.error(f"{left} entries end the file; {length} are needed, {what} for each")
    return values


def _lines(game: NormalFormGame, title: str, comment: str, outcomes: bool, rational: bool) -> Iterator[str]:
    """Yield the lines of a file."""
    yield f"NFG 1 R {_quoted(title)} {_braced(game.player_names or [''] * game.n_players)}"
    if game.action_names is None:
        yield f"{{ {' '.join(map(str, game.n_actions))} }}"
    else:
        yield f"{{ {' '.join(map(_braced, game.action_names))} }}"
    yield _quoted(comment)
    columns = [[_written(x, rational) for x in u.ravel(order="F").tolist()] for u in game.payoffs]
    profiles = list(zip(*columns, strict=True))
    if not outcomes:
        yield " ".join(value for profile in profiles for value in profile)
        return
    index = {profile: i + 1 for i, profile in enumerate(dict.fromkeys(profiles))}
    yield "{ " + " ".join('{ "" ' + ", ".join(profile) + " }" for profile in index) + " }"
    yield " ".join(str(index[profile]) for profile in profiles)


def _braced(names: Sequence[str]) -> str:
    return f"{{ {' '.join(map(_quoted, names))} }}"


def _quoted(text: str) -> str:
    """Return a text in quotation marks."""
    if "\r" in text or '\\"' in text or text.endswith("\\"):
        why = "a carriage return, or a backslash before a quotation mark or at the end"
        raise ModelError(f"the format cannot say {shown(text)}: it has {why}; rename")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ModelError(f"{shown(text)} is not text that UTF-8 can write; rename") from None
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


def _written(x: float, rational: bool) -> str:
    """Return a number that reads back as the same float."""
    if x == 0 and math.copysign(1.0, x) < 0:
        return "-0.0"
    if rational or (x.is_integer() and abs(x) < 1e15):
        return str(Fraction(x))
    return repr(x).replace("e+", "e")  # Gambit refuses 1e+16
