"""The layouts in which people keep Markov games, brought into rows of states and joint actions, and their checks."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def joint_actions(counts: np.ndarray, joint_start: np.ndarray) -> np.ndarray:
    """Return the action of each player in each joint row, shape (n_joint, n_players)."""
    sizes = np.diff(joint_start)
    position = np.arange(joint_start[-1]) - np.repeat(joint_start[:-1], sizes)
    actions = np.empty((position.size, counts.shape[1]), dtype=np.int64)
    for i in reversed(range(counts.shape[1])):
        own = np.repeat(counts[:, i], sizes)
        actions[:, i], position = position % own, position // own
    return actions


def place(row: int, counts: np.ndarray, joint_start: np.ndarray) -> str:
    """Name a joint row for a message: ``state 3, joint action (0, 1)``, after ``step 2,`` in stacked rows."""
    step, own = divmod(int(row), int(joint_start[-1]))
    state = int(np.searchsorted(joint_start, own, side="right")) - 1
    actions = tuple(map(int, np.unravel_index(own - joint_start[state], counts[state])))
    return f"{f'step {step}, ' if step else ''}state {state}, joint action {actions}"


def checked_counts(counts: Any) -> np.ndarray:
    """Return the numbers of actions of each state and player, each at least 1."""
    counts = np.ascontiguousarray(valid.index_array(counts, "action_counts"))
    if counts.ndim != 2 or 0 in counts.shape:
        raise ModelError(f"action_counts has shape {counts.shape}; it must be (n_states, n_players), both at least 1")
    if counts.min() < 1:
        state, player = (int(x) for x in np.argwhere(counts < 1)[0])
        raise ModelError(f"player {player} has {counts[state, player]} actions in state {state}; give her at least one")
    return valid.frozen(counts)


def checked_joint_rows(P: csr_array, counts: np.ndarray, start: np.ndarray, H: int | None) -> csr_array:
    """Return the kernel if each of its rows is a distribution, and their number fits; errors name the joint action."""
    n_states, n_joint = counts.shape[0], int(start[-1])
    many = {n_joint} if H is None else {n_joint, H * n_joint}
    if P.shape[1] != n_states or P.shape[0] not in many:
        wanted = " or ".join(f"({rows}, {n_states})" for rows in sorted(many))
        raise ModelError(f"P has shape {P.shape}; with {n_joint} pairs of state and joint action it must be {wanted}")
    if P.nnz and not P.data.min() >= 0:
        entry = int(np.argmax(~(P.data >= 0)))
        row = int(np.searchsorted(P.indptr, entry, side="right")) - 1
        raise ModelError(
            f"{place(row, counts, start)} goes to state {P.indices[entry]} with probability {P.data[entry]};"
            " it must be a number in [0, 1]"
        )
    sums = P @ np.ones(n_states)
    wrong = ~(np.abs(sums - 1) <= valid.ROW_SUM_TOLERANCE)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ModelError(
            f"{place(row, counts, start)} sums to {sums[row]:.12g} ({int(wrong.sum())} bad rows);"
            " MDP.normalised rescales"
        )
    return P


def checked_payoffs(r: Any, counts: np.ndarray, start: np.ndarray, H: int | None) -> np.ndarray:
    """Return the rewards of all players if they are finite and as many as they should be, read-only."""
    r, n_joint = valid.real_array(r, "r"), int(start[-1])
    shapes: list[tuple[int, ...]] = [(counts.shape[1], n_joint)]
    shapes += [] if H is None else [(H, *shapes[0])]
    if r.shape not in shapes:
        raise ModelError(f"r has shape {r.shape}; it must be {' or '.join(map(str, shapes))}")
    bad = np.argwhere(~np.isfinite(r))
    if bad.size:
        *step, player, row = (int(x) for x in bad[0])
        where = place((step[0] if step else 0) * n_joint + row, counts, start)
        raise ModelError(f"the reward of player {player} in {where} is {r[tuple(bad[0])]}; rewards are finite")
    return valid.frozen(r)


def product_arrays(P: Any, r: Any, H: int | None, allowed: Any) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Return joint rows, rewards and numbers of actions from product arrays."""
    P, r = valid.real_array(P, "P"), valid.real_array(r, "r")
    n = _n_players(P, r, H)
    n_states, sizes = P.shape[-1], r.shape[-n:]
    kept, counts = _allowed_rows(allowed, n_states, sizes)
    steps = P.reshape(-1, kept.size, n_states)[:, kept]
    payoffs = r.reshape(*r.shape[: -n - 1], -1)[..., kept]
    return valid.sparse_rows(steps.reshape(-1, n_states)), payoffs, counts


