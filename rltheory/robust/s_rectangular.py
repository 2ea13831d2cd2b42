r"""One budget for each state: nature divides it among the actions, before she sees which one is drawn.

.. math:: (T v)(s) = \max_\pi \min \Big\{ \sum_a \pi(a) (r(s, a) + \gamma E_{\mu_a} v) :
                     \sum_a D(\mu_a \| P(s, a)) \le \kappa_s \Big\}

(Wiesemann, Kuhn and Rustem 2013). To randomise pays: nature then cannot ruin the one action that will be played.
`rectangular_budget` solves each state and proves both sides of its saddle point; T is monotone and
:math:`T (v + c) = T v + \gamma c`, so that the bracket of `rltheory.robust.value_iteration` holds as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP, ModelError
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.rounding import growth, outward
from rltheory.planning.value_iteration import checked_limit
from rltheory.robust.backup import rounding_margin
from rltheory.robust.backward_induction import backwards
from rltheory.robust.divergences import Divergence
from rltheory.robust.rectangular_budget import BudgetedChoice, rectangular_budget
from rltheory.robust.solution import RobustSolution
from rltheory.robust.value_iteration import iterate


def s_rectangular_value_iteration(
    model: MDP | FiniteHorizonMDP, divergence: Divergence, *, tol: float = 1e-8, max_sweeps: int | None = None
) -> RobustSolution:
    """Solve a model in which nature has one budget for all actions of a state.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        An MDP with ``gamma < 1``, or a model of finite horizon, which is solved backwards in one pass.
    divergence : TV, L1, KL, ChiSquare or CressieRead
        Its radius ``rho`` is the budget of a state: one number or (n_states,); for a finite horizon also
        (H, n_states).
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
        If the divergence is a penalty, or a limit is out of range.

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
        nature = _Nature(model, divergence, _budgets(model, divergence, model.H))
        return backwards(model, divergence, nature.back_up, nature, "s-rectangular backward induction", model.gamma)
    if not isinstance(model, MDP):
        raise CriterionError(f"a {type(model).__name__} has no rows of a state; model.to_finite_horizon() has them")
    require_discounted(model)
    nature, limit = _Nature(model, divergence, _budgets(model, divergence, 1)), checked_limit(max_sweeps, "max_sweeps")
    method = "s-rectangular value iteration"
    return iterate(model, divergence, partial(nature.back_up, 0), nature, method, tol=tol, limit=limit)


@dataclass(frozen=True, slots=True, eq=False)
class _Nature:
    """Nature with a budget for each state at each step."""

    model: MDP | FiniteHorizonMDP
    divergence: Divergence
    budgets: np.ndarray

    def __call__(self, t: int, v: np.ndarray) -> np.ndarray:
        """Return the worst kernel of step t for the values that follow, shape (n_pairs, n_states)."""
        return np.concatenate([choice.kernels for choice in self.choices(t, v)])

    def choices(self, t: int, v: np.ndarray) -> list[BudgetedChoice]:
        """Return the saddle point of each state."""
        model = self.model
        P, r = (model.rows(t), model.rewards(t)) if isinstance(model, FiniteHorizonMDP) else (model.P, model.r)
        balls = [self.divergence.with_parameter(float(budget)) for budget in self.budgets[t]]
        own = [slice(*ends) for ends in pairwise(model.pair_start)]
        v = model.gamma * v
        return [rectangular_budget(ball, P[s].toarray(), r[s], v) for ball, s in zip(balls, own, strict=True)]

    def back_up(self, t: int, v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        """Return the values of step t, a bound on their error, and the randomised policy."""
        return _backed_up(self.model, self.choices(t, v), v)


def _backed_up(
    model: MDP | FiniteHorizonMDP, choices: list[BudgetedChoice], v: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the values of the states, a bound on their error, and the randomised policy."""
    value, policy = np.array([choice.value for choice in choices]), np.zeros((model.n_states, model.n_actions))
    for s, choice in enumerate(choices):
        policy[s, : choice.policy.size] = choice.policy
    size = float(np.abs(value).max()) + model.gamma * float(np.abs(v).max())
    rounding = rounding_margin(model.n_states, model.gamma * v) + float(growth(4.0 * model.n_actions + 8)) * size
    return value, outward(max(abs(choice.gap) for choice in choices) + rounding, 4), policy


def _budgets(model: MDP | FiniteHorizonMDP, divergence: Divergence, H: int) -> np.ndarray:
    """Return the budget of each state at each step, (H, n_states)."""
    given = np.asarray(divergence.parameter, dtype=np.float64)
    if divergence.is_penalty:
        raise ModelError(f"{divergence!r} is a penalty; a budget is a radius, such as TV(rho=0.1)")
    if given.shape not in ((), (model.n_states,), (H, model.n_states)):
        raise ModelError(
            f"rho has shape {given.shape}; budgets of states are one number, ({model.n_states},) or"
            f" {(H, model.n_states)}"
        )
    return np.broadcast_to(given, (H, model.n_states))
