r"""Shallow Q-iteration by reinforcement learning (SQIRL): explore at random, regress, look a few steps ahead.

For i = 0..H-1, with the policies :math:`\pi_0, \dots, \pi_{i-1}` found so far, play m episodes that follow them before
step i and explore from it on. With h = min(i + k - 1, H - 1),

.. math:: \hat Q_h = \text{regression of } \sum_{u \ge h} R_u \text{ on } (s_h, a_h), \quad
          \hat Q_t = \text{regression of } R_t + \max_b \hat Q_{t+1}(s_{t+1}, b) \text{ on } (s_t, a_t)

for t = h - 1, ..., i, and :math:`\pi_i(s) = \arg\max_a \hat Q_i(s, a)`, the first of those that tie. So
:math:`\hat Q_i` estimates :math:`Q^k_i`. Only steps from i on are regressed on: before, actions are not explored.
Nothing is added where an episode has ended.

Laidlaw, Zhu, Russell and Dragan (2024), "The effective horizon explains deep RL performance in stochastic
environments".
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import _rollouts
from rltheory.horizon.regression import Batch, Regression, TabularAverage
from rltheory.horizon.table import Table, checked_exploration, checked_lookahead, checked_steps
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.models._drawable import drawable
from rltheory.models._validation import checked_whole, frozen
from rltheory.planning.threads import cut, on_each


class Data(enum.Enum):
    """Which episodes a regression sees; the value says it in words."""

    FRESH = "the m episodes of the iteration, for all k regressions"
    SPLIT = "m episodes of its own, which is what the theory is about"
    ACCUMULATE = "all episodes so far, from the step on at which they began to explore"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SqirlRun:
    """What shallow Q-iteration has learned.

    Parameters
    ----------
    k, m : int
        Lookahead, and episodes for each step.
    policy : ndarray of int, shape (H, n_states)
        The actions.
    estimate : ndarray, shape (H, n_states, n_actions)
        The estimates of Q^k that the policy is greedy for.
    value, best : float
        Exact expected returns of the policy and of the best one, in reward units.
    steps : int
        Timesteps that it took; episodes end early in terminal states.
    """

    k: int
    m: int
    policy: np.ndarray
    estimate: np.ndarray
    value: float
    best: float
    steps: int

    @property
    def suboptimality(self) -> float:
        """How far the policy's expected return is below the best."""
        return self.best - self.value

    def __repr__(self) -> str:
        return f"SqirlRun(k={self.k}, m={self.m}: {self.value:.6g} of {self.best:.6g} after {self.steps} timesteps)"


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Episodes that follow a policy before step ``switch`` and explore from it on; a row of states has its end last."""

    switch: int
    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray


def sqirl(
    model: OutcomeModel,
    H: int,
    k: int,
    m: int,
    *,
    regression: Regression | None = None,
    data: Data = Data.FRESH,
    decay: float = 1.0,
    exploration_fraction: float = 0.0,
    exploration: Any = None,
    value_range: tuple[float, float] | None = None,
    rng: int | np.random.Generator | None = None,
) -> SqirlRun:
    """Learn a policy by shallow Q-iteration.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and as many actions in every state; outcomes may be random.
    H : int
        Steps of the game.
    k : int
        Lookahead in 1..H; 1 regresses returns only.
    m : int
        Episodes for each step (and, with ``Data.SPLIT``, for each regression).
    regression : callable, optional
        An oracle (`Regression`); `TabularAverage` by default.
    data : Data
        Which episodes a regression sees.
    decay : float
        With ``Data.ACCUMULATE``, in (0, 1]: what samples count is multiplied by it at each iteration.
    exploration_fraction : float
        With ``Data.ACCUMULATE``, in [0, 1): this part of all episodes explores throughout, before the first iteration.
    exploration : array_like, shape (H, n_states, n_actions) or (n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    value_range : (float, float), optional
        Predictions are clipped to it, in reward units; by default they are left as they are.
    rng : int or numpy.random.Generator, optional
        Seed or generator. Every episode has a seed of its own.

    Returns
    -------
    SqirlRun

    Raises
    ------
    ModelError
        If an argument is out of range, or a prediction has the wrong shape or is not finite.
    CriterionError
        If the model discounts, or an option is given that the data mode does not have.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.sqirl import sqirl
    >>> slot = rl.OutcomeModel.from_lists([[[(1, 1, 0.4)], [(0.5, 1, 1), (0.5, 1, 0)]], [[(1, 1, 0)]] * 2], 1.0, mu=0)
    >>> sqirl(slot, H=1, k=1, m=500, rng=0)
    SqirlRun(k=1, m=500: 0.5 of 0.5 after 500 timesteps)
    """
    H = checked_steps(H)
    k, m = checked_lookahead(k, H), checked_whole("m", m, 1)
    _require_options(data, decay, exploration_fraction, value_range)
    learner = _Learner(model, H, exploration, regression or TabularAverage(), value_range, rng)
    buffer: list[tuple[Episodes, float]] = []
    if exploration_fraction:
        first = math.ceil(m * H * exploration_fraction / (1 - exploration_fraction))
        buffer.append((learner.play(0, first), 1.0))
    for i in range(H):
        if data is not Data.SPLIT:
            buffer = [(episodes, decay * weight) for episodes, weight in buffer] if data is Data.ACCUMULATE else []
            buffer.append((learner.play(i, m), 1.0))
        q = None
        for t in range(min(i + k, H) - 1, i - 1, -1):
            q = learner.regress(t, [(learner.play(i, m), 1.0)] if data is Data.SPLIT else buffer, q)
        learner.estimate[i] = q
        learner.policy[i] = learner.estimate[i].argmax(axis=1)
    value, best = learner.returns()
    return SqirlRun(k, m, frozen(learner.policy), frozen(learner.estimate), value, best, learner.steps)


class _Learner:
    """The world, the policy so far, and the count of timesteps."""

    def __init__(
        self,
        model: OutcomeModel,
        H: int,
        exploration: Any,
        regression: Regression,
        value_range: tuple[float, float] | None,
        rng: int | np.random.Generator | None,
    ) -> None:
        self.table, self.H, self.regression, self.value_range = Table.of(model), H, regression, value_range
        self.terminal = self.table.is_terminal
        self.cumulative = [
            drawable(law) for law in (self.table.prob, self.table.mu, checked_exploration(self.table, exploration, H))
        ]
        self.rng = np.random.default_rng(rng)
        self.policy = np.zeros((H, self.table.n_states), dtype=np.int64)
        self.estimate = np.zeros((H, self.table.n_states, self.table.n_actions))
        self.steps = 0

    def play(self, switch: int, n: int) -> Episodes:
        """Play n episodes with the policy so far, exploring from step ``switch`` on."""
        table, (prob, mu, exploration) = self.table, self.cumulative
        seeds = self.rng.integers(2**64, size=n, dtype=np.uint64)
        states, actions = (np.empty((n, columns), dtype=np.int32) for columns in (self.H + 1, self.H))
        rewards = np.empty((n, self.H))
        told = (table.next_state, table.reward, prob, self.terminal, mu, self.policy, switch, exploration)

        def loop(first: int, last: int) -> None:
            part = slice(first, last)
            _rollouts.episodes(*told, seeds[part], states[part], actions[part], rewards[part])

        on_each(cut(np.arange(n + 1) * self.H), loop)
        self.steps += int(np.count_nonzero(~self.terminal[states[:, :-1]]))
        return Episodes(switch, states, actions, rewards)

    def regress(self, t: int, buffer: list[tuple[Episodes, float]], following: np.ndarray | None) -> np.ndarray:
        """Regress on step t: the returns if nothing follows, else the reward and the largest that follows."""
        parts = [self._samples(t, episodes, weight, following) for episodes, weight in buffer if weight > 0]
        state, action, target, weights = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        shape = (self.table.n_states, self.table.n_actions)
        if not state.size:  # every episode has ended before
            return np.zeros(shape)
        predicted = np.asarray(self.regression(Batch(t, state, action, target, weights, *shape)), dtype=np.float64)
        if predicted.shape != shape or not np.isfinite(predicted).all():
            raise ModelError(
                f"the regression of step {t} has returned an array of shape {predicted.shape} with"
                f" {np.count_nonzero(~np.isfinite(predicted))} numbers that are not finite; finite predictions of shape"
                f" {shape} are needed"
            )
        return predicted if self.value_range is None else np.clip(predicted, *self.value_range)

    def _samples(
        self, t: int, episodes: Episodes, weight: float, following: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        going = ~self.terminal[episodes.states[:, t]]
        state, action = episodes.states[going, t].astype(np.int64), episodes.actions[going, t].astype(np.int64)
        if following is None:
            target = episodes.rewards[going, t:].sum(axis=1)
        else:
            after = episodes.states[going, t + 1]
            target = episodes.rewards[going, t] + np.where(self.terminal[after], 0.0, following.max(axis=1)[after])
        return state, action, target, np.full(state.size, weight)

    def returns(self) -> tuple[float, float]:
        """Return the exact expected returns of the policy and of the best one."""
        value = best = np.zeros(self.table.n_states)
        for t in range(self.H - 1, -1, -1):
            value = np.take_along_axis(self._backed_up(value), self.policy[t][:, None], axis=1)[:, 0]
            best = self._backed_up(best).max(axis=1)
        return float(self.table.start_value(value)), float(self.table.start_value(best))

    def _backed_up(self, value: np.ndarray) -> np.ndarray:
        return (self.table.prob * (self.table.reward + value[self.table.next_state])).sum(axis=2)


def _require_options(
    data: Data, decay: float, exploration_fraction: float, value_range: tuple[float, float] | None
) -> None:
    if not isinstance(data, Data):
        raise ModelError(f"data is {data!r}; it must be one of {', '.join(map(str, Data))}")
    if not 0 < decay <= 1:
        raise ModelError(f"decay is {decay!r}; it must be in (0, 1]")
    if not 0 <= exploration_fraction < 1:
        raise ModelError(f"exploration_fraction is {exploration_fraction!r}; it must be in [0, 1)")
    if data is not Data.ACCUMULATE and (decay != 1 or exploration_fraction):
        raise CriterionError(f"decay and exploration_fraction belong to Data.ACCUMULATE, and data is {data}")
    if value_range is not None and not (len(value_range) == 2 and value_range[0] <= value_range[1]):
        raise ModelError(f"value_range is {value_range!r}; it must be a pair of numbers, the lower one first")
