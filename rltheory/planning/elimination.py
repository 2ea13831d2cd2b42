r"""Linear systems of chains that leave a set of states: I - P on the set, without a subtraction.

The equations :math:`x = b + P x` on a set of states say that x adds up b until the set is left. State after state is
eliminated (Grassmann, Taksar and Heyman 1985): a chain that is watched only while it is in the first k states is a
chain again, and its ways through the other states are added up. With q the probabilities between states and l that of
leaving the set, state k goes to earlier states, or leaves, with probability :math:`l_k + \sum_{j < k} q_{kj}` once it
moves at all, so that 1 - P(k|k) never has to be computed: no digit is lost, even in sets left once in 1e300 steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from rltheory.models import CriterionError
from rltheory.planning.linear_systems import eliminated_in_a_band, sparse_solver

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE_STATES = 400
BEYOND_FLOATS = (
    "gain and bias of a policy are beyond float64: some states are left with probabilities too small beside the others;"
    " round these to zero, or use relative_value_iteration"
)

Solver = Callable[[np.ndarray], np.ndarray]


def leaving_system(flow: csr_array, leak: np.ndarray) -> tuple[Solver, Solver]:
    """Factorise I - P on a set of states.

    Parameters
    ----------
    flow : csr_array, shape (n, n)
        Probabilities between the states of the set; the diagonal is not read.
    leak : ndarray, shape (n,)
        Probability of leaving the set, from each state.

    Returns
    -------
    solve, solve_transposed : callable
        From right-hand sides to solutions, of shape (n,). Up to 400 states by elimination, beyond as `linear_systems`
        does.

    Raises
    ------
    CriterionError
        If the set is not left, in float64.
    """
    if leak.size <= DENSE_STATES:
        return _eliminated(flow.toarray(), leak.copy())
    off = flow.copy()
    off.data[np.repeat(np.arange(leak.size), np.diff(off.indptr)) == off.indices] = 0.0
    matrix = sp.csr_array(sp.diags_array(off.sum(axis=1) + leak) - off)
    banded = eliminated_in_a_band(matrix)
    if banded is not None:
        if not _counts_steps(matrix, banded(np.ones(leak.size))):
            raise CriterionError(BEYOND_FLOATS)
        return banded, (lambda b: banded(b, trans="T"))
    solve, solve_transposed = sparse_solver(matrix), sparse_solver(sp.csr_array(matrix.T))
    return (lambda b: solve(b)[0]), (lambda b: solve_transposed(b)[0])


def _counts_steps(matrix: csr_array, steps: np.ndarray) -> bool:
    """Tell whether a solution for ``b = 1`` is the expected number of steps, to some digits; not if singular."""
    return bool((steps > 0).all()) and bool(np.abs(matrix @ steps - 1).max() < 0.5)


def _eliminated(flow: np.ndarray, leak: np.ndarray) -> tuple[Solver, Solver]:
    """Eliminate the states, last first, in place."""
    n = leak.size
    left = np.empty(n)  # probability of leaving each state for an earlier one, or the set
    for k in reversed(range(n)):
        left[k] = leak[k] + flow[k, :k].sum()
        if left[k] <= 0:
            raise CriterionError(BEYOND_FLOATS)
        flow[:k, k] /= left[k]
        flow[:k, :k] += np.outer(flow[:k, k], flow[k, :k])
        leak[:k] += flow[:k, k] * leak[k]

    def solve(b: np.ndarray) -> np.ndarray:
        x = b.copy()
        for k in reversed(range(n)):
            x[:k] += flow[:k, k] * x[k]
        for k in range(n):
            x[k] = (x[k] + flow[k, :k] @ x[:k]) / left[k]
        return x

    def solve_transposed(b: np.ndarray) -> np.ndarray:
        x = b.copy()
        for k in reversed(range(n)):
            x[k] /= left[k]
            x[:k] += flow[k, :k] * x[k]
        for k in range(n):
            x[k] += flow[:k, k] @ x[:k]
        return x

    return solve, solve_transposed
