r"""Value iteration on many processes, for a model that is larger than a machine.

Each rank holds the rows of some consecutive states (`RowBlock`) and a copy of v. A sweep is a backup of the own states,
an exchange of the parts of ``T v``, and an agreement on the extremes of :math:`d = T v - v`, from which every rank
draws the same conclusion. The last sweep also bounds its rounding errors, and the enclosure

.. math:: T v + c \min d \;\le\; v^{\pi_v} \;\le\; v^* \;\le\; T v + c \max d, \qquad c = \gamma / (1 - \gamma)

is proven exactly as in `rltheory.planning.enclosure`, with the minimum and the maximum over all ranks. Each state is
backed up by the same operations in the same order wherever it lives, and a maximum does not depend on the order, so the
answer is the same to the last bit for every number of ranks, and the same as that of `value_iteration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import ModelError
from rltheory.models._validation import frozen
from rltheory.planning import _checkpoint, _kernels, bounds
from rltheory.planning._ranks import Communicator, communicator, ending_together, in_agreement, mpi
from rltheory.planning.backup import kernel_arrays
from rltheory.planning.enclosure import (
    Enclosure,
    backup_with_error,
    conclude,
    enclose_by_extremes,
    require_finite_values,
    residual_extremes,
    stopping_rule,
)
from rltheory.planning.rounding import largest_size
from rltheory.planning.row_blocks import RowBlock, block_checksum, build_block, memory_per_rank, split
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_limit, checked_tol, sweep_limit

_Numbers = tuple[float, float, float]
_History = tuple[list[float], _Numbers | None]
"""The widths of the sweeps so far, and the extremes and the size that the first of them found."""

__all__ = ["RowBlock", "build_block", "distributed_value_iteration", "memory_per_rank", "split", "world"]


def world() -> Any:
    """Return the communicator of all processes that ``mpiexec`` started, ``mpi4py.MPI.COMM_WORLD``.

    Raises
    ------
    ImportError
        If mpi4py or the MPI library is missing: ``pip install rltheory[mpi]``.
    """
    return mpi().COMM_WORLD


def distributed_value_iteration(
    block: RowBlock,
    comm: Any = None,
    *,
    tol: float = 1e-8,
    max_sweeps: int | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
    progress: Progress | None = None,
) -> Solution:
    """Solve a discounted MDP whose rows are spread over processes, by value iteration.

    Every rank calls this with its own block and the same options, and gets the whole answer.

    Parameters
    ----------
    block : RowBlock
        The rows of this rank, by `build_block` or `split`.
    comm : mpi4py communicator, optional
        The processes, such as `world()`; by default this one alone, which then has all the rows.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_sweeps : int, optional
        Limit on backups, those before a checkpoint included; by default what theory needs.
    checkpoint : str or Path, optional
        A file that rank 0 writes and reads. If it exists the computation goes on from there, on any number of ranks and
        to the same bits as without an interruption; ``tol`` and ``max_sweeps`` may be others.
    checkpoint_every : int
        Sweeps between two checkpoints.
    progress : callable, optional
        Called after each sweep as ``progress(sweeps, width)``, on the ranks that pass one.

    Returns
    -------
    Solution
        The same on every rank. It does not know its model, so ``start_value`` is not defined.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1, or so near that rows which do not quite sum to one make the value infinite.
    ModelError
        If the blocks or the options of the ranks do not fit together, or the checkpoint is damaged or one of another
        model. The error is raised on every rank.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Notes
    -----
    A failure during the sweeps, on any rank, is written to standard error and ends all ranks, as the others would wait
    for ever. Start scripts with ``mpiexec -n 8 python -m mpi4py script.py``, which does the same for failures outside
    this function.

    References
    ----------
    Bellman (1957); the stopping rule by MacQueen (1966) and Porteus (1971).

    Examples
    --------
    >>> import mdps
    >>> solution = distributed_value_iteration(split(mdps.river_swim(6, gamma=0.9)), tol=1e-6)
    >>> solution.status
    <Status.CONVERGED: 'the proven gap is within tol'>
    """
    ranks = communicator(comm)
    options = (tol, max_sweeps, None if checkpoint is None else checkpoint_every)
    in_agreement(ranks, "use its options", lambda: _check(*options))
    part = _joined(block, ranks, options)
    require_finite_values(block.gamma, part.largest_reward)
    store = None if checkpoint is None else _Store(checkpoint, checkpoint_every, _identity(part))
    v = np.empty(block.n_states)
    begun = _begin(part, store, v)
    with ending_together(ranks):
        widths, limited = _sweep_until_proven(part, store, begun, v, tol=tol, limit=max_sweeps, progress=progress)
        proven = _enclose(part, v)
    del v  # four vectors of all states, not five, are what the answer needs
    method = "value iteration" if ranks.size == 1 else f"value iteration on {ranks.size} ranks"
    return conclude(proven, tol=tol, history=widths, method=method, limited=limited)


@dataclass(frozen=True, slots=True)
class _Part:
    """The block of this rank, and what it knows of the whole model."""

    block: RowBlock
    ranks: Communicator
    sizes: list[int]
    """Numbers of states of the ranks' blocks."""
    n_pairs: int
    n_transitions: int
    longest: int
    """Largest number of successors of a pair."""
    largest_reward: float

    def own(self, v: np.ndarray) -> np.ndarray:
        """Return the entries of the block's states, as a view."""
        return v[self.block.first : self.block.last]

    def everywhere(self, own: np.ndarray) -> np.ndarray:
        """Return the vector of all states, of which each rank has its own entries."""
        vector = np.empty(self.block.n_states, dtype=own.dtype)
        self.ranks.join(own, vector, self.sizes)
        return vector


