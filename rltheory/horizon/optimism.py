r"""Optimism in a deterministic table: what has not been tried pays the most, for ever.

A pair that was never tried is believed to stay where it is and to pay the largest reward of the game; the rest is known
after one trial. Each episode plays what is best for what is believed, ties broken uniformly, until one is optimal. An
episode that is not must have met a pair for the first time: otherwise it would have earned what it was believed to,
which is at least the optimum. So at most SA episodes fail (`bounds.optimism_timesteps`).
"""

from __future__ import annotations

import numpy as np

from rltheory.horizon._game import Game, backed_up
from rltheory.models import OutcomeModel
from rltheory.models._validation import checked_whole


def optimistic_timesteps(
    model: OutcomeModel,
    H: int,
    *,
    runs: int = 1,
    optimal_within: float = 0.0,
    rng: int | np.random.Generator | None = None,
) -> np.ndarray:
    """Return the timesteps that optimism takes until an episode is optimal, that one included.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with one start state, ``gamma = 1`` and as many actions in every state.
    H : int
        Steps of the game.
    runs : int
        Independent runs, each with a stream of its own.
    optimal_within : float
        Loss at which an episode still counts as optimal, in reward units, beyond rounding.
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    ndarray of int, shape (runs,)

    Raises
    ------
    ModelError, CriterionError
        As `gorp_runs` does.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.optimism import optimistic_timesteps
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> bool((optimistic_timesteps(lock, H=3, runs=20, rng=0) <= 3 * (3 * 2 + 1)).all())
    True
    """
    game = Game.of(model, H, None, optimal_within)
    streams = np.random.default_rng(rng).spawn(checked_whole("runs", runs, 1))
    return np.array([_one_run(game, stream) for stream in streams])


def _one_run(game: Game, rng: np.random.Generator) -> int:
    n_states = game.reward.shape[0]
    next_state = np.repeat(np.arange(n_states)[:, None], game.n_actions, axis=1).astype(np.int64)
    reward = np.full(game.reward.shape, game.reward.max())
    next_state[game.terminal], reward[game.terminal] = game.next_state[game.terminal], 0.0
    steps = 0
    while True:
        believed = backed_up(next_state, reward, game.H, np.max)
        s, earned = game.start, 0.0
        for t in range(game.H):
            if game.terminal[s]:
                break
            q = reward[s] + believed[t + 1][next_state[s]]
            a = int(rng.choice(np.flatnonzero(q >= q.max() - game.within)))
            reward[s, a], next_state[s, a] = game.reward[s, a], game.next_state[s, a]
            earned += reward[s, a]
            s = int(next_state[s, a])
            steps += 1
        if earned >= game.best_return - game.within:
            return steps
