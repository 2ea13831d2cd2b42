"""Policy values and the optimum in rational arithmetic: no rounding anywhere, for tiny models.

The float data *are* the model, taken as exact fractions. `proofs_check.oracles` offers these functions beside the other
oracles.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from rltheory.models import MDP


def rational_policy_value(mdp: MDP, policy: Sequence[int] | np.ndarray) -> list[Fraction]:
    """Return the value of a policy, exactly.

    Parameters
    ----------
    mdp : MDP
        Tiny, with ``gamma < 1``.
    policy : sequence of int, length n_states, or ndarray, shape (n_states, n_actions)
        Actions, or probabilities, taken as they are: they need not sum to one exactly.

    Returns
    -------
    list of Fraction, length n_states
    """
    P, r = rational_policy_rows(mdp, policy)
    gamma = Fraction(mdp.gamma)
    matrix = [[(i == j) - gamma * p for j, p in enumerate(row)] for i, row in enumerate(P)]
    return rational_solve(matrix, r)


def rational_policy_rows(mdp: MDP, policy: Sequence[int] | np.ndarray) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Return the kernel and the rewards that a policy induces, exactly.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    policy
        As for `rational_policy_value`.

    Returns
    -------
    P : list of n_states lists of n_states Fraction
    r : list of n_states Fraction
    """
    policy, P, starts = np.asarray(policy), mdp.P.toarray(), mdp.pair_start.tolist()
    if policy.ndim == 1:
        rows = mdp.pair_start[:-1] + policy
        return [[Fraction(p) for p in P[row]] for row in rows], [Fraction(mdp.r[row]) for row in rows]
    mixed, earned = [], []
    for s, (start, end) in enumerate(itertools.pairwise(starts)):
        weights = [Fraction(w) for w in policy[s, : end - start]]
        columns = zip(*([Fraction(p) for p in row] for row in P[start:end]), strict=True)
        mixed.append([sum(map(Fraction.__mul__, weights, column), Fraction(0)) for column in columns])
        earned.append(sum(map(Fraction.__mul__, weights, map(Fraction, mdp.r[start:end])), Fraction(0)))
    return mixed, earned


def rational_optimum(mdp: MDP) -> list[Fraction]:
    """Return v*, exactly, by policy iteration in rational arithmetic.

    Parameters
    ----------
    mdp : MDP
        Tiny, with ``gamma < 1``.

    Returns
    -------
    list of Fraction, length n_states
    """
    P = [[Fraction(p) for p in row] for row in mdp.P.toarray()]
    r, gamma = [Fraction(x) for x in mdp.r], Fraction(mdp.gamma)
    starts = mdp.pair_start.tolist()
    policy = [0] * mdp.n_states
    while True:
        v = rational_policy_value(mdp, policy)
        q = [reward + gamma * sum(map(Fraction.__mul__, row, v)) for reward, row in zip(r, P, strict=True)]
        improved = [
            policy[s] if q[start + policy[s]] == max(q[start:end]) else q[start:end].index(max(q[start:end]))
            for s, (start, end) in enumerate(itertools.pairwise(starts))
        ]
        if improved == policy:
            return v
        policy = improved


def rational_solve(matrix: Sequence[Sequence[Fraction]], x: Sequence[Fraction]) -> list[Fraction]:
    """Return the solution of a non-singular linear system, exactly; python-flint makes it faster where installed.

    Parameters
    ----------
    matrix : sequence of n sequences of n Fraction
    x : sequence of n Fraction

    Returns
    -------
    list of n Fraction

    Raises
    ------
    ZeroDivisionError
        If the matrix is singular.
    """
    try:
        import flint
    except ModuleNotFoundError:
        return _gauss_jordan([[*row, value] for row, value in zip(matrix, x, strict=True)])

    def exact(number: Any) -> Any:
        return flint.fmpq(number.numerator, number.denominator)

    columns = flint.fmpq_mat([[exact(entry) for entry in row] for row in matrix])
    solution = columns.solve(flint.fmpq_mat([[exact(entry)] for entry in x]))
    return [Fraction(int(solution[i, 0].p), int(solution[i, 0].q)) for i in range(len(x))]


def _gauss_jordan(rows: list[list[Fraction]]) -> list[Fraction]:
    """Solve a system given as rows with the right side in the last column."""
    for column in range(len(rows)):
        pivot = next((i for i in range(column, len(rows)) if rows[i][column] != 0), None)
        if pivot is None:
            raise ZeroDivisionError("the matrix is singular")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for i in range(len(rows)):
            if i != column and rows[i][column] != 0:
                factor = rows[i][column]
                rows[i] = [entry - factor * own for entry, own in zip(rows[i], rows[column], strict=True)]
    return [row[-1] for row in rows]
