r"""Zero-sum discounted games: repeat the backup until the proven bracket is narrow.

.. math:: v \leftarrow T v, \qquad (T v)(s) = \mathrm{val}\,[\, r(s, \cdot, \cdot) + \gamma P v \,](s)

(Shapley 1953). T is monotone, and :math:`T(v + c) = T v + \gamma c` for a constant c, for adding a constant to a matrix
adds it to its value. These are the only two facts behind MacQueen's bracket (1966), which therefore holds: with
:math:`d = T v - v`, :math:`c = \gamma / (1 - \gamma)` and p, q optimal in the matrix games at v,

.. math:: T v + c \min d \;\le\; \min_{q'} v^{p, q'} \;\le\; v^* \;\le\; \max_{p'} v^{p', q} \;\le\; T v + c \max d .

For the outer ones, the operator :math:`T_p v = \min_q (\dots)` of a fixed p has the same two properties, and
:math:`T_p v = T v`. The bracket closes with the *span* of d, far earlier than its sup norm allows to stop where chains
mix: :math:`\|d\| \le \varepsilon (1 - \gamma) / \gamma`. The profile returned is certified anew, by an MDP each.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from rltheory.games.markov.certificate import averaging_error, best_response
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.solution import ZeroSumSolution
from rltheory.games.markov.stage_games import StageSweep, require_zero_sum, shapley_backup
from rltheory.models import ConvergenceWarning
from rltheory.planning.enclosure import enclose_fixed_point, require_finite_values
from rltheory.planning.rounding import largest_size
from rltheory.planning.solution import Solution, Status
from rltheory.planning.value_iteration import checked_limit, checked_tol, sweep_limit

_STALL_ROUNDS = 10
_FOR_CERTIFICATE = 0.9  # of tol; what is left is for rounding in the averages of the certificate


def shapley_iteration(game: MarkovGame, *, tol: float = 1e-8, max_sweeps: int | None = None) -> ZeroSumSolution:
    """Solve a zero-sum discounted Markov game by value iteration.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, without a horizon.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_sweeps : int, optional
        Limit on sweeps; by default what contraction needs to reach ``tol``, or rounding.

    Returns
    -------
    ZeroSumSolution
        Value, policies of both players, and ends that two MDPs prove.

    Raises
    ------
    CriterionError
        If the game is not zero-sum, or has a horizon.
    ModelError
        If ``tol`` or ``max_sweeps`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Shapley (1953); the stopping rule by MacQueen (1966) and Porteus (1971).

    Examples
    --------
    A matrix game for ever is worth its value over one less the discount:

    >>> from rltheory.games.markov import MarkovGame, shapley_iteration
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=0.5)
    >>> shapley_iteration(game).value.round(8)
    array([1.8])
    """
    limit = checked_limit(max_sweeps, "max_sweeps")
    profile, widths, limited = stages_until_proven(game, _keep, tol=tol, limit=limit)
    return certified(game, profile, "Shapley's value iteration", tol=tol, history=widths, limited=limited)


def _keep(sweep: StageSweep) -> np.ndarray:
    return sweep.backed_up


def stages_until_proven(
    game: MarkovGame,
    advance: Callable[[StageSweep], np.ndarray],
    *,
    tol: float,
    limit: int | None,
    patience: int = 1,
) -> tuple[tuple[np.ndarray, np.ndarray], list[float], bool]:
    """Alternate the matrix games of all states and a step of an algorithm until the bracket is narrow.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, without a horizon.
    advance : callable
        From a sweep of matrix games to the next values.
    tol : float
        Accuracy of the answer, in reward units.
    limit : int or None
        Largest number of sweeps; by default what contraction needs.
    patience : int
        In how many rounds the algorithm is sure to contract by gamma.

    Returns
    -------
    profile : tuple of 2 ndarray
        Policies that are optimal in the last matrix games.
    widths : list of float
        Width of the bracket after each round, rounding included.
    limited : bool
        Whether the caller's limit came first.
    """
    require_zero_sum(game, discounted=True)
    require_finite_values(game.gamma, largest_size(game.r))
    checked_tol(tol)
    v = np.zeros(game.n_states)
    widths: list[float] = []
    most = math.inf if limit is None else limit
    while True:
        sweep = shapley_backup(game, v)
        lower, upper = enclose_fixed_point(sweep.backed_up, sweep.error, v, game.gamma, game.row_sum_error)
        widths.append(float((upper - lower).max()))
        floor = 2 * float(sweep.error.max()) / (1 - game.gamma)
        if limit is None and len(widths) == 1:
            far = sweep.residual / (1 - game.gamma)
            most = patience * sweep_limit(game.gamma, -far, far, max(_FOR_CERTIFICATE * tol - floor, floor))
        stalled = len(widths) > _STALL_ROUNDS and widths[-1] >= widths[-1 - _STALL_ROUNDS]
        held_up = stalled and widths[-1] * (1 - game.gamma) <= 8 * floor
        narrow = widths[-1] <= _FOR_CERTIFICATE * tol
        if narrow or held_up or len(widths) >= most:
            break
        v = advance(sweep)
    return (sweep.p, sweep.q), widths, limit is not None and not (narrow or held_up)


def certified(
    game: MarkovGame,
    profile: tuple[np.ndarray, np.ndarray],
    method: str,
    *,
    tol: float,
    history: list[float],
    limited: bool,
    responses: Sequence[Solution] | None = None,
) -> ZeroSumSolution:
    """Turn two policies into an answer: solve the MDP that each of them leaves to the other player.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum.
    profile : tuple of 2 ndarray
        The policies.
    method : str
        The algorithm that found them.
    tol : float
        What was asked of the gap, in reward units.
    history : list of float
        Widths after each round.
    limited : bool
        Whether the caller's limit, not rounding, ended the algorithm.
    responses : sequence of 2 Solution, optional
        Each player's best response, where they are known.

    Returns
    -------
    ZeroSumSolution
    """
    first, second = responses or [best_response(game, profile, player, tol=tol) for player in (0, 1)]
    lower = -second.upper - averaging_error(game, 1, second)
    upper = first.upper + averaging_error(game, 0, first)
    if lower.ndim == 2:
        lower[-1] = upper[-1] = 0.0
    gap, status = float((upper - lower).max()), Status.CONVERGED
    if not gap <= tol:
        status = Status.LIMIT_REACHED if limited else Status.ROUNDING_FLOOR
        warnings.warn(f"gap {gap:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=4)
    value = lower + (upper - lower) / 2
    iterations = len(history) if game.H is None else game.H
    return ZeroSumSolution(value, profile, lower, upper, status, iterations, np.array(history), method, game)
