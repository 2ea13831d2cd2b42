r"""Players who respond to each other again and again: damped best responses, and fictitious play.

All players move a part of the way to their best responses,

.. math:: \sigma_{t+1} = \sigma_t + \alpha_t (\mathrm{BR}(\sigma_t) - \sigma_t),

with a constant :math:`\alpha_t` (damped best response) or with :math:`\alpha_t = 1 / (t + 2)`, so that
:math:`\sigma_t` is the average of all responses so far (fictitious play, Brown 1951). The first moves fast and the
second settles down, but neither converges in every game: what players averse to risk subtract depends on the others, so
that a zero-sum game is not one any more when they do. Every answer carries its certificate, and a
`ConvergenceWarning` says when it is above what was asked.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.play import Play, Profile, risk_averse_profile
from rltheory.games.risk.smooth import require
from rltheory.models import ConvergenceWarning


def damped_best_response(
    game: NormalFormGame,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    step: float = 0.5,
    start: Any = None,
    tol: float = 1e-9,
    max_iterations: int = 1000,
) -> Equilibrium:
    r"""Look for a risk-averse equilibrium by moves of a constant size towards best responses.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    gamma, aversion, tremble
        As for `risk_averse_profile`.
    step : float
        The part :math:`\alpha` of the way, in (0, 1].
    start : sequence of n array_like, optional
        First profile, an action's number standing for playing it as often as trembles allow; by default everyone plays
        all actions alike.
    tol : float
        Largest exploitability asked for, in units of the spread of payoffs and of the aversion to it.
    max_iterations : int
        Limit on rounds.

    Returns
    -------
    Equilibrium
        The last profile.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_profile`; also if the step is out of range.

    Warns
    -----
    ConvergenceWarning
        If the exploitability is above ``tol``: there is no promise that it ever is not.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import damped_best_response
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> damped_best_response(stag_hunt, gamma=1.0, tremble=0.1).profile[0].round(6)
    array([0.1, 0.9])
    """
    require(0 < step <= 1, "step", step, "a part of the way is in (0, 1]")
    play = Play.of(game, gamma, aversion, tremble)
    weights, rounds = follow(play, weights_of(play, start), lambda _: step, tol, max_iterations)
    return certified(play, weights, tol, method=f"damped best response (step {step:g})", iterations=rounds)


def risk_averse_fictitious_play(
    game: NormalFormGame,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    start: Any = None,
    tol: float = 1e-3,
    max_iterations: int = 10_000,
) -> Equilibrium:
    r"""Look for a risk-averse equilibrium by responding to the average of all responses so far.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    gamma, aversion, tremble, start, tol, max_iterations
        As for `damped_best_response`.

    Returns
    -------
    Equilibrium
        The last average.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_profile`.

    Warns
    -----
    ConvergenceWarning
        If the exploitability is above ``tol``: there is no promise that it ever is not.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import risk_averse_fictitious_play
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> risk_averse_fictitious_play(pennies, gamma=0.5, start=[0, 0], tol=0.01).exploitability < 0.1
    True
    """
    play = Play.of(game, gamma, aversion, tremble)
    weights, rounds = follow(play, weights_of(play, start), lambda t: 1 / (t + 2), tol, max_iterations)
    return certified(play, weights, tol, method="fictitious play", iterations=rounds)


def follow(
    play: Play, weights: Profile, step: Callable[[int], float], tol: float, max_iterations: int
) -> tuple[list[np.ndarray], int]:
    """Move towards best responses until none gains more than tol; return the weights and the number of rounds."""
    weights = list(weights)
    enough = tol * play.tolerances
    for t in range(max_iterations):
        responses = [play.response(play.profile(weights), i) for i in range(len(weights))]
        if all(gain <= most for gain, most in zip(_gains(play, weights, responses), enough, strict=True)):
            return weights, t
        weights = [s + step(t) * (best - s) for s, best in zip(weights, responses, strict=True)]
    return weights, max_iterations


def weights_of(play: Play, start: Any) -> list[np.ndarray]:
    """Return the weights on vertices that a profile of trembling strategies stands for; uniform for None."""
    if start is None:
        return [np.full(len(hull), 1 / len(hull)) for hull in play.hulls]
    shrunk = [(1 - p.size * play.tremble, p) for p in _trembling_profile(play, start)]
    return [np.maximum(p - play.tremble, 0.0) / rest for rest, p in shrunk]


def certified(play: Play, weights: Profile, tol: float, *, method: str, iterations: int) -> Equilibrium:
    """Return the profile of some weights with its certificate, and warn if it is above tol."""
    answer = proven(play, weights, method=method, iterations=iterations)
    if not is_within(play, answer.gains, tol):
        warnings.warn(
            f"exploitability {answer.exploitability:.3g} is above tol {tol:.3g} (times the spread of payoffs) after"
            f" {iterations} rounds of {method}: try another start or method, or a larger tol",
            ConvergenceWarning,
            stacklevel=3,
        )
    return answer


def proven(play: Play, weights: Profile, *, method: str, iterations: int) -> Equilibrium:
    """Return the profile of some weights with its certificate."""
    return risk_averse_profile(
        play.game,
        play.profile(weights),
        aversion=play.aversions,
        tremble=play.tremble,
        method=method,
        iterations=iterations,
    )


def is_within(play: Play, gains: np.ndarray, tol: float) -> bool:
    """Whether no gain is above tol, in units of the spread of payoffs and of the aversion to it."""
    return bool((gains <= tol * play.tolerances).all())


def _gains(play: Play, weights: Profile, responses: Profile) -> np.ndarray:
    """Return what each player gains by her response while the others stay."""
    profile, better = play.profile(weights), play.profile(responses)
    ahead = [play.values([*profile[:i], p, *profile[i + 1 :]])[i] for i, p in enumerate(better)]
    return np.array(ahead) - play.values(profile)


def _trembling_profile(play: Play, start: Any) -> tuple[np.ndarray, ...]:
    """Return a starting profile, in which an action's number stands for playing it as often as trembles allow."""
    start = tuple(start)
    vertices = [
        hull[p] if isinstance(p, (int, np.integer)) and 0 <= p < len(hull) else p
        for p, hull in zip(start, play.hulls, strict=False)
    ]
    return play.checked([*vertices, *start[len(vertices) :]])
