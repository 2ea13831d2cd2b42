r"""From a value vector to proven bounds: the one place where rounding is accounted for.

Let :math:`d = T v - v` and :math:`c = \gamma / (1 - \gamma)`. The greedy policy of v satisfies (MacQueen 1966; Porteus
1971; Puterman 2005, section 6.6)

.. math:: T v + c \min d \;\le\; v^{\pi_v} \;\le\; v^* \;\le\; T v + c \max d .

In floating point three things go wrong, and each is bounded here; :math:`u = 2^{-53}`, :math:`g_k = k u / (1 - k u)`,
and the model *is* its floats.

1. A backup over k successors is off by at most :math:`g_{k+2} (|r| + \gamma \sum_{s'} P |v|)`, in any order of
   summation (Higham 2002, section 3.1). The kernel adds this up beside the backup; ``error`` is its maximum over
   actions.
2. Rows sum to one only up to :math:`\eta`, so that :math:`c` is replaced by the worse of :math:`g / (1 - g)` for
   :math:`g \in \{\gamma (1 - \eta), \gamma (1 + \eta)\}`. This needs :math:`\gamma (1 + \eta) < 1`.
3. The operations on these bounds round too: each result is moved outward, past the next float.

The float-greedy action a has ``q(s, a) >= fl(T v)(s) - error(s)``, so the lower bound is about the policy returned even
where rounding made it miss the exact maximiser.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import MDP, ConvergenceWarning, CriterionError, ModelError
from rltheory.planning import _kernels
from rltheory.planning.backup import checked_value, kernel_arrays
from rltheory.planning.memory import require_memory
from rltheory.planning.rounding import backup_error, largest_size
from rltheory.planning.solution import Solution, Status
from rltheory.planning.threads import cut, on_each

_U = _kernels.UNIT_ROUNDOFF
_LARGEST_VALUE = 1e300
_WORTH_ASKING = 1e8
_STALL_ROUNDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Enclosure:
    """What is proven from one backup of v: ``lower <= v^policy <= v* <= upper``, for the greedy ``policy`` of v."""

    policy: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def gap(self) -> float:
        """Largest width, in reward units."""
        return float((self.upper - self.lower).max())

    @property
    def midpoint(self) -> np.ndarray:
        """The value to report: the last iterate itself may be far from a bracket that is narrow."""
        middle = self.upper - self.lower
        middle /= 2
        middle += self.lower
        return middle


def enclose(mdp: MDP, v: Any) -> Enclosure:
    """Prove bounds on the optimal value, and on the value of the greedy policy of v, by one backup.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    v : array_like, shape (n_states,)
        Any values, in reward units; the closer to ``v*``, up to a constant, the narrower the enclosure.

    Returns
    -------
    Enclosure
        ``lower <= v^policy <= v* <= upper``, rounding included.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1, or so near that rows which do not quite sum to one make the value infinite.
    ModelError
        If ``v`` has the wrong shape or is not finite.

    References
    ----------
    MacQueen (1966); Porteus (1971); the rounding terms by Higham (2002), section 3.1.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> proven = rl.planning.enclose(mdp, [0.0])
    >>> bool(proven.lower[0] <= 2 <= proven.upper[0]), proven.gap < 1e-14
    (True, True)
    """
    require_discounted(mdp)
    v = checked_value(mdp, v)
    backed_up, error, policy, eta = backup_with_error(mdp.P, mdp.r, mdp.pair_start, mdp.gamma, v)
    lower, upper = enclose_fixed_point(backed_up, error, v, mdp.gamma, eta)
    return Enclosure(policy, lower, upper)


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """One backup of v: ``T v``, the greedy policy, the extremes of ``T v - v``, the largest absolute value in both."""

    v: np.ndarray
    backed_up: np.ndarray
    policy: np.ndarray
    low: float
    high: float
    size: float


def enclose_sweep(mdp: MDP, sweep: Sweep) -> Enclosure:
    """Prove bounds from a backup that was made anyway, its rounding bounded beforehand; `enclose` is sharper."""
    longest, largest = int(np.diff(mdp.P.indptr).max()), largest_size(mdp.r)
    error = backup_error(longest, largest, mdp.gamma, sweep.size, mdp.row_sum_error)
    margin = error + 8 * _U * sweep.size
    lower, upper = enclose_by_extremes(
        sweep.backed_up, error, sweep.low - margin, sweep.high + margin, mdp.gamma, mdp.row_sum_error
    )
    return Enclosure(sweep.policy, lower, upper)


def certify_sweep(mdp: MDP, sweep: Sweep, *, tol: float, **fields: Any) -> Solution:
    """Do what `certify` does for the last backup of an algorithm, without another one where that is sharp enough."""
    proven = enclose_sweep(mdp, sweep)
    if not proven.gap <= tol:
        proven = enclose(mdp, sweep.v)
    return conclude(proven, tol=tol, model=mdp, **fields)


def certify(
    mdp: MDP, v: np.ndarray, *, tol: float, history: list[float], method: str, limited: bool, **extra: Any
) -> Solution:
    """Turn the last iterate of an algorithm into its answer: enclose it, name the status, warn if tol was not reached.

    Parameters
    ----------
    mdp : MDP
        The model.
    v : ndarray, shape (n_states,)
        The last iterate.
    tol : float
        What was asked of ``gap``, in reward units.
    history : list of float
        Widths of the enclosure after each round.
    method : str
        What the answer says about how it was found.
    limited : bool
        Whether the caller's own limit, not rounding, ended the algorithm.
    **extra
        Further fields of `Solution`.

    Returns
    -------
    Solution
    """
    return conclude(enclose(mdp, v), tol=tol, history=history, method=method, limited=limited, model=mdp, **extra)


def conclude(
    proven: Enclosure, *, tol: float, history: list[float], method: str, limited: bool, **extra: Any
) -> Solution:
    """Turn an enclosure into the answer of an algorithm, as `certify` does."""
    status = Status.CONVERGED
    if not proven.gap <= tol:
        status = Status.LIMIT_REACHED if limited else Status.ROUNDING_FLOOR
        warnings.warn(f"gap {proven.gap:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=4)
    return Solution(
        value=proven.midpoint,
        policy=proven.policy,
        lower=proven.lower,
        upper=proven.upper,
        status=status,
        iterations=len(history),
        history=np.asarray(history, dtype=np.float64),
        method=method,
        **extra,
    )


def stopping_rule(
    gamma: float, longest: int, largest_reward: float, tol: float
) -> tuple[Callable[[float], float], Callable[[list[float], float], bool]]:
    """Return when an iteration should stop, in terms of the widths of its enclosures before rounding is accounted for.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1).
    longest : int
        Largest number of successors of a pair.
    largest_reward : float
        Largest absolute reward.
    tol : float
        Accuracy of the answer, in reward units.

    Returns
    -------
    target : callable
        ``target(size)`` is the width to reach where values are of that size: ``tol`` less what rounding will add, or,
        where ``tol`` is below that, a part of what rounding adds.
    finished : callable
        ``finished(widths, size)`` tells whether the last width reached the target, or whether rounding holds the widths
        where they are: iterates can stall as far as (their rounding error) / (1 - gamma) from the fixed point.
    """
    unit = 2 * (2 * (longest + 2) + 8) * _U / (1 - gamma)

    def rounding(size: float) -> float:
        return unit * max(size, largest_reward)

    def target(size: float) -> float:
        return max(tol - rounding(size), rounding(size) / 2)

    def finished(widths: list[float], size: float) -> bool:
        stalled = len(widths) > _STALL_ROUNDS and widths[-1] >= widths[-1 - _STALL_ROUNDS]
        return widths[-1] <= target(size) or (stalled and widths[-1] * (1 - gamma) <= rounding(size))

    return target, finished


def backup_with_error(
    P: Any, r: np.ndarray, pair_start: np.ndarray, gamma: float, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return ``T v``, the bound on each state's rounding error, the greedy policy, and eta, in one sweep."""
    n_states = pair_start.size - 1
    backed_up, error, policy = np.empty(n_states), np.empty(n_states), np.empty(n_states, dtype=np.int64)
    loop = partial(_kernels.bellman_with_error, *kernel_arrays(P, r, pair_start), gamma, v, backed_up, policy, error)
    eta = max(on_each(cut(P.indptr[pair_start]), loop))
    return backed_up, error, policy, eta


