r"""Modified policy iteration: one greedy backup, then cheap sweeps with the greedy policy alone.

.. math:: \pi_k = \text{greedy}(v_k), \qquad v_{k+1} = (T_{\pi_k})^m v_k

(Puterman and Shin 1978). m = 1 is value iteration, m = infinity policy iteration. By default the inner sweeps go on
until they have shrunk the span of their differences tenfold, then the iterate is shifted to the middle of the inner
bracket: a constant passes through T as gamma times itself, so that it changes no policy and no span.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning._kernels import SMALLEST_NORMAL
from rltheory.planning.backup import PolicySweep, policy_sweeps
from rltheory.planning.enclosure import certify, certify_sweep, require_discounted
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import Advance, checked_limit, sweep_until_proven

_INNER_REDUCTION = 0.1
_MOST_INNER_SWEEPS = 1000
_PROBE = 8


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
    advance = (
        adaptive_evaluation(mdp) if inner_sweeps is None else partial(_evaluation, policy_sweeps(mdp), inner_sweeps)
    )
    limit = checked_limit(max_improvements, "max_improvements")
    last, widths, limited = sweep_until_proven(
        mdp, advance, tol=tol, limit=limit, progress=progress, leave_out=inner_sweeps is None
    )
    return certify(mdp, last.v, tol=tol, history=widths, method="modified policy iteration", limited=limited)


class SlowMixingError(Exception):
    """Sweeps would take longer than was allowed."""

    def __init__(self, sweeps: float) -> None:
        super().__init__(f"about {sweeps:.3g} more sweeps")
        self.sweeps = sweeps


def solve_unless_slow(mdp: MDP, *, tol: float, patience: int, progress: Progress | None) -> Solution:
    """Do what `modified_policy_iteration` does, but raise `SlowMixingError` if ``patience`` sweeps are not enough.

    The spans of the last inner sweeps shrink by some factor each; that it stays the same is the prediction.
    """
    target = tol * (1 - mdp.gamma) / max(mdp.gamma, 0.5)
    advance = adaptive_evaluation(mdp, partial(_sweeps_to_come, target), patience)
    last, widths, limited = sweep_until_proven(mdp, advance, tol=tol, limit=None, progress=progress, leave_out=True)
    return certify_sweep(mdp, last, tol=tol, history=widths, method="modified policy iteration", limited=limited)


def _sweeps_to_come(target: float, spans: list[float]) -> float:
    """Predict how many sweeps the span needs to fall to the target, from how it fell in the last half of them."""
    middle = spans[len(spans) // 2]
    if spans[-1] <= target:
        return 0.0
    rate = (spans[-1] / middle) ** (1 / (len(spans) - 1 - len(spans) // 2))
    fall = math.log(max(target, SMALLEST_NORMAL)) - math.log(spans[-1])  # the quotient of the two may vanish
    return fall / math.log(rate) if rate < 1 else math.inf


def _evaluation(
    sweep_of: Callable[[np.ndarray], PolicySweep],
    sweeps: int,
    policy: np.ndarray,
    v: np.ndarray,
    backed_up: np.ndarray,
    width: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(T_pi)^sweeps T v`` and a spare array."""
    sweep = sweep_of(policy)
    for _ in range(sweeps):
        v, backed_up = backed_up, v
        sweep(v, backed_up)
    return backed_up, v


def adaptive_evaluation(mdp: MDP, promised: Callable[[list[float]], float] | None = None, patience: int = 0) -> Advance:
    """Return the step that sweeps with a policy until the span has shrunk tenfold.

    It then shifts v to the middle of the bracket of the policy's value. If more than ``patience`` sweeps are
    ``promised`` it raises `SlowMixingError`.
    """
    sweep_of = policy_sweeps(mdp)

    def advance(
        policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, width: float
    ) -> tuple[np.ndarray, np.ndarray]:
        sweep, spans = sweep_of(policy), [width]
        for _ in range(_MOST_INNER_SWEEPS):
            v, backed_up = backed_up, v
            low, high = sweep(v, backed_up)
            spans.append(high - low)
            if spans[-1] <= _INNER_REDUCTION * width:
                break
            if promised is not None and len(spans) % _PROBE == 0 and (more := promised(spans)) > patience:
                raise SlowMixingError(more)
        backed_up += mdp.gamma / (1 - mdp.gamma) * (low + high) / 2
        return backed_up, v

    return advance
