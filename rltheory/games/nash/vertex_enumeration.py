r"""All extreme equilibria of a two-player game, by the vertices of its two best response polytopes; ties welcome.

With payoffs A, B > 0, the vertices of

.. math:: \{x \ge 0 : B^\top x \le 1\} \quad\text{and}\quad \{y \ge 0 : A y \le 1\},

other than 0 and divided by their sums, are strategies. A pair of them is an equilibrium exactly if each action is
either not played or a best response (von Stengel 2002, section 2.3; Mangasarian 1964); these are the *extreme*
equilibria, from which all others follow (`nash_components`).

Each polytope is walked along its edges, from 0, with lexicographic pivots: that is to walk the simple polytope which an
infinitely small perturbation makes of it, whose graph is connected, and each vertex of the one is the limit of one or
more of the other. Nothing is joggled. A pivot is made only towards a basis that was not seen before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import LARGEST_MASK, bimatrix
from rltheory.games.nash._exact_tableau import ExactTableau, positive_integers, strategy
from rltheory.games.nash._tableau import condensed, leaving_row, pivot
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

_ZERO = 1e-10
MOST_BASES = 200_000


@dataclass(frozen=True, slots=True)
class Vertices:
    """The vertices of a best response polytope, without 0.

    Parameters
    ----------
    points : ndarray, shape (v, c)
        Strategies.
    support : ndarray of int64, shape (v,)
        Which actions are played, as bits.
    best : ndarray of int64, shape (v,)
        Which actions of the opponent are best responses, as bits.
    """

    points: np.ndarray
    support: np.ndarray
    best: np.ndarray

    @property
    def nondegenerate(self) -> bool:
        """Whether no strategy of v actions has more than v best responses (it suffices to look at vertices)."""
        return bool((sizes(self.best) <= sizes(self.support)).all())


def vertex_enumeration(game: NormalFormGame, *, exact: bool = False, max_bases: int = MOST_BASES) -> list[Equilibrium]:
    """Return all extreme equilibria: all there are, if the game is nondegenerate.

    Parameters
    ----------
    game : NormalFormGame
        Of two players, with at most 62 actions in all.
    exact : bool
        Whether to compute with integers: for games that nearly tie. A thousand times slower.
    max_bases : int
        How many bases of a polytope to visit before giving up. A random 12 x 12 game has some thousands, and each
        further action for both players about doubles them.

    Returns
    -------
    list of Equilibrium
        Sorted by the size of the supports.

    Raises
    ------
    CriterionError
        If there are not two players.
    ModelError
        If the game is too large.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.vertex_enumeration import vertex_enumeration
    >>> [e.value.tolist() for e in vertex_enumeration(NormalFormGame.symmetric([[6, 2], [7, 0]]))[:2]]
    [[2.0, 7.0], [7.0, 2.0]]
    """
    bimatrix(game, "vertex enumeration")
    rows, columns = vertices_of(game, exact=exact, max_bases=max_bases)
    method = "exact vertex enumeration" if exact else "vertex enumeration"
    pairs = complementary(rows, columns)
    played = sizes(rows.support[pairs[:, 0]]) + sizes(columns.support[pairs[:, 1]])
    return [
        nash_profile(game, (rows.points[x], columns.points[y]), method=method)
        for x, y in pairs[np.argsort(played, kind="stable")]
    ]


def vertices_of(game: NormalFormGame, *, exact: bool, max_bases: int) -> tuple[Vertices, Vertices]:
    """Return the vertices of both polytopes: the strategies of player 0, and those of player 1."""
    A, B = (positive_integers(u) for u in game.payoffs) if exact else bimatrix(game, "vertex enumeration")
    return (
        best_response_vertices(B.T, exact=exact, max_bases=max_bases),
        best_response_vertices(A, exact=exact, max_bases=max_bases),
    )


def is_nondegenerate(game: NormalFormGame, *, exact: bool = False) -> bool:
    """Return whether no strategy that plays k actions has more than k best responses (von Stengel 2002, section 2.1).

    Parameters
    ----------
    game : NormalFormGame
        Of two players, of up to some 14 x 14 actions.
    exact : bool
        Whether payoffs must tie exactly, and not up to 1e-10 of their range.

    Returns
    -------
    bool

    Raises
    ------
    CriterionError, ModelError
        As `vertex_enumeration`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.vertex_enumeration import is_nondegenerate
    >>> [is_nondegenerate(NormalFormGame.zero_sum(A)) for A in ([[1, -1], [-1, 1]], [[0, 0]])]
    [True, False]
    """
    bimatrix(game, "is_nondegenerate")
    return all(vertices.nondegenerate for vertices in vertices_of(game, exact=exact, max_bases=MOST_BASES))


def best_response_vertices(M: np.ndarray, *, exact: bool = False, max_bases: int = MOST_BASES) -> Vertices:
    """Return the vertices of {x >= 0 : M x <= 1} other than 0, for M in [1, 2], or of positive integers if exact.

    Raises
    ------
    ModelError
        If there are more than 62 actions, or more than ``max_bases`` bases.
    """
    r, c = M.shape
    if r + c > LARGEST_MASK:
        raise ModelError(
            f"there are {r + c} actions in all; enumeration keeps them as bits of one integer, and takes {LARGEST_MASK}"
            f" at most: lemke_howson finds one equilibrium of a game of any size"
        )
    points, support, best = _walk_exactly(M, max_bases) if exact else _walk(np.ascontiguousarray(M), max_bases)
    if not len(points):
        raise ModelError(
            f"a best response polytope of the {r} x {c} game has more than {max_bases} bases: give max_bases, or find"
            f" one equilibrium by lemke_howson"
        )
    return Vertices(points, support, best)


def complementary(rows: Vertices, columns: Vertices) -> np.ndarray:
    """Return the pairs (x, y) of vertices in which each action is not played or a best response, shape (k, 2)."""
    return _complementary(rows.support, rows.best, columns.support, columns.best)


@njit(cache=True, nogil=True, error_model="numpy")
def _complementary(p: np.ndarray, to_p: np.ndarray, q: np.ndarray, to_q: np.ndarray) -> np.ndarray:
    """Look up the one simple partner that a simple vertex can have; only degenerate vertices are tried with all."""
    found, pairs = 0, np.empty((16, 2), np.int64)
    tied_x, tied_y = sizes(to_p) > sizes(p), sizes(to_q) > sizes(q)
    partner = {(to_q[y], q[y]): y for y in range(q.size) if not tied_y[y]}
    everything, degenerate = np.arange(q.size), np.flatnonzero(tied_y)
    for x in range(p.size):
        candidates = everything if tied_x[x] else degenerate
        if not tied_x[x] and (p[x], to_p[x]) in partner:
            candidates = np.append(degenerate, partner[p[x], to_p[x]])
        for y in candidates:
            if p[x] & ~to_q[y] == 0 and q[y] & ~to_p[x] == 0:
                if found == len(pairs):
                    pairs = np.concatenate((pairs, np.empty_like(pairs)))
                pairs[found, 0], pairs[found, 1] = x, y
                found += 1
    return pairs[:found]


@njit(cache=True, nogil=True, error_model="numpy")
def sizes(sets: np.ndarray) -> np.ndarray:
    """Return how many bits are set."""
    count = np.zeros(sets.size, np.int64)
    for a in range(sets.size):
        rest = sets[a]
        while rest:
            rest &= rest - 1
            count[a] += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(M: np.ndarray, max_bases: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Visit all bases, nearest to 0 first, so that no tableau is more than a few pivots old; nothing if too many."""
    r, c = M.shape
    T, basic, free = condensed(M)
    points, support, best = np.empty((64, c)), np.empty(64, np.int64), np.empty(64, np.int64)
    found = 0
    seen, known = {_bits(basic)}, {0}
    tableaus, basics, frees = np.empty((64, r, c + 1)), np.empty((64, r), np.int64), np.empty((64, c), np.int64)
    tableaus[0], basics[0], frees[0] = T, basic, free
    n = 1
    while n:
        n_next = 0
        nexts, next_basics, next_frees = np.empty_like(tableaus), np.empty_like(basics), np.empty_like(frees)
        for a in range(n):
            for column in range(c):
                row = leaving_row(tableaus[a], basics[a], frees[a], column)
                basis = _bits(basics[a]) ^ (1 << basics[a, row]) ^ (1 << frees[a, column])
                if basis in seen:
                    continue
                seen.add(basis)
                if len(seen) > max_bases:
                    return points[:0], support[:0], best[:0]
                if n_next == len(nexts):
                    nexts = np.concatenate((nexts, np.empty_like(nexts)))
                    next_basics = np.concatenate((next_basics, np.empty_like(next_basics)))
                    next_frees = np.concatenate((next_frees, np.empty_like(next_frees)))
                T, basic, free = nexts[n_next], next_basics[n_next], next_frees[n_next]
                T[:], basic[:], free[:] = tableaus[a], basics[a], frees[a]
                pivot(T, row, column)
                basic[row], free[column] = frees[a, column], basics[a, row]
                n_next += 1
                if found == len(points):
                    points = np.concatenate((points, np.empty_like(points)))
                    support = np.concatenate((support, np.empty_like(support)))
                    best = np.concatenate((best, np.empty_like(best)))
                support[found], best[found] = _read(T, basic, free, points[found])
                label = support[found] | best[found] << c
                if label not in known:
                    known.add(label)
                    found += 1
        tableaus, basics, frees, n = nexts, next_basics, next_frees, n_next
    return points[:found], support[:found], best[:found]