def enclose_fixed_point(
    backed_up: np.ndarray, error: np.ndarray, v: np.ndarray, gamma: float, eta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds on the fixed point of a backup, of T or of one policy, from one application to v.

    It lies in ``T v + [min d, max d] g / (1 - g)``, widened by what rounding may have done.
    """
    low, high = residual_extremes(backed_up, error, v)
    return enclose_by_extremes(backed_up, error, low, high, gamma, eta)


def residual_extremes(backed_up: np.ndarray, error: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """Return bounds on the least and the largest entry of ``T v - v``, rounding included."""
    margin = error + 4 * _U * (np.abs(backed_up) + np.abs(v))
    d = backed_up - v
    return float((d - margin).min()), float((d + margin).max())


def enclose_by_extremes(
    backed_up: np.ndarray, error: np.ndarray | float, low: float, high: float, gamma: float, eta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds on the fixed point where ``low <= T v - v <= high`` in all states, for the states at hand."""
    below, above = _scaled_down(gamma, eta, low), -_scaled_down(gamma, eta, -high)
    lower, upper = backed_up - error, backed_up + error
    _move_outward(lower, upper, below, above)
    return lower, upper


def require_room(mdp: MDP) -> None:
    """Refuse to solve a model beside which there is no room for six vectors and the rows of one policy."""
    needed = 48.0 * mdp.n_states + 12.0 * mdp.P.nnz * mdp.n_states / mdp.n_pairs
    if needed < _WORTH_ASKING:
        return
    what = f"the iterates, bounds and rows of one policy of {mdp!r}"
    require_memory(needed, what, remedy="planning.distributed shares them between machines")


def require_discounted(mdp: MDP) -> None:
    """Refuse a model whose discounted value is not defined, or not representable."""
    if not isinstance(mdp, MDP):
        raise CriterionError(
            f"a discounted value is defined for an MDP, not for a {type(mdp).__name__}"
            " (backward_induction solves a FiniteHorizonMDP)"
        )
    require_finite_values(mdp.gamma, largest_size(mdp.r))
    _discounts(mdp.gamma, mdp.row_sum_error)  # before any work: a linear system of such a model may be singular


def require_finite_values(gamma: float, largest_reward: float) -> None:
    """Refuse a discount and rewards whose values are not defined, or not representable."""
    if gamma >= 1:
        raise CriterionError("gamma is 1, so the discounted value is not defined; pass gamma < 1, or set a horizon")
    if largest_reward / (1 - gamma) > _LARGEST_VALUE:
        raise ModelError(f"rewards of size {largest_reward:.3g} at gamma = {gamma:g} overflow float64; rescale them")


def constant_shift(gamma: float, eta: float, d: float) -> float:
    """Return a lower bound of ``d / (1 - g)`` over the discounts g that rows summing to 1 +- eta allow."""
    smallest, largest = _discounts(gamma, eta)
    factor = (1 - 8 * _U) / (1 - smallest) if d > 0 else (1 + 8 * _U) / (1 - largest)
    return math.nextafter(d * factor, -math.inf)


def _scaled_down(gamma: float, eta: float, d: float) -> float:
    """Return a lower bound of ``d g / (1 - g)`` over the discounts g that rows summing to 1 +- eta allow."""
    if gamma == 0:
        return 0.0
    smallest, largest = _discounts(gamma, eta)
    factor = smallest / (1 - smallest) * (1 - 8 * _U) if d > 0 else largest / (1 - largest) * (1 + 8 * _U)
    return math.nextafter(d * factor, -math.inf)


def _discounts(gamma: float, eta: float) -> tuple[float, float]:
    """Return the ends of ``gamma (1 +- eta)``, rounded outward, refusing an upper end of 1 or more."""
    smallest = math.nextafter(math.nextafter(gamma * (1 - eta), 0.0), 0.0)
    largest = math.nextafter(math.nextafter(gamma * (1 + eta), 2.0), 2.0)
    if largest >= 1:
        raise CriterionError(
            f"rows sum to one only within {eta:.3g}, and gamma * (1 + {eta:.3g}) >= 1: the discounted value may be"
            " infinite; MDP.normalised rescales the rows, or choose a smaller gamma"
        )
    return smallest, largest


@njit(cache=True, nogil=True)
def _move_outward(lower, upper, below, above):  # type: ignore[no-untyped-def]
    """Add numbers to bounds in place; all are rounded outward, before that and after."""
    for s in range(lower.size):
        lower[s] = _down(_down(lower[s]) + below)
        upper[s] = -_down(_down(-upper[s]) - above)


@njit(cache=True, nogil=True)
def _down(x):  # type: ignore[no-untyped-def]
    """Return a number that is less by one or two units in the last place; `math.nextafter` takes six times as long."""
    return x * (1.0 - 2 * _U if x > 0.0 else 1.0 + 2 * _U) - 5e-324
