r"""The replicator dynamics: the share of an action grows at the rate by which it does better than the player.

In continuous time (Taylor and Jonker 1978), with :math:`\sigma` the profile,

.. math:: \dot p_i(a) = p_i(a) \big( u_i(a, \sigma_{-i}) - u_i(\sigma) \big),

that is :math:`p_i \propto \exp z_i` with :math:`\dot z_i = u_i(\cdot, \sigma_{-i})`: Hedge with infinitely small steps.
So an action's regret is :math:`\ln (p_i(a)_T / p_i(a)_0) \le \ln (1 / p_i(a)_0)` at any time T
(`bounds.replicator_regret`). In a zero-sum game, the sum of the relative entropies of an interior equilibrium with
respect to the profile never changes (Hofbauer and Sigmund 1998): orbits do not converge, their averages do.

In discrete time (Maynard Smith 1982), with a background fitness c,

.. math:: p_i(a) \leftarrow p_i(a)\, \frac{c + u_i(a, \sigma_{-i})}{c + u_i(\sigma)}.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rltheory.games.deviations import deviation_payoffs
from rltheory.games.learning.hedge import softmax
from rltheory.games.normal_form import NormalFormGame, checked_profile
from rltheory.models import ModelError
from rltheory.models import _validation as valid

Profile = tuple[np.ndarray, ...]


def replicator(game: NormalFormGame, start: Any, times: Any, *, tol: float = 1e-10) -> Profile:
    r"""Follow the continuous dynamics, in the coordinates z; actions that start at probability 0 stay there.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    start : sequence of n array_like
        The profile at time 0.
    times : array_like, shape (K,)
        When to look: at least 0, not decreasing; the unit is one over that of payoffs.
    tol : float
        Tolerance of a step of the integrator, absolute in z and relative to it.

    Returns
    -------
    tuple of n ndarray, of shapes (K, m_1), ..., (K, m_n)
        The strategies at these times.

    Raises
    ------
    ModelError
        If the profile does not fit the game, or times are negative or decrease.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import replicator
    >>> dilemma = NormalFormGame.symmetric([[3, 0], [5, 1]])
    >>> p, q = replicator(dilemma, [[0.9, 0.1], [0.9, 0.1]], times=[0, 20])
    >>> p.round(6)
    array([[0.9, 0.1],
           [0. , 1. ]])
    """
    from scipy.integrate import solve_ivp

    profile, times = checked_profile(game, start), _checked_times(times)
    supports = [np.flatnonzero(p) for p in profile]
    inside = NormalFormGame([u[np.ix_(*supports)] for u in game.payoffs])
    cuts = np.cumsum([support.size for support in supports])[:-1]

    def velocity(t: float, z: np.ndarray) -> np.ndarray:
        values = deviation_payoffs(inside, [softmax(part) for part in np.split(z, cuts)])
        return np.concatenate([value - value.mean() for value in values])

    z = np.concatenate([np.log(p[support]) for p, support in zip(profile, supports, strict=True)])
    path = solve_ivp(velocity, (0.0, times[-1] or 1.0), z, t_eval=times, method="DOP853", rtol=tol, atol=tol).y
    found = []
    for m, support, part in zip(game.n_actions, supports, np.split(path, cuts), strict=True):
        strategies = np.zeros((times.size, m))
        strategies[:, support] = np.apply_along_axis(softmax, 0, part).T
        found.append(strategies)
    return tuple(found)


def discrete_replicator(game: NormalFormGame, start: Any, *, background: float = 0.0) -> Iterator[Profile]:
    """Yield the profiles of the discrete dynamics, the first one included, for ever.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    start : sequence of n array_like
        The first profile.
    background : float
        What is added to all payoffs, which must then be positive; the more, the smaller the steps.

    Yields
    ------
    tuple of n ndarray, of shapes (m_1,), ..., (m_n,)

    Raises
    ------
    ModelError
        If the profile does not fit the game, or a payoff plus the background is not positive.

    Examples
    --------
    >>> from itertools import islice
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import discrete_replicator
    >>> dilemma = NormalFormGame.symmetric([[3, 0], [5, 1]])
    >>> list(islice(discrete_replicator(dilemma, [[0.5, 0.5], [0.5, 0.5]], background=1.0), 2))[1][0].round(3)
    array([0.385, 0.615])
    """
    for i, u in enumerate(game.payoffs):
        if not u.min() + background > 0:
            raise ModelError(
                f"the least payoff of player {game.player_name(i)} is {u.min():.6g}, with the background"
                f" {u.min() + background:.6g}; it must be positive: raise background"
            )
    return _discrete(game, tuple(p / p.sum() for p in checked_profile(game, start)), background)


def _discrete(game: NormalFormGame, profile: Profile, background: float) -> Iterator[Profile]:
    while True:
        yield profile
        weights = [p * (background + u) for p, u in zip(profile, deviation_payoffs(game, profile), strict=True)]
        profile = tuple(w / w.sum() for w in weights)


def _checked_times(times: Any) -> np.ndarray:
    t = valid.real_array(times, "times")
    if t.ndim != 1 or not t.size or not (t >= 0).all() or not np.isfinite(t).all() or (np.diff(t) < 0).any():
        raise ModelError(f"times is {times!r}; it is a list of times that are finite, at least 0, and do not decrease")
    return t
