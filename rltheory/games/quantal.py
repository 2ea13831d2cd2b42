r"""Logit quantal response equilibria: players who err, and the less likely the more an error costs.

At the precision :math:`\lambda \ge 0`, in 1 / payoff units, each player's mixed strategy is the logit response to the
others' (McKelvey and Palfrey 1995):

.. math:: \sigma_i(a) = \frac{e^{\lambda u_i(a, \sigma_{-i})}}{\sum_b e^{\lambda u_i(b, \sigma_{-i})}}.

At :math:`\lambda = 0` play is uniform; as :math:`\lambda \to \infty` equilibria accumulate at Nash equilibria, since
no player gains more than :math:`W((m_i - 1)/e)/\lambda \le \ln(m_i)/\lambda` by deviating
(`rltheory.games.bounds.quantal.logit_gain`). One exists for each :math:`\lambda` by Brouwer's theorem, and is unique
for small ones (`unique_below`); there Newton's method finds it from uniform play. Beyond, there may be several, and
"the" equilibrium is the one that is connected with uniform play: `rltheory.games.quantal_branch` follows it.

All is computed in log-probabilities, so that nothing underflows, and of payoffs divided by their largest regret, so
that the scale does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rltheory.games._continuation import MOST_POINTS, Curve
from rltheory.games._logit import LogitSystem, log_softmax
from rltheory.games.bounds.quantal import unique_below
from rltheory.games.deviations import deviation_payoffs, expected_payoffs, gains
from rltheory.games.equilibrium import Equilibrium
from rltheory.games.normal_form import NormalFormGame, checked_profile
from rltheory.models import CriterionError, ModelError
from rltheory.models import _validation as valid


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LogitEquilibrium(Equilibrium):
    """A logit quantal response equilibrium.

    Its ``gains`` are those of an `Equilibrium`, of a player who would deviate without erring; they are at most
    `rltheory.games.bounds.quantal.approximate_logit_gain`, not zero.

    Parameters
    ----------
    lam : float
        Precision of the players, in 1 / payoff units.
    log_profile : tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        Logarithms of the probabilities, also of those that are too small for a float.
    residual : float
        Largest difference of a log-probability from that of the logit response.
    """

    lam: float
    log_profile: tuple[np.ndarray, ...] = field(repr=False)
    residual: float

    def __post_init__(self) -> None:
        Equilibrium.__post_init__(self)
        object.__setattr__(self, "log_profile", tuple(valid.frozen(x) for x in self.log_profile))

    def __repr__(self) -> str:
        values = ", ".join(f"{v:.6g}" for v in self.value)
        return (
            f"LogitEquilibrium(lam={self.lam:.6g}, residual={self.residual:.3g},"
            f" exploitability={self.exploitability:.3g}, value ({values}), {self.method})"
        )


def logit_equilibrium(game: NormalFormGame, lam: float, *, start: Any = None) -> LogitEquilibrium:
    r"""Return a logit equilibrium at one precision, by Newton's method with damped steps on the fixed point.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    lam : float
        Precision, in 1 / payoff units, at least 0.
    start : profile, optional
        From where to search. By default the answer is the equilibrium that is connected with uniform play: the first
        with this precision on the principal branch.

    Returns
    -------
    LogitEquilibrium

    Raises
    ------
    CriterionError
        If ``lam`` is negative or not finite, or no equilibrium was found.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.quantal import logit_equilibrium
    >>> pennies = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> [p.round(4).tolist() for p in logit_equilibrium(pennies, lam=1.0).profile]
    [[0.8936, 0.1064], [0.3128, 0.6872]]
    """
    lam = checked_precision(lam)
    system = LogitSystem.of(game)
    nu = lam * system.scale
    if start is None:
        return _connected_with_uniform_play(game, system, lam)
    begin = np.concatenate(_log_response(game, start, lam))
    x, steps, converged = system.solved(begin, nu)
    if not converged:
        raise CriterionError(
            f"Newton's method found no logit equilibrium at lam={lam:g} from this start; without one, the principal"
            f" branch is followed"
        )
    return certified_logit(game, system.split(x), lam, "Newton", steps)


def _connected_with_uniform_play(game: NormalFormGame, system: LogitSystem, lam: float) -> LogitEquilibrium:
    nu = lam * system.scale
    if lam < unique_below(game):
        x, steps, converged = system.solved(system.uniform, nu)
        if converged:
            return certified_logit(game, system.split(x), lam, "Newton", steps)
    points = list(Curve(system, nu, MOST_POINTS))
    if points[-1].nu != nu:
        raise CriterionError(
            f"the principal branch could be followed up to lam={points[-1].nu / system.scale:g} only, not to {lam:g};"
            f" give a start"
        )
    return certified_logit(game, system.split(points[-1].x), lam, "branch", len(points))


def logit_response(game: NormalFormGame, profile: Any, lam: float) -> tuple[np.ndarray, ...]:
    r"""Return what each player answers to the others' strategies: :math:`\sigma_i(a) \propto e^{\lambda u_i(a)}`.

    Parameters
    ----------
    game : NormalFormGame
    profile : sequence of n array_like
        A mixed strategy for each player, or the number of an action.
    lam : float
        Precision, in 1 / payoff units, at least 0.

    Returns
    -------
    tuple of n ndarray, of shapes (m_1,), ..., (m_n,)

    Raises
    ------
    CriterionError
        If ``lam`` is negative or not finite.
    ModelError
        If the profile does not fit the game.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.quantal import logit_response
    >>> logit_response(NormalFormGame.symmetric([[1, 0], [0, 0]]), [0, 0], lam=np.log(3))
    (array([0.75, 0.25]), array([0.75, 0.25]))
    """
    return tuple(np.exp(x) for x in _log_response(game, profile, checked_precision(lam)))


def logit_residual(game: NormalFormGame, log_profile: Any, lam: float) -> float:
    r"""Return how far a profile is from a logit equilibrium: the largest difference of log-probabilities.

    .. math:: \max_{i, a} \Big| \log \sigma_i(a) - \lambda u_i(a, \sigma_{-i})
       + \log \sum_b e^{\lambda u_i(b, \sigma_{-i})} \Big|.

    Parameters
    ----------
    game : NormalFormGame
    log_profile : sequence of n array_like, of shapes (m_1,), ..., (m_n,)
        Logarithms of probabilities, finite.
    lam : float
        Precision, in 1 / payoff units, at least 0.

    Returns
    -------
    float

    Raises
    ------
    CriterionError
        If ``lam`` is negative or not finite.
    ModelError
        If the exponentials are no profile of the game, or a logarithm is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.quantal import logit_residual
    >>> logit_residual(NormalFormGame.zero_sum([[1, -1], [-1, 1]]), np.log([[0.5, 0.5], [0.5, 0.5]]), lam=3.0)
    0.0
    """
    lam = checked_precision(lam)
    logs = tuple(np.asarray(x, dtype=np.float64) for x in log_profile)
    profile = checked_profile(game, [np.exp(x) for x in logs])
    if not all(np.isfinite(x).all() for x in logs):
        raise ModelError("log_profile has an entry that is not finite; every action of a response has a logarithm")
    response = _log_response(game, [p / p.sum() for p in profile], lam)
    return max(float(np.abs(x - y).max()) for x, y in zip(logs, response, strict=True))


def certified_logit(
    game: NormalFormGame, log_profile: tuple[np.ndarray, ...], lam: float, method: str, iterations: int
) -> LogitEquilibrium:
    """Return a profile as an approximate logit equilibrium, with its residual and the gains of those who do not err."""
    log_profile = tuple(log_softmax(x) for x in log_profile)
    profile = tuple(np.exp(x) for x in log_profile)
    return LogitEquilibrium(
        game=game,
        profile=profile,
        gains=gains(game, profile),
        value=expected_payoffs(game, profile),
        concept="logit",
        method=method,
        iterations=iterations,
        lam=lam,
        log_profile=log_profile,
        residual=logit_residual(game, log_profile, lam),
    )


def _log_response(game: NormalFormGame, profile: Any, lam: float) -> tuple[np.ndarray, ...]:
    return tuple(log_softmax(lam * (u - u.max())) for u in deviation_payoffs(game, profile))


def checked_precision(lam: float) -> float:
    """Return a precision as a float.

    Raises
    ------
    CriterionError
        If it is negative or not finite.
    """
    lam = float(lam)
    if not 0 <= lam < np.inf:
        raise CriterionError(f"lam is {lam}; a precision is finite and at least 0")
    return lam
