r"""The value of a policy that reaches the ends of a total-reward problem, to the last digit or to twice as many.

A value is corrected until it is right: the gains of the policy's rows say what it misses, and the expected sum of what
it misses, which is the solution of one linear system, is added,

.. math:: c = P_\pi c + \rho_\pi(v) / \sigma, \qquad v \leftarrow v + c .

The system need not be solved accurately, since what is still missing is found in the next round. How accurate v becomes
is up to the gains alone. They are computed with the digits that v has, or with twice as many if it has a *tail*: then
v + tail stands for a value that floats could not hold, and the gains are rounded in the 32nd digit (Wilkinson 1963;
Hida, Li and Bailey 2001). Where a policy goes to and fro for 1e10 moves, neighbouring values differ by less than a
float can tell, and bounds that hold row by row cannot be had otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csr_array

from rltheory.planning import _total_kernels
from rltheory.planning._kernels import UNIT_ROUNDOFF
from rltheory.planning.backup import unsigned_rows
from rltheory.planning.krylov import VECTORS, corrected
from rltheory.planning.linear_systems import eliminated_in_a_band, sparse_solver
from rltheory.planning.pace import steps_at_once
from rltheory.planning.policy_system import PolicySystem
from rltheory.planning.quotient import Quotient

SWEEPS = 1000
SETTLED = 2e-16
_DIRECT_STATES = 400
_CORRECTED = 1e-9
_MOST_CORRECTIONS = 12
_BATCH = 16
_LEAST_SWEEPS = 100
_FIRST_SWEEPS = 400
_BLOCK = 10
_FEW = 1e-4
_REDUCTION = 1e-8
_KRYLOV_ROUNDS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A vector ``v``, or ``v + tail`` with a tail that is smaller than its last digit."""

    v: np.ndarray
    tail: np.ndarray | None = None

    @property
    def is_finite(self) -> bool:
        """Whether all values are numbers."""
        return bool(np.isfinite(self.v).all())

    @property
    def resolution(self) -> float:
        """Size of the last digit of the largest value."""
        digit = UNIT_ROUNDOFF if self.tail is None else UNIT_ROUNDOFF**2
        return digit * float(np.abs(self.v).max())

    def fine(self) -> Value:
        """Return the same with a tail."""
        return Value(self.v, np.zeros_like(self.v))

    def plus(self, x: np.ndarray) -> Value:
        """Return the sum, rounded to the digits that there are."""
        total = self.v + x
        if self.tail is None:
            return Value(total)
        part = total - self.v
        low = self.tail + ((self.v - (total - part)) + (x - part))
        v = total + low
        return Value(v, low - (v - total))

    def rise(self, other: Value) -> float:
        """Return by how much the sum of values is larger than another one's."""
        rise = self.v - other.v
        if self.tail is not None and other.tail is not None:
            rise = rise + (self.tail - other.tail)
        return float(rise.sum())

    def beyond(self, direction: float) -> Value:
        """Return nearly the same with ``v`` on the side of ``direction``, -inf or inf, and a tail that leads back."""
        if self.tail is None:
            return self
        outside = self.tail * math.copysign(1.0, direction) > 0
        v = np.where(outside, np.nextafter(self.v, direction), self.v)
        return Value(v, (self.v - v) + self.tail)


def gains(problem: Quotient, value: Value) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each row's gain at a value, a bound on its rounding error, and the weight of leaving the state."""
    return _gains((*problem.arrays(), problem.reward, problem.pair_start), problem, value)


def evaluate(problem: Quotient, chosen: np.ndarray, bonus: float, guess: Value | None = None) -> Value:
    """Return the value of a policy that reaches the ends, every move earning ``bonus`` more; NaN if that failed.

    With a tail if the guess has one.
    """
    rows = problem.rows[chosen]
    arrays = (*unsigned_rows(rows), problem.reward[chosen], np.arange(chosen.size + 1))
    correct = _corrector(rows)
    value = best = Value(np.zeros(chosen.size)) if guess is None else guess
    least = np.inf
    for _ in range(_MOST_CORRECTIONS):
        gain, error, away = _gains(arrays, problem, value)
        missing = gain / away + bonus
        size = float(np.abs(missing).max())
        if not size < least:
            break
        slow, least, best = size > least / 4, size, value
        if slow or size <= abs(bonus) / 8 or size <= 2 * float((error / away).max()) + 2 * value.resolution:
            break
        value = value.plus(correct(missing))
    return best if np.isfinite(least) else Value(np.full(chosen.size, np.nan))


