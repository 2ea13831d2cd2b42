"""Random Markov games, drawn without the package's own instances."""

import numpy as np
import pytest

from rltheory.games.markov import MarkovGame


@pytest.fixture
def random_game():
    """Return a function that draws a game with ragged action sets; zero-sum unless told otherwise."""

    def draw(seed, n_states=4, sizes=(3, 3), *, gamma=0.8, H=None, zero_sum=True, by_step=False, ragged=True):
        rng = np.random.default_rng(seed)
        steps = (H,) if by_step else ()
        P = rng.dirichlet(np.full(n_states, 0.5), size=(*steps, n_states, *sizes))
        allowed = [rng.random((n_states, m)) < (0.7 if ragged else 2.0) for m in sizes]
        for table in allowed:
            table[:, -1] = True
        if zero_sum:
            r = rng.normal(size=(*steps, n_states, *sizes))
            return MarkovGame.zero_sum(P, r, gamma, H=H, allowed=allowed, mu=0)
        r = rng.normal(size=(*steps, len(sizes), n_states, *sizes))
        return MarkovGame.from_arrays(P, r, gamma, H=H, allowed=allowed, mu=0)

    return draw


@pytest.fixture
def random_profile():
    """Return a function that draws a mixed policy for each player of a game."""

    def draw(game, seed, *, by_step=False):
        rng = np.random.default_rng(seed)
        steps = game.H if by_step else 1
        policies = []
        for counts in game.action_counts.T:
            weights = rng.random((steps, counts.size, counts.max())) * (np.arange(counts.max()) < counts[:, None])
            weights /= weights.sum(axis=2, keepdims=True)
            policies.append(weights if by_step else weights[0])
        return policies

    return draw
