r"""What a policy is worth in a preference game, the best response to it, and what that gains: in closed form.

By the principle of Gibbs (Donsker and Varadhan 1983), the best response to :math:`\pi` and its gain are

.. math::

   \mathrm{br}(\pi)(y) \propto \mathrm{ref}(y)\, e^{P(y \succ \pi) / \tau}, \qquad
   \max_{\pi'} J(\pi', \pi) - \tfrac12
   = \tau \ln \sum_y \mathrm{ref}(y)\, e^{P(y \succ \pi) / \tau} - \tfrac12 + \tau\, \mathrm{KL}(\pi \| \mathrm{ref})
   = \tau\, \mathrm{KL}(\pi \,\|\, \mathrm{br}(\pi)),

the last since :math:`P(\pi \succ \pi) = \frac12`. It is zero at the equilibrium only, and nothing cancels in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import kl_div, xlogy

from rltheory.games.learning.hedge import softmax
from rltheory.games.preference.game import PreferenceGame, checked_policy
from rltheory.planning.rounding import growth, outward


def win_rates(game: PreferenceGame, policy: Any) -> np.ndarray:
    r"""Return :math:`P(y \succ \pi)`, how often each answer is preferred to the policy's.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    policy : array_like, shape (n,), or int
        A law over the answers, or one of them.

    Returns
    -------
    ndarray, shape (n,)
        Probabilities.

    Raises
    ------
    ModelError
        If the policy is not a law over the answers.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, win_rates
    >>> win_rates(PreferenceGame.rock_paper_scissors(tau=1.0), 0)
    array([0.5, 1. , 0. ])
    """
    return game.P @ checked_policy(game, policy)


def objective(game: PreferenceGame, policy: Any, other: Any) -> float:
    r"""Return :math:`J(\pi, \pi')`, what the policy is worth against another one.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    policy, other : array_like, shape (n,), or int
        Policies.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If a policy is not a law over the answers.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, objective
    >>> round(objective(PreferenceGame.rock_paper_scissors(tau=1.0), [0.5, 0.25, 0.25], 0), 6)
    1.539721
    """
    p, q = checked_policy(game, policy), checked_policy(game, other)
    return float(p @ game.P @ q - game.tau * (relative_entropy(p, game.ref) - relative_entropy(q, game.ref)))


def best_response(game: PreferenceGame, policy: Any) -> np.ndarray:
    r"""Return the policy :math:`\propto \mathrm{ref}\, e^{P(\cdot \succ \pi) / \tau}` that is best against another.

    Parameters
    ----------
    game, policy
        As for `win_rates`.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ModelError
        If the policy is not a law over the answers.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, best_response
    >>> best_response(PreferenceGame.rock_paper_scissors(tau=1.0), 0).round(3)
    array([0.307, 0.506, 0.186])
    """
    return softmax(np.log(game.ref) + win_rates(game, policy) / game.tau)


def preference_gap(game: PreferenceGame, policy: Any) -> float:
    r"""Return what a best response gains over the value one half: :math:`\tau\, \mathrm{KL}(\pi \| \mathrm{br}(\pi))`.

    Parameters
    ----------
    game, policy
        As for `win_rates`.

    Returns
    -------
    float
        In units of preference; enlarged by what rounding may have hidden, exponentials and logarithms being within
        four units in the last place.

    Raises
    ------
    ModelError
        If the policy is not a law over the answers.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, preference_gap
    >>> game = PreferenceGame.rock_paper_scissors(tau=0.1)
    >>> preference_gap(game, [1 / 3, 1 / 3, 1 / 3]) < 1e-13
    True
    """
    p = checked_policy(game, policy)
    response = best_response(game, p)
    sizes = game.tau * float(np.abs(xlogy(p, p)).sum() - p @ np.log(game.ref)) + 2.0
    rounding = growth(2.0 * p.size + 32) * sizes
    return float(outward(game.tau * _safe_relative_entropy(game, p, response) + rounding, p.size))


def relative_entropy(p: np.ndarray, q: np.ndarray) -> float:
    r"""Return :math:`\mathrm{KL}(p \| q)`, as a sum of terms that are at least 0."""
    return float(kl_div(p, q).sum())


def _safe_relative_entropy(game: PreferenceGame, p: np.ndarray, response: np.ndarray) -> float:
    """Return the divergence from the best response, where this is too small to be a number, too."""
    if response.all():
        return relative_entropy(p, response)
    wins = game.P @ p
    logits = np.log(game.ref) + (wins - wins.max()) / game.tau
    return float(xlogy(p, p).sum() - p @ logits + np.log(np.exp(logits - logits.max()).sum()) + logits.max())
