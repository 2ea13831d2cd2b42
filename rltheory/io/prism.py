"""PRISM's explicit files, read and written: ``.tra`` with ``.lab``, ``.srew``, ``.trew`` and ``.sta`` beside it.

``.tra`` begins with the numbers of states, choices and transitions; each line after it is ``i k j p [action]``: in
state i, choice k leads to state j with probability p. ``.lab`` names sets of states, ``init`` among them; ``.srew`` and
``.trew`` hold the rewards of states and transitions, which add up; ``.sta`` holds the variables of states. Lines that
begin with ``#`` are comments. A Markov chain has no column k and is read as a model with one action in each state.

Storm's explicit files differ, and are read too: ``.tra`` begins with the word ``mdp`` or ``dtmc`` in place of numbers,
rewards have no first line, and ``.lab`` declares its labels between ``#DECLARATION`` and ``#END``.

Kwiatkowska, Norman and Parker, PRISM 4.0: verification of probabilistic real-time systems, CAV 2011; the manual's
appendix "Explicit model files".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.io import _explicit as explicit
from rltheory.io._explicit import IDENTIFIER, Labels
from rltheory.io._prism_rewards import read_state_rewards, read_transition_rewards, write_rewards
from rltheory.io._prism_states import read_labels, read_state_names, write_labels, write_state_names
from rltheory.io._text import Text, Tokens, shown
from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SIBLINGS = {"lab": (".lab",), "srew": (".srew", ".rews"), "trew": (".trew", ".rewt"), "sta": (".sta",)}
_TYPE = re.compile(rb"^# Transitions \((\w+)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class _Transitions:
    """What a ``.tra`` file says: rows, zeros kept; ``counted`` if it begins with numbers, ``indices`` in a line."""

    P: csr_array
    pair_start: np.ndarray
    action_names: tuple[str, ...] | None
    counted: bool
    indices: int


def read_prism(
    path: str | Path,
    gamma: float,
    *,
    lab: str | Path | None = None,
    srew: str | Path | None = None,
    trew: str | Path | None = None,
    sta: str | Path | None = None,
    normalise: bool = False,
) -> tuple[MDP, Labels]:
    r"""Read a model from PRISM's explicit files, or from Storm's.

    Parameters
    ----------
    path : str or Path
        The transitions, ``model.tra``. What lies beside it with the same name is read with it: ``model.lab``,
        ``model.srew`` (or ``.rews``, its older name), ``model.trew`` (or ``.rewt``) and ``model.sta``.
    gamma : float
        Discount in [0, 1]; the files store none.
    lab, srew, trew, sta : str or Path, optional
        Other files in place of those beside ``path``: labels, rewards of states, rewards of transitions, states.
    normalise : bool
        Rescale rows that do not sum to one because they were printed with few digits, up to 0.001.

    Returns
    -------
    mdp : MDP
        The reward of a pair is its state's, plus the expectation of its transitions'; 0 without files of rewards. It
        starts in a state labelled ``init``, all as likely, or in state 0 without a file of labels.
    labels : dict of str to ndarray of int
        The states of each label but ``init``, ascending; ``deadlock`` only if a state has it.

    Raises
    ------
    ModelError
        If a file is damaged or contradicts another: the message names the file, the line, the column and the way out.
    OSError
        If a file cannot be read.

    Notes
    -----
    Transitions may come in any order. The values of a state's variables become its name, ``x=1,y=0``.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "coin.tra")
    ...     _ = path.write_text("2 3 5\n0 0 0 .5 a\n0 0 1 .5 a\n0 1 1 1 b\n1 0 0 1/3 a\n1 0 1 2/3 a")
    ...     _ = path.with_suffix(".srew").write_text("2 1\n1 10")
    ...     mdp, labels = read_prism(path, gamma=0.9)
    >>> mdp, mdp.r, mdp.action_names
    (MDP(2 states, 3 state-action pairs, at most 2 actions, 5 transitions, gamma=0.9),
     array([ 0.,  0., 10.]), ('a', 'b'))
    """
    given = {"lab": lab, "srew": srew, "trew": trew, "sta": sta}
    found = {kind: Path(file) if file else _beside(Path(path), kind) for kind, file in given.items()}
    transitions = _read_transitions(path, normalise)
    n_states = transitions.P.shape[1]
    r = _read_rewards(found["srew"], found["trew"], transitions)
    labels = read_labels(found["lab"], n_states) if found["lab"] else {"init": np.array([0])}
    state_names = read_state_names(found["sta"], n_states) if found["sta"] else None
    starts = labels.pop("init")
    return explicit.build(
        path, transitions.P, r, gamma, starts, transitions.pair_start, state_names, transitions.action_names
    ), labels


def write_prism(path: str | Path, mdp: MDP, labels: Mapping[str, Any] | None = None, *, reward: str = "r") -> None:
    """Write a model to PRISM's explicit files; `read_prism` gives it back bit by bit.

    Parameters
    ----------
    path : str or Path
        ``model.tra``. The files ``model.lab``, ``model.trew`` and, if states have names, ``model.sta`` are written
        beside it; older files of the same name, which would be read with them, are replaced or removed.
    mdp : MDP
        The model. Its discount is not written: PRISM knows none (`with_discount_as_end` makes it a probability to end).
    labels : mapping of str to array_like, optional
        The states of each label: indices, or bool of shape (n_states,).
    reward : str
        Name of the reward structure, for properties such as ``R{"r"}max=? [F "done"]``.

    Raises
    ------
    ModelError
        If the files cannot hold something: a start distribution that is not uniform over some states, or a label or an
        action whose name is no identifier (letters, digits and ``_``). The message names it and the way out.

    Notes
    -----
    Names of states such as ``x=1,y=0`` are written as variables; others as comments, since PRISM knows only variables.
    The reward of a pair is written at each of its transitions, which is what PRISM wants. Transitions of probability 0
    are left out, and an empty name of an action means none.

    Examples
    --------
    >>> import tempfile, pathlib, rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, action_names=["toss"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_prism(f"{folder}/coin.tra", coin, {"heads": [1]})
    ...     print(pathlib.Path(folder, "coin.tra").read_text(), end="")
    2 2 4
    0 0 0 0.5 toss
    0 0 1 0.5 toss
    1 0 0 0.5 toss
    1 0 1 0.5 toss
    """
    path = Path(path)
    if path.suffix != ".tra":
        raise ModelError(f"{path} does not end in .tra, as PRISM's transitions do; the other files are named after it")
    if not IDENTIFIER.fullmatch(reward):
        raise ModelError(f"reward is {reward!r}; it must be an identifier: letters, digits and _, no digit first")
    checked = explicit.checked_labels(labels, mdp.n_states)
    contents = {
        ".lab": write_labels(explicit.starting_states(mdp), checked, mdp.n_states),
        ".tra": _transition_lines(mdp),
        ".trew": write_rewards(mdp, reward),
        ".sta": write_state_names(explicit.written_names(mdp)),
    }
    # All is encoded before the first file is touched, so that a refusal leaves everything as it was.
    ready = {ending: explicit.encoded(path.with_suffix(ending), lines) for ending, lines in contents.items()}
    for ending in dict.fromkeys(ending for endings in _SIBLINGS.values() for ending in endings):
        path.with_suffix(ending).unlink(missing_ok=True)
    for ending, data in ready.items():
        if data:
            path.with_suffix(ending).write_bytes(data)


def _beside(path: Path, kind: str) -> Path | None:
    """Return the file of a kind with the same name, if there is one."""
    found = [path.with_suffix(ending) for ending in _SIBLINGS[kind] if path.with_suffix(ending).is_file()]
    if len(found) > 1:
        raise ModelError(f"{found[0]} and {found[1]} both hold rewards of the same kind; say which with {kind}=")
    return found[0] if found else None


def _read_rewards(srew: Path | None, trew: Path | None, transitions: _Transitions) -> np.ndarray:
    """Return the reward of each pair: its state's, plus the expectation of its transitions'."""
    P, start = transitions.P, transitions.pair_start
    if trew is None:
        r = np.zeros(P.shape[0])
    else:
        r = read_transition_rewards(trew, P, start, transitions.indices, transitions.counted)
    if srew is None:
        return r
    of_state = np.repeat(read_state_rewards(srew, P.shape[1], transitions.counted), np.diff(start))
    with np.errstate(over="ignore"):  # the model refuses what is not finite
        return of_state + r if trew else of_state


def _header(tokens: Tokens) -> tuple[int, list[int] | None]:
    """Return how many indices a line has, 3 for an MDP and 2 for a Markov chain, and the counts of a PRISM file."""
    if not tokens.row.size:
        raise ModelError(f"{tokens.text.path} holds comments only; a .tra file begins with its counts, or the word mdp")
    said = _TYPE.search(tokens.text.data, 0, int(tokens.start[tokens.row[0]]))
    kind = said[1].decode().lower() if said else None
    first, width = int(tokens.row[0]), int(tokens.width[0])
    word = tokens.word(first)
    if width == 1 and word.isalpha():
        kind = word.lower()
    if kind not in (None, "mdp", "dtmc"):
        why = f"it holds a model of type {kind}; of these only mdp and dtmc are read, where time is discrete and known"
        raise tokens.error(first, why)
    if width == 1 and word.isalpha():
        return (3 if kind == "mdp" else 2), None
    if width == 4:
        raise tokens.error(first, "four counts are the header of a POMDP, whose observations an MDP cannot hold")
    if width not in (2, 3):
        raise tokens.error(
            first,
            "a .tra file begins with `states choices transitions`, for a chain `states transitions`, or mdp or dtmc",
        )
    return width, tokens.integers(np.arange(first, first + width), "a count").tolist()


def _check_counts(tokens: Tokens, counts: list[int], n_lines: int, names: tuple[str, ...]) -> None:
    """Refuse a header that promises what the file does not hold, before anything of that size is made."""
    first = int(tokens.row[0])
    if counts[-1] != n_lines:
        message = (
            f"the header promises {counts[-1]} {names[-1]}, but {n_lines} lines follow; the file may be incomplete"
        )
        raise tokens.error(first + len(counts) - 1, message)
    for position in range(len(counts) - 1):
        if not 1 <= counts[position] <= counts[position + 1]:
            message = f"the header promises {counts[position]} {names[position]} with {counts[position + 1]} "
            raise tokens.error(
                first + position, f"{message}{names[position + 1]}; every state has a choice that leads on"
            )


def _read_transitions(path: str | Path, normalise: bool) -> _Transitions:
    """Read a ``.tra`` file."""
    tokens = Tokens.of(Text.read(path), b"#")
    indices, counts = _header(tokens)
    lines, named = tokens.row[1:], tokens.width[1:] == indices + 2
    _check_lines(tokens, indices, counts)
    source, choice, target, n_states = _read_indices(tokens, lines, indices, counts)
    probability = tokens.numbers(lines + indices)
    order = explicit.sorting(source * lines.size + choice, target)
    lines, named, probability = lines[order], named[order], probability[order]
    row, pair_start = _numbered_pairs(tokens, lines, source[order], choice[order], n_states)
    if counts and indices == 3 and counts[1] != pair_start[-1]:
        message = f"the header promises {counts[1]} choices, the lines hold {pair_start[-1]}"
        raise tokens.error(int(tokens.row[0]) + 1, message)
    P = explicit.rows_of_transitions(tokens, lines, row, target[order], probability, pair_start, normalise)
    action_names = _action_names(tokens, lines, named, row, indices, pair_start)
    return _Transitions(P, pair_start, action_names, counts is not None, indices)


def _check_lines(tokens: Tokens, indices: int, counts: list[int] | None) -> None:
    """Check how many lines there are, against the header, and how many words each has."""
    lines, width = tokens.row[1:], tokens.width[1:]
    columns = "source choice target probability" if indices == 3 else "source target probability"
    wrong = (width != indices + 1) & (width != indices + 2)
    tokens.refuse(wrong, lines, lambda word: f"the line that begins with {word} is not `{columns} [action]`")
    if not lines.size:
        raise ModelError(f"{tokens.text.path} holds no transition; every state needs at least one")
    if counts:
        names = ("states", "choices", "transitions") if indices == 3 else ("states", "transitions")
        _check_counts(tokens, counts, lines.size, names)


def _read_indices(
    tokens: Tokens, lines: np.ndarray, indices: int, counts: list[int] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return the source, the choice and the target of each transition, in range, and the number of states."""
    source = tokens.integers(lines, "the index of a state")
    choice = tokens.integers(lines + 1, "the index of a choice") if indices == 3 else np.zeros_like(source)
    target = tokens.integers(lines + indices - 1, "the index of a state")
    n_states = counts[0] if counts else min(int(source.max()) + 1, lines.size)
    for column, state in ((lines, source), (lines + indices - 1, target)):
        tokens.refuse(state >= n_states, column, lambda word: f"there is no state {word}; states are 0..{n_states - 1}")
    tokens.refuse(
        choice >= lines.size, lines + 1, lambda word: f"choice {word} is too large; choices of a state are 0, 1, 2, ..."
    )
    return source, choice, target, n_states


def _numbered_pairs(
    tokens: Tokens, lines: np.ndarray, source: np.ndarray, choice: np.ndarray, n_states: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pair of each sorted transition, and the offsets of the states' pairs, if none is missing."""
    step, next_choice = np.diff(source, prepend=-1), np.diff(choice, prepend=0)
    new = (step != 0) | (next_choice != 0)
    follows = np.where(step == 0, next_choice <= 1, (step == 1) & (choice == 0))
    if not follows.all():
        entry = int(np.argmin(follows))
        state = int(source[entry])
        what = f"state {state} has no choice {choice[entry] - next_choice[entry] + 1 if step[entry] == 0 else 0}"
        if step[entry] > 1:
            what = f"state {state - int(step[entry]) + 1} has no transition"
        raise tokens.error(
            int(lines[entry]), f"before this line, {what}; states and choices count from 0, without gaps"
        )
    if int(source[-1]) != n_states - 1:
        message = f"state {int(source[-1]) + 1} has no transition; a state where nothing happens needs a self-loop"
        raise tokens.error(int(lines[-1]), message)
    counts = np.bincount(source[new], minlength=n_states)
    return np.cumsum(new) - 1, np.concatenate([[0], np.cumsum(counts)])


def _action_names(
    tokens: Tokens, lines: np.ndarray, named: np.ndarray, row: np.ndarray, indices: int, pair_start: np.ndarray
) -> tuple[str, ...] | None:
    """Return the actions' names, which must agree on all lines of a choice; None if there are none."""
    if not named.any():
        return None
    code = np.zeros(lines.size, dtype=np.int64)
    numbers, words = tokens.codes(lines[named] + indices + 1)
    words = ["", *words]
    code[named] = numbers + 1
    unfit = np.array([bool(word) and not IDENTIFIER.fullmatch(word) for word in words])
    tokens.refuse(
        unfit[code], lines + indices + 1, lambda word: f"{word} is no name of an action: letters, digits and _ make one"
    )
    first = np.searchsorted(row, np.arange(pair_start[-1]))
    other = code != code[first][row]
    tokens.refuse(other, lines, lambda _: "the action differs from that of the same choice on an earlier line")
    return explicit.shared_names([words[i] for i in code[first].tolist()], pair_start)


def _transition_lines(mdp: MDP) -> Iterator[str]:
    """Yield the lines of a ``.tra`` file."""
    for state, action, name in explicit.pair_names(mdp) if mdp.action_names is not None else ():
        if name and not IDENTIFIER.fullmatch(name):
            raise ModelError(
                f"the name {shown(name)} of state {state}, action {action} is no identifier of PRISM (letters, digits"
                " and _, no digit first); rename with mdp.replace(action_names=...), None for no names"
            )
    yield f"{mdp.n_states} {mdp.n_pairs} {np.count_nonzero(mdp.P.data)}"
    for state, action, name, entries in explicit.written_pairs(mdp):
        end = f" {name}" if name else ""
        for target, probability in entries:
            yield f"{state} {action} {target} {probability!r}{end}"
