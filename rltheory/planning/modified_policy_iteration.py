r"""Modified policy iteration: one greedy backup, then cheap sweeps with the greedy policy alone.

.. math:: \pi_k = \text{greedy}(v_k), \qquad v_{k+1} = (T_{\pi_k})^m v_k

(Puterman and Shin 1978). m = 1 is value iteration, m = infinity policy iteration. By default the inner sweeps go on
until they have shrunk the span of their differences tenfold, then the iterate is shifted to the middle of the inner
bracket: a constant passes through T as gamma times itself, so that it changes no policy and no span.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning import _kernels, bounds
from rltheory.planning.backup import bellman_sweep, policy_rows, unsigned_rows
from rltheory.planning.enclosure import certify, require_discounted, stopping_rule
from rltheory.planning.solution import Solution
from rltheory.planning.value_iteration import checked_limit, checked_tol, largest_reward, sweep_limit

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
    sweep = bellman_sweep(mdp)
    target, finished = stopping_rule(mdp, checked_tol(tol))
    if inner_sweeps is not None and inner_sweeps < 0:
        raise ModelError(f"inner_sweeps is {inner_sweeps}; it is at least 0, which is value iteration")
    limit = math.inf if max_improvements is None else checked_limit(max_improvements, "max_improvements")
    v, backed_up = largest_reward(mdp), np.empty(mdp.n_states)
    policy = np.empty(mdp.n_states, dtype=np.int64)
    widths: list[float] = []
    while len(widths) < limit:
        low, high, size = sweep(v, backed_up, policy)
        widths.append(bounds.bracket_width(mdp.gamma, high - low))
        if finished(widths, size):
            break
        if max_improvements is None and len(widths) == 1:
            limit = sweep_limit(mdp, low, high, target(size))
        v, backed_up = _evaluate_roughly(mdp, policy, v, backed_up, _INNER_REDUCTION * (high - low), inner_sweeps)
    limited = max_improvements is not None and not finished(widths, size)
    return certify(mdp, v, tol=tol, history=widths, method="modified policy iteration", limited=limited)


def _evaluate_roughly(
    mdp: MDP, policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, goal: float, inner_sweeps: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(T_pi)^m v`` and a spare array; where m is chosen here, shifted to the middle of its bracket."""
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
    sweep = partial(_kernels.policy_sweep, *unsigned_rows(P_policy), r_policy, mdp.gamma)
    if inner_sweeps is not None:
        for _ in range(inner_sweeps):
            v, backed_up = backed_up, v
            sweep(v, backed_up)
        return backed_up, v
    for _ in range(_MOST_INNER_SWEEPS):
        v, backed_up = backed_up, v
        low, high = sweep(v, backed_up)
        if high - low <= goal:
            break
    backed_up += mdp.gamma / (1 - mdp.gamma) * (low + high) / 2
    return backed_up, v
