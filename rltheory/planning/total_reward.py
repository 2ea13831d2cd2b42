r"""Total rewards without a discount: policy iteration on the quotient, and the proof of what it found.

A row of weights p of pair (s, a), with sum :math:`\sigma`, stands for the distribution :math:`p / \sigma`: at
:math:`\gamma = 1` a row that sums to 1 - 1e-16 would otherwise leak probability at every step, and what the graph
decides would be false. The *gain* of a row at a vector v is

.. math:: \rho_a(v) = \sigma r(s, a) + \sum_{s'} p(s')\, (v(s') - v(s)),

which is :math:`\sigma (T_a v - v)(s)` in exact arithmetic, so that only its sign matters. Differences keep the digits
of nearly reducible chains, and self-loops drop out.

**Upper bound.** If :math:`\rho_a(u) < 0` for all rows, and u is the decided value at the ends, then :math:`v^* \le u`,
and every policy that fails to reach the ends has the value :math:`-\infty`. For let
:math:`\varepsilon = \min_a (-\rho_a(u) / \sigma_a) > 0` and :math:`\tau` the time of arrival: for every policy,
randomised or depending on the past, and every N,

.. math:: E \sum_{t < N \wedge \tau} r_t \;\le\; u(s) - E\, u(s_{N \wedge \tau})
          - \varepsilon\, E (N \wedge \tau),

and u is bounded. So the vector that bounds the optimum also proves that the question is well posed (Bertsekas and
Tsitsiklis 1991). It is found as the value of an optimal policy of the problem in which every move earns a little more.

**Lower bound.** If :math:`\rho_{\pi(s)}(l) \ge 0` for all s, and the graph says that :math:`\pi` reaches the ends from
everywhere, then :math:`l \le T_\pi^k l \to v^\pi`. It is found as the value of :math:`\pi` when every move earns a
little less.

What "a little" is comes from the rounding of the gains; it is enlarged until both inequalities hold with the bounds on
rounding added. The width is about that much times the expected number of moves.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from rltheory.models import MDP, ConvergenceWarning
from rltheory.planning import _total_kernels
from rltheory.planning.backup import unsigned_rows
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.pace import steps_at_once
from rltheory.planning.quotient import Quotient
from rltheory.planning.solution import Criterion, Solution, Status

SWEEPS = 1000
SETTLED = 1e-15
_DIRECT_STATES = 400
_MOST_ROUNDS = 10_000
_MOST_TRIES = 12
_LEAST_BONUS = 2.0**-900

Improper = Callable[[np.ndarray, np.ndarray], None]
"""Called with a policy's rows and the states from which it never ends; it raises if that disproves the problem."""


def optimise(
    problem: Quotient, chosen: np.ndarray, bonus: float, improper: Improper, guess: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, int, bool]:
    """Improve a policy that reaches the ends until no gain exceeds rounding, every move earning ``bonus`` more.

    Returns
    -------
    v : ndarray, shape (n,)
        Value of the policy.
    chosen : ndarray of int, shape (n,)
        Its rows; it reaches the ends.
    rounds : int
        Number of policies evaluated.
    blocked : bool
        Whether it would have gone on to a policy that does not reach the ends, and that ``improper`` let pass.
    """
    v = evaluate(problem, chosen, bonus, guess)
    if not np.isfinite(v).all():
        return v, chosen, 1, False
    for rounds in range(1, _MOST_ROUNDS):
        gain, error, away = gains(problem, v)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate, noise = np.where(away > 0, gain / away, -np.inf), np.where(away > 0, error / away, 0.0)
        best = _best_rows(problem, rate)
        switched = rate[best] - rate[chosen] > 2 * (noise[best] + noise[chosen])
        if not switched.any():
            return v, chosen, rounds, False
        improved = np.where(switched, best, chosen)
        stranded = ~ending(problem, improved)
        if stranded.any():
            improper(improved, stranded)
            return v, chosen, rounds, True
        better = evaluate(problem, improved, bonus, v)
        if not better.sum() > v.sum():
            return v, chosen, rounds, False
        v, chosen = better, improved
    return v, chosen, _MOST_ROUNDS, False


