r"""The laws that policies achieve, as a polytope: expected visits to the nodes of an unfolded model.

.. math:: \sum_a x_0(k, a) = \mu(k), \qquad \sum_a x_{t+1}(k', a) = \sum_{k, a} x_t(k, a)\, P(k' \mid k, a), \qquad
          g(b) = \sum_{k \,:\, b_H(k) = b} \; \sum_{k', a} x_{H-1}(k', a)\, P(k \mid k', a), \qquad x \ge 0.

The g are exactly the laws of :math:`c_0 + G` of all policies that remember their history and randomise; the vertices
belong to deterministic ones. So whatever is concave in the law is maximised by a convex program, with the policy
:math:`x_t(k, a) / \sum_a x_t(k, a)`, which looks at the step, the state and the stock.

A solver is accurate to some 1e-9, and proves nothing. The bound from above comes from dynamic programming: for every
function u of the last stock and all prices :math:`\lambda \ge 0` of constraints :math:`f_j \cdot g \ge d_j`,

.. math:: \Phi(g) \le \Phi(\hat g) + u \cdot (g - \hat g) \;\Rightarrow\;
          \max_{g \,:\, f g \ge d} \Phi(g) \le \Phi(\hat g) - u \cdot \hat g - \lambda \cdot d
          + \max_\pi E\big[(u + \lambda \cdot f)(c_0 + G)\big],

and the last maximum is a backward induction over the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Unfolded, unfold, without_rounding
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.planning.memory import require_memory

_BYTES_A_TRANSITION = 400
_TIGHTEST = {
    "primal_feasibility_tolerance": 1e-10,
    "dual_feasibility_tolerance": 1e-10,
    "small_matrix_value": 1e-12,  # by default probabilities below 1e-9 are dropped
    "solver": "ipm",  # followed by a crossover to a vertex: many times faster than the simplex method here
}
_NEVER = 1e-12
_NOISE = 1e-9

Utility = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class ReachableLaws:
    """The polytope of the laws of ``stock + G``.

    Parameters
    ----------
    unfolded : Unfolded
        The nodes.
    stock : float
        Stock at step 0, in reward units.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``.
    atoms : ndarray, shape (n,)
        What ``stock + G`` can be, increasing.
    place : ndarray of int, shape (n_nodes of the last layer,)
        Atom of each last node.
    """

    unfolded: Unfolded
    stock: float
    start: int | None
    atoms: np.ndarray
    place: np.ndarray

    def flow(self) -> tuple[sp.csr_array, np.ndarray, sp.csr_array]:
        """Return ``M, m, N`` with ``M x = m`` for the visits x of all rows, step by step, and ``g = N x``."""
        layers = self.unfolded.layers
        into = [sp.csr_array((layers[0].size, 0))]
        blocks: list[list[Any]] = [[None] * self.unfolded.H for _ in range(self.unfolded.H)]
        for t in range(self.unfolded.H):
            layer, prob = layers[t], self.unfolded.prob(t)
            node = np.repeat(np.arange(layer.size), np.diff(layer.row_start))
            rows = np.arange(node.size)
            blocks[t][t] = sp.csr_array((np.ones(node.size), (node, rows)), shape=(layer.size, node.size))
            entries = (prob.ravel(), (layer.successor.ravel(), np.repeat(rows, prob.shape[1])))
            into.append(sp.csr_array(entries, shape=(layers[t + 1].size, node.size)))
            if t + 1 < self.unfolded.H:
                blocks[t + 1][t] = -into[-1]
        first = StockPolicy(self.unfolded, ()).masses(self.start)[0]
        mass = np.concatenate([first, np.zeros(sum(layer.size for layer in layers[1:-1]))])
        gathered = sp.csr_array(
            (np.ones(self.place.size), (self.place, np.arange(self.place.size))), (self.atoms.size, self.place.size)
        )
        before = sum(layer.pair.size for layer in layers[:-2])
        ends = sp.hstack([sp.csr_array((self.atoms.size, before)), gathered @ into[-1]], format="csr")
        return sp.csr_array(sp.block_array(blocks, format="csr")), mass, sp.csr_array(ends)

    def best(self, worth: np.ndarray) -> tuple[float, StockPolicy]:
        """Return the largest expectation of a function of the atoms, and a policy that attains it, from every node."""
        values, policy = best_expectation(self.unfolded, np.asarray(worth, dtype=np.float64)[self.place])
        return float(policy.masses(self.start)[0] @ values[0]), policy

    def mass_of(self, policy: StockPolicy) -> np.ndarray:
        """Return the probability that a policy gives each atom, shape (n,)."""
        return np.bincount(self.place, weights=policy.masses(self.start)[-1], minlength=self.atoms.size)

    def law_of_return(self, mass: np.ndarray) -> DiscreteLaw:
        """Return the law of G, without the stock."""
        return DiscreteLaw(without_rounding(self.atoms - self.stock), mass)

    def policy_of(self, visits: np.ndarray, fallback: StockPolicy) -> StockPolicy:
        """Return the policy with given visits, without what is noise; where nothing is visited, the fallback's."""
        weights, before = [], 0
        for layer, other in zip(self.unfolded.layers[:-1], fallback.weights, strict=True):
            x = np.maximum(visits[before : before + layer.pair.size], 0.0)
            before += layer.pair.size
            counts, first = np.diff(layer.row_start), layer.row_start[:-1]
            visited = np.repeat(np.add.reduceat(x, first) > _NEVER, counts)
            share = np.where(visited, x, other)
            share = np.where(share > _NOISE * np.repeat(np.maximum.reduceat(share, first), counts), share, 0.0)
            weights.append(share / np.repeat(np.add.reduceat(share, first), counts))
        return StockPolicy(self.unfolded, tuple(weights))


