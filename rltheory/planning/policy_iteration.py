r"""Policy iteration: solve for the value of a policy exactly, then improve the policy greedily in every state.

.. math:: v^{\pi_k} = (I - \gamma P_{\pi_k})^{-1} r_{\pi_k}, \qquad
          \pi_{k+1}(s) \in \arg\max_a \Big\{ r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, v^{\pi_k}(s') \Big\}

(Howard 1960). Each value is at least the last, at least as good as a sweep of value iteration would make it, and no
policy comes twice; so the loop ends, with an optimal policy. In floating point two actions of equal value could take
turns for ever: an action is replaced only if the gain exceeds 1e-12 times the scale of v, or less where the tolerance
needs that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.planning import bounds
from rltheory.planning.backup import checked_policy, policy_rows, q_values
from rltheory.planning.enclosure import certify, require_discounted, stopping_rule
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.rounding import largest_size
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_limit, checked_tol

_TIE = 1e-12


def policy_iteration(
    mdp: MDP,
    *,
    tol: float = 1e-8,
    initial_policy: Any = None,
    max_improvements: int | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve a discounted MDP by Howard's policy iteration.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    tol : float
        Accuracy that the answer must have, in reward units. The algorithm is exact up to rounding whatever ``tol``.
    initial_policy : array_like of int, shape (n_states,), optional
        Where to start; by default the policy greedy for immediate rewards.
    max_improvements : int, optional
        Limit on improvements; by default none, since the algorithm ends by itself.
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the enclosure
        in reward units.

    Returns
    -------
    Solution
        One round of ``iterations`` is one improvement that changed the policy.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1; set a horizon and use `backward_induction`.
    ModelError
        If ``tol`` or the limit is not positive, or ``initial_policy`` does not fit the model.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Howard (1960), Dynamic Programming and Markov Processes; the number of rounds is bounded by
    `bounds.howard_improvements`.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> solution = rl.policy_iteration(mdp)
    >>> solution.policy, solution.value, solution.iterations
    (array([0, 0]), array([2., 4.]), 1)
    """
    require_discounted(mdp)
    checked_tol(tol)
    limit = checked_limit(max_improvements, "max_improvements") or math.inf
    target, _ = stopping_rule(mdp.gamma, int(np.diff(mdp.P.indptr).max()), largest_size(mdp.r), tol)
    policy = first_policy(mdp) if initial_policy is None else checked_policy(mdp, initial_policy)
    v, method = policy_solve(mdp, policy)
    widths: list[float] = []
    while len(widths) < limit:
        # Many ties held on to must not cost the tolerance.
        tie = min(_TIE * largest_size(v), (1 - mdp.gamma) * target(largest_size(v)) / 8)
        improved, gain = improve(mdp, v, policy, tie)
        if np.array_equal(improved, policy):
            break
        widths.append(bounds.bracket_width(mdp.gamma, float(np.ptp(gain))))
        if progress is not None:
            progress(len(widths), widths[-1])
        policy = improved
        v, method = policy_solve(mdp, policy, guess=v)
    return certify(
        mdp,
        v,
        tol=tol,
        history=widths,
        method=f"policy iteration with {method}",
        limited=len(widths) == limit,
    )


def first_policy(mdp: MDP) -> np.ndarray:
    """Return the policy greedy for immediate rewards; ties go to the lowest action."""
    return best_actions(mdp, mdp.r)[1]


def best_actions(mdp: MDP, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the maximum of q over each state's actions, and the lowest action that attains it."""
    starts = mdp.pair_start[:-1]
    best = np.maximum.reduceat(q, starts)
    attains = np.where(q == best[mdp.pair_state], np.arange(mdp.n_pairs), mdp.n_pairs)
    return best, np.minimum.reduceat(attains, starts) - starts


def improve(mdp: MDP, v: np.ndarray, policy: np.ndarray, tie: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the policy improved on v, and ``T v - v``; an action is replaced if the gain exceeds ``tie``.

    By default that is 1e-12 times the scale of v.
    """
    q = q_values(mdp, v)
    best, challenger = best_actions(mdp, q)
    gain = best - q[mdp.pair_start[:-1] + policy]
    tie = _TIE * largest_size(v) if tie is None else tie
    return np.where(gain > tie, challenger, policy), best - v


def policy_solve(mdp: MDP, policy: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, str]:
    """Return ``v^pi`` by a linear system, and the solver's name; its accuracy is proven later, from the residual."""
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
    return solve_policy_system(P_policy, mdp.gamma, r_policy, guess=guess)
