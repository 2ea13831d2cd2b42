r"""The linear program in occupancies: the best that a relaxation of F allows any policy.

Variables are the expected visits $x_h(s, a)$ to each pair at each step, the visits n that they make, and the amounts y
of the `linear` relaxation:

.. math:: \max\; q \cdot y \quad \text{such that} \quad
          \sum_a x_0(s, a) = \mu(s), \quad \sum_a x_{h+1}(s', a) = \sum_{s,a} P_h(s' \mid s, a)\, x_h(s, a), \quad
          G y \le B n + b, \quad 0 \le y \le u .

It bounds every policy, whatever it remembers, because an item is covered with at most the probability
$\min(1, \mathbb{E}[\text{visits}])$. (The program is that of Halperin and others 2003 for covering a tree, over a
general MDP.) HiGHS is accurate to some 1e-7 and proves nothing; its multipliers are turned into an additive majorant,
and that proves the bound.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from rltheory.models import CriterionError
from rltheory.planning.memory import require_memory
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import reachable_states
from rltheory.submodular.relaxation.linear import LinearRelaxation, linear_relaxation
from rltheory.submodular.relaxation.majorant import UpperBound, additive_bound

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_BYTES_A_NONZERO = 300


def linear_bound(mdp: SubmodularMDP, relaxation: LinearRelaxation | None = None) -> UpperBound:
    """Bound every policy by a linear program in occupancies, proven from its multipliers.

    Parameters
    ----------
    mdp : SubmodularMDP
        With an F that `linear_relaxation` knows, unless the relaxation is given.
    relaxation : LinearRelaxation, optional
        A program for F; by default that of its family.

    Returns
    -------
    UpperBound
        With the occupancy and the visits of the program's optimum.

    Raises
    ------
    CriterionError
        If F has no linear relaxation here, or HiGHS failed.
    MemoryError
        If the program would not fit, before it is built.

    Examples
    --------
    Four states on a ring, each worth 1, and two steps to take: three states at most.

    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> ring = np.stack([np.roll(np.eye(4), 1, axis=1), np.roll(np.eye(4), -1, axis=1)], axis=1)
    >>> mdp = SubmodularMDP(ring, Coverage.from_sets([[0], [1], [2], [3]]), H=2, mu=0)
    >>> round(linear_bound(mdp).value, 6)
    3.0
    """
    program = linear_relaxation(mdp.F) if relaxation is None else relaxation
    pairs = _useful_pairs(mdp)
    flow, start, arrivals = _flow(mdp, pairs)
    require_memory(
        _BYTES_A_NONZERO * (flow.nnz + arrivals.nnz + program.use.nnz + program.supply.nnz),
        f"the linear program over {mdp.H} steps of {mdp!r}",
        remedy="oracle_bound needs a few vectors besides the model",
    )
    x, n, multipliers = _solve(program, flow, start, arrivals, _first_visits(mdp))
    majorant = program.majorant(multipliers)
    occupancy = np.zeros((mdp.H, mdp.n_pairs))
    occupancy[pairs] = np.maximum(x, 0.0)
    method = "linear program in occupancies"
    return UpperBound(additive_bound(mdp, majorant), method, majorant, visits=n, occupancy=occupancy)


def _useful_pairs(mdp: SubmodularMDP) -> np.ndarray:
    """Tell which pairs, (H, n_pairs), can be reached and do not repeat another action of the same state."""
    reached = reachable_states(mdp)[:-1][:, mdp.pair_state]
    dynamics = mdp.dynamics
    if dynamics.is_stationary:
        return reached & _distinct_rows(dynamics.rows(0), mdp.pair_start)
    return reached & np.stack([_distinct_rows(dynamics.rows(h), mdp.pair_start) for h in range(mdp.H)])


def _distinct_rows(P: csr_array, pair_start: np.ndarray) -> np.ndarray:
    """Tell which rows are the first of their kind among the rows of their state."""
    distinct = np.ones(P.shape[0], dtype=bool)
    for first, end in pairwise(pair_start):
        seen = set()
        for row in range(first, end):
            entries = slice(P.indptr[row], P.indptr[row + 1])
            key = P.indices[entries].tobytes() + P.data[entries].tobytes()
            distinct[row] = key not in seen
            seen.add(key)
    return distinct


def _flow(mdp: SubmodularMDP, pairs: np.ndarray) -> tuple[csr_array, np.ndarray, csr_array]:
    """Return the conservation of flow as ``flow @ x == start``, and the arrivals that x makes at each element."""
    H, S = mdp.H, mdp.n_states
    dynamics = mdp.dynamics
    own = sp.csr_array((np.ones(mdp.n_pairs), mdp.pair_state, np.arange(mdp.n_pairs + 1)), shape=(mdp.n_pairs, S)).T
    leaves = sp.block_diag([own[:, kept] for kept in pairs], format="csr")
    moves = [dynamics.rows(h).T[:, kept] for h, kept in enumerate(pairs)]
    arrives = sp.block_diag(moves, format="csr")
    later = sp.vstack([sp.csr_array((S, arrives.shape[1])), arrives[: (H - 1) * S]])
    start = np.zeros(H * S)
    start[:S] = mdp.mu
    if mdp.counts_visits:
        arrivals = sp.vstack([sp.csr_array((S, arrives.shape[1])), arrives], format="csr")
    else:
        arrivals = sp.hstack(moves, format="csr")
    live = reachable_states(mdp)[:-1].ravel()
    return sp.csr_array(leaves - later)[live], start[live], arrivals


def _first_visits(mdp: SubmodularMDP) -> np.ndarray:
    """Return the visits that the first state makes, shape (n_elements,)."""
    visits = np.zeros(mdp.F.n_elements)
    visits[: mdp.n_states] = mdp.mu
    return visits


def _solve(
    program: LinearRelaxation, flow: csr_array, start: np.ndarray, arrivals: csr_array, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return flows x, visits n and the multipliers of ``G y <= B n + b``, by the interior point method of HiGHS."""
    from scipy.optimize import linprog

    n_flows, n_visits, n_amounts = flow.shape[1], first.size, program.worth.size
    equal = sp.block_array(
        [
            [flow, None, None],
            [-arrivals, sp.eye_array(n_visits), sp.csr_array((n_visits, n_amounts))],
        ],
        format="csr",
    )
    below = sp.hstack([sp.csr_array((program.free.size, n_flows)), -program.supply, program.use], format="csr")
    found = linprog(
        np.concatenate([np.zeros(n_flows + n_visits), -program.worth]),
        A_ub=below,
        b_ub=program.free,
        A_eq=equal,
        b_eq=np.concatenate([start, first]),
        bounds=np.stack(
            [
                np.zeros(n_flows + n_visits + n_amounts),
                np.concatenate([np.full(n_flows + n_visits, np.inf), program.most]),
            ],
            axis=1,
        ),
        method="highs-ipm",
    )
    if not found.success:
        raise CriterionError(f"HiGHS failed on the linear program ({found.message}); rescale the weights of F")
    return found.x[:n_flows], found.x[n_flows : n_flows + n_visits], -found.ineqlin.marginals
