r"""The principal branch of logit equilibria: from uniform play towards one Nash equilibrium, through turning points.

In almost all games the logit equilibria are smooth curves in :math:`(\sigma, \lambda)`, and one of them begins at
uniform play with :math:`\lambda = 0` and leads to a Nash equilibrium as :math:`\lambda \to \infty` (McKelvey and
Palfrey 1995, theorem 3). Along it the precision may fall for a while: then one precision has several equilibria on the
branch, and an iteration at fixed precision would jump. So the curve is followed by its length (Turocy 2005).

In games that are not generic, such as symmetric ones, other branches may cross; then this one goes straight on, and
`LogitBranch.branch_points` says where.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np

from rltheory.games._continuation import MOST_POINTS, Curve, Point
from rltheory.games._logit import LogitSystem, log_softmax
from rltheory.games.deviations import gains
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.quantal import LogitEquilibrium, certified_logit, checked_precision, logit_residual
from rltheory.models import ConvergenceWarning, CriterionError
from rltheory.models._validation import frozen

_LIMIT = 1e6
"""Times the largest regret: the precision at which the limit of the branch is taken for reached."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogitBranch:
    """Points of the principal branch in the order of its length, each with its certificates.

    Parameters
    ----------
    game : NormalFormGame
        What was played.
    lam : ndarray, shape (T,)
        Precisions, in 1 / payoff units; not monotone if the branch turns.
    log_profiles : tuple of n ndarray, of shapes (T, m_1), ..., (T, m_n)
        Logarithms of the probabilities.
    residuals : ndarray, shape (T,)
        Largest difference of a log-probability from that of the logit response.
    gains : ndarray, shape (T, n)
        Proven upper bounds on what each player gains by deviating without erring, in payoff units.
    turns : ndarray of int
        Which points are turning points, where the precision is largest or least nearby.
    crossed : ndarray of int
        Which points lie just behind another branch.
    complete : bool
        Whether the branch was followed as far as it was asked for.
    """

    game: NormalFormGame = field(repr=False)
    lam: np.ndarray
    log_profiles: tuple[np.ndarray, ...]
    residuals: np.ndarray
    gains: np.ndarray
    turns: np.ndarray
    crossed: np.ndarray
    complete: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_profiles", tuple(frozen(x) for x in self.log_profiles))
        for name in ("lam", "residuals", "gains", "turns", "crossed"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def profiles(self) -> tuple[np.ndarray, ...]:
        """Mixed strategies along the branch, of shapes (T, m_1), ..., (T, m_n)."""
        return tuple(np.exp(x) for x in self.log_profiles)

    @property
    def turning_points(self) -> np.ndarray:
        """Precisions at which the branch turns."""
        return self.lam[self.turns]

    @property
    def branch_points(self) -> np.ndarray:
        """Precisions near which another branch crosses: the game is not generic."""
        return self.lam[self.crossed]

    @property
    def end(self) -> LogitEquilibrium:
        """Last point."""
        return self._point(len(self.lam) - 1)

    def at(self, lam: float) -> tuple[LogitEquilibrium, ...]:
        """Return all equilibria with a precision on this part of the branch, in the order of its length.

        Parameters
        ----------
        lam : float
            In 1 / payoff units.

        Returns
        -------
        tuple of LogitEquilibrium
            More than one where the branch turns; empty beyond its end.

        Raises
        ------
        CriterionError
            If ``lam`` is negative or not finite, or Newton's method fails at a crossing (next to a turning point).

        Examples
        --------
        >>> from rltheory.games import NormalFormGame
        >>> from rltheory.games.quantal_branch import logit_branch
        >>> branch = logit_branch(NormalFormGame.symmetric([[4, 1], [3, 3]]), lam_max=10)
        >>> [e.profile[0].round(4).tolist() for e in branch.at(1.0)]
        [[0.1958, 0.8042]]
        """
        lam = checked_precision(lam)
        side = np.sign(self.lam - lam)
        hit, passed = side == 0, np.append(side[:-1] * side[1:] < 0, False)
        found = np.flatnonzero(hit | passed).tolist()
        return tuple(self._point(k) if hit[k] else self._between(k, lam) for k in found)

    def _point(self, k: int) -> LogitEquilibrium:
        return certified_logit(self.game, tuple(x[k] for x in self.log_profiles), float(self.lam[k]), "branch", k)

    def _between(self, k: int, lam: float) -> LogitEquilibrium:
        system = LogitSystem.of(self.game)
        x = np.concatenate(self.log_profiles, axis=1)[k : k + 2]
        share = (lam - self.lam[k]) / (self.lam[k + 1] - self.lam[k])
        found, _, converged = system.solved(x[0] + share * (x[1] - x[0]), lam * system.scale)
        if not converged:
            raise CriterionError(
                f"Newton's method fails at lam={lam:.12g}, next to a turning point; those are {self.turning_points}"
            )
        return certified_logit(self.game, system.split(found), lam, "branch", k)

    def __repr__(self) -> str:
        turns = f"{len(self.turns)} turning points" if len(self.turns) else "no turning point"
        return (
            f"LogitBranch({len(self.lam)} points, lam up to {self.lam.max():.6g}, {turns},"
            f" exploitability={self.gains[-1].max():.3g})"
        )


def logit_branch(game: NormalFormGame, *, lam_max: float | None = None, max_steps: int = MOST_POINTS) -> LogitBranch:
    r"""Follow the principal branch of logit equilibria from uniform play.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    lam_max : float, optional
        Where to end, in 1 / payoff units; by default 10^6 over the largest regret, where no player of two actions gains
        more than 3e-7 of it by deviating.
    max_steps : int
        Limit on points.

    Returns
    -------
    LogitBranch

    Raises
    ------
    CriterionError
        If ``lam_max`` is negative or not finite.

    Warns
    -----
    ConvergenceWarning
        If the branch could not be followed up to ``lam_max``.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.quantal_branch import logit_branch
    >>> branch = logit_branch(NormalFormGame.symmetric([[4, 1], [3, 3]]))
    >>> branch.end.profile[0].round(6), len(branch.turning_points)
    (array([0., 1.]), 0)
    """
    system = LogitSystem.of(game)
    nu_max = _LIMIT if lam_max is None else checked_precision(lam_max) * system.scale
    points = list(Curve(system, nu_max, max_steps))
    complete = bool(points[-1].nu >= nu_max)
    branch = _as_branch(game, system, points, complete)
    if not complete:
        warnings.warn(
            f"the principal branch was followed up to lam={branch.lam[-1]:.6g} in {len(points)} points, not to"
            f" {nu_max / system.scale:.6g}: raise max_steps, or perturb a game that is not generic",
            ConvergenceWarning,
            stacklevel=2,
        )
    return branch


def _as_branch(game: NormalFormGame, system: LogitSystem, points: list[Point], complete: bool) -> LogitBranch:
    lam = np.array([point.nu for point in points]) / system.scale
    logs = tuple(np.array([log_softmax(point.x[block]) for point in points]) for block in system.blocks)
    profiles = [[np.exp(x[k]) for x in logs] for k in range(len(points))]
    return LogitBranch(
        game=game,
        lam=lam,
        log_profiles=logs,
        residuals=np.array([logit_residual(game, [x[k] for x in logs], lam[k]) for k in range(len(points))]),
        gains=np.array([gains(game, profile) for profile in profiles]),
        turns=np.flatnonzero([point.turns for point in points]),
        crossed=np.flatnonzero([point.branches for point in points]),
        complete=complete,
    )
