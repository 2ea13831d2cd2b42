"""Storm's DRN files, read and written: a header, then states with their actions and where these lead.

    @type: MDP
    @parameters

    @reward_models
    r
    @nr_states
    2
    @nr_choices
    3
    @model
    state 0 [0] init
        action left [1]
            0 : 0.5
            1 : 0.5
    ...

States count from 0. Rewards, one for each reward model, stand in brackets behind a state, an action, or both, and add
up. Labels with spaces are quoted, lines that begin with ``//`` are comments, numbers may be fractions such as 1/3.

Hensel, Junges, Katoen, Quatmann and Volk, The probabilistic model checker Storm, STTT 2022.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.io import _explicit as explicit
from rltheory.io._drn_header import Header, read_header
from rltheory.io._explicit import IDENTIFIER, Labels
from rltheory.io._text import SPACES, Text, Tokens, number, shown
from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_STATE = re.compile(r'(?:\[([^\[\]]*)\])?((?:(?:^|\s+)(?:"[^"]+"|[^\s"\[!{][^\s"]*))*)', re.ASCII)
_ACTION = re.compile(r"(?:\[([^\[\]]*)\])?")
_LABEL = re.compile(r'"([^"]+)"|(\S+)', re.ASCII)
_BARE_LABEL = re.compile(r'[^\s"\[!{][^\s"]*', re.ASCII)
_ACTION_NAME = re.compile(r"[^\s\[\]]+", re.ASCII)
_UNNAMED = "__NOLABEL__"


def read_drn(
    path: str | Path, gamma: float, *, reward: str | None = None, normalise: bool = False
) -> tuple[MDP, Labels]:
    r"""Read an MDP, or a Markov chain as an MDP with one action in each state, from a DRN file.

    Parameters
    ----------
    path : str or Path
        The file.
    gamma : float
        Discount in [0, 1]; the file stores none.
    reward : str, optional
        Which reward model to take; needed if there are several.
    normalise : bool
        Rescale rows that do not sum to one because they were printed with few digits, up to 0.001.

    Returns
    -------
    mdp : MDP
        The reward of a pair is its state's plus its action's; 0 without reward models. It starts in a state labelled
        ``init``, all as likely.
    labels : dict of str to ndarray of int
        The states of each label but ``init``, ascending.

    Raises
    ------
    ModelError
        If the file is damaged, or holds another kind of model: continuous time, intervals, parameters, observations.
        The message names the file, the line, the column and the way out.
    OSError
        If the file cannot be read.

    Notes
    -----
    Fractions become the nearest floats. Actions that are numbered as they stand have no names. A comment on the line
    below each state, where Storm puts the values of its variables, is the state's name.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "coin.drn")
    ...     header = "@type: DTMC\n@reward_models\nr\n@nr_states\n1\n@model\n"
    ...     _ = path.write_text(f"{header}state 0 [2] init\n\taction 0\n\t\t0 : 1\n")
    ...     mdp, labels = read_drn(path, gamma=0.9)
    >>> mdp, mdp.r
    (MDP(1 states, 1 state-action pairs, at most 1 actions, 1 transitions, gamma=0.9), array([2.]))
    """
    text = Text.read(path)
    header = read_header(text)
    tokens = Tokens.of(text, b"//")
    body = int(np.searchsorted(tokens.start[tokens.row], header.end))
    first, width = tokens.row[body:], tokens.width[body:]
    is_state, is_action = tokens.are(first, b"state") & (width > 1), tokens.are(first, b"action") & (width > 1)
    _check_structure(tokens, first, width, is_state, is_action)
    _check_counts(tokens, header, first[is_state], int(is_action.sum()))
    state_of_action = np.cumsum(is_state)[is_action] - 1
    pair_start = np.concatenate([[0], np.cumsum(np.bincount(state_of_action, minlength=header.n_states))])
    is_transition = ~(is_state | is_action)
    pair = np.cumsum(is_action)[is_transition] - 1
    P = _read_transitions(tokens, first[is_transition], pair, header, pair_start, normalise)
    brackets = _Brackets(tokens, header, reward)
    of_state, labels, state_names = _read_states(tokens, first[is_state], brackets)
    of_action, action_names = _read_actions(tokens, first[is_action], brackets, pair_start)
    of_state = np.repeat(of_state, np.diff(pair_start))
    with np.errstate(over="ignore"):  # the model refuses what is not finite
        r = np.where(of_state != 0, of_state + of_action, of_action)
    starts = labels.pop("init", None)
    if starts is None:
        raise ModelError(f"{path} labels no state init; a model starts somewhere")
    return explicit.build(path, P, r, gamma, starts, pair_start, state_names, action_names), labels


def write_drn(path: str | Path, mdp: MDP, labels: Mapping[str, Any] | None = None, *, reward: str = "r") -> None:
    """Write a model to a DRN file; `read_drn` gives it back bit by bit.

    Parameters
    ----------
    path : str or Path
        The file's name, used as it is; an existing file is replaced.
    mdp : MDP
        The model. Its discount is not written: name it in the property, ``R{"r"}max=? [Cdiscount=0.95]``, or make it a
        probability to end (`with_discount_as_end`).
    labels : mapping of str to array_like, optional
        The states of each label: indices, or bool of shape (n_states,).
    reward : str
        Name of the reward model.

    Raises
    ------
    ModelError
        If the file cannot hold something: a start distribution that is not uniform over some states, a name of an
        action with spaces or brackets, a label with quotation marks. The message names it and the way out.

    Notes
    -----
    Names of states are written as comments, since DRN has no place for them, and `read_drn` finds them there.
    Transitions of probability 0 are left out, and an empty name of an action means none. Numbers are the shortest
    decimals that give the same floats; in its rational mode Storm takes the decimals themselves.

    Examples
    --------
    >>> import tempfile, pathlib, rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, action_names=["toss"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_drn(f"{folder}/coin.drn", coin, {"heads": [1]})
    ...     mdp, labels = read_drn(f"{folder}/coin.drn", gamma=0.5)
    >>> mdp.r, labels
    (array([0., 1.]), {'heads': array([1])})
    """
    if not IDENTIFIER.fullmatch(reward):
        raise ModelError(f"reward is {reward!r}; it must be an identifier: letters, digits and _, no digit first")
    every = {"init": explicit.starting_states(mdp)} | explicit.checked_labels(labels, mdp.n_states)
    Path(path).write_bytes(explicit.encoded(Path(path), _lines(mdp, every, reward)))


def _check_structure(
    tokens: Tokens, first: np.ndarray, width: np.ndarray, is_state: np.ndarray, is_action: np.ndarray
) -> None:
    """Check that every line is a state, an action of a state, or a transition of an action, and that none is empty."""
    other = ~(is_state | is_action)
    colon = np.zeros(first.size, dtype=bool)
    colon[width == 3] = tokens.are(first[width == 3] + 1, b":")
    wanted = "`state 0 [rewards] labels`, `action name [rewards]` or `target : probability`"
    tokens.refuse(other & ~colon, first, lambda word: f"the line that begins with {word} is not {wanted}")
    kind = np.where(is_state, 0, np.where(is_action, 1, 2))
    before = np.concatenate([[-1], kind[:-1]])
    tokens.refuse(
        (kind > 0) & (before < kind - 1), first, lambda _: "a state comes first, then an action, then its transitions"
    )
    tokens.refuse((before == 0) & (kind == 0), first, lambda _: "the state above has no action; give it a self-loop")
    tokens.refuse((before == 1) & (kind < 2), first, lambda _: "the action above leads nowhere")
    if first.size and kind[-1] != 2:
        raise tokens.error(int(first[-1]), "the file ends without a transition of this; it may be incomplete")


def _check_counts(tokens: Tokens, header: Header, states: np.ndarray, n_actions: int) -> None:
    """Check the numbers of states and actions against the header, before anything of that size is made."""
    ids = tokens.integers(states + 1, "the index of a state")
    gaps = ids != np.arange(states.size)
    if gaps.any():
        position = int(np.argmax(gaps))
        raise tokens.error(
            int(states[position]) + 1, f"state {position} must follow: states are listed in order, from 0"
        )
    if states.size != header.n_states:
        message = f"the header promises {header.n_states} states, the file lists {states.size}; it may be incomplete"
        raise tokens.text.error(header.n_states_at, message)
    if header.n_choices is not None and n_actions != header.n_choices:
        message = f"the header promises {header.n_choices} choices, the file lists {n_actions}; it may be incomplete"
        raise tokens.text.error(header.n_choices_at, message)
    if header.is_chain and n_actions != header.n_states:
        raise ModelError(f"{tokens.text.path} is a DTMC with {n_actions} actions in {states.size} states; write MDP")


def _read_transitions(
    tokens: Tokens, lines: np.ndarray, pair: np.ndarray, header: Header, pair_start: np.ndarray, normalise: bool
) -> csr_array:
    """Return the rows of the pairs, zeros kept."""
    target = tokens.integers(lines, "the index of a state")
    tokens.refuse(
        target >= header.n_states, lines, lambda word: f"there is no state {word}; states are 0..{header.n_states - 1}"
    )
    probability = tokens.numbers(lines + 2, header.constants)
    order = explicit.sorting(pair, target)
    return explicit.rows_of_transitions(
        tokens, lines[order], pair[order], target[order], probability[order], pair_start, normalise
    )


def _read_states(
    tokens: Tokens, lines: np.ndarray, brackets: _Brackets
) -> tuple[np.ndarray, Labels, Sequence[str] | None]:
    """Return the rewards, the labels and the names of the states."""
    r = np.zeros(lines.size)
    states: dict[str, list[int]] = {}
    names: list[str] = []
    data = tokens.text.data
    for state, (line, (at, rest)) in enumerate(zip(lines.tolist(), _rests(tokens, lines + 1), strict=True)):
        found = _STATE.fullmatch(rest.strip(SPACES))
        if not found:
            raise tokens.text.error(at, f"{shown(rest.strip(SPACES))} is not `[rewards] label label ...`")
        if found[1] is not None:
            r[state] = brackets.reward(found[1], line)
        for quoted, bare in _LABEL.findall(found[2]):
            states.setdefault(quoted or bare, []).append(state)
        below = data.index(b"\n", at) + 1
        if data.startswith(b"//", below):
            names.append(data[below + 2 : data.index(b"\n", below)].decode("utf-8"))
    labels = {name: np.unique(np.array(having, dtype=np.int64)) for name, having in states.items()}
    return r, labels, names if len(names) == lines.size else None


def _read_actions(
    tokens: Tokens, lines: np.ndarray, brackets: _Brackets, pair_start: np.ndarray
) -> tuple[np.ndarray, Sequence[str] | None]:
    """Return the rewards and the names of the actions."""
    r = np.zeros(lines.size)
    for pair, (line, (at, rest)) in enumerate(zip(lines.tolist(), _rests(tokens, lines + 1), strict=True)):
        found = _ACTION.fullmatch(rest.strip(SPACES))
        if not found:
            raise tokens.text.error(at, f"{shown(rest.strip(SPACES))} is not `[rewards]`")
        if found[1] is not None:
            r[pair] = brackets.reward(found[1], line)
    code, words = tokens.codes(lines + 1)
    unfit = np.array([not _ACTION_NAME.fullmatch(word) for word in words], dtype=bool)
    tokens.refuse(unfit[code], lines + 1, lambda word: f"{word} is no name of an action: it has a bracket")
    position = np.arange(lines.size) - np.repeat(pair_start[:-1], np.diff(pair_start))
    names = ["" if words[i] == _UNNAMED else words[i] for i in code.tolist()]
    return r, None if names == list(map(str, position.tolist())) else explicit.shared_names(names, pair_start)


def _rests(tokens: Tokens, words: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield (offset, what follows) a word on each line."""
    data = tokens.text.data
    for at in (tokens.start[words] + tokens.length[words]).tolist():
        yield at, data[at : data.index(b"\n", at)].decode("utf-8")


class _Brackets:
    """Takes one reward out of the brackets of a line, which hold one for each reward model."""

    def __init__(self, tokens: Tokens, header: Header, reward: str | None) -> None:
        self.tokens, self.constants = tokens, header.constants
        self.position, self.count = header.choose_reward(tokens.text.path, reward)
        self.known: dict[str, float] = {}

    def reward(self, brackets: str, line: int) -> float:
        """Return the reward in the brackets of a line."""
        if brackets not in self.known:
            words = [word.strip(SPACES) for word in brackets.split(",")] if brackets.strip(SPACES) else []
            if len(words) != self.count:
                message = f"[{brackets}] holds {len(words)} rewards; @reward_models names {self.count}"
                raise self.tokens.error(line, message)
            try:
                values = [self.constants[word] if word in self.constants else number(word) for word in words]
            except ModelError as error:
                raise self.tokens.error(line, str(error)) from None
            self.known[brackets] = values[self.position] if values else 0.0
        return self.known[brackets]


def _lines(mdp: MDP, labels: Labels, reward: str) -> Iterator[str]:
    """Yield the lines of a DRN file."""
    yield from ("// Exported by rltheory", "@type: MDP", "@parameters", "", "@reward_models", reward)
    yield from ("@nr_states", str(mdp.n_states), "@nr_choices", str(mdp.n_pairs), "@model")
    of_state = explicit.labels_of_states(labels, map(_written_label, labels), mdp.n_states)
    names = explicit.written_names(mdp)
    for (state, action, name, entries), r in zip(explicit.written_pairs(mdp), mdp.r.tolist(), strict=True):
        if action == 0:
            yield " ".join(["state", str(state), *of_state[state]])
            if names is not None:
                yield f"//{names[state]}"
        if mdp.action_names is not None and (name == _UNNAMED or (name and not _ACTION_NAME.fullmatch(name))):
            raise ModelError(
                f"the name {shown(name)} of state {state}, action {action} has spaces or brackets, or means no name;"
                " rename with mdp.replace(action_names=...), None for no names"
            )
        yield f"\taction {(name or _UNNAMED) if mdp.action_names is not None else action} [{r!r}]"
        for target, probability in entries:
            yield f"\t\t{target} : {probability!r}"


def _written_label(name: str) -> str:
    """Return a label, in quotation marks if it needs them."""
    if not name or '"' in name or "\n" in name or "\r" in name:
        raise ModelError(f"the label {shown(name)} is empty, or has a quotation mark or a line break; rename it")
    return name if _BARE_LABEL.fullmatch(name) else f'"{name}"'
