"""Solving the linear systems of one policy: its value, and how often it visits what.

Small systems go to dense LU. Large sparse ones go to BiCGSTAB, which is taken only if its residual is small, and else
to sparse LU: the default ordering alone can be a hundred times slower. One step of refinement follows in every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator, bicgstab, splu

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy.sparse import csr_array

_DENSE_STATES = 400
_KRYLOV_ROUNDS = 500
_KRYLOV_ACCURACY = 1e-13


def solve_policy_system(
    P_policy: csr_array, gamma: float, b: np.ndarray, *, guess: np.ndarray | None = None, transpose: bool = False
) -> tuple[np.ndarray, str]:
    """Solve ``(I - gamma P_pi) x = b``, or with the transpose, and say how.

    Parameters
    ----------
    P_policy : csr_array, shape (n_states, n_states)
        Kernel of the policy.
    gamma : float
        Discount below 1.
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
    """
    n_states = b.size
    matrix = sp.eye_array(n_states, format="csr") - gamma * P_policy
    if transpose:
        matrix = matrix.T.tocsr()
    if n_states <= _DENSE_STATES:
        dense = matrix.toarray()
        return _refined(lambda c: np.linalg.solve(dense, c), matrix, b), "dense LU"
    x = _krylov(matrix, b, guess)
    if x is not None:
        return x, "BiCGSTAB"
    factors = splu(matrix.tocsc())
    return _refined(factors.solve, matrix, b), "sparse LU"


def _krylov(matrix: csr_array, b: np.ndarray, guess: np.ndarray | None) -> np.ndarray | None:
    """Return the solution by BiCGSTAB with Jacobi preconditioning, or None where it did not get there."""
    diagonal = matrix.diagonal()
    scale = LinearOperator(matrix.shape, matvec=lambda x: x / diagonal, dtype=np.float64)
    x = np.zeros_like(b) if guess is None else np.array(guess)
    with np.errstate(all="ignore"):
        for _ in range(2):
            residual = b - matrix @ x
            correction, _ = bicgstab(matrix, residual, rtol=1e-10, atol=0.0, maxiter=_KRYLOV_ROUNDS, M=scale)
            x = x + correction
        residual = np.abs(b - matrix @ x).max()
    return x if residual <= _KRYLOV_ACCURACY * max(np.abs(b).max(), np.abs(x).max()) else None


def _refined(solve: Callable[[np.ndarray], np.ndarray], matrix: csr_array, b: np.ndarray) -> np.ndarray:
    """Return a direct solution after one step of iterative refinement."""
    x = solve(b)
    return x + solve(b - matrix @ x)
