r"""What theory promises of logit quantal response equilibria: how near to Nash they are, and when there is only one.

A logit response :math:`\sigma(a) \propto e^{\lambda u(a)}` falls short of the best action by exactly

.. math:: \max u - \sigma \cdot u = \frac{H(\sigma) + \ln \max \sigma}{\lambda},

with H the entropy, whatever the payoffs are.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import lambertw

from rltheory.games.normal_form import NormalFormGame


def logit_gain(n_actions: int, lam: float) -> float:
    r"""Most that a logit response falls short of the best response: :math:`W((m - 1) / e) / \lambda`, in payoff units.

    W is Lambert's function, :math:`W e^W = (m - 1)/e`. The loss :math:`\sum_a \sigma(a) d(a)`, with d the distance from
    the best payoff times :math:`\lambda` and :math:`\sigma \propto e^{-d}`, is stationary where all d but the best
    one's zero are equal to 1 plus the loss itself; so it is attained. It is below :math:`\ln(m) / \lambda`, the usual
    bound, and is what any player gains at most by deviating from a logit equilibrium (McKelvey and Palfrey 1995).

    Examples
    --------
    >>> round(logit_gain(2, lam=1.0), 6), round(logit_gain_by_entropy(2, lam=1.0), 6)
    (0.278465, 0.693147)
    """
    return float(lambertw((n_actions - 1) / math.e).real) / lam if n_actions > 1 else 0.0


def logit_gain_by_entropy(n_actions: int, lam: float) -> float:
    r"""Return the usual bound on what a logit response falls short of the best: :math:`\ln(m) / \lambda`.

    Since a logit response maximises :math:`\sigma \cdot u + H(\sigma) / \lambda`, and :math:`0 \le H \le \ln m`. Never
    attained for m > 1: `logit_gain` is the least constant.

    Examples
    --------
    >>> round(logit_gain_by_entropy(2, lam=2.0), 6)
    0.346574
    """
    return math.log(n_actions) / lam


def approximate_logit_gain(n_actions: int, lam: float, residual: float) -> float:
    r"""Most that a player gains by deviating from an approximate logit equilibrium, in payoff units.

    With ``residual`` the largest difference of a log-probability from that of the logit response:
    :math:`W((m - 1)/e)/\lambda + 2 \cdot \mathrm{residual} / \lambda`, since the strategy is the exact response to
    payoffs which differ by at most residual / lam.

    Examples
    --------
    >>> round(approximate_logit_gain(2, lam=10.0, residual=0.01), 6)
    0.029846
    """
    return logit_gain(n_actions, lam) + 2 * residual / lam


def interaction(game: NormalFormGame) -> np.ndarray:
    r"""Return how much each player's payoff differences depend on each other player's action, shape (n, n).

    .. math:: K_{ij} = \max_{a_i, b_i, a_{-ij}} \operatorname{span}_{a_j}
       \big( u_i(a_i, a_j, a_{-ij}) - u_i(b_i, a_j, a_{-ij}) \big),

    in payoff units; zero on the diagonal, and wherever player j cannot change what is good for player i.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> interaction(NormalFormGame.symmetric([[1, 0], [0, 1]]))
    array([[0., 2.],
           [2., 0.]])
    """
    K = np.zeros((game.n_players, game.n_players))
    for i, u in enumerate(game.payoffs):
        own_first = np.moveaxis(u, i, 0)
        for first in own_first:
            differences = own_first - first
            for j in range(game.n_players):
                if j != i:
                    axis = j + 1 if j < i else j
                    K[i, j] = max(K[i, j], float(np.ptp(differences, axis=axis).max()))
    return K


def unique_below(game: NormalFormGame) -> float:
    r"""Return the precision below which there is one logit equilibrium: :math:`4 / \rho(K)`, in 1 / payoff units.

    K is the matrix of `interaction` and :math:`\rho` its spectral radius. If the strategies of others move by distances
    :math:`d_j` in total variation, the differences of player i's payoffs move by at most :math:`(K d)_i`, and a softmax
    moves in total variation by at most a quarter of the span of what its argument moves by. So logit responses move by
    at most :math:`\frac{\lambda}{4} K d`: for :math:`\lambda \rho(K) < 4` they are a contraction in a weighted norm.
    Sufficient, and for symmetric 2 x 2 coordination also necessary.

    Examples
    --------
    >>> round(unique_below(NormalFormGame.symmetric([[1, 0], [0, 1]])), 12)
    2.0
    """
    radius = float(np.abs(np.linalg.eigvals(interaction(game))).max())
    return 4 / radius if radius > 0 else math.inf


def response_distance(game: NormalFormGame, lam: float, distances: np.ndarray) -> np.ndarray:
    r"""Return how far logit responses move at most, in total variation: :math:`\frac{\lambda}{4} K d`, shape (n,).

    Parameters
    ----------
    game : NormalFormGame
    lam : float
        Precision, in 1 / payoff units.
    distances : ndarray, shape (n,)
        Total variation distances d between the two strategies of each player.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> response_distance(NormalFormGame.symmetric([[1, 0], [0, 1]]), 1.0, np.array([0.2, 0.0]))
    array([0. , 0.1])
    """
    return lam / 4 * interaction(game) @ np.asarray(distances, dtype=np.float64)
