r"""Constrained discounted MDPs: the best policy among those whose expected costs stay within limits.

.. math:: \max_{x \ge 0}\; r \cdot x \quad \text{such that} \quad
          \sum_a x(s', a) = \mu(s') + \gamma \sum_{s, a} P(s' \mid s, a)\, x(s, a), \qquad c_k \cdot x \le b_k

x is the *occupancy*, the expected discounted visits from :math:`\mu` (Derman 1970; Altman 1999, chapter 3). The policy
takes an action with probability x(s, a) / sum_a x(s, a). A vertex of this polyhedron has at most S + K positive entries
for K limits, and every state visited has one: so at most K states randomise.

The program is accurate to some 1e-9, and proves nothing. What is proven comes from elsewhere.

*From below.* The policy is evaluated and enclosed, for rewards and for each cost. Where a cost may exceed its limit by
rounding, the program is solved again with limits tightened by a little more than that, until all are proven to be kept;
then the policy's value is at most the optimum.

*From above.* For every :math:`\lambda \ge 0` and every policy that keeps the limits, the reward is at most the reward
plus the slack of the limits at prices :math:`\lambda` (weak duality):

.. math:: \max_{c \cdot x \le b} r \cdot x \;\le\; \mu \cdot v^*_{r - \lambda c} + \lambda \cdot b ,

and the right side is a discounted MDP without constraints, which `policy_iteration` solves and encloses. At the
program's own multipliers the two sides are equal.

*There is none.* If the limits cannot be kept, some mixture of the costs proves it: for weights :math:`\lambda \ge 0`
the least possible :math:`\lambda \cdot c` exceeds :math:`\lambda \cdot b`, and the least possible cost is again
enclosed by an MDP without constraints.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from rltheory.models import MDP, ConvergenceWarning, CriterionError, ModelError
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.evaluation import evaluate_policy
from rltheory.planning.linear_program import _outflow, _solve, require_program_memory
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.rounding import growth, outward, row_sum_error
from rltheory.planning.solution import Status, _freeze
from rltheory.planning.value_iteration import checked_tol

_NEVER = 1e-12
_NOISE = 1e-9
_SURE = 1e-7
_TIGHTENINGS = 6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConstrainedSolution:
    """A constrained MDP solved, with the proof of its accuracy.

    Parameters
    ----------
    policy : ndarray, shape (n_states, n_actions)
        Probability of each action; at most as many states randomise as there are limits.
    occupancy : ndarray, shape (n_pairs,)
        Expected discounted visits from ``mu``, as the linear program found them.
    value : float
        Expected discounted reward of the policy from ``mu``, in reward units: the middle of its enclosure.
    lower : float
        Proven lower bound on the policy's value, and so on the optimum if ``violation <= 0``.
    upper : float
        Proven upper bound on the value of every policy that keeps the limits.
    costs, costs_lower, costs_upper : ndarray, shape (n_limits,)
        Expected discounted costs of the policy from ``mu``, in cost units, and proven bounds on them.
    limits : ndarray, shape (n_limits,)
        What was asked of the costs.
    prices : ndarray, shape (n_limits,)
        What one more unit of each limit is worth, in reward units per cost unit: the multipliers that prove ``upper``.
    status : Status
        Why the algorithm stopped.
    method : str
        The algorithm.
    model : MDP, optional
        What was solved; names in the tables come from it.
    """

    policy: np.ndarray
    occupancy: np.ndarray
    value: float
    lower: float
    upper: float
    costs: np.ndarray
    costs_lower: np.ndarray
    costs_upper: np.ndarray
    limits: np.ndarray
    prices: np.ndarray
    status: Status
    method: str
    model: MDP | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("policy", "occupancy", "costs", "costs_lower", "costs_upper", "limits", "prices"):
            _freeze(self, name)

    @property
    def gap(self) -> float:
        """Distance between the bounds, in reward units: the number to quote."""
        return self.upper - self.lower

    @property
    def violation(self) -> float:
        """Largest ``costs_upper - limits``, in cost units: the limits are proven to be kept if it is not positive."""
        return float((self.costs_upper - self.limits).max(initial=-np.inf))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each limit.

        Returns
        -------
        list of dict
            With keys ``limit, cost, lower, upper, price``.
        """
        columns = (self.limits, self.costs, self.costs_lower, self.costs_upper, self.prices)
        names = ("limit", "cost", "lower", "upper", "price")
        return [dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)]

    def __repr__(self) -> str:
        return (
            f"ConstrainedSolution({self.status.name}, gap={self.gap:.3g}, value {self.value:.6g},"
            f" {len(self.limits)} limit(s), {self.method})"
        )

    def _repr_html_(self) -> str:
        names = ("limit", "cost", "lower", "upper", "price")
        head = "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"
        body = "".join(
            "<tr>" + "".join(f"<td>{row[name]:.6g}</td>" for name in names) + "</tr>" for row in self.to_rows()
        )
        return f"<p>{escape(repr(self))}<br>{escape(self.status.value)}</p><table>{head}{body}</table>"


