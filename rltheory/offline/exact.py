r"""The truth that an offline learner is compared with: exact dynamic programming when nature moves each factor.

.. math::

   Q_t(s, a) = r_t(s, a) + \sum_i \phi_i(s, a)\, w_{t,i}(V_{t+1}), \qquad
   w_{t,i}(V) = \min_\mu \{ E_\mu V + \lambda D(\mu \| \mu_{t,i}) \}

or the minimum over a ball, or :math:`\mu_{t,i} V` without a divergence (Liu and Xu 2024).
"""

from __future__ import annotations

import numpy as np

from rltheory.models import LinearMDP
from rltheory.robust import (
    TV,
    Divergence,
    evaluate_robustly,
    robust_backward_induction,
    worst_case_kernels,
    worst_case_values,
)


def step_divergence(divergence: Divergence, t: int, H: int, d: int) -> Divergence:
    """Return the divergence of step t, with a parameter for each of d factors."""
    return divergence.with_parameter(np.broadcast_to(divergence.parameter, (H, d))[t])


def exact_values(
    model: LinearMDP, divergence: Divergence | None = None, policy: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact worst-case values of a policy, or of the best one.

    Parameters
    ----------
    model : LinearMDP
        The nominal model, with simplex features.
    divergence : Divergence, optional
        With a weight or radius that broadcasts to (H, d); the nominal model alone if left out.
    policy : ndarray of int, shape (H, n_states), optional
        A deterministic policy; the best one by default.

    Returns
    -------
    value : ndarray, shape (H + 1, n_states)
    policy : ndarray of int, shape (H, n_states)

    Examples
    --------
    >>> import mdps
    >>> from rltheory.offline import exact_values
    >>> value, policy = exact_values(mdps.robust_walk())
    >>> round(float(value[0, 0]), 5)
    1.62425
    """
    divergence = TV(rho=0.0) if divergence is None else divergence
    if policy is None:
        found = robust_backward_induction(model, divergence)
        return found.value, found.policy
    return evaluate_robustly(model, policy, divergence).value, policy


def exact_weights(model: LinearMDP, divergence: Divergence | None, t: int, v: np.ndarray) -> np.ndarray:
    """Return the exact worst case of the next values v for every factor of step t, shape (d,)."""
    factors = model.step_factors(t)
    if divergence is None:
        return factors @ v
    return worst_case_values(step_divergence(divergence, t, model.H, model.d), factors, v)


def worst_factors(model: LinearMDP, divergence: Divergence | None, t: int, v: np.ndarray) -> np.ndarray:
    """Return where nature moves the factors of step t against the values v of the next, shape (d, n_states)."""
    factors = model.step_factors(t)
    if divergence is None:
        return factors
    return worst_case_kernels(step_divergence(divergence, t, model.H, model.d), factors, v).toarray()
