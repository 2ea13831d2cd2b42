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
rounding added. The width is about that much times the expected number of moves. If it is wider than the tolerance, the
same is done with twice the digits (`total_values`), and the bounds are rounded outwards to floats.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rltheory.models import MDP, ConvergenceWarning
from rltheory.planning.quotient import Quotient
from rltheory.planning.solution import Criterion, Solution, Status
from rltheory.planning.total_values import Value, evaluate, gains

_MOST_ROUNDS = 10_000
_MOST_TRIES = 12
_MOST_IMPROVEMENTS = 8
_LEAST_BONUS = 2.0**-900

Improper = Callable[[np.ndarray, np.ndarray], None]
"""Called with a policy's rows and the states from which it never ends; it raises if that disproves the problem."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """Proven bounds on a total: ``lower <= v^chosen <= v* <= upper``, infinite where nothing could be proven.

    Parameters
    ----------
    lower, upper : Value
        Vectors for the undecided states of the quotient that satisfy the inequalities; their ``v`` are bounds as well.
    chosen : ndarray of int, shape (n,)
        Rows of the policy.
    rounds : int
        Number of policies evaluated.
    moves : float
        Most expected moves of the policy from a state to the ends.
    """

    lower: Value
    upper: Value
    chosen: np.ndarray
    rounds: int
    moves: float

    @property
    def width(self) -> float:
        """Largest distance between the bounds."""
        return float((self.upper.v - self.lower.v).max())


def prove(
    problem: Quotient, v: np.ndarray, chosen: np.ndarray, improper: Improper, tol: float, widest: float = np.inf
) -> Proof:
    """Find an optimal policy, a vector proven to be below its value, and one proven to be above the optimum.

    Parameters
    ----------
    problem : Quotient
        The problem.
    v : ndarray, shape (n,)
        A guess of its value.
    chosen : ndarray of int, shape (n,)
        Rows of a policy that reaches the ends.
    improper : callable
        As described above.
    tol : float
        Width above which twice the digits are used.
    widest : float
        Width above which bounds are of no use.
    """
    value, chosen, rounds, _ = optimise(problem, chosen, 0.0, improper, Value(v))
    if not value.is_finite:
        unknown = np.full(chosen.size, np.inf)
        return Proof(Value(-unknown), Value(unknown), chosen, rounds, np.inf)
    proof = _enclosed(problem, value, chosen, improper, rounds, tol=tol, widest=tol)
    if proof.width <= tol:
        return proof
    little = tol / (8 * proof.moves)
    fine, better, more, _ = optimise(problem, chosen, 0.0, improper, value.fine(), little=little)
    options: dict[str, Any] = {"tol": tol, "widest": widest, "known": proof}
    finer = _enclosed(problem, fine, better, improper, proof.rounds + more, little=little, **options)
    if finer.width == np.inf and widest > tol:
        return _enclosed(problem, value, chosen, improper, finer.rounds, **options)
    return finer


def optimise(
    problem: Quotient,
    chosen: np.ndarray,
    bonus: float,
    improper: Improper,
    guess: Value | None = None,
    *,
    little: float = 0.0,
) -> tuple[Value, np.ndarray, int, bool]:
    """Improve a policy that reaches the ends until no gain exceeds rounding, every move earning ``bonus`` more.

    Gains of less than half the bonus, or ``little``, are none.

    Returns
    -------
    value : Value
        That of the policy.
    chosen : ndarray of int, shape (n,)
        Its rows; it reaches the ends.
    rounds : int
        Number of policies evaluated.
    blocked : bool
        Whether it would have gone on to a policy that does not reach the ends, and that ``improper`` let pass.
    """
    value = evaluate(problem, chosen, bonus, guess)
    if not value.is_finite:
        return value, chosen, 1, False
    for rounds in range(1, _MOST_ROUNDS):
        gain, error, away = gains(problem, value)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate, noise = np.where(away > 0, gain / away, -np.inf), np.where(away > 0, error / away, 0.0)
        best = _best_rows(problem, rate)
        doubt = 2 * (noise[best] + noise[chosen] + np.abs(rate[chosen] + bonus)) + 4 * value.resolution
        doubt += max(bonus / 2, little)
        switched = rate[best] - rate[chosen] > doubt
        if not switched.any():
            return value, chosen, rounds, False
        improved = np.where(switched, best, chosen)
        stranded = ~ending(problem, improved)
        if stranded.any():
            improper(improved, stranded)
            return value, chosen, rounds, True
        better = evaluate(problem, improved, bonus, value)
        if not better.rise(value) > 0:
            return value, chosen, rounds, False
        value, chosen = better, improved
    return value, chosen, _MOST_ROUNDS, False


def _enclosed(
    problem: Quotient,
    value: Value,
    chosen: np.ndarray,
    improper: Improper,
    rounds: int,
    *,
    tol: float,
    widest: float,
    little: float = 0.0,
    known: Proof | None = None,
) -> Proof:
    """Prove bounds around the value of a policy, an optimal one as far as its digits tell.

    What is already known is kept if that is enough, or if nothing better is found.
    """
    gain, error, away = (x[chosen] for x in gains(problem, value))
    bonus = max(1.25 * float(((np.abs(gain) + error) / away).max()), _LEAST_BONUS)
    counting = replace(problem, reward=np.zeros_like(problem.reward), decided=(0.0, 0.0))
    moves = evaluate(counting, chosen, 1.0).v
    most = max(float(moves.max()), 1.0)
    unknown = np.full(chosen.size, np.inf)
    known = known or Proof(Value(-unknown), Value(unknown), chosen, 0, most)
    low = _proven_below(problem, value, chosen, bonus, moves)
    if low is None:
        return replace(known, rounds=rounds)
    if (known.upper.v - low.v).max() <= tol:
        return Proof(low, known.upper, chosen, rounds, most)
    bonus = max(bonus, 2 * little)
    high, more = _proven_above(problem, value, bonus, moves), 0
    if high is None:
        high, more = _proven_above_by_improvement(problem, value, chosen, bonus, improper, widest / most)
    return Proof(low, high or known.upper, chosen, rounds + more, most)


def _proven_below(problem: Quotient, value: Value, chosen: np.ndarray, bonus: float, moves: np.ndarray) -> Value | None:
    """Return a vector l with ``l <= T_pi l``, for a policy that reaches the ends in so many moves."""
    for _ in range(_MOST_TRIES):
        low = value.plus(-bonus * moves).beyond(-np.inf)
        gain, error, _ = gains(problem, low)
        if (gain - error)[chosen].min() >= 0:
            return low
        bonus = max(1.5 * bonus, value.resolution)
    return None


def _proven_above(problem: Quotient, value: Value, bonus: float, moves: np.ndarray) -> Value | None:
    """Return a vector u with ``T u < u``, if no row that is as good as the policy's takes longer."""
    for _ in range(_MOST_TRIES):
        high = value.plus(bonus * moves).beyond(np.inf)
        if _falls_everywhere(problem, high):
            return high
        bonus = max(1.5 * bonus, value.resolution)
    return None


