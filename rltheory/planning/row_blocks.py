"""A model in parts: each process holds the rows of some consecutive states, and of no others.

The blocks follow one another in the order of ranks and have nearly equal numbers of transitions, which is nearly equal
work. How many transitions a block will have is not known before it is built, so a few states are built first, evenly
spread: they tell where to cut, and whether each part will fit in memory.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from rltheory.models import MDP, ModelError
from rltheory.models import _validation as valid
from rltheory.planning._ranks import Communicator, communicator, in_agreement
from rltheory.planning.backup import kernel_arrays
from rltheory.planning.memory import available_memory, require_memory

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Build = Callable[[int, int], tuple[Any, Any, Any]]
"""``build(first, last)`` returns ``P, r, pair_start`` of the states first..last - 1, as in a `RowBlock`."""

_PROBES = 64
_TOO_LARGE_FOR_32_BITS = 2**31


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowBlock:
    """The rows of some consecutive states of a discounted MDP, the part that one process holds.

    Parameters
    ----------
    P : csr_array, shape (pairs, n_states)
        One distribution over *all* states for each state-action pair of the block; rows of a state are adjacent.
        Float64 data with 32-bit ``indices`` and ``indptr`` is taken without a copy.
    r : ndarray, shape (pairs,)
        Expected reward of each pair, in reward units.
    gamma : float
        Discount in [0, 1].
    pair_start : ndarray, shape (states + 1,)
        Rows of state ``first + i`` are ``pair_start[i]:pair_start[i + 1]``.
    first : int
        The first state of the block.

    Raises
    ------
    ModelError
        If the rows are not those of an MDP, as for `MDP`.

    Examples
    --------
    The second of two states, which stays where it is:

    >>> RowBlock([[0.0, 1.0]], [2.0], 0.9, [0, 1], first=1)
    RowBlock(states 1..1 of 2, 1 state-action pairs, 1 transitions, gamma=0.9)
    """

    P: csr_array
    r: np.ndarray
    gamma: float
    pair_start: np.ndarray
    first: int = 0

    def __post_init__(self) -> None:
        try:
            P = _compact(valid.sparse_rows(self.P))
            start = valid.checked_pair_start(self.pair_start, max(np.size(self.pair_start) - 1, 1), P.shape[0])
            r = valid.real_array(self.r, "r")
            if r.shape != (P.shape[0],):
                raise ModelError(f"r has shape {r.shape}; with {P.shape[0]} pairs it must be ({P.shape[0]},)")
            checked = {"P": valid.checked_rows(P, start)[0], "r": valid.checked_rewards(r, start)}
        except ModelError as error:
            raise ModelError(f"in the block that begins with state {self.first}, counted from there: {error}") from None
        last = self.first + start.size - 1
        if not 0 <= self.first < last <= P.shape[1]:
            raise ModelError(f"the block has states {self.first}..{last - 1}; those of P are 0..{P.shape[1] - 1}")
        valid.set_fields(self, checked | {"gamma": valid.checked_gamma(self.gamma), "pair_start": start})

    @property
    def n_states(self) -> int:
        """Number of states of the whole model."""
        return self.P.shape[1]

    @property
    def last(self) -> int:
        """The state after the last one of the block."""
        return self.first + self.pair_start.size - 1

    def __repr__(self) -> str:
        return (
            f"RowBlock(states {self.first}..{self.last - 1} of {self.n_states}, {self.r.size} state-action pairs,"
            f" {self.P.nnz} transitions, gamma={self.gamma:g})"
        )


def build_block(
    build: Build, n_states: int, gamma: float, comm: Any = None, *, boundaries: Any = None, available: int | None = None
) -> RowBlock:
    """Build this process's part of a model that may be larger than a machine.

    Parameters
    ----------
    build : callable
        ``build(first, last)`` returns ``P, r, pair_start`` of the states first..last - 1: rows of shape
        (pairs, n_states), rewards, and offsets that begin with 0, as in a `RowBlock`. It is called for single states
        first, then once for the block.
    n_states : int
        Number of states of the whole model.
    gamma : float
        Discount in [0, 1].
    comm : mpi4py communicator, optional
        The processes that share the model (`world()`); by default this one alone.
    boundaries : array_like of int, shape (ranks + 1,), optional
        Rank k gets the states ``boundaries[k]:boundaries[k + 1]``. By default the transitions are counted at 64 or more
        single states and shared out evenly.
    available : int, optional
        Bytes that this process may use; by default its share of what the machine, or the limit of its container or
        batch job, leaves now.

    Returns
    -------
    RowBlock

    Raises
    ------
    ModelError
        If the rows are not those of an MDP, or there are fewer states than ranks.
    MemoryError
        If a part would not fit (`memory_per_rank`), before it is built. An error on one rank is raised on all of them.

    Examples
    --------
    A walk on a ring that may be of any size:

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> def ring(first, last, n=1000):
    ...     here = np.arange(first, last)
    ...     to = np.stack([here - 1, here + 1], axis=1).ravel() % n         # two actions, left and right
    ...     P = csr_array((np.ones(to.size), to, np.arange(to.size + 1)), shape=(to.size, n))
    ...     return P, np.repeat(here == 0, 2), np.arange(0, to.size + 1, 2)
    >>> build_block(ring, 1000, gamma=0.9)
    RowBlock(states 0..999 of 1000, 2000 state-action pairs, 2000 transitions, gamma=0.9)
    """
    ranks = communicator(comm)
    edges = _cells(n_states, ranks.size)
    probes = partial(_probed, build, ((edges[:-1] + edges[1:]) // 2)[ranks.rank :: ranks.size])
    found = np.empty((edges.size - 1, 2))
    for rank, sizes in enumerate(ranks.share(in_agreement(ranks, "build single states", probes))):
        found[rank :: ranks.size] = sizes
    before = np.concatenate([np.zeros((1, 2)), np.cumsum(found * np.diff(edges)[:, None], axis=0)])
    if boundaries is None:
        boundaries = _balanced(edges, before[:, 1], ranks.size)
    cuts = in_agreement(ranks, "cut there", lambda: _checked_boundaries(boundaries, n_states, ranks.size))
    first, last = int(cuts[ranks.rank]), int(cuts[ranks.rank + 1])
    pairs, transitions = (np.interp([first, last], edges, column) @ [-1, 1] for column in before.T)
    needed = memory_per_rank(n_states, last - first, int(pairs), int(transitions))
    room = _share_of_memory(ranks)  # by all ranks or none: it asks how many share a machine
    room = room if available is None else available
    in_agreement(ranks, "take its part", lambda: _require_memory(needed, room, last - first, transitions))
    return in_agreement(ranks, "build its rows", lambda: _built(build, first, last, n_states, gamma))


def split(mdp: MDP, comm: Any = None) -> RowBlock:
    """Return this process's part of a model that every process has whole.

    Parameters
    ----------
    mdp : MDP
        The same on every rank.
    comm : mpi4py communicator, optional
        The processes that share the work; by default this one alone.

    Returns
    -------
    RowBlock
        With a nearly equal share of the transitions.

    Raises
    ------
    ModelError
        If there are fewer states than ranks.

    Examples
    --------
    >>> import mdps
    >>> split(mdps.river_swim(6, gamma=0.9))
    RowBlock(states 0..5 of 6, 12 state-action pairs, 22 transitions, gamma=0.9)
    """
    from scipy.sparse import csr_array

    ranks = communicator(comm)
    states = np.arange(mdp.n_states + 1)
    cuts = _balanced(states, mdp.P.indptr[mdp.pair_start], ranks.size)
    first, last = int(cuts[ranks.rank]), int(cuts[ranks.rank + 1])
    top, bottom = int(mdp.pair_start[first]), int(mdp.pair_start[last])
    entries = slice(mdp.P.indptr[top], mdp.P.indptr[bottom])
    offsets = mdp.P.indptr[top : bottom + 1] - mdp.P.indptr[top]
    P = csr_array((mdp.P.data[entries], mdp.P.indices[entries], offsets), shape=(bottom - top, mdp.n_states))
    return RowBlock(P, mdp.r[top:bottom], mdp.gamma, mdp.pair_start[first : last + 1] - top, first)


def memory_per_rank(n_states: int, states: int, pairs: int, transitions: int) -> int:
    """Return the bytes that one process needs for its block and for the answer.

    Rows take 12 bytes a transition and 12 a pair, or 16 where 32-bit indices do not reach. Four vectors are of all
    states: value, policy, lower, upper. The others, 8 at the worst moment, are of the block's own states.

    Parameters
    ----------
    n_states : int
        States of the whole model.
    states, pairs, transitions : int
        Those of the block.

    Returns
    -------
    int

    Examples
    --------
    A hundred million states with 3 actions and 5 successors each, on 8 ranks:

    >>> memory_per_rank(10**8, 10**8 // 8, 3 * 10**8 // 8, 15 * 10**8 // 8) / 1e9
    6.7
    """
    index = 4 if max(transitions, n_states) < _TOO_LARGE_FOR_32_BITS else 8
    return (8 + index) * (transitions + pairs) + 32 * n_states + 64 * states


def _compact(P: csr_array) -> csr_array:
    """Return the rows with 32-bit indices if they fit, which is a third less to hold and to read."""
    from scipy.sparse import csr_array

    if P.indices.dtype == np.int32 or max(P.nnz, P.shape[1]) >= _TOO_LARGE_FOR_32_BITS:
        return P
    narrow = P.indices.astype(np.int32), P.indptr.astype(np.int32)
    return csr_array((P.data, *narrow), shape=P.shape, copy=False)


def block_checksum(block: RowBlock) -> int:
    """Return the block's part of the sum, modulo 2**64, that identifies a model however it is divided.

    A change of any single number changes it: each is taken by its bits, times an odd key made of its place.
    """
    indptr, indices, data, r, pair_start = kernel_arrays(block.P, block.r, block.pair_start)
    bits = data.view(np.uint64), r.view(np.uint64)
    return int(_checksum(indptr, indices, *bits, pair_start, np.uint64(block.first)))


@njit(cache=True)
def _checksum(indptr, indices, data, r, pair_start, first):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for s in range(np.uint64(pair_start.size - 1)):
        weight = _key(first + s)
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + np.uint64(1)])):
            row = r[i] * np.uint64(0x9E3779B97F4A7C15)
            for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + np.uint64(1)])):
                row += data[k] * _key(np.uint64(indices[k]))
            total += row * weight
            weight += np.uint64(2)
    return total


@njit(cache=True)
def _key(place):  # type: ignore[no-untyped-def]
    """Return a well-mixed odd number, by the generator splitmix64 (Steele, Lea and Flood 2014)."""
    z = (place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) | np.uint64(1)


def _cells(n_states: int, size: int) -> np.ndarray:
    """Return the edges of the cells in whose middle one state is built."""
    if n_states < size:
        raise ModelError(f"{n_states} states cannot be shared by {size} ranks; start at most {n_states}")
    return np.linspace(0, n_states, min(n_states, max(_PROBES, 4 * size)) + 1).astype(np.int64)


def _probed(build: Build, states: np.ndarray) -> list[tuple[int, int]]:
    """Build single states, and return the number of pairs and of transitions of each."""
    rows = (valid.sparse_rows(build(state, state + 1)[0]) for state in states.tolist())
    return [(P.shape[0], P.nnz) for P in rows]


def _built(build: Build, first: int, last: int, n_states: int, gamma: float) -> RowBlock:
    P, r, pair_start = build(first, last)
    block = RowBlock(P, r, gamma, pair_start, first)
    if (block.last, block.n_states) != (last, n_states):
        raise ModelError(
            f"build({first}, {last}) returned states {first}..{block.last - 1} of {block.n_states};"
            f" those up to {last - 1} of {n_states} were asked for"
        )
    return block


def _balanced(states: np.ndarray, before: np.ndarray, size: int) -> np.ndarray:
    """Return where to cut for equal work and at least one state a rank; ``before`` counts what precedes a state."""
    n_states = int(states[-1])
    if n_states < size:
        raise ModelError(f"{n_states} states cannot be shared by {size} ranks; start at most {n_states}")
    own = np.arange(size + 1)
    cuts = np.rint(np.interp(before[-1] * own / size, before, states)).astype(np.int64)
    cuts[0], cuts[-1] = 0, n_states
    return own + np.maximum.accumulate(np.clip(cuts - own, 0, n_states - size))


def _checked_boundaries(boundaries: Any, n_states: int, size: int) -> np.ndarray:
    cuts = valid.index_array(boundaries, "boundaries")
    if cuts.shape != (size + 1,) or cuts[0] != 0 or cuts[-1] != n_states or not (np.diff(cuts) > 0).all():
        raise ModelError(
            f"boundaries are {cuts.tolist()}; {size + 1} increasing numbers from 0 to {n_states} are needed"
        )
    return cuts


def _require_memory(needed: int, room: int | None, states: int, transitions: float) -> None:
    what = f"{states:,} states with {transitions:,.0f} transitions"
    require_memory(needed, what, remedy="start more ranks on more machines", available=room)


def _share_of_memory(ranks: Communicator) -> int | None:
    """Return the bytes available on this machine for each of its ranks, None where the system does not say."""
    here = platform.node()
    neighbours = ranks.share(here).count(here)
    room = available_memory()
    return None if room is None else room // neighbours
