r"""Policy mirror descent with steps that grow: as fast as policy iteration, and never a hard switch.

Each step keeps close to the last policy in relative entropy,

.. math:: \pi_{k+1}(\cdot|s) = \arg\max_p\ \eta_k \langle p, q^{\pi_k}(s, \cdot) \rangle - \mathrm{KL}(p \,\|\,
          \pi_k(\cdot|s)) \;\propto\; \pi_k\, e^{\eta_k q^{\pi_k}}.

It loses at most :math:`\mathrm{KL}(\text{greedy} \| \pi_k) / \eta_k` against the greedy step. With

.. math:: \eta_k = \max_s \mathrm{KL}(\text{greedy}(\cdot|s) \,\|\, \pi_k(\cdot|s)) \,/\, (\gamma^{2k+1} c_0)

the errors :math:`\gamma^{2k+1} c_0` add up to a multiple of :math:`\gamma^k`, the rate of value iteration
(`bounds.mirror_descent_error`; Xiao 2022; Johnson, Pike-Burke and Rebeschini 2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError
from rltheory.models._validation import checked_positive, checked_whole
from rltheory.policy_optimisation._logits import (
    action_values,
    checked_start,
    log_softmax,
    value_of,
)
from rltheory.policy_optimisation.run import PolicyRun, record

_LEAST_ERROR = 1e-100  # a smaller one is lost in rounding, and the step that it takes would overflow


def mirror_descent(mdp: MDP, *, iterations: int, c0: float = 1.0, policy: Any = None) -> PolicyRun:
    r"""Climb by policy mirror descent in relative entropy, with steps that grow like :math:`\gamma^{-2k}`.

    Parameters
    ----------
    mdp : MDP
        With ``0 < gamma < 1``.
    iterations : int
        Number of steps K.
    c0 : float
        Error that the first step may make against the greedy one, over gamma, in reward units.
    policy : array_like, shape (n_states, n_actions), optional
        Where to start: positive probabilities, by default uniform.

    Returns
    -------
    PolicyRun
        With the steps :math:`\eta_k`; 0 where the policy is greedy for its own value already.

    Raises
    ------
    CriterionError
        If ``gamma`` is 0 or 1.
    ModelError
        If the policy does not fit the model or never takes an action, or ``c0`` is not positive.

    References
    ----------
    Johnson, Pike-Burke and Rebeschini (2023); Xiao (2022).

    Examples
    --------
    >>> import mdps
    >>> from rltheory.policy_optimisation import mirror_descent
    >>> mirror_descent(mdps.chain(4, gamma=0.5), iterations=10)
    PolicyRun(10 steps, start value 0.0357143 -> 0.249999)
    """
    logs = [checked_start(mdp, policy)]
    c0, iterations = checked_positive("c0", c0), checked_whole("iterations", iterations, 0)
    if mdp.gamma == 0:
        raise CriterionError("gamma is 0, so the first greedy step is optimal and no sequence of steps is needed")
    steps: list[float] = []
    for k in range(iterations):
        q = action_values(mdp, value_of(mdp, logs[-1]))
        error = max(mdp.gamma ** (2 * k + 1) * c0, _LEAST_ERROR)
        steps.append(_distance_to_greedy(mdp, q, logs[-1]) / error)
        logs.append(log_softmax(mdp, logs[-1] + steps[-1] * q))
    return record(mdp, logs, steps)


def _distance_to_greedy(mdp: MDP, q: np.ndarray, logs: np.ndarray) -> float:
    """Return the largest relative entropy of a greedy policy; among actions that tie, the likeliest is the nearest."""
    best = q >= np.maximum.reduceat(q, mdp.pair_start[:-1])[mdp.pair_state]
    nearest = np.maximum.reduceat(np.where(best, logs, -np.inf), mdp.pair_start[:-1])
    return float(-nearest.min(initial=0.0))
