"""What the explicit formats of model checkers have in common: rows from listed transitions, labels, starts, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.io._text import Tokens
from rltheory.models import MDP, ModelError
from rltheory.models import _validation as valid

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Labels = dict[str, np.ndarray]
"""The states that have a label, by its name: arrays of indices, ascending."""

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What PRISM calls things: labels, actions, variables and reward structures."""

_RESCALED = 1e-3  # rows further from one than this are mistakes, not short decimals


def rows_of_transitions(
    tokens: Tokens,
    lines: np.ndarray,
    pair: np.ndarray,
    target: np.ndarray,
    probability: np.ndarray,
    pair_start: np.ndarray,
    normalise: bool,
) -> csr_array:
    """Return P, zeros kept, from transitions sorted by (pair, target), each written on the line of one token.

    Probabilities outside [0, 1], transitions given twice, and rows that do not sum to one are errors at their line.
    """
    from scipy.sparse import csr_array

    bad = ~((probability >= 0) & (probability <= 1 + valid.ROW_SUM_TOLERANCE_SINGLE))
    if bad.any():
        entry = int(np.argmax(bad))
        raise tokens.error(int(lines[entry]), f"the probability {probability[entry]!s} is outside [0, 1]")
    twice = np.flatnonzero((np.diff(pair) == 0) & (np.diff(target) == 0))
    if twice.size:
        entry = int(twice[0])
        where = valid.place(int(pair[entry]), pair_start).partition(" (row")[0]
        token = int(max(lines[entry], lines[entry + 1]))
        raise tokens.error(token, f"{where} leads to state {target[entry]} twice; add the probabilities up")
    n_pairs, n_states = int(pair_start[-1]), pair_start.size - 1
    indptr = np.concatenate([[0], np.cumsum(np.bincount(pair, minlength=n_pairs))])
    P = csr_array((probability, target.astype(np.int32), indptr), shape=(n_pairs, n_states))
    sums = P @ np.ones(n_states)
    single = np.array_equal(probability, probability.astype(np.float32))
    tolerance = valid.ROW_SUM_TOLERANCE_SINGLE if single else valid.ROW_SUM_TOLERANCE
    off = np.abs(sums - 1)
    bad = ~(off <= (_RESCALED if normalise else tolerance))
    if bad.any():
        row = int(np.argmax(bad))
        where = valid.place(row, pair_start).partition(" (row")[0]
        hint = "normalise=True rescales rows that are within 0.001" if not normalise else "this is more than rounding"
        message = f"the probabilities of {where} sum to {sums[row]:.12g} ({int(bad.sum())} bad rows); {hint}"
        raise tokens.error(int(lines[indptr[row] : indptr[row + 1]].min()), message)
    if normalise:
        P.data /= np.repeat(np.where(off > valid.ROW_SUM_TOLERANCE, sums, 1), np.diff(indptr))
    return P


def sorting(pair: np.ndarray, target: np.ndarray) -> np.ndarray | slice:
    """Return what sorts transitions by (pair, target), a slice if they are."""
    ascending = (np.diff(pair) > 0) | ((np.diff(pair) == 0) & (np.diff(target) > 0))
    return slice(None) if ascending.all() else np.lexsort((target, pair))


def expected_rewards(P: csr_array, reward: np.ndarray) -> np.ndarray:
    """Return the expectation of each row's transition rewards; exactly their common value where all are the same."""
    happens = P.data > 0
    row = np.repeat(np.arange(P.shape[0]), np.diff(P.indptr))[happens]
    reward = reward[happens]
    first = np.searchsorted(row, np.arange(P.shape[0]))
    least, most = np.minimum.reduceat(reward, first), np.maximum.reduceat(reward, first)
    with np.errstate(over="ignore", invalid="ignore"):  # the model refuses what is not finite
        mean = np.bincount(row, weights=P.data[happens] * reward, minlength=P.shape[0])
    return np.where(least == most, reward[first], mean)


