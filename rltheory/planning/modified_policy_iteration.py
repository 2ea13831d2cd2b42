r"""Modified policy iteration: one greedy backup, then cheap sweeps with the greedy policy alone.

.. math:: \pi_k = \text{greedy}(v_k), \qquad v_{k+1} = (T_{\pi_k})^m v_k

(Puterman and Shin 1978). m = 1 is value iteration, m = infinity policy iteration. By default the inner sweeps go on
until they have shrunk the span of their differences tenfold, then the iterate is shifted to the middle of the inner
bracket: a constant passes through T as gamma times itself, so that it changes no policy and no span.
"""

from __future__ import annotations

import math

import numpy as np

from rltheory.models import MDP
from rltheory.planning import bounds
from rltheory.planning.backup import backup, policy_rows
from rltheory.planning.enclosure import certify, require_discounted, stopping_width
from rltheory.planning.solution import Solution
from rltheory.planning.value_iteration import checked_limit, checked_tol, largest_reward, span, sweeps_needed

_INNER_REDUCTION = 0.1
_MOST_INNER_SWEEPS = 1000


def modified_policy_iteration(
    mdp: MDP, *, tol: float = 1e-8, inner_sweeps: int | None = None, max_improvements: int | None = None
) -> Solution:
    """Solve a discounted MDP by modified (or optimistic) policy iteration.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    inner_sweeps : int, optional
        Sweeps with each policy after its greedy backup, the m - 1 of the formula; by default as many as pay.
    max_improvements : int, optional
        Limit on greedy backups; by default what theory needs.

    Returns
    -------
    Solution
        One round of ``iterations`` is one greedy backup with its inner sweeps.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1; set a horizon and use `backward_induction`.
    ModelError
        If ``tol`` or a limit is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Puterman and Shin (1978), Modified policy iteration algorithms for discounted Markov decision problems.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> rl.modified_policy_iteration(mdp, tol=1e-6).value.round(6)
    array([2., 4.])
    """
    require_discounted(mdp)
    checked_tol(tol)
    if inner_sweeps is not None:
        checked_limit(inner_sweeps + 1, "inner_sweeps + 1")
    v = largest_reward(mdp)
    widths: list[float] = []
    limit = math.inf if max_improvements is None else checked_limit(max_improvements, "max_improvements")
    while len(widths) < limit:
        backed_up, policy = backup(mdp, v)
        widths.append(bounds.bracket_width(mdp.gamma, span(backed_up - v)))
        target = stopping_width(mdp, backed_up, tol)
        if widths[-1] <= target:
            break
        if max_improvements is None and len(widths) == 1:
            limit = 2 + sweeps_needed(mdp, backed_up - v, target)
        v = _evaluate_roughly(mdp, policy, v, backed_up, inner_sweeps)
    limited = max_improvements is not None and widths[-1] > target
    return certify(mdp, v, tol=tol, history=widths, method="modified policy iteration", limited=limited)


def _evaluate_roughly(
    mdp: MDP, policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, inner_sweeps: int | None
) -> np.ndarray:
    """Return ``(T_pi)^m v``; with m chosen here, shifted to the middle of the bracket of the policy's value."""
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
    d = backed_up - v
    goal = _INNER_REDUCTION * span(d)
    for _ in range(_MOST_INNER_SWEEPS if inner_sweeps is None else inner_sweeps):
        if inner_sweeps is None and span(d) <= goal:
            break
        v, backed_up = backed_up, r_policy + mdp.gamma * (P_policy @ backed_up)
        d = backed_up - v
    if inner_sweeps is not None:
        return backed_up
    return backed_up + mdp.gamma / (1 - mdp.gamma) * (float(d.max()) + float(d.min())) / 2
