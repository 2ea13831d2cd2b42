r"""A transition table that gives away as little as it can: an adversary of planners.

Some states are *sources*; each of their actions leads to one of g *goals*, where every step is rewarded with 1 for
ever, or to one of g *traps*, where nothing is. Which of them it is stands in the row of the action: one entry is 1 and
all others are 0. A planner may ask for any entry. The adversary has not decided yet, and answers 0 as long as both a
goal and a trap remain possible; when the last trap is asked for it admits a trap. So a row is open until g of its
entries have been read, and as long as two actions of a source are open, the planner cannot know that its choice does
not lose :math:`\gamma H`: `worst_model` is consistent with all answers, and proves it.

(Szepesvari 2022, lecture 3.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.models._validation import index_array


class ReluctantTable:
    """The transition probabilities of a model that is still to be decided.

    Sources come first, then g goals and g traps, with g a quarter of the states.

    Parameters
    ----------
    n_states : int
        At least 4.
    n_actions : int
        At least 1.
    gamma : float
        Discount, 0 < gamma < 1.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> from rltheory.hardness import ReluctantTable
    >>> table = ReluctantTable(n_states=4, n_actions=2, gamma=0.5)
    >>> table.sources, table.goals, table.traps
    (range(0, 2), range(2, 3), range(3, 4))
    >>> table.ask(0, 1, 2), table.is_open(0, 1), table.queries
    (0.0, False, 1)
    """

    def __init__(self, n_states: int, n_actions: int, gamma: float) -> None:
        if n_states < 4 or n_actions < 1 or not 0 < gamma < 1:
            raise ModelError(
                f"n_states, n_actions and gamma are {n_states}, {n_actions} and {gamma}; they must be at least 4, at"
                " least 1, and between 0 and 1"
            )
        goals = n_states // 4
        self.n_states, self.n_actions, self.gamma = n_states, n_actions, gamma
        self.sources = range(n_states - 2 * goals)
        self.goals = range(n_states - 2 * goals, n_states - goals)
        self.traps = range(n_states - goals, n_states)
        self.queries = 0
        self._possible = np.zeros((n_states, n_actions, n_states), dtype=bool)
        self._possible[: len(self.sources), :, len(self.sources) :] = True
        for s in (*self.goals, *self.traps):
            self._possible[s, :, s] = True

    def ask(self, state: int, action: int, next_state: int) -> float:
        """Answer what the probability of a transition is, and count the question.

        Parameters
        ----------
        state, action, next_state : int

        Returns
        -------
        float
            0 or 1.

        Raises
        ------
        ModelError
            If there is no such entry.
        """
        entry = (state, action, next_state)
        if any(not 0 <= i < n for i, n in zip(entry, self._possible.shape, strict=True)):
            raise ModelError(f"entry {entry} is not in a table of shape {self._possible.shape}")
        self.queries += 1
        possible = self._possible[state, action]
        if not possible[next_state]:
            return 0.0
        if next_state in self.goals and state in self.sources:
            possible[next_state] = False
            return 0.0
        if possible[list(self.traps)].sum() > 1:
            possible[next_state] = False
            return 0.0
        possible[:] = False
        possible[next_state] = True
        return 1.0

    def is_open(self, state: int, action: int) -> bool:
        """Whether an action of a source may still lead to a goal."""
        return bool(self._possible[state, action, list(self.goals)].any())

    def worst_model(self, policy: Any) -> MDP:
        """Decide, to the disadvantage of a policy, and consistently with all answers.

        Parameters
        ----------
        policy : array_like of int, shape (n_states,)

        Returns
        -------
        MDP
            At each source one open action leads to a goal, if there is one that the policy does not take.

        Raises
        ------
        ModelError
            If the policy has no action for each state.
        """
        policy = index_array(policy, "policy")
        if policy.shape != (self.n_states,) or not ((policy >= 0) & (policy < self.n_actions)).all():
            raise ModelError(f"policy is {policy}; it must have an action in 0..{self.n_actions - 1} for each state")
        P = np.zeros((self.n_states, self.n_actions, self.n_states))
        for s in range(self.n_states):
            good = next((a for a in range(self.n_actions) if a != policy[s] and self.is_open(s, a)), None)
            for a in range(self.n_actions):
                candidates = self.goals if a == good or s in self.goals else self.traps
                P[s, a, next(x for x in candidates if self._possible[s, a, x])] = 1.0
        r = np.zeros((self.n_states, self.n_actions))
        r[list(self.goals)] = 1.0
        return MDP.from_arrays(P, r, self.gamma)

    def __repr__(self) -> str:
        return f"ReluctantTable({self.n_states} states, {self.n_actions} actions, {self.queries} queries)"


def seek_goals(table: ReluctantTable) -> np.ndarray:
    """Plan with as few questions as possible: look for goals behind all actions but the last.

    Parameters
    ----------
    table : ReluctantTable

    Returns
    -------
    ndarray of int, shape (n_states,)
        A policy; nothing is lost, because where no other action leads to a goal, the last one is as good as any.

    Examples
    --------
    >>> from rltheory.hardness import ReluctantTable, bounds, seek_goals
    >>> table = ReluctantTable(n_states=8, n_actions=3, gamma=0.9)
    >>> policy = seek_goals(table)
    >>> table.queries == bounds.planning_queries(8, 3)
    True
    """
    policy = np.full(table.n_states, table.n_actions - 1)
    for s in table.sources:
        for a in range(table.n_actions - 1):
            if any(table.ask(s, a, goal) for goal in table.goals):
                policy[s] = a
                break
    return policy
