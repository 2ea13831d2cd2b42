r"""What a player of a Markov game gains by deviating, computed by solving an MDP, whoever found the profile.

Against fixed others a player faces an MDP, whose optimal value the planning solvers enclose; what she receives without
deviating is the value of a chain. In each state the gain is

.. math:: \max_{\pi_i} v_i^{\pi_i, \sigma_{-i}}(s) - v_i^\sigma(s) \;\ge\; 0,

and no policy of hers, not even one that remembers the past, gains more: an MDP has an optimal policy that is Markov.
The averages that make the MDP are off by at most a part :math:`g_k` of each (k operations), which changes its value v
by at most :math:`g_k (\max |r_i| + \gamma \max |v|)\, L` with L the sum of the discounts of all steps; this is added.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from rltheory.games.markov.against import game_against, game_under_advice, induced_chain
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.profiles import checked_policies, is_law
from rltheory.games.markov.solution import MarkovEquilibrium
from rltheory.models import MDP, ConvergenceWarning, FiniteHorizonMDP
from rltheory.planning._kernels import SMALLEST_NORMAL
from rltheory.planning.backward_induction import backward_induction
from rltheory.planning.rounding import growth, largest_size, outward
from rltheory.planning.solution import Solution
from rltheory.planning.solve import solve

_ACCURACY = 1e-10  # of the largest value: what the solver of a discounted MDP is asked for
_PART_OF_TOL = 0.02


def best_response(game: MarkovGame, profile: Any, player: int, *, tol: float = math.inf) -> Solution:
    """Solve the MDP that a player faces when the others play their part of a profile.

    Parameters
    ----------
    game : MarkovGame
        The game.
    profile : sequence of n policies, or ndarray
        As for `game_against`.
    player : int
        Who responds.
    tol : float
        The response of a discounted game is accurate to a fiftieth of this, where rounding allows, and to 1e-10 of the
        largest value that rewards allow in any case.

    Returns
    -------
    Solution
        ``policy`` is a best response, pure; ``value`` what the player receives, enclosed by ``lower`` and ``upper``.

    Raises
    ------
    ModelError
        If the profile does not fit the game, or there is no such player.

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, best_response
    >>> pennies = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[1, -1], [-1, 1]]], gamma=0.5)
    >>> best_response(pennies, [[0], [[0.75, 0.25]]], 1).policy
    array([1])
    """
    return solved(game_against(game, profile, player), tol)


def profile_value(game: MarkovGame, profile: Any) -> tuple[Solution, ...]:
    """Compute what each player receives when all play a profile, or as a mediator tells them.

    Parameters
    ----------
    game : MarkovGame
        The game.
    profile : sequence of n policies, or ndarray
        As for `game_against`.

    Returns
    -------
    tuple of n Solution
        With ``lower <= value <= upper``, of shape (n_states,) or (H + 1, n_states).

    Raises
    ------
    ModelError
        If the profile does not fit the game.
    """
    return tuple(solved(induced_chain(game, profile, i)) for i in range(game.n_players))


def markov_gains(game: MarkovGame, profile: Any, *, advised: bool = False) -> np.ndarray:
    """Return how much each player gains at most by deviating, from each state as the first, in reward units.

    Parameters
    ----------
    game : MarkovGame
        The game.
    profile : sequence of n policies, or ndarray
        A policy for each player, or a mediator's law of shape (n_joint,) or (H, n_joint): gains are those of a player
        who never listens to the mediator (coarse correlated), while the others do as they are told.
    advised : bool
        Of a law only: whether the player hears the advice of a state before she acts there (correlated). The others'
        advice she never hears.

    Returns
    -------
    ndarray, shape (n_players, n_states)
        Proven upper bounds, at least 0.

    Raises
    ------
    ModelError
        If the profile does not fit the game.

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, markov_gains
    >>> dilemma = [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]]
    >>> game = MarkovGame.from_arrays([[[[1], [1]], [[1], [1]]]], dilemma, gamma=0.5)
    >>> markov_gains(game, [[0], [0]]).round(9)
    array([[4.],
           [4.]])
    """
    own = profile_value(game, profile)
    found = np.empty((game.n_players, game.n_states))
    for i in range(game.n_players):
        best, upper = _best_after_advice(game, profile, i) if advised else _best(game, profile, i)
        margin = averaging_error(game, i, best) + averaging_error(game, i, own[i])
        found[i] = np.maximum(upper - _first(own[i].lower), 0.0) + margin
    return outward(found, 2)


def markov_profile(game: MarkovGame, profile: Any, *, method: str, advised: bool = False) -> MarkovEquilibrium:
    """Return a profile, or a mediator's law, with its certificate as an approximate equilibrium, whoever found it.

    Parameters
    ----------
    game, profile, advised
        As for `markov_gains`.
    method : str
        Where the profile comes from.

    Returns
    -------
    MarkovEquilibrium
        With expected returns as values, and no stage gains.

    Raises
    ------
    ModelError
        If the profile does not fit the game.

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, markov_profile
    >>> dilemma = [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]]
    >>> game = MarkovGame.from_arrays([[[[1], [1]], [[1], [1]]]], dilemma, gamma=0.5)
    >>> markov_profile(game, [[0], [0]], method="by hand")
    MarkovEquilibrium(Nash, exploitability=4, start value (6, 6), by hand)
    """
    mediated = is_law(profile)
    return MarkovEquilibrium(
        game,
        None if mediated else tuple(p if len(p) > 1 else p[0] for p in checked_policies(game, profile)),
        profile if mediated else None,
        np.stack([own.value for own in profile_value(game, profile)]),
        markov_gains(game, profile, advised=advised),
        np.zeros((game.n_players, 0, game.n_states)),
        "Nash" if not mediated else "correlated" if advised else "coarse correlated",
        method,
    )


def averaging_error(game: MarkovGame, player: int, solution: Solution) -> float:
    """Bound how far the value of an MDP that is left of a game may be off because rows were averaged in floats."""
    part = float(growth(4.0 * (int(np.diff(game.joint_start).max()) + game.n_players) + 16))
    size = max(largest_size(solution.lower), largest_size(solution.upper))
    discount = game.gamma * (1 + game.row_sum_error + part)
    steps = 1 / (1 - discount) if game.H is None else math.fsum(discount**t for t in range(game.H))
    return float(outward(part * (largest_size(game.r[..., player, :]) + game.gamma * size) * steps, 8))


def solved(mdp: MDP | FiniteHorizonMDP, tol: float = math.inf) -> Solution:
    """Solve the MDP that is left of a game, to a small part of its largest value and a small part of tol.

    What it did not reach, it does not hide: the bounds are proven, and it is for the caller to warn.
    """
    if isinstance(mdp, FiniteHorizonMDP):
        return backward_induction(mdp)
    enough = min(_ACCURACY * largest_size(mdp.r) / (1 - mdp.gamma), _PART_OF_TOL * tol)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return solve(mdp, tol=max(enough, SMALLEST_NORMAL))


def _best(game: MarkovGame, profile: Any, player: int) -> tuple[Solution, np.ndarray]:
    solution = best_response(game, profile, player)
    return solution, _first(solution.upper)


def _best_after_advice(game: MarkovGame, law: Any, player: int) -> tuple[Solution, np.ndarray]:
    mdp, advice = game_under_advice(game, law, player)
    solution = solved(mdp)
    return solution, advice[0] @ _first(solution.upper)


def _first(value: np.ndarray) -> np.ndarray:
    """Return the values at the first step."""
    return value if value.ndim == 1 else value[0]
