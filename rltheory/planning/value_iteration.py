r"""Value iteration: back up until the proven bracket is narrow.

.. math:: v \leftarrow T v, \qquad (T v)(s) = \max_a \Big\{ r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, v(s') \Big\}

With :math:`d = T v - v` and :math:`c = \gamma / (1 - \gamma)`, the policy :math:`\pi` greedy for v satisfies (MacQueen
1966; Porteus 1971; Puterman 2005, section 6.6)

.. math:: T v + c \min d \;\le\; v^\pi \;\le\; v^* \;\le\; T v + c \max d,

so the loop ends when the two ends are within ``tol`` and returns their midpoint: ``tol`` is the accuracy of the answer,
not of a step. The width shrinks with the *span* of d, by gamma and the mixing of the chains together, so that the end
comes far before the a-priori count where chains mix.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning import bounds
from rltheory.planning.backup import BellmanSweep, bellman_sweep, largest_reward
from rltheory.planning.enclosure import Sweep, certify, require_discounted, require_room, stopping_rule
from rltheory.planning.rounding import largest_size
from rltheory.planning.solution import Progress, Solution

Advance = Callable[[np.ndarray, np.ndarray, np.ndarray, float, float], tuple[np.ndarray, np.ndarray]]
"""The step of an algorithm between two backups, as `sweep_until_proven` takes it."""


def value_iteration(
    mdp: MDP, *, tol: float = 1e-8, max_sweeps: int | None = None, progress: Progress | None = None
) -> Solution:
    """Solve a discounted MDP by value iteration.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    tol : float
        Accuracy of the answer in reward units: ``solution.gap <= tol`` unless the status says otherwise.
    max_sweeps : int, optional
        Limit on backups; by default what theory needs (`bounds.value_iteration_sweeps`).
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the enclosure
        in reward units.

    Returns
    -------
    Solution
        One round of ``iterations`` is one sweep; ``history`` has the width of the enclosure after each.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1; set a horizon and use `backward_induction`.
    ModelError
        If ``tol`` or ``max_sweeps`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Bellman (1957); the stopping rule by MacQueen (1966) and Porteus (1971).

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5)
    >>> solution = rl.value_iteration(mdp, tol=1e-6)
    >>> solution.policy, solution.value.round(6), solution.gap <= 1e-6
    (array([0, 0]), array([2., 4.]), True)
    """
    require_discounted(mdp)
    limit = checked_limit(max_sweeps, "max_sweeps")
    last, widths, limited = sweep_until_proven(mdp, _keep, tol=tol, limit=limit, progress=progress)
    return certify(mdp, last.v, tol=tol, history=widths, method="value iteration", limited=limited)


def _keep(
    policy: np.ndarray, v: np.ndarray, backed_up: np.ndarray, span: float, enough: float
) -> tuple[np.ndarray, np.ndarray]:
    """Take the backup as the next iterate; the array of the last one is free again."""
    return backed_up, v


def sweep_until_proven(
    mdp: MDP,
    advance: Advance,
    *,
    tol: float,
    limit: int | None,
    progress: Progress | None,
    start: np.ndarray | None = None,
    sweep: BellmanSweep | None = None,
) -> tuple[Sweep, list[float], bool]:
    """Alternate backups and steps of an algorithm until the bracket around the value is narrow enough.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    advance : callable
        ``advance(policy, v, backed_up, span, enough)`` returns the next iterate and an array that may be overwritten,
        given the greedy policy of v, v itself, ``T v``, the span of ``T v - v``, and the span that will be enough.
    tol : float
        Accuracy of the answer, in reward units.
    limit : int or None
        Largest number of backups; by default what theory needs.
    progress : callable or None
        Called after each backup, as by `value_iteration`.
    start : ndarray, shape (n_states,), optional
        First iterate, overwritten; by default ``T 0``.
    sweep : callable, optional
        `backup.bellman_sweep` of the model, or one that returns the same with less work (`action_elimination`).

    Returns
    -------
    last : Sweep
        The last backup.
    widths : list of float
        Width of the bracket after each backup.
    limited : bool
        Whether the caller's limit came first.
    """
    require_room(mdp)
    sweep = sweep or bellman_sweep(mdp)
    longest, largest = int(np.diff(mdp.P.indptr).max()), largest_size(mdp.r)
    target, finished = stopping_rule(mdp.gamma, longest, largest, checked_tol(tol))
    v, backed_up = largest_reward(mdp) if start is None else start, np.empty(mdp.n_states)
    policy = np.empty(mdp.n_states, dtype=np.int64)
    widths: list[float] = []
    most = math.inf if limit is None else limit
    while True:
        low, high, size = sweep(v, backed_up, policy)
        widths.append(bounds.bracket_width(mdp.gamma, high - low))
        if progress is not None:
            progress(len(widths), widths[-1])
        if finished(widths, size):
            return Sweep(v, backed_up, policy, low, high, size), widths, False
        if limit is None and len(widths) == 1:
            most = sweep_limit(mdp.gamma, low, high, target(size))
        if len(widths) >= most:
            return Sweep(v, backed_up, policy, low, high, size), widths, limit is not None
        v, backed_up = advance(policy, v, backed_up, high - low, (1 - mdp.gamma) / mdp.gamma * target(size))


def sweep_limit(gamma: float, low: float, high: float, width: float) -> int:
    """Return a number of sweeps that reaches the width whatever the model, where the first step moved by [low, high].

    By contraction of the sup norm, which also covers rows that do not quite sum to one; the span alone would not.
    """
    return 2 + bounds.value_iteration_sweeps(gamma, width, 2 * max(abs(low), abs(high)))


def checked_tol(tol: float) -> float:
    """Return the tolerance, refusing one that is not a positive number."""
    if not tol > 0:
        raise ModelError(f"tol is {tol!r}; it is a positive number of reward units")
    return tol


def checked_limit(limit: int | None, name: str) -> int | None:
    """Return a limit on rounds, refusing one that is not positive; None is no limit."""
    if limit is not None and limit < 1:
        raise ModelError(f"{name} is {limit}; at least 1 is needed")
    return limit
