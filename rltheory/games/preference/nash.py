r"""The equilibrium of a regularised preference game, to machine precision, by Newton's method in logarithms.

The equilibrium is its own best response, :math:`\pi^* \propto \mathrm{ref}\, e^{P \pi^* / \tau}`. With
:math:`\pi = \mathrm{softmax}(z)` and :math:`K = P - \frac12`, this is a root of

.. math::

   F(z) = z - \ln \mathrm{ref} - K \pi(z) / \tau, \qquad
   F'(z) = I - K S(z) / \tau, \quad S = \mathrm{diag}(\pi) - \pi \pi^\top,

up to a multiple of the vector of ones, which :math:`\pi` does not see. K is skew and S positive semidefinite, so the
eigenvalues of :math:`K S`, which are those of the skew :math:`S^{1/2} K S^{1/2}`, are imaginary: :math:`F'` is regular
everywhere. And :math:`\|F\|` is as large as z far away. So steps of Newton that are halved until they bring
:math:`\|F\|` down converge from everywhere, at last quadratically. Where tau is small that may take long; then a larger
one is halved until it is tau, and each equilibrium is where the search for the next one begins.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.learning.hedge import softmax
from rltheory.games.preference.game import PreferenceGame, checked_policy
from rltheory.games.preference.objective import objective, preference_gap
from rltheory.models import ConvergenceWarning

_MAX_STEPS = 500
_EASY = 0.1  # for weights of this size or above, few steps are needed from anywhere
_LEAST_SHARE = 2.0**-40  # of a Newton step; below it, rounding decides


def regularised_nash(game: PreferenceGame, *, tol: float = 1e-10) -> Equilibrium:
    """Return the equilibrium, both players' policy, with its certificate in closed form.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    tol : float
        Accuracy of the gap; steps are taken until rounding stops them, whatever it is.

    Returns
    -------
    Equilibrium
        Of `PreferenceGame.normal_form`; gains and values are those of the objective with the reference policy.

    Warns
    -----
    ConvergenceWarning
        If the gap is above ``tol``.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, regularised_nash
    >>> game = PreferenceGame.bradley_terry([0.0, 1.0, 2.0], tau=0.2)
    >>> found = regularised_nash(game)
    >>> found.profile[0].round(4)
    array([0.093 , 0.2236, 0.6835])
    >>> found.exploitability < 1e-13
    True
    """
    log_ref, K = np.log(game.ref), game.P - 0.5
    halvings = max(0, math.ceil(math.log2(_EASY / game.tau)))
    z, steps = _newton(log_ref, log_ref, K, game.tau * 2**halvings)
    for k in reversed(range(halvings)):
        z, more = _newton(log_ref + 2 * (z - log_ref), log_ref, K, game.tau * 2**k)
        steps += more
    found = certified(game, softmax(z), method="Newton", iterations=steps)
    if found.exploitability > tol:
        warnings.warn(
            f"the gap is {found.exploitability:.3g}, above tol = {tol:.3g}: raise tol or tau",
            ConvergenceWarning,
            stacklevel=2,
        )
    return found


def certified(game: PreferenceGame, policy: Any, *, method: str, iterations: int = 0) -> Equilibrium:
    """Return a policy, played by both, with its gap as the certificate, whoever found it.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    policy : array_like, shape (n,), or int
        A law over the answers.
    method : str
        Where it comes from.
    iterations : int
        How many steps it took.

    Returns
    -------
    Equilibrium
        Of `PreferenceGame.normal_form`; gains and values are those of the objective with the reference policy.

    Raises
    ------
    ModelError
        If the policy is not a law over the answers.

    Examples
    --------
    >>> from rltheory.games.preference import PreferenceGame, certified
    >>> certified(PreferenceGame.rock_paper_scissors(tau=0.1), [1 / 3, 1 / 3, 1 / 3], method="by symmetry").value
    array([0.5, 0.5])
    """
    p = checked_policy(game, policy)
    gains, value = np.full(2, preference_gap(game, p)), np.full(2, objective(game, p, p))
    return Equilibrium(game.normal_form, (p, p), gains, value, "regularised Nash", method, iterations)


def _newton(z: np.ndarray, log_ref: np.ndarray, K: np.ndarray, tau: float) -> tuple[np.ndarray, int]:
    """Return the root that is reached from z, as accurately as rounding allows, and the number of steps."""
    residual = _residual(z, log_ref, K, tau)
    for t in range(_MAX_STEPS):
        p = softmax(z)
        KS = K * p - np.outer(K @ p, p)
        step = np.linalg.solve(np.eye(p.size) - KS / tau, -residual)
        moved = _line_search(z, step, residual, log_ref, K, tau)
        if moved is None:
            return z, t
        z, residual = moved
    return z, _MAX_STEPS


def _residual(z: np.ndarray, log_ref: np.ndarray, K: np.ndarray, tau: float) -> np.ndarray:
    F = z - log_ref - K @ softmax(z) / tau
    return F - F.mean()


def _line_search(
    z: np.ndarray, step: np.ndarray, residual: np.ndarray, log_ref: np.ndarray, K: np.ndarray, tau: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the first point along the step, halved time and again, that is better; None if rounding hides it."""
    size, share = np.linalg.norm(residual), 1.0
    while share > _LEAST_SHARE:
        trial = z + share * step
        found = _residual(trial, log_ref, K, tau)
        if np.linalg.norm(found) <= (1 - 1e-4 * share) * size and size > 0:
            return trial, found
        share /= 2
    return None
