"""What greedy over random policy is told of a game: a checked deterministic table, its optimal values, its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon.table import (
    Table,
    checked_exploration,
    checked_steps,
    checked_tolerance,
    require_deterministic,
    require_one_start,
)
from rltheory.models import OutcomeModel

_ROUNDING = 1e-10
"""Loss, relative to the largest value, at which an action counts as optimal in any case."""


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """A deterministic game of H steps from one state, and what is optimal in it.

    Parameters
    ----------
    table : Table
        Its outcomes.
    next_state, reward : ndarray, shape (S, A)
        The same without the axis of outcomes.
    terminal : ndarray of bool, shape (S,)
        States in which nothing happens any more.
    exploration : ndarray, of a shape that broadcasts to (H, S, A)
        Probabilities of the actions.
    start, H : int
        First state and number of steps.
    value : ndarray, shape (H + 1, S)
        Optimal values :math:`V^*_t`.
    within : float
        An action is optimal if it loses no more than this, in reward units.
    """

    table: Table
    next_state: np.ndarray
    reward: np.ndarray
    terminal: np.ndarray
    exploration: np.ndarray
    start: int
    H: int
    value: np.ndarray
    within: float

    @classmethod
    def of(cls, model: OutcomeModel, H: int, exploration: Any, within: float) -> Game:
        """Check the arguments that all analyses of greedy over random policy share, and solve the game."""
        table, H = Table.of(model), checked_steps(H)
        require_deterministic(table, "greedy over random policy plays a sequence of actions: it")
        require_one_start(table)
        next_state, reward = table.next_state[:, :, 0], table.reward[:, :, 0]
        value = backed_up(next_state, reward, H, np.max)
        within = checked_tolerance(within, "optimal_within") + _ROUNDING * float(np.abs(value).max())
        policy = checked_exploration(table, exploration, H)
        return cls(table, next_state, reward, table.is_terminal, policy, int(table.starts[0]), H, value, within)

    @property
    def n_actions(self) -> int:
        """The number A."""
        return self.reward.shape[1]

    @property
    def best_return(self) -> float:
        """The optimal return, in reward units."""
        return float(self.value[0, self.start])

    def q(self, value: np.ndarray, t: int) -> np.ndarray:
        """Return reward plus value of the next state at step t, shape (S, A), for values of shape (H + 1, S)."""
        return self.reward + value[t + 1][self.next_state]

    def optimal(self, t: int) -> np.ndarray:
        """Return which actions are optimal at step t, shape (S, A)."""
        return self.q(self.value, t) >= self.value[t][:, None] - self.within

    def explored(self) -> np.ndarray:
        """Return the values of the exploration policy, shape (H + 1, S)."""
        policy = np.broadcast_to(self.exploration, (self.H, *self.reward.shape))
        value = np.zeros((self.H + 1, self.reward.shape[0]))
        for t in range(self.H - 1, -1, -1):
            value[t] = (policy[t] * self.q(value, t)).sum(axis=1)
        return value

    def look_ahead(self, value: np.ndarray) -> np.ndarray:
        """Return the values of one optimal step before the given ones, shape (H + 1, S)."""
        ahead = np.zeros_like(value)
        for t in range(self.H):
            ahead[t] = self.q(value, t).max(axis=1)
        return ahead


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What greedy over random policy compares at one step, in each of the C states that optimal actions may reach.

    Parameters
    ----------
    states : ndarray of int, shape (C,)
        The states; episodes are not over in them.
    optimal : ndarray of bool, shape (C, A)
        Which actions are optimal.
    successors : ndarray of int, shape (C, A)
        Where each action leads.
    ends, earned : ndarray, shape (C, Z)
        Where each sequence of actions leads, and what it pays on the way.
    then : int
        The step at which exploration takes over.
    """

    states: np.ndarray
    optimal: np.ndarray
    successors: np.ndarray
    ends: np.ndarray
    earned: np.ndarray
    then: int


def layers(game: Game, k: int) -> list[Layer]:
    """Return what is compared at each step, as far as a game lasts that is played optimally."""
    found, reached = [], np.array([game.start])
    for t in range(game.H):
        states = reached[~game.terminal[reached]]
        if not states.size:
            break
        depth = min(k, game.H - t)
        ends, earned = states[:, None], np.zeros((states.size, 1))
        for _ in range(depth):
            earned = (earned[..., None] + game.reward[ends]).reshape(states.size, -1)
            ends = game.next_state[ends].reshape(states.size, -1)
        optimal, successors = game.optimal(t)[states], game.next_state[states]
        found.append(Layer(states, optimal, successors, ends, earned, t + depth))
        reached = np.unique(successors[optimal])
    return found


def backed_up(next_state: np.ndarray, reward: np.ndarray, H: int, choose: Any) -> np.ndarray:
    """Return the values of always choosing so among actions, by ``np.max`` or ``np.min``, shape (H + 1, S)."""
    value = np.zeros((H + 1, reward.shape[0]))
    for t in range(H - 1, -1, -1):
        value[t] = choose(reward + value[t + 1][next_state], axis=1)
    return value
