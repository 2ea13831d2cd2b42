"""Reaching a goal and shortest paths in rational arithmetic: no rounding anywhere, for tiny models.

A row of floats stands for the distribution exactly proportional to it. Sets of states are found by plain set operations
and optima by policy iteration in fractions; nothing is shared with `rltheory.planning`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np

from proofs_check.rational import rational_solve
from rltheory.models import MDP

Law = dict[int, Fraction]


def rational_laws(mdp: MDP) -> list[list[Law]]:
    """Return the distribution of each action of each state, exactly normalised, without impossible successors.

    Parameters
    ----------
    mdp : MDP

    Returns
    -------
    list of list of dict
    """
    laws = []
    for pair in range(mdp.n_pairs):
        entries = slice(mdp.P.indptr[pair], mdp.P.indptr[pair + 1])
        weights = {int(t): Fraction(p) for t, p in zip(mdp.P.indices[entries], mdp.P.data[entries], strict=True) if p}
        total = sum(weights.values())
        laws.append({t: p / total for t, p in weights.items()})
    return [laws[start:end] for start, end in itertools.pairwise(mdp.pair_start.tolist())]


def rational_policy_total(
    mdp: MDP, policy: Sequence[int] | np.ndarray, goal: Iterable[int], *, reward: bool = True
) -> list[Fraction] | None:
    """Return what a policy earns until it reaches the goal, or with which probability it does.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    policy : sequence of int, length n_states
    goal : iterable of int
    reward : bool
        Whether to add up rewards; otherwise reaching the goal counts 1, and nothing else.

    Returns
    -------
    list of Fraction, or None
        None if rewards are asked for and the policy does not reach the goal almost surely.
    """
    goal, laws = set(goal), rational_laws(mdp)
    chosen = [laws[s][a] for s, a in enumerate(policy)]
    earned = [Fraction(mdp.r[mdp.pair_start[s] + a]) for s, a in enumerate(policy)]
    return _chain_total(chosen, earned if reward else None, goal)


def rational_maximal_reachability(mdp: MDP, goal: Iterable[int]) -> list[Fraction]:
    """Return the largest probability of reaching a goal, exactly.

    Policy iteration from any policy, improving strictly: it ends with the value of a policy that solves the optimality
    equation, whose least solution is the optimum (Puterman 2005, theorem 7.2.3), so that both are the same.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    goal : iterable of int

    Returns
    -------
    list of Fraction, length n_states
    """
    goal, laws = set(goal), rational_laws(mdp)
    return _improved(laws, None, goal, [0] * mdp.n_states)[0]


def rational_minimal_reachability(mdp: MDP, goal: Iterable[int]) -> list[Fraction]:
    """Return the smallest probability of reaching a goal, exactly.

    From the states that can avoid the goal for ever it is 0. With these taken as traps no policy of the others can stay
    away from goal and traps, and the largest probability of a trap is the complement.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    goal : iterable of int

    Returns
    -------
    list of Fraction, length n_states
    """
    goal, laws = set(goal), rational_laws(mdp)
    avoids = set(range(mdp.n_states)) - goal
    while kept := {s for s in avoids if any(law.keys() <= avoids for law in laws[s])}:
        if kept == avoids:
            break
        avoids = kept
    if not kept:
        return [Fraction(1)] * mdp.n_states
    stopped = [[{s: Fraction(1)}] if s in goal else laws[s] for s in range(mdp.n_states)]
    trapped = _improved(stopped, None, avoids, [0] * mdp.n_states)[0]
    return [1 - x for x in trapped]


def rational_shortest_path(mdp: MDP, goal: Iterable[int]) -> list[Fraction] | None:
    """Return the largest total reward until a goal over the policies that reach it almost surely, exactly.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    goal : iterable of int

    Returns
    -------
    list of Fraction, or None
        None if the problem is not well posed: from some state no policy reaches the goal almost surely, or away from
        the goal a policy can earn a non-negative average for ever, other than by rewards that are all zero.
    """
    goal, laws = set(goal), rational_laws(mdp)
    start = _proper_policy(laws, goal)
    if start is None:
        return None
    starts = mdp.pair_start.tolist()
    rewards = [[Fraction(x) for x in mdp.r[a:b]] for a, b in itertools.pairwise(starts)]
    v, ended = _improved(laws, rewards, goal, start)
    if not ended:
        return None
    tied = [
        [] if s in goal else [a for a, law in enumerate(laws[s]) if rewards[s][a] + _mean(law, v) == v[s]]
        for s in range(mdp.n_states)
    ]
    return None if _pays_in_an_end_component(laws, rewards, tied) else v


def _improved(
    laws: list[list[Law]], rewards: list[list[Fraction]] | None, goal: set[int], policy: list[int]
) -> tuple[list[Fraction], bool]:
    """Return the value at which policy iteration ends, and whether it ended without meeting an improper policy."""
    v: list[Fraction] = []
    while True:
        chosen = [laws[s][a] for s, a in enumerate(policy)]
        earned = None if rewards is None else [rewards[s][a] for s, a in enumerate(policy)]
        total = _chain_total(chosen, earned, goal)
        if total is None:
            return v, False
        v, better = total, list(policy)
        for s, own in enumerate(laws):
            if s not in goal:
                q = [(rewards[s][a] if rewards else 0) + _mean(law, v) for a, law in enumerate(own)]
                if max(q) > v[s]:
                    better[s] = q.index(max(q))
        if better == policy:
            return v, True
        policy = better


def _chain_total(chosen: list[Law], earned: list[Fraction] | None, goal: set[int]) -> list[Fraction] | None:
    """Return the total of a chain until the goal, or the probability of reaching it if nothing is earned."""
    reaches = _grown(goal, lambda s, inside: not inside.isdisjoint(chosen[s]), len(chosen))
    if earned is not None and len(reaches) < len(chosen):
        return None
    inner = sorted(reaches - goal)
    at = {s: i for i, s in enumerate(inner)}
    v = [Fraction(earned is None and s in goal) for s in range(len(chosen))]
    matrix = [[(s == t) - chosen[s].get(t, Fraction(0)) for t in inner] for s in inner]
    direct = [
        sum((p for t, p in chosen[s].items() if t in goal), Fraction(0)) if earned is None else earned[s] for s in inner
    ]
    solution = rational_solve(matrix, direct) if inner else []
    for s in inner:
        v[s] = solution[at[s]]
    return v


def _proper_policy(laws: list[list[Law]], goal: set[int]) -> list[int] | None:
    """Return a policy that reaches the goal almost surely from everywhere, or None if there is none."""
    policy, reached, n = [0] * len(laws), set(goal), len(laws)
    # Once every state is reached no successor is bad, so that growing a set is enough.
    while len(reached) < n:
        new = {s: a for s in set(range(n)) - reached for a, law in enumerate(laws[s]) if not reached.isdisjoint(law)}
        if not new:
            return None
        for s, a in new.items():
            policy[s] = a
        reached |= new.keys()
    return policy


def _pays_in_an_end_component(laws: list[list[Law]], rewards: list[list[Fraction]], allowed: list[list[int]]) -> bool:
    """Return whether allowed actions form an end component in which some reward is not zero."""
    n = len(laws)
    actions = [set(own) for own in allowed]
    while True:
        leads: list[set[int]] = [set().union(*(laws[s][a] for a in actions[s])) for s in range(n)]
        reach = [_leading_to(s, leads) for s in range(n)]
        kept = [{a for a in actions[s] if all(actions[t] and t in reach[s] for t in laws[s][a])} for s in range(n)]
        if kept == actions:
            return any(rewards[s][a] != 0 for s in range(n) for a in kept[s])
        actions = kept


def _leading_to(state: int, leads: list[set[int]]) -> set[int]:
    """Return the states from which a state can be reached."""
    return _grown({state}, lambda t, inside: not inside.isdisjoint(leads[t]), len(leads))


def _grown(start: Iterable[int], joins: Callable[[int, set[int]], bool], n: int) -> set[int]:
    """Return a set grown by the states that join it, until none does."""
    inside = set(start)
    while new := {s for s in set(range(n)) - inside if joins(s, inside)}:
        inside |= new
    return inside


def _mean(law: Law, v: list[Fraction]) -> Fraction:
    return sum((p * v[t] for t, p in law.items()), Fraction(0))
