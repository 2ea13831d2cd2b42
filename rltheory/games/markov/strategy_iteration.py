r"""Strategy iteration: fix the first player's policy, solve the second player's MDP exactly, improve, repeat.

.. math:: v_k = \min_q v^{p_k, q}, \qquad p_{k+1}(s) \text{ optimal in the matrix game } A_s(v_k)

(Hoffman and Karp 1966; Rao, Chandrasekaran and Nair 1973). The values grow,
:math:`v_k = T_{p_k} v_k \le T v_k = T_{p_{k+1}} v_k \le v_{k+1} \le v^*`, and are never behind those of value
iteration. It is policy iteration for the player who maximises, with an MDP where that has a linear system; of turns of
one player, it is that.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.markov.certificate import best_response
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.shapley import certified, stages_until_proven
from rltheory.games.markov.solution import ZeroSumSolution
from rltheory.games.markov.stage_games import StageSweep
from rltheory.planning.value_iteration import checked_limit


def strategy_iteration(game: MarkovGame, *, tol: float = 1e-8, max_rounds: int | None = None) -> ZeroSumSolution:
    """Solve a zero-sum discounted Markov game by the strategy iteration of Hoffman and Karp.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, without a horizon.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_rounds : int, optional
        Limit on rounds; by default what contraction needs to reach ``tol``, or rounding.

    Returns
    -------
    ZeroSumSolution
        One round of ``iterations`` is one sweep of matrix games and one MDP.

    Raises
    ------
    CriterionError
        If the game is not zero-sum, or has a horizon.
    ModelError
        If ``tol`` or ``max_rounds`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Hoffman and Karp (1966); Rao, Chandrasekaran and Nair (1973).

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, strategy_iteration
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=0.5)
    >>> strategy_iteration(game).value.round(8)
    array([1.8])
    """

    def respond(sweep: StageSweep) -> np.ndarray:
        return -best_response(game, (sweep.p, sweep.q), 1, tol=(1 - game.gamma) * tol).value

    limit = checked_limit(max_rounds, "max_rounds")
    profile, widths, limited = stages_until_proven(game, respond, tol=tol, limit=limit)
    return certified(game, profile, "strategy iteration", tol=tol, history=widths, limited=limited)
