r"""One nature for all actions of a state: she moves their rows together, before she sees which action is drawn.

.. math:: (T v)(s) = \max_\pi \min_\mu \sum_a \pi(a) \{ r(s, a) + \gamma E_{\mu_a} v \}
          \;[\, + \gamma \lambda_s \sum_a D(\mu_a \| P(s, a)) \,] ,

with a penalty as in the bracket (discounted, as that of a row is), or with a budget, :math:`\sum_a D(\mu_a \| P(s, a))
\le \kappa_s` (Wiesemann, Kuhn and Rustem 2013). To randomise pays: nature then cannot ruin the one action that will be
played. `worst_case_of_state` is one state, for the best policy or a given one, with both sides of the saddle point
proved. Of a given policy T is a minimum of functions :math:`E_\mu v + \text{const}`, and else a maximum of such minima:
monotone, with :math:`T (v + c) = T v + \gamma c`, so that the bracket of `rltheory.robust.value_iteration` holds as it
stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP, ModelError
from rltheory.models._policies import checked_policy, step_policies
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.rounding import growth, largest_size, outward
from rltheory.planning.value_iteration import checked_limit
from rltheory.robust.backup import place_in_table, probabilities_of_pairs, rounding_margin, table_of_pairs
from rltheory.robust.backward_induction import backwards, require_horizon
from rltheory.robust.divergences import Divergence
from rltheory.robust.radii import require_radii
from rltheory.robust.rows import Problem
from rltheory.robust.solution import RobustSolution
from rltheory.robust.state_choice import state_problem
from rltheory.robust.states import StateAnswers, answer_states
from rltheory.robust.value_iteration import iterate


def s_rectangular_value_iteration(
    model: MDP | FiniteHorizonMDP, divergence: Divergence, *, tol: float = 1e-8, max_sweeps: int | None = None
) -> RobustSolution:
    """Solve a model in which nature moves all rows of a state together.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        An MDP with ``gamma < 1``, or a model of finite horizon, which is solved backwards in one pass.
    divergence : TV, L1, KL, ChiSquare or CressieRead
        Its radius ``rho`` is the budget of a state, its weight ``lam`` what nature pays for a unit of the divergences
        of all its actions: one number or (n_states,); for a finite horizon also (H, 1) or (H, n_states).
    tol : float
        Accuracy of the answer of a discounted model, in reward units.
    max_sweeps : int, optional
        Limit on sweeps; by default they go on until ``tol`` is reached or rounding holds them up.

    Returns
    -------
    RobustSolution
        With a randomised ``policy``, (n_states, n_actions) or (H, n_states, n_actions).

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1, or the model is neither of the two.
    ModelError
        If the parameters do not fit the model, or a limit is out of range.
    MemoryError
        If the values of all steps would not fit.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    References
    ----------
    Wiesemann, Kuhn and Rustem (2013); Ho, Petrik and Wiesemann (2021).

    Examples
    --------
    Two equal actions halve what nature can do:

    >>> import rltheory as rl
    >>> from rltheory import robust
    >>> from rltheory.robust.s_rectangular import s_rectangular_value_iteration
    >>> P = [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]
    >>> model = rl.FiniteHorizonMDP(P, [[1.0, 1.0], [0.0, 0.0]], H=2)
    >>> solution = s_rectangular_value_iteration(model, robust.TV(rho=0.5))
    >>> solution.value[0], solution.policy[0, 0]
    (array([1.75, 0.  ]), array([0.5, 0.5]))
    """
    if isinstance(model, FiniteHorizonMDP):
        require_horizon(model)
        return _backwards(model, divergence, None, "s-rectangular backward induction")
    _require_rows(model)
    nature, limit = _Nature.of(model, divergence, 1), checked_limit(max_sweeps, "max_sweeps")
    method = "s-rectangular value iteration"
    return iterate(model, divergence, partial(nature.back_up, 0), nature, method, tol=tol, limit=limit)


def s_rectangular_evaluation(
    model: MDP | FiniteHorizonMDP, policy: Any, divergence: Divergence, *, tol: float = 1e-8
) -> RobustSolution:
    """Compute the worst case of a policy if nature moves all rows of a state together, with proven ends.

    She knows the policy but not the action, so that what she spends on one that is rarely played is wasted; against a
    nature that moves each row on its own (`evaluate_robustly`) to randomise is no help.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        An MDP with ``gamma < 1``, or a model of finite horizon.
    policy : array_like
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions); for a finite horizon also with a
        leading axis of length H.
    divergence, tol
        As for `s_rectangular_value_iteration`.

    Returns
    -------
    RobustSolution
        ``lower <= worst case of the policy <= upper``.

    Raises
    ------
    CriterionError, ModelError, MemoryError
        As for `s_rectangular_value_iteration`, and if the policy does not fit the model.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory import robust
    >>> from rltheory.robust.s_rectangular import s_rectangular_evaluation
    >>> P = [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]
    >>> model = rl.FiniteHorizonMDP(P, [[1.0, 1.0], [0.0, 0.0]], H=2)
    >>> s_rectangular_evaluation(model, [0, 0], robust.TV(rho=0.5)).value[0]
    array([1.5, 0. ])
    """
    if isinstance(model, FiniteHorizonMDP):
        require_horizon(model)
        return _backwards(model, divergence, step_policies(model, policy, model.H), "s-rectangular evaluation")
    _require_rows(model)
    nature = _Nature.of(model, divergence, 1, [checked_policy(model, policy)])
    return iterate(model, divergence, partial(nature.back_up, 0), nature, "s-rectangular evaluation", tol=tol)


def _backwards(
    model: FiniteHorizonMDP, divergence: Divergence, policies: list[np.ndarray] | None, method: str
) -> RobustSolution:
    nature = _Nature.of(model, divergence, model.H, policies)
    return backwards(model, divergence, nature.back_up, nature, method, model.gamma)


def _require_rows(model: Any) -> None:
    if not isinstance(model, MDP):
        raise CriterionError(f"a {type(model).__name__} has no rows of a state; model.to_finite_horizon() has them")
    require_discounted(model)


@dataclass(frozen=True, slots=True, eq=False)
class _Nature:
    """Nature with a budget or a weight for each state at each step, and the policies that she answers, if given."""

    model: MDP | FiniteHorizonMDP
    problem: Problem
    parameter: np.ndarray
    policies: list[np.ndarray] | None

    @classmethod
    def of(
        cls,
        model: MDP | FiniteHorizonMDP,
        divergence: Divergence,
        H: int,
        policies: list[np.ndarray] | None = None,
    ) -> _Nature:
        return cls(model, state_problem(divergence), _parameter_table(model, divergence, H), policies)

    def __call__(self, t: int, v: np.ndarray) -> np.ndarray:
        """Return the worst kernel of step t for the values that follow, shape (n_pairs, n_states)."""
        return np.asarray(self._answers(t, v, with_kernels=True).kernels.toarray())

    def back_up(self, t: int, v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        """Return the values of step t, a bound on their error, and the policy."""
        model, found = self.model, self._answers(t, v)
        P = model.rows(t) if isinstance(model, FiniteHorizonMDP) else model.P
        size = largest_size(found.upper) + model.gamma * largest_size(v)
        rounding = rounding_margin(int(np.diff(P.indptr).max()), model.gamma * v)
        rounding += float(growth(4.0 * model.n_actions + 8)) * size
        policy = table_of_pairs(model, found.policy) if self.policies is None else self.policies[t]
        error = outward(float((found.upper - found.lower).max()) + rounding, 4)
        return found.lower + (found.upper - found.lower) / 2, error, policy

    def _answers(self, t: int, v: np.ndarray, *, with_kernels: bool = False) -> StateAnswers:
        model = self.model
        P, r = (model.rows(t), model.rewards(t)) if isinstance(model, FiniteHorizonMDP) else (model.P, model.r)
        given = None if self.policies is None else probabilities_of_pairs(model, self.policies[t])
        parameter = self.parameter[t]
        if self.problem.is_penalty and model.gamma > 0:  # without what follows, nature has nothing to pay for
            parameter = model.gamma * parameter
        arrays = (P, r, model.pair_start, model.gamma * v, parameter)
        return answer_states(self.problem, *arrays, policy=given, with_kernels=with_kernels)


def _parameter_table(model: MDP | FiniteHorizonMDP, divergence: Divergence, H: int) -> np.ndarray:
    """Return the budget or the weight of each state at each step, (H, n_states)."""
    given = np.asarray(divergence.parameter, dtype=np.float64)
    if given.shape not in ((), (model.n_states,), (H, 1), (H, model.n_states)):
        name = "weights" if divergence.is_penalty else "budgets"
        raise ModelError(
            f"{'lam' if divergence.is_penalty else 'rho'} has shape {given.shape}; {name} of states are one number,"
            f" ({model.n_states},), ({H}, 1) or ({H}, {model.n_states})"
        )
    n_states = model.n_states
    by_state = np.broadcast_to(given, (len(given) if given.ndim == 2 else 1, n_states))

    def place(i: int) -> str:
        return place_in_table(by_state.shape[2 - max(given.ndim, 1) :], n_states, lambda s: f"state {s}", i)

    require_radii(divergence, by_state, place, actions=model.action_counts)
    return np.ascontiguousarray(np.broadcast_to(given, (H, n_states)))
