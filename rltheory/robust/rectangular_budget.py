r"""One budget for all actions of a state: the inner problem of s-rectangular robust dynamic programming.

Nature may move every row of a state, as long as the divergences add up to no more than :math:`\kappa`. Let
:math:`b_a(u)` be the least budget that brings action a down to u,

.. math::

   b_a(u) = \min \{ D(\mu \| p_a) : r_a + E_\mu V \le u \}, \qquad
   \max_\pi \min_{\sum_a D(\mu_a \| p_a) \le \kappa} \sum_a \pi_a (r_a + E_{\mu_a} V)
   = \min \Big\{ u : \sum_a b_a(u) \le \kappa \Big\} ,

since minimum and maximum may change places, and nature then equalises the actions that it has to touch (Ho, Petrik and
Wiesemann 2021). The sum decreases in u, and is bisected between the best least value and the best nominal one. An
action at the price :math:`\lambda_a` of its own budget is played with probability :math:`\pi_a \propto 1 / \lambda_a`:
that makes nature indifferent about where to spend. So the best policy is randomised, and dual to it is the bound

.. math::

   \sum_a \pi_a \Big( r_a + \min_\mu \{ E_\mu V + \lambda_a D(\mu \| p_a) \} \Big) - \lambda \kappa,
   \qquad \lambda = \pi_a \lambda_a,

which proves the value of this policy from below, as the kernels do from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import frozen
from rltheory.robust import tilting, total_variation
from rltheory.robust.divergences import KL, L1, TV, ChiSquare, CressieRead, Divergence
from rltheory.robust.inner import _checked_row, _checked_values, worst_case

_MOST_HALVINGS = 1100  # of an interval of floats, until no float is left inside


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BudgetedChoice:
    """The best randomised choice of an action against a nature with one budget.

    Parameters
    ----------
    value : float
        In reward units.
    policy : ndarray, shape (n_actions,)
        Probabilities of the actions.
    kernels : ndarray, shape (n_actions, n_states)
        What nature does.
    budgets : ndarray, shape (n_actions,)
        What it spends on each action.
    lower, upper : float
        Proven up to rounding: the policy guarantees ``lower``, and no policy gets more than ``upper`` from the kernels.
    """

    value: float
    policy: np.ndarray
    kernels: np.ndarray
    budgets: np.ndarray
    lower: float
    upper: float

    @property
    def gap(self) -> float:
        """How far the proven ends are apart."""
        return self.upper - self.lower

    def __repr__(self) -> str:
        return f"BudgetedChoice({self.value:.10g}, gap {self.gap:.1g}, policy {self.policy.round(6).tolist()})"


@dataclass(frozen=True, slots=True)
class _Row:
    """A nominal row on its support, in order of values."""

    reward: float
    states: np.ndarray
    weight: np.ndarray
    gap: np.ndarray
    least: float
    least_state: int
    mass_may_leave: bool

    @property
    def nominal(self) -> float:
        return self.reward + self.least + float(self.weight @ self.gap)

    @property
    def worst(self) -> float:
        return self.reward + self.least

    def kernel(self, density: np.ndarray, n_states: int) -> np.ndarray:
        mu = np.zeros(n_states)
        mu[self.states] = self.weight * density
        if self.mass_may_leave:
            mu[self.least_state] += self.weight @ (1 - density)
            return mu
        return mu / mu.sum()


def rectangular_budget(divergence: Divergence, P: Any, r: Any, v: Any) -> BudgetedChoice:
    r"""Maximise over randomised actions the worst case under one budget for all rows of a state.

    Parameters
    ----------
    divergence : TV, L1, KL, ChiSquare or CressieRead
        Its radius ``rho`` is the budget :math:`\kappa`.
    P : array_like, shape (n_actions, n_states)
        Nominal rows.
    r : array_like, shape (n_actions,)
        Rewards.
    v : array_like, shape (n_states,)
        Values of the states, in reward units; discounted already.

    Returns
    -------
    BudgetedChoice

    Raises
    ------
    ModelError
        If the divergence has no single radius, or is the sup-norm, or the arrays do not fit.

    Examples
    --------
    Two actions that risk the same: nature can spoil either, and half of its budget is wasted on each.

    >>> from rltheory.robust import TV, rectangular_budget
    >>> rectangular_budget(TV(rho=0.5), [[1, 0], [1, 0]], [0, 0], [1.0, 0.0])
    BudgetedChoice(0.75, gap 0, policy [0.5, 0.5])
    """
    family, k, unit = _family(divergence)
    v, budget = _checked_values(v), float(divergence.parameter) / unit
    rows = _rows(P, r, v, mass_may_leave=family is TV)
    low, high = max(row.worst for row in rows), max(row.nominal for row in rows)
    if budget == 0:
        return _pure(divergence, rows, v, high)

    def spend(u: float) -> list[tuple[float, float, np.ndarray]]:
        return [_least_budget(row, family, k, u) for row in rows]

    if sum(spent for spent, _, _ in spend(low)) <= budget:
        return _pure(divergence, rows, v, low, spend(low))
    for _ in range(_MOST_HALVINGS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if sum(spent for spent, _, _ in spend(middle)) <= budget:
            high = middle
        else:
            low = middle
    return _randomised(divergence, rows, v, unit, spend(high))


def _randomised(
    divergence: Divergence, rows: list[_Row], v: np.ndarray, unit: float, spent: list[tuple[float, float, np.ndarray]]
) -> BudgetedChoice:
    """Return the choice where nature has spent all: actions are played in proportion to one over their price."""
    prices = np.array([price / unit if used > 0 else np.inf for used, price, _ in spent])
    if np.isinf(prices).all():  # a budget too small to move any row by a float
        return _pure(divergence, rows, v, max(row.nominal for row in rows))
    least = prices.min()
    policy = least / prices
    lam = least / policy.sum()
    policy /= policy.sum()
    kernels = np.array([row.kernel(density, v.size) for row, (_, _, density) in zip(rows, spent, strict=True)])
    upper = max(row.reward + float(mu @ v) for row, mu in zip(rows, kernels, strict=True))
    guaranteed = 0.0
    for a in np.flatnonzero(policy):
        p = np.zeros(v.size)
        p[rows[a].states] = rows[a].weight
        penalty = type(divergence)(**_power(divergence), lam=float(prices[a]))
        guaranteed += float(policy[a]) * (rows[a].reward + worst_case(penalty, p, v).lower)
    lower = min(guaranteed - float(lam) * float(divergence.parameter), upper)
    budgets = np.array([used for used, _, _ in spent]) * unit
    return BudgetedChoice(0.5 * (lower + upper), frozen(policy), frozen(kernels), frozen(budgets), lower, upper)


def _pure(
    divergence: Divergence,
    rows: list[_Row],
    v: np.ndarray,
    value: float,
    spent: list[tuple[float, float, np.ndarray]] | None = None,
) -> BudgetedChoice:
    """Return the choice of the action whose nominal value, or worst value if nature spends, is best."""
    values = [row.nominal if spent is None else row.worst for row in rows]
    policy = np.zeros(len(rows))
    policy[int(np.argmax(values))] = 1.0
    densities = [np.ones(row.weight.size) for row in rows] if spent is None else [density for _, _, density in spent]
    kernels = np.array([row.kernel(density, v.size) for row, density in zip(rows, densities, strict=True)])
    p_rows = [row.kernel(np.ones(row.weight.size), v.size) for row in rows]
    budgets = np.array([divergence.divergence(mu, p) for mu, p in zip(kernels, p_rows, strict=True)])
    return BudgetedChoice(value, frozen(policy), frozen(kernels), frozen(budgets), value, value)


def _least_budget(row: _Row, family: type[Divergence], k: float, u: float) -> tuple[float, float, np.ndarray]:
    """Return the least budget that brings a row down to u, its price, and the density of the row it makes."""
    density, wanted = np.ones(row.weight.size), u - row.worst
    if row.nominal <= u:
        return 0.0, np.inf, density
    if family is TV:
        return (*total_variation.least_budget(row.weight, row.gap, wanted, density), density)
    if wanted <= 0:
        mass = tilting.least_mass(row.weight, row.gap)
        tilting.at_least_value(row.weight, row.gap, mass, density)
        return tilting.most_divergence(k, mass), 0.0, density
    return (*tilting.least_budget(k, row.weight, row.gap, wanted, density), density)


def _family(divergence: Divergence) -> tuple[type[Divergence], float, float]:
    """Return the algorithm, its power, and the divergence's units of its own."""
    if divergence.is_penalty or np.ndim(divergence.parameter):
        raise ModelError(f"{divergence!r} is not one budget; give one radius, such as TV(rho=0.1)")
    match divergence:
        case TV():
            return TV, 0.0, 1.0
        case L1():
            return TV, 0.0, 2.0
        case KL():
            return CressieRead, 1.0, 1.0
        case ChiSquare():
            return CressieRead, 2.0, 2.0
        case CressieRead():
            return CressieRead, divergence.k, 1.0
    raise ModelError(f"{divergence!r} has no budget that adds up over actions; use TV, L1, KL, ChiSquare, CressieRead")


def _power(divergence: Divergence) -> dict[str, float]:
    return {"k": divergence.k} if isinstance(divergence, CressieRead) else {}


def _rows(P: Any, r: Any, v: np.ndarray, *, mass_may_leave: bool) -> list[_Row]:
    """Check the rows and rewards of a state, and put each row in order of values."""
    P, r = np.asarray(P, dtype=np.float64), np.asarray(r, dtype=np.float64)
    if P.ndim != 2 or not P.shape[0] or r.shape != P.shape[:1]:
        raise ModelError(f"P has shape {P.shape} and r {r.shape}; they must be (n_actions, n_states) and (n_actions,)")
    if not np.isfinite(r).all():
        action = int(np.argmin(np.isfinite(r)))
        raise ModelError(f"the reward of action {action} is {r[action]}; rewards are finite")
    order = np.argsort(v, kind="stable")
    rows = []
    for p, reward in zip(P, r, strict=True):
        p = _checked_row(p, v.size)  # noqa: PLW2901
        states = order[p[order] > 0]
        least_state = int(order[0] if mass_may_leave else states[0])
        least = float(v[least_state])
        rows.append(_Row(float(reward), states, p[states], v[states] - least, least, least_state, mass_may_leave))
    return rows
