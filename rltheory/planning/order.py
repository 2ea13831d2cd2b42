"""In which order should states be swept in place? In one that leads from where news comes to where it goes.

Where states lead to near numbers, sweeps to and fro carry news far. Numbers that say nothing, as after a shuffle, are
replaced by those of reverse Cuthill and McKee (1969), which go through the graph level by level.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from scipy.sparse import csr_array, csr_matrix

from rltheory.models import MDP
from rltheory.planning.backup import kernel_arrays

_OTHERS_BY_CHANCE = 5


def spread(mdp: MDP) -> tuple[int, bool]:
    r"""Tell how far from their own number states lead.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    width : int
        How many numbers a move leads away at most.
    local : bool
        Whether at least half of the states lead to a near one, within :math:`\sqrt{n}` numbers of their own; within
        :math:`n / (5 m)` if that is less, m being the number of others that a state leads to on average, since of many
        some are near in any order. Next numbers are always near.

    Examples
    --------
    >>> import mdps
    >>> spread(mdps.river_swim(1000)), spread(mdps.garnet(1000, 2, 3, rng=0))[1]
    ((1, True), False)
    """
    indptr, columns, _, _, pair_start = kernel_arrays(mdp.P, mdp.r, mdp.pair_start)
    moves, n = _moves(indptr, columns, pair_start), mdp.n_states
    near = max(1, min(math.isqrt(n), n * n // (_OTHERS_BY_CHANCE * max(moves, 1))))
    width, local = _spread(indptr, columns, pair_start, near)
    return int(width), bool(2 * local >= n)


def level_order(mdp: MDP) -> np.ndarray:
    """Return the states in the order of reverse Cuthill and McKee, of the graph of all actions.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    ndarray of int, shape (n_states,)
    """
    from scipy.sparse.csgraph import reverse_cuthill_mckee  # takes long to import

    rows = mdp.P.indptr[mdp.pair_start]
    pattern = csr_matrix((np.ones(mdp.P.nnz, np.bool_), mdp.P.indices, rows), shape=(mdp.n_states, mdp.n_states))
    return reverse_cuthill_mckee(pattern, symmetric_mode=False)


def renumbered(mdp: MDP, order: np.ndarray) -> MDP:
    """Return the model whose state k is the state ``order[k]``; names are left out.

    Parameters
    ----------
    mdp : MDP
        The model.
    order : ndarray of int, shape (n_states,)
        A permutation.

    Returns
    -------
    MDP
        A copy.
    """
    counts = mdp.action_counts[order]
    start = np.concatenate([[0], np.cumsum(counts)])
    pairs = np.repeat(mdp.pair_start[order] - start[:-1], counts) + np.arange(mdp.n_pairs)
    place = np.empty(mdp.n_states, dtype=mdp.P.indices.dtype)
    place[order] = np.arange(mdp.n_states)
    P = mdp.P[pairs]
    P = csr_array((P.data, place[P.indices], P.indptr), shape=P.shape)
    P.sort_indices()
    return MDP(P, mdp.r[pairs], mdp.gamma, mdp.mu[order], start)


@njit(cache=True, nogil=True)
def _moves(indptr, columns, pair_start):  # type: ignore[no-untyped-def]
    """Return how many other states the states lead to, in all; each counts once, whatever the actions."""
    found, last_from = 0, np.full(pair_start.size - 1, -1, dtype=np.int32)
    for s in range(pair_start.size - 1):
        last_from[s] = s
        for k in range(np.uint64(indptr[pair_start[s]]), np.uint64(indptr[pair_start[s + 1]])):
            found += last_from[columns[k]] != s
            last_from[columns[k]] = s
    return found


@njit(cache=True, nogil=True)
def _spread(indptr, columns, pair_start, near):  # type: ignore[no-untyped-def]
    """Return the largest distance of a move, and how many states have a move of a distance from 1 to ``near``."""
    width, local = np.int64(0), 0
    for s in range(pair_start.size - 1):
        is_local = False
        for k in range(np.uint64(indptr[pair_start[s]]), np.uint64(indptr[pair_start[s + 1]])):
            distance = abs(np.int64(columns[k]) - s)
            width = max(width, np.int64(distance))
            is_local |= 0 < distance <= near
        local += is_local
    return width, local
