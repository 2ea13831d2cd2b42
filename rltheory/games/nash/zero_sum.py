r"""Zero-sum games of any size: the value, optimal strategies of both players, and the duality gap that proves them.

By the minimax theorem (von Neumann 1928), with A what the row player receives,

.. math:: v = \max_p \min_j (A^\top p)_j = \min_q \max_i (A q)_i,

a pair of dual linear programs (Gale, Kuhn and Tucker 1951). The compiled simplex method of
`rltheory.games.nash.small_games` solves them on the condensed tableau, both at once. Where rounding leaves it a duality
gap above 1e-9 of the range of payoffs, HiGHS (Huangfu and Hall 2018) is asked as well, and the better pair is the
answer. The gap of what is returned is `Equilibrium.nash_conv`, and each optimal strategy secures the value up to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import require_finite_ranges, tolerances
from rltheory.games.nash.small_games import small_zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError

_SAME_SUM = 1e-12


def zero_sum(game: NormalFormGame | Any) -> Equilibrium:
    """Solve a zero-sum game by linear programming.

    Parameters
    ----------
    game : NormalFormGame or array_like, shape (m, n)
        A game of two players whose payoffs have the same sum everywhere, or what the row player receives in a zero-sum
        game.

    Returns
    -------
    Equilibrium
        ``value[0]`` is the value of the game for the row player, within ``nash_conv``, the duality gap.

    Raises
    ------
    CriterionError
        If there are not two players, or the sum of their payoffs is not constant up to 1e-12 of their size.
    ModelError
        If an entry is not finite, or payoffs range over more than a float can hold.

    Examples
    --------
    >>> from rltheory.games.nash.zero_sum import zero_sum
    >>> solution = zero_sum([[9, 0], [0, 1]])
    >>> solution.profile, round(float(solution.value[0]), 12), solution.nash_conv < 1e-12
    ((array([0.1, 0.9]), array([0.1, 0.9])), 0.9, True)
    """
    if not isinstance(game, NormalFormGame):
        game = NormalFormGame.zero_sum(game)
    if not has_constant_sum(game):
        raise CriterionError(
            f"linear programming is for zero-sum games of two players; this is {_what_it_is(game)}:"
            f" use nash_equilibrium"
        )
    require_finite_ranges(game)
    A = game.payoffs[0]
    _, p, q, _ = small_zero_sum(A)
    candidates = [nash_profile(game, (p, q), method="simplex method")] if np.isfinite(p).all() else []
    if not candidates or (candidates[0].gains > tolerances(game)).any():
        candidates += [nash_profile(game, pair, method="HiGHS") for pair in _by_highs(A)]
    return min(candidates, key=lambda found: found.nash_conv)


def has_constant_sum(game: NormalFormGame) -> bool:
    """Return whether there are two players, and what one gains the other loses, up to rounding.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    bool

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.zero_sum import has_constant_sum
    >>> has_constant_sum(NormalFormGame([[[0.3, 1]], [[0.7, 0]]]))
    True
    """
    if game.n_players != 2:
        return False
    A, B = game.payoffs
    return bool(np.ptp(A + B) <= _SAME_SUM * max(np.abs(A).max(), np.abs(B).max()))


def _what_it_is(game: NormalFormGame) -> str:
    if game.n_players != 2:
        return f"a game of {game.n_players} players"
    total = game.payoffs[0] + game.payoffs[1]
    low, high = (np.unravel_index(f(total), total.shape) for f in (np.argmin, np.argmax))
    return (
        f"a game whose payoffs sum to {total[low]:g} at actions {tuple(map(int, low))}, and to {total[high]:g} at"
        f" {tuple(map(int, high))}"
    )


def _by_highs(A: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a pair of optimal strategies from HiGHS, if it says that it has found one."""
    from scipy.optimize import linprog

    m, n = A.shape
    low, scale = float(A.min()), float(np.ptp(A)) or 1.0
    scaled = 1.0 + (A - low) / scale
    found = linprog(-np.ones(n), A_ub=scaled, b_ub=np.ones(m), method="highs")
    if found.status != 0:
        return []
    p, q = np.maximum(-found.ineqlin.marginals, 0.0), np.maximum(found.x, 0.0)
    return [(p / p.sum(), q / q.sum())]
