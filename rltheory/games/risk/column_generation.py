r"""Risk-averse equilibria from few actions: populations that grow by best responses, in the manner of PSRO.

Each player's strategy is restricted to a population of actions (on top of the trembles, which all actions have). In
rounds, an equilibrium of the restricted players is found, and the action that the gradient of a player's objective at
it ranks first joins her population. With the gradient g at the restricted equilibrium p, concavity proves that over all
strategies of the trembling simplex a player gains at most

.. math:: \epsilon \sum_a g_a + (1 - m \epsilon) \max_a g_a - g \cdot p,

the gap of Frank and Wolfe (1956): it is found by looking at each action once, and ends the rounds. Lanctot and others
(2017) grow populations so, with learned policies for actions; Slumbers and others (2023) do for players averse to risk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.dynamics import certified, is_within, proven, weights_of
from rltheory.games.risk.play import Play
from rltheory.games.risk.search import first_within
from rltheory.models import CriterionError

_FEW = 3


def column_generation(
    game: NormalFormGame,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    start: Any = None,
    tol: float = 1e-9,
    starts: int = 32,
    rng: Any = 0,
) -> Equilibrium:
    """Find a risk-averse equilibrium in which few actions play a part, by letting in one action after another.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    gamma, aversion, tremble
        As for `risk_averse_profile`; aversions must be smooth.
    start : sequence of n array_like, optional
        Profile to which the first action of each player is a best response, as for `damped_best_response`; by default a
        uniform one.
    tol : float
        Largest exploitability asked for, in units of the spread of payoffs and of the aversion to it.
    starts, rng
        For the equilibria among populations, as for `risk_averse_equilibrium`.

    Returns
    -------
    Equilibrium
        Its ``method`` tells how large the populations became; ``iterations`` counts rounds.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_profile`; also if an aversion has kinks.

    Warns
    -----
    ConvergenceWarning
        If the exploitability over all actions is above ``tol``.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import column_generation
    >>> A = np.random.default_rng(0).normal(size=(2, 30, 30))
    >>> found = column_generation(NormalFormGame(A), gamma=0.1)
    >>> found.exploitability < 1e-8
    True
    """
    play = Play.of(game, gamma, aversion, tremble)
    if not play.is_smooth:
        raise CriterionError("column generation needs gradients; aversions with kinks have none")
    first = play.profile(weights_of(play, start))
    populations = [[int(play.gradient(first, i).argmax())] for i in range(game.n_players)]
    weights = [np.ones(1) for _ in populations]
    for rounds in range(1, sum(game.n_actions) + 1):
        hulls = tuple(hull[actions] for hull, actions in zip(play.hulls, populations, strict=True))
        restricted = replace(play, hulls=hulls)
        for budget in (_FEW, starts):  # a poor equilibrium among few actions is good enough to let in another one
            weights, _ = first_within(restricted, weights, tol, budget, rng)
            answer = proven(restricted, weights, method="", iterations=rounds)
            entering = [int(play.gradient(answer.profile, i).argmax()) for i in range(game.n_players)]
            new = [a not in actions for a, actions in zip(entering, populations, strict=True)]
            done = is_within(play, answer.gains, tol)
            if done or any(new):
                break
        if done or not any(new):
            break
        for i in np.flatnonzero(new):
            populations[i].append(entering[i])
            weights[i] = np.append(weights[i], 0.0)
    sizes = ", ".join(f"{len(actions)} of {m}" for actions, m in zip(populations, game.n_actions, strict=True))
    return certified(restricted, weights, tol, method=f"column generation ({sizes} actions)", iterations=rounds)
