r"""All equilibria of a two-player game, one pair of supports after the other: smallest first, and lazily.

If (p, q) is an equilibrium with supports I and J, all actions in J are best responses to p, hence equally good:
:math:`\sum_{i \in I} p_i (B_{ij} - B_{ij'}) = 0` for j, j' in J, and likewise for q. In a nondegenerate game the two
supports have the same size k, and each system has one solution up to its sum (von Stengel 2002, section 2.2). So try
all pairs, with three economies:

- *conditional dominance* (Porter, Nudelman and Shoham 2008): against strategies on I, a column that is worse than
  another in each row of I is no best response, so J is chosen among the others only; and I must survive against these;
- *one elimination for all J*: of the linear space of weights p that make the first t columns of J equally good a basis
  is kept. The next column takes one vector from it, in O(k (k - t)) operations, and all J which begin with the same
  columns share the work. The last column costs O(k), not O(k^3);
- q is solved for only if p is positive, and a best response is outside of J for no column.

Nothing is compared for equality: payoffs are scaled to a range of one, and a best response is one up to 1e-10 of it.

In a degenerate game supports of other sizes carry equilibria, and a pair of supports may carry infinitely many.
``supports="all"`` then tells of *each pair* that carries one, with one representative, from the vertices of the best
response polytopes: those p that are supported in I and to which all of J are best responses are a face of one of them;
its relative interior has support I exactly if the supports of its vertices unite to I.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numba import njit

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import LARGEST_MASK, bimatrix
from rltheory.games.nash.vertex_enumeration import best_response_vertices
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError, ModelError

_MOST_PAIRS = 10**9
_MOST_PAIRS_OF_ANY_SIZE = 2**20
_SINGULAR = 1e-12
_POSITIVE = 1e-12
_BEST = 1e-10


def support_enumeration(game: NormalFormGame, *, supports: str = "equal") -> list[Equilibrium]:
    """Return all equilibria that support enumeration finds, smallest supports first.

    Parameters
    ----------
    game : NormalFormGame
        Of two players.
    supports : {"equal", "all"}
        Whether to look at supports of equal sizes only, which finds all equilibria of a nondegenerate game; or at all
        pairs, with one equilibrium for each pair of supports that carries one (its representative is the mean of the
        vertices of the face).

    Returns
    -------
    list of Equilibrium

    Raises
    ------
    CriterionError
        If there are not two players, or ``supports`` is neither.
    ModelError
        If there are more than 10^9 pairs of supports of equal sizes (16 x 16 is near it), or more than 2^20 pairs of
        any sizes (10 x 10), or a player has more than 62 actions; `vertex_enumeration` does with more pairs, and
        `lemke_howson` finds one equilibrium of any game.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.support_enumeration import support_enumeration
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> [e.profile[0].round(12).tolist() for e in support_enumeration(stag_hunt)]
    [[1.0, 0.0], [0.0, 1.0], [0.666666666667, 0.333333333333]]
    """
    return list(support_equilibria(game, supports=supports))


def support_equilibria(game: NormalFormGame, *, supports: str = "equal") -> Iterator[Equilibrium]:
    """Yield the equilibria of `support_enumeration` one by one; those with large supports cost nothing until asked for.

    Parameters
    ----------
    game, supports
        As for `support_enumeration`.

    Yields
    ------
    Equilibrium

    Raises
    ------
    CriterionError, ModelError
        As `support_enumeration`, at once.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.support_enumeration import support_equilibria
    >>> next(support_equilibria(NormalFormGame.symmetric([[3, 0], [5, 1]]))).profile
    (array([0., 1.]), array([0., 1.]))
    """
    if supports not in ("equal", "all"):
        raise CriterionError(f"supports is {supports!r}; it must be 'equal' or 'all'")
    A, B = bimatrix(game, "support enumeration")
    m, n = A.shape
    pairs, most = (math.comb(m + n, m), _MOST_PAIRS) if supports == "equal" else (2 ** (m + n), _MOST_PAIRS_OF_ANY_SIZE)
    if max(m, n) > LARGEST_MASK:
        raise ModelError(
            f"a player has {max(m, n)} actions; enumeration keeps them as bits of one integer, and takes {LARGEST_MASK}"
            f" at most: lemke_howson finds one equilibrium of a game of any size"
        )
    if pairs > most:
        raise ModelError(
            f"a {m} x {n} game has {pairs:.3g} pairs of supports to look at; the limit is {most:.3g}:"
            f" vertex_enumeration does with more, lemke_howson finds one equilibrium of a game of any size"
        )
    found = _of_equal_sizes(A, B) if supports == "equal" else _of_any_sizes(A, B)
    return (nash_profile(game, profile, method="support enumeration") for profile in found)


def _of_equal_sizes(A: np.ndarray, B: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    better_row, better_column = _better(A), _better(np.ascontiguousarray(B.T))
    for k in range(1, min(A.shape) + 1):
        yield from zip(*_equilibria_of_size(A, B, k, better_row, better_column), strict=True)


def _better(A: np.ndarray) -> np.ndarray:
    """Return the set of columns, as bits, in which the second row is better than the first, for all pairs of rows."""
    bits = 1 << np.arange(A.shape[1], dtype=np.int64)
    return ((A[None, :, :] > A[:, None, :] + _BEST) * bits).sum(axis=2)


@njit(cache=True, nogil=True, error_model="numpy")
def _equilibria_of_size(
    A: np.ndarray, B: np.ndarray, k: int, better_row: np.ndarray, better_column: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return all equilibria with k actions in each support, one in a row."""
    m, n = A.shape
    found, ps, qs = 0, np.zeros((8, m)), np.zeros((8, n))
    p, q = np.empty(k), np.empty(k)
    space, scratch = np.empty((k, k, k)), np.empty((k, k, k))
    to_column, to_row = np.empty((n, k)), np.empty((m, k))
    rows, columns = np.arange(k), np.empty(k, np.int64)
    alive, place = np.empty(n, np.int64), np.empty(k, np.int64)
    more = True
    while more:
        n_alive = _undominated(rows, better_row, better_column, alive)
        _gather(B.T, rows, to_column)
        place[0] = t = 0
        while t >= 0:
            if place[t] > n_alive - k + t:
                t -= 1
            else:
                columns[t] = alive[place[t]]
                if _take(space, t, to_column, columns):
                    if t < k - 1:
                        place[t + 1] = place[t] + 1
                        t += 1
                        continue
                    if _weights(space[t, 0], p) and _are_best(to_column, p, columns[0]):
                        _gather(A, columns, to_row)
                        if _indifferent(to_row, rows, scratch, q) and _are_best(to_row, q, rows[0]):
                            if found == len(ps):
                                ps, qs = np.vstack((ps, np.zeros_like(ps))), np.vstack((qs, np.zeros_like(qs)))
                            ps[found, rows], qs[found, columns] = p, q
                            found += 1
            if t >= 0:
                place[t] += 1
        more = _next_subset(rows, m)
    return ps[:found], qs[:found]


