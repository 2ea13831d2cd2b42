r"""A softmax policy that remembers: one logit for each action after each history of states.

    $\pi(a \mid s_0, \dots, s_h) \propto \exp \theta(s_0, \dots, s_h; a)$

Where chance acts, the best policy may have to remember what was touched, and this one can. There are too many histories
to write them all down, so a history gets a row of parameters when it is first seen; until then its logits are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rltheory.models import _validation as valid
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import checked_counts, mean_advantages, softmax


class HistoryIndex:
    """Numbers for histories of states, in the order in which they are first seen; a number never changes.

    Examples
    --------
    >>> index = HistoryIndex()
    >>> index.numbers(np.array([[4, 7], [4, 8], [4, 7]]), learn=True)
    array([[0, 1],
           [0, 2],
           [0, 1]])
    >>> index.numbers(np.array([[4, 9]]))
    array([[ 0, -1]])
    """

    __slots__ = ("_after", "last_state")

    def __init__(self) -> None:
        self._after: dict[tuple[int, int], int] = {}
        self.last_state: list[int] = []

    def __len__(self) -> int:
        return len(self.last_state)

    def numbers(self, states: np.ndarray, *, learn: bool = False) -> np.ndarray:
        """Return the number of each prefix of each history, -1 where it is unknown and not to be learned."""
        found = np.empty(states.shape, dtype=np.int64)
        before = np.full(len(states), -2)
        for h in range(states.shape[1]):
            step = np.stack([before, states[:, h]], axis=1)
            different, inverse = np.unique(step, axis=0, return_inverse=True)
            numbers = [self._number(int(parent), int(state), learn) for parent, state in different]
            found[:, h] = before = np.array(numbers, dtype=np.int64)[inverse.ravel()]
        return found

    def _number(self, before: int, state: int, learn: bool) -> int:
        known = self._after.get((before, state), -1)
        if known >= 0 or before == -1 or not learn:
            return known
        self._after[before, state] = len(self)
        self.last_state.append(state)
        return len(self) - 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HistorySoftmax:
    """A softmax policy with parameters of its own for each history of states that was seen.

    Parameters
    ----------
    index : HistoryIndex
        Numbers of histories, which policies that come from one another share.
    theta : ndarray, shape (n_rows, n_actions)
        Logits of the first histories; those of later ones are 0.
    action_counts : ndarray of int, shape (n_states,)
        How many of the actions each state has.

    Examples
    --------
    >>> from rltheory.submodular.functions.modular import Modular
    >>> mdp = SubmodularMDP(np.full((2, 3, 2), 0.5), Modular([1, 1]), H=2, mu=0)
    >>> policy = HistorySoftmax.uniform(mdp)
    >>> policy
    HistorySoftmax(0 histories, 3 actions)
    >>> policy.familiar(np.array([[0, 1, 0], [0, 0, 0]]))
    HistorySoftmax(3 histories, 3 actions)
    """

    index: HistoryIndex
    theta: np.ndarray
    action_counts: np.ndarray

    def __post_init__(self) -> None:
        theta = valid.frozen(valid.real_array(self.theta, "theta"))
        counts = checked_counts(self.action_counts, np.size(self.action_counts), theta.shape[1])
        valid.set_fields(self, {"theta": theta, "action_counts": counts})

    @classmethod
    def uniform(cls, mdp: SubmodularMDP) -> HistorySoftmax:
        """Return the policy that takes each of a state's actions with the same probability, and has seen nothing."""
        return cls(HistoryIndex(), np.zeros((0, mdp.n_actions)), mdp.action_counts)

    @property
    def prob(self) -> np.ndarray:
        """Probabilities after each history that has a row, shape (n_rows, n_actions)."""
        last = np.array(self.index.last_state[: len(self.theta)], dtype=np.int64)
        return softmax(self.theta, self.action_counts[last])

    @property
    def modal(self) -> Callable[[Sequence[int]], int]:
        """The deterministic policy that takes the likeliest action after a path, the first of several."""
        return lambda path: int(self(path).argmax())

    def __call__(self, path: Sequence[int]) -> np.ndarray:
        """Return the probability of each action that the last state of a path has."""
        states = np.asarray(path)[None]
        return self.probabilities_after(states)[0, : self.action_counts[states[0, -1]]]

    def rows_of(self, states: np.ndarray) -> np.ndarray:
        """Return the number of the history at each of the first H states of paths, shape (n, H)."""
        return self.index.numbers(states[:, :-1])

    def probabilities_after(self, states: np.ndarray) -> np.ndarray:
        """Return the probabilities of the next action after histories (n, h + 1), shape (n, n_actions)."""
        rows = self.index.numbers(states)[:, -1]
        logits = np.zeros((len(states), self.theta.shape[1]))
        known = (rows >= 0) & (rows < len(self.theta))
        logits[known] = self.theta[rows[known]]
        return softmax(logits, self.action_counts[states[:, -1]])

    def pull_back(self, slope: np.ndarray) -> np.ndarray:
        """Return a derivative in the logits: the logits are the parameters."""
        return slope

    def fit_scores(self, rows: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the mean weight of each action less that of its row, 0 where it was not taken."""
        return mean_advantages(rows, actions, weights, self.theta.shape)

    def moved(self, step: np.ndarray) -> HistorySoftmax:
        """Return the policy with parameters changed by a step."""
        return HistorySoftmax(self.index, self.theta + step, self.action_counts)

    def familiar(self, states: np.ndarray) -> HistorySoftmax:
        """Return the same policy with a row for each history that these paths show."""
        self.index.numbers(states[:, :-1], learn=True)
        theta = np.zeros((len(self.index), self.theta.shape[1]))
        theta[: len(self.theta)] = self.theta
        return HistorySoftmax(self.index, theta, self.action_counts)

    def __repr__(self) -> str:
        return f"HistorySoftmax({len(self.theta)} histories, {self.theta.shape[1]} actions)"
