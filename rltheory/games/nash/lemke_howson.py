r"""One equilibrium of any two-player game, along a path: Lemke and Howson (1964), with lexicographic pivots.

Label the actions 0..m-1 of the row player and m..m+n-1 of the column player. A vertex of
:math:`\{x \ge 0 : B^\top x \le 1\}` has the labels of the actions not played, x_i = 0, and of the best responses,
:math:`(B^\top x)_j = 1`; likewise in :math:`\{y \ge 0 : A y \le 1\}`. A pair of vertices with all labels is an
equilibrium, or (0, 0). From (0, 0), drop one label: a pivot in one polytope picks up another one, which the two
vertices now have in common and which is dropped in the other polytope next, until the label that was dropped first is
found. The path ends, since it cannot return; at an equilibrium, since (0, 0) is its beginning. Paths pair the
equilibria of a nondegenerate game with one another and with (0, 0): their number is odd (Wilson 1971).

Each of the m + n labels has a path, and they may end at different equilibria; others are found by none. Lexicographic
pivots follow the path of a game with infinitely small perturbations, so that ties do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import require_two_players
from rltheory.games.nash._dense import solve_in_place
from rltheory.games.nash._exact_tableau import ExactTableau, positive_integers, strategy
from rltheory.games.nash._proof import both_players
from rltheory.games.nash._tableau import condensed_payoffs, leaving_row, pivot
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

_MOST_PIVOTS = 1_000_000


def lemke_howson(
    game: NormalFormGame, *, label: int = 0, exact: bool = False, max_pivots: int = _MOST_PIVOTS
) -> Equilibrium:
    """Return the equilibrium at the end of the path of a label.

    Parameters
    ----------
    game : NormalFormGame
        Of two players.
    label : int
        Which label to drop first: action ``label`` of player 0 if it is below m, else action ``label - m`` of player 1.
    exact : bool
        Whether to pivot with integers, which are large: for a hundred actions in all, or for games that nearly tie.
        Without, a path whose end does not prove to be an equilibrium is followed once more in this way.
    max_pivots : int
        Where to give up: paths are short as a rule, but there are games of d x d actions with paths of length
        exponential in d (Savani and von Stengel 2006).

    Returns
    -------
    Equilibrium
        Its ``iterations`` are the number of pivots.

    Raises
    ------
    CriterionError
        If there are not two players.
    ModelError
        If there is no such label, or its path is longer than ``max_pivots``.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.lemke_howson import lemke_howson
    >>> game = NormalFormGame([[[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]])
    >>> [p.round(12).tolist() for p in lemke_howson(game, label=1).profile]
    [[0.0, 0.333333333333, 0.666666666667], [0.333333333333, 0.666666666667]]
    """
    require_two_players(game, "the algorithm of Lemke and Howson")
    A, B = game.payoffs
    m, n = A.shape
    if not 0 <= label < m + n:
        raise ModelError(f"label is {label}; the labels of a {m} x {n} game are 0..{m + n - 1}")
    if not exact:
        found, pivots, within = _follow_and_prove(A, B, label, max_pivots)
        if pivots > max_pivots:
            raise _too_long(label, max_pivots)
        if within:
            found.flags.writeable = False
            profile = found[:m], found[m:-4]
            return Equilibrium(game, profile, found[-4:-2], found[-2:], "Nash", "Lemke-Howson", pivots)
    p, q, pivots = _follow_exactly(
        positive_integers(game.payoffs[0]), positive_integers(game.payoffs[1]), label, max_pivots
    )
    return nash_profile(game, (p, q), method="exact Lemke-Howson", iterations=pivots)


def lemke_howson_equilibria(
    game: NormalFormGame, *, exact: bool = False, max_pivots: int = _MOST_PIVOTS
) -> dict[int, Equilibrium]:
    """Return the ends of the paths of all labels.

    Parameters
    ----------
    game, exact, max_pivots
        As for `lemke_howson`.

    Returns
    -------
    dict of int to Equilibrium
        By label. Paths that end together have equilibria with equal supports, and hence, in a nondegenerate game,
        equal ones.

    Raises
    ------
    CriterionError, ModelError
        As `lemke_howson`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.lemke_howson import lemke_howson_equilibria
    >>> ends = lemke_howson_equilibria(NormalFormGame.symmetric([[4, 1], [3, 3]]))
    >>> {label: int(e.profile[0].argmax()) for label, e in ends.items()}
    {0: 0, 1: 1, 2: 0, 3: 1}
    """
    return {
        label: lemke_howson(game, label=label, exact=exact, max_pivots=max_pivots)
        for label in range(sum(game.n_actions))
    }


@njit(cache=True, nogil=True, error_model="numpy")
def _follow_and_prove(A, B, label, max_pivots):  # type: ignore[no-untyped-def]
    """Return strategies, gains and payoffs, one after the other: one array crosses into Python faster than four."""
    m, n = A.shape
    found = np.zeros(m + n + 4)
    p, q = found[:m], found[m : m + n]
    pivots = _follow(A, B, label, max_pivots, p, q)
    ended = 0 < pivots <= max_pivots
    return found, pivots, ended and both_players(A, B, p, q, found[-4:-2], found[-2:])


@njit(cache=True, nogil=True, error_model="numpy")
def _follow(A: np.ndarray, B: np.ndarray, label: int, max_pivots: int, p: np.ndarray, q: np.ndarray) -> int:
    """Follow a path, fill its end, return the pivots: too many if it has no end, none if rounding led it astray."""
    m, n = A.shape
    P, basic_p, free_p = condensed_payoffs(B.T)
    Q, basic_q, free_q = condensed_payoffs(A)
    entering, in_p = label, label < m
    for pivots in range(1, max_pivots + 1):
        if in_p:
            leaving = _exchange(P, basic_p, free_p, entering)
        else:  # in Q, variables 0..n-1 are the labels m..m+n-1, and the slacks n..n+m-1 the labels 0..m-1
            leaving = _exchange(Q, basic_q, free_q, (entering + n) % (m + n))
            leaving = (leaving + m) % (m + n) if leaving >= 0 else -1
        if leaving < 0:
            return 0
        if leaving == label:
            _strategy(P, basic_p, p)
            _strategy(Q, basic_q, q)
            if pivots > m + n:  # up to there, rounding has had no time to build up
                _polish(condensed_payoffs(A)[0], condensed_payoffs(B.T)[0], p, q)
            return pivots
        entering, in_p = leaving, not in_p
    return max_pivots + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _exchange(T: np.ndarray, basic: np.ndarray, free: np.ndarray, entering: int) -> int:
    """Let a variable enter; returns the one that leaves."""
    column = 0
    while free[column] != entering:
        column += 1
    row = leaving_row(T, basic, free, column)
    if row < 0:
        return -1
    pivot(T, row, column)
    basic[row], free[column] = free[column], basic[row]
    return free[column]


@njit(cache=True, nogil=True, error_model="numpy")
def _strategy(T: np.ndarray, basic: np.ndarray, x: np.ndarray) -> None:
    for i in range(basic.size):
        if basic[i] < x.size:
            x[basic[i]] = max(T[i, x.size], 0.0)
    x /= x.sum()


@njit(cache=True, nogil=True, error_model="numpy")
def _polish(A: np.ndarray, Bt: np.ndarray, p: np.ndarray, q: np.ndarray) -> None:
    """Solve anew for the strategies on their supports, to undo what a long path has lost."""
    rows, columns = np.flatnonzero(p), np.flatnonzero(q)
    k = rows.size
    if columns.size != k:
        return
    for payoffs, support, own, x in ((Bt, columns, rows, p), (A, rows, columns, q)):
        system, weights = np.empty((k, k)), np.ones(k)
        for a in range(k):
            for b in range(k):
                system[a, b] = payoffs[support[a], own[b]]
        if solve_in_place(system, weights) and weights.min() >= 0.0:
            x[own] = weights / weights.sum()


def _follow_exactly(A: np.ndarray, B: np.ndarray, label: int, max_pivots: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Do as `_follow`, in integers."""
    m, n = A.shape
    polytopes = ExactTableau.of(B.T), ExactTableau.of(A)
    side, entering = int(label >= m), label if label < m else label - m
    for pivots, dropped in enumerate(_labels(polytopes, side, entering, (m, n)), start=1):
        if dropped == label:
            p, q = (strategy(polytope.point()) for polytope in polytopes)
            return p, q, pivots
        if pivots == max_pivots:
            break
    raise _too_long(label, max_pivots)


def _too_long(label: int, max_pivots: int) -> ModelError:
    return ModelError(
        f"the path of label {label} has more than {max_pivots} pivots; give max_pivots, or try another label"
    )


def _labels(
    polytopes: tuple[ExactTableau, ExactTableau], side: int, entering: int, sizes: tuple[int, int]
) -> Iterator[int]:
    """Pivot in turn in both polytopes; yields the label that each pivot picks up."""
    while True:
        column = polytopes[side].free.index(entering)
        leaving = polytopes[side].pivot(polytopes[side].leaving_row(column), column)
        yield leaving if side == 0 else (leaving + sizes[0]) % sum(sizes)
        side, entering = 1 - side, (leaving + sizes[1 - side]) % sum(sizes)
