r"""One Nash equilibrium of a game of n players: where the principal branch of logit equilibria leads.

The branch of `rltheory.games.quantal_branch` is followed until errors are a millionth of the largest regret. Which
actions it still plays is then plain, but for the threshold: for each of several, Newton's method solves the equations
that hold on these supports from the end of the branch, and `gains` decides. So the answer is exact up to rounding, the
same for all who run it (an equilibrium *selection*; McKelvey and Palfrey 1995), and there is no limit on the number of
players but the size of the payoffs.
"""

from __future__ import annotations

import warnings

import numpy as np

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import tolerances
from rltheory.games.nash._support_system import newton, restricted
from rltheory.games.nash.n_player_supports import all_n_player_nash, scaled_payoffs, spread
from rltheory.games.normal_form import NormalFormGame
from rltheory.games.quantal_branch import LogitBranch, logit_branch
from rltheory.models import ConvergenceWarning

_THRESHOLDS = 10.0 ** np.arange(-1, -10, -1)
_MOST_SUPPORTS = 5_000


def n_player_nash(game: NormalFormGame) -> Equilibrium:
    """Return one Nash equilibrium of a game of any number of players.

    It is the limit of the principal branch of logit equilibria. Where that is not found to rounding, in games that are
    not generic, support enumeration is asked as well if the game is small, and the best profile of all is returned.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    Equilibrium
        Its ``exploitability`` is rounding, unless there is a warning.

    Warns
    -----
    ConvergenceWarning
        If some player gains more than 1e-9 of her range of payoffs by deviating from the best profile found.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.n_player import n_player_nash
    >>> rng = np.random.default_rng(1)
    >>> game = NormalFormGame([rng.normal(size=(3, 3, 3)) for _ in range(3)])
    >>> n_player_nash(game).exploitability < 1e-12
    True
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = limiting_nash(game)
    if not _is_certified(found) and np.prod([2.0**m - 1 for m in game.n_actions]) <= _MOST_SUPPORTS:
        found = min([found, *all_n_player_nash(game)], key=lambda one: one.exploitability)
    _warn_unless_certified(found)
    return found


def limiting_nash(game: NormalFormGame, branch: LogitBranch | None = None) -> Equilibrium:
    r"""Return the Nash equilibrium to which the principal branch of logit equilibria leads as the precision grows.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    branch : LogitBranch, optional
        The branch, if it is known already; its end should be near the limit.

    Returns
    -------
    Equilibrium
        Solved on the supports of the end of the branch, if that gives an equilibrium nearby; otherwise the end itself.

    Warns
    -----
    ConvergenceWarning
        If some player gains more than 1e-9 of her range of payoffs by deviating.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.n_player import limiting_nash
    >>> limiting_nash(NormalFormGame.symmetric([[4, 1], [3, 3]])).profile[0].round(12)
    array([0., 1.])
    """
    branch = logit_branch(game) if branch is None else branch
    end = branch.end
    found = polished_nash(game, end.profile, method="limit of logit equilibria", iterations=len(branch.lam))
    _warn_unless_certified(found)
    return found


def polished_nash(
    game: NormalFormGame, profile: tuple[np.ndarray, ...], *, method: str, iterations: int = 0
) -> Equilibrium:
    """Return the equilibrium near a profile, by Newton's method on the supports which it nearly has.

    Parameters
    ----------
    game : NormalFormGame
    profile : tuple of n ndarray, of shapes (m_1,), ..., (m_n,)
        Mixed strategies, near an equilibrium.
    method : str
        Where the profile comes from.
    iterations : int
        How many steps that took.

    Returns
    -------
    Equilibrium
        Of all supports, of those actions that are played with more than 0.1, 0.01, ... 1e-9, the profile with the least
        gains; or the one given, if none is better.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.n_player import polished_nash
    >>> pennies = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> near = (np.array([0.51, 0.49]), np.array([0.11, 0.89]))
    >>> [p.round(12).tolist() for p in polished_nash(pennies, near, method="guess").profile]
    [[0.5, 0.5], [0.1, 0.9]]
    """
    candidates = [nash_profile(game, profile, method=method, iterations=iterations)]
    payoffs = scaled_payoffs(game)
    for supports in dict.fromkeys(_supports(profile, threshold) for threshold in _THRESHOLDS):
        start = np.concatenate([p[list(s)] / p[list(s)].sum() for p, s in zip(profile, supports, strict=True)])
        (solution,) = newton(restricted(payoffs, supports), start[None])
        if (solution > -1e-12).all():
            strategies = spread(solution, supports, game.n_actions)
            candidates.append(nash_profile(game, strategies, method=method, iterations=iterations))
    return min(candidates, key=lambda one: one.exploitability)


def _supports(profile: tuple[np.ndarray, ...], threshold: float) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(np.flatnonzero(p >= min(threshold, p.max())).tolist()) for p in profile)


def _is_certified(found: Equilibrium) -> bool:
    return bool((found.gains <= tolerances(found.game)).all())


def _warn_unless_certified(found: Equilibrium) -> None:
    if not _is_certified(found):
        warnings.warn(
            f"the best profile found has exploitability {found.exploitability:.3g}: the game may not be generic;"
            f" perturb its payoffs",
            ConvergenceWarning,
            stacklevel=3,
        )
