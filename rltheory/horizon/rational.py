r"""The analysis of lookahead once more, in rational arithmetic and by another road.

All tables :math:`Q^k_t(s, a)` are written down as fractions, and greedy policies are followed forward from the start,
as the definitions say. Nothing rounds and no tolerance decides what ties. It is slow, and meant for the small games by
which `analyse` is judged, and for hand-made ones whose ties are the point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from rltheory.horizon.report import HorizonReport
from rltheory.horizon.sticky import base_states, sticky_model
from rltheory.horizon.table import Table, checked_exploration, checked_lookahead, checked_steps, checked_stickiness
from rltheory.models import OutcomeModel

Rows = list[list[Fraction]]
"""One fraction for each step and state, or for each state and action."""


def analyse_exactly(
    model: OutcomeModel,
    H: int,
    *,
    max_k: int | None = None,
    exploration: Any = None,
    sticky: float = 0.0,
    everywhere: bool = False,
) -> HorizonReport:
    """Find out for which lookaheads greedy policies are optimal, for the fractions that the model's floats are.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and the same number of actions in every state.
    H : int
        Number of steps, at least 1.
    max_k : int, optional
        Largest lookahead, in 1..H; by default H.
    exploration, sticky, everywhere
        As for `analyse`. A uniform exploration policy has probabilities of exactly 1/A.

    Returns
    -------
    HorizonReport
        Its floats are the nearest ones to the exact values.

    Raises
    ------
    ModelError, CriterionError
        As for `analyse`.

    Examples
    --------
    Without rounding, 0.1 + 0.2 is a little more than 0.3 in floats, and no tie:

    >>> import rltheory as rl
    >>> from rltheory.horizon import analyse_exactly
    >>> next_state, reward = [[1, 2], [-1, -1], [-1, -1]], [[0.1, 0.0], [0.2, 0.2], [0.3, 0.3]]
    >>> sums = rl.OutcomeModel.from_tables(next_state, reward, gamma=1.0, mu=0)
    >>> bool(analyse_exactly(sums, 2).q_gap[0] > 0)
    True
    """
    table, H = Table.of(model), checked_steps(H)
    policy = checked_exploration(table, exploration, H)
    K = H if max_k is None else checked_lookahead(max_k, H, "max_k")
    whole = table
    if checked_stickiness(sticky) > 0:
        whole = Table.of(sticky_model(model, sticky))
        policy = policy if exploration is None else policy[:, base_states(model)]
    game = _Game.of(whole, H)

    def explore(t: int, s: int, row: list[Fraction]) -> Fraction:
        if exploration is None:
            return sum(row, Fraction(0)) / len(row)
        chances = policy[t if len(policy) > 1 else 0, s].tolist()
        return sum((Fraction(p) * x for p, x in zip(chances, row, strict=True)), Fraction(0))

    optimum, explored = game.backward(lambda t, s, row: max(row)), game.backward(explore)
    worst = game.backward(lambda t, s, row: min(row))
    answers = list(islice(_lookaheads(game, explored, optimum, everywhere), K))
    truncated = _lookaheads(game, [[Fraction(0)] * len(game.outcomes)] * (H + 1), optimum, everywhere)
    least, largest = game.range(min), game.range(max)
    return HorizonReport(
        H=H,
        n_states=table.n_states,
        n_actions=table.n_actions,
        sticky=float(sticky),
        optimal_return=game.start(optimum[0]),
        exploration_return=game.start(explored[0]),
        worst_return=game.start(worst[0]),
        return_range=(float(least), float(largest)),
        unit_returns=not table.pays_penalties and largest <= 1,
        worst_greedy_return=np.array([answer.worst for answer in answers]),
        published_gap=np.array([float(answer.gap) for answer in answers]),
        q_gap=np.array([float(answer.q_gap) for answer in answers]),
        planning_window=next(k for k, answer in enumerate(truncated, 1) if answer.gap > 0),
        method="rational arithmetic",
    )


@dataclass(frozen=True, slots=True)
class _Game:
    """A table in fractions: ``outcomes[s][a]`` lists (probability, next state, reward), ``mu`` the starts."""

    H: int
    mu: dict[int, Fraction]
    outcomes: list[list[list[tuple[Fraction, int, Fraction]]]]

    @classmethod
    def of(cls, table: Table, H: int) -> _Game:
        """Read the floats as the fractions that they are."""
        outcomes = [
            [
                [
                    (Fraction(p), f, Fraction(r))
                    for p, f, r in zip(prob.tolist(), next_state.tolist(), reward.tolist(), strict=True)
                    if p > 0
                ]
                for prob, next_state, reward in zip(*own, strict=True)
            ]
            for own in zip(table.prob, table.next_state, table.reward, strict=True)
        ]
        return cls(H, {s: Fraction(float(table.mu[s])) for s in table.starts.tolist()}, outcomes)

    def q(self, value: list[Fraction]) -> Rows:
        """Return E[reward + value of the next state] of each state and action."""
        return [
            [sum((p * (r + value[f]) for p, f, r in listed), Fraction(0)) for listed in actions]
            for actions in self.outcomes
        ]

    def backward(self, pick: Callable[[int, int, list[Fraction]], Fraction]) -> Rows:
        """Return the values of steps 0..H, if step t makes ``pick(t, s, row)`` of the action values of state s."""
        values = [[Fraction(0)] * len(self.outcomes)]
        for t in reversed(range(self.H)):
            values.insert(0, [pick(t, s, row) for s, row in enumerate(self.q(values[0]))])
        return values

    def range(self, extreme: Callable[..., Fraction]) -> Fraction:
        """Return the least or the largest return that can happen."""
        value = [Fraction(0)] * len(self.outcomes)
        for _ in range(self.H):
            value = [extreme(r + value[f] for listed in own for _, f, r in listed) for own in self.outcomes]
        return extreme(value[s] for s in self.mu)

    def start(self, value: list[Fraction]) -> float:
        """Return the expectation under the law of the first state, rounded once."""
        return float(sum(p * value[s] for s, p in self.mu.items()))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the greedy policies of one k do."""

    worst: float
    gap: Fraction | float
    q_gap: Fraction | float


