r"""BiCGSTAB for the systems of a policy, preconditioned by a symmetric Gauss-Seidel sweep.

Krylov methods choose the best correction that a few products with the matrix can reach. On chains that mix they need
tens of rounds where sweeps need thousands: one slow mode, such as a goal that is rarely met, costs them one round. They
are no sure thing, and stall on chains that drift; who calls this looks at the residual (van der Vorst 1992; Saad 2003,
section 7.4.2).

The rounds are compiled as a whole, and vectors are added up in one fixed order, so that the answer does not depend on a
number of threads. A call of the compiled loop is short, for an interrupt to come through.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.sparse import csr_array

from rltheory.planning.pace import steps_at_once

ACCURACY = 1e-13
_ENOUGH = 1e-15
_ROUNDS = 500


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
    van der Vorst (1992); Saad (2003), Iterative Methods for Sparse Linear Systems, algorithm 7.7.
    """
    x = np.zeros_like(b) if guess is None else np.array(guess)
    residual = b - matrix @ x
    size = float(np.abs(residual).max())
    while size > _ENOUGH * _scale(b, x):
        better = x + size * _run(matrix, residual / size)
        residual = b - matrix @ better
        before, size = size, float(np.abs(residual).max())
        if not size < before:
            size = before
            break
        x = better
        if size > before / 10:
            break
    return x, size <= ACCURACY * _scale(b, x)


def _scale(b: np.ndarray, x: np.ndarray) -> float:
    return float(max(np.abs(b).max(), np.abs(x).max()))


def _run(matrix: csr_array, b: np.ndarray) -> np.ndarray:
    """Return what some hundred rounds from zero make of a system of size 1."""
    n = b.size
    x, r, p, v, y, z = np.zeros(n), b.copy(), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    t, scalars = np.zeros(n), np.ones(3)
    at_once = steps_at_once(6 * matrix.nnz + 20 * n)
    rounds, small = 0, 1e-11 * float(np.sqrt(b @ b))
    arrays = matrix.indptr, matrix.indices, matrix.data, matrix.diagonal()
    with np.errstate(all="ignore"):
        while rounds < _ROUNDS and not _rounds(*arrays, b, x, r, p, v, y, z, t, scalars, small, at_once):
            rounds += at_once
    return x


@njit(cache=True, error_model="numpy")
def _rounds(indptr, indices, data, diagonal, shadow, x, r, p, v, y, z, t, scalars, small, rounds):  # type: ignore[no-untyped-def]
    """Run some rounds, and return whether the residual is small, or nothing more is to be hoped for."""
    rho, alpha, omega = scalars
    for _ in range(rounds):
        before, rho = rho, _dot(shadow, r)
        beta = rho / before * (alpha / omega)
        for i in range(r.size):
            p[i] = r[i] + beta * (p[i] - omega * v[i])
        _sweep(indptr, indices, data, diagonal, p, y)
        _times(indptr, indices, data, y, v)
        alpha = rho / _dot(shadow, v)
        for i in range(r.size):
            r[i] -= alpha * v[i]
        _sweep(indptr, indices, data, diagonal, r, z)
        _times(indptr, indices, data, z, t)
        omega = _dot(t, r) / max(_dot(t, t), 1e-300)
        size = 0.0
        for i in range(r.size):
            r[i] -= omega * t[i]
            size += r[i] * r[i]
        if not np.isfinite(size) or not np.isfinite(omega) or not np.isfinite(alpha):
            return True
        for i in range(r.size):
            x[i] += alpha * y[i] + omega * z[i]
        if size <= small * small or omega == 0.0 or alpha == 0.0 or rho == 0.0:
            return True
    scalars[0], scalars[1], scalars[2] = rho, alpha, omega
    return False


@njit(cache=True)
def _sweep(indptr, indices, data, diagonal, b, x):  # type: ignore[no-untyped-def]
    """Sweep forwards, then backwards, from zero: ``(D + U) x = D y`` after ``(D + L) y = b``."""
    for i in range(b.size):
        total = b[i]
        for k in range(indptr[i], indptr[i + 1]):
            if indices[k] < i:
                total -= data[k] * x[indices[k]]
        x[i] = total / diagonal[i]
    for i in range(b.size - 1, -1, -1):
        total = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            if indices[k] > i:
                total += data[k] * x[indices[k]]
        x[i] -= total / diagonal[i]


@njit(cache=True)
def _times(indptr, indices, data, x, product):  # type: ignore[no-untyped-def]
    for i in range(product.size):
        total = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            total += data[k] * x[indices[k]]
        product[i] = total


@njit(cache=True)
def _dot(a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total
