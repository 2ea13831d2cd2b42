r"""A negative control: players who also mind the variance of their own mixing.

Of the payoff M[a, b] with a drawn from p and b from q, the whole variance is

.. math:: \operatorname{Var}_{a, b} M = p^\top (M \circ M) q - (p^\top M q)^2
   = p^\top \Sigma p + E_b \operatorname{Var}_a M,

so that the mean less :math:`\gamma` times it is linear in p plus :math:`\gamma (p^\top M q)^2`: *convex*. Best
responses are vertices of the trembling simplex, and where players must mix there need be no equilibrium at all. That is
why `risk_averse_equilibrium` averages the own mixing first. The following game has none for any :math:`\gamma > 0`: the
row player mixes only where both actions have the same mean *and* the same second moment against q, that is nowhere;
and no pure profile is an equilibrium.

>>> from rltheory.games import NormalFormGame
>>> from rltheory.games.risk import full_variance_gains
>>> game = NormalFormGame([[[3, 0], [0, 1]], [[0, 1], [1, 0]]])
>>> grid = [[k / 100, 1 - k / 100] for k in range(101)]
>>> bool(min(full_variance_gains(game, [p, q], gamma=1.0).max() for p in grid for q in grid) > 0.3)
True
"""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.play import Play, checked_aversions
from rltheory.games.risk.smooth import MeanVariance
from rltheory.models import ConvergenceWarning
from rltheory.planning.rounding import growth, largest_size, outward


def full_variance_utility(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float) -> float:
    """Return the mean less gamma times the variance of M[a, b], both actions random.

    Parameters
    ----------
    p : ndarray, shape (m,)
        Own strategy.
    M : ndarray, shape (m, n)
        Own payoffs.
    q : ndarray, shape (n,)
        Law of the others' joint action.
    gamma : float
        Weight of the variance.

    Returns
    -------
    float
        In payoff units.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([0.5, 0.5])
    >>> full_variance_utility(half, np.array([[2.0, 2.0], [0.0, 0.0]]), half, gamma=0.5)
    0.5
    """
    mean = p @ M @ q
    return float(mean - gamma * (p @ (M - mean) ** 2 @ q))


def full_variance_gains(game: NormalFormGame, profile: Any, *, gamma: Any, tremble: float = 0.0) -> np.ndarray:
    """Return how much each player gains by deviating, when own variance counts: the best vertex against the strategy.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    profile : sequence of n array_like
        A mixed strategy for each player.
    gamma : float or sequence of n floats
        Weight of the variance.
    tremble : float
        Least probability of every action.

    Returns
    -------
    ndarray, shape (n,)
        In payoff units; proven, since the maximum of a convex function is at a vertex.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_profile`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import full_variance_gains
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> bool((full_variance_gains(stag_hunt, [0, 0], gamma=5.0) < 1e-9).all())
    True
    """
    play = Play.of(game, gamma, None, tremble)
    return _gains(play, play.checked(profile), _weights(game, gamma))


def best_pure_profile(game: NormalFormGame, *, gamma: Any, tremble: float = 0.0, tol: float = 1e-9) -> Equilibrium:
    """Return the profile of vertices at which players who mind their own variance gain least by deviating.

    Parameters
    ----------
    game : NormalFormGame
        The game; all pure profiles are tried.
    gamma, tremble
        As for `full_variance_gains`.
    tol : float
        Largest exploitability asked for, in units of the spread of payoffs and of the aversion to it.

    Returns
    -------
    Equilibrium

    Raises
    ------
    CriterionError
        As for `risk_averse_profile`.

    Warns
    -----
    ConvergenceWarning
        If none is within ``tol``: then there may be no equilibrium.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import best_pure_profile
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> best_pure_profile(stag_hunt, gamma=5.0, tremble=0.1).profile[0].round(6)
    array([0.1, 0.9])
    """
    play, weights = Play.of(game, gamma, None, tremble), _weights(game, gamma)
    profiles = [
        tuple(hull[a] for hull, a in zip(play.hulls, actions, strict=True))
        for actions in itertools.product(*map(range, game.n_actions))
    ]
    profile = min(profiles, key=lambda candidate: _gains(play, candidate, weights).max())
    gains = _gains(play, profile, weights)
    value = [full_variance_utility(p, play.views[i], play.law(profile, i), weights[i]) for i, p in enumerate(profile)]
    if (gains > tol * play.tolerances).any():
        warnings.warn(
            f"the best pure profile has exploitability {gains.max():.3g}: with own_variance best responses are pure,"
            " and there may be no equilibrium",
            ConvergenceWarning,
            stacklevel=2,
        )
    return Equilibrium(
        game, profile, gains, np.array(value), "risk-averse, own variance", "all pure profiles", len(profiles)
    )


def _weights(game: NormalFormGame, gamma: Any) -> list[float]:
    return [one.gamma for one in checked_aversions(game, gamma, None) if isinstance(one, MeanVariance)]


def _gains(play: Play, profile: tuple[np.ndarray, ...], weights: list[float]) -> np.ndarray:
    found = []
    for i, (p, M, gamma) in enumerate(zip(profile, play.views, weights, strict=True)):
        q = play.law(profile, i)
        best = max(full_variance_utility(vertex, M, q, gamma) for vertex in play.hulls[i])
        size = largest_size(M)
        rounding = outward(growth(4.0 * sum(M.shape) + 16) * 2 * size * (1 + 8 * gamma * size), 4)
        found.append(max(best - full_variance_utility(p, M, q, gamma), 0.0) + float(rounding))
    return np.array(found)
