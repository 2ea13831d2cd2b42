r"""Robust backward induction: at every step nature answers each row, from the last step to the first.

.. math:: V_H = 0, \qquad V_t(s) = \max_a Q_t(s, a),

where Q is the robust backup of :math:`V_{t+1}` (`rltheory.robust.backup`). It is exact because nature's choices do not
hinder each other: whatever the next values are, the worst row of each pair (or the worst factor) is worst for all
states at once. So a deterministic Markov policy is optimal, and the rows found on the way attain the value (Iyengar
2005; Nilim and El Ghaoui 2005).

The only error is rounding and the width that the inner problems prove: with e_t that of one backup and L the discount
(of a linear MDP the largest sum of features, one up to rounding), step t is within rho_t = e_t + L rho_{t+1}, and so is
the worst case of the policy returned.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rltheory.models import CriterionError, FiniteHorizonMDP, LinearMDP, ModelError
from rltheory.planning.best_rows import best_rows
from rltheory.planning.memory import require_memory
from rltheory.planning.rounding import outward
from rltheory.planning.solution import Status
from rltheory.robust.backup import Nature, RobustStep, robust_steps
from rltheory.robust.divergences import Divergence
from rltheory.robust.solution import RobustSolution


def robust_backward_induction(model: FiniteHorizonMDP | LinearMDP, divergence: Divergence) -> RobustSolution:
    r"""Solve a robust model of finite horizon exactly, up to rounding, which is bounded.

    .. math:: V_t(s) = \max_a \Big\{ r_t(s, a) + \gamma \min_\mu E_\mu V_{t+1} \Big\}
              \quad\text{or}\quad
              V_t(s) = \max_a \sum_i \phi_i(s, a) \Big\{ \theta_{t,i} + \min_\mu E_\mu V_{t+1} \Big\},

    the minimum over a ball of radius rho around the row or factor, or with the penalty :math:`\lambda D(\mu \| \cdot)`.

    Parameters
    ----------
    model : FiniteHorizonMDP or LinearMDP
        Nature moves the rows of a `FiniteHorizonMDP` ((s, a)-rectangular) and the factors of a `LinearMDP`
        (d-rectangular).
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        With a weight ``lam`` or a radius ``rho``: one number, one for each row (n_pairs,) or factor (d,), one for each
        step, (H, 1), or both, (H, n_pairs) or (H, d). Where all states have the same number of actions also
        (n_states, n_actions), or (H, n_states, n_actions). A weight of infinity, like a radius of 0, leaves a row as it
        is.

    Returns
    -------
    RobustSolution
        ``value`` of shape (H + 1, n_states) with ``value[H] = 0``, ``policy`` of shape (H, n_states).

    Raises
    ------
    CriterionError
        If the model has no horizon.
    ModelError
        If parameters do not fit the model, features are not simplex features, or values overflow.
    MemoryError
        If the values of all steps would not fit.

    References
    ----------
    Iyengar (2005); Nilim and El Ghaoui (2005); Liu and Xu (2024), section 3.

    Examples
    --------
    Action 1 is better unless a quarter of its mass goes astray:

    >>> import rltheory as rl
    >>> from rltheory import robust
    >>> from rltheory.robust.backward_induction import robust_backward_induction
    >>> P = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]]
    >>> model = rl.FiniteHorizonMDP(P, [[1.0, 0.5], [1.5, 1.5]], H=2)
    >>> robust_backward_induction(model, robust.TV(rho=0.0)).value[0]
    array([2., 3.])
    >>> robust_backward_induction(model, robust.TV(rho=0.25)).value[0]
    array([2.   , 2.875])
    """
    require_horizon(model)
    steps = robust_steps(model, divergence)

    def back_up(t: int, v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        q, error = steps[t].q(v)
        best, policy = best_rows(q, model.pair_start)
        return best, error, policy

    return backwards(model, divergence, back_up, Nature(steps), "robust backward induction", stretch_of(steps))


def backwards(
    model: FiniteHorizonMDP | LinearMDP,
    divergence: Divergence,
    back_up: Callable[[int, np.ndarray], tuple[np.ndarray, float, np.ndarray]],
    nature: Callable[[int, np.ndarray], np.ndarray],
    method: str,
    stretch: float,
) -> RobustSolution:
    """Go backwards through the steps, with proven ends.

    Parameters
    ----------
    model, divergence, method
        As the answer has them.
    back_up : callable
        From a step and the values after it to its values, a bound on their error, and the policy.
    nature : callable
        From a step and the values after it to the worst kernel.
    stretch : float
        By how much a change of the values after a step can change its own.
    """
    H, n_states = model.H, model.n_states
    value, radius, policy = np.zeros((H + 1, n_states)), np.zeros((H + 1, 1)), [np.zeros(0)] * H
    for t in reversed(range(H)):
        value[t], error, policy[t] = back_up(t, value[t + 1])
        radius[t] = outward(error + stretch * float(radius[t + 1, 0]), 4)
    if not np.isfinite(value).all():
        raise ModelError("values overflow float64; rescale the rewards")
    lower, upper = np.nextafter(value - radius, -np.inf), np.nextafter(value + radius, np.inf)
    lower[H], upper[H] = 0.0, 0.0
    return RobustSolution(
        value=value,
        policy=np.array(policy) if H else np.zeros((0, n_states), dtype=np.int64),
        lower=lower,
        upper=upper,
        status=Status.CONVERGED,
        iterations=H,
        history=np.zeros(0),
        method=method,
        model=model,
        divergence=divergence,
        nature=nature,
    )


def require_horizon(model: FiniteHorizonMDP | LinearMDP) -> None:
    """Refuse a model without a horizon, or with one so long that its steps would not fit in memory."""
    if not isinstance(model, FiniteHorizonMDP | LinearMDP):
        raise CriterionError(f"a {type(model).__name__} has no horizon; mdp.finite_horizon(H) sets one")
    a_step = 40.0 * model.n_states + 8.0 * (model.d if isinstance(model, LinearMDP) else model.n_pairs)
    require_memory((model.H + 1) * a_step, f"{model.H:,} steps of {model.n_states:,} states")


def stretch_of(steps: list[RobustStep]) -> float:
    """Return the largest stretch of a step."""
    return max((step.stretch for step in steps), default=1.0)
