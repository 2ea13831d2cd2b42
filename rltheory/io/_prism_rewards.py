"""PRISM's files of rewards, of states (``.srew``) and of transitions (``.trew``).

Each begins with counts, the last of which is the number of its lines; Storm's have none. A line is ``i r`` or
``i k j r``, without the column k for a Markov chain. What is not listed is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rltheory.io import _explicit as explicit
from rltheory.io._text import Text, Tokens
from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def _read_rewards(path: Path, indices: int, header: tuple[int, ...] | None) -> tuple[Tokens, np.ndarray]:
    """Return the tokens of a file of rewards, and the first of each line; counts must agree with the transitions."""
    tokens = Tokens.of(Text.read(path), b"#")
    first, width = tokens.row, tokens.width
    if header is not None:
        if not first.size or width[0] != len(header) + 1:
            raise ModelError(f"{path} does not begin with {len(header) + 1} counts, the last that of its lines")
        counts = tokens.integers(np.arange(first[0], first[0] + width[0]), "a count").tolist()
        if tuple(counts[:-1]) != header:
            stated, known = " ".join(map(str, counts[:-1])), " ".join(map(str, header))
            raise tokens.error(int(first[0]), f"the header says {stated}, the transitions have {known}")
        if counts[-1] != first.size - 1:
            message = f"the header promises {counts[-1]} rewards, but {first.size - 1} lines follow"
            raise tokens.error(int(first[0]) + len(header), message)
        first, width = first[1:], width[1:]
    elif first.size and width[0] == 1 and tokens.word(int(first[0])).isalpha():
        first, width = first[1:], width[1:]
    columns = {1: "state reward", 2: "source target reward", 3: "source choice target reward"}[indices]
    tokens.refuse(width != indices + 1, first, lambda word: f"the line that begins with {word} is not `{columns}`")
    return tokens, first


def read_state_rewards(path: Path, n_states: int, counted: bool) -> np.ndarray:
    """Return the reward of each state."""
    tokens, first = _read_rewards(path, 1, (n_states,) if counted else None)
    state = tokens.integers(first, "the index of a state")
    tokens.refuse(state >= n_states, first, lambda word: f"there is no state {word}; states are 0..{n_states - 1}")
    tokens.refuse(_repeated(state), first, lambda word: f"state {word} already has a reward")
    r = np.zeros(n_states)
    r[state] = tokens.numbers(first + 1)
    return r


def read_transition_rewards(path: Path, P: csr_array, start: np.ndarray, indices: int, counted: bool) -> np.ndarray:
    """Return the expected reward of each pair, given its transitions; a line has so many indices."""
    header = (P.shape[1], P.shape[0]) if indices == 3 else (P.shape[1],)
    tokens, first = _read_rewards(path, indices, header if counted else None)
    source = tokens.integers(first, "the index of a state")
    choice = tokens.integers(first + 1, "the index of a choice") if indices == 3 else np.zeros_like(source)
    target = tokens.integers(first + indices - 1, "the index of a state")
    known = (source < P.shape[1]) & (target < P.shape[1])
    source, target = np.where(known, source, 0), np.where(known, target, 0)
    known &= choice < np.diff(start)[source]
    wanted = (start[source] + np.where(known, choice, 0)) * P.shape[1] + target
    # Transitions are sorted by pair and target, so that one number finds them.
    keys = np.repeat(np.arange(P.shape[0]), np.diff(P.indptr)) * P.shape[1] + P.indices
    entry = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    known &= keys[entry] == wanted
    tokens.refuse(~known, first, lambda _: "there is a reward, but no transition, between these states by this choice")
    tokens.refuse(_repeated(entry), first, lambda _: "this transition already has a reward")
    reward = np.zeros(keys.size)
    reward[entry] = tokens.numbers(first + indices)
    return explicit.expected_rewards(P, reward)


def _repeated(values: np.ndarray) -> np.ndarray:
    """Tell which values occurred before."""
    seen = np.ones(values.size, dtype=bool)
    seen[np.unique(values, return_index=True)[1]] = False
    return seen


def write_rewards(mdp: MDP, reward: str) -> Iterator[str]:
    """Yield the lines of a ``.trew`` file."""
    rewarded = (mdp.r != 0) | np.signbit(mdp.r)
    happens = np.diff(np.concatenate([[0], np.cumsum(mdp.P.data != 0)])[mdp.P.indptr])
    yield f'# Reward structure "{reward}"'
    yield "# Transition rewards"
    yield f"{mdp.n_states} {mdp.n_pairs} {happens[rewarded].sum()}"
    for (state, action, _, entries), r in zip(explicit.written_pairs(mdp), mdp.r.tolist(), strict=True):
        if rewarded[mdp.pair_start[state] + action]:
            for target, _ in entries:
                yield f"{state} {action} {target} {r!r}"
