r"""Risk-averse equilibria: everyone plays a best response in mean less variance, and every action has some probability.

Slumbers and others (2023) ask players to reduce what they may lose through the others' strategies. With the product law
q of all others' joint actions b and the player's payoffs A, whose mean and covariance are

.. math:: \mu = A q, \qquad \Sigma = \sum_b q_b (A_b - \mu)(A_b - \mu)^\top,

player i maximises :math:`p \cdot \mu - \gamma\, p^\top \Sigma p` over the trembling simplex
:math:`\Delta_\epsilon = \{ p : p_a \ge \epsilon \}`; a *risk-averse equilibrium* is a profile at which all do. The
variance is that of the payoff :math:`z_b = p^\top A_b` due to the others alone: the player's own mixing is averaged
first. So the objective is concave in p and continuous, best responses are convex sets, and by Kakutani's theorem an
equilibrium exists. With :math:`\gamma = \epsilon = 0` it is Nash's.

The trembles matter: without them a strict equilibrium in pure strategies bears no risk at all, and stays an equilibrium
for every :math:`\gamma`.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.dynamics import certified, is_within, proven, weights_of
from rltheory.games.risk.own_variance import best_pure_profile
from rltheory.games.risk.play import Play
from rltheory.games.risk.search import first_within, method_of, searches
from rltheory.models import CriterionError


def risk_averse_equilibrium(
    game: NormalFormGame,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    own_variance: bool = False,
    start: Any = None,
    tol: float = 1e-9,
    starts: int = 32,
    rng: Any = 0,
) -> Equilibrium:
    r"""Find a risk-averse equilibrium, with a proof of how good it is.

    Fictitious play is followed by Newton's method, from the given start (or uniform strategies), then from pure and
    random profiles, until a certificate is within ``tol`` (`search`). Other algorithms are `damped_best_response`,
    `risk_averse_fictitious_play` and `column_generation`. A game may have several equilibria: `risk_averse_equilibria`
    looks for more, `two_by_two_equilibria` finds all of a small game, and `equilibrium_path` follows one as gamma
    grows.

    Parameters
    ----------
    game : NormalFormGame
        The game, of any number of players.
    gamma : float or sequence of n floats, optional
        Weight of the variance, at least 0, in units of one over payoff.
    aversion : Aversion or sequence of n of them, optional
        What the players maximise, given instead of ``gamma``: `MeanVariance`, `Entropic`, `PartialMoment`, `CVaR`, ...
    tremble : float
        Least probability :math:`\epsilon` of every action, in [0, 1/m).
    own_variance : bool
        Also count the variance of the player's own mixing. A negative control, for ``gamma`` only: objectives become
        convex, best responses pure, and there may be no equilibrium at all (`best_pure_profile`).
    start : sequence of n array_like, optional
        First profile to try; an action's number stands for playing it as often as trembles allow, an array for itself.
    tol : float
        Largest exploitability asked for, in units of the spread of payoffs and of the aversion to it.
    starts : int
        How many searches to try at most.
    rng : int or Generator
        For random starts.

    Returns
    -------
    Equilibrium
        Its gains and values are those of the players' own objectives.

    Raises
    ------
    ModelError
        If the start does not fit the game.
    CriterionError
        If gamma is negative or not finite, not exactly one of gamma and aversion is given, or the tremble is not below
        one over the number of actions.

    Warns
    -----
    ConvergenceWarning
        If no certificate was within ``tol``.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import risk_averse_equilibrium
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> safe = risk_averse_equilibrium(stag_hunt, gamma=0.5, tremble=0.1)
    >>> safe.profile[0].round(6), safe.exploitability < 1e-12
    (array([0.1, 0.9]), True)
    """
    if own_variance:
        if gamma is None or aversion is not None:
            raise CriterionError("own_variance needs gamma, and takes no other aversion")
        return best_pure_profile(game, gamma=gamma, tremble=tremble, tol=tol)
    play = Play.of(game, gamma, aversion, tremble)
    weights, tried = first_within(play, weights_of(play, start), tol, starts, rng)
    return certified(play, weights, tol, method=method_of(play), iterations=tried)


def risk_averse_equilibria(
    game: NormalFormGame,
    *,
    gamma: Any = None,
    aversion: Any = None,
    tremble: float = 0.0,
    tol: float = 1e-9,
    starts: int = 32,
    distance: float = 1e-5,
    rng: Any = 0,
) -> list[Equilibrium]:
    """Return the different risk-averse equilibria that searches from many profiles find: maybe not all.

    Parameters
    ----------
    game, gamma, aversion, tremble, tol, starts, rng
        As for `risk_averse_equilibrium`.
    distance : float
        Profiles nearer than this in every probability count as one.

    Returns
    -------
    list of Equilibrium
        In the order in which they were found; all certificates are within ``tol``.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_averse_equilibrium`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import risk_averse_equilibria
    >>> stag_hunt = NormalFormGame.symmetric([[4, 1], [3, 3]])
    >>> found = risk_averse_equilibria(stag_hunt, gamma=0.2, tremble=0.1)
    >>> sorted(round(float(equilibrium.profile[0][0]), 4) for equilibrium in found)
    [0.1, 0.8144, 0.9]
    """
    play = Play.of(game, gamma, aversion, tremble)
    found: list[Equilibrium] = []
    for weights in itertools.islice(searches(play, weights_of(play, None), tol, rng), starts):
        answer = proven(play, weights, method=method_of(play), iterations=0)
        if is_within(play, answer.gains, tol) and not any(_near(answer, other, distance) for other in found):
            found.append(answer)
    return found


def _near(one: Equilibrium, other: Equilibrium, distance: float) -> bool:
    return all(np.abs(p - q).max() < distance for p, q in zip(one.profile, other.profile, strict=True))
