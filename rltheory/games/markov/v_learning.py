r"""V-learning: each player runs a bandit in every state, sees nothing of the others, and play becomes correlated.

After the t-th visit to state s at step h, with :math:`\alpha_t = (H + 1) / (H + t)`,

.. math::

   \tilde V(s) \leftarrow (1 - \alpha_t)\, \tilde V(s) + \alpha_t \big( r + V_{h+1}(s') + \beta_t \big), \qquad
   \beta_t = c \sqrt{H^3 m / t}, \qquad V(s) = \min\{\tilde V(s), H - h\},

and the bandit is told the loss :math:`(H - r - V_{h+1}(s')) / H` of the action taken. It is exponential weights on
estimated losses that are averaged with the same rates (Jin, Liu, Wang and Yu 2021).

**This is an experiment.** The guarantee of the paper, a coarse correlated equilibrium after so many episodes, is for a
policy that draws a past visit in each state and goes on as was played after it, which is not Markov. What is put out
here is the average law of each state, :math:`\sum_i \alpha_t^i \bigotimes_j \pi_j^i(\cdot \mid s)`, over the visits:
Markov, so that its exploitability is computed exactly, but without a theorem.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.learning_run import (
    MarkovLearningRun,
    Sampler,
    checked_checkpoints,
    start_exploitability,
    uniform_law,
    unit_rewards,
)
from rltheory.models import ModelError


def v_learning(
    game: MarkovGame,
    episodes: int,
    *,
    bonus: float = 0.05,
    checkpoints: Iterable[int] | None = None,
    rng: int | np.random.Generator | None = None,
) -> MarkovLearningRun:
    """Let the players of a Markov game learn independently, each by V-learning.

    Parameters
    ----------
    game : MarkovGame
        With a horizon and ``gamma = 1``; rewards are scaled to [0, 1] by player for the learners.
    episodes : int
        How many to play.
    bonus : float
        The constant c of the bonus, at least 0. That of the theory is so large that nothing is learned in a day.
    checkpoints : iterable of int, optional
        After how many episodes to look at the output; by default at powers of two.
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    MarkovLearningRun
        ``law`` is correlated between the players; ``exploitability`` is that of a coarse correlated equilibrium.

    Raises
    ------
    CriterionError
        If the game has no horizon, or discounts.
    ModelError
        If a number is out of range.

    References
    ----------
    Jin, Liu, Wang and Yu (2021), V-learning: a simple, efficient, decentralized algorithm for multiagent RL.
    """
    if not bonus >= 0:
        raise ModelError(f"bonus is {bonus}; it is at least 0")
    chosen, rewards = checked_checkpoints(episodes, checkpoints), unit_rewards(game)
    sampler = Sampler(game, np.random.default_rng(rng))
    learners = [_Learner(game, i, bonus) for i in range(game.n_players)]
    law, visits = uniform_law(game), np.zeros((game.H or 0, game.n_states), dtype=np.int64)
    found = [start_exploitability(game, law)]
    for episode in range(1, episodes + 1):
        s = sampler.first()
        for t in range(game.H or 0):
            visits[t, s] += 1
            alpha = (game.H + 1) / (game.H + visits[t, s])  # type: ignore[operator]
            policies = [learner.policy(t, s) for learner in learners]
            actions = [sampler.choice(np.cumsum(policy)) for policy in policies]
            row = int(game.joint_start[s] + np.ravel_multi_index(actions, tuple(game.action_counts[s])))
            following = sampler.following(t, row)
            own = slice(game.joint_start[s], game.joint_start[s + 1])
            law[t, own] = (1 - alpha) * law[t, own] + alpha * _outer(policies)
            for i, learner in enumerate(learners):
                learner.update(t, s, actions[i], rewards[t, i, row], following, int(visits[t, s]), alpha)
            s = following
        if episode in chosen[1:]:
            found.append(start_exploitability(game, law))
    return MarkovLearningRun(game, np.array(chosen), np.array(found), law, "V-learning")


def _outer(policies: list[np.ndarray]) -> np.ndarray:
    law = np.ones(1)
    for policy in policies:
        law = np.multiply.outer(law, policy).reshape(-1)
    return law


class _Learner:
    """One player's optimistic values and bandits, of each step and state."""

    def __init__(self, game: MarkovGame, player: int, bonus: float) -> None:
        self.H, self.bonus, self.counts = int(game.H or 0), bonus, game.action_counts[:, player]
        left = self.H - np.arange(self.H + 1)[:, None]
        self.raw = np.tile(left, (1, game.n_states)).astype(np.float64)
        self.value = self.raw.copy()
        self.losses = np.zeros((self.H, game.n_states, int(self.counts.max())))  # averaged with the rates alpha
        self.rate = np.zeros((self.H, game.n_states))

    def policy(self, t: int, s: int) -> np.ndarray:
        """Return exponential weights on the averaged losses."""
        scaled = -self.rate[t, s] * self.losses[t, s, : self.counts[s]]
        weights = np.exp(scaled - scaled.max())
        return weights / weights.sum()

    def update(self, t: int, s: int, action: int, reward: float, following: int, visits: int, alpha: float) -> None:
        """Learn from one step."""
        m, target = int(self.counts[s]), reward + self.value[t + 1, following]
        probability = self.policy(t, s)[action]
        eta = np.sqrt(self.H * np.log(max(m, 2)) / (m * visits))
        self.losses[t, s] *= 1 - alpha
        self.losses[t, s, action] += alpha * (self.H - target) / self.H / (probability + eta)
        self.rate[t, s] = eta / alpha
        beta = self.bonus * np.sqrt(self.H**3 * m / visits)
        self.raw[t, s] = (1 - alpha) * self.raw[t, s] + alpha * (target + beta)
        self.value[t, s] = min(self.raw[t, s], self.H - t)