def swept(problem: Quotient, v: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Improve values and a policy by sweeps, as long as that changes the policy in many states; return both.

    Parameters
    ----------
    problem : Quotient
        The problem.
    v : ndarray, shape (n,)
        Where to begin. From below values travel outwards from the ends in one sweep, while from above optimism would
        have to be worn down step by step.
    chosen : ndarray of int, shape (n,)
        Rows of the policy that v is said to be near to.
    """
    P, weight, away = _moves(problem.rows, problem.row_state)
    with np.errstate(divide="ignore", invalid="ignore"):
        b = np.where(away > 0, weight * problem.reward / away, -np.inf)
    arrays, at_once = (*unsigned_rows(P), b, problem.pair_start), steps_at_once(P.nnz, most=_BLOCK)
    v, chosen = problem.extended(v), chosen.copy()
    for _ in range(0, SWEEPS, _BLOCK):
        before, change = chosen.copy(), 1.0
        for _ in range(0, _BLOCK, at_once):
            change = _total_kernels.improving_sweeps(*arrays, v, chosen, at_once, SETTLED)
        if change == 0 or (chosen != before).sum() <= _FEW * chosen.size:
            break
    return v[:-2], chosen


def roughly(problem: Quotient, chosen: np.ndarray) -> np.ndarray:
    """Return the value of a policy as far as a few sweeps from zero tell it."""
    P, weight, away = _moves(problem.rows[chosen], np.arange(chosen.size))
    b, v = weight * problem.reward[chosen] / away, problem.extended(np.zeros(chosen.size))
    at_once = steps_at_once(P.nnz, most=_FIRST_SWEEPS)
    for _ in range(0, _FIRST_SWEEPS, at_once):
        if _total_kernels.chain_sweeps(*unsigned_rows(P), b, v, at_once, _CORRECTED) == 0:
            break
    return v[:-2]


def _gains(
    arrays: tuple[np.ndarray, ...], problem: Quotient, value: Value
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gain, error, away = (np.empty(arrays[3].size) for _ in range(3))
    v = problem.extended(value.v)
    if value.tail is None:
        _total_kernels.gains(*arrays, v, gain, error, away)
    else:
        _total_kernels.fine_gains(*arrays, v, np.concatenate([value.tail, [0.0, 0.0]]), gain, error, away)
    return gain, error, away


def _corrector(rows: csr_array) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that adds up what each visit of a state earns until the ends, roughly.

    Large problems are swept outwards from the ends, which takes few sweeps where policies head for them. What does not
    settle soon, and small ones, are solved as linear systems.
    """
    n = rows.shape[0]
    P, _, _ = _moves(rows, np.arange(n))
    if n <= _DIRECT_STATES:
        dense = np.eye(n) - P.toarray()[:, :n]
        return lambda b: _solved(dense, b)
    solve: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    def correct(b: np.ndarray) -> np.ndarray:
        nonlocal solve
        x = np.concatenate([b, [0.0, 0.0]])
        if solve is None:
            if _settles(P, b, x):
                return x[:-2]
            solve = _system_solver(P[:, :n])
        return solve(b, x[:-2] if np.isfinite(x).all() else np.zeros(n))

    return correct


def _system_solver(P: csr_array) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return the function that solves ``x = b + P x`` from a guess: roughly, unless it takes elimination."""
    n = P.shape[0]
    matrix = csr_array(sp.eye_array(n, format="csr") - P)
    banded = eliminated_in_a_band(matrix)
    if banded is not None:
        return lambda b, _: banded(b)
    P.sort_indices()
    row = np.repeat(np.arange(n), np.diff(P.indptr))
    start = P.indptr.astype(np.uint64)
    middle = start[:-1] + np.bincount(row[P.indices < row], minlength=n).astype(np.uint64)
    system = PolicySystem(start, middle, P.indices.astype(np.uint64), P.data, np.zeros(n))
    room, surely = np.empty((VECTORS, n)), None

    def solve(b: np.ndarray, guess: np.ndarray) -> np.ndarray:
        nonlocal surely
        if surely is None:
            x, _ = corrected(replace(system, b=b), guess, room, reduction=_REDUCTION, rounds=_KRYLOV_ROUNDS)
            if np.abs(b - matrix @ x).max() <= np.abs(b).max() / 100:
                return x
            surely = sparse_solver(matrix)
        return surely(b, guess)[0]

    return solve


def _solved(dense: np.ndarray, b: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(dense, b)
    except np.linalg.LinAlgError:  # singular to working precision
        return np.full(b.size, np.nan)


def _settles(P: csr_array, b: np.ndarray, x: np.ndarray) -> bool:
    """Sweep until x hardly changes, and return whether it came to that; give up once it would take too long."""
    at_once, made, before = steps_at_once(P.nnz, most=_BATCH), 0, np.inf
    while made < SWEEPS:
        change = _total_kernels.chain_sweeps(*unsigned_rows(P), b, x, at_once, _CORRECTED)
        if change == 0:
            return True
        made += at_once
        ratio = change / before
        if made >= _LEAST_SWEEPS and made + at_once * _batches_left(change, ratio) > SWEEPS:
            return False
        before = change
    return False


def _batches_left(change: float, ratio: float) -> float:
    """Predict how many more batches of sweeps are needed, at the rate of the last one."""
    return math.log(_CORRECTED / change) / math.log(ratio) if 0 < ratio < 1 and change > _CORRECTED else np.inf


def _moves(rows: csr_array, state: np.ndarray) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Return where each row leads when its state is left at last, its weight, and that of leaving."""
    count = rows.shape[0]
    row = np.repeat(np.arange(count), np.diff(rows.indptr))
    moves = rows.indices != state[row]
    row, data = row[moves], rows.data[moves]
    away = np.bincount(row, weights=data, minlength=count)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(rows.indptr.dtype)
    P = csr_array((data / away[row], rows.indices[moves], offsets), shape=rows.shape)
    return P, rows @ np.ones(rows.shape[1]), away
