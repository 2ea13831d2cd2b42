"""What policies that remember everything can achieve, by enumeration; risk measures by their definitions.

A law is a dictionary from values to probabilities. Nothing here uses the library's stocks or recursions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from proofs_check.distributional.history import history_laws
from rltheory import OutcomeModel

Law = dict[float, float]

_MOST = 10**7


def achievable_laws(model: OutcomeModel, H: int, start: int = 0) -> list[Law]:
    """Return the laws of the return of all deterministic policies that know their whole history, without repetitions.

    Parameters
    ----------
    model : OutcomeModel
        Small: with A actions and B outcomes there are A N**B laws for each N laws of one step less.
    H : int
        Number of steps, 0 to 3.
    start : int
        State at step 0.

    Returns
    -------
    list of dict
        Values of the return and their probabilities.
    """
    laws = history_laws(model, H, start, most=_MOST)
    return [dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)) for law in laws]


def policy_law(model: OutcomeModel, policy: np.ndarray, H: int, start: int = 0) -> Law:
    """Return the law of the return of a Markov policy, shape (H, n_states, n_actions), by walking every path."""
    law: Law = {}

    def walk(t: int, s: int, total: float, prob: float) -> None:
        if t == H:
            value = round(total, 11) + 0.0
            law[value] = law.get(value, 0.0) + prob
            return
        for a in range(model.action_counts[s]):
            i = model.pair_start[s] + a
            for b in range(model.prob.shape[1]):
                p = prob * float(policy[t, s, a] * model.prob[i, b])
                if p > 0:
                    walk(t + 1, int(model.next_state[i, b]), total + model.gamma**t * float(model.reward[i, b]), p)

    walk(0, start, 0.0, 1.0)
    return law


def best(laws: Sequence[Law], functional: Callable[..., float], *level: Any) -> float:
    """Return the largest value of a functional at a level."""
    return max(functional(law, *level) for law in laws)


def mean(law: Law) -> float:
    """Return the expectation."""
    return sum(x * p for x, p in law.items())


def worst(law: Law) -> float:
    """Return the essential infimum."""
    return min(law)


def cvar(law: Law, tau: float) -> float:
    """Return the mean of the worst part of mass tau."""
    left, tail = tau, 0.0
    for x in sorted(law):
        used = min(law[x], left)
        tail, left = tail + used * x, left - used
    return (tail + left * max(law)) / tau


def spectral(law: Law, weights: Sequence[float], levels: Sequence[float]) -> float:
    """Return a weighted sum of CVaRs."""
    return sum(w * cvar(law, tau) for w, tau in zip(weights, levels, strict=True))


def upper_quantile(law: Law, tau: float) -> float:
    """Return the largest y with P(X < y) <= tau."""
    below, atoms = 0.0, sorted(law)
    for x in atoms:
        below += law[x]
        if below > tau + 1e-12:
            return x
    return atoms[-1]


def lower_quantile(law: Law, tau: float) -> float:
    """Return the smallest y with P(X <= y) >= tau."""
    below, atoms = 0.0, sorted(law)
    for x in atoms:
        below += law[x]
        if below >= tau - 1e-12:
            return x
    return atoms[-1]


def entropic(law: Law, beta: float) -> float:
    """Return the entropic risk at a level in [0, inf]."""
    if beta == 0:
        return mean(law)
    low = min(law)
    if math.isinf(beta):
        return low
    # The rest is one minus this, but without the digits that the subtraction would cost.
    missing = math.fsum(p * -math.expm1(-beta * (x - low)) for x, p in law.items())
    if missing < 0.5:
        return low - math.log1p(-missing) / beta
    return low - math.log(math.fsum(p * math.exp(-beta * (x - low)) for x, p in law.items())) / beta


def evar(law: Law, alpha: float) -> float:
    """Return the entropic value at risk: of a concave function of the temperature the maximum, by golden section."""
    if alpha == 1:
        return mean(law)
    price, low = -math.log(alpha), min(law)
    value = lambda theta: (entropic(law, 1 / theta) if theta > 1e-300 else low) - theta * price  # noqa: E731
    a, b, ratio = 0.0, (mean(law) - low) / price, (math.sqrt(5) - 1) / 2
    for _ in range(200):
        c, d = b - ratio * (b - a), a + ratio * (b - a)
        a, b = (a, d) if value(c) >= value(d) else (c, b)
    return max(value(0.0), value((a + b) / 2))


def best_mixture_of_upper_tails(laws: Sequence[Law], tau: float) -> float:
    r"""Return the largest optimistic CVaR of a mixture of laws, by a linear program over weights and tails.

    Maximise the sum of x y(x) / tau over mixtures and :math:`0 \le y \le` mixture, of total mass tau.
    """
    from scipy.optimize import linprog

    atoms = sorted({x for law in laws for x in law})
    table = np.array([[law.get(x, 0.0) for law in laws] for x in atoms])
    n, k = table.shape
    cost = np.concatenate([np.zeros(k), -np.array(atoms) / tau])
    equal = np.vstack([np.concatenate([np.ones(k), np.zeros(n)]), np.concatenate([np.zeros(k), np.ones(n)])])
    solved = linprog(cost, np.hstack([-table, np.eye(n)]), np.zeros(n), equal, [1.0, tau], method="highs")
    return -float(solved.fun)


def chow_value(model: OutcomeModel, tau: float, H: int, start: int = 0) -> float:
    r"""Return the value of the recursion of Chow et al. (2015) by one linear program over the tree of histories.

    With :math:`Z(y) = y V(y)`: minimise Z of the root over all ways to split levels, where Z of a node is at least what
    each of its actions gives, :math:`\sum_b p_b (r_b y_b + \gamma Z_b)`, and each action splits the node's level for
    itself.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    above: list[dict[int, float]] = []  # each sums to at most 0
    split: list[dict[int, float]] = []  # each sums to 0
    bounds: list[tuple[float | None, float | None]] = [(tau, tau), (None, None)]

    def grow(t: int, s: int, level: int, tail: int) -> None:
        if t == H:
            bounds[tail] = (0.0, 0.0)
            return
        for i in range(model.pair_start[s], model.pair_start[s + 1]):
            worth, parts = {tail: -1.0}, {level: -1.0}
            for b in np.flatnonzero(model.prob[i]):
                p, y, z = float(model.prob[i, b]), len(bounds), len(bounds) + 1
                bounds.extend([(0.0, 1.0), (None, None)])
                parts[y], worth[y], worth[z] = p, p * float(model.reward[i, b]), p * model.gamma
                grow(t + 1, int(model.next_state[i, b]), y, z)
            above.append(worth)
            split.append(parts)

    grow(0, start, 0, 1)

    def matrix(rows: list[dict[int, float]]) -> coo_array:
        places = [(k, column) for k, row in enumerate(rows) for column in row]
        data = [x for row in rows for x in row.values()]
        return coo_array((data, tuple(np.array(places, dtype=int).reshape(-1, 2).T)), (len(rows), len(bounds)))

    if H == 0:
        return 0.0
    cost = np.zeros(len(bounds))
    cost[1] = 1.0
    zero = np.zeros(len(above))
    solved = linprog(cost, matrix(above).tocsr(), zero, matrix(split).tocsr(), zero, bounds, method="highs")
    return float(solved.fun) / tau


def split_of_levels(laws: Sequence[Law], prob: Any, tau: float) -> float:
    """Return the least of sum p_b y_b CVaR_{y_b} / tau over splits of the level tau, by a linear program.

    Each tail is the largest of its supporting lines (one for each atom), as a convex function is.
    """
    from scipy.optimize import linprog

    k, rows, limits = len(laws), [], []
    for b, law in enumerate(laws):
        before, tail = 0.0, 0.0
        for x in sorted(law):
            row = np.zeros(2 * k)
            row[b], row[k + b] = x, -1.0
            rows.append(row)
            limits.append(x * before - tail)
            before, tail = before + law[x], tail + law[x] * x
    weights = np.asarray(prob, dtype=float)
    solved = linprog(
        np.concatenate([np.zeros(k), weights]),
        np.array(rows),
        limits,
        np.concatenate([weights, np.zeros(k)])[None],
        [tau],
        [(0.0, 1.0)] * k + [(None, None)] * k,
        method="highs",
    )
    return float(solved.fun) / tau
