r"""What a penalty proves, computed exactly when the true model is at hand.

If at every step and pair the estimate is off by no more than the penalty :math:`\Gamma`, then

.. math::

   V^*_0(s) - V^{\hat\pi}_0(s) \le 2 \sum_t E^{\pi^*, \hat P} [\Gamma_t(s_t, a_t) \mid s_0 = s]
   \le 2 \sup_{P \in U} \sum_t E^{\pi^*, P} [\Gamma_t(s_t, a_t) \mid s_0 = s],

where :math:`\hat P` is what nature does against the *estimated* values, and U has all kernels with factors in the ball
:math:`D(\mu \| \mu_{t,i}) \le R_t`, the radius :math:`R_t = \max_s V^*_{t+1}(s) / \lambda` being the most that nature
could afford: the robustly admissible set. For a ball, U is that ball (Liu and Xu 2024, lemma D.1; Tang, Liu and Xu
2025). The supremum is a robust dynamic programme for :math:`-\Gamma`.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import LinearMDP
from rltheory.offline.exact import exact_values, worst_factors
from rltheory.offline.solution import OfflineSolution
from rltheory.robust import TV, Divergence, worst_case_values


def uncertainty(solution: OfflineSolution, model: LinearMDP) -> np.ndarray:
    r"""Return :math:`\sum_t E^{\pi^*, \hat P}[\Gamma_t]` for each first state, shape (n_states,).

    Parameters
    ----------
    solution : OfflineSolution
        What a learner found.
    model : LinearMDP
        The truth.

    Returns
    -------
    ndarray, shape (n_states,)
        Half of what the master lemma allows as a loss.
    """
    _, best = exact_values(model, solution.divergence)
    total = np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        worst = worst_factors(model, solution.divergence, t, solution.value[t + 1])
        total = (solution.penalty[t] + model.phi @ (worst @ total))[model.pair_start[:-1] + best[t]]
    return total


def admissible_uncertainty(solution: OfflineSolution, model: LinearMDP) -> np.ndarray:
    r"""Return :math:`\sup_{P \in U} \sum_t E^{\pi^*, P}[\Gamma_t]` for each first state, shape (n_states,).

    Parameters
    ----------
    solution : OfflineSolution
        What a learner found.
    model : LinearMDP
        The truth.

    Returns
    -------
    ndarray, shape (n_states,)
        At least `uncertainty` if the penalties cover the errors, and free of the estimated values.
    """
    value, best = exact_values(model, solution.divergence)
    total = np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        largest = largest_expectations(model, solution.divergence, t, value[t + 1], total)
        total = (solution.penalty[t] + model.phi @ largest)[model.pair_start[:-1] + best[t]]
    return total


def largest_expectations(
    model: LinearMDP, divergence: Divergence | None, t: int, value: np.ndarray, f: np.ndarray
) -> np.ndarray:
    """Return the largest expectation of f over the admissible factors of step t, shape (d,)."""
    if divergence is None:
        return model.step_factors(t) @ f
    parameter = np.broadcast_to(divergence.parameter, (model.H, model.d))[t]
    radius = value.max() / parameter if divergence.is_penalty else parameter
    ball = type(divergence)(rho=np.minimum(radius, 1.0) if isinstance(divergence, TV) else radius)
    return -worst_case_values(ball, model.step_factors(t), -f)