def _n_players(P: np.ndarray, r: np.ndarray, H: int | None) -> int:
    """Return the number of players for which the shapes fit together; they cannot for two numbers."""
    for n, steps in ((r.ndim - 2, ()), (r.ndim - 3, (H,))):
        if n < 1 or (steps and H is None) or r.shape[: len(steps) + 1] != (*steps, n):
            continue
        n_states, *sizes = r.shape[len(steps) + 1 :]
        kernel = (n_states, *sizes, n_states)
        if P.shape == kernel or (H is not None and P.shape == (H, *kernel)):
            return n
    raise ModelError(
        f"P of shape {P.shape} and r of shape {r.shape} do not fit together; of n players they must be"
        " (n_states, m_1, ..., m_n, n_states) and (n, n_states, m_1, ..., m_n), after H where they change with the step"
        " (MarkovGame itself takes rows of joint actions)"
    )


def _allowed_rows(allowed: Any, n_states: int, sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of product arrays are actions that all players have, and how many each player has."""
    if allowed is None:
        return np.ones(n_states * int(np.prod(sizes)), dtype=bool), np.tile(sizes, (n_states, 1))
    tables = [np.asarray(table) for table in allowed]
    if len(tables) != len(sizes):
        raise ModelError(f"allowed has {len(tables)} tables; one for each of {len(sizes)} players is needed")
    mask = np.ones((n_states, *sizes), dtype=bool)
    for i, (table, m) in enumerate(zip(tables, sizes, strict=True)):
        if table.shape != (n_states, m) or table.dtype != bool:
            raise ModelError(
                f"allowed[{i}] has shape {table.shape} and dtype {table.dtype}; booleans of shape ({n_states}, {m})"
                " are needed"
            )
        mask &= table.reshape(n_states, *(m if j == i else 1 for j in range(len(sizes))))
    return mask.reshape(-1), np.stack([table.sum(axis=1) for table in tables], axis=1)


def explored(
    step: Callable[[Hashable, tuple[Hashable, ...]], Iterable[tuple[float, Hashable, Sequence[float]]]],
    starts: Iterable[Hashable],
    actions: Sequence[Sequence[Hashable]] | Callable[[Hashable], Sequence[Sequence[Hashable]]],
    max_states: int,
) -> tuple[csr_array, np.ndarray, np.ndarray, dict[str, Any]]:
    """Return joint rows, rewards, numbers of actions and the description of what a function reaches."""
    from scipy.sparse import csr_array

    index = {state: k for k, state in enumerate(dict.fromkeys(starts))}
    if not index:
        raise ModelError("starts is empty; play begins somewhere")
    n_starts, queue = len(index), deque(index)
    columns, data, indptr, rewards, counts = [], [], [0], [], []
    while queue:
        state = queue.popleft()
        own = actions(state) if callable(actions) else actions
        counts.append([len(of_player) for of_player in own])
        if len(own) != len(counts[0]):
            raise ModelError(f"state {state!r} has actions of {len(own)} players, the first state of {len(counts[0])}")
        for joint in itertools.product(*own):
            expected = np.zeros(len(own))
            for probability, following, paid in step(state, joint):
                if following not in index:
                    if len(index) >= max_states:
                        raise ModelError(f"more than max_states = {max_states} states are reachable")
                    index[following] = len(index)
                    queue.append(following)
                if len(paid) != len(own):
                    raise ModelError(
                        f"state {state!r}, joint action {joint!r} pays {len(paid)} rewards; {len(own)} players play"
                    )
                columns.append(index[following])
                data.append(probability)
                expected += probability * np.asarray(paid, dtype=np.float64)
            indptr.append(len(columns))
            rewards.append(expected)
    P = csr_array((np.array(data, dtype=np.float64), columns, indptr), shape=(len(rewards), len(index)))
    P.sum_duplicates()
    mu = np.zeros(len(index))
    mu[:n_starts] = 1 / n_starts
    names = None if callable(actions) else [list(map(str, of_player)) for of_player in actions]
    description = {"mu": mu, "state_names": list(map(str, index)), "action_names": names}
    return P, np.array(rewards).T, np.array(counts), description
