r"""The natural policy gradient: every state climbs as if it were visited alike.

The Fisher matrix of the softmax undoes the weight of the visits, and the direction is the advantage itself (Kakade
2001):

.. math:: \theta \leftarrow \theta + \eta H A^\pi, \qquad \text{that is} \quad \pi'(a|s) \propto \pi(a|s)\, e^{\eta H
          q^\pi(s,a)}.

The policies improve in every state, and the loss after t steps is at most :math:`\ln|A| / (\eta t) + H^2 / t`
(`bounds.natural_gradient_loss`), whatever the number of states and the start distribution.
"""

from __future__ import annotations

from typing import Any

from rltheory.models import MDP
from rltheory.models._validation import checked_positive, checked_whole
from rltheory.policy_optimisation._logits import (
    action_values,
    checked_start,
    log_softmax,
    value_of,
)
from rltheory.policy_optimisation.run import PolicyRun, record


def natural_policy_gradient(mdp: MDP, *, step: float, iterations: int, policy: Any = None) -> PolicyRun:
    r"""Climb along the natural gradient.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    step : float
        :math:`\eta`, in units of one over reward; logits move by :math:`\eta H A^\pi`. With an infinite step it would
        be policy iteration.
    iterations : int
        Number of steps K.
    policy : array_like, shape (n_states, n_actions), optional
        Where to start: positive probabilities, by default uniform.

    Returns
    -------
    PolicyRun
        Of which every value is at least the one before, in every state.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If the policy does not fit the model or never takes an action, or the step is not positive.

    References
    ----------
    Kakade (2001); Agarwal, Kakade, Lee and Mahajan (2021), theorem 16.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.policy_optimisation import natural_policy_gradient
    >>> natural_policy_gradient(mdps.chain(4, gamma=0.5), step=1.0, iterations=50)
    PolicyRun(50 steps, start value 0.0357143 -> 0.249999)
    """
    logs = [checked_start(mdp, policy)]
    step, iterations = checked_positive("step", step), checked_whole("iterations", iterations, 0)
    for _ in range(iterations):
        q = action_values(mdp, value_of(mdp, logs[-1]))
        logs.append(log_softmax(mdp, logs[-1] + step / (1 - mdp.gamma) * q))
    return record(mdp, logs, [step] * iterations)