def build(
    path: str | Path,
    P: csr_array,
    r: np.ndarray,
    gamma: float,
    starts: np.ndarray,
    pair_start: np.ndarray,
    state_names: Sequence[str] | None,
    action_names: Sequence[str] | None,
) -> MDP:
    """Return the model that starts in one of some states, all as likely; its errors name the file."""
    gamma = valid.checked_gamma(gamma)
    P = P.copy()
    P.eliminate_zeros()
    mu = np.zeros(pair_start.size - 1)
    mu[starts] = 1 / starts.size
    try:
        return MDP(P, r, gamma, mu, pair_start, state_names, action_names)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def shared_names(names: Sequence[str], pair_start: np.ndarray) -> tuple[str, ...]:
    """Return one name for each position if the pairs' names allow it, else one for each pair."""
    counts = np.diff(pair_start)
    longest = int(np.argmax(counts))
    positions = tuple(names[pair_start[longest] : pair_start[longest + 1]])
    offsets = zip(pair_start[:-1].tolist(), counts.tolist(), strict=True)
    if all(positions[:count] == tuple(names[start : start + count]) for start, count in offsets):
        return positions
    return tuple(names)


def pair_names(mdp: MDP) -> Iterator[tuple[int, int, str]]:
    """Yield (state, position, name) of each pair."""
    for state, count in enumerate(mdp.action_counts.tolist()):
        for action in range(count):
            yield state, action, mdp.action_name(state, action)


def written_pairs(mdp: MDP) -> Iterator[tuple[int, int, str, list[tuple[int, float]]]]:
    """Yield (state, position, name or nothing, [(target, probability), ...]) of each pair."""
    targets, probabilities, indptr = mdp.P.indices.tolist(), mdp.P.data.tolist(), mdp.P.indptr.tolist()
    for row, (state, action, name) in enumerate(pair_names(mdp)):
        span = slice(indptr[row], indptr[row + 1])
        entries = [(s, p) for s, p in zip(targets[span], probabilities[span], strict=True) if p]
        yield state, action, "" if mdp.action_names is None else name, entries


def starting_states(mdp: MDP) -> np.ndarray:
    """Return the states that a model starts in, if all are as likely: a label can say no more."""
    starts = np.flatnonzero(mdp.mu)
    equal = 1 / starts.size
    uneven = starts[np.abs(mdp.mu[starts] - equal) > 1e-12 * equal]
    if uneven.size:
        state = int(uneven[0])
        raise ModelError(
            f"mu of state {state} is {mdp.mu[state]:.12g}, not 1/{starts.size}: the format keeps only"
            " which states are initial; choose one with mdp.replace(mu=state), or add a first state that leads to them"
        )
    return starts


def checked_labels(labels: Mapping[str, Any] | None, n_states: int) -> Labels:
    """Return labels as ascending indices; they may also be given as arrays of bool."""
    found = {}
    for name, given in (labels or {}).items():
        states = np.asarray(given)
        if name == "init":
            raise ModelError("labels has init, which mdp.mu says; use mdp.replace(mu=...)")
        if states.dtype == bool and states.shape == (n_states,):
            states = np.flatnonzero(states)
        if states.ndim != 1 or (states.size and states.dtype.kind not in "iu"):
            raise ModelError(f"label {name!r} is neither indices of states nor an array of bool, shape ({n_states},)")
        if states.size and not (states.min() >= 0 and states.max() < n_states):
            raise ModelError(f"label {name!r} names state {states.max()}; states are 0..{n_states - 1}")
        found[name] = np.unique(states).astype(np.int64)
    return found


def labels_of_states(labels: Mapping[str, np.ndarray], words: Iterable[str], n_states: int) -> list[list[str]]:
    """Return what is written of each state's labels, given the word for each label."""
    written: list[list[str]] = [[] for _ in range(n_states)]
    for states, word in zip(labels.values(), words, strict=True):
        for state in states.tolist():
            written[state].append(word)
    return written


def written_names(mdp: MDP) -> Sequence[str] | None:
    """Return the states' names if a line of text can hold them."""
    names: Sequence[str] | None = mdp.state_names
    for state, name in enumerate(names or ()):
        if "\n" in name or "\r" in name:
            raise ModelError(
                f"the name {name!r} of state {state} has a line break, which a line cannot hold; rename it"
            )
    return names


def encoded(path: Path, lines: Iterable[str]) -> bytes:
    """Return the contents of a text file in UTF-8."""
    try:
        return "".join(f"{line}\n" for line in lines).encode("utf-8")
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise ModelError(f"{path} cannot hold the character {letter!r}, which UTF-8 does not know; rename") from None
