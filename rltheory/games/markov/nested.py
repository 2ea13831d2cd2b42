r"""Players of a Markov game who dislike risk, one step at a time: nested objectives and their equilibria.

A nested objective is built from the last step to the first,

.. math::

   Q_{i, t}(s, a) = r_{i, t}(s, a) + \gamma\, \rho_i\big( v_{i, t+1} \mid P_t(\cdot \mid s, a) \big), \qquad
   v_{i, t}(s) = U_i\big( \sigma_t(s);\, Q_t(s, \cdot) \big),

where :math:`\rho_i` weighs the randomness of the next state, and the stage's objective :math:`U_i` that of the other
players' actions (a mean less their variance, or an entropic risk). It is consistent in time: what is best tomorrow,
seen from today, is best tomorrow. It is *not* a risk measure of the total return; the variance that it penalises, for
example, is that of one step's outlook.

If :math:`\rho_i` and :math:`U_i` are monotone and a constant just adds to them, as a mean and an entropic risk do, then
what a player gains in the stage games adds up to a bound on what she gains by any deviation, as for expected returns.
Mean less variance is not monotone: there, gains are those of deviating in one state at one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.games.markov.backward_induction import StageAnswers, StageSolver, require_horizon
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.solution import MarkovEquilibrium
from rltheory.models import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Continuation = Callable[["csr_array", np.ndarray], np.ndarray]
"""From kernel (n_joint, n_states) and values (n_players, n_states) to what follows is worth, (n_players, n_joint)."""


def nested_equilibrium(
    game: MarkovGame, stage: StageSolver, *, continuation: Continuation | None = None, monotone: bool
) -> MarkovEquilibrium:
    r"""Find an equilibrium of nested objectives by backward induction.

    Parameters
    ----------
    game : MarkovGame
        With a horizon.
    stage : callable
        From a `NormalFormGame` to an `Equilibrium` whose ``value`` is what each player maximises there, and whose
        ``gains`` are in the same units: of a risk-averse equilibrium, the mean of payoffs less their variance.
    continuation : callable, optional
        How the next state is valued: from the kernel, (n_joint, n_states), and the values, (n_players, n_states), to an
        array (n_players, n_joint). By default the expectation; `entropic_continuation` and
        `mean_variance_continuation` make others.
    monotone : bool
        Whether stage and continuation are monotone in the payoffs, and a constant added to these just adds to them.

    Returns
    -------
    MarkovEquilibrium
        ``gains`` bound what any deviation gains if all is monotone,
        :math:`\delta_0(s) + \sum_{t \ge 1} \gamma^t \max_{s'} \delta_t(s')`, and else what deviating once gains: the
        largest of the stage gains.

    Raises
    ------
    CriterionError
        If the game has no horizon.

    Examples
    --------
    >>> from rltheory.games import nash_profile
    >>> from rltheory.games.markov import MarkovGame, entropic_continuation, nested_equilibrium
    >>> bet = MarkovGame.from_arrays([[[0, 0.5, 0.5]], [[0, 1, 0]], [[0, 0, 1]]], [[[0], [1], [0]]], gamma=1.0, H=2)
    >>> def alone(stage):
    ...     return nash_profile(stage, [0], method="no choice")
    >>> averse = nested_equilibrium(bet, alone, continuation=entropic_continuation(2.0), monotone=True)
    >>> averse.value[0, 0].round(6)
    array([0.28311, 2.     , 0.     ])
    """
    require_horizon(game)
    v, stages, values = np.zeros((game.n_players, game.n_states)), StageAnswers(game), []
    values.append(v)
    for t in reversed(range(game.H or 0)):
        worth = (game.rows(t) @ v.T).T if continuation is None else continuation(game.rows(t), v)
        v = stages.solve(stage, game.rewards(t) + game.gamma * worth)
        values.append(v)
    found = stages.gains()
    return MarkovEquilibrium(
        game,
        *stages.played(),
        np.stack(values[::-1], axis=1),
        _accumulated(found, game.gamma) if monotone else found.max(axis=1),
        found,
        f"nested {stages.concept}",
        f"backward induction with {stages.method}",
    )


def entropic_continuation(tau: Any) -> Continuation:
    r"""Value the next state by its entropic risk: :math:`\rho(v) = -\frac1\tau \log \sum_{s'} P(s')\, e^{-\tau v(s')}`.

    Parameters
    ----------
    tau : float or array_like, shape (n_players,)
        Aversion, above 0, in one over reward units; as tau goes to 0 the mean is left.

    Returns
    -------
    callable

    Raises
    ------
    ModelError
        If a ``tau`` is not positive and finite.
    """
    rates = np.asarray(tau, dtype=np.float64)
    if not ((rates > 0) & (rates < np.inf)).all():
        raise ModelError(f"tau is {tau}; it is positive and finite")

    def worth(P: csr_array, v: np.ndarray) -> np.ndarray:
        rate = np.broadcast_to(rates, (len(v),))[:, None]
        least = v.min(axis=1, keepdims=True)
        return least - np.log(P @ np.exp(-rate * (v - least)).T).T / rate

    return worth


def mean_variance_continuation(risk_aversion: Any) -> Continuation:
    r"""Value the next state by mean less variance: :math:`P v - \kappa\, (P v^2 - (P v)^2)`; this is not monotone.

    Parameters
    ----------
    risk_aversion : float or array_like, shape (n_players,)
        The weight :math:`\kappa` of the variance, at least 0, in one over reward units.

    Returns
    -------
    callable

    Raises
    ------
    ModelError
        If a weight is negative or not finite.
    """
    weight = np.asarray(risk_aversion, dtype=np.float64)
    if not ((weight >= 0) & (weight < np.inf)).all():
        raise ModelError(f"risk_aversion is {risk_aversion}; it is at least 0 and finite")

    def worth(P: csr_array, v: np.ndarray) -> np.ndarray:
        centred = v - v.min(axis=1, keepdims=True)
        mean, square = (P @ centred.T).T, (P @ (centred**2).T).T
        variance = np.maximum(square - mean**2, 0.0)
        return (P @ v.T).T - np.broadcast_to(weight, (len(v),))[:, None] * variance

    return worth


def _accumulated(gains: np.ndarray, gamma: float) -> np.ndarray:
    """Return the gains of the first step, and the largest of each later one, discounted."""
    later = gains[:, 1:].max(axis=2) @ gamma ** np.arange(1, gains.shape[1]) if gains.shape[1] > 1 else 0.0
    return gains[:, 0] + np.reshape(later, (-1, 1))
