r"""A stochastic policy's value as an average over deterministic policies, and why the softmax is an exponential family.

The determinant of :math:`I - \gamma P_\pi` is affine in the row of each state, and so is the numerator of Cramer's rule
for :math:`\mu (I - \gamma P_\pi)^{-1} r_\pi`. Expand both over the deterministic policies :math:`\alpha`:

.. math:: \mu v^\pi = \frac{\sum_\alpha w_\alpha\, \mu v^\alpha}{\sum_\alpha w_\alpha}, \qquad
          w_\alpha = \det(I - \gamma P_\alpha) \prod_s \pi(\alpha(s) | s) .

The weights are positive: they are a law over deterministic policies, the same for every start and reward. It is not the
law that draws each state's action once and keeps it: the determinants make up for that an action, drawn anew at every
visit, is not kept. For :math:`\pi(a|s) \propto e^{\theta(s,a)}` the law is an exponential family in the logits,
:math:`w_\alpha \propto \det(I - \gamma P_\alpha)\, e^{\sum_s \theta(s, \alpha(s))}`, and derivatives of
:math:`\mu v^\pi` are covariances under it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.models._policies import checked_policy
from rltheory.models._validation import frozen
from rltheory.planning.enclosure import require_discounted

_MOST_POLICIES = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class DeterministicMixture:
    """Deterministic policies, their weights and their values.

    Parameters
    ----------
    policies : ndarray of int, shape (n, n_states)
        Every deterministic policy.
    weight : ndarray, shape (n,)
        Positive where the stochastic policy takes all of its actions; they sum to 1.
    values : ndarray, shape (n, n_states)
        In reward units; ``weight @ values`` is the stochastic policy's value.
    """

    policies: np.ndarray
    weight: np.ndarray
    values: np.ndarray

    def __post_init__(self) -> None:
        for name in ("policies", "weight", "values"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def deterministic_mixture(mdp: MDP, policy: Any) -> DeterministicMixture:
    r"""Compute the law over deterministic policies whose mean value is a stochastic policy's, from every start.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1`` and at most 100,000 deterministic policies.
    policy : array_like
        Probabilities of shape (n_states, n_actions), or actions of shape (n_states,).

    Returns
    -------
    DeterministicMixture

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If the policy does not fit the model, or there are too many deterministic policies.

    Examples
    --------
    >>> import numpy as np
    >>> import rltheory as rl
    >>> from rltheory.policy_optimisation import deterministic_mixture
    >>> leave = rl.MDP.from_pairs([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [1.0, 0.0, 0.0], 0.9, pair_start=[0, 2, 3])
    >>> mixture = deterministic_mixture(leave, [[0.5, 0.5], [1.0, 0.0]])      # leaves sooner or later
    >>> mixture.weight.round(4)
    array([0.0909, 0.9091])
    >>> (mixture.weight @ mixture.values).round(4), rl.evaluate_policy(leave, [[0.5, 0.5], [1.0, 0.0]]).value.round(4)
    (array([0.9091, 0.    ]), array([0.9091, 0.    ]))
    """
    require_discounted(mdp)
    policy = checked_policy(mdp, policy)
    if policy.ndim == 1:
        policy = np.eye(mdp.n_actions)[policy]
    number = math.prod(mdp.action_counts.tolist())
    if number > _MOST_POLICIES:
        raise ModelError(f"there are {number} deterministic policies; at most {_MOST_POLICIES} are enumerated")
    policies = np.array(list(itertools.product(*(range(n) for n in mdp.action_counts))))
    rows = mdp.pair_start[:-1] + policies
    systems = np.eye(mdp.n_states) - mdp.gamma * mdp.P.toarray()[rows]
    values = np.linalg.solve(systems, mdp.r[rows][..., None])[..., 0]
    weight = np.linalg.det(systems) * policy[np.arange(mdp.n_states), policies].prod(axis=1)
    return DeterministicMixture(policies, weight / weight.sum(), values)
