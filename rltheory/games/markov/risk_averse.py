r"""Risk-averse equilibria of Markov games of finite horizon: mean less variance, or entropic risk, of one step each.

Both are nested objectives (`nested`), solved by backward induction with one equilibrium in normal form a state.

* *Risk-averse*: in the stage game with the payoffs :math:`Q = r + \gamma P v`, a player maximises the mean less
  :math:`\kappa` times the variance that the others' actions bring (Slumbers et al. 2023). With ``next_state`` the
  randomness of the next state counts as well: :math:`Q = r + \gamma P v - \kappa \gamma^2 \mathrm{Var}_{P} v`.
* *Risk-averse quantal response*: entropic risk of the others' actions less a penalty on certainty, and
  :math:`Q = r + \gamma \rho(v)` with the entropic risk :math:`\rho(v) = -\frac1\tau \log P e^{-\tau v}` of the next
  state (Mazumdar, Panaganti and Shi 2025). Everything is monotone here, so that stage gains add up to a bound on any
  deviation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.nested import entropic_continuation, mean_variance_continuation, nested_equilibrium
from rltheory.games.markov.solution import MarkovEquilibrium
from rltheory.games.risk import (
    Entropic,
    MeanVariance,
    SmoothAversion,
    risk_averse_equilibrium,
    risk_quantal_equilibrium,
)


def markov_risk_averse_equilibrium(
    game: MarkovGame, *, risk_aversion: Any, tremble: float = 0.0, next_state: bool = False, tol: float = 1e-9
) -> MarkovEquilibrium:
    r"""Find a nested risk-averse equilibrium of a Markov game of finite horizon.

    Where a stage has several equilibria, the one that `risk_averse_equilibrium` finds from uniform strategies is taken;
    `nested_equilibrium` takes any other solver of stages.

    Parameters
    ----------
    game : MarkovGame
        With a horizon.
    risk_aversion : float or sequence of n floats
        Weight :math:`\kappa` of the variance, at least 0, in one over reward units: ``gamma`` of
        `risk_averse_equilibrium`.
    tremble : float
        Least probability of every action, less than one over the largest number of actions.
    next_state : bool
        Whether the randomness of the next state is feared too, besides that of the others' actions.
    tol : float
        Accuracy asked of each stage.

    Returns
    -------
    MarkovEquilibrium
        ``value`` and ``gains`` are those of the nested objective; a gain is that of deviating in one state at one step.

    Raises
    ------
    CriterionError
        If the game has no horizon, or a number is out of range.

    Warns
    -----
    ConvergenceWarning
        If a stage was not solved within ``tol``.

    References
    ----------
    Slumbers et al. (2023), A game-theoretic framework for managing risk in multi-agent systems; nested here.

    Examples
    --------
    A stag hunt of two rounds, in which the safe hare is left:

    >>> from rltheory.games.markov import MarkovGame, markov_risk_averse_equilibrium
    >>> stag_hunt = [[[[4, 1], [3, 3]]], [[[4, 3], [1, 3]]]]
    >>> game = MarkovGame.from_arrays([[[[1], [1]], [[1], [1]]]], stag_hunt, gamma=1.0, H=2)
    >>> markov_risk_averse_equilibrium(game, risk_aversion=0.5, tremble=0.1).profile[0][0].round(6)
    array([[0.1, 0.9]])
    """
    aversion = _for_everyone(MeanVariance, risk_aversion)
    stage = partial(risk_averse_equilibrium, aversion=aversion, tremble=tremble, tol=tol)
    weight = game.gamma * np.asarray(risk_aversion, dtype=np.float64)
    feared = mean_variance_continuation(weight) if next_state else None
    return nested_equilibrium(game, stage, continuation=feared, monotone=False)


def markov_risk_quantal_equilibrium(
    game: MarkovGame, *, tau: Any, penalty: Any, next_state_tau: Any = None, tol: float = 1e-9
) -> MarkovEquilibrium:
    r"""Find a nested risk-averse quantal response equilibrium of a Markov game of finite horizon.

    Parameters
    ----------
    game : MarkovGame
        With a horizon.
    tau : float or sequence of n floats
        Aversion to the others' randomness, above 0, in one over reward units.
    penalty : Penalty or sequence of n of them
        What keeps players from certainty, such as ``LogBarrier(epsilon)``.
    next_state_tau : float or sequence of n floats, optional
        Aversion to the randomness of the next state; by default ``tau``.
    tol : float
        Accuracy asked of each stage.

    Returns
    -------
    MarkovEquilibrium
        ``value`` is that of the nested objective, penalties included; ``gains`` bound what any deviation gains in it.

    Raises
    ------
    CriterionError
        If the game has no horizon, or a number is out of range.
    ModelError
        If an aversion is not positive.

    Warns
    -----
    ConvergenceWarning
        If a stage was not solved within ``tol``.

    References
    ----------
    Mazumdar, Panaganti and Shi (2025), Tractable multi-agent reinforcement learning through behavioral economics.

    Examples
    --------
    >>> from rltheory.games.markov import MarkovGame, markov_risk_quantal_equilibrium
    >>> from rltheory.games.risk import LogBarrier
    >>> game = MarkovGame.zero_sum([[[[1], [1]], [[1], [1]]]], [[[1, -1], [-1, 1]]], gamma=1.0, H=2)
    >>> found = markov_risk_quantal_equilibrium(game, tau=1.0, penalty=LogBarrier(1.0))
    >>> found.profile[0][0].round(6), found.exploitability < 1e-8
    (array([[0.5, 0.5]]), True)
    """
    stage = partial(risk_quantal_equilibrium, aversion=_for_everyone(Entropic, tau), penalty=penalty, tol=tol)
    continuation = entropic_continuation(tau if next_state_tau is None else next_state_tau)
    return nested_equilibrium(game, stage, continuation=continuation, monotone=True)


def _for_everyone(kind: Callable[[float], SmoothAversion], number: Any) -> SmoothAversion | tuple[SmoothAversion, ...]:
    """Return the aversion with this number, or one for each player's number."""
    return kind(number) if np.ndim(number) == 0 else tuple(kind(float(own)) for own in number)
