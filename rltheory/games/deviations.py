r"""What a player gains by deviating: the certificate of every equilibrium, computed apart from how it was found.

With :math:`u_i(a, \sigma_{-i})` the payoff of action a against the others' strategies, the gain of player i is

.. math:: \max_a u_i(a, \sigma_{-i}) - u_i(\sigma) \;\ge\; 0,

the *exploitability* is the largest of these, and NashConv their sum. A profile is an :math:`\varepsilon`-equilibrium
(Nash 1951) if and only if its exploitability is at most :math:`\varepsilon`. Of a joint law x over all actions, a
mediator's, the gain from ignoring the mediator (coarse) or from disobeying one advice (Aumann 1974) is

.. math::

   \max_{a'} \sum_a x(a) \big( u_i(a', a_{-i}) - u_i(a) \big), \qquad
   \sum_{a_i} \max_{a'} \sum_{a_{-i}} x(a) \big( u_i(a', a_{-i}) - u_i(a) \big).

Gains are those of the strategies divided by their sums, and are enlarged by what rounding may have hidden,
:math:`2 g_k \max |u_i|` for the k operations of the means, so that they are proven.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.games.normal_form import NormalFormGame, checked_profile
from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.planning.rounding import growth, largest_size, outward


def deviation_payoffs(game: NormalFormGame, profile: Any) -> tuple[np.ndarray, ...]:
    r"""Return what each action of each player is worth against the others' strategies: :math:`u_i(a, \sigma_{-i})`.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    profile : sequence of n array_like
        A mixed strategy for each player, or the number of an action.

    Returns
    -------
    tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        In payoff units.

    Raises
    ------
    ModelError
        If the profile does not fit the game.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, deviation_payoffs
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> deviation_payoffs(stag_hunt, [0, [0.5, 0.5]])
    (array([2.5, 3. ]), array([4., 3.]))
    """
    profile = checked_profile(game, profile)
    return tuple(_against(game.payoffs[i], profile, i) for i in range(game.n_players))


def expected_payoffs(game: NormalFormGame, profile: Any) -> np.ndarray:
    r"""Return :math:`u_i(\sigma)` of every player, shape (n,), in payoff units.

    Parameters
    ----------
    game, profile
        As for `deviation_payoffs`.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, expected_payoffs
    >>> expected_payoffs(NormalFormGame.symmetric([[4, 1], [3, 3]]), [0, [0.5, 0.5]])
    array([2.5, 3.5])
    """
    profile = checked_profile(game, profile)
    return np.array([p @ _against(game.payoffs[i], profile, i) for i, p in enumerate(profile)])


def gains(game: NormalFormGame, profile: Any) -> np.ndarray:
    r"""Return how much each player gains at most by deviating, shape (n,), in payoff units; rounding included.

    Parameters
    ----------
    game, profile
        As for `deviation_payoffs`.

    Returns
    -------
    ndarray, shape (n,)
        Proven upper bounds, at least 0.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, gains
    >>> gains(NormalFormGame.symmetric([[3, 0], [5, 1]]), [0, 0]).round(9)
    array([2., 2.])
    """
    return certificate(game, checked_profile(game, profile))[0]


def certificate(game: NormalFormGame, profile: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the gains and the expected payoffs of a profile that is known to fit the game."""
    profile = tuple(p / p.sum() for p in profile)
    found, payoffs = np.empty(len(profile)), np.empty(len(profile))
    for i, p in enumerate(profile):
        values = _against(game.payoffs[i], profile, i)
        found[i] = p @ (values.max() - values) + _rounding(game, i)
        payoffs[i] = p @ values
    return found, payoffs


def exploitability(game: NormalFormGame, profile: Any) -> float:
    """Return the largest gain of one player by deviating, in payoff units: 0 at a Nash equilibrium.

    Parameters
    ----------
    game, profile
        As for `deviation_payoffs`.

    Returns
    -------
    float
        A proven upper bound.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, exploitability
    >>> exploitability(NormalFormGame.zero_sum([[1, -1], [-1, 1]]), [[0.5, 0.5], [0.5, 0.5]]) < 1e-14
    True
    """
    return float(gains(game, profile).max())


def nash_conv(game: NormalFormGame, profile: Any) -> float:
    """Return the sum of all players' gains by deviating, in payoff units; of a zero-sum game, the duality gap.

    Parameters
    ----------
    game, profile
        As for `deviation_payoffs`.

    Returns
    -------
    float
        A proven upper bound.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, nash_conv
    >>> round(nash_conv(NormalFormGame.zero_sum([[1, -1], [-1, 1]]), [0, 0]), 9)
    2.0
    """
    return float(outward(float(gains(game, profile).sum()), game.n_players))


def correlated_gains(game: NormalFormGame, joint: Any, *, coarse: bool = False) -> np.ndarray:
    r"""Return how much each player gains at most by not doing what a mediator says, in payoff units.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    joint : array_like, shape (m_1, ..., m_n)
        The mediator's law over joint actions.
    coarse : bool
        Whether a player decides before she hears the advice, and not after.

    Returns
    -------
    ndarray, shape (n,)
        Proven upper bounds: 0 at a (coarse) correlated equilibrium.

    Raises
    ------
    ModelError
        If ``joint`` is not a distribution over joint actions.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame, correlated_gains
    >>> chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    >>> correlated_gains(chicken, [[0.5, 0.25], [0.25, 0]]).round(9)
    array([0., 0.])
    """
    joint = checked_joint(game, joint)
    joint = joint / joint.sum()
    found = []
    for i, m in enumerate(game.n_actions):
        u, x = game.opponents_view(i), np.moveaxis(joint, i, 0).reshape(m, -1)
        regret = x @ u.T  # of advice and action, what the action pays when this advice is given
        regret = regret - np.diag(regret)[:, None]
        gain = regret.sum(axis=0).max() if coarse else regret.max(axis=1).sum()
        found.append(max(float(gain), 0.0) + _rounding(game, i))
    return np.array(found)


def checked_joint(game: NormalFormGame, joint: Any) -> np.ndarray:
    """Return a law over joint actions, read-only.

    Raises
    ------
    ModelError
        If it has another shape than the payoffs, a negative entry, or does not sum to one within 1e-9.
    """
    x = valid.real_array(joint, "joint")
    if x.shape != game.n_actions:
        raise ModelError(f"joint has shape {x.shape}; for this game it must be {game.n_actions}")
    if not (x >= 0).all():
        place = tuple(map(int, np.argwhere(~(x >= 0))[0]))
        raise ModelError(f"joint has probability {x[place]} at actions {place}; a probability is at least 0")
    if abs(x.sum() - 1) > valid.ROW_SUM_TOLERANCE:
        raise ModelError(f"joint sums to {x.sum():.12g}; a distribution sums to 1")
    return valid.frozen(x)


def _against(u: np.ndarray, profile: tuple[np.ndarray, ...], player: int) -> np.ndarray:
    """Average a player's payoffs over the strategies of all others: those after her on the last axis, then the rest."""
    for p in reversed(profile[player + 1 :]):
        u = u @ p
    for p in profile[:player]:
        u = (p @ u.reshape(p.size, -1)).reshape(u.shape[1:])
    return u


def _rounding(game: NormalFormGame, player: int) -> float:
    """Bound the rounding of a mean of payoffs over all joint actions, and of the sums of strategies near one."""
    operations = 4.0 * (sum(game.n_actions) + game.n_players) + 8
    return float(outward(growth(operations) * 2 * largest_size(game.payoffs[player]), 4))