@njit(cache=True, nogil=True, error_model="numpy")
def _undominated(rows: np.ndarray, better_row: np.ndarray, better_column: np.ndarray, alive: np.ndarray) -> int:
    """List the columns that no other beats in each of the rows; none if one of the rows is beaten in all of these."""
    support, columns, count = 0, 0, 0
    for i in rows:
        support |= 1 << i
    for j in range(alive.size):
        dominated = False
        for other in range(alive.size):
            if support & ~better_column[j, other] == 0:
                dominated = True
                break
        if not dominated:
            alive[count] = j
            columns |= 1 << j
            count += 1
    for i in rows:
        for other in range(len(better_row)):
            if columns & ~better_row[i, other] == 0:
                return 0
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(payoffs: np.ndarray, support: np.ndarray, gathered: np.ndarray) -> None:
    for a in range(gathered.shape[0]):
        for b in range(support.size):
            gathered[a, b] = payoffs[a, support[b]]


@njit(cache=True, nogil=True, error_model="numpy")
def _take(space: np.ndarray, t: int, payoffs: np.ndarray, actions: np.ndarray) -> bool:
    """Make action t as good as the first: ``space[t]`` becomes a basis of weights which do, k - t vectors.

    Returns whether the action asks for anything that the earlier ones do not.
    """
    k = actions.size
    after = space[t]
    if t == 0:
        after[:] = 0.0
        for a in range(k):
            after[a, a] = 1.0
        return True
    before, advantage = space[t - 1], after[k - 1]  # the last row is not written, and is free for notes
    first, last = payoffs[actions[0]], payoffs[actions[t]]
    pivot, largest = -1, _SINGULAR
    for a in range(k - t + 1):
        total = 0.0
        for b in range(k):
            total += before[a, b] * (last[b] - first[b])
        advantage[a] = total
        if abs(total) > largest:
            pivot, largest = a, abs(total)
    if pivot < 0:
        return False
    written, taken = 0, advantage[pivot]
    for a in range(k - t + 1):
        if a != pivot:
            factor = advantage[a] / taken
            for b in range(k):
                after[written, b] = before[a, b] - factor * before[pivot, b]
            written += 1
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _indifferent(payoffs: np.ndarray, actions: np.ndarray, space: np.ndarray, weights: np.ndarray) -> bool:
    """Find the one strategy that makes all actions equally good, if it is positive."""
    for t in range(actions.size):
        if not _take(space, t, payoffs, actions):
            return False
    return _weights(space[actions.size - 1, 0], weights)