@njit(cache=True, nogil=True, error_model="numpy")
def _bits(elements: np.ndarray) -> int:
    total = 0
    for x in elements:
        total |= 1 << x
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _read(T: np.ndarray, basic: np.ndarray, free: np.ndarray, x: np.ndarray) -> tuple[int, int]:
    """Write the strategy to x; returns which actions are played and which are best responses."""
    c = x.size
    support, best = 0, 0
    x[:] = 0.0
    for i in range(basic.size):
        value = T[i, c]
        if basic[i] < c:
            if value > _ZERO:
                x[basic[i]] = value
                support |= 1 << basic[i]
        elif value <= _ZERO:
            best |= 1 << (basic[i] - c)
    for variable in free:
        if variable >= c:
            best |= 1 << (variable - c)
    x /= x.sum()
    return support, best


def _walk_exactly(M: np.ndarray, max_bases: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Do as `_walk`, in integers."""
    c = M.shape[1]
    found: dict[tuple[int, int], np.ndarray] = {}
    frontier = [ExactTableau.of(M)]
    seen = {frozenset(frontier[0].basic)}
    while frontier:
        reached = []
        for tableau in frontier:
            for column in range(c):
                row = tableau.leaving_row(column)
                basis = frozenset(tableau.basic) - {tableau.basic[row]} | {tableau.free[column]}
                if basis in seen:
                    continue
                seen.add(basis)
                if len(seen) > max_bases:
                    return np.empty((0, c)), np.empty(0, np.int64), np.empty(0, np.int64)
                reached.append(tableau.copy())
                reached[-1].pivot(row, column)
                point = reached[-1].point()
                slack = np.array([1 - sum(a * x for a, x in zip(row, point, strict=True)) for row in M])
                label = _set(x > 0 for x in point), _set(s == 0 for s in slack)
                if any(point):
                    found.setdefault(label, strategy(point))
        frontier = reached
    labels = np.array(list(found), dtype=np.int64).reshape(-1, 2)
    return np.array(list(found.values())), labels[:, 0].copy(), labels[:, 1].copy()


def _set(members: Iterable[bool]) -> int:
    return sum(1 << a for a, inside in enumerate(members) if inside)
