r"""Policy iteration for the average reward, where the gain may differ between states (multichain models).

Gain and bias of the policy are solved for, and then improved in this order (Howard 1960; Blackwell 1962; Veinott 1966;
Puterman 2005, section 9.2): in every state an action with the largest :math:`\sum_{s'} P(s' \mid s, a)\, g(s')`, and,
where the policy's own is among them, the one among these with the largest
:math:`r(s, a) + \sum_{s'} P(s' \mid s, a)\, h(s')`. The incumbent stays unless the gain is real. No policy comes twice,
and the last one satisfies

.. math:: g(s) = \max_a \sum_{s'} P(s' \mid s, a)\, g(s'), \qquad
          g(s) + h(s) = \max_a \Big\{ r(s, a) + \sum_{s'} P(s' \mid s, a)\, h(s') \Big\},

the second maximum being over the actions that attain the first; its gain is optimal in every state. In floating point
a policy could come twice where two actions are equal but for rounding: then the algorithm stops. What it found is
proven, or not, by `gain_bounds` in any case.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import MDP, ConvergenceWarning
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.backup import checked_policy
from rltheory.planning.gain_bounds import Rows, Structure, gain_upper_bound, normalised_rows, structure_of
from rltheory.planning.poisson import policy_bounds, solve_poisson
from rltheory.planning.policy_iteration import first_policy
from rltheory.planning.solution import Progress, Status
from rltheory.planning.value_iteration import checked_limit, checked_tol

_TIES = (1e-12, 1e-14, 1e-16)


def average_policy_iteration(
    mdp: MDP,
    *,
    tol: float = 1e-8,
    initial_policy: Any = None,
    max_improvements: int | None = None,
    progress: Progress | None = None,
) -> AverageRewardSolution:
    """Solve any MDP for the average reward by Howard's policy iteration.

    Parameters
    ----------
    mdp : MDP
        Any finite model; its discount is not used. Rows are divided by their exact sums.
    tol : float
        Accuracy that the gain must have, in reward units. The algorithm is exact up to rounding whatever ``tol``.
    initial_policy : array_like of int, shape (n_states,), optional
        Where to start; by default the policy greedy for immediate rewards.
    max_improvements : int, optional
        Limit on improvements; by default none, since the algorithm ends by itself.
    progress : callable, optional
        Called after each round as ``progress(round, width)``: how many rounds so far, and the width of the bounds in
        reward units.

    Returns
    -------
    AverageRewardSolution
        One round of ``iterations`` is one improvement that changed the policy; the bias is that of the policy.

    Raises
    ------
    ModelError
        If ``tol`` or the limit is not positive, or ``initial_policy`` does not fit the model.
    CriterionError
        If probabilities are so small that a linear system is singular in float64.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Howard (1960), Dynamic Programming and Markov Processes; Puterman (2005), section 9.2.

    Examples
    --------
    Two rooms that cannot be left, and a state that chooses between them:

    >>> import rltheory as rl
    >>> P = [[[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]]
    >>> solution = rl.planning.average_policy_iteration(rl.MDP.from_arrays(P, [9, 1, 2], gamma=1.0))
    >>> solution.policy, solution.gain, solution.bias
    (array([1, 0, 0]), array([2., 1., 2.]), array([7., 0., 0.]))
    """
    checked_tol(tol)
    limit = checked_limit(max_improvements, "max_improvements") or math.inf
    policy = first_policy(mdp) if initial_policy is None else checked_policy(mdp, initial_policy)
    structure = structure_of(normalised_rows(mdp))
    found = _evaluated(structure, policy)
    best, widths = found, [found.gap]
    for tie in _TIES:
        seen = {found.policy.tobytes()}
        while len(widths) <= limit:
            policy = improve_gain(structure.rows, found.policy, found.g, found.h, tie)
            if policy.tobytes() in seen:
                break
            if progress is not None:
                progress(len(widths), widths[-1])
            found = _evaluated(structure, policy)
            seen.add(policy.tobytes())
            widths.append(found.gap)
            if found.gap <= max(tol, 4 * min(widths)):  # no worse, but for rounding
                best = found
        if best.gap <= tol:
            break
        found = best
    method = f"average-reward policy iteration with {best.solver}"
    limited = len(widths) > limit
    return certify_gain(mdp, best.bounds, best.h, best.policy, tol, widths[:-1], method, limited=limited)


@dataclass(frozen=True, slots=True, eq=False)
class _Evaluated:
    """A policy with its gain and bias, and the proven bounds that follow."""

    policy: np.ndarray
    g: np.ndarray
    h: np.ndarray
    bounds: tuple[np.ndarray, np.ndarray]
    solver: str

    @property
    def gap(self) -> float:
        return float((self.bounds[1] - self.bounds[0]).max())


def _evaluated(structure: Structure, policy: np.ndarray) -> _Evaluated:
    own = structure_of(structure.rows.of_policy(policy))
    g, h, _, solver = solve_poisson(own)
    return _Evaluated(policy, g, h, (policy_bounds(own, g, h), gain_upper_bound(structure, h, g)), solver)


def improve_gain(rows: Rows, policy: np.ndarray, g: np.ndarray, h: np.ndarray, tie: float = _TIES[0]) -> np.ndarray:
    """Return the policy improved on its gain first and on its bias where the gain cannot grow.

    What is less than ``tie`` times the numbers that it is the difference of is no gain.
    """
    starts, owner = rows.pair_start[:-1], rows.owner
    own = starts + policy
    climb, noise = _climb(rows, g, tie)
    steepest, uphill = _largest(climb, owner, starts)
    steeper = steepest - climb[own] > noise[starts + uphill] + noise[own]
    level = climb - climb[own][owner] >= -(noise + noise[own][owner])
    change, absolute = rows.mean_change(h)
    advantage = np.where(level, rows.r + change - g[owner], -np.inf)
    best, challenger = _largest(advantage, owner, starts)
    scale = (rows.size + absolute)[starts + challenger] + (rows.size + absolute)[own] + np.abs(g)
    better = best - advantage[own] > tie * scale
    return np.where(steeper, uphill, np.where(better, challenger, policy))


def _climb(rows: Rows, g: np.ndarray, tie: float) -> tuple[np.ndarray, np.ndarray]:
    """Return ``sum P (g' - g)`` for each row, and what of it may be noise: all of it where gains differ by noise."""
    change = g[rows.P.indices] - g[rows.entry_owner]
    starts = rows.P.indptr[:-1]
    noise = rows.P.data * np.minimum(np.abs(change), tie * np.abs(g).max())
    return np.add.reduceat(rows.P.data * change, starts), np.add.reduceat(noise, starts)


def _largest(x: np.ndarray, owner: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest entry of each state, and the lowest action that attains it."""
    best = np.maximum.reduceat(x, starts)
    attains = np.where(x == best[owner], np.arange(x.size), x.size)
    return best, np.minimum.reduceat(attains, starts) - starts


def certify_gain(
    mdp: MDP,
    bounds: tuple[np.ndarray, np.ndarray],
    h: np.ndarray,
    policy: np.ndarray,
    tol: float,
    history: list[float],
    method: str,
    *,
    limited: bool,
) -> AverageRewardSolution:
    """Turn proven bounds into an answer: name the status, warn if tol was not reached."""
    lower, upper = bounds
    gap = float((upper - lower).max())
    status = Status.CONVERGED
    if not gap <= tol:
        status = Status.LIMIT_REACHED if limited else Status.ROUNDING_FLOOR
        warnings.warn(f"gap {gap:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=3)
    return AverageRewardSolution(
        gain=lower + (upper - lower) / 2,
        bias=h,
        policy=policy,
        gain_lower=lower,
        gain_upper=upper,
        status=status,
        iterations=len(history),
        history=np.asarray(history, dtype=np.float64),
        method=method,
        model=mdp,
    )
