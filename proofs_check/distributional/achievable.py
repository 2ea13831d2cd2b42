"""Policies that remember everything, and policies that remember nothing, as lists of values and probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from proofs_check.distributional.history import history_laws
from rltheory.models import OutcomeModel

Law = tuple[tuple[float, float], ...]
"""Pairs of value and probability, by increasing value."""

_MOST = 10**7
_DIGITS = 10  # values that differ by less are one


def achievable(model: OutcomeModel, H: int, start: int) -> list[Law]:
    """Return the laws of the return over H steps of all deterministic policies with a memory."""
    laws = history_laws(model, H, start, most=_MOST)
    return [tuple(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)) for law in laws]


def expectation(law: Law, f: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return E f(G) for a function of arrays."""
    x, p = np.array(law).T
    return float(p @ f(x))


def achievable_without_memory(model: OutcomeModel, H: int, start: int) -> list[Law]:
    """Return the laws of the deterministic policies that look at the step and the state only."""
    choices = product(*(range(count) for _ in range(H) for count in model.action_counts))
    found = set()
    for choice in choices:
        actions = np.array(choice, dtype=np.int64).reshape(H, model.n_states)
        laws: list[Law] = [((0.0, 1.0),)] * model.n_states
        for t in reversed(range(H)):
            pairs = model.pair_start[:-1] + actions[t]
            laws = [_mixed(model, int(i), [laws[s] for s in model.next_state[i]]) for i in pairs]
        found.add(laws[start])
    return sorted(found)


def ending(model: OutcomeModel, N: int) -> OutcomeModel:
    """Return the model that is left for good after N steps: over an infinite horizon it has the returns of N steps."""
    n, (n_pairs, B) = model.n_states, model.prob.shape
    end = n * N
    ahead = [np.full((n_pairs, B), end) if t == N - 1 else model.next_state + n * (t + 1) for t in range(N)]
    stay = np.zeros((1, B))
    return OutcomeModel(
        prob=np.concatenate([model.prob] * N + [stay + (np.arange(B) == 0)]),
        next_state=np.concatenate([*ahead, np.full((1, B), end)]),
        reward=np.concatenate([model.reward] * N + [stay]),
        gamma=model.gamma,
        mu=np.bincount([0], minlength=end + 1),
        pair_start=np.concatenate(
            [model.pair_start[:-1] + n_pairs * t for t in range(N)] + [[n_pairs * N, n_pairs * N + 1]]
        ),
    )


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


def _mixed(model: OutcomeModel, i: int, ahead: Sequence[Law]) -> Law:
    """Return the law of the return of pair i, with a law to go on with for each outcome."""
    mass: dict[float, float] = {}
    for p, reward, law in zip(model.prob[i].tolist(), model.reward[i].tolist(), ahead, strict=True):
        for x, q in law if p > 0 else ():
            value = round(reward + model.gamma * x, _DIGITS) + 0.0
            mass[value] = mass.get(value, 0.0) + p * q
    return tuple(sorted(mass.items()))
