r"""Oracles for groups of states: averages, abstract models, and the cost of transport.

A grouping has, for each state, the group it is in and its weight there; weights add up to 1 in each group.
"""

from __future__ import annotations

import numpy as np

from proofs_check import oracles
from rltheory import MDP

_TIGHTEST = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def averager(groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the matrix that replaces each value by the average of its group.

    Parameters
    ----------
    groups : ndarray of int, shape (n_states,)
    weights : ndarray, shape (n_states,)

    Returns
    -------
    ndarray, shape (n_states, n_states)
    """
    return (groups[:, None] == groups) * weights


def averaged_optimum(mdp: MDP, M: np.ndarray) -> np.ndarray:
    r"""Return the fixed point of $v = M T v$, for a stochastic matrix M.

    It is $M u$ for $u = T M u$, the optimal value of the model with the kernel $P M$: a linear program.

    Parameters
    ----------
    mdp : MDP
    M : ndarray, shape (n_states, n_states)

    Returns
    -------
    ndarray, shape (n_states,)
    """
    return M @ oracles.lp_value(MDP.from_pairs(mdp.P @ M, mdp.r, mdp.gamma, pair_start=mdp.pair_start))


def abstract_model(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> MDP:
    """Return the model of the groups: the weighted average of their states' rewards and rows, added up by group.

    Parameters
    ----------
    mdp : MDP
        All states with the same number of actions.
    groups : ndarray of int, shape (n_states,)
        Numbered from 0 without a gap.
    weights : ndarray, shape (n_states,)

    Returns
    -------
    MDP
    """
    n_groups, n_actions = int(groups.max()) + 1, mdp.n_actions
    member = np.eye(n_groups)[groups]
    P = mdp.P.toarray().reshape(mdp.n_states, n_actions, mdp.n_states) @ member
    average = (weights[:, None] * member).T
    law = np.einsum("gs,sah->gah", average, P).reshape(n_groups * n_actions, n_groups)
    reward = (average @ mdp.r.reshape(mdp.n_states, n_actions)).reshape(-1)
    return MDP.from_pairs(law / law.sum(axis=1, keepdims=True), reward, mdp.gamma, n_actions=n_actions)


def group_laws(mdp: MDP, groups: np.ndarray) -> np.ndarray:
    """Return the law of the next group, for each pair.

    Parameters
    ----------
    mdp : MDP
    groups : ndarray of int, shape (n_states,)

    Returns
    -------
    ndarray, shape (n_pairs, n_groups)
    """
    return mdp.P.toarray() @ np.eye(int(groups.max()) + 1)[groups]


def widest_group(x: np.ndarray, groups: np.ndarray) -> float:
    """Return the largest difference between two states of a group, in any column.

    Parameters
    ----------
    x : ndarray, shape (n_states,) or (n_states, n)
    groups : ndarray of int, shape (n_states,)

    Returns
    -------
    float
    """
    return max(float(np.ptp(x[groups == group], axis=0).max()) for group in np.unique(groups))


def transport(p: np.ndarray, q: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the least cost of moving each row of p to that of q: one linear program for all.

    Parameters
    ----------
    p, q : ndarray, shape (m, n)
        Rows are distributions.
    distance : ndarray, shape (n, n)
        Cost of moving one unit of mass; a pseudometric.

    Returns
    -------
    ndarray, shape (m,)
    """
    from scipy.optimize import linprog
    from scipy.sparse import kron

    m, n = p.shape
    leaving, arriving = np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))
    # Of the 2 n marginals of a plan, the last follows from the others.
    constraints = kron(np.eye(m), np.vstack([leaving, arriving[:-1]]), format="csr")
    marginals = np.hstack([p, q[:, :-1]]).ravel()
    plan = linprog(
        np.tile(distance.ravel(), m),
        A_eq=constraints,
        b_eq=marginals,
        bounds=(0, None),
        method="highs",
        options=_TIGHTEST,
    )
    if plan.x is None:
        raise ArithmeticError(f"HiGHS did not solve the transport problem: {plan.message}")
    return plan.x.reshape(m, n * n) @ distance.ravel()


def transport_on_line(p: np.ndarray, q: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the least cost of moving each row of p to that of q along a line: the area between their laws.

    Parameters
    ----------
    p, q : ndarray, shape (m, n)
        Rows are distributions.
    positions : ndarray, shape (n,)
        Where the n points are.

    Returns
    -------
    ndarray, shape (m,)
    """
    order = np.argsort(positions)
    gaps = np.abs(np.cumsum(p[:, order], axis=1) - np.cumsum(q[:, order], axis=1))[:, :-1]
    return gaps @ np.diff(positions[order])