def reachable_laws(
    model: OutcomeModel, H: int, *, stock: float = 0.0, start: int | None = None, max_nodes: int = 200_000
) -> ReachableLaws:
    """Unfold a model for its occupancy programs.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    H : int
        Number of steps, at least 1.
    stock : float
        Stock at step 0, in reward units.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``.
    max_nodes : int
        Limit on nodes.

    Returns
    -------
    ReachableLaws

    Raises
    ------
    ModelError
        If an argument does not fit the model.
    CriterionError
        If there are too many nodes.
    MemoryError
        If a program would not fit, before it is built.
    """
    if H < 1:
        raise ModelError(f"H is {H}; an occupancy program needs a step at least")
    unfolded = unfold(model, H, start=start, stock=stock, max_nodes=max_nodes)
    transitions = sum(layer.successor.size for layer in unfolded.layers)
    require_memory(
        _BYTES_A_TRANSITION * transitions,
        f"the occupancy program of {unfolded.n_nodes:,} nodes with {transitions:,} transitions",
        remedy="shorten the horizon, or round the rewards to a grid",
    )
    atoms, place = np.unique(without_rounding(unfolded.layers[-1].stock), return_inverse=True)
    return ReachableLaws(unfolded, float(stock), start, atoms, place)


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The solution of one convex program over reachable laws.

    Parameters
    ----------
    visits : ndarray, shape (n_rows of all steps,)
        Expected visits x.
    mass : ndarray, shape (n_atoms,)
        The law g.
    slope : ndarray, shape (n_atoms,)
        Multipliers of ``g = N x``: what mass on each atom is worth to the objective, but for a constant.
    prices : ndarray, shape (n_constraints,)
        Multipliers of the constraints, at least 0.
    """

    visits: np.ndarray
    mass: np.ndarray
    slope: np.ndarray
    prices: np.ndarray


def solve_program(
    laws: ReachableLaws, objective: Callable[[Any], Any], rows: np.ndarray, levels: np.ndarray
) -> Optimum | None:
    """Maximise a concave function of the law under linear constraints ``rows @ g >= levels``.

    Parameters
    ----------
    laws : ReachableLaws
        The polytope.
    objective : callable
        Maps the law, a cvxpy variable of shape (n_atoms,), to a concave cvxpy expression.
    rows : ndarray, shape (n_constraints, n_atoms)
        Functions of the atoms, whose expectations are constrained.
    levels : ndarray, shape (n_constraints,)
        Their least expectations.

    Returns
    -------
    Optimum or None
        None if no policy keeps the constraints.

    Raises
    ------
    CriterionError
        If the objective is not concave, or the solver fails.
    """
    import cvxpy as cp

    M, m, N = laws.flow()
    x, g = cp.Variable(M.shape[1], nonneg=True), cp.Variable(laws.atoms.size)
    size = np.abs(rows).max(axis=1, initial=0.0)
    size[size == 0] = 1.0
    ends, keeps = g == N @ x, [row @ g >= d for row, d in zip(rows / size[:, None], levels / size, strict=True)]
    problem = cp.Problem(cp.Maximize(objective(g)), [M @ x == m, ends, *keeps])
    if not problem.is_dcp():
        raise CriterionError("the objective is not concave in the law by cvxpy's rules, and no convex program finds it")
    try:
        with np.errstate(invalid="ignore"):  # cvxpy multiplies infinite bounds of g by 0
            if problem.is_lp():
                problem.solve(solver=cp.HIGHS, highs_options=dict(_TIGHTEST))
            else:
                problem.solve(solver=cp.CLARABEL)
    except cp.error.SolverError as error:
        raise CriterionError(f"the solver failed on the occupancy program ({error}); rescale the rewards") from None
    if problem.status.startswith(cp.INFEASIBLE):
        return None
    if problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
        raise CriterionError(f"the solver ended with status {problem.status!r} on the occupancy program")
    prices = np.array([max(float(keep.dual_value), 0.0) for keep in keeps]) / size
    return Optimum(np.asarray(x.value), np.asarray(g.value), np.asarray(ends.dual_value), prices)


def utility_rows(utilities: Sequence[Utility], atoms: np.ndarray) -> np.ndarray:
    """Return functions of the stock at the atoms, shape (n, n_atoms).

    Raises
    ------
    ModelError
        If one of them is not finite, or not a function of arrays.
    """
    rows = np.zeros((len(utilities), atoms.size))
    for row, utility in zip(rows, utilities, strict=True):
        values = np.asarray(utility(atoms), dtype=np.float64)
        if values.shape != atoms.shape or not np.isfinite(values).all():
            raise ModelError(
                f"a utility returns shape {values.shape} for {atoms.size} values of the stock; it must return one"
                " finite number for each"
            )
        row[:] = values
    return rows
