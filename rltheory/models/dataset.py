"""A dataset of transitions: what an offline learner is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models.errors import ModelError

_COLUMNS = ("step", "state", "action", "reward", "next_state")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dataset:
    """Transitions (step, state, action, reward, next state), in the order in which they were collected.

    Parameters
    ----------
    step : ndarray of int, shape (n,)
        Step t = 0..H-1 of each transition.
    state, action, next_state : ndarray of int, shape (n,)
        What happened; actions are positions among the state's own.
    reward : ndarray, shape (n,)
        What was received, in reward units.
    n_states, n_actions, H : int
        Sizes of the model that the data come from.

    Raises
    ------
    ModelError
        If an index is out of range, a reward is not finite, or lengths differ; the message names the transition.

    Examples
    --------
    >>> import rltheory as rl
    >>> data = rl.Dataset.from_episodes([[(0, 1, 0.5, 1), (1, 0, 0.0, 0)]], n_states=2, n_actions=2, H=2)
    >>> data
    Dataset(2 transitions, 2 steps, 2 states, 2 actions)
    >>> data.counts()[0, 0, 1]
    array([0, 1])
    """

    step: np.ndarray
    state: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    next_state: np.ndarray
    n_states: int
    n_actions: int
    H: int

    def __post_init__(self) -> None:
        H = valid.checked_horizon(self.H)
        limits = {"step": H, "state": self.n_states, "action": self.n_actions, "next_state": self.n_states}
        size = np.size(self.state)
        for name, limit in limits.items():
            column = valid.index_array(getattr(self, name), name)
            if column.shape != (size,):
                raise ModelError(f"{name} has shape {column.shape}; with {size} transitions it must be ({size},)")
            bad = np.flatnonzero((column < 0) | (column >= limit))
            if bad.size:
                raise ModelError(f"transition {bad[0]} has {name} {column[bad[0]]}; it must be in 0..{limit - 1}")
            object.__setattr__(self, name, valid.frozen(column))
        reward = valid.real_array(self.reward, "reward")
        if reward.shape != (size,):
            raise ModelError(f"reward has shape {reward.shape}; with {size} transitions it must be ({size},)")
        bad = np.flatnonzero(~np.isfinite(reward))
        if bad.size:
            raise ModelError(f"transition {bad[0]} has reward {reward[bad[0]]}; rewards are finite")
        object.__setattr__(self, "reward", valid.frozen(reward))

    def __len__(self) -> int:
        return self.state.size

    def at(self, t: int) -> Dataset:
        """Return the transitions of step t.

        Parameters
        ----------
        t : int
            Step, 0..H-1.

        Returns
        -------
        Dataset
        """
        return self._where(self.step == t)

    def counts(self) -> np.ndarray:
        """Return how often each transition was seen, shape (H, n_states, n_actions, n_states)."""
        shape = (self.H, self.n_states, self.n_actions, self.n_states)
        counts = np.zeros(shape, dtype=np.int64)
        np.add.at(counts, (self.step, self.state, self.action, self.next_state), 1)
        return counts

    @property
    def episode(self) -> np.ndarray:
        """Number of the episode of each transition, shape (n,): 0, 1, 2, ... in the order of collection.

        A transition continues the episode of the one before it if it is a step later and starts where that one ended.
        """
        continues = (self.step[1:] == self.step[:-1] + 1) & (self.state[1:] == self.next_state[:-1])
        return np.concatenate([np.zeros(min(len(self), 1), dtype=np.int64), np.cumsum(~continues)])

    def table(self, column: str) -> np.ndarray:
        """Return a column with one row for each episode, all of which must have H steps.

        Parameters
        ----------
        column : {"step", "state", "action", "reward", "next_state"}
            What is wanted.

        Returns
        -------
        ndarray, shape (n_episodes, H)

        Raises
        ------
        ModelError
            If there is no such column, or an episode is shorter than H.
        """
        if column not in _COLUMNS:
            raise ModelError(f"there is no column {column!r}; columns are {', '.join(_COLUMNS)}")
        sizes = np.bincount(self.episode)
        short = np.flatnonzero(sizes != self.H)
        if short.size:
            raise ModelError(
                f"episode {short[0]} has {sizes[short[0]]} transitions; a table needs H = {self.H} of each"
            )
        return getattr(self, column).reshape(-1, self.H) if self.H else np.empty((0, 0))

    def folds(self) -> tuple[Dataset, ...]:
        """Return for each step t its transitions in the episodes t, t + H, t + 2H, ...: no two steps share an episode.

        What is estimated at later steps, from other episodes, is then independent of the data of step t: with such a
        split a bound for a fixed value function needs no union over all of them.

        Returns
        -------
        tuple of Dataset
            H datasets; that of step t has transitions of step t alone.

        Examples
        --------
        >>> import rltheory as rl
        >>> episodes = [[(0, 0, 0.0, 0), (0, 0, 1.0, 0)], [(0, 0, 2.0, 0), (0, 0, 3.0, 0)]]
        >>> [fold.reward.tolist() for fold in rl.Dataset.from_episodes(episodes, n_states=1, n_actions=1, H=2).folds()]
        [[0.0], [3.0]]
        """
        fold = self.episode % max(self.H, 1)
        return tuple(self._where((self.step == t) & (fold == t)) for t in range(self.H))

    def _where(self, chosen: np.ndarray) -> Dataset:
        columns = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return Dataset(**columns, n_states=self.n_states, n_actions=self.n_actions, H=self.H)

    @classmethod
    def from_episodes(
        cls,
        episodes: Iterable[Sequence[tuple[int, int, float, int]]],
        n_states: int,
        n_actions: int,
        H: int,
    ) -> Dataset:
        """Build a dataset from episodes, each a sequence of (state, action, reward, next_state).

        Parameters
        ----------
        episodes : iterable of sequences
            An episode's k-th transition happened at step k; an episode may end early.
        n_states, n_actions, H : int
            Sizes of the model.

        Returns
        -------
        Dataset

        Raises
        ------
        ModelError
            As for the class, and if an episode is longer than H or a transition does not start where the last ended.
        """
        rows: list[tuple[int, int, int, float, int]] = []
        for number, episode in enumerate(episodes):
            if len(episode) > H:
                raise ModelError(f"episode {number} has {len(episode)} transitions; H is {H}")
            for t, (state, action, reward, next_state) in enumerate(episode):
                if t and state != episode[t - 1][3]:
                    raise ModelError(
                        f"episode {number} is in state {state} at step {t}, but step {t - 1} led to {episode[t - 1][3]}"
                    )
                rows.append((t, state, action, reward, next_state))
        columns = {name: np.asarray([row[i] for row in rows]) for i, name in enumerate(_COLUMNS)}
        return cls(**columns, n_states=n_states, n_actions=n_actions, H=H)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} transitions, {self.H} steps, {self.n_states} states, {self.n_actions} actions)"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"
