r"""Curvature: how far a function is from a sum, and what planning with sums, greed and semigradients make of it."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.submodular_function_strategies import monotone_functions
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import HALVES, PATHS, SEEDS, TWINS, from_zero, orders
from proofs_check.theorem import Check, Theorem
from rltheory.submodular import SubmodularMDP, bounds, curvature, greedy, modular_planning, semigradient
from rltheory.submodular.functions import Coverage, Modular, SetFunction

_FUNCTIONS = monotone_functions(max_elements=4)


def _last_gains(F: SetFunction, *, pairs: bool = False) -> Check:
    least = oracles.least_kept(F)
    if pairs:
        n, alone = F.n_elements, [F.value([v]) for v in range(F.n_elements)]
        least = min(
            ((F.value([u, v]) - alone[u]) / alone[v] for u in range(n) for v in range(n) if u != v and alone[v] > 0),
            default=1.0,
        )
    return Check.equal(1 - least, curvature(F))


last_gains = Theorem(
    name="submodular-curvature",
    statement=(
        r"$c = 1 - \min_{A, v \notin A} F(v \mid A) / F(v) = 1 - \min_v (F(V) - F(V \setminus v)) / F(v)$, the minima"
        r" over elements of worth above 0."
    ),
    source="conforti1984",
    assumptions=r"$F$ monotone submodular",
    instances=_FUNCTIONS | st.just(Coverage.from_sets([[0, 1], [1, 2], [0, 2]])),
    check=_last_gains,
    refutable=partial(_last_gains, pairs=True),  # false: as if pairs of elements told all
)


def _bracket(F: SetFunction, less: float = 1.0) -> Check:
    c = less * (1 - oracles.least_kept(F))
    values = {chosen: F.value(chosen) for chosen in oracles.subsets(F.n_elements) if chosen}
    brackets = [bounds.modular_bracket(sum(values[v,] for v in chosen), c) for chosen in values]
    low, high = np.array(brackets).T
    value = np.array(list(values.values()))
    return Check.everywhere(np.concatenate([low, value]), np.concatenate([value, high]))


bracket = Theorem(
    name="submodular-curvature-bracket",
    statement=r"$(1 - c) \sum_{v \in A} F(v) \le F(A) \le \sum_{v \in A} F(v)$ for every set $A$.",
    source="conforti1984; iyer2013",
    assumptions=r"$F$ monotone submodular of curvature $c$",
    instances=_FUNCTIONS | st.just(TWINS),
    check=_bracket,
    refutable=partial(_bracket, less=0.5),  # false: half of the curvature
    tight=lambda: _bracket(Modular(np.array([1.0, 2.0]))),
    tight_ratio=1 - 1e-9,
    attained_by="A modular function",
)


def _planned(mdp: SubmodularMDP, less: float = 1.0) -> Check:
    actions = modular_planning(mdp).policy
    kept = bounds.modular_planning(less * curvature(mdp.F))
    reached = oracles.runs(mdp).value(np.eye(mdp.n_actions)[actions])  # type: ignore[index]
    return Check(kept * oracles.optimum(mdp), reached)


def _crowd(steps: int, c: float) -> SubmodularMDP:
    """Return the model in which every step may visit one of a crowd that shares c of its worth, or one of its own."""
    n = 3
    sets: list[list[int]] = [[]] * n
    weights = [c]
    for _ in range(steps):
        sets = [*sets, [], [0, len(weights)], [len(weights) + 1]]
        weights += [1 - c, 1.0]
    P = np.eye(n)[[[1, 2]] * n]
    return from_zero(P, Coverage.from_sets(sets, weights), steps)


planned = Theorem(
    name="submodular-modular-planning",
    statement=r"A policy $\pi$ that maximises $E \sum_h F(\{(h, s_h)\})$ has $J(\pi) \ge (1 - c) J^*$.",
    source="prajapat2024; derived here",
    assumptions=r"elements are visits, so that none is touched twice; $c$ is the curvature of $F$ over them",
    instances=submodular_mdps(
        functions=lambda n: monotone_functions(n_elements=n), visits=True, max_states=2, max_horizon=2
    )
    | st.just(_crowd(3, 0.5)),
    check=_planned,
    refutable=partial(_planned, less=0.5),  # false: half of the curvature
    tight=lambda: _planned(_crowd(10, 0.5)),
    tight_ratio=0.9,
    attained_by="A crowd of eight that share half of their worth",
)


def _row(steps: int, delta: float) -> SubmodularMDP:
    states = np.arange(steps + 1)
    landing = np.minimum(states[:, None] + [0, 1], steps)
    return from_zero(np.eye(steps + 1)[landing], Modular(np.append(1 + delta, np.ones(steps))), steps)


def _stays(steps: int, delta: float, more: float = 0.0) -> Check:
    mdp = _row(steps, delta)
    actions = modular_planning(mdp).policy
    reached = oracles.runs(mdp).value(np.eye(2)[actions])  # type: ignore[index]
    return Check.equal(reached / oracles.optimum(mdp), bounds.modular_revisits(steps, delta) + more)


stays = Theorem(
    name="submodular-modular-revisits",
    statement=(
        r"Where states may be visited again planning with single states keeps no constant part, even with $c = 0$: in a"
        r" row of states it stays on the first and reaches $(1 + \delta) / (H + 1 + \delta)$ of the optimum."
    ),
    source="derived here",
    assumptions=r"$H + 1$ states in a row, the first of worth $1 + \delta$, the others of worth 1; moves on or stays",
    instances=st.tuples(st.integers(1, 5), st.sampled_from([0.125, 0.5, 1.0, 3.0])),
    check=_stays,
    refutable=lambda steps, delta: _stays(steps, delta, 1e-3),  # false: a little more
)


@st.composite
def _choices(draw: DrawFn) -> tuple[SetFunction, int]:
    F = draw(monotone_functions(max_elements=5))
    return F, draw(st.integers(1, F.n_elements))


def _chosen(F: SetFunction, k: int, less: float = 1.0) -> Check:
    factor = bounds.cardinality_greedy(less * (1 - oracles.least_kept(F)), k)
    return Check(factor * oracles.best_of_size(F, k), F.value(greedy(F, k).elements))


_THREE = Coverage(HALVES.covers[1:], HALVES.weights)

chosen = Theorem(
    name="submodular-curvature-greedy",
    statement=(
        r"Greedy with $k$ choices reaches $(1 - (1 - c/k)^k) / c \ge (1 - e^{-c}) / c$ of the best set of $k$ elements:"
        r" all of it for $c = 0$, $1 - 1/e$ for $c = 1$."
    ),
    source="conforti1984, theorem 2.3; nemhauser1978, theorem 4.2",
    assumptions=r"$F$ monotone submodular of curvature $c$",
    instances=_choices() | st.just((_THREE, 2)),
    check=_chosen,
    refutable=partial(_chosen, less=0.5),  # false: half of the curvature
    tight=lambda: _chosen(_THREE, 2),
    tight_ratio=1 - 1e-9,
    attained_by="A first choice that takes a half of each of two others",
)


def _below(F: SetFunction, order: list[int], *, over: int = 0) -> Check:
    """Compare sums of gains with values; with ``over``, later elements gain over the first ones alone."""
    gain = {v: F.value(order[: i + 1]) - F.value(order[:i]) for i, v in enumerate(order)}
    for v in order[over:] if over else []:
        gain[v] = F.value([*order[:over], v]) - F.value(order[:over])
    subsets = oracles.subsets(F.n_elements)
    lower = [sum(gain[v] for v in chosen) for chosen in subsets]
    # Equality for every beginning of the order: then the sum is also an upper bound.
    beginnings = [order[:i] for i in range(len(order) + 1)]
    return Check.everywhere(
        lower + [F.value(first) for first in beginnings],
        [F.value(chosen) for chosen in subsets] + [sum(gain[v] for v in first) for first in beginnings],
    )


below = Theorem(
    name="submodular-semigradient",
    statement=(
        r"The gains $m(v_i) = F(v_i \mid v_1, \dots, v_{i-1})$ of any order lie below $F$,"
        r" $\sum_{v \in A} m(v) \le F(A)$ for every $A$, and touch it at each beginning of the order."
    ),
    source="iyer2013",
    assumptions=r"$F$ submodular",
    instances=orders() | st.just((HALVES, [0, 1, 2, 3])),
    check=_below,
    refutable=partial(_below, over=1),  # false: as if all elements after the first could count their gain over it
)

_SHADOWED = from_zero(np.eye(3)[[[1, 2]] * 3], Coverage.from_sets([[], [0], [0, 1]], [2.0, 1.0]), 1)
"""Beside state 1 the better state 2 seems to gain too little, whatever the order."""


def _ascent(mdp: SubmodularMDP, seed: int, *, more: bool = False) -> Check:
    """Follow the rounds of an ascent from the first path, whose values are at least those before, and at most J*."""
    start = oracles.paths(mdp)[0]
    answer = semigradient(mdp, np.array(start), rounds=2, rng=seed)
    values = [oracles.worth(mdp, start), *answer.history, oracles.optimum(mdp)]
    reached = oracles.worth(mdp, tuple(answer.path.tolist()))  # type: ignore[union-attr]
    before, after = [*values[:-1], values[-2], reached], [*values[1:], reached, values[-2]]
    if more:
        return Check(values[-1], reached)
    return Check.everywhere(before, after)


ascent = Theorem(
    name="submodular-semigradient-ascent",
    statement=(
        r"Planning with the gains of an order that begins with the present path never lowers its value:"
        r" $F(\tau') \ge m(\tau') \ge m(\tau) = F(\tau)$."
    ),
    source="iyer2013; derived here",
    assumptions=r"no chance; $F$ monotone submodular; the order is of visits, and later ones of a state gain nothing",
    instances=st.tuples(PATHS, SEEDS) | st.tuples(st.just(_SHADOWED), SEEDS),
    check=_ascent,
    refutable=partial(_ascent, more=True),  # false: as if it ended at the optimum
)

THEOREMS = (last_gains, bracket, planned, stays, chosen, below, ascent)
