r"""Modified policy iteration: one greedy backup, then cheap sweeps with the greedy policy alone.

.. math:: \pi_k = \text{greedy}(v_k), \qquad v_{k+1} = (T_{\pi_k})^m v_k

(Puterman and Shin 1978). m = 1 is value iteration, m = infinity policy iteration. By default the inner sweeps go on
until they have shrunk the span of their differences tenfold, then the iterate is shifted to the middle of the inner
bracket: a constant passes through T as gamma times itself, so that it changes no policy and no span.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning import _kernels
from rltheory.planning.backup import policy_rows, unsigned_rows
from rltheory.planning.enclosure import certify, require_discounted
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_limit, sweep_until_proven

_INNER_REDUCTION = 0.1
_MOST_INNER_SWEEPS = 1000


def modified_policy_iteration(
    mdp: MDP,
    *,
    tol: float = 1e-8,
    inner_sweeps: int | None = None,
    max_improvements: int | None = None,
    progress: Progress | None = None,
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
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the enclosure
        in reward units.

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
    if inner_sweeps is not None and inner_sweeps < 0:
        raise ModelError(f"inner_sweeps is {inner_sweeps}; it is at least 0, which is value iteration")
    advance = partial(_adaptive_evaluation, mdp) if inner_sweeps is None else partial(_evaluation, mdp, inner_sweeps)
    limit = checked_limit(max_improvements, "max_improvements")
    v, widths, limited = sweep_until_proven(mdp, advance, tol=tol, limit=limit, progress=progress)
    return certify(mdp, v, tol=tol, history=widths, method="modified policy iteration", limited=limited)


def _evaluation(
    mdp: MDP, sweeps: int, policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(T_pi)^sweeps T v`` and a spare array."""
    sweep = _policy_sweep(mdp, policy)
    for _ in range(sweeps):
        v, backed_up = backed_up, v
        sweep(v, backed_up)
    return backed_up, v


def _adaptive_evaluation(
    mdp: MDP, policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sweep until the span has shrunk tenfold, and shift to the middle of the bracket of the policy's value."""
    sweep = _policy_sweep(mdp, policy)
    for _ in range(_MOST_INNER_SWEEPS):
        v, backed_up = backed_up, v
        low, high = sweep(v, backed_up)
        if high - low <= _INNER_REDUCTION * width:
            break
    backed_up += mdp.gamma / (1 - mdp.gamma) * (low + high) / 2
    return backed_up, v


def _policy_sweep(mdp: MDP, policy: np.ndarray) -> Callable[[np.ndarray, np.ndarray], tuple[float, float]]:
    """Return the backup with one policy, on its compacted rows."""
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
    return partial(_kernels.policy_sweep, *unsigned_rows(P_policy), r_policy, mdp.gamma)
