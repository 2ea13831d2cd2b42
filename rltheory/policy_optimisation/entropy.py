r"""Climbing with a bonus for entropy: the landscape becomes one on which the climb is linear.

The soft value counts the entropy of the policy as reward,

.. math:: v^\pi_\tau = r_\pi + \tau\, \mathcal{H}(\pi) + \gamma P_\pi v^\pi_\tau, \qquad q^\pi_\tau = r + \gamma P
          v^\pi_\tau, \qquad v^*_\tau(s) = \tau \ln \sum_a e^{q^*_\tau(s,a)/\tau},

and its best policy is :math:`\pi_\tau \propto e^{q^*_\tau/\tau}`. The natural gradient moves, for :math:`0 < \eta \le
1/(\tau H)`, to

.. math:: \pi' \propto \pi^{1 - \eta\tau H}\, e^{\eta H q^\pi_\tau}

(Cen, Cheng, Chen, Wei and Chi 2022); the largest step, :math:`\eta = 1/(\tau H)`, is soft policy iteration
:math:`\pi' \propto e^{q^\pi_\tau / \tau}`. Errors shrink by :math:`1 - \eta\tau` a step
(`bounds.entropy_gradient_error`), and the soft optimum costs at most :math:`\tau H \ln|A|` (`bounds.entropy_bias`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.models._validation import checked_positive, checked_whole
from rltheory.policy_optimisation._logits import (
    action_values,
    checked_start,
    log_softmax,
    table,
    value_of,
)
from rltheory.policy_optimisation.run import PolicyRun


def entropy_policy_gradient(
    mdp: MDP, *, tau: float, iterations: int, step: float | None = None, policy: Any = None
) -> PolicyRun:
    r"""Climb along the natural gradient of the soft value.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    tau : float
        Temperature: what a nat of entropy is worth, in reward units.
    iterations : int
        Number of steps K.
    step : float, optional
        :math:`\eta`, at most :math:`1/(\tau H)`; by default that, which is soft policy iteration.
    policy : array_like, shape (n_states, n_actions), optional
        Where to start: positive probabilities, by default uniform.

    Returns
    -------
    PolicyRun
        Its values are the soft ones.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If the policy does not fit the model or never takes an action, or a number is out of range.

    References
    ----------
    Cen, Cheng, Chen, Wei and Chi (2022), theorem 1.

    Examples
    --------
    With equal rewards the best one can do is to earn all the entropy, from the first step on:

    >>> import rltheory as rl
    >>> from rltheory.policy_optimisation import entropy_policy_gradient
    >>> idle = rl.MDP.from_pairs([[1.0], [1.0]], [0.0, 0.0], gamma=0.5, n_actions=2)
    >>> entropy_policy_gradient(idle, tau=1.0, iterations=1, policy=[[0.9, 0.1]]).values.round(6)
    array([[0.650166],
           [1.386294]])
    """
    logs = [checked_start(mdp, policy)]
    tau, iterations = checked_positive("tau", tau), checked_whole("iterations", iterations, 0)
    largest = (1 - mdp.gamma) / tau
    step = largest if step is None else checked_positive("step", step)
    if step > largest * (1 + 1e-12):
        raise ModelError(f"step is {step}; with tau = {tau} it must be at most (1 - gamma) / tau = {largest}")
    kept = max(0.0, 1 - step / largest)
    values = [_soft_value(mdp, logs[-1], tau)]
    for _ in range(iterations):
        logs.append(log_softmax(mdp, kept * logs[-1] + (1 - kept) * action_values(mdp, values[-1]) / tau))
        values.append(_soft_value(mdp, logs[-1], tau))
    policies = np.array([table(mdp, one) for one in logs])
    return PolicyRun(policies, np.array(values), np.full(iterations, step), mdp)


def _soft_value(mdp: MDP, logs: np.ndarray, tau: float) -> np.ndarray:
    return value_of(mdp, logs, mdp.r - tau * logs)
