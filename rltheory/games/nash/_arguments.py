"""What solvers of games in normal form ask of a game, and the scale on which they compare payoffs."""

from __future__ import annotations

import math

import numpy as np

from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError, ModelError

LARGEST_MASK = 62
"""Sets of actions are bits of one integer."""
CERTIFIED = 1e-9
"""Of a player's range of payoffs: what a profile may leave to be gained, and be called an equilibrium."""

_SMALLEST = 1e-300  # above what a proven gain of nothing is rounded up to


def bimatrix(game: NormalFormGame, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return both payoff matrices, each moved and scaled to [1, 2], which changes no equilibrium.

    Raises
    ------
    CriterionError
        If there are not two players.
    ModelError
        If payoffs range over more than a float can hold.
    """
    require_two_players(game, method)
    require_finite_ranges(game)
    return _scaled(game.payoffs[0]), _scaled(game.payoffs[1])


def require_two_players(game: NormalFormGame, method: str) -> None:
    """Refuse a game of another number of players."""
    if game.n_players != 2:
        raise CriterionError(
            f"{method} is for two players; this game has {game.n_players}: see pure_nash, or solvers for n players"
        )


def require_finite_ranges(game: NormalFormGame) -> None:
    """Refuse payoffs that cannot be scaled, as they range over more than a float can hold."""
    for u in game.payoffs:
        low, high = float(u.min()), float(u.max())
        if not math.isfinite(high - low):
            raise ModelError(f"payoffs range from {low:g} to {high:g}, more than a float can hold; divide them")


def _scaled(u: np.ndarray) -> np.ndarray:
    low, high = float(u.min()), float(u.max())
    return 1.0 + (u - low) / (high - low) if high > low else np.ones_like(u)


def tolerances(game: NormalFormGame) -> np.ndarray:
    """Return what each player may gain in a profile that is called an equilibrium, shape (n,), in payoff units."""
    sizes = np.array([float(np.abs(u).max()) for u in game.payoffs])
    operations = 4.0 * (sum(game.n_actions) + game.n_players) + 16
    return CERTIFIED * game.payoff_ranges + 2.0**-50 * operations * sizes + _SMALLEST
