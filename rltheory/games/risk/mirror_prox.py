r"""Mirror-prox for risk-averse quantal equilibria: two steps along gradients, of which the second counts.

Minimising over the adversaries leaves a monotone operator monotone, so that with exact worst laws the strategies alone
are iterated. The penalty is taken exactly in every step, and is also its yardstick: with Bregman's divergence D of the
penalty, steps have the closed forms of `penalties`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.penalties import Penalty
from rltheory.games.risk.play import for_everyone
from rltheory.games.risk.quantal import QuantalPlay
from rltheory.models import CriterionError


def quantal_mirror_prox(
    game: NormalFormGame,
    *,
    aversion: Any,
    penalty: Any,
    start: Any = None,
    weights: Any = None,
    tol: float = 1e-9,
    max_iterations: int = 10_000,
) -> Equilibrium:
    r"""Find a risk-averse quantal response equilibrium by mirror-prox: two steps along gradients, one that counts.

    With gradients :math:`g_i` of the aversions' values and weights :math:`w_i` of the players,

    .. math::

       x_i = \arg\max_x \{ \eta w_i (g_i(\pi) \cdot x - \epsilon_i \nu(x)) - D_i(x, \pi_i) \}, \qquad
       \pi_i' = \arg\max_y \{ \eta w_i (g_i(x) \cdot y - \epsilon_i \nu(y)) - D_i(y, \pi_i) \}

    (Korpelevich 1976; Nemirovski 2004), where :math:`\eta` is halved while
    :math:`\eta \sum_i w_i (g_i(\pi) - g_i(x)) \cdot (x_i - \pi_i')` is above the divergences
    :math:`\sum_i D_i(x_i, \pi_i) + D_i(\pi_i', x_i)`. It converges where the weighted operator is monotone, for two
    players from :math:`\epsilon_1 \epsilon_2 \tau_1 \tau_2 \ge 1/16` on, and needs no second derivatives.

    Parameters
    ----------
    game, aversion, penalty, tol
        As for `risk_quantal_equilibrium`.
    start : sequence of n array_like, optional
        First profile; by default everyone plays all actions alike.
    weights : sequence of n floats, optional
        The :math:`w_i`, such as `bounds.player_weights`; by default 1.
    max_iterations : int
        Limit on rounds.

    Returns
    -------
    Equilibrium
        Its values are those of the players' objectives, -J.

    Raises
    ------
    ModelError, CriterionError
        As for `risk_quantal_equilibrium`; also if a weight is not positive.

    Warns
    -----
    ConvergenceWarning
        If the exploitability is above ``tol``.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import NegativeEntropy, ReverseEntropic, quantal_mirror_prox
    >>> game = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> quantal_mirror_prox(game, aversion=ReverseEntropic(0.5), penalty=NegativeEntropy(1.0)).exploitability < 1e-7
    True
    """
    play = QuantalPlay.of(game, aversion, penalty)
    w = for_everyone(game, 1.0 if weights is None else weights, "weights")
    if not all(0 < one < np.inf for one in w):
        raise CriterionError(f"weights are {weights}; they must be positive and finite")
    profile = [np.full(m, 1 / m) for m in game.n_actions] if start is None else list(play.checked(start))
    eta, t = 1.0, 0
    for t in range(max_iterations + 1):
        if play.is_within(profile, tol) or t == max_iterations:
            break
        profile, eta = _mirror_prox_step(play, profile, w, eta)
    return play.concluded(profile, tol, method="mirror-prox", iterations=t)


def _mirror_prox_step(
    play: QuantalPlay, profile: list[np.ndarray], w: tuple[float, ...], eta: float
) -> tuple[list[np.ndarray], float]:
    """Return the next profile and a step for the one after it."""
    here = [play.inner.gradient(profile, i) for i in range(len(profile))]
    while True:
        half = _prox(play, profile, here, w, eta)
        there = [play.inner.gradient(half, i) for i in range(len(profile))]
        ahead = _prox(play, profile, there, w, eta)
        turn = sum(
            eta * weight * float((h - t) @ (x - y))
            for weight, h, t, x, y in zip(w, here, there, half, ahead, strict=True)
        )
        way = sum(
            _divergence(penalty, x, p) + _divergence(penalty, y, x)
            for penalty, p, x, y in zip(play.penalties, profile, half, ahead, strict=True)
        )
        if turn <= way + 1e-15 * abs(turn) or eta < 1e-12:
            return ahead, 1.5 * eta
        eta /= 2


def _prox(
    play: QuantalPlay, profile: list[np.ndarray], gradients: list[np.ndarray], w: tuple[float, ...], eta: float
) -> list[np.ndarray]:
    """Return the strategies that maximise eta w (g x - penalty(x)) less the divergence of the penalty from here."""
    return [
        penalty.response(eta * weight * g + penalty.slope(p), 1 + eta * weight)
        for penalty, weight, g, p in zip(play.penalties, w, gradients, profile, strict=True)
    ]


def _divergence(penalty: Penalty, x: np.ndarray, y: np.ndarray) -> float:
    """Return Bregman's divergence of the penalty between two strategies."""
    return max(penalty.value(x) - penalty.value(y) - float(penalty.slope(y) @ (x - y)), 0.0)
