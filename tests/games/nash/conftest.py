"""Games that several files ask about: generic ones, and those whose ties have misled solvers."""

import numpy as np
import pytest

from rltheory.games import NormalFormGame

_SYMMETRIC = [
    [0, -1, -1, -1, 1, -1],
    [1, 0, 1, -1, -1, -1],
    [1, -1, 0, -1, -1, 1],
    [1, 1, 1, 0, -1, -1],
    [-1, 1, 1, 1, 0, -1],
    [1, 1, -1, 1, 1, 0],
]
_THIRDS = [[-100, 0, 0, -100], [0, 0, 0, -100], [-100, 0, 0, 0], [0, 0, 0, -100 / 3]]
_DOUBLED = [
    [-4.74849287, -1.41955836, -1.41955836, -2.46551608],
    [-100.0, -0.80877032, -0.80877032, -1.42923881],
    [-3.99960399, -1.41955836, -1.41955836, -1.42923881],
    [-2.46551608, -0.80877032, -0.80877032, -2.46551608],
]
_MINIMISERS = (
    [[0, 0, 6, 0, 0], [0, 0, 3, 2, 1], [4, 3, 0, 0, 1]],
    [[3, 0, 2, 1, 0], [0, 2, 0, 0, 4], [4, 0, 2, 4, 4]],
)
DEGENERATE = {
    "zero game": NormalFormGame([np.zeros((2, 3)), np.zeros((2, 3))]),
    "one action each": NormalFormGame([[[7.0]], [[-7.0]]]),
    "one player has no choice": NormalFormGame([[[1, 2, 2]], [[0, 3, 3]]]),
    "two rows are the same": NormalFormGame([[[3, 0], [3, 0], [0, 2]], [[2, 0], [1, 1], [0, 3]]]),
    "entry deterrence": NormalFormGame([[[2, 2], [0, 3]], [[1, 1], [0, 1]]]),
    "von Stengel 2002, example 2.8": NormalFormGame([[[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]]),
    "symmetric 6 x 6, supports of three": NormalFormGame.zero_sum(_SYMMETRIC),
    "zero-sum 4 x 4 with thirds": NormalFormGame.zero_sum(_THIRDS),
    "zero-sum 4 x 4 with equal columns": NormalFormGame.zero_sum(_DOUBLED),
    "3 x 5 with eight extreme equilibria or more": NormalFormGame([-np.array(u, dtype=float) for u in _MINIMISERS]),
    "skew 4 x 4": NormalFormGame.zero_sum([[0, 1, 0, -1], [-1, 0, 1, 1], [0, -1, 0, 1], [1, -1, -1, 0]]),
    "supports of unequal sizes": NormalFormGame.zero_sum([[1, -2, -3], [-1, 1, 5], [7, 1, -3]]),
}


def random_game(seed, sizes, *, ties=False, scale=1.0):
    """Return a game of normal payoffs, or of integers that tie often."""
    rng = np.random.default_rng(seed)
    draw = (lambda: rng.integers(-1, 2, sizes).astype(float)) if ties else (lambda: rng.normal(size=sizes))
    return NormalFormGame([scale * draw() for _ in sizes])


@pytest.fixture(scope="session")
def random_games():
    """Return the function that makes a game from a seed."""
    return random_game


@pytest.fixture(params=DEGENERATE.values(), ids=DEGENERATE.keys())
def degenerate_game(request):
    """Return each of the games with ties in turn."""
    return request.param
