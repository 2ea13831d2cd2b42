r"""Backward induction: from the last step to the first, the best action is found once and for all.

.. math:: v_H = 0, \qquad v_t(s) = \max_a \Big\{ r_t(s, a) + \gamma \sum_{s'} P_t(s' \mid s, a)\, v_{t+1}(s') \Big\}

(Bellman 1957; Puterman 2005, section 4.5). The only error is rounding: with e_t that of one backup and rows summing to
one up to eta, every state of step t is within rho_t = e_t + gamma (1 + eta) rho_{t+1}, and so is the policy returned.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import CriterionError, FiniteHorizonMDP, ModelError
from rltheory.planning.enclosure import backup_with_error
from rltheory.planning.memory import require_memory
from rltheory.planning.rounding import outward
from rltheory.planning.solution import Criterion, Solution, Status


def backward_induction(model: FiniteHorizonMDP) -> Solution:
    """Solve a model of finite horizon exactly, up to rounding, which is bounded.

    Parameters
    ----------
    model : FiniteHorizonMDP
        The model; ``mdp.finite_horizon(H)`` makes one of an MDP.

    Returns
    -------
    Solution
        ``value`` of shape (H + 1, n_states) with ``value[H] = 0``, ``policy`` of shape (H, n_states). One round of
        ``iterations`` is one step.

    Raises
    ------
    CriterionError
        If the model has no horizon.
    ModelError
        If values overflow.
    MemoryError
        If the values of all steps would not fit.

    References
    ----------
    Bellman (1957), chapter III; Puterman (2005), section 4.5.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], [[0, 0.5], [2, 2]], gamma=1.0)
    >>> rl.backward_induction(mdp.finite_horizon(3)).value
    array([[4. , 6. ],
           [2. , 4. ],
           [0.5, 2. ],
           [0. , 0. ]])
    """
    if not isinstance(model, FiniteHorizonMDP):
        raise CriterionError(f"a {type(model).__name__} has no horizon; mdp.finite_horizon(H) sets one")
    H, n_states = model.H, model.n_states
    require_memory(40.0 * (H + 1) * n_states, f"{H:,} steps of {n_states:,} states")
    value, radius = np.zeros((H + 1, n_states)), np.zeros((H + 1, n_states))
    policy = np.empty((H, n_states), dtype=np.int64)
    for t in reversed(range(H)):
        value[t], error, policy[t], eta = backup_with_error(
            model.rows(t), model.rewards(t), model.pair_start, model.gamma, value[t + 1]
        )
        radius[t] = outward(error + model.gamma * (1 + eta) * float(radius[t + 1].max()), 4)
    if not np.isfinite(value).all():
        raise ModelError("values overflow float64; rescale the rewards")
    lower, upper = np.nextafter(value - radius, -np.inf), np.nextafter(value + radius, np.inf)
    lower[H], upper[H] = 0.0, 0.0
    return Solution(
        value=value,
        policy=policy,
        lower=lower,
        upper=upper,
        status=Status.CONVERGED,
        iterations=H,
        history=np.zeros(0),
        method="backward induction",
        model=model,
        criterion=Criterion.FINITE_HORIZON,
    )
