r"""The exact policy gradient, of probabilities and of logits, and the ascent that follows it.

With :math:`J(\pi) = \mu v^\pi`, :math:`x_\pi` the discounted visits of the pairs, :math:`d` those of the states (their
sum is H), and :math:`A^\pi(s,a) = q^\pi(s,a) - v^\pi(s)`,

.. math:: \frac{\partial J}{\partial \pi(a|s)} = d(s)\, q^\pi(s,a), \qquad
          \frac{\partial J}{\partial \theta(s,a)} = x_\pi(s,a)\, A^\pi(s,a) \quad
          \text{for } \pi(a|s) \propto e^{\theta(s,a)}

(Sutton, McAllester, Singh and Mansour 2000; Szepesvari 2022, lecture 16). The first one ignores that probabilities sum
to one: only its products with differences of policies mean anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import MDP
from rltheory.models._policies import checked_policy
from rltheory.models._validation import checked_positive, checked_whole, frozen
from rltheory.planning import evaluation
from rltheory.planning.backup import policy_rows
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.policy_optimisation._logits import (
    action_values,
    checked_logits,
    log_softmax,
    table,
)
from rltheory.policy_optimisation.run import PolicyRun, record


@dataclass(frozen=True, slots=True, eq=False)
class PolicyGradient:
    """The gradient of ``mu v^pi`` at a policy.

    Parameters
    ----------
    objective : float
        ``mu v^pi``, in reward units.
    direct : ndarray, shape (n_pairs,)
        With respect to the probabilities.
    softmax : ndarray, shape (n_pairs,)
        With respect to the logits; it sums to 0 in each state.
    advantage : ndarray, shape (n_pairs,)
        ``q^pi(s, a) - v^pi(s)``: the direction of the natural gradient.
    """

    objective: float
    direct: np.ndarray
    softmax: np.ndarray
    advantage: np.ndarray

    def __post_init__(self) -> None:
        for name in ("direct", "softmax", "advantage"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def policy_gradient(mdp: MDP, policy: Any) -> PolicyGradient:
    """Compute the exact gradient of ``mu v^pi`` at a policy, by two linear solves.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    policy : array_like
        Probabilities of shape (n_states, n_actions), or actions of shape (n_states,).

    Returns
    -------
    PolicyGradient

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If the policy does not fit the model.

    References
    ----------
    Sutton, McAllester, Singh and Mansour (2000), theorem 1.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.policy_optimisation import policy_gradient
    >>> bandit = rl.MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], gamma=0.5, n_actions=2)
    >>> policy_gradient(bandit, [[0.5, 0.5]]).softmax
    array([ 0.5, -0.5])
    """
    require_discounted(mdp)
    policy = checked_policy(mdp, policy)
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, policy)
    v = solve_policy_system(P_policy, mdp.gamma, r_policy)[0]
    q, x = action_values(mdp, v), evaluation.occupancy(mdp, policy)
    visits, advantage = np.add.reduceat(x, mdp.pair_start[:-1])[mdp.pair_state], q - v[mdp.pair_state]
    return PolicyGradient(float(mdp.mu @ v), visits * q, x * advantage, advantage)


def softmax_ascent(mdp: MDP, *, step: float, iterations: int, logits: Any = None) -> PolicyRun:
    r"""Climb along the gradient of the logits: :math:`\theta \leftarrow \theta + \eta\, x_\pi A^\pi`.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    step : float
        :math:`\eta`. It never descends if that is at most 2 / L, with L of `bounds.softmax_smoothness` times the width
        of the rewards.
    iterations : int
        Number of steps K.
    logits : array_like, shape (n_pairs,), optional
        Where to start; by default all 0, the uniform policy.

    Returns
    -------
    PolicyRun

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If an argument does not fit the model, or the step is not positive.

    References
    ----------
    Mei, Xiao, Szepesvari and Schuurmans (2020); loss at most `bounds.softmax_ascent_loss`.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.policy_optimisation import softmax_ascent
    >>> softmax_ascent(mdps.chain(4, gamma=0.5), step=1.0, iterations=50)
    PolicyRun(50 steps, start value 0.0357143 -> 0.16898)
    """
    theta = checked_logits(mdp, logits)
    step, iterations = checked_positive("step", step), checked_whole("iterations", iterations, 0)
    logs = [log_softmax(mdp, theta)]
    for _ in range(iterations):
        theta = theta + step * policy_gradient(mdp, table(mdp, logs[-1])).softmax
        logs.append(log_softmax(mdp, theta))
    return record(mdp, logs, [step] * iterations)