@dataclass(frozen=True, slots=True)
class _Store:
    path: str | Path
    every: int
    model: dict[str, Any]


@njit(cache=True)
def _extremes(backed_up, own):  # type: ignore[no-untyped-def]
    """Return minus the least and the largest entry of ``T v - v``, and the largest absolute value met."""
    minus_low, high, size = -np.inf, -np.inf, 0.0
    for s in range(own.size):
        d = backed_up[s] - own[s]
        minus_low, high = max(minus_low, -d), max(high, d)
        size = max(size, abs(backed_up[s]), abs(own[s]))
    return minus_low, high, size


def _check(tol: float, max_sweeps: int | None, checkpoint_every: int | None) -> None:
    checked_tol(tol)
    checked_limit(max_sweeps, "max_sweeps")
    checked_limit(checkpoint_every, "checkpoint_every")


def _joined(block: RowBlock, ranks: Communicator, options: tuple[Any, ...]) -> _Part:
    """Return what the blocks are together, or refuse them if they do not fit."""
    sizes = block.r.size, block.P.nnz, int(np.diff(block.P.indptr).max()), largest_size(block.r)
    told = ranks.share(((block.first, block.last), (block.n_states, block.gamma, *options), sizes))
    end = 0
    for rank, ((first, last), common, _) in enumerate(told):
        if common != told[0][1]:
            raise ModelError(
                "ranks differ in (n_states, gamma, tol, max_sweeps, checkpoint_every):"
                f" rank 0 has {told[0][1]}, rank {rank} has {common}"
            )
        if first != end or (rank == len(told) - 1 and last != block.n_states):
            raise ModelError(
                f"rank {rank} of {len(told)} holds states {first}..{last - 1} of {block.n_states}, and the ranks before"
                f" it end at {end - 1}: blocks follow one another and cover all states (build_block and split do so)"
            )
        end = last
    states = [last - first for (first, last), *_ in told]
    pairs, transitions, longest, largest = zip(*(sizes for *_, sizes in told), strict=True)
    return _Part(block, ranks, states, sum(pairs), sum(transitions), max(longest), max(largest))


def _identity(part: _Part) -> dict[str, Any]:
    """Return what a checkpoint's model is recognised by, the same on any number of ranks."""
    return {
        "n_states": part.block.n_states,
        "n_pairs": part.n_pairs,
        "n_transitions": part.n_transitions,
        "gamma": part.block.gamma,
        "checksum": sum(part.ranks.share(block_checksum(part.block))) % 2**64,
    }


def _begin(part: _Part, store: _Store | None, v: np.ndarray) -> _History:
    """Fill v with the iterate of the checkpoint, or with ``T 0``; return the history that belongs to it."""

    def read() -> _History | None:
        found = _checkpoint.load(store.path, store.model) if store is not None and part.ranks.rank == 0 else None
        if found is None:
            return None
        v[:] = found.v
        return found.widths, found.first

    history = part.ranks.share(in_agreement(part.ranks, "go on from its checkpoint", read))[0]
    if history is None:
        part.ranks.join(np.maximum.reduceat(part.block.r, part.block.pair_start[:-1]), v, part.sizes)
        return [], None
    part.ranks.spread(v)
    return history


def _sweep_until_proven(
    part: _Part,
    store: _Store | None,
    begun: _History,
    v: np.ndarray,
    *,
    tol: float,
    limit: int | None,
    progress: Progress | None,
) -> tuple[list[float], bool]:
    """Overwrite v by its backups until the bracket is narrow enough; return its widths, and whether a limit came first.

    The loop of `value_iteration.sweep_until_proven`, with an exchange after each backup.
    """
    block, ranks, (widths, first) = part.block, part.ranks, begun
    target, finished = stopping_rule(block.gamma, part.longest, part.largest_reward, tol)
    rows, own = kernel_arrays(block.P, block.r, block.pair_start), part.own(v)
    backed_up, policy = np.empty(own.size), np.empty(own.size, dtype=np.int64)
    while True:
        # The kernel compares with the first entries of v, which are rank 0's: the extremes are taken beside it.
        _kernels.bellman(*rows, block.gamma, frozen(v), backed_up, policy, 0, own.size)
        minus_low, high, size = ranks.largest(_extremes(backed_up, own))
        widths.append(bounds.bracket_width(block.gamma, high + minus_low))
        first = (-minus_low, high, size) if first is None else first
        if progress is not None:
            progress(len(widths), widths[-1])
        if finished(widths, size):
            return widths, False
        if len(widths) >= (limit or sweep_limit(block.gamma, first[0], first[1], target(first[2]))):
            return widths, limit is not None
        ranks.join(backed_up, v, part.sizes)
        if store is not None and ranks.rank == 0 and len(widths) % store.every == 0:
            _checkpoint.save(store.path, store.model, _checkpoint.Standing(v, widths, first))


def _enclose(part: _Part, v: np.ndarray) -> Enclosure:
    """Prove bounds by one backup of v, with the extremes over all ranks."""
    gamma, own = part.block.gamma, part.own(v)
    rows = part.block.P, part.block.r, part.block.pair_start
    backed_up, error, policy, eta = backup_with_error(*rows, gamma, frozen(v))
    low, high = residual_extremes(backed_up, error, own)
    minus_low, high, eta = part.ranks.largest((-low, high, eta))
    lower, upper = enclose_by_extremes(backed_up, error, -minus_low, high, gamma, eta)
    return Enclosure(part.everywhere(policy), part.everywhere(lower), part.everywhere(upper))
