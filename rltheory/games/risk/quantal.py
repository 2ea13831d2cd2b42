r"""Risk-averse quantal response equilibria: everyone fears the others' randomness, and everyone makes mistakes.

Player i maximises (Mazumdar, Panaganti and Shi 2025, who minimise the negative)

.. math:: -J_i(\pi) = \min_p \Big\{ \pi_i^\top R_i\, p + \frac1{\tau_i} D(p, \pi_{-i}) \Big\} - \epsilon_i \nu(\pi_i),

the value of an aversion to risk less a penalty. Two pairs are theirs: relative entropy with a log barrier
(``Entropic(tau)``, ``LogBarrier(epsilon)``), and the reversed divergence with negative entropy
(``ReverseEntropic(tau)``, ``NegativeEntropy(epsilon)``); any other pair of a smooth aversion and a penalty will do. As
:math:`\tau \to 0` negative entropy gives the logit quantal response equilibrium; as :math:`\epsilon \to 0` and to
second order in :math:`\tau`, `Entropic` the risk-averse equilibrium with :math:`\gamma = \tau / 2`.

With :math:`g_i` the gradient of the aversion's value in :math:`\pi_i`, an equilibrium is a fixed point of the best
responses :math:`\pi_i = \arg\max_p \{ g_i(\pi) \cdot p - \epsilon_i \nu(p) \}`. In logarithms it is a smooth equation,
which Newton's method solves. For two players and either pair, the operator of the gradients is monotone whenever
:math:`\epsilon_1 \epsilon_2 \tau_1 \tau_2 \ge 1/16` (`bounds.monotone_determinant`), and then `quantal_mirror_prox`
converges.

Whoever found a profile, no player gains more by deviating than
:math:`\max_p \{ g_i \cdot p - \epsilon_i \nu(p) \} - (g_i \cdot \pi_i - \epsilon_i \nu(\pi_i))`, since
the aversion's value is concave.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.risk.best_response import slope_rounding
from rltheory.games.risk.penalties import LEAST_PROBABILITY, Penalty
from rltheory.games.risk.play import Play, Profile, for_everyone
from rltheory.games.risk.smooth import SmoothAversion
from rltheory.models import ConvergenceWarning, CriterionError, ModelError
from rltheory.planning.rounding import growth, largest_size, outward

_STEPS, _HALVINGS, _ROUNDS, _MOST_ROUNDS = 100, 30, 30, 1000


def quantal_profile(
    game: NormalFormGame, profile: Any, *, aversion: Any, penalty: Any, method: str, iterations: int = 0
) -> Equilibrium:
    """Return a profile with its certificate as an approximate risk-averse quantal equilibrium, whoever found it.

    Parameters
    ----------
    game : NormalFormGame
        The game, of any number of players.
    profile : sequence of n array_like
        A mixed strategy for each player, with no probability of 0.
    aversion : SmoothAversion or sequence of n of them
        What the players fear.
    penalty : Penalty or sequence of n of them
        What keeps them from certainty.
    method : str
        Where the profile comes from.
    iterations : int
        How many steps it took.

    Returns
    -------
    Equilibrium
        Its values are those of the players' objectives, -J, and its gains what they gain in them by deviating.

    Raises
    ------
    ModelError
        If the profile does not fit the game, or has a probability of 0.
    CriterionError
        If an aversion or a penalty is none, or there are not as many as players.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import Entropic, LogBarrier, quantal_profile
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> half = [0.5, 0.5]
    >>> found = quantal_profile(pennies, [half, half], aversion=Entropic(1.0), penalty=LogBarrier(0.1), method="")
    >>> found.exploitability < 1e-12
    True
    """
    return QuantalPlay.of(game, aversion, penalty).certificate(profile, method, iterations)


def risk_quantal_equilibrium(
    game: NormalFormGame,
    *,
    aversion: Any,
    penalty: Any,
    start: Any = None,
    tol: float = 1e-9,
    starts: int = 32,
    rng: Any = 0,
) -> Equilibrium:
    """Find a risk-averse quantal response equilibrium by Newton's method, with a proof of how good it is.

    Mistakes are first made so likely that uniform strategies are nearly best, and then less so, by halves. Where this
    path breaks off, as it may if there are several equilibria, averages of responses from random profiles are tried.

    Parameters
    ----------
    game : NormalFormGame
        The game, of any number of players.
    aversion : SmoothAversion or sequence of n of them
        What the players fear, such as ``Entropic(tau)``.
    penalty : Penalty or sequence of n of them
        What keeps them from certainty, such as ``LogBarrier(epsilon)``.
    start : sequence of n array_like, optional
        Where Newton's method starts instead, with no probability of 0.
    tol : float
        Largest exploitability asked for, in units of the spread of payoffs and of the aversion to it.
    starts : int
        How many profiles to start from at most.
    rng : int or Generator
        For random starts.

    Returns
    -------
    Equilibrium
        Its values are those of the players' objectives, -J; ``iterations`` counts Newton's steps.

    Raises
    ------
    ModelError
        If the start does not fit the game, or has a probability of 0.
    CriterionError
        If an aversion or a penalty is none, or there are not as many as players.

    Warns
    -----
    ConvergenceWarning
        If no exploitability was within ``tol``.

    Examples
    --------
    Matching pennies with asymmetric payoffs, as people played it (0.47 and 0.65):

    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.risk import Entropic, LogBarrier, risk_quantal_equilibrium
    >>> game = NormalFormGame([[[200, 160], [370, 10]], [[160, 10], [200, 370]]])
    >>> aversion, penalty = (Entropic(0.001), Entropic(0.06)), (LogBarrier(170), LogBarrier(110))
    >>> found = risk_quantal_equilibrium(game, aversion=aversion, penalty=penalty)
    >>> [float(p[0].round(4)) for p in found.profile]
    [0.468, 0.6542]
    """
    play = QuantalPlay.of(game, aversion, penalty)
    best, least, taken = [], np.inf, 0
    for profile, steps in itertools.islice(_attempts(play, start, rng), starts):
        gains = play.gains(profile)
        taken += steps
        if gains.max() < least:
            best, least = profile, float(gains.max())
        if play.is_within(profile, tol):
            best = profile
            break
    return play.concluded(best, tol, method="Newton", iterations=taken)


@dataclass(frozen=True, slots=True, eq=False)
class QuantalPlay:
    """A game whose players fear risk and make mistakes.

    Parameters
    ----------
    inner : Play
        The game with the aversions to risk.
    penalties : tuple of n Penalty
        What keeps the players from certainty.
    """

    inner: Play
    penalties: tuple[Penalty, ...]

    @classmethod
    def of(cls, game: NormalFormGame, aversion: Any, penalty: Any) -> QuantalPlay:
        """Return the play, with its arguments checked."""
        inner, penalties = Play.of(game, None, aversion, 0.0), for_everyone(game, penalty, "penalty")
        for one in inner.aversions:
            if not isinstance(one, SmoothAversion):
                raise CriterionError(f"aversion is {one!r}; it must be smooth, such as Entropic(0.5)")
        for given in penalties:
            if not isinstance(given, Penalty):
                raise CriterionError(f"penalty is {given!r}; it must be one, such as LogBarrier(0.1)")
        return cls(inner, penalties)

    def checked(self, profile: Any) -> tuple[np.ndarray, ...]:
        """Return a profile of strategies that sum to 1 and have no zero."""
        profile = self.inner.checked(profile)
        for i, p in enumerate(profile):
            if not p.min() > 0:
                name = self.inner.game.player_name(i)
                raise ModelError(
                    f"player {name} plays action {int(p.argmin())} with probability 0; penalties forbid it"
                )
        return profile

    def gains(self, profile: Profile) -> np.ndarray:
        """Return how much each player gains at most by deviating, rounding included."""
        gains, hidden = self._gains(profile)
        return outward(gains + hidden, 2)

    def is_within(self, profile: Profile, tol: float) -> bool:
        """Whether no gain is above tol, in units of `Play.tolerances`, but for what rounding of the penalties hides."""
        return bool((self._gains(profile)[0] <= tol * self.inner.tolerances).all())

    def _gains(self, profile: Profile) -> tuple[np.ndarray, np.ndarray]:
        """Return what each player gains at most but for rounding of the penalties, and a bound on this rounding."""
        gains, hidden = np.zeros(len(profile)), np.zeros(len(profile))
        for i, (p, penalty) in enumerate(zip(profile, self.penalties, strict=True)):
            A, q, aversion = self.inner.views[i], self.inner.law(profile, i), self.inner.aversions[i]
            gains[i] = slope_rounding(A, aversion.slope(A.T @ p, q), aversion)
            if p.size > 1:
                g = self.inner.gradient(profile, i)
                ceiling, cost = penalty.ceiling(g), penalty.value(p)
                gains[i] += max(ceiling - (float(g @ p) - cost), 0.0)
                # Logarithms are within four units in the last place; the terms of either penalty have one sign.
                terms = largest_size(g) + abs(ceiling) + abs(cost) + 4 * penalty.epsilon * p.size
                hidden[i] = growth(2.0 * p.size + 32) * terms
        return gains, hidden

    def certificate(self, profile: Any, method: str, iterations: int) -> Equilibrium:
        """Return a profile with its certificate."""
        profile = self.checked(profile)
        costs = [penalty.value(p) for p, penalty in zip(profile, self.penalties, strict=True)]
        return Equilibrium(
            self.inner.game,
            profile,
            self.gains(profile),
            self.inner.values(profile) - costs,
            "risk-averse quantal response",
            method,
            iterations,
        )

    def concluded(self, profile: Profile, tol: float, *, method: str, iterations: int) -> Equilibrium:
        """Return a profile with its certificate, and warn if it is above tol."""
        answer = self.certificate(profile, method, iterations)
        if not self.is_within(answer.profile, tol):
            warnings.warn(
                f"exploitability {answer.exploitability:.3g} is above tol {tol:.3g} (times the spread of payoffs) after"
                f" {iterations} steps of {method}: try another start, or a larger tol",
                ConvergenceWarning,
                stacklevel=3,
            )
        return answer


def _attempts(play: QuantalPlay, start: Any, rng: Any) -> Iterator[tuple[list[np.ndarray], int]]:
    """Yield what Newton's method finds, and its steps: as mistakes become rare, then from averages of responses."""
    game, rng = play.inner.game, np.random.default_rng(rng)
    profile, steps, halvings = [np.full(m, 1 / m) for m in game.n_actions], 0, 0
    if start is None:
        most = max(spread / one.epsilon for spread, one in zip(game.payoff_ranges, play.penalties, strict=True))
        halvings = int(np.ceil(np.log2(max(most, 1.0))))
    else:
        profile = list(play.checked(start))
    for k in range(halvings, -1, -1):
        profile, taken = _newton(play, profile, 2.0**k)
        steps += taken
    yield profile, steps
    for attempt in itertools.count():
        profile = [rng.dirichlet(np.ones(m)) for m in game.n_actions]
        for t in range(min(_ROUNDS * 2**attempt, _MOST_ROUNDS)):
            responses = [one.response(play.inner.gradient(profile, i)) for i, one in enumerate(play.penalties)]
            profile = [p + 2 / (t + 3) * (better - p) for p, better in zip(profile, responses, strict=True)]
        yield _newton(play, profile, 1.0)