def _lookaheads(game: _Game, leaf: Rows, optimum: Rows, everywhere: bool) -> Iterator[_Answer]:
    """Answer for k = 1, 2, ...; beyond the lookahead, ``leaf`` is what steps 0..H are worth."""
    best = [game.q(optimum[t + 1]) for t in range(game.H)]
    while True:
        Q = [game.q(leaf[t + 1]) for t in range(game.H)]
        yield _follow(game, Q, best, everywhere)
        leaf = [[max(row) for row in step] for step in Q] + leaf[-1:]


def _follow(game: _Game, Q: list[Rows], best: list[Rows], everywhere: bool) -> _Answer:
    """Follow all greedy policies of the tables Q forward from the start (or all policies, if ``everywhere``)."""
    greedy = [[[a for a, x in enumerate(row) if x == max(row)] for row in step] for step in Q]
    worst = game.backward(lambda t, s, row: min(row[a] for a in greedy[t][s]))
    reached = set(game.mu)
    gap: list[Fraction | float] = [math.inf]
    q_gap: list[Fraction | float] = [math.inf]
    for t in range(game.H):
        for s in reached:
            row, top = Q[t][s], max(Q[t][s])
            gap += [top - x for x, value in zip(row, best[t][s], strict=True) if value < max(best[t][s])]
            q_gap += [top - x for x in row if x < top]
        reached = {
            f
            for s in reached
            for a in (range(len(Q[t][s])) if everywhere else greedy[t][s])
            for _, f, _ in game.outcomes[s][a]
        }
    return _Answer(game.start(worst[0]), min(gap), min(q_gap))
