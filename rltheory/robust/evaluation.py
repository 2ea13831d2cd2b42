r"""The robust value of a given policy: what it is worth when nature answers it.

.. math:: v^\pi(s) = \sum_a \pi(a \mid s) \{ r(s, a) + \gamma W_{(s, a)}(v^\pi) \},

with W as in `rltheory.robust.backup`. Nature moves each row or factor on its own, so that she answers a randomised
policy as if she saw the action.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.models._policies import checked_policy, step_policies
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.rounding import growth, largest_size
from rltheory.robust.backup import policy_choice, robust_steps
from rltheory.robust.backward_induction import backwards
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
        policies = step_policies(model, policy, model.H)

        def choose(t: int, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return policy_choice(model, q, policies[t]), policies[t]

        return backwards(model, divergence, choose, "robust evaluation")
    require_discounted(model)
    fixed, (step,) = checked_policy(model, policy), robust_steps(model, divergence)

    def back_up(v: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        q, error = step.q(v)
        averaging = growth(2.0 * model.n_actions + 2) * largest_size(q)
        return policy_choice(model, q, fixed), error + averaging, fixed

    return iterate(model, divergence, back_up, step.worst_kernel, "robust evaluation", tol=tol)