def _newton(play: QuantalPlay, profile: Profile, scale: float) -> tuple[list[np.ndarray], int]:
    """Solve log p = log response(p), with penalties enlarged by a factor; return the profile and the steps taken."""
    logits = [np.log(p) for p in profile]
    residual, slopes = _residual(play, logits, scale)
    cuts = np.cumsum([x.size for x in logits])[:-1]
    for taken in range(_STEPS):
        size = np.linalg.norm(residual)
        if size < 1e-14:
            return _strategies(logits), taken
        direction = np.split(np.linalg.lstsq(slopes, -residual, rcond=None)[0], cuts)
        step = 1.0
        for _ in range(_HALVINGS):
            ahead = [x + step * d for x, d in zip(logits, direction, strict=True)]
            residual_ahead, slopes_ahead = _residual(play, ahead, scale)
            if np.linalg.norm(residual_ahead) < (1 - 1e-4 * step) * size:
                break
            step /= 2
        else:
            return _strategies(logits), taken
        logits, residual, slopes = ahead, residual_ahead, slopes_ahead
    return _strategies(logits), _STEPS


def _strategies(logits: list[np.ndarray]) -> list[np.ndarray]:
    tilted = [np.maximum(np.exp(x - x.max()), LEAST_PROBABILITY) for x in logits]
    return [t / t.sum() for t in tilted]


def _residual(play: QuantalPlay, logits: list[np.ndarray], scale: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Return :math:`\ln p - \ln \mathrm{response}(p)`, less its mean, and its derivative in the logits.

    With :math:`v = 1 / (\epsilon \nu'')`, responses move by :math:`\operatorname{diag} v - v v^\top / \sum v` times the
    change of the gradient.
    """
    inner, profile = play.inner, _strategies(logits)
    residual, rows = [], []
    for i, (p, penalty) in enumerate(zip(profile, play.penalties, strict=True)):
        response = penalty.response(inner.gradient(profile, i), scale)
        gap, centre = np.log(p) - np.log(response), np.eye(p.size) - 1 / p.size
        v = 1 / (scale * penalty.curvature(response))
        moves = centre @ ((np.diag(v) - np.outer(v, v / v.sum())) / response[:, None])
        blocks = []
        for j, other in enumerate(profile):
            softmax = np.diag(other) - np.outer(other, other)
            blocks.append((centre if i == j else 0.0) - moves @ inner.gradient_slopes(profile, i, j) @ softmax)
        residual.append(centre @ gap)
        rows.append(np.hstack(blocks))
    return np.concatenate(residual), np.vstack(rows)
