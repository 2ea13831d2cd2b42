r"""BiCGSTAB for systems x = b + C x, preconditioned by a symmetric Gauss-Seidel sweep.

Krylov methods choose the best correction that a few products with the matrix can reach. On chains that mix they need
tens of rounds where sweeps need thousands: one slow mode, such as a goal that is rarely met, costs them one round. They
are no sure thing, and stall on chains that drift; who calls this looks at the residual (van der Vorst 1992; Saad 2003,
section 7.4.2).

With L and U the parts of C before and after the diagonal, the system is solved for :math:`y = (I - U) x` after a
multiplication by :math:`(I - L)^{-1}`. As :math:`I - C = (I - L) + (I - U) - I`, one product with the matrix so
preconditioned is

.. math:: t = (I - U)^{-1} y, \qquad (I - L)^{-1} (I - C) (I - U)^{-1} y = t + (I - L)^{-1} (y - t),

one sweep backwards and one forwards, which read each entry once: no more than the product alone (Eisenstat 1981).

Vectors are added up in one fixed order, so that the answer does not depend on a number of threads. A call of the
compiled loop is short, for an interrupt to come through.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.sparse import csr_array

from rltheory.planning.pace import steps_at_once
from rltheory.planning.policy_system import PolicySystem, residual

ACCURACY = 1e-13
VECTORS = 7
_ENOUGH = 1e-15
_ROUNDS = 500
_REDUCTION = 1e-11
_ONE = np.uint64(1)


def bicgstab(matrix: csr_array, b: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, bool]:
    """Solve a linear system whose matrix has a dominant diagonal.

    Parameters
    ----------
    matrix : csr_array, shape (n, n)
        Its diagonal is not zero anywhere.
    b : ndarray, shape (n,)
    guess : ndarray, shape (n,), optional
        Where to begin.

    Returns
    -------
    x : ndarray, shape (n,)
        The best solution found.
    accurate : bool
        Whether its residual is within 1e-13 times the largest entry of x and b.

    References
    ----------
    van der Vorst (1992); Saad (2003), Iterative Methods for Sparse Linear Systems, algorithm 7.7; Eisenstat (1981),
    Efficient implementation of a class of preconditioned conjugate gradient methods.
    """
    x = np.zeros_like(b) if guess is None else np.array(guess)
    system, room = _by_rows(matrix, b), np.empty((VECTORS, b.size))
    size = float(np.abs(b - matrix @ x).max())
    while size > _ENOUGH * _scale(b, x):
        better, _ = corrected(system, x, room, reduction=_REDUCTION, rounds=_ROUNDS)
        before, size = size, float(np.abs(b - matrix @ better).max())
        if not size < before:
            size = before
            break
        x = better
        if size > before / 10:
            break
    return x, size <= ACCURACY * _scale(b, x)


def corrected(
    system: PolicySystem, x: np.ndarray, room: np.ndarray, *, reduction: float, rounds: int, enough: float = 0.0
) -> tuple[np.ndarray, int]:
    """Return what some rounds make of a guess, which may be worse, and how many were made.

    Parameters
    ----------
    system : PolicySystem
        The system x = b + C x.
    x : ndarray, shape (n,)
        The guess.
    room : ndarray, shape (VECTORS, n)
        Space to work in, overwritten.
    reduction : float
        How much smaller the preconditioned residual should become, in its Euclidean norm.
    rounds : int
        Limit; a round costs two to three sweeps.
    enough : float
        A residual, in reward units, that is small enough in any case.
    """
    r, shadow, p, q, t, y, z = room
    residual(system.start, system.columns, system.weights, system.b, x, r)
    # Rounds on a residual of size one neither overflow nor vanish.
    scale = float(np.abs(r).max())
    if scale <= enough or not np.isfinite(scale):
        return x.copy(), 0
    r /= scale
    square = float(_forwards(*system.arrays[:4], r))
    shadow[:], p[:], q[:], y[:] = r, 0.0, 0.0, 0.0
    small = max(reduction * np.sqrt(square), enough / scale)
    state, at_once, made = np.array([square, square, 1.0, 1.0]), steps_at_once(3 * system.work), 0
    while made < rounds:
        count = min(at_once, rounds - made)
        more = _rounds(*system.arrays[:4], shadow, r, p, q, t, y, z, state, small, count)
        made += more
        if more < count:
            break
    _backwards(*system.arrays[:4], y, t)
    return x + scale * t, made


def _by_rows(matrix: csr_array, b: np.ndarray) -> PolicySystem:
    """Return a matrix and a right-hand side as x = b + C x."""
    matrix = matrix.sorted_indices()
    diagonal, n = matrix.diagonal(), b.size
    row = np.repeat(np.arange(n), np.diff(matrix.indptr))
    off = row != matrix.indices
    row, columns, weights = row[off], matrix.indices[off], -matrix.data[off] / diagonal[row[off]]
    start = np.searchsorted(row, np.arange(n + 1)).astype(np.uint64)
    middle = start[:-1] + np.bincount(row[columns < row], minlength=n).astype(np.uint64)
    return PolicySystem(start, middle, columns.astype(np.uint64), weights, b / diagonal)


def _scale(b: np.ndarray, x: np.ndarray) -> float:
    return float(max(np.abs(b).max(), np.abs(x).max()))


@njit(cache=True, nogil=True, error_model="numpy")
def _rounds(  # type: ignore[no-untyped-def]
    start, middle, columns, weights, shadow, r, p, q, t, y, z, state, small, rounds
):
    """Run some rounds, and return how many; fewer if the residual is small, or nothing more is to be hoped for.

    A sweep waits for each state's number before it can go on to the next; what is to be done with vectors besides is
    done in its loops, where it costs nothing.
    """
    n = np.uint64(r.size)
    before, rho, alpha, omega = state
    for made in range(rounds):
        beta = rho / before * (alpha / omega)
        for step in range(n):
            s = n - _ONE - np.uint64(step)
            p[s] = r[s] + beta * (p[s] - omega * q[s])
            total = p[s]
            for k in range(np.uint64(middle[s]), np.uint64(start[s + _ONE])):
                total += weights[k] * t[columns[k]]
            t[s] = total
        along = 0.0
        for i in range(n):
            total = p[i] - t[i]
            for k in range(np.uint64(start[i]), np.uint64(middle[i])):
                total += weights[k] * z[columns[k]]
            z[i], q[i] = total, t[i] + total
            along += shadow[i] * q[i]
        alpha = rho / along
        for step in range(n):
            s = n - _ONE - step
            r[s] -= alpha * q[s]
            total = r[s]
            for k in range(np.uint64(middle[s]), np.uint64(start[s + _ONE])):
                total += weights[k] * t[columns[k]]
            t[s] = total
        along, length = 0.0, 0.0
        for i in range(n):
            total = r[i] - t[i]
            for k in range(np.uint64(start[i]), np.uint64(middle[i])):
                total += weights[k] * z[columns[k]]
            z[i] = total
            t[i] += total
            along += t[i] * r[i]
            length += t[i] * t[i]
        omega = along / max(length, 1e-300)
        if not (np.isfinite(alpha) and np.isfinite(omega)):
            return made
        before, rho, size = rho, 0.0, 0.0
        for i in range(n):
            y[i] += alpha * p[i] + omega * r[i]
            r[i] -= omega * t[i]
            rho += shadow[i] * r[i]
            size += r[i] * r[i]
        if size <= small * small or omega == 0.0 or alpha == 0.0 or rho == 0.0 or not np.isfinite(size):
            return made
    state[0], state[1], state[2], state[3] = before, rho, alpha, omega
    return rounds


@njit(cache=True, nogil=True)
def _backwards(start, middle, columns, weights, y, t):  # type: ignore[no-untyped-def]
    """Fill ``t = (I - U)^-1 y``."""
    for step in range(np.uint64(y.size)):
        s = np.uint64(y.size) - _ONE - step
        total = y[s]
        for k in range(np.uint64(middle[s]), np.uint64(start[s + _ONE])):
            total += weights[k] * t[columns[k]]
        t[s] = total


@njit(cache=True, nogil=True)
def _forwards(start, middle, columns, weights, r):  # type: ignore[no-untyped-def]
    """Replace r by ``(I - L)^-1 r``; return the square of its length, the same on any number of cores."""
    square = 0.0
    for s in range(np.uint64(r.size)):
        total = r[s]
        for k in range(np.uint64(start[s]), np.uint64(middle[s])):
            total += weights[k] * r[columns[k]]
        r[s] = total
        square += total * total
    return square