def _proven_above_by_improvement(
    problem: Quotient, value: Value, chosen: np.ndarray, bonus: float, improper: Improper, largest: float
) -> tuple[Value | None, int]:
    """Return a vector u with ``T u < u``, the value of the optimal policy with a bonus, and the policies evaluated.

    A bonus below the rounding of the gains proves nothing, one above what a cycle loses makes it worth while to stay.
    """
    rounds, too_small, too_large = 0, 0.0, np.inf
    for _ in range(_MOST_IMPROVEMENTS):
        high, _, more, blocked = optimise(problem, chosen, bonus, improper, value)
        rounds, high = rounds + more, high.beyond(np.inf)
        if _falls_everywhere(problem, high):
            return high, rounds
        too_small, too_large = (too_small, bonus) if blocked else (bonus, too_large)
        if np.isinf(too_large):
            bonus = max(64 * bonus, value.resolution)
        else:
            bonus = float(np.sqrt(too_small) * np.sqrt(too_large)) if too_small else bonus / 64
        if bonus > largest:
            break
    return None, rounds


def _falls_everywhere(problem: Quotient, high: Value) -> bool:
    """Tell whether ``T u < u`` is proven."""
    gain, error, _ = gains(problem, high)
    return bool((gain + error).max() < 0)


def ending(problem: Quotient, chosen: np.ndarray) -> np.ndarray:
    """Return from which states a policy reaches the ends with positive probability."""
    allowed = np.zeros(problem.reward.size, dtype=bool)
    allowed[chosen] = True
    graph, ends = problem.own_graph(), np.arange(problem.n_states + 2) >= problem.n_states
    return graph.attract(ends, allowed)[0][:-2]


def repaired(problem: Quotient, chosen: np.ndarray) -> np.ndarray:
    """Return the policy, with the rows of the states from which it never ends replaced by some that lead nearer."""
    good, every = ending(problem, chosen), np.ones(problem.reward.size, dtype=bool)
    if good.all():
        return chosen
    return np.where(good, chosen, problem.own_graph().attract(np.append(good, [True, True]), every)[2][:-2])


def heading_for_the_ends(problem: Quotient) -> np.ndarray:
    """Return a policy that reaches the ends: its rows lead nearer with the largest probability, which is positive."""
    rows, n = problem.rows, problem.n_states
    row = np.repeat(np.arange(problem.reward.size), np.diff(rows.indptr))
    state = problem.row_state[row]
    nearer = (rows.indices < state) | (rows.indices >= n)
    chance, away = (
        np.bincount(row[chosen], weights=rows.data[chosen], minlength=problem.reward.size)
        for chosen in (nearer, rows.indices != state)
    )
    return _best_rows(problem, np.divide(chance, away, out=np.zeros_like(away), where=away > 0))


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


def unfolded_tails(problem: Quotient, lower: Value, upper: Value) -> np.ndarray | None:
    """Return the tails of both bounds in each state of the model, None if there are none."""
    if lower.tail is None and upper.tail is None:
        return None
    none = np.zeros(problem.n_states)
    tails = (none if bound.tail is None else bound.tail for bound in (lower, upper))
    return np.stack([np.append(tail, [0.0, 0.0])[problem.place] for tail in tails])


def _best_rows(problem: Quotient, rate: np.ndarray) -> np.ndarray:
    """Return the first row of each state at which the rate is largest."""
    starts = problem.pair_start[:-1]
    best = np.maximum.reduceat(rate, starts)
    attains = np.where(rate == best[problem.row_state], np.arange(rate.size), rate.size)
    return np.minimum.reduceat(attains, starts)
