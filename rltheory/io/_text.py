"""Text files cut into tokens: whole columns are converted at once, and errors name file, line and column.

Offsets into the file are all that is kept of a token. NumPy turns a column of a million tokens into numbers, and only
if one of them is wrong is its place in the file looked up; there is no second, slower reader for errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rltheory.models import ModelError

SPACES = " \t\v\f"
"""What separates the words of a line; Python's own ``str.split`` knows many more."""

_WIDEST = 32  # longer numbers are rare, and converted one by one
_INDEX_DIGITS = 18  # what int64 holds for certain

_SPACE = np.isin(np.arange(256), list(f"{SPACES}\n".encode()))
_DECIMAL = np.isin(np.arange(256), list(b"0123456789+-.eE"))
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FRACTION = re.compile(r"([+-]?\d+)/(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """The contents of a text file: UTF-8, every line ended by a line feed."""

    path: Path
    data: bytes

    @classmethod
    def read(cls, path: str | Path) -> Text:
        """Read a file, refusing what is not UTF-8 and what is empty; line ends of any system are understood."""
        data = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
        text = cls(Path(path), data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + b"\n")
        try:
            text.data.decode("utf-8")
        except UnicodeDecodeError as error:
            found = f"the byte 0x{text.data[error.start]:02x} is not UTF-8 text; save the file as plain text in UTF-8"
            raise text.error(error.start, found) from None
        if text.data.isspace():
            raise ModelError(f"{path} is empty")
        return text

    def error(self, offset: int, message: str) -> ModelError:
        """Return an error that names the place of a byte; lines and columns count from 1."""
        line = self.data.count(b"\n", 0, offset) + 1
        start = self.data.rfind(b"\n", 0, offset) + 1
        column = len(self.data[start:offset].decode("utf-8")) + 1
        return ModelError(f"{self.path}, line {line}, column {column}: {message}")

    def lines(self, offset: int = 0) -> Iterator[tuple[int, str]]:
        """Yield (offset, line) from an offset on, without the line ends."""
        while offset < len(self.data):
            end = self.data.index(b"\n", offset)
            yield offset, self.data[offset:end].decode("utf-8")
            offset = end + 1

    def data_lines(self, comment: str) -> Iterator[tuple[int, str]]:
        """Yield (offset, line) without blank lines and comments."""
        return ((at, line) for at, line in self.lines() if line.strip() and not line.lstrip().startswith(comment))


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Where the tokens of a text are, and which of them begin a line; lines that are comments or blank are left out.

    Tokens are named by their index; ``row`` holds the first token of each line and ``width`` how many it has.
    """

    text: Text
    letters: np.ndarray
    start: np.ndarray
    length: np.ndarray
    row: np.ndarray
    width: np.ndarray

    @classmethod
    def of(cls, text: Text, comment: bytes) -> Tokens:
        """Cut a text at white space."""
        letters = np.frombuffer(text.data + bytes(_WIDEST), dtype=np.uint8)
        inside = ~_SPACE[letters[: len(text.data)]]
        edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
        start, length = edges[::2].copy(), edges[1::2] - edges[::2]
        line_starts = np.concatenate([[0], np.flatnonzero(letters[: len(text.data) - 1] == ord("\n")) + 1])
        first = np.searchsorted(start, line_starts)
        width = np.diff(first, append=start.size)
        first, width = first[width > 0], width[width > 0]
        said = np.ones(first.size, dtype=bool)
        for position, letter in enumerate(comment):
            said &= letters[start[first] + position] == letter
        return cls(text, letters, start, length, first[~said], width[~said])

    def word(self, token: int) -> str:
        """Return a token's text."""
        begin = int(self.start[token])
        return self.text.data[begin : begin + int(self.length[token])].decode("utf-8")

    def codes(self, tokens: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Return the number of each token's word, and the words by number."""
        data, begin = self.text.data, self.start[tokens]
        ends = zip(begin.tolist(), (begin + self.length[tokens]).tolist(), strict=True)
        known: dict[bytes, int] = {}
        code = np.array([known.setdefault(data[i:j], len(known)) for i, j in ends], dtype=np.int64)
        return code, [word.decode("utf-8") for word in known]

    def are(self, tokens: np.ndarray, word: bytes) -> np.ndarray:
        """Tell which tokens are a word, at most as long as the widest number."""
        same = self.length[tokens] == len(word)
        for position, code in enumerate(word):
            same &= self.letters[self.start[tokens] + position] == code
        return same

    def error(self, token: int, message: str) -> ModelError:
        """Return an error that names the place of a token."""
        return self.text.error(int(self.start[token]), message)

    def refuse(self, bad: np.ndarray, tokens: np.ndarray, message: Callable[[str], str]) -> None:
        """Raise an error for the first token that is bad; the message is made from its text."""
        if bad.any():
            token = int(tokens[np.argmax(bad)])
            raise self.error(token, message(shown(self.word(token))))

    def integers(self, tokens: np.ndarray, what: str) -> np.ndarray:
        """Convert tokens to whole numbers of at least 0."""
        begin, length = self.start[tokens], self.length[tokens]
        value = np.zeros(tokens.size, dtype=np.int64)
        bad = length > _INDEX_DIGITS
        for position in range(min(int(length.max(initial=0)), _INDEX_DIGITS)):
            present = position < length
            digit = self.letters[begin + position] - np.uint8(ord("0"))  # wraps around: what is no digit is above 9
            bad |= present & (digit > 9)
            value = np.where(present, value * 10 + digit, value)
        self.refuse(bad, tokens, lambda word: f"{word} is not {what}; it must be a whole number such as 0 or 12")
        return value

    def numbers(self, tokens: np.ndarray, constants: Mapping[str, float] | None = None) -> np.ndarray:
        """Convert tokens to the nearest floats: decimals, fractions such as 1/3, and named constants."""
        begin, length = self.start[tokens], self.length[tokens]
        width = min(int(length.max(initial=1)), _WIDEST)
        grid = np.zeros((tokens.size, width), dtype=np.uint8)
        odd = length > width
        for position in range(width):
            present, letter = position < length, self.letters[begin + position]
            odd |= present & ~_DECIMAL[letter]
            grid[:, position] = np.where(present, letter, 0)
        value = np.zeros(tokens.size)
        plain = grid if not odd.any() else grid[~odd]
        try:
            value[~odd] = plain.view(f"S{width}").reshape(-1).astype(np.float64)
        except ValueError:  # such as 1e; which one it is, the careful conversion tells
            odd[:] = True
        odd |= ~np.isfinite(value)
        for entry in np.flatnonzero(odd).tolist():
            value[entry] = self._number(int(tokens[entry]), constants or {})
        return value

    def _number(self, token: int, constants: Mapping[str, float]) -> float:
        """Convert one token, or say what is wrong with it."""
        word = self.word(token)
        if word in constants:
            return constants[word]
        try:
            return number(word)
        except ModelError as error:
            raise self.error(token, str(error)) from None


def number(word: str) -> float:
    """Convert a decimal or a fraction of whole numbers to the nearest float."""
    fraction = _FRACTION.fullmatch(word)
    if not fraction and not _NUMBER.fullmatch(word):
        raise ModelError(f"{shown(word)} is not a number; it must be a decimal such as 0.25 or a fraction such as 1/4")
    try:
        value = int(fraction[1]) / int(fraction[2]) if fraction else float(word)
    except ZeroDivisionError:
        raise ModelError(f"{shown(word)} divides by zero") from None
    except (OverflowError, ValueError):  # Python limits the digits of an int
        value = float("inf")
    if not np.isfinite(value):
        raise ModelError(f"{shown(word)} is too large for double precision, or has too many digits")
    return value


def shown(word: str) -> str:
    """Return a token for a message, in quotes, cut if it is long."""
    return repr(word if len(word) <= 40 else word[:37] + "...")
