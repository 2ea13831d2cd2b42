"""Constrained discounted MDPs in rational arithmetic: no rounding anywhere, for tiny models.

The occupancies of all policies are the mixtures of those of the deterministic ones (Altman 1999, theorem 3.3), so that
rewards and costs are a polytope with known corners. An optimum with K limits is at a mixture of at most K + 1 corners:
k + 1 of them if k limits bind. All such mixtures are tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from proofs_check.rational import rational_policy_rows, rational_solve
from rltheory.models import MDP


def rational_constrained_optimum(mdp: MDP, costs: np.ndarray, limits: np.ndarray) -> Fraction | None:
    """Return the largest discounted reward from ``mu`` of the policies whose discounted costs keep the limits.

    Parameters
    ----------
    mdp : MDP
        Tiny, with ``gamma < 1``.
    costs : ndarray, shape (n_limits, n_pairs)
    limits : ndarray, shape (n_limits,)

    Returns
    -------
    Fraction, or None
        None if no policy keeps the limits.
    """
    policies = itertools.product(*(range(count) for count in mdp.action_counts))
    corners = {tuple(rational_sums(mdp, policy, np.vstack([mdp.r, costs]))) for policy in policies}
    bounds = [Fraction(limit) for limit in limits]
    kept = (point for point in _mixtures(sorted(corners), bounds) if all(map(Fraction.__le__, point[1:], bounds)))
    return max((point[0] for point in kept), default=None)


def rational_sums(mdp: MDP, policy: Sequence[int] | np.ndarray, rewards: np.ndarray) -> list[Fraction]:
    """Return the discounted sums, from ``mu``, of several rewards under one policy, exactly.

    Parameters
    ----------
    mdp : MDP
        Tiny, with ``gamma < 1``.
    policy : sequence of int, length n_states, or ndarray, shape (n_states, n_actions)
    rewards : ndarray, shape (n_rewards, n_pairs)

    Returns
    -------
    list of n_rewards Fraction
    """
    P, _ = rational_policy_rows(mdp, policy)
    gamma, states = Fraction(mdp.gamma), range(mdp.n_states)
    visits = rational_solve(
        [[(s == t) - gamma * P[s][t] for s in states] for t in states], [Fraction(x) for x in mdp.mu]
    )
    earned = (rational_policy_rows(mdp.replace(r=r), policy)[1] for r in rewards)
    return [sum(map(Fraction.__mul__, visits, r), Fraction(0)) for r in earned]


def _mixtures(corners: list[tuple[Fraction, ...]], bounds: list[Fraction]) -> Iterator[tuple[Fraction, ...]]:
    """Yield the mixtures of k + 1 corners at which k limits bind, for every k."""
    for k in range(len(bounds) + 1):
        for binding in itertools.combinations(range(len(bounds)), k):
            wanted = [Fraction(1), *(bounds[i] for i in binding)]
            for mixed in itertools.combinations(corners, k + 1):
                rows = [[Fraction(1)] * (k + 1), *([point[1 + i] for point in mixed] for i in binding)]
                try:
                    weights = rational_solve(rows, wanted) if k else [Fraction(1)]
                except ZeroDivisionError:
                    continue
                if min(weights) >= 0:
                    yield tuple(
                        sum(map(Fraction.__mul__, weights, column), Fraction(0)) for column in zip(*mixed, strict=True)
                    )
