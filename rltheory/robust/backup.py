r"""One robust backup: nature answers every row before the action is chosen.

With :math:`W_i(v)` the worst case of row i, :math:`\min_\mu \{E_\mu v + \lambda_i D(\mu \| p_i)\}` or
:math:`\min \{E_\mu v : D(\mu \| p_i) \le \rho_i\}`,

.. math::

   q(s, a) = r(s, a) + \gamma W_{(s, a)}(v)
   \qquad\text{or, of a linear MDP,}\qquad
   q(s, a) = \sum_i \phi_i(s, a) \{ \theta_i + W_i(v) \} .

In the first nature moves the row of each pair (Iyengar 2005; Nilim and El Ghaoui 2005), in the second each factor,
which all pairs share (d-rectangular; Ma et al. 2022, Liu and Xu 2024); a penalty is weighted by the features there.
Either way every W is monotone, and :math:`W(v + c) = W(v) + c` for a constant c, so that nothing that is said of
Bellman's operator because of these two facts has to be proved again.

Rounding: the inner problems give two ends that enclose the optimum up to rounding. What is added for that is
:math:`3\,g_{4k + 64} \max |v|`, where k is the length of the longest row (of all states, for the sup-norm) and
:math:`g_k = k u / (1 - k u)`; the rows' rounding in their sums is divided out, so that they sum to one. It covers the
normalised weights (k roundings each), the gaps (one), and sums of k products whose terms add up to no more than the
spread of v, at most :math:`2 \max |v|`: for total variation and the sup-norm all terms have one sign; for chi-square a
block of mass c is closed only where :math:`2 \lambda / c` is within the spread. For the tilted rows, where logarithms
and powers come in, the tests compare it with forty digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rltheory.models import FiniteHorizonMDP, LinearMDP, ModelError
from rltheory.models._policies import checked_policy
from rltheory.planning.rounding import growth, largest_size, outward
from rltheory.robust.divergences import Divergence
from rltheory.robust.inner import worst_case_kernels
from rltheory.robust.one_row import SUP_NORM
from rltheory.robust.radii import require_radii
from rltheory.robust.rows import ends_of_rows, problem_of
from rltheory.robust.solution import Model

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class RobustStep:
    """One step of a model: its rows, what nature may do to each, and how they make the values of actions.

    Parameters
    ----------
    divergence : Divergence
        Its family; the parameter of each row is in ``parameter``.
    rows : csr_array, shape (n_rows, n_states)
        Rows of pairs, or factors.
    parameter : ndarray, shape (n_rows,)
        Weight or radius of each row.
    r : ndarray, shape (n_rows,)
        Reward of each row.
    gamma : float
        Discount.
    features : ndarray, shape (n_pairs, n_rows), or None
        How rows are mixed; None if every pair has its own.
    """

    divergence: Divergence
    rows: csr_array
    parameter: np.ndarray
    r: np.ndarray
    gamma: float
    features: np.ndarray | None = None

    @property
    def stretch(self) -> float:
        """By how much a change of all values can change a q-value: the discount, or the largest sum of features."""
        if self.features is None:
            return self.gamma
        return outward(float(self.features.sum(axis=1).max()), self.features.shape[1])

    def q(self, v: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the values of pairs, and a bound on how far any of them is off."""
        lower, upper = ends_of_rows(problem_of(self.divergence), self.rows, v, self.parameter)
        worst = 0.5 * (lower + upper)
        error = float((upper - lower).max()) + self._margin(v)
        parts = self.r + self.gamma * worst
        rounding = growth(3.0) * float((np.abs(self.r) + self.gamma * np.abs(worst)).max())
        if self.features is None:
            return parts, outward(self.gamma * error + rounding, 4)
        mixing = growth(self.features.shape[1] + 2.0) * largest_size(parts)
        return self.features @ parts, outward(self.stretch * (error + rounding + mixing), 4)

    def _margin(self, v: np.ndarray) -> float:
        longest = v.size if problem_of(self.divergence).family == SUP_NORM else np.diff(self.rows.indptr).max()
        return rounding_margin(int(longest), v)

    def worst_kernel(self, v: np.ndarray) -> np.ndarray:
        """Return nature's answer to each row, shape (n_rows, n_states)."""
        return worst_case_kernels(self.divergence.with_parameter(self.parameter), self.rows, v).toarray()

    def of_policy(self, pairs: np.ndarray) -> RobustStep:
        """Return the step in which only some pairs remain, of a model whose pairs have their own rows."""
        return RobustStep(self.divergence, self.rows[pairs], self.parameter[pairs], self.r[pairs], self.gamma)


@dataclass(frozen=True, slots=True, eq=False)
class Nature:
    """What nature answers at each step; a class and not a closure, so that answers can be sent between processes."""

    steps: list[RobustStep]

    def __call__(self, t: int, v: np.ndarray) -> np.ndarray:
        """Return the worst kernel of step t for the values that follow."""
        return self.steps[t].worst_kernel(v)


