"""The outcome model: the joint law of reward and next state, which the law of the return needs.

An `MDP` knows only expected rewards. Here every state-action pair lists its outcomes (probability, next state, reward),
padded to a common length, so that the randomness of the reward and its dependence on the next state are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError
from rltheory.models.mdp import MDP

if TYPE_CHECKING:
    from rltheory.models.finite_horizon import FiniteHorizonMDP


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutcomeModel(PairModel):
    """A finite Markov decision process given by lists of outcomes, B for each state-action pair.

    Parameters
    ----------
    prob : ndarray, shape (n_pairs, B)
        Probability of each outcome; rows sum to 1, padding has probability 0.
    next_state : ndarray of int, shape (n_pairs, B)
        State that each outcome leads to (any valid state in padding).
    reward : ndarray, shape (n_pairs, B)
        Reward of each outcome, in reward units.
    gamma : float
        Discount in [0, 1].
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    pair_start : ndarray, shape (n_states + 1,)
        Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    state_names, action_names : sequence of str, optional
        As for `MDP`.

    Raises
    ------
    ModelError
        If the data do not describe a model: the message names the state, the action, the number and the way out.

    Examples
    --------
    A fair bet of one unit, then the end:

    >>> import rltheory as rl
    >>> bet = rl.OutcomeModel.from_lists([[[(0.5, 1, 1.0), (0.5, 1, -1.0)]], [[(1.0, 1, 0.0)]]], gamma=1.0)
    >>> bet
    OutcomeModel(2 states, 2 state-action pairs, at most 2 outcomes, gamma=1)
    >>> bet.to_mdp().r
    array([0., 0.])
    """

    prob: np.ndarray
    next_state: np.ndarray
    reward: np.ndarray
    gamma: float
    mu: np.ndarray
    pair_start: np.ndarray
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        prob, reward = valid.real_array(self.prob, "prob"), valid.real_array(self.reward, "reward")
        next_state = valid.index_array(self.next_state, "next_state")
        if prob.ndim != 2 or prob.shape != next_state.shape or prob.shape != reward.shape or 0 in prob.shape:
            raise ModelError(
                f"prob, next_state and reward have shapes {prob.shape}, {next_state.shape} and {reward.shape};"
                " all must be the same (n_pairs, B)"
            )
        n_states = np.size(self.pair_start) - 1
        start = valid.checked_pair_start(self.pair_start, n_states, prob.shape[0])
        _check_outcomes(prob, next_state, reward, start)
        checked = {
            "prob": valid.frozen(prob),
            "next_state": valid.frozen(next_state.astype(np.int32)),
            "reward": valid.frozen(reward),
        }
        valid.set_fields(self, checked | valid.checked_description(self, start))

    @property
    def is_deterministic(self) -> bool:
        """Whether every pair has one outcome."""
        return bool((np.count_nonzero(self.prob, axis=1) == 1).all())

    def to_mdp(self) -> MDP:
        """Return the MDP of expected rewards; outcomes with the same next state are added up.

        Returns
        -------
        MDP
        """
        from scipy.sparse import csr_array

        happens = self.prob > 0
        offsets = np.concatenate([[0], np.cumsum(happens.sum(axis=1))])
        P = csr_array((self.prob[happens], self.next_state[happens], offsets), shape=(self.n_pairs, self.n_states))
        P.sum_duplicates()
        r = np.where(happens, self.prob * self.reward, 0).sum(axis=1)
        return MDP(P, r, self.gamma, self.mu, self.pair_start, self.state_names, self.action_names)

    def finite_horizon(self, H: int, *, gamma: float | None = None) -> FiniteHorizonMDP:
        """Return the H-step MDP of expected rewards.

        Parameters
        ----------
        H : int
            Number of steps.
        gamma : float, optional
            Discount between steps; by default the model's own.

        Returns
        -------
        FiniteHorizonMDP
        """
        return self.to_mdp().finite_horizon(H, gamma=gamma)

    @classmethod
    def from_lists(
        cls,
        outcomes: Sequence[Sequence[Sequence[tuple[float, int, float]]]],
        gamma: float,
        *,
        mu: Any = None,
        state_names: Sequence[Any] | None = None,
        action_names: Sequence[Any] | None = None,
    ) -> OutcomeModel:
        """Build a model from ``outcomes[s][a] = [(probability, next_state, reward), ...]``.

        Parameters
        ----------
        outcomes : nested sequence
            For each state, for each of its actions, the list of outcomes.
        gamma : float
            Discount in [0, 1].
        mu, state_names, action_names
            As for `OutcomeModel`.

        Returns
        -------
        OutcomeModel

        Raises
        ------
        ModelError
            As for the class, and if a pair has no outcome.
        """
        pairs = [outcomes_of_pair for actions in outcomes for outcomes_of_pair in actions]
        start = np.concatenate([[0], np.cumsum([len(actions) for actions in outcomes])]).astype(np.int64)
        for row, listed in enumerate(pairs):
            if not listed:
                raise ModelError(f"{valid.place(row, start)} has no outcome; list (probability, next_state, reward)")
        width = max(map(len, pairs), default=0)
        prob, reward = np.zeros((len(pairs), width)), np.zeros((len(pairs), width))
        next_state = np.zeros((len(pairs), width), dtype=np.int64)
        for row, listed in enumerate(pairs):
            size = len(listed)
            prob[row, :size], states, reward[row, :size] = zip(*listed, strict=True)
            next_state[row, :size] = valid.index_array(states, f"next_state of row {row}")
        return cls(prob, next_state, reward, gamma, mu, start, state_names, action_names)

    @classmethod
    def from_tables(
        cls,
        next_state: Any,
        reward: Any,
        gamma: float,
        *,
        mu: Any = None,
        state_names: Sequence[Any] | None = None,
        action_names: Sequence[Any] | None = None,
    ) -> OutcomeModel:
        """Build a deterministic model from two tables of shape (n_states, n_actions).

        Parameters
        ----------
        next_state : array_like of int, shape (n_states, n_actions)
            Where each action leads; -1 ends the episode. If any entry is -1, one absorbing state with reward 0 is added
            as the last state.
        reward : array_like, shape (n_states, n_actions)
            Reward of each action, in reward units.
        gamma : float
            Discount in [0, 1].
        mu : ndarray or int, optional
            Start distribution over the table's states; uniform over them by default.
        state_names, action_names
            As for `OutcomeModel`; the added state is named ``end``.

        Returns
        -------
        OutcomeModel
            With B = 1.

        Raises
        ------
        ModelError
            As for the class, and for tables whose shapes differ.

        Examples
        --------
        >>> import rltheory as rl
        >>> rl.OutcomeModel.from_tables([[0, 1], [-1, -1]], [[0, 1], [5, 0]], gamma=0.9)
        OutcomeModel(3 states, 6 state-action pairs, at most 1 outcomes, gamma=0.9)
        """
        next_state, reward = valid.index_array(next_state, "next_state"), valid.real_array(reward, "reward")
        if next_state.ndim != 2 or next_state.shape != reward.shape:
            raise ModelError(
                f"next_state and reward have shapes {next_state.shape} and {reward.shape};"
                " both must be (n_states, n_actions)"
            )
        n_states, n_actions = next_state.shape
        if (next_state == -1).any():
            mu = np.append(valid.start_distribution(mu, n_states), 0.0)
            next_state = np.vstack([np.where(next_state == -1, n_states, next_state), np.full(n_actions, n_states)])
            reward = np.vstack([reward, np.zeros(n_actions)])
            state_names = None if state_names is None else [*state_names, "end"]
        start = np.arange(0, next_state.size + 1, n_actions)
        column = (next_state.size, 1)
        return cls(
            np.ones(column),
            next_state.reshape(column),
            reward.reshape(column),
            gamma,
            mu,
            start,
            state_names,
            action_names,
        )

    @classmethod
    def from_function(
        cls,
        step: Callable[[Any, Any], Iterable[tuple[float, Hashable, float]]],
        starts: Iterable[Hashable],
        actions: Sequence[Hashable] | Callable[[Any], Sequence[Hashable]],
        gamma: float,
        *,
        max_states: int = 1_000_000,
    ) -> OutcomeModel:
        """Build a model by exploring a Python function from the start states, breadth first.

        Parameters and errors are those of `MDP.from_function`; the joint law of reward and next state is kept.

        Returns
        -------
        OutcomeModel
        """
        starts = list(dict.fromkeys(starts))
        if not starts:
            raise ModelError("starts is empty; exploration needs at least one start state")
        index = {state: i for i, state in enumerate(starts)}
        waiting = deque(starts)
        outcomes: list[list[list[tuple[float, int, float]]]] = []
        labels: list[list[Any]] = []
        while waiting:
            state = waiting.popleft()
            available = list(actions(state) if callable(actions) else actions)
            labels.append(available)
            outcomes.append([])
            for action in available:
                listed = []
                for probability, successor, reward in step(state, action):
                    if successor not in index:
                        index[successor] = len(index)
                        waiting.append(successor)
                    listed.append((probability, index[successor], reward))
                outcomes[-1].append(listed)
            if len(index) > max_states:
                raise ModelError(f"more than max_states = {max_states} states are reachable; raise max_states")
        shared = all(available == labels[0] for available in labels)
        names = labels[0] if shared else [label for available in labels for label in available]
        mu = np.zeros(len(index))
        mu[: len(starts)] = 1 / len(starts)
        return cls.from_lists(outcomes, gamma, mu=mu, state_names=list(index), action_names=names)

    def __repr__(self) -> str:
        return (
            f"OutcomeModel({self.n_states} states, {self.n_pairs} state-action pairs,"
            f" at most {self.prob.shape[1]} outcomes, gamma={self.gamma:g})"
        )


def _check_outcomes(prob: np.ndarray, next_state: np.ndarray, reward: np.ndarray, pair_start: np.ndarray) -> None:
    """Check that each pair's outcomes are a law over states and finite rewards."""
    n_states = pair_start.size - 1
    bad = np.argwhere((next_state < 0) | (next_state >= n_states))
    if bad.size:
        row, column = bad[0]
        where = valid.place(row, pair_start)
        raise ModelError(f"{where} leads to state {next_state[row, column]}; states are 0..{n_states - 1}")
    bad = np.argwhere(~(prob >= 0))
    if bad.size:
        row, column = bad[0]
        where = valid.place(row, pair_start)
        raise ModelError(f"{where} has an outcome of probability {prob[row, column]}; it must be a number in [0, 1]")
    sums = prob.sum(axis=1)
    wrong = ~(np.abs(sums - 1) <= valid.ROW_SUM_TOLERANCE)
    if wrong.any():
        row = int(np.argmax(wrong))
        where = valid.place(row, pair_start)
        raise ModelError(f"{where} sums to {sums[row]:.12g} ({int(wrong.sum())} bad rows); MDP.normalised rescales")
    bad = np.argwhere(~np.isfinite(reward))
    if bad.size:
        row, column = bad[0]
        raise ModelError(f"the reward of {valid.place(row, pair_start)} is {reward[row, column]}; rewards are finite")
