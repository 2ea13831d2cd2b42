r"""Solving the linear systems of one policy: its value, and how often it visits what.

The matrix is I - gamma P, with P the kernel of a policy. Who solves it fastest depends on how the states hang together:

* up to 400 states, dense LU, unless their band is very narrow;
* in a narrow band (`band`), sparse LU in the order of the band, without pivoting, which such a matrix does not need;
* where chains mix, BiCGSTAB (`krylov`), which is no sure thing, and is taken only if its residual is small;
* in a band that is less narrow, sparse LU in an order of minimum degree, slower but sure;
* else Gauss-Seidel sweeps, which always approach the solution, from wherever BiCGSTAB left it: sparse LU of a random
  graph of 20,000 states takes minutes, and its memory grows with the square of their number.

Direct solutions are refined once. The accuracy is for the caller to prove, from the residual.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit
from scipy.sparse import csr_array

from rltheory.planning.band import MOST_WORK, envelope, narrow_band
from rltheory.planning.krylov import bicgstab
from rltheory.planning.memory import available_memory
from rltheory.planning.pace import steps_at_once

_DENSE_STATES = 400
_TINY = 100
_DEARER = 100  # a step of elimination in sparse storage, against one in dense
_WIDER_WORK = 1e11
_BYTES_AN_ENTRY = 12
_SETTLED = 1e-15
_SWEEPS = 1000


def solve_policy_system(
    P_policy: csr_array, gamma: float, b: np.ndarray, *, guess: np.ndarray | None = None, transpose: bool = False
) -> tuple[np.ndarray, str]:
    """Solve ``(I - gamma P_pi) x = b``, or with the transpose, and say how.

    Parameters
    ----------
    P_policy : csr_array, shape (n_states, n_states)
        Kernel of the policy; its rows sum to at most 1.
    gamma : float
        Discount below 1; or 1, if the policy leaves these states from everywhere.
    b : ndarray, shape (n_states,)
        Right-hand side.
    guess : ndarray, shape (n_states,), optional
        A starting point, which iterative solvers profit from.
    transpose : bool
        Whether to solve ``(I - gamma P_pi)^T x = b`` instead.

    Returns
    -------
    x : ndarray, shape (n_states,)
    method : str
        The solver used. The accuracy is for the caller to prove, from the residual.

    Raises
    ------
    LinAlgError, RuntimeError
        If the matrix is singular to working precision, from the dense and the sparse solver.
    """
    matrix = csr_array(sp.eye_array(b.size, format="csr") - gamma * P_policy)
    if transpose:
        matrix = csr_array(matrix.T)
    if b.size > _DENSE_STATES:
        return sparse_solver(matrix)(b, guess)
    if b.size > _TINY:
        solve = eliminated_in_a_band(matrix, most_work=b.size**3 / _DEARER)
        if solve is not None:
            return _refined(solve, matrix, b), "sparse LU in a narrow band"
    return _refined(_dense_solver(matrix.toarray()), matrix, b), "dense LU"


def sparse_solver(matrix: csr_array) -> Callable[..., tuple[np.ndarray, str]]:
    """Return the function that solves large systems with one matrix, I - P or its transpose, but for rounding.

    From a right-hand side, and a guess if there is one, to a solution and the name of the method. The matrix is
    factorised once at most.
    """
    solve, name = eliminated_in_a_band(matrix), "sparse LU in a narrow band"

    def solved(b: np.ndarray, guess: np.ndarray | None = None) -> tuple[np.ndarray, str]:
        nonlocal solve, name
        x = np.zeros_like(b) if guess is None else guess
        if solve is None:
            x, accurate = bicgstab(matrix, b, x)
            if accurate:
                return x, "BiCGSTAB"
            solve, name = _eliminated_by_degree(matrix), "sparse LU"
        if solve is not None:
            return _refined(solve, matrix, b), name
        return _swept(matrix, b, x), "Gauss-Seidel sweeps"

    return solved


def _eliminated_by_degree(matrix: csr_array) -> Callable[..., np.ndarray] | None:
    """Return the solver that eliminates the state with the fewest neighbours first, if its factors fit."""
    order = narrow_band(matrix, most_work=_WIDER_WORK)
    if order is None or not _fit_in_memory(matrix, order):
        return None
    try:
        return _factors(matrix, "MMD_AT_PLUS_A").solve
    except RuntimeError:
        return lambda b: np.full(b.size, np.nan)


def _dense_solver(matrix: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Factorise a matrix, for several right-hand sides; LinAlgError if that fails, as `numpy.linalg.solve` says it."""
    from scipy.linalg import LinAlgError, LinAlgWarning, lu_factor, lu_solve

    try:
        with warnings.catch_warnings(action="error", category=LinAlgWarning):
            factors = lu_factor(matrix, overwrite_a=True, check_finite=False)
    except LinAlgWarning as singular:
        raise LinAlgError(str(singular)) from None
    return lambda b: lu_solve(factors, b, check_finite=False)


def eliminated_in_a_band(matrix: csr_array, *, most_work: float = MOST_WORK) -> Callable[..., np.ndarray] | None:
    """Return the solver that eliminates states in the order of a narrow band, if there is one and its factors fit.

    With ``trans="T"`` it solves the transposed system. Where the matrix is singular solutions are not finite.
    """
    order = narrow_band(matrix, most_work=most_work)
    if order is None or not _fit_in_memory(matrix, order):
        return None
    place = np.argsort(order)
    try:
        factors = _factors(matrix[order][:, order], "NATURAL")
    except RuntimeError:
        return lambda b, trans="N": np.full(b.size, np.nan)
    return lambda b, trans="N": factors.solve(b[order], trans)[place]


def _fit_in_memory(matrix: csr_array, order: np.ndarray) -> bool:
    room = available_memory()
    return room is None or 2 * _BYTES_AN_ENTRY * envelope(matrix, order) <= room


def _factors(matrix: csr_array, order: str) -> Any:
    """Return sparse LU factors, without pivoting."""
    from scipy.sparse.linalg import splu  # takes long to import

    return splu(matrix.tocsc(), permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def _refined(solve: Callable[[np.ndarray], np.ndarray], matrix: csr_array, b: np.ndarray) -> np.ndarray:
    """Return a direct solution after one step of iterative refinement."""
    x = solve(b)
    return x + solve(b - matrix @ x)


def _swept(matrix: csr_array, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return what sweeps make of a guess, until they change nothing, or have taken long enough."""
    x, diagonal = x.copy(), matrix.diagonal()
    at_once = steps_at_once(2 * matrix.nnz, most=_SWEEPS)
    for _ in range(0, _SWEEPS, at_once):
        if _sweeps(matrix.indptr, matrix.indices, matrix.data, diagonal, b, x, at_once, _SETTLED):
            break
    return x


@njit(cache=True)
def _sweeps(indptr, indices, data, diagonal, b, x, sweeps, tolerance):  # type: ignore[no-untyped-def]
    """Sweep to and fro; return whether a sweep changed x by no more than a part ``tolerance`` of its size."""
    for sweep in range(sweeps):
        change, size = 0.0, 0.0
        for step in range(b.size):
            i = step if sweep % 2 == 0 else b.size - 1 - step
            total = b[i]
            for k in range(indptr[i], indptr[i + 1]):
                if indices[k] != i:
                    total -= data[k] * x[indices[k]]
            new = total / diagonal[i]
            change, size = max(change, abs(new - x[i])), max(size, abs(new))
            x[i] = new
        if change <= tolerance * size:
            return True
    return False
