"""Look for equilibria of players averse to risk: from many profiles, by fictitious play and then Newton's method.

Averages of responses often come near an equilibrium and Newton's method makes it exact, where aversions are smooth;
where they have kinks, averages are all. The first start is the given one or uniform, then come pure profiles and random
ones, each with more rounds than the one before. From other random profiles Newton's method starts at once, which finds
equilibria that responses lead away from.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from rltheory.games.risk.dynamics import follow, is_within
from rltheory.games.risk.newton import newton
from rltheory.games.risk.play import Play, Profile

_ROUNDS, _MOST_ROUNDS, _PURE_STARTS = 30, 1000, 16
_REACHES = (1.0, 30.0)


def searches(play: Play, first: Profile, tol: float, rng: Any) -> Iterator[list[np.ndarray]]:
    """Yield the weights that a search from each start ends at, without end.

    Parameters
    ----------
    play : Play
        The game.
    first : sequence of n ndarray
        Weights to start from first.
    tol : float
        Where responses may stop, in units of `Play.tolerances`.
    rng : int or Generator
        For random starts.

    Yields
    ------
    list of n ndarray
    """
    sizes = [s.size for s in first]
    rng = np.random.default_rng(rng)
    starts = itertools.chain([first], itertools.islice(_pure(sizes), _PURE_STARTS), _random(sizes, rng))
    for attempt, weights in enumerate(starts):
        rounds = min(_ROUNDS * 2**attempt, _MOST_ROUNDS) if play.is_smooth else _MOST_ROUNDS
        averages = follow(play, weights, lambda t: 2 / (t + 3), tol, rounds)[0]
        if not play.is_smooth:
            yield averages
            continue
        yield from (newton(play, averages, reach) for reach in _REACHES)
        yield newton(play, [rng.dirichlet(np.ones(k)) for k in sizes])


def first_within(play: Play, first: Profile, tol: float, starts: int, rng: Any) -> tuple[list[np.ndarray], int]:
    """Return the first weights found at which nobody gains more than tol, else the best; and how many were tried."""
    best, least = list(first), np.inf
    for tried, weights in enumerate(itertools.islice(searches(play, first, tol, rng), starts), start=1):
        gains = play.gains(weights)
        if is_within(play, gains, tol):
            return weights, tried
        if gains.max() < least:
            best, least = weights, gains.max()
    return best, starts


def method_of(play: Play) -> str:
    """Return what an answer says about how it was found."""
    return "fictitious play, then Newton" if play.is_smooth else "fictitious play"


def _pure(sizes: list[int]) -> Iterator[list[np.ndarray]]:
    for actions in itertools.product(*map(range, sizes)):
        yield [np.eye(k)[a] for k, a in zip(sizes, actions, strict=True)]


def _random(sizes: list[int], rng: np.random.Generator) -> Iterator[list[np.ndarray]]:
    while True:
        yield [rng.dirichlet(np.ones(k)) for k in sizes]
