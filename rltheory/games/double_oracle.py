r"""The double oracle: solve a large zero-sum game through the few actions that matter.

Each player starts with one action. The restricted game is solved, and each player adds a best response, among *all* her
actions, to the other's strategy (McMahan, Gordon and Blum 2003). What the best responses gain is the duality gap in the
whole game, so that the answer is certified as it is found; when neither adds anything, it is exact. Every round but the
last adds an action, of m + n - 2 that were missing: there are at most m + n - 1 rounds
(`bounds.markov.double_oracle_rounds`), and in games with small supports far fewer.
"""

from __future__ import annotations

import numpy as np

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import require_finite_ranges
from rltheory.games.nash.small_games import small_zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError, ModelError

_ROUNDING = 1e-12  # of the range of payoffs: a gain that rounding may have made


def double_oracle(game: NormalFormGame, *, start: tuple[int, int] = (0, 0), tol: float = 0.0) -> Equilibrium:
    """Solve a zero-sum game by the double oracle.

    Parameters
    ----------
    game : NormalFormGame
        Of two players and zero sum.
    start : tuple of 2 int
        The actions with which the players begin.
    tol : float
        Gap at which to stop early, in payoff units; by default it ends when no best response is new.

    Returns
    -------
    Equilibrium
        ``iterations`` is the number of restricted games; supports are within the actions added.

    Raises
    ------
    CriterionError
        If the game is not zero-sum.
    ModelError
        If ``start`` names an action that there is not, ``tol`` is negative, or payoffs range over more than a float can
        hold.

    References
    ----------
    McMahan, Gordon and Blum (2003), Planning in the presence of cost functions controlled by an adversary.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.double_oracle import double_oracle
    >>> game = NormalFormGame.zero_sum(np.subtract.outer(np.arange(50), np.arange(50)))
    >>> found = double_oracle(game)
    >>> found.iterations, found.exploitability < 1e-11
    (2, True)
    """
    if not game.is_zero_sum:
        raise CriterionError(f"{game!r} is not a zero-sum game of two players; the double oracle needs one")
    if len(start) != 2:
        raise ModelError(f"start has {len(start)} entries; it is an action for each of the 2 players")
    for i, (action, m) in enumerate(zip(start, game.n_actions, strict=True)):
        if not 0 <= action < m:
            raise ModelError(f"start names action {action} of player {i}; actions are 0..{m - 1}")
    if not tol >= 0:
        raise ModelError(f"tol is {tol}; it is a number of payoff units, at least 0")
    require_finite_ranges(game)
    A = game.payoffs[0]
    rounding = _ROUNDING * float(np.ptp(A))
    rows, columns, rounds = [start[0]], [start[1]], 0
    while True:
        rounds += 1
        _, own, other, _ = small_zero_sum(np.ascontiguousarray(A[np.ix_(rows, columns)]))
        p, q = np.zeros(A.shape[0]), np.zeros(A.shape[1])
        p[rows], q[columns] = own, other
        received, paid = A @ q, p @ A
        best, worst = int(received.argmax()), int(paid.argmin())
        new_row = received[best] - received[rows].max() > rounding
        new_column = paid[columns].min() - paid[worst] > rounding
        if received[best] - paid[worst] <= tol or not (new_row or new_column):
            return nash_profile(game, (p, q), method="double oracle", iterations=rounds)
        rows += [best] if new_row else []
        columns += [worst] if new_column else []
