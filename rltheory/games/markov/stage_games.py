r"""One backup of a zero-sum Markov game: in each state the value of a matrix game, solved in a compiled loop.

.. math::

   (T v)(s) = \max_p \min_q p^\top A_s(v)\, q, \qquad
   A_s(v)[a, b] = r(s, a, b) + \gamma \sum_{s'} P(s' \mid s, a, b)\, v(s')

(Shapley 1953). Strategies p and q prove :math:`\min_b (p^\top A)_b \le (T v)(s) \le \max_a (A q)_a`, whatever found
them; the backup is the middle, and half of the width is part of its error, so that nothing is taken on trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from rltheory.games.markov.game import MarkovGame
from rltheory.games.nash.small_games import enclosed_value, small_zero_sum
from rltheory.models import CriterionError, ModelError
from rltheory.models import _validation as valid
from rltheory.planning.rounding import backup_error, growth, largest_size, outward


@dataclass(frozen=True, slots=True, eq=False)
class StageSweep:
    """One backup of v: ``T v``, a bound on the error of each state, and strategies that prove it for both players."""

    v: np.ndarray
    backed_up: np.ndarray
    error: np.ndarray
    p: np.ndarray
    q: np.ndarray

    @property
    def residual(self) -> float:
        """Largest entry of ``|T v - v|``."""
        return float(np.abs(self.backed_up - self.v).max())


def shapley_backup(game: MarkovGame, v: np.ndarray, t: int = 0) -> StageSweep:
    """Solve the matrix games of all states, given what the first player expects from the next state on.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum.
    v : ndarray, shape (n_states,)
        Any values, in reward units.
    t : int
        The step, if the game changes with it.

    Returns
    -------
    StageSweep

    Raises
    ------
    CriterionError
        If the game is not zero-sum.
    ModelError
        If there is no such step, or ``v`` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.markov import MarkovGame, shapley_backup
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=0.5)
    >>> sweep = shapley_backup(game, np.array([2.0]))
    >>> sweep.backed_up, sweep.p
    (array([1.9]), array([[0.1, 0.9]]))
    """
    require_zero_sum(game)
    P, r, v = game.rows(t), game.rewards(t)[0], valid.real_array(v, "v")
    if v.shape != (game.n_states,):
        raise ModelError(f"v has shape {v.shape}; with {game.n_states} states it must be ({game.n_states},)")
    # All that is read comes in read-only, so that the loop is compiled once.
    arrays = (valid.frozen(x) for x in (P.indptr, P.indices, P.data, r, game.joint_start, game.action_counts))
    low, high = np.empty(game.n_states), np.empty(game.n_states)
    p, q = (np.zeros((game.n_states, m)) for m in game.n_actions)
    _solve_stages(*arrays, game.gamma, valid.frozen(v), low, high, p, q)
    longest, largest, size = int(np.diff(P.indptr).max()), largest_size(r), largest_size(v)
    rounding = backup_error(longest, largest, game.gamma, size, game.row_sum_error)
    rounding += float(growth(2.0 * sum(game.n_actions) + 8)) * (largest + game.gamma * size)
    middle = low + (high - low) / 2
    return StageSweep(v, middle, outward((high - low) / 2 + outward(rounding, 4), 4), p, q)


def require_zero_sum(game: MarkovGame, *, discounted: bool | None = None) -> None:
    """Refuse a game that is not of two players and zero sum, or, if that matters, has or lacks a horizon.

    Raises
    ------
    CriterionError
        The message says what would solve the game.
    """
    if not game.is_zero_sum:
        raise CriterionError(
            f"{game!r} is not a zero-sum game of two players, so it has no value; stagewise_equilibrium finds"
            " equilibria of a finite horizon, and markov_gains certifies any profile"
        )
    if discounted and game.H is not None:
        raise CriterionError(f"{game!r} has a horizon; zero_sum_backward_induction solves it")
    if discounted is False and game.H is None:
        raise CriterionError(f"{game!r} has no horizon; shapley_iteration solves it, or give it a number H of steps")


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_stages(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, joint_start, counts, gamma, v, low, high, p, q
):
    for s in range(low.size):
        m, n = counts[s, 0], counts[s, 1]
        A = np.empty((m, n))
        for a in range(m):
            for b in range(n):
                row, mean = joint_start[s] + a * n + b, 0.0
                for k in range(indptr[row], indptr[row + 1]):
                    mean += data[k] * v[columns[k]]
                A[a, b] = r[row] + gamma * mean
        _, own, other, _ = small_zero_sum(A)
        low[s], high[s] = enclosed_value(A, own, other)
        p[s, :m], q[s, :n] = own, other
