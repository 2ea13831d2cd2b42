r"""Nash-VI: plan in the game as it was seen, once optimistically for each player, and play what both plans agree on.

With counts :math:`n(s, a, b)` of a step, the empirical kernel :math:`\hat P` and the bonus
:math:`\beta = c \sqrt{H^2 / n}`, from the last step to the first

.. math::

   \bar Q = \min\{ r + \hat P \bar V + \beta,\ H - h \}, \qquad
   \underline Q = \max\{ r + \hat P \underline V - \beta,\ 0 \},

:math:`\pi(s)` is a coarse correlated equilibrium of the stage game in which the first player receives
:math:`\bar Q` and the second one pays :math:`\underline Q`, and :math:`\bar V, \underline V` are their means under it
(Liu, Yu, Bai and Jin 2021). The marginals of the :math:`\pi` whose ends :math:`\bar V, \underline V` were closest at
the start are put out.

**This is an experiment.** The constants of the theory are replaced by one; plans are made anew only when the count of
some row has doubled, not after each episode. The exploitability of the output is computed exactly, in the true game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from rltheory.games.equilibrium import CorrelatedEquilibrium
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.learning_run import (
    MarkovLearningRun,
    Sampler,
    checked_checkpoints,
    start_exploitability,
    uniform_law,
    unit_rewards,
)
from rltheory.games.markov.profiles import own_pair
from rltheory.games.markov.stage_games import require_zero_sum
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

CoarseSolver = Callable[[NormalFormGame], CorrelatedEquilibrium]
"""From a game in normal form to a coarse correlated equilibrium."""


def nash_vi(
    game: MarkovGame,
    episodes: int,
    stage: CoarseSolver,
    *,
    bonus: float = 0.1,
    checkpoints: Iterable[int] | None = None,
    rng: int | np.random.Generator | None = None,
) -> MarkovLearningRun:
    """Learn a zero-sum Markov game by optimistic Nash value iteration.

    Parameters
    ----------
    game : MarkovGame
        Of two players and zero sum, with a horizon and ``gamma = 1``; rewards are scaled to [0, 1], and known.
    episodes : int
        How many to play.
    stage : callable
        From a `NormalFormGame` to a coarse correlated equilibrium.
    bonus : float
        The constant c of the bonus, at least 0.
    checkpoints : iterable of int, optional
        After how many episodes to look at the output; by default at powers of two.
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    MarkovLearningRun
        ``law`` is a product of policies.

    Raises
    ------
    CriterionError
        If the game is not zero-sum, has no horizon, or discounts.
    ModelError
        If a number is out of range.

    References
    ----------
    Liu, Yu, Bai and Jin (2021), A sharp analysis of model-based reinforcement learning with self-play, algorithm 1.
    """
    require_zero_sum(game, discounted=False)
    if not bonus >= 0:
        raise ModelError(f"bonus is {bonus}; it is at least 0")
    chosen, rewards = checked_checkpoints(episodes, checkpoints), unit_rewards(game)[:, 0]
    sampler = Sampler(game, np.random.default_rng(rng))
    seen = np.zeros((game.H or 0, game.n_joint, game.n_states))
    law = output = uniform_law(game)
    closest, found, planned = np.inf, [start_exploitability(game, output)], np.zeros(seen.shape[:2])
    for episode in range(1, episodes + 1):
        s = sampler.first()
        for t in range(game.H or 0):
            own = law[t, game.joint_start[s] : game.joint_start[s + 1]]
            row = int(game.joint_start[s]) + sampler.choice(np.cumsum(own))
            s = sampler.following(t, row)
            seen[t, row, s] += 1
        if (seen.sum(axis=2) >= np.maximum(2 * planned, 1)).any():
            planned = seen.sum(axis=2)
            law, distance = _plan(game, rewards, seen, bonus, stage)
            if distance < closest:
                closest, output = distance, _product_of_marginals(game, law)
        if episode in chosen[1:]:
            found.append(start_exploitability(game, output))
    return MarkovLearningRun(game, np.array(chosen), np.array(found), output, "Nash-VI")


def _plan(
    game: MarkovGame, rewards: np.ndarray, seen: np.ndarray, bonus: float, stage: CoarseSolver
) -> tuple[np.ndarray, float]:
    """Return the law of the optimistic plans, and how far their ends are apart at the start."""
    H, starts = len(seen), game.joint_start[:-1]
    law, high, low = np.empty(seen.shape[:2]), np.zeros(game.n_states), np.zeros(game.n_states)
    for t in reversed(range(H)):
        n = seen[t].sum(axis=1)
        kernel, width = seen[t] / np.maximum(n, 1)[:, None], bonus * H / np.sqrt(np.maximum(n, 1))
        upper = np.where(n > 0, np.minimum(rewards[t] + kernel @ high + width, H - t), H - t)
        lower = np.where(n > 0, np.maximum(rewards[t] + kernel @ low - width, 0.0), 0.0)
        payoffs = np.stack([upper, -lower])
        law[t] = np.concatenate([stage(game.stage_of(payoffs, s)).joint.reshape(-1) for s in range(game.n_states)])
        law[t] = np.maximum(law[t], 0.0) / np.repeat(np.add.reduceat(law[t], starts), np.diff(game.joint_start))
        high, low = np.add.reduceat(law[t] * upper, starts), np.add.reduceat(law[t] * lower, starts)
    return law, float(game.mu @ (high - low))


def _product_of_marginals(game: MarkovGame, law: np.ndarray) -> np.ndarray:
    product = np.ones_like(law)
    for player in range(game.n_players):
        pair = own_pair(game, player)
        product *= np.stack([np.bincount(pair, step)[pair] for step in law])
    return product
