r"""The robust value of a given policy: what it is worth when nature answers it.

.. math:: v^\pi(s) = \sum_a \pi(a \mid s) \{ r(s, a) + \gamma W_{(s, a)}(v^\pi) \},

with W as in `rltheory.robust.backup`. Nature moves each row or factor on its own, so that she answers a randomised
policy as if she saw the action (`s_rectangular_evaluation` has one that does not).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.models._policies import checked_policy, step_policies
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.rounding import growth, largest_size
from rltheory.robust.backup import Nature, RobustStep, policy_choice, robust_steps
from rltheory.robust.backward_induction import backwards, require_horizon, stretch_of
from rltheory.robust.divergences import Divergence
from rltheory.robust.solution import Model, RobustSolution
from rltheory.robust.value_iteration import iterate


def evaluate_robustly(model: Model, policy: Any, divergence: Divergence, *, tol: float = 1e-8) -> RobustSolution:
    """Compute the worst case of a policy, with proven ends.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or LinearMDP
        An MDP with ``gamma < 1``, or a model of finite horizon. As for `robust_backward_induction`, nature moves the
        rows of pairs, or the factors of a `LinearMDP`.
    policy : array_like
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions); for a finite horizon also with a
        leading axis of length H.
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        What nature may do.
    tol : float
        Accuracy of the answer of a discounted model, in reward units; a finite horizon is exact.

    Returns
    -------
    RobustSolution
        ``lower <= worst case of the policy <= upper``.

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1.
    ModelError
        If the policy or the parameters do not fit the model.
    MemoryError
        If the values of all steps would not fit.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory import robust
    >>> from rltheory.robust.evaluation import evaluate_robustly
    >>> mdp = rl.MDP.from_arrays([[[1.0, 0.0]], [[0.0, 1.0]]], [[1.0], [0.0]], gamma=0.5)
    >>> evaluate_robustly(mdp, [0, 0], robust.TV(rho=0.2)).value.round(6)
    array([1.666667, 0.      ])
    """
    if not isinstance(model, MDP):
        require_horizon(model)
        policies, steps = step_policies(model, policy, model.H), robust_steps(model, divergence)

        def back_up(t: int, v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
            return _policy_backup(model, steps[t], policies[t], v)

        return backwards(model, divergence, back_up, Nature(steps), "robust evaluation", stretch_of(steps))
    require_discounted(model)
    fixed, (step,) = checked_policy(model, policy), robust_steps(model, divergence)
    return iterate(
        model,
        divergence,
        lambda v: _policy_backup(model, step, fixed, v),
        Nature([step]),
        "robust evaluation",
        tol=tol,
    )


def _policy_backup(
    model: Model, step: RobustStep, policy: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return one backup with a policy, a bound on its error, and the policy."""
    q, error = step.q(v)
    averaging = growth(2.0 * model.n_actions + 2) * largest_size(q)
    return policy_choice(model, q, policy), float(error + averaging), policy
