"""Random Markov games with a given number of successors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mdps import _checks as checks
from mdps.garnet import garnet
from rltheory import ModelError
from rltheory.games.markov import MarkovGame


def random_markov_game(
    n_states: int,
    n_actions: Sequence[int],
    branching: int,
    *,
    zero_sum: bool = False,
    gamma: float = 0.9,
    H: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> MarkovGame:
    """Draw a Markov game: each joint action leads to ``branching`` distinct states, as in `mdps.garnet`.

    Rewards are uniform in [0, 1], independent for all players; with ``zero_sum`` uniform in [-1, 1], and the second of
    two players pays the first one.

    Parameters
    ----------
    n_states : int
        At least 1.
    n_actions : sequence of int
        Number of actions of each player, in every state.
    branching : int
        Successors of each joint action, 1..n_states.
    zero_sum : bool
        Whether two players have opposite rewards.
    gamma : float
        Discount: in [0, 1), and up to 1 with a horizon.
    H : int, optional
        Number of steps; by default the game never ends.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same game.

    Returns
    -------
    MarkovGame

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> from mdps.games import random_markov_game
    >>> random_markov_game(10, (2, 3), 4, rng=0)
    MarkovGame(2 players, 10 states, 60 joint actions, 240 transitions, gamma=0.9)
    """
    sizes = [checks.whole(f"n_actions[{i}]", m, 1) for i, m in enumerate(n_actions)]
    if not sizes or (zero_sum and len(sizes) != 2):
        raise ModelError(f"n_actions is {tuple(n_actions)}; it needs an entry for each player, two in a zero-sum game")
    rng = np.random.default_rng(rng)
    world = garnet(n_states, int(np.prod(sizes)), branching, rng=rng)
    r = rng.random((len(sizes), world.n_pairs))
    if zero_sum:
        r = np.stack([2 * r[0] - 1, 1 - 2 * r[0]])
    return MarkovGame(world.P, r, np.tile(sizes, (n_states, 1)), gamma, H)
