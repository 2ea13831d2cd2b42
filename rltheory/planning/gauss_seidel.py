r"""Gauss-Seidel policy iteration: improve in place, state after state, then evaluate the policy that came out.

A sweep of value iteration carries news one transition at a time. A sweep in place carries it as far as the order of
the states lets it,

.. math::

   v(s) \leftarrow \max_a \frac{r(s, a) + \gamma \sum_{t \ne s} P(t \mid s, a)\, v(t)}{1 - \gamma P(s \mid s, a)},

v(t) being new where t came before s; to and fro, so that no direction is favoured. Moves from a state to itself are
summed up. The operator G of a sweep is monotone, its fixed point is :math:`v^*`, and a constant passes through it
shrunk by gamma at least, so that with :math:`d = G v - v` and :math:`c = \gamma / (1-\gamma)`

.. math:: G v + c \min(\min d, 0) \;\le\; v^* \;\le\; G v + c \max(\max d, 0).

From :math:`v \le G v` the policy of the sweep has :math:`v^\pi \ge G v \ge v` (as the fixed point of its own sweep). So
each round improves, then moves to the value of the policy, approximately: by banded elimination where the states are
in line, else by BiCGSTAB (`krylov`), which is taken only if it made the residual smaller, else by sweeps. River swim
with 10,000 states takes 10,000 rounds of policy iteration, and 155 of these; a grid 15 instead of 63.

Nothing here needs a proof of its own: an ordinary backup of the last iterate proves the answer (`enclosure`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning import bounds
from rltheory.planning.approximate_evaluation import Evaluate, by_krylov
from rltheory.planning.backup import bellman_sweep, kernel_arrays
from rltheory.planning.enclosure import Sweep, certify_sweep, require_discounted, require_room, stopping_rule
from rltheory.planning.modified_policy_iteration import adaptive_evaluation
from rltheory.planning.rounding import largest_size
from rltheory.planning.solution import Progress, Solution
from rltheory.planning.value_iteration import checked_limit, checked_tol, sweep_until_proven

_TIE = 1e-12
_MOST_ROUNDS = 1000
_ONE = np.uint64(1)


def gauss_seidel_policy_iteration(
    mdp: MDP,
    *,
    tol: float = 1e-8,
    max_improvements: int | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve a discounted MDP by Gauss-Seidel policy iteration: for models in which news travels slowly.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``. It is swept in the order of its states, which should be near those that they lead to.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_improvements : int, optional
        Limit on rounds; by default 1000, after which modified policy iteration finishes what is left.
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the enclosure
        in reward units.

    Returns
    -------
    Solution
        One round of ``iterations`` is one sweep of improvement and one evaluation.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1; set a horizon and use `backward_induction`.
    ModelError
        If ``tol`` or the limit is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Puterman (2005), section 6.3.3, for sweeps in place; the evaluation by van der Vorst (1992).

    Examples
    --------
    >>> import mdps
    >>> import rltheory as rl
    >>> solution = rl.planning.gauss_seidel_policy_iteration(mdps.river_swim(1000, gamma=0.999), tol=1e-6)
    >>> solution.gap <= 1e-6, solution.iterations < 100
    (True, True)
    """
    require_discounted(mdp)
    checked_tol(tol)
    limit = checked_limit(max_improvements, "max_improvements")
    return in_place(mdp, tol=tol, limit=limit, progress=progress, evaluate=by_krylov(mdp), method=_METHOD)


_METHOD = "Gauss-Seidel policy iteration"


