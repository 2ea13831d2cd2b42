r"""Newton's method for the equation v = T v of a zero-sum game: evaluate the profile of the matrix games.

.. math:: v_{k+1} = v^{p_k, q_k} = v_k + (I - \gamma P_{p_k, q_k})^{-1} (T v_k - v_k), \qquad
          p_k, q_k \text{ optimal in the matrix games } A_s(v_k)

(Pollatschek and Avi-Itzhak 1969). Where T is smooth this is Newton's step, for :math:`\gamma P_{p, q}` is the
derivative of T. But T is neither convex nor concave as a Bellman operator is, and the method may go round in circles
(van der Wal 1978). In the game of one state that lasts,

.. math:: A(v) = \begin{pmatrix} 3 + \frac34 v & 6.5 \\ 2 + \frac34 v & 1 + \frac34 v \end{pmatrix},

it takes turns between 4, where the first row and column are the saddle point, and 12, where the last ones are; the
value is 6.5.

The step is *safeguarded* by taking it back unless it shrinks the residual as much as a backup is sure to do,
:math:`\|T v_{k+1} - v_{k+1}\| \le \gamma \|T v_k - v_k\|`, and continuing with :math:`T v_k` instead. So every second
sweep, at the latest, brings the factor gamma, and near the end the steps are Newton's.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.markov.against import induced_chain
from rltheory.games.markov.certificate import solved
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.shapley import certified, stages_until_proven
from rltheory.games.markov.solution import ZeroSumSolution
from rltheory.games.markov.stage_games import StageSweep
from rltheory.planning.value_iteration import checked_limit

_WITHOUT_SAFEGUARD = 100


def newton_iteration(
    game: MarkovGame, *, tol: float = 1e-8, safeguard: bool = True, max_rounds: int | None = None
) -> ZeroSumSolution:
    """Solve a zero-sum discounted Markov game by Newton's method.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, without a horizon.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    safeguard : bool
        Whether to take back steps that do not shrink the residual. Without this the method may cycle; it is there to
        be seen failing.
    max_rounds : int, optional
        Limit on sweeps of matrix games; by default twice what contraction needs to reach ``tol``, or rounding, and 100
        without the safeguard.

    Returns
    -------
    ZeroSumSolution
        One round of ``iterations`` is one sweep of matrix games.

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
    Pollatschek and Avi-Itzhak (1969); the cycle by van der Wal (1978); another way to make the method safe is a line
    search, by Filar and Tolwinski (1991).

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, newton_iteration
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[9, 0], [0, 1]]], gamma=0.5)
    >>> newton_iteration(game).value.round(8)
    array([1.8])
    """
    name = "safeguarded Newton's method" if safeguard else "Pollatschek and Avi-Itzhak's method"
    limit = checked_limit(max_rounds, "max_rounds")
    if limit is None and not safeguard:
        limit = _WITHOUT_SAFEGUARD
    step = NewtonStep(game, tol, safeguard)
    profile, widths, limited = stages_until_proven(game, step, tol=tol, limit=limit, patience=2)
    return certified(game, profile, name, tol=tol, history=widths, limited=limited)


class NewtonStep:
    """The step, which remembers the last sweep that it kept."""

    def __init__(self, game: MarkovGame, tol: float, safeguard: bool = True) -> None:
        self.game, self.tol, self.safeguard = game, (1 - game.gamma) * tol, safeguard
        self.kept: StageSweep | None = None
        self.jumped = False

    def __call__(self, sweep: StageSweep) -> np.ndarray:
        """Return the next values: of the profile, or the backup before, if the last step is taken back."""
        kept, tested = self.kept, self.safeguard and self.jumped
        if tested and kept is not None and sweep.residual > self.game.gamma * kept.residual:
            self.jumped = False
            return kept.backed_up
        self.kept, self.jumped = sweep, True
        return solved(induced_chain(self.game, (sweep.p, sweep.q), 0), self.tol).value
