r"""The two linear programs of a discounted MDP, as ground truth and as the door to constraints.

The value is the smallest vector that no action improves (d'Epenoux 1963; Puterman 2005, section 6.9), for any weights
:math:`w > 0`:

.. math:: \min_v\; w \cdot v \quad \text{such that} \quad v(s) \ge r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, v(s')
          \;\; \text{for all } s, a

The dual finds the best *occupancy*, the expected discounted visits to each pair from :math:`\mu`:

.. math:: \max_{x \ge 0}\; r \cdot x \quad \text{such that} \quad
          \sum_a x(s', a) = \mu(s') + \gamma \sum_{s, a} P(s' \mid s, a)\, x(s, a) \;\; \text{for all } s'

A solver of linear programs is accurate to some 1e-8 and proves nothing about v. So its policy is taken, evaluated by a
linear system, and enclosed like every other answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from rltheory.models import MDP, CriterionError
from rltheory.planning.backup import greedy
from rltheory.planning.enclosure import certify, require_discounted
from rltheory.planning.memory import require_memory
from rltheory.planning.policy_iteration import best_actions, policy_solve
from rltheory.planning.solution import Solution
from rltheory.planning.value_iteration import checked_tol

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_VISITED = 1e-9
_BYTES_A_TRANSITION = 400


def linear_program(mdp: MDP, *, dual: bool = False, tol: float = 1e-6) -> Solution:
    """Solve a discounted MDP as a linear program, by cvxpy and HiGHS.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    dual : bool
        Whether to solve for the occupancy from ``mdp.mu`` instead of the value; the answer then has ``occupancy``.
        States that ``mu`` never reaches get their actions from the primal program.
    tol : float
        Accuracy that the answer must have, in reward units.

    Returns
    -------
    Solution
        Of the program's policy, evaluated and enclosed.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1, or the program could not be solved.
    ModelError
        If ``tol`` is not positive.
    MemoryError
        If the program would not fit, before it is built.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    d'Epenoux (1963), A probabilistic production and inventory problem.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=0.5, mu=0)
    >>> solution = rl.linear_program(mdp, dual=True)
    >>> solution.value.round(6), (mdp.r @ solution.occupancy).round(6)
    (array([2., 4.]), np.float64(2.0))
    """
    require_discounted(mdp)
    checked_tol(tol)
    require_program_memory(mdp)
    policy = greedy(mdp, _optimal_value(mdp))
    visits = None
    if dual:
        visits = _optimal_occupancy(mdp)
        most, busiest = best_actions(mdp, visits)
        policy = np.where(most > _VISITED, busiest, policy)
    v, _ = policy_solve(mdp, policy)
    name = "dual linear program with HiGHS" if dual else "primal linear program with HiGHS"
    return certify(mdp, v, tol=tol, history=[], method=name, limited=True, occupancy=visits)


def _optimal_value(mdp: MDP) -> np.ndarray:
    """Return the solution of the primal program with equal weights on all states."""
    import cvxpy as cp

    v = cp.Variable(mdp.n_states)
    problem = cp.Problem(cp.Minimize(cp.sum(v)), [_outflow(mdp) @ v >= mdp.r])
    _solve(problem)
    return np.asarray(v.value)


def _optimal_occupancy(mdp: MDP) -> np.ndarray:
    """Return the solution of the dual program, shape (n_pairs,)."""
    import cvxpy as cp

    x = cp.Variable(mdp.n_pairs, nonneg=True)
    problem = cp.Problem(cp.Maximize(mdp.r @ x), [_outflow(mdp).T @ x == mdp.mu])
    _solve(problem)
    return np.asarray(x.value)


def _outflow(mdp: MDP) -> csr_array:
    """Return the matrix (n_pairs, n_states) of the constraints, ``[s' = s] - gamma P(s'|s,a)``."""
    own_state = sp.csr_array((np.ones(mdp.n_pairs), mdp.pair_state, np.arange(mdp.n_pairs + 1)), shape=mdp.P.shape)
    return sp.csr_array(own_state - mdp.gamma * mdp.P)


def require_program_memory(mdp: MDP) -> None:
    """Refuse a model whose linear program would not fit: CVXPY and HiGHS hold its matrix several times."""
    require_memory(
        _BYTES_A_TRANSITION * (mdp.P.nnz + mdp.n_pairs),
        f"the linear program of {mdp.n_states:,} states with {mdp.P.nnz:,} transitions",
        remedy="policy iteration needs a few vectors besides the model",
    )


def _solve(problem: object) -> None:
    import cvxpy as cp

    try:
        problem.solve(solver=cp.HIGHS)  # type: ignore[attr-defined]
    except cp.error.SolverError as error:
        raise CriterionError(f"HiGHS failed on the linear program ({error}); rescale the rewards") from None
    if problem.status != cp.OPTIMAL:  # type: ignore[attr-defined]
        raise CriterionError(f"HiGHS ended with status {problem.status!r}; try value_iteration")  # type: ignore[attr-defined]