def in_place(
    mdp: MDP,
    *,
    tol: float,
    limit: int | None,
    progress: Progress | None,
    evaluate: Evaluate,
    method: str,
) -> Solution:
    """Improve in place and evaluate, in turn, until an ordinary backup proves the accuracy.

    Parameters
    ----------
    mdp, tol, limit, progress
        As for `gauss_seidel_policy_iteration`.
    evaluate : callable
        How a policy is evaluated.
    method : str
        What the answer says about how it was found.
    """
    require_room(mdp)
    last, widths, done = _rounds(mdp, evaluate, tol=tol, limit=limit or _MOST_ROUNDS, progress=progress)
    del evaluate  # the bounds need the room that it took
    if not done and limit is None:
        later = None if progress is None else lambda rounds, width: progress(_MOST_ROUNDS + rounds, width)
        last, more, _ = sweep_until_proven(
            mdp, adaptive_evaluation(mdp), tol=tol, limit=None, progress=later, start=last.v
        )
        widths, method = widths + more, f"{method}, finished by modified policy iteration"
    limited = not done and limit is not None
    return certify_sweep(mdp, last, tol=tol, history=widths, method=method, limited=limited)


def _rounds(
    mdp: MDP, evaluate: Evaluate, *, tol: float, limit: int, progress: Progress | None
) -> tuple[Sweep, list[float], bool]:
    """Return the last backup, the width of the enclosure after each round, and whether there is no more to be done."""
    longest, largest = int(np.diff(mdp.P.indptr).max()), largest_size(mdp.r)
    target, finished = stopping_rule(mdp.gamma, longest, largest, tol)
    arrays = (*kernel_arrays(mdp.P, mdp.r, mdp.pair_start), mdp.gamma)
    v = np.full(mdp.n_states, float(mdp.r.min()) / (1 - mdp.gamma))
    policy, backed_up = np.zeros(mdp.n_states, dtype=np.int64), np.empty(mdp.n_states)
    sweep, widths = bellman_sweep(mdp), list[float]()
    for rounds in range(limit):
        size = max(largest_size(v), largest)
        tie = min(_TIE * size, (1 - mdp.gamma) * target(size) / 8)  # many ties held on to must not cost the tolerance
        low, high = _improve(*arrays, v, policy, rounds % 2 == 0, tie)
        widths.append(bounds.bracket_width(mdp.gamma, max(high, 0.0) - min(low, 0.0)))
        last = None
        if widths[-1] <= 100 * target(size):
            last = Sweep(v, backed_up, policy, *sweep(v, backed_up, policy))
            widths[-1] = bounds.bracket_width(mdp.gamma, last.high - last.low)
        if progress is not None:
            progress(len(widths), widths[-1])
        if last is not None:
            if finished(widths, last.size):
                return last, widths, True
            v += mdp.gamma / (1 - mdp.gamma) * (last.low + last.high) / 2
        v = evaluate(policy, v, target(size) * (1 - mdp.gamma) / 4)
    return Sweep(v, backed_up, policy, *sweep(v, backed_up, policy)), widths, False


@njit(cache=True, nogil=True)
def _improve(  # type: ignore[no-untyped-def]
    indptr, columns, data, r, pair_start, gamma, v, policy, backwards, tie
):
    """Sweep v in place and improve the policy, its own action kept unless the gain exceeds ``tie``.

    Return the extremes of the change.
    """
    low, high = np.inf, -np.inf
    n = np.uint64(pair_start.size - 1)
    for step in range(n):
        s = n - _ONE - step if backwards else step
        own_row = pair_start[s] + policy[s]
        best, best_row, incumbent = -np.inf, own_row, -np.inf
        for i in range(np.uint64(pair_start[s]), np.uint64(pair_start[s + _ONE])):
            total, stay = 0.0, 0.0
            for k in range(np.uint64(indptr[i]), np.uint64(indptr[i + _ONE])):
                if columns[k] == s:
                    stay += data[k]
                else:
                    total += data[k] * v[columns[k]]
            q = r[i] + gamma * total
            if stay > 0.0:
                q /= 1.0 - gamma * stay
            incumbent = q if np.int64(i) == own_row else incumbent
            best_row = np.int64(i) if q > best else best_row
            best = max(best, q)
        if best > incumbent + tie:
            policy[s] = best_row - pair_start[s]
        low, high = min(low, best - v[s]), max(high, best - v[s])
        v[s] = best
    return low, high
