r"""Modified policy iteration: one greedy backup, then cheap sweeps with the greedy policy alone.

.. math:: \pi_k = \text{greedy}(v_k), \qquad v_{k+1} = (T_{\pi_k})^m v_k

(Puterman and Shin 1978). m = 1 is value iteration, m = infinity policy iteration. By default the inner sweeps go on
until they have shrunk the span of their differences tenfold, and ten times further whenever a backup finds no more to
gain. Then the iterate is shifted to the middle of the inner bracket: a constant passes through T as gamma times itself,
so that it changes no policy and no span.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning._kernels import SMALLEST_NORMAL
from rltheory.planning.action_elimination import eliminating_sweep
from rltheory.planning.approximate_evaluation import Evaluate, by_krylov
from rltheory.planning.enclosure import certify, certify_sweep, require_discounted
from rltheory.planning.policy_rows import PolicyRows
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import Advance, checked_limit, sweep_until_proven

_INNER_REDUCTION = 0.1
_MOST_INNER_SWEEPS = 1000
_PROBE = 8
_WORTH_SOLVING = 20


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
    last, widths, limited = sweep_until_proven(
        mdp,
        adaptive_evaluation(mdp) if inner_sweeps is None else partial(_evaluation, PolicyRows(mdp), inner_sweeps),
        tol=tol,
        limit=checked_limit(max_improvements, "max_improvements"),
        progress=progress,
        sweep=eliminating_sweep(mdp) if inner_sweeps is None else None,
    )
    return certify(mdp, last.v, tol=tol, history=widths, method="modified policy iteration", limited=limited)


class SlowMixingError(Exception):
    """Sweeps would take longer than was allowed."""

    def __init__(self, sweeps: float) -> None:
        super().__init__(f"about {sweeps:.3g} more sweeps")
        self.sweeps = sweeps


def solve_unless_slow(mdp: MDP, *, tol: float, patience: int, progress: Progress | None) -> Solution:
    """Do what `modified_policy_iteration` does, but evaluate policies by BiCGSTAB where sweeps shrink spans slowly.

    If more than ``patience`` sweeps are promised from there to the end, or a span grows after all, `SlowMixingError` is
    raised.
    """
    evaluation, sweep = _Evaluation(mdp, patience), eliminating_sweep(mdp)
    last, widths, limited = sweep_until_proven(mdp, evaluation, tol=tol, limit=None, progress=progress, sweep=sweep)
    method = "modified policy iteration" + (" with BiCGSTAB" if evaluation.solver else "")
    del evaluation, sweep  # the bounds need the room that they took
    return certify_sweep(mdp, last, tol=tol, history=widths, method=method, limited=limited)


class _Evaluation:
    """`adaptive_evaluation`, which becomes one by BiCGSTAB where a tenfold shrinking takes many sweeps."""

    def __init__(self, mdp: MDP, patience: float) -> None:
        self.solver: Evaluate | None = None
        self._mdp, self._patience, self._last_span = mdp, patience, math.inf
        self._by_sweeps = adaptive_evaluation(mdp, _WORTH_SOLVING)

    def __call__(
        self, policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, span: float, enough: float
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.solver is None:
            try:
                return self._by_sweeps(policy, v, backed_up, span, enough)
            except SlowMixingError as slow:
                if slow.sweeps > self._patience:
                    raise
                self.solver = by_krylov(self._mdp)
        elif span >= self._last_span:
            raise SlowMixingError(math.inf)
        self._last_span = span
        return self.solver(policy, backed_up, enough / 2), v


def _sweeps_to_come(spans: list[float], enough: float) -> float:
    """Predict how many sweeps the span needs until it is small enough, from how it fell in the last half of them."""
    middle = spans[len(spans) // 2]
    if spans[-1] <= enough:
        return 0.0
    rate = (spans[-1] / middle) ** (1 / (len(spans) - 1 - len(spans) // 2))
    fall = math.log(max(enough, SMALLEST_NORMAL)) - math.log(spans[-1])  # the quotient of the two may vanish
    return fall / math.log(rate) if rate < 1 else math.inf


def _evaluation(
    rows: PolicyRows,
    sweeps: int,
    policy: np.ndarray,
    v: np.ndarray,
    backed_up: np.ndarray,
    span: float,
    enough: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(T_pi)^sweeps T v`` and a spare array."""
    rows.choose(policy)
    for _ in range(sweeps):
        v, backed_up = backed_up, v
        rows.sweep(v, backed_up)
    return backed_up, v


def adaptive_evaluation(mdp: MDP, patience: float = math.inf) -> Advance:
    """Return the step that sweeps with a policy until the span is a tenth, then shifts v to the middle of its bracket.

    Where the last greedy backup has found no more to gain than the sweeps before it had left, it sweeps ten times
    further than it did. If a tenfold shrinking takes more than ``patience`` sweeps, it raises `SlowMixingError`; both
    arrays then hold iterates.
    """
    rows, left, reduction = PolicyRows(mdp), 0.0, _INNER_REDUCTION

    def advance(
        policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, span: float, enough: float
    ) -> tuple[np.ndarray, np.ndarray]:
        nonlocal left, reduction
        reduction *= _INNER_REDUCTION if span <= left else 1.0
        goal, spans = max(reduction * span, enough), [span]
        rows.choose(policy)
        for _ in range(_MOST_INNER_SWEEPS):
            v, backed_up = backed_up, v
            low, high = rows.sweep(v, backed_up)
            spans.append(high - low)
            if spans[-1] <= goal:
                break
            if len(spans) % _PROBE == 0 and _sweeps_to_come(spans, spans[-1] / 10) > patience:
                raise SlowMixingError(_sweeps_to_come(spans, enough))
        left = spans[-1]
        backed_up += mdp.gamma / (1 - mdp.gamma) * (low + high) / 2
        return backed_up, v

    return advance
