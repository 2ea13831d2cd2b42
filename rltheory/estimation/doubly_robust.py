r"""Doubly robust estimation: predict with action values, and weight only what they got wrong.

.. math:: Y_t = \hat v_t(s_t) + \rho_t \big(r_t + \gamma Y_{t+1} - \hat q_t(s_t, a_t)\big), \qquad Y_H = 0,
          \qquad \hat v_t(s) = \sum_a \pi_t(a|s)\, \hat q_t(s, a) .

The mean of :math:`Y_0` is the target's value if the ratios are right, whatever :math:`\hat q`, and also if
:math:`\hat q = q^\pi`, whatever the ratios. With :math:`\hat q = 0` it is importance sampling per decision. With
:math:`\hat q = q^\pi` no unbiased estimator has a smaller variance, if every state remembers how it was reached
(`cramer_rao`).

Source: Jiang and Li (2016).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.estimation._tables import action_table, dense, policy_table, ratio_table
from rltheory.estimation.estimate import Estimate
from rltheory.estimation.importance_sampling import checked_episodes, taken
from rltheory.models import Dataset, FiniteHorizonMDP
from rltheory.models._validation import checked_gamma


def doubly_robust(data: Dataset, target: Any, behaviour: Any, q: Any, *, gamma: float = 1.0) -> Estimate:
    r"""Estimate a policy's value from predictions and weighted surprises.

    Parameters
    ----------
    data, target, behaviour, gamma
        As for `importance_sampling`.
    q : array_like, shape (n_states, n_actions) or (H, n_states, n_actions)
        Predicted values :math:`\hat q` of the target's actions, in reward units; not from the same data, or the
        estimate need not be unbiased.

    Returns
    -------
    Estimate
        Unbiased if the behaviour is right or q is.

    Raises
    ------
    CriterionError, ModelError
        As for `importance_sampling`, and if q has the wrong shape or is not finite.

    References
    ----------
    Jiang and Li (2016), section 4.

    Examples
    --------
    Predictions that are right leave no noise where nothing is random but the actions:

    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> data = rl.collect(coin, [[0.5, 0.5]], 100, rng=0)
    >>> q = target_values(coin, [[1.0, 0.0]])
    >>> doubly_robust(data, [[1.0, 0.0]], [[0.5, 0.5]], q)
    Estimate(3 +- 0, 100 episodes)
    """
    checked_gamma(gamma)
    pi, ratios = ratio_table(data, target, behaviour)
    checked_episodes(data, policy_table(data, behaviour))
    q = action_table(data, q)
    v = np.take_along_axis((pi * q).sum(axis=2), data.table("state").T, axis=1).T
    surprise, ratio = data.table("reward") - taken(data, q), taken(data, ratios)
    estimate = np.zeros(len(ratio))
    for t in reversed(range(data.H)):
        estimate = v[:, t] + ratio[:, t] * (surprise[:, t] + gamma * estimate)
    return Estimate.of_terms(estimate)


def target_values(model: FiniteHorizonMDP, target: Any) -> np.ndarray:
    r"""Compute a policy's action values, :math:`q_t = r_t + \gamma P_t v_{t+1}` with :math:`v_t = \sum_a \pi_t q_t`.

    Parameters
    ----------
    model : FiniteHorizonMDP
    target : array_like
        As for `importance_sampling`.

    Returns
    -------
    ndarray, shape (H, n_states, n_actions)
        In reward units; 0 for actions that a state lacks.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=2)
    >>> target_values(coin, [[1.0, 0.0]]).tolist()
    [[[2.0, 1.0]], [[1.0, 0.0]]]
    """
    world, pi = dense(model), policy_table(model, target)
    q, v = np.empty_like(world.r), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        q[t] = world.r[t] + world.gamma * world.P[t] @ v
        v = (pi[t] * q[t]).sum(axis=1)
    return q
