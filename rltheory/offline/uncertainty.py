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
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally
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


def coverage(data: Data, model: LinearMDP, divergence: Divergence | None = None) -> float:
    r"""Return how well data cover what the best policy needs: the largest c of `bounds.coverage_uncertainty`.

    .. math::

       \sum_\tau \phi_\tau \phi_\tau^\top \succeq c K m_{t,i} 1_i 1_i^\top, \qquad
       m_{t,i} = \max_s \sup_{P \in U} E^{\pi^*, P} [\phi_i(s_t, a_t)^2 \mid s_0 = s] .

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions, of K trajectories.
    model : LinearMDP
        The truth.
    divergence : Divergence, optional
        What nature may do.

    Returns
    -------
    float
        0 if a factor that matters was never seen on its own.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.offline import Tally, coverage
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> 0 < coverage(Tally.expected(model, 100), model) < 1
    True
    """
    tally = Tally.of(data, LinearKnowledge.of(model))
    value, best = exact_values(model, divergence)
    chosen = model.pair_start[:-1] + best
    least = np.inf
    for t in range(model.H):
        visits = tally.counts[t].sum(axis=1)
        diagonal = _inverse_diagonal(model.phi.T @ (visits[:, None] * model.phi))
        for i in range(model.d):
            used = model.phi[chosen[t], i] ** 2
            for u in reversed(range(t)):
                used = (model.phi @ largest_expectations(model, divergence, u, value[u + 1], used))[chosen[u]]
            if used.max() > 0:
                least = min(least, 1 / (tally.n_trajectories * used.max() * diagonal[i]))
    return float(least)


def _inverse_diagonal(gram: np.ndarray) -> np.ndarray:
    """Return the diagonal of the inverse, infinite where a coordinate meets the null space."""
    scales, axes = np.linalg.eigh(gram)
    null = scales <= gram.shape[0] * np.finfo(float).eps * max(scales[-1], np.finfo(float).tiny)
    diagonal = axes[:, ~null] ** 2 @ (1 / scales[~null])
    return np.where((axes[:, null] ** 2).sum(axis=1) > 1e-12, np.inf, diagonal)


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