def prove(problem: Quotient, chosen: np.ndarray, improper: Improper) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Find an optimal policy, a vector proven to be below its value, and one proven to be above the optimum.

    Returns
    -------
    lower, upper : ndarray, shape (n,)
        Infinite where nothing could be proven.
    chosen : ndarray of int, shape (n,)
        The policy's rows.
    rounds : int
        Number of policies evaluated.
    """
    v, chosen, rounds, _ = optimise(problem, chosen, 0.0, improper)
    if not np.isfinite(v).all():
        unknown = np.full(v.size, np.inf)
        return -unknown, unknown, chosen, rounds
    gain, error, away = (x[chosen] for x in gains(problem, v))
    bonus = max(4 * float(((np.abs(gain) + error) / away).max()), _LEAST_BONUS)
    lower = _proven_below(problem, chosen, bonus, v)
    upper, more = _proven_above(problem, chosen, bonus, improper, v)
    return lower, upper, chosen, rounds + more


def _proven_below(problem: Quotient, chosen: np.ndarray, bonus: float, v: np.ndarray) -> np.ndarray:
    """Return a vector l with ``l <= T_pi l``, for a policy that reaches the ends."""
    for _ in range(_MOST_TRIES):
        low = evaluate(problem, chosen, -bonus, v)
        gain, error, _ = gains(problem, low)
        if (gain - error)[chosen].min() >= 0:
            return low
        bonus *= 8
    return np.full(chosen.size, -np.inf)


def _proven_above(
    problem: Quotient, chosen: np.ndarray, bonus: float, improper: Improper, v: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return a vector u with ``T u < u``, and the number of policies evaluated.

    A bonus below the rounding of the gains proves nothing, one above what a cycle loses makes it worth while to stay.
    """
    rounds, too_small, too_large = 0, 0.0, np.inf
    for _ in range(_MOST_TRIES):
        high, _, more, blocked = optimise(problem, chosen, bonus, improper, v)
        rounds += more
        gain, error, _ = gains(problem, high)
        if (gain + error).max() < 0:
            return high, rounds
        too_small, too_large = (too_small, bonus) if blocked else (bonus, too_large)
        if np.isinf(too_large):
            bonus *= 8
        else:
            bonus = float(np.sqrt(too_small) * np.sqrt(too_large)) if too_small else bonus / 64
    return np.full(chosen.size, np.inf), rounds


