r"""Equilibria of n players from the supports up: guess who plays what, solve for the probabilities, and verify.

Porter, Nudelman and Shoham (2008): supports are looked at in the order of their total size, balanced ones first, since
games tend to have an equilibrium of small supports. For each:

- in a nondegenerate game :math:`k_i - 1 \le \sum_{j \ne i} (k_j - 1)` for the sizes of supports (McKelvey and McLennan
  1997): otherwise player i's indifference asks for more than the others have to give;
- no action in a support is worse than another one against all that the supports of the others allow (conditional
  dominance);
- the probabilities solve the polynomial system of `rltheory.games.nash._support_system`;
- of a solution nothing is believed until `gains` has proven that no player gains by deviating.

*What is complete.* If at most two players mix, the system is linear. If three mix two actions each, elimination leaves
one quadratic equation. So in a nondegenerate game all equilibria of these kinds are found: all those of a 2 x 2 x 2
game, for example. Other systems are solved by Newton's method from several starts, and *solutions may be missed*. A
nondegenerate game has an odd number of equilibria (Wilson 1971): an even number found says that some are missing, and
the search is repeated with more starts. Degenerate games may have infinitely many; then some are listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np

from rltheory.games.equilibrium import Equilibrium, nash_profile
from rltheory.games.nash._arguments import tolerances
from rltheory.games.nash._support_system import Supports, newton, restricted
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

_MOST_SUPPORTS = 200_000
_POSITIVE = 1e-9
_SAME = 1e-7
_NEARLY = 1e-6
_TIE = 1e-12


def all_n_player_nash(game: NormalFormGame, *, starts: int = 32, rng: Any = 0) -> list[Equilibrium]:
    """Return the Nash equilibria that support enumeration finds, smallest supports first.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players, and of few actions: half a second for 3 x 3 x 3, ten for 4 x 4 x 4.
    starts : int
        Of Newton's method, for each support in which three players or more mix.
    rng : int or numpy.random.Generator
        Draws the starts.

    Returns
    -------
    list of Equilibrium
        Each with its certificate. All there are if the game is nondegenerate and at most two players can mix, or all
        have two actions and are three; otherwise some may be missing.

    Raises
    ------
    ModelError
        If there are more than 200,000 supports.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.n_player_supports import all_n_player_nash
    >>> agree = [[[1, 0], [0, 0]], [[0, 0], [0, 1]]]
    >>> found = all_n_player_nash(NormalFormGame([agree, agree, agree]))
    >>> [e.profile[0].round(6).tolist() for e in found]
    [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    """
    found = list(n_player_equilibria(game, starts=starts, rng=rng))
    if len(found) % 2 == 0 and game.n_players > 2 and sum(m > 1 for m in game.n_actions) > 2:
        found = list(n_player_equilibria(game, starts=8 * starts, rng=rng))
    return found


def n_player_equilibria(game: NormalFormGame, *, starts: int = 32, rng: Any = 0) -> Iterator[Equilibrium]:
    """Yield the equilibria of `all_n_player_nash` one by one, in one pass.

    Parameters
    ----------
    game, starts, rng
        As for `all_n_player_nash`.

    Yields
    ------
    Equilibrium

    Raises
    ------
    ModelError
        As `all_n_player_nash`, at once.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.nash.n_player_supports import n_player_equilibria
    >>> next(n_player_equilibria(NormalFormGame.symmetric([[3, 0], [5, 1]]))).profile
    (array([0., 1.]), array([0., 1.]))
    """
    count = math.prod(2**m - 1 for m in game.n_actions)
    if count > _MOST_SUPPORTS:
        raise ModelError(
            f"this game has {count:.3g} supports; the limit is {_MOST_SUPPORTS:,}: n_player_nash finds one equilibrium"
        )
    return _search(game, starts, np.random.default_rng(rng))


def _search(game: NormalFormGame, starts: int, rng: np.random.Generator) -> Iterator[Equilibrium]:
    payoffs, nothing = scaled_payoffs(game), tolerances(game)
    for supports in balanced_supports(game.n_actions):
        if _dominated(payoffs, supports):
            continue
        found: list[np.ndarray] = []
        for solution in _solutions(restricted(payoffs, supports), starts, rng):
            if not (solution > _POSITIVE).all() or any(np.abs(solution - other).max() < _SAME for other in found):
                continue
            equilibrium = nash_profile(game, spread(solution, supports, game.n_actions), method="support enumeration")
            if (equilibrium.gains <= nothing).all():
                found.append(solution)
                yield equilibrium


def balanced_supports(sizes: tuple[int, ...]) -> Iterator[Supports]:
    """Yield supports that can carry an equilibrium of a nondegenerate game: by total size, balanced ones first."""
    shapes = [
        ks for ks in product(*(range(1, m + 1) for m in sizes)) if all(2 * (k - 1) <= sum(ks) - len(ks) for k in ks)
    ]
    for ks in sorted(shapes, key=lambda ks: (sum(ks), max(ks) - min(ks))):
        yield from product(*(combinations(range(m), k) for m, k in zip(sizes, ks, strict=True)))


def _dominated(payoffs: tuple[np.ndarray, ...], supports: Supports) -> bool:
    """Return whether an action in a support is worse than another, whatever the others play in theirs."""
    for i, u in enumerate(payoffs):
        against = u[np.ix_(*(range(m) if j == i else supports[j] for j, m in enumerate(u.shape)))]
        rows = np.moveaxis(against, i, 0).reshape(u.shape[i], -1)
        worse = (rows[list(supports[i]), None, :] < rows[None, :, :] - _TIE).all(axis=2)
        if worse.any():
            return True
    return False


def _solutions(payoffs: tuple[np.ndarray, ...], starts: int, rng: np.random.Generator) -> np.ndarray:
    """Return the solutions of the system with full supports that were found, one in a row."""
    sizes = payoffs[0].shape
    mixing = [i for i, k in enumerate(sizes) if k > 1]
    uniform = np.concatenate([np.full(k, 1 / k) for k in sizes])[None]
    if not mixing:
        return uniform
    if len(mixing) == 2:
        return newton(payoffs, uniform)
    if len(mixing) == 3 and max(sizes) == 2:
        return newton(payoffs, np.vstack((uniform, _three_with_two_actions(payoffs, mixing))))
    drawn = np.hstack([rng.dirichlet(np.ones(k), size=starts) for k in sizes])
    return newton(payoffs, np.vstack((uniform, drawn)))


def _three_with_two_actions(payoffs: tuple[np.ndarray, ...], mixing: list[int]) -> np.ndarray:
    r"""Eliminate two of three probabilities x, y, z of first actions from three bilinear equations.

    With player i's advantage of the first action :math:`\alpha + \beta y + \gamma z + \delta y z = 0` (and so on), y
    and x are fractions in z, and the third equation is quadratic in z.
    """
    x_zero, y_zero, z_zero = (_bilinear(payoffs[i], i, mixing) for i in mixing)
    y = -x_zero[0], x_zero[1]  # numerator and denominator, polynomials in z, from the first player's indifference
    x = -y_zero[0], y_zero[1]
    quadratic = (
        z_zero[0][0] * np.convolve(x[1], y[1])
        + z_zero[1][0] * np.convolve(x[0], y[1])
        + z_zero[0][1] * np.convolve(x[1], y[0])
        + z_zero[1][1] * np.convolve(x[0], y[0])
    )
    roots = np.roots(quadratic[::-1])
    z = roots.real[np.abs(roots.imag) <= _NEARLY]  # a double root may have been split
    powers = np.vstack((np.ones_like(z), z))
    with np.errstate(divide="ignore", invalid="ignore"):
        firsts = np.vstack((x[0] @ powers / (x[1] @ powers), y[0] @ powers / (y[1] @ powers), z)).T
    firsts = firsts[((firsts >= -_NEARLY) & (firsts <= 1 + _NEARLY)).all(axis=1)]
    columns = [np.ones((len(firsts), 1)) for _ in payoffs]
    for i, first in zip(mixing, firsts.T, strict=True):
        columns[i] = np.column_stack((first, 1 - first))
    return np.hstack(columns)


def _bilinear(u: np.ndarray, player: int, mixing: list[int]) -> np.ndarray:
    """Return c with sum of c[k][l] first^k last^l the advantage of a player's first action, of the other two's."""
    table = np.squeeze(u, axis=tuple(j for j in range(u.ndim) if j not in mixing))
    advantage = -np.diff(table, axis=mixing.index(player)).reshape(2, 2)
    constant, first, last = advantage[1, 1], advantage[0, 1], advantage[1, 0]
    return np.array([[constant, last - constant], [first - constant, advantage[0, 0] - first - last + constant]])


def spread(solution: np.ndarray, supports: Supports, sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Return strategies over all actions from those on the supports, without what is negative."""
    parts = np.split(np.maximum(solution, 0.0), np.cumsum([len(s) for s in supports])[:-1])
    profile = []
    for part, support, m in zip(parts, supports, sizes, strict=True):
        p = np.zeros(m)
        p[list(support)] = part / part.sum()
        profile.append(p)
    return profile


def scaled_payoffs(game: NormalFormGame) -> tuple[np.ndarray, ...]:
    """Return each player's payoffs moved and scaled to [0, 1], which changes no equilibrium."""
    sizes = [float(np.abs(u).max()) or 1.0 for u in game.payoffs]
    shares = [u / size for u, size in zip(game.payoffs, sizes, strict=True)]
    return tuple((u - u.min()) / (float(np.ptp(u)) or 1.0) for u in shares)