def robust_steps(model: Model, divergence: Divergence) -> list[RobustStep]:
    """Return the steps of a model, one for a discounted one.

    Raises
    ------
    ModelError
        If the parameters do not fit the model, or the features of a linear one are not simplex features.
    """
    if isinstance(model, LinearMDP):
        return _linear_steps(model, divergence)
    if isinstance(model, FiniteHorizonMDP):
        table = _parameter_table(model, divergence, model.H, model.n_pairs)
        changes, H = model._kernel_changes, model.H
        rows = [model.rows(t) for t in range(H if changes else min(H, 1))]  # of a stationary model once, not H times
        return [
            RobustStep(divergence, rows[t if changes else 0], table[t], model.rewards(t), model.gamma) for t in range(H)
        ]
    (parameter,) = _parameter_table(model, divergence, 1, model.n_pairs)
    return [RobustStep(divergence, model.P, parameter, model.r, model.gamma)]


def _linear_steps(model: LinearMDP, divergence: Divergence) -> list[RobustStep]:
    from scipy.sparse import csr_array

    if not model.simplex:
        raise ModelError(
            "the model has signed features or factors; nature moves probability measures, so the features must be"
            " simplex features (model.to_finite_horizon() gives up the features and can be solved (s, a)-rectangularly)"
        )
    table, changes = _parameter_table(model, divergence, model.H, model.d), model.factors.ndim == 3
    rows = [csr_array(factors) for factors in (model.factors if changes else model.factors[None])]
    return [
        RobustStep(divergence, rows[t if changes else 0], table[t], model.step_theta(t), 1.0, model.phi)
        for t in range(model.H)
    ]


def _parameter_table(model: Model, divergence: Divergence, H: int, n_rows: int) -> np.ndarray:
    """Return weights or radii as an array of shape (H, n_rows)."""
    given = np.asarray(divergence.parameter, dtype=np.float64)
    by_state, linear = (model.n_states, model.n_actions), isinstance(model, LinearMDP)
    allowed = f"one number, ({n_rows},), ({H}, 1) or ({H}, {n_rows})"
    if n_rows == model.n_pairs == by_state[0] * by_state[1] and not linear:
        allowed += f", or {by_state} or {(H, *by_state)}"
        if given.shape in (by_state, (H, *by_state)):
            given = given.reshape(*given.shape[:-2], n_rows)
    if given.shape not in ((), (n_rows,), (H, n_rows), (H, 1)):
        name = "lam" if divergence.is_penalty else "rho"
        raise ModelError(f"{name} has shape {given.shape}; for this model it must be {allowed}")

    def row_name(row: int) -> str:
        if linear:
            return f"factor {row}"
        state = int(model.pair_state[row])
        return f"state {state}, action {row - int(model.pair_start[state])}"

    require_radii(divergence, given, partial(place_in_table, given.shape, n_rows, row_name))
    return np.ascontiguousarray(np.broadcast_to(given, (H, n_rows)))


def place_in_table(shape: tuple[int, ...], n_rows: int, row_name: Callable[[int], str], i: int) -> str:
    """Return in words where the entry i of a table of radii is, which has a row for all steps or one for each."""
    if not shape:
        return "rho"
    t, row = divmod(i, shape[-1])
    step = [f"step {t}"] if len(shape) == 2 else []
    return "rho of " + " at ".join(([row_name(row)] if shape[-1] == n_rows else []) + step)


def rounding_margin(longest: int, v: np.ndarray) -> float:
    """Return what is allowed for rounding in the inner problem of a row with so many entries."""
    return 3 * float(growth(4.0 * longest + 64)) * largest_size(v)


def table_of_pairs(model: Model, x: np.ndarray) -> np.ndarray:
    """Return what pairs have as a table of shape (n_states, n_actions), 0 where a state has fewer actions."""
    table = np.zeros((model.n_states, model.n_actions))
    table[model.pair_state, np.arange(model.n_pairs) - model.pair_start[model.pair_state]] = x
    return table


def policy_choice(model: Model, q: np.ndarray, policy: np.ndarray) -> np.ndarray:
    """Return the value of each state under a checked policy; its probabilities are made to sum to one."""
    table = table_of_pairs(model, q)
    if policy.ndim == 1:
        return table[np.arange(model.n_states), policy]
    return (policy * table).sum(axis=1) / policy.sum(axis=1)


def pairs_of(model: Model, policy: np.ndarray) -> np.ndarray:
    """Return the pair that a deterministic policy takes in each state."""
    return model.pair_start[:-1] + checked_policy(model, policy)


def probabilities_of_pairs(model: Model, policy: np.ndarray) -> np.ndarray:
    """Return the probability of each pair in its state under a checked policy, rounding divided out."""
    if policy.ndim == 1:
        played = np.zeros(model.n_pairs)
        played[model.pair_start[:-1] + policy] = 1.0
        return played
    state = model.pair_state
    return (policy / policy.sum(axis=1, keepdims=True))[state, np.arange(model.n_pairs) - model.pair_start[state]]
