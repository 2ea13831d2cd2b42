"""Random games: payoffs without structure, with a correlation, of zero sum, with a potential, or full of ties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame


def random_game(n_actions: Sequence[int], *, rng: int | np.random.Generator | None = None) -> NormalFormGame:
    """Draw all payoffs independently, uniform in [0, 1].

    Parameters
    ----------
    n_actions : sequence of int
        Number of actions of each player.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a number is not whole or below 1, or there is no player.

    Examples
    --------
    >>> from mdps.games import random_game
    >>> random_game((3, 4, 2), rng=0)
    NormalFormGame(3 players, 3 x 4 x 2 actions)
    """
    sizes = _checked_sizes(n_actions)
    return NormalFormGame(tuple(np.random.default_rng(rng).random((len(sizes), *sizes))))


def covariant_game(
    n_actions: Sequence[int], rho: float, *, rng: int | np.random.Generator | None = None
) -> NormalFormGame:
    r"""Draw the payoffs of each profile from a normal law with variances 1 and covariances $\rho$ between players.

    With $\rho = 1$ all players want the same, with $\rho = -1$ two players have a zero-sum game, up to rounding.

    Parameters
    ----------
    n_actions : sequence of int
        Number of actions of each player.
    rho : float
        Covariance, in [-1/(n - 1), 1] for n players, which is where such a law exists.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Rinott and Scarsini (2000); the covariant games of GAMUT (Nudelman, Wortman, Shoham and Leyton-Brown 2004).

    Examples
    --------
    >>> from mdps.games import covariant_game
    >>> game = covariant_game((2, 2), -1.0, rng=0)
    >>> bool(abs(game.payoffs[0] + game.payoffs[1]).max() < 1e-12)
    True
    """
    sizes = _checked_sizes(n_actions)
    n = len(sizes)
    checks.number("rho", rho, -1 / max(n - 1, 1), 1)
    noise = np.random.default_rng(rng).standard_normal((n, *sizes))
    common = noise.mean(axis=0)
    # The covariance (1 - rho) I + rho 11' has the root sqrt(1 - rho) off the mean, sqrt(1 + (n - 1) rho) on it.
    spread = np.sqrt(1 - rho) if n > 1 else 1.0
    along = np.sqrt(max(1 + (n - 1) * rho, 0.0))
    return NormalFormGame(tuple(spread * (noise - common) + along * common))


def random_zero_sum(m: int, n: int, *, rng: int | np.random.Generator | None = None) -> NormalFormGame:
    """Draw a zero-sum game with independent payoffs, uniform in [-1, 1].

    Parameters
    ----------
    m, n : int
        Number of actions of the row player and of the column player.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a number is not whole or below 1.
    """
    return NormalFormGame.zero_sum(np.random.default_rng(rng).uniform(-1, 1, _checked_sizes((m, n))))


def random_ties(
    n_actions: Sequence[int], n_values: int = 2, *, rng: int | np.random.Generator | None = None
) -> NormalFormGame:
    """Draw whole payoffs below ``n_values``: with few values nearly every game is degenerate.

    Parameters
    ----------
    n_actions : sequence of int
        Number of actions of each player.
    n_values : int
        Payoffs are 0 to ``n_values - 1``.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If a number is not whole or below 1.
    """
    sizes = _checked_sizes(n_actions)
    checks.whole("n_values", n_values, 1)
    return NormalFormGame(tuple(np.random.default_rng(rng).integers(0, n_values, (len(sizes), *sizes))))


def random_potential(
    n_actions: Sequence[int], *, rng: int | np.random.Generator | None = None
) -> tuple[NormalFormGame, np.ndarray]:
    r"""Draw a game with an exact potential: $u_i(a) = \Phi(a) + w_i(a_{-i})$, both uniform in [0, 1].

    Parameters
    ----------
    n_actions : sequence of int
        Number of actions of each player.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    game : NormalFormGame
    potential : ndarray, shape (m_1, ..., m_n)
        Its largest entry is an equilibrium.

    Raises
    ------
    ModelError
        If a number is not whole or below 1, or there is no player.

    Notes
    -----
    Monderer and Shapley (1996).
    """
    sizes = _checked_sizes(n_actions)
    rng = np.random.default_rng(rng)
    potential = rng.random(sizes)
    others = [rng.random([1 if j == i else m for j, m in enumerate(sizes)]) for i in range(len(sizes))]
    return NormalFormGame([potential + w for w in others]), potential


def _checked_sizes(n_actions: Sequence[int]) -> tuple[int, ...]:
    sizes = tuple(checks.whole(f"n_actions[{i}]", m, 1) for i, m in enumerate(n_actions))
    if not sizes:
        raise ModelError("n_actions is empty; a game has at least one player")
    return sizes
