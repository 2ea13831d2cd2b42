r"""The multichain linear program of the average reward, as ground truth.

.. math:: \min_{g, h} \sum_s g(s) \quad \text{such that} \quad g(s) \ge \sum_{s'} P(s' \mid s, a)\, g(s'), \qquad
          g(s) + h(s) \ge r(s, a) + \sum_{s'} P(s' \mid s, a)\, h(s') \quad \text{for all } s, a

(Denardo and Fox 1968; Puterman 2005, section 9.3). Every solution has the optimal gain. Its multipliers are the
long-run frequencies x(s, a) of the second kind of constraint, and y(s, a) of the first, by which states outside the
recurrent classes get there: an optimal policy takes an action with x > 0 where there is one, else one with y > 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from rltheory.models import MDP
from rltheory.planning.average_policy_iteration import certify_gain
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.gain_bounds import Rows, gain_upper_bound, normalised_rows, structure_of
from rltheory.planning.linear_program import _solve, require_program_memory
from rltheory.planning.poisson import policy_bounds, solve_poisson
from rltheory.planning.policy_iteration import best_actions
from rltheory.planning.value_iteration import checked_tol

_VISITED = 1e-9


def average_linear_program(mdp: MDP, *, tol: float = 1e-6) -> AverageRewardSolution:
    """Solve any MDP for the average reward as a linear program, by cvxpy and HiGHS.

    Parameters
    ----------
    mdp : MDP
        Any finite model; its discount is not used. Rows are divided by their exact sums.
    tol : float
        Accuracy that the gain must have, in reward units.

    Returns
    -------
    AverageRewardSolution
        Of the program's policy, evaluated; the upper bound is that of the program, proven.

    Raises
    ------
    CriterionError
        If the program could not be solved.
    ModelError
        If ``tol`` is not positive.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Denardo and Fox (1968), Multichain Markov renewal programs.

    Examples
    --------
    >>> import rltheory as rl
    >>> P = [[[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]]
    >>> solution = rl.planning.average_linear_program(rl.MDP.from_arrays(P, [9, 1, 2], gamma=1.0))
    >>> solution.policy[0], solution.gain.round(6)
    (np.int64(1), array([2., 1., 2.]))
    """
    checked_tol(tol)
    require_program_memory(mdp)
    rows = normalised_rows(mdp)
    program_g, program_h, y, x = _program(rows)
    most, busiest = best_actions(mdp, x)
    policy = np.where(most > _VISITED, busiest, best_actions(mdp, y)[1])
    own = structure_of(rows.of_policy(policy))
    g, h, _, _ = solve_poisson(own)
    bounds = policy_bounds(own, g, h), gain_upper_bound(structure_of(rows), program_h, program_g)
    solution = certify_gain(mdp, bounds, h, policy, tol, [], "multichain linear program with HiGHS", limited=True)
    return replace(solution, upper_bias=program_h)


def _program(rows: Rows) -> tuple[np.ndarray, ...]:
    """Return gain, bias, and the multipliers of the two kinds of constraints."""
    import cvxpy as cp

    n_rows, n_states = rows.P.shape
    own_state = sp.csr_array((np.ones(n_rows), rows.owner, np.arange(n_rows + 1)), shape=rows.P.shape)
    loss = sp.csr_array(own_state - rows.P)
    g, h = cp.Variable(n_states), cp.Variable(n_states)
    constraints = [loss @ g >= 0, own_state @ g + loss @ h >= rows.r]
    _solve(cp.Problem(cp.Minimize(cp.sum(g) / n_states), constraints))
    return tuple(np.asarray(found) for found in (g.value, h.value, *(c.dual_value for c in constraints)))
