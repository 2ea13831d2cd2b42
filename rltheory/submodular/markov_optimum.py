r"""The best Markov policy: branch and bound, since no dynamic programming finds it.

A Markov policy gives one action to all the histories that are in a state at a step, so that the choices of different
states depend on each other. J is linear in the distribution of the action of each (h, s) alone, since a path is at one
step only once; hence a deterministic policy is best, and there are finitely many. The search chooses step by step, for
the states that can then be reached, and drops what cannot win: with $\lambda_h$ the law of the nodes (s, T) after h
steps, no completion is worth more than

.. math:: \sum_{s, T} \lambda_h(s, T)\, W_h(s, T),

the value of going on with a memory.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.certified import Certified, Status
from rltheory.submodular.exact import optimal_values
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.unfolding import Node, Unfolding

_ROUNDING = 1e-12

Law = dict[Node, float]
"""Probabilities of nodes."""


def solve_markov(mdp: SubmodularMDP, *, max_choices: int = 100_000) -> Certified:
    """Find the best policy among those that look at the step and the state only.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model; F may be any set function, also one that is not submodular.
    max_choices : int
        Largest number of times that the states of one step are given their actions.

    Returns
    -------
    Certified
        ``lower`` is what the best Markov policy reaches, ``upper`` the optimum of all policies: ``gap`` is what memory
        is worth. The status is ``LIMIT_REACHED`` if the policy is only the best of those that were looked at.

    Raises
    ------
    ModelError
        If the states of one step can be given more combinations of actions than ``max_choices``.
    MemoryError
        As for `solve_exact`.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> solve_markov(coin_mirror())
    Certified(BRACKETED, value 1.5, at most 2, gap=0.5, Markov branch and bound)
    """
    search = _Search(mdp, max_choices)
    start = search.unfolding.start()
    optimum = search.expected(0, start)
    search.descend(0, start)
    status: Any = Status.LIMIT_REACHED if search.stopped else None
    upper = max(optimum, search.value)
    return Certified(
        search.value, upper, "Markov branch and bound", policy=search.best_policy, status=status, model=mdp
    )


class _Search:
    """The best policy so far, and how many choices may still be made."""

    def __init__(self, mdp: SubmodularMDP, max_choices: int) -> None:
        self.unfolding, self.optimum = Unfolding(mdp), optimal_values(mdp)
        self.max_choices = self.choices_left = max_choices
        self.stopped = False
        self.slack = _ROUNDING * max(1.0, abs(self.expected(0, self.unfolding.start())))
        self.value, self.policy = -math.inf, np.zeros((mdp.H, mdp.n_states), dtype=np.int64)
        self.best_policy = self.policy.copy()

    def expected(self, h: int, law: Law) -> float:
        """Return what a policy with a memory can expect that goes on from here."""
        return sum(p * self.optimum[h][node] for node, p in law.items())

    def descend(self, h: int, law: Law) -> None:
        """Choose the actions of step h, the most promising first, and go on with each choice that may still win."""
        if h == self.unfolding.mdp.H:
            self.value, self.best_policy = self.expected(h, law), self.policy.copy()
            return
        branches = self._branches(h, law)
        size = math.prod(map(len, branches.values()))
        if size > self.max_choices:
            raise ModelError(
                f"the {len(branches)} states that can be reached after {h} steps can be given {size:,} combinations of"
                f" actions, more than max_choices = {self.max_choices:,}; raise it or take a smaller model"
            )
        for choice in sorted(itertools.product(*branches.values()), key=_bound, reverse=True):
            if _bound(choice) <= self.value + self.slack:
                return
            if self.choices_left == 0:
                self.stopped = True
                return
            self.choices_left -= 1
            self.policy[h, list(branches)] = [branch.action for branch in choice]
            self.descend(h + 1, _added(branch.law for branch in choice))

    def _branches(self, h: int, law: Law) -> dict[int, list[_Branch]]:
        """Return what each action of each state makes of the histories that are in it."""
        branches = {}
        for state in sorted({state for state, _ in law}):
            here = {node: p for node, p in law.items() if node[0] == state}
            n_actions = int(self.unfolding.mdp.action_counts[state])
            laws = [self._moved(h, here, action) for action in range(n_actions)]
            branches[state] = [_Branch(a, self.expected(h + 1, after), after) for a, after in enumerate(laws)]
        return branches

    def _moved(self, h: int, law: Law, action: int) -> Law:
        """Return the next nodes of histories that all take the same action."""
        return _added(
            {after: weight * p} for node, weight in law.items() for after, p in self.unfolding.law(h, node, action)
        )


@dataclass(frozen=True, slots=True)
class _Branch:
    """An action of one state: what its histories can expect in all, and their next nodes."""

    action: int
    bound: float
    law: Law


def _bound(choice: tuple[_Branch, ...]) -> float:
    """Return what can be expected after a choice of actions."""
    return sum(branch.bound for branch in choice)


def _added(laws: Iterable[Law]) -> Law:
    """Return the sum of measures."""
    total: Law = {}
    for law in laws:
        for node, p in law.items():
            total[node] = total.get(node, 0.0) + p
    return total