@njit(cache=True, nogil=True, error_model="numpy")
def _weights(vector: np.ndarray, weights: np.ndarray) -> bool:
    """Divide a vector by its sum; returns whether all weights are positive."""
    sign = vector[0]
    for x in vector:
        if not x * sign > 0.0:
            return False
    total = vector.sum()
    for a in range(vector.size):
        weights[a] = vector[a] / total
        if not weights[a] > _POSITIVE:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _are_best(payoffs: np.ndarray, weights: np.ndarray, action: int) -> bool:
    """Return whether no action is better than the one given, against these weights."""
    k = weights.size
    reached = _BEST
    for b in range(k):
        reached += payoffs[action, b] * weights[b]
    for other in range(len(payoffs)):
        total = 0.0
        for b in range(k):
            total += payoffs[other, b] * weights[b]
        if total > reached:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _next_subset(subset: np.ndarray, m: int) -> bool:
    """Advance to the next subset of 0..m-1 of this size in lexicographic order; returns whether there is one."""
    k = subset.size
    for a in range(k - 1, -1, -1):
        if subset[a] < m - k + a:
            subset[a] += 1
            for b in range(a + 1, k):
                subset[b] = subset[b - 1] + 1
            return True
    return False


def _of_any_sizes(A: np.ndarray, B: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rows, columns = best_response_vertices(B.T), best_response_vertices(A)
    for played in sorted(range(1, 1 << len(A)), key=int.bit_count):
        answers = columns.best & played == played  # to which all that is played is a best response
        for answered in _unions(columns.support[answers]):
            own = (rows.support & ~played == 0) & (rows.best & answered == answered)
            if own.any() and np.bitwise_or.reduce(rows.support[own]) == played:
                other = answers & (columns.support & ~answered == 0)
                yield rows.points[own].mean(axis=0), columns.points[other].mean(axis=0)


def _unions(sets: np.ndarray) -> list[int]:
    """Return all unions of some of the sets, smallest first."""
    unions: set[int] = set()
    for one in set(sets.tolist()):
        unions |= {one | other for other in unions} | {one}
    return sorted(unions, key=int.bit_count)
