"""Every law of the return that a deterministic policy can have, history-dependent ones included, by recursion.

With h steps to go from s, a policy takes an action, and goes on from each outcome with *any* policy of its own, since
it remembers which outcome it was. So the achievable laws are

    A_0(s) = {the point 0},    A_h(s) = union over a of { sum_b p_b law(r_b + gamma G_b) : G_b in A_{h-1}(s'_b) }.

This shares nothing with stocks. There are at most A N^B of them where there were N: models must be tiny.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from rltheory.models import OutcomeModel

Law = tuple[tuple[float, float], ...]
"""Pairs of value and probability, by increasing value."""

_DIGITS = 10
MOST_LAWS = 4000
"""How many laws of one start are worth the wait."""


def achievable(model: OutcomeModel, H: int, start: int, *, gamma: float | None = None) -> list[Law]:
    """Return the achievable laws of the return over H steps from a start."""
    gamma = model.gamma if gamma is None else gamma
    laws: dict[int, set[Law]] = {s: {((0.0, 1.0),)} for s in range(model.n_states)}
    for _ in range(H):
        laws = {s: _one_step(model, s, laws, gamma) for s in range(model.n_states)}
    return sorted(laws[start])


def how_many(model: OutcomeModel, H: int) -> float:
    """Return a bound on the number of laws, before equal ones are merged."""
    counts, branches = model.action_counts.max(), int((model.prob > 0).sum(axis=1).max())
    laws = 1.0
    for _ in range(H):
        laws = counts * laws**branches
    return laws


def expectation(law: Law, f: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return E f(G) for a function of arrays."""
    x, p = np.array(law).T
    return float(p @ f(x))


def best(laws: list[Law], objective: Callable[[np.ndarray, np.ndarray], float]) -> float:
    """Return the largest objective, a function of values and probabilities."""
    return max(objective(*np.array(law).T) for law in laws)


def cvar(x: np.ndarray, p: np.ndarray, tau: float) -> float:
    """Return the mean of the lowest fraction tau, atom by atom."""
    left, total = tau, 0.0
    for value, mass in zip(x.tolist(), p.tolist(), strict=True):
        taken = min(mass, left)
        total += taken * value
        left -= taken
    return total / (tau - left)


def _one_step(model: OutcomeModel, s: int, laws: dict[int, set[Law]], gamma: float) -> set[Law]:
    found = set()
    for i in range(model.pair_start[s], model.pair_start[s + 1]):
        outcomes = [b for b in range(model.prob.shape[1]) if model.prob[i, b] > 0]
        for ahead in product(*(laws[int(model.next_state[i, b])] for b in outcomes)):
            mass: dict[float, float] = {}
            for b, law in zip(outcomes, ahead, strict=True):
                for x, p in law:
                    value = round(float(model.reward[i, b]) + gamma * x, _DIGITS) + 0.0
                    mass[value] = mass.get(value, 0.0) + float(model.prob[i, b]) * p
            found.add(tuple(sorted(mass.items())))
    return found