def gains(problem: Quotient, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each row's gain at v, a bound on its rounding error, and the weight of leaving the state."""
    gain, error, away = (np.empty(problem.reward.size) for _ in range(3))
    arrays = (*problem.arrays(), problem.reward, problem.pair_start)
    _total_kernels.gains(*arrays, problem.extended(v), gain, error, away)
    return gain, error, away


def evaluate(problem: Quotient, chosen: np.ndarray, bonus: float, guess: np.ndarray | None = None) -> np.ndarray:
    """Return the value of a policy that reaches the ends, every move earning ``bonus`` more; NaN if that failed.

    Large problems are swept outwards from the ends, which takes few sweeps where policies head for them. What does not
    settle so, and small ones, are solved as linear systems, and refined once: gains are more accurate than residuals.
    """
    rows, earned = problem.rows[chosen], problem.reward[chosen]
    one_each = (*unsigned_rows(rows), earned, np.arange(chosen.size + 1))
    if chosen.size > _DIRECT_STATES:
        v = problem.extended(np.zeros(chosen.size) if guess is None else guess)
        if sweep(one_each, bonus, v, chosen.copy(), SWEEPS):
            return v[:-2]
    P, b = _linear_system(rows, earned, problem.decided)
    gain, error, away = (np.empty(chosen.size) for _ in range(3))
    try:
        v, _ = solve_policy_system(P, 1.0, b + bonus, guess=guess)
        _total_kernels.gains(*one_each, problem.extended(v), gain, error, away)
        correction, _ = solve_policy_system(P, 1.0, gain / away + bonus)
    except (np.linalg.LinAlgError, RuntimeError):  # singular to working precision
        return np.full(chosen.size, np.nan)
    return v + correction


def sweep(arrays: tuple[np.ndarray, ...], bonus: float, v: np.ndarray, chosen: np.ndarray, sweeps: int) -> bool:
    """Improve v and its policy in place, a few sweeps at a time, and return whether they settled.

    ``arrays`` are offsets, columns, weights, rewards, and where the rows of each state begin.
    """
    at_once = steps_at_once(arrays[1].size, most=sweeps)
    for _ in range(0, sweeps, at_once):
        if _total_kernels.improving_sweeps(*arrays, bonus, v, chosen, at_once, SETTLED):
            return True
    return False


def _linear_system(rows: csr_array, earned: np.ndarray, decided: tuple[float, float]) -> tuple[csr_array, np.ndarray]:
    """Return P and b such that a policy's value solves ``v = P v + b``, without self-loops."""
    n = earned.size
    state = np.repeat(np.arange(n), np.diff(rows.indptr))
    moves = rows.indices != state
    away = np.bincount(state[moves], weights=rows.data[moves], minlength=n)
    inner, ended = moves & (rows.indices < n), rows.indices >= n
    share = rows.data / away[state]
    P = csr_array((share[inner], (state[inner], rows.indices[inner])), shape=(n, n))
    known = np.asarray(decided)[rows.indices[ended] - n]
    b = np.bincount(state[ended], weights=share[ended] * known, minlength=n)
    return P, b + (rows @ np.ones(n + 2)) / away * earned


def ending(problem: Quotient, chosen: np.ndarray) -> np.ndarray:
    """Return from which states a policy reaches the ends with positive probability."""
    allowed = np.zeros(problem.reward.size, dtype=bool)
    allowed[chosen] = True
    graph, ends = problem.own_graph(), np.arange(problem.n_states + 2) >= problem.n_states
    return graph.attract(ends, allowed)[0][:-2]


def repaired(problem: Quotient, chosen: np.ndarray) -> np.ndarray:
    """Return the policy, with the rows of the states from which it never ends replaced by some that lead nearer."""
    good = ending(problem, chosen)
    return np.where(good, chosen, _nearer(problem, np.append(good, [True, True])))


def heading_for_the_ends(problem: Quotient) -> np.ndarray:
    """Return a policy that reaches the ends: its rows lead nearer with positive probability."""
    return _nearer(problem, np.arange(problem.n_states + 2) >= problem.n_states)


def _nearer(problem: Quotient, inside: np.ndarray) -> np.ndarray:
    """Return a row of each state outside a set that leads nearer to it."""
    return problem.own_graph().attract(inside, np.ones(problem.reward.size, dtype=bool))[2][:-2]


def answer(
    mdp: MDP, lower: np.ndarray, upper: np.ndarray, criterion: Criterion, *, tol: float, **fields: Any
) -> Solution:
    """Return the solution with its status, and warn if the tolerance was not reached."""
    gap, status = float((upper - lower).max()), Status.CONVERGED
    if not gap <= tol:
        status = Status.ROUNDING_FLOOR
        warnings.warn(f"gap {gap:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=4)
    return Solution(
        lower + (upper - lower) / 2, lower=lower, upper=upper, status=status, model=mdp, criterion=criterion, **fields
    )


def _best_rows(problem: Quotient, rate: np.ndarray) -> np.ndarray:
    """Return the first row of each state at which the rate is largest."""
    starts = problem.pair_start[:-1]
    best = np.maximum.reduceat(rate, starts)
    attains = np.where(rate == best[problem.row_state], np.arange(rate.size), rate.size)
    return np.minimum.reduceat(attains, starts)
