r"""Where the exploration policy goes, and how many of its episodes see everything there is to see.

With :math:`\mu_t(s, a) = P(s_t = s, a_t = a)`, a pair is visited in an episode with probability at least
:math:`\max_t \mu_t(s, a)`. If :math:`\mu` is the least of these over n pairs, all of them are visited in

.. math:: \Big\lceil \frac{\log 2n}{\mu} \Big\rceil

episodes with probability at least 1/2, since :math:`n (1 - \mu)^{\log(2n) / \mu} \le 1/2`: an upper bound on the
*covering length*. The sums :math:`\sum_t \mu_t(s, a)`, which are published beside the maxima, are upper bounds on the
probability of a visit, and of no use here.

Laidlaw, Russell and Dragan (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon.sticky import laid_out
from rltheory.horizon.table import checked_steps
from rltheory.models import OutcomeModel
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExplorationOccupancy:
    """How probable the exploration policy makes states and pairs. Minima are over states that it visits before the end.

    Parameters
    ----------
    largest, total : ndarray, shape (n_states, n_actions)
        Maximum and sum over steps of the probability of a pair.
    largest_state, total_state : ndarray, shape (n_states,)
        The same for states.
    counted : ndarray of bool, shape (n_states,)
        States that are visited, and are not terminal: some action leads elsewhere or pays.
    """

    largest: np.ndarray
    total: np.ndarray
    largest_state: np.ndarray
    total_state: np.ndarray
    counted: np.ndarray

    @property
    def min_state_occupancy(self) -> float:
        """Least over states of the largest probability over steps."""
        return float(self.largest_state[self.counted].min(initial=1.0))

    @property
    def min_sum_state_occupancy(self) -> float:
        """Least over states of the expected number of visits."""
        return float(self.total_state[self.counted].min(initial=np.inf))

    @property
    def min_state_action_occupancy(self) -> float:
        """Least over pairs of the largest probability over steps."""
        return float(self.largest[self.counted].min(initial=1.0))

    @property
    def min_sum_state_action_occupancy(self) -> float:
        """Least over pairs of the expected number of visits."""
        return float(self.total[self.counted].min(initial=np.inf))

    @property
    def covering_length(self) -> float:
        """Episodes after which all pairs of the counted states are visited with probability 1/2, or fewer.

        Infinite if the policy never takes some action in some state that it visits.
        """
        pairs, least = int(self.counted.sum()) * self.largest.shape[1], self.min_state_action_occupancy
        if pairs == 0:
            return 0.0
        return bounds.covering_episodes(pairs, least)

    def __repr__(self) -> str:
        return (
            f"ExplorationOccupancy({int(self.counted.sum())} states counted, least occupancy"
            f" {self.min_state_action_occupancy:.6g}, covering length at most {self.covering_length:.6g} episodes)"
        )


def exploration_occupancy(
    model: OutcomeModel, H: int, *, exploration: Any = None, sticky: float = 0.0
) -> ExplorationOccupancy:
    """Push the law of the state forward through H steps of the exploration policy.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and the same number of actions in every state.
    H : int
        Number of steps, at least 1.
    exploration : array_like of shape (n_states, n_actions) or (H, n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    sticky : float
        Probability in [0, 1) that the last executed action is executed again. If it is positive, states are those of
        `sticky_model`, and the action of a pair is the chosen one.

    Returns
    -------
    ExplorationOccupancy

    Raises
    ------
    ModelError
        If an argument does not fit the model.
    CriterionError
        If the model discounts.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon import exploration_occupancy
    >>> exploration_occupancy(mdps.horizon_lock(4), H=4)
    ExplorationOccupancy(4 states counted, least occupancy 0.0625, covering length at most 45 episodes)
    """
    H = checked_steps(H)
    table, policy = laid_out(model, H, exploration, sticky)
    state = np.asarray(table.mu)
    largest, total = np.zeros((2, table.n_states, table.n_actions))
    largest_state, total_state = np.zeros((2, table.n_states))
    for t in range(H):
        pairs = state[:, None] * policy[min(t, len(policy) - 1)]
        for so_far, now in ((largest, pairs), (largest_state, state)):
            np.maximum(so_far, now, out=so_far)
        total += pairs
        total_state += state
        reached = np.bincount(
            table.next_state.ravel(), (pairs[:, :, None] * table.prob).ravel(), minlength=table.n_states
        )
        state = reached
    counted = (largest_state > 0) & ~table.is_terminal
    return ExplorationOccupancy(*(frozen(array) for array in (largest, total, largest_state, total_state, counted)))