def constrained(mdp: MDP, costs: Any, limits: Any, *, tol: float = 1e-6) -> ConstrainedSolution:
    r"""Find the policy with the largest discounted reward from ``mu`` whose discounted costs stay within limits.

    .. math:: \max_\pi \mu \cdot v^\pi_r \quad \text{such that} \quad \mu \cdot v^\pi_{c_k} \le b_k
              \;\; \text{for all } k

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    costs : array_like, shape (n_limits, n_pairs), or (n_pairs,) for one limit
        Expected cost of each pair, in cost units.
    limits : array_like, shape (n_limits,), or float
        The largest expected discounted sum of each cost, from ``mu``.
    tol : float
        Accuracy that the answer must have, in reward units.

    Returns
    -------
    ConstrainedSolution
        Where no policy can be proven to keep a limit exactly (as where the least possible cost is the limit itself),
        the status says so, and ``violation`` is what could be proven.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1, or no policy keeps the limits: the message names the limit, or the mixture of limits, and the
        least cost possible, which is proven.
    ModelError
        If shapes do not fit, numbers are not finite, or ``tol`` is not positive.
    MemoryError
        If the program would not fit, before it is built.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``, or the limits are not proven to be kept.

    References
    ----------
    Altman (1999), Constrained Markov Decision Processes, chapter 3.

    Examples
    --------
    Work earns 1 and wears out 1, rest does neither; half of the wear is allowed:

    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.5)
    >>> solution = rl.planning.constrained(mdp, [1.0, 0.0], 1.0)
    >>> solution.policy.round(6), round(solution.value, 6), solution.prices.round(6)
    (array([[0.5, 0.5]]), 1.0, array([1.]))
    """
    require_discounted(mdp)
    checked_tol(tol)
    require_program_memory(mdp)
    costs, limits = _checked_costs(mdp, costs, limits)
    problem = _Problem(mdp, costs, limits)
    excess, weights = problem.least_excess()
    if excess > 0:
        _refuse_if_impossible(problem, excess, weights)
    answer, upper = _solve_and_prove(problem, -excess)
    keeps = bool((answer.costs_upper <= limits).all())
    status = Status.CONVERGED if upper - answer.lower <= tol and keeps else Status.ROUNDING_FLOOR
    solution = ConstrainedSolution(
        policy=answer.policy,
        occupancy=answer.occupancy,
        value=answer.lower + (answer.upper - answer.lower) / 2,
        lower=answer.lower,
        upper=upper,
        costs=answer.costs_lower + (answer.costs_upper - answer.costs_lower) / 2,
        costs_lower=answer.costs_lower,
        costs_upper=answer.costs_upper,
        limits=limits,
        prices=answer.prices,
        status=status,
        method="occupancy linear program with HiGHS",
        model=mdp,
    )
    if not keeps:
        message = f"costs may exceed their limits by {solution.violation:.3g}: {status.value}; or loosen the limits"
        warnings.warn(message, ConvergenceWarning, stacklevel=2)
    elif status is not Status.CONVERGED:
        warnings.warn(f"gap {solution.gap:.3g} > tol {tol:.3g}: {status.value}", ConvergenceWarning, stacklevel=2)
    return solution


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """A policy with bounds on its value and its costs, and the prices of the program that it comes from."""

    policy: np.ndarray
    occupancy: np.ndarray
    lower: float
    upper: float
    costs_lower: np.ndarray
    costs_upper: np.ndarray
    prices: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A constrained MDP as a linear program."""

    mdp: MDP
    costs: np.ndarray
    limits: np.ndarray

    @property
    def scale(self) -> np.ndarray:
        """Size of each cost's discounted sum."""
        largest = np.abs(self.costs).max(axis=1) / (1 - self.mdp.gamma)
        return np.where(largest > 0, largest, 1.0)

    def least_excess(self) -> tuple[float, np.ndarray]:
        """Return by how much, in units of ``scale``, limits must be exceeded, and the weights that show it.

        Negative where all limits can be kept with something to spare.
        """
        import cvxpy as cp

        x, excess = cp.Variable(self.mdp.n_pairs, nonneg=True), cp.Variable()
        rows, allowed = self.costs / self.scale[:, None], self.limits / self.scale
        keep = rows @ x - excess <= allowed
        _solve(cp.Problem(cp.Minimize(excess), [_outflow(self.mdp).T @ x == self.mdp.mu, keep]))
        return float(excess.value), np.maximum(keep.dual_value, 0.0) / self.scale

    def best(self, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the best occupancy within limits, and the prices of the limits."""
        import cvxpy as cp

        x, worth = cp.Variable(self.mdp.n_pairs, nonneg=True), float(np.abs(self.mdp.r).max()) or 1.0
        keep = (self.costs / self.scale[:, None]) @ x <= limits / self.scale
        flow = _outflow(self.mdp).T @ x == self.mdp.mu
        _solve(cp.Problem(cp.Maximize((self.mdp.r / worth) @ x), [flow, keep]))
        return np.maximum(x.value, 0.0), worth * np.maximum(keep.dual_value, 0.0) / self.scale

    def value_of(self, policy: np.ndarray, r: np.ndarray) -> tuple[float, float]:
        """Return proven bounds on a policy's discounted sum of r from ``mu``; zero where it never meets any."""
        if not r[_reached(self.mdp, policy)].any():
            return 0.0, 0.0
        evaluated = evaluate_policy(self.mdp.replace(r=r), policy)
        return -_average_above(self.mdp.mu, -evaluated.lower), _average_above(self.mdp.mu, evaluated.upper)

    def largest(self, r: np.ndarray) -> tuple[float, np.ndarray]:
        """Return a proven upper bound on the discounted sum of r from ``mu``, and a policy that is near it."""
        solution = policy_iteration(self.mdp.replace(r=r), tol=np.inf)
        return _average_above(self.mdp.mu, solution.upper), solution.policy

    def largest_at_prices(self, prices: np.ndarray, r: np.ndarray) -> tuple[float, np.ndarray]:
        """Bound the discounted sum of ``r - prices c`` plus ``prices limits``, and return a policy that is near it."""
        bound, policy = self.largest(r - prices @ self.costs)
        terms = prices.size + 2.0
        rounding = growth(terms) * float((np.abs(r) + prices @ np.abs(self.costs)).max())
        discount = self.mdp.gamma * (1 + row_sum_error(self.mdp.P))
        allowed = float(prices @ self.limits)
        rounding = rounding / (1 - discount) + growth(terms) * float(prices @ np.abs(self.limits))
        return float(
            np.nextafter(bound + allowed + outward(rounding, 8) + 4 * growth(1.0) * abs(bound), np.inf)
        ), policy


def _solve_and_prove(problem: _Problem, slack: float) -> tuple[_Answer, float]:
    """Return the best policy that is proven to keep the limits, if there is slack, and the bound from above."""
    margin = np.zeros(problem.limits.size)
    upper = np.inf
    for _ in range(_TIGHTENINGS):
        x, prices = problem.best(problem.limits - margin)
        bound, fallback = problem.largest_at_prices(prices, problem.mdp.r)
        upper = min(upper, bound)
        policy = _policy_of(problem.mdp, x, fallback)
        spent = np.array([problem.value_of(policy, cost) for cost in problem.costs])
        answer = _Answer(policy, x, *problem.value_of(policy, problem.mdp.r), spent[:, 0], spent[:, 1], prices)
        over = answer.costs_upper - problem.limits
        margin = np.where(over > 0, 2 * (margin + over), margin)
        if (over <= 0).all() or (margin / problem.scale >= slack / 2).any():
            break
    return answer, upper


def _policy_of(mdp: MDP, x: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Return ``x(s, a) / sum_a x(s, a)``, without what is noise; where nothing is visited, the fallback's action."""
    visits = np.add.reduceat(x, mdp.pair_start[:-1])
    action = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    visited = visits > _NEVER * visits.sum()
    share = np.where(visited[mdp.pair_state], x, action == fallback[mdp.pair_state])
    share = np.where(share > _NOISE * np.maximum.reduceat(share, mdp.pair_start[:-1])[mdp.pair_state], share, 0.0)
    policy = np.zeros((mdp.n_states, mdp.n_actions))
    policy[mdp.pair_state, action] = share / np.add.reduceat(share, mdp.pair_start[:-1])[mdp.pair_state]
    return policy


def _reached(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return which pairs a policy takes with positive probability, starting from ``mu``."""
    action = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    taken = policy[mdp.pair_state, action] > 0
    arrows = mdp.P.astype(bool).astype(np.int64).T
    reached = mdp.mu > 0
    while True:
        pairs = taken & reached[mdp.pair_state]
        grown = reached | (arrows @ pairs.astype(np.int64) > 0)
        if np.array_equal(grown, reached):
            return pairs
        reached = grown


def _average_above(mu: np.ndarray, v: np.ndarray) -> float:
    """Return an upper bound on ``mu v``."""
    error = outward(growth(mu.size + 2.0) * float(mu @ np.abs(v)), mu.size)
    return float(np.nextafter(float(mu @ v) + error, np.inf))


def _refuse_if_impossible(problem: _Problem, excess: float, weights: np.ndarray) -> None:
    """Raise if it is proven that no policy keeps the limits, or if the program is sure of it."""
    nothing = np.zeros(problem.mdp.n_pairs)
    for k in range(problem.limits.size):
        alone = np.zeros(problem.limits.size)
        alone[k] = 1.0
        surplus, _ = problem.largest_at_prices(alone, nothing)
        if surplus < 0:
            raise CriterionError(
                f"limit {k} cannot be met: every policy costs at least {problem.limits[k] - surplus:.6g} (proven), and"
                f" {problem.limits[k]:.6g} is allowed; raise this limit"
            )
    weights = weights / weights.sum()
    surplus, _ = problem.largest_at_prices(weights, nothing)
    mixture = " + ".join(f"{weight:.3g} * cost {k}" for k, weight in enumerate(weights) if weight > 0)
    if surplus < 0:
        raise CriterionError(
            f"the limits cannot be met together: {mixture} is at least {weights @ problem.limits - surplus:.6g} for"
            f" every policy (proven), and the limits allow {weights @ problem.limits:.6g}; raise one of them"
        )
    if excess > _SURE:
        raise CriterionError(
            f"HiGHS finds no policy that keeps the limits, by {excess:.3g} of the costs' size; raise them"
        )


def _checked_costs(mdp: MDP, costs: Any, limits: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return costs (n_limits, n_pairs) and limits (n_limits,), refusing what does not fit."""
    costs, limits = (
        np.atleast_2d(np.asarray(costs, dtype=np.float64)),
        np.atleast_1d(np.asarray(limits, dtype=np.float64)),
    )
    if costs.ndim != 2 or costs.shape[1] != mdp.n_pairs or limits.shape != costs.shape[:1] or not limits.size:
        raise ModelError(
            f"costs have shape {costs.shape} and limits {limits.shape}; with {mdp.n_pairs} state-action pairs they must"
            f" be (n_limits, {mdp.n_pairs}) and (n_limits,)"
        )
    if not (np.isfinite(costs).all() and np.isfinite(limits).all()):
        raise ModelError("a cost or a limit is not finite; leave a limit out to lift it")
    return costs, limits
