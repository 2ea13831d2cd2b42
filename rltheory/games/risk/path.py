r"""A risk-averse equilibrium followed as the aversion to risk grows."""

from __future__ import annotations

from typing import Any

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.dynamics import certified, follow, is_within, proven, weights_of
from rltheory.games.risk.newton import newton
from rltheory.games.risk.play import Play
from rltheory.games.risk.search import first_within, method_of

_ROUNDS = 200


def equilibrium_path(
    game: NormalFormGame,
    gammas: Any,
    *,
    tremble: float = 0.0,
    start: Any = None,
    tol: float = 1e-9,
    starts: int = 32,
    rng: Any = 0,
) -> list[Equilibrium]:
    r"""Follow a risk-averse equilibrium as the aversion to risk changes.

    Each equilibrium is looked for by Newton's method from the one before. Where that one has ceased to exist, as both
    hunting the stag does beyond `bounds.stag_threshold`, players respond to each other from it until they are at
    another: the path jumps.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    gammas : array_like, shape (k,)
        Weights of the variance, in the order of the path.
    tremble : float
        Least probability of every action.
    start : sequence of n array_like, optional
        Profile from which to look for the first equilibrium, as for `risk_averse_equilibrium`.
    tol, starts, rng
        As for `risk_averse_equilibrium`.

    Returns
    -------
    list of k Equilibrium

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_equilibrium`.

    Warns
    -----
    ConvergenceWarning
        Where no certificate was within ``tol``.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import equilibrium_path
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> path = equilibrium_path(stag_hunt, [0.0, 0.4, 0.5], tremble=0.1, start=[0, 0])
    >>> [float(equilibrium.profile[0][0].round(3)) for equilibrium in path]
    [0.9, 0.9, 0.1]
    """
    path: list[Equilibrium] = []
    for gamma in gammas:
        play = Play.of(game, gamma, None, tremble)
        weights = weights_of(play, start)
        answer = proven(play, newton(play, weights), method="continuation", iterations=0)
        if not (path and is_within(play, answer.gains, tol)):
            followed = follow(play, weights, lambda _: 0.5, tol, _ROUNDS)[0]
            weights, tried = first_within(play, followed, tol, starts, rng)
            answer = certified(play, weights, tol, method=method_of(play), iterations=tried)
        path.append(answer)
        start = answer.profile
    return path
