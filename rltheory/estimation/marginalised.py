r"""Weight states instead of histories, and the exponent is gone.

.. math:: \sum_t \gamma^t\, w_t(s_t)\, \rho_t\, r_t , \qquad w_t(s) = d^\pi_t(s) / d^b_t(s),
          \qquad d_t(s) = \Pr(s_t = s) .

Where a model is known so are the :math:`w_t` (`visit_ratios`), and the estimate is unbiased. Where there are only data,
they are estimated forward, with :math:`\hat d^b_t` the relative frequencies:

.. math:: \hat d^\pi_{t+1}(s') = \frac1n \sum_i \hat w_t(s_t^i)\, \rho_t^i\, \mathbf 1\{s_{t+1}^i = s'\} .

Source: Xie, Ma and Wang (2019).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.estimation._tables import policy_table, ratio_table, require_steps
from rltheory.estimation.estimate import Estimate
from rltheory.estimation.importance_sampling import checked_episodes, taken
from rltheory.models import CriterionError, Dataset, FiniteHorizonMDP, ModelError
from rltheory.models._validation import checked_gamma
from rltheory.planning import occupancy


def marginalised_importance_sampling(
    data: Dataset, target: Any, behaviour: Any, *, gamma: float = 1.0, visit_ratios: Any = None
) -> Estimate:
    r"""Estimate a policy's value by rewards weighted with ratios of visits, :math:`\sum_t \gamma^t w_t \rho_t r_t`.

    Parameters
    ----------
    data, target, behaviour, gamma
        As for `importance_sampling`.
    visit_ratios : array_like, shape (H, n_states), optional
        The :math:`w_t`, as of the function `visit_ratios`; by default they are estimated from the data.

    Returns
    -------
    Estimate
        Unbiased if the ratios are given. If they are estimated the terms depend on one another, and ``standard_error``
        is a rough guide.

    Raises
    ------
    CriterionError, ModelError
        As for `importance_sampling`, and if ``visit_ratios`` has the wrong shape or an entry that is no ratio.

    References
    ----------
    Xie, Ma and Wang (2019).

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> data = rl.collect(coin, [[0.5, 0.5]], 1000, rng=0)
    >>> marginalised_importance_sampling(data, [[1.0, 0.0]], [[0.5, 0.5]], visit_ratios=np.ones((3, 1)))
    Estimate(2.98 +- 0.0542, 1000 episodes)
    """
    discounts = checked_gamma(gamma) ** np.arange(data.H)
    _, table = ratio_table(data, target, behaviour)
    checked_episodes(data, policy_table(data, behaviour))
    ratios = taken(data, table)
    weights = _estimated_visit_ratios(data, ratios) if visit_ratios is None else _checked(data, visit_ratios)
    weighted = weights[np.arange(data.H), data.table("state")] * ratios
    return Estimate.of_terms((discounts * weighted * data.table("reward")).sum(axis=1))


def visit_ratios(model: FiniteHorizonMDP, target: Any, behaviour: Any) -> np.ndarray:
    r"""Compute how much more often a target visits a state than the behaviour, :math:`w_t(s) = d^\pi_t(s) / d^b_t(s)`.

    Parameters
    ----------
    model : FiniteHorizonMDP
    target, behaviour : array_like
        As for `importance_sampling`.

    Returns
    -------
    ndarray, shape (H, n_states)
        0 where neither goes.

    Raises
    ------
    CriterionError
        If the target takes an action that the behaviour never does: the message names the state and the action.

    Examples
    --------
    >>> import rltheory as rl
    >>> walk = rl.FiniteHorizonMDP([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[0, 0], [1, 1]], H=2, mu=0)
    >>> visit_ratios(walk, [1, 0], [[0.75, 0.25], [0.5, 0.5]])
    array([[1., 0.],
           [0., 4.]])
    """
    ratio_table(model, target, behaviour)
    ours, theirs = (state_visits(model, policy) for policy in (target, behaviour))
    return np.divide(ours, theirs, out=np.zeros_like(ours), where=theirs > 0)


def state_visits(model: FiniteHorizonMDP, policy: Any) -> np.ndarray:
    """Return the probability of each state at each step, shape (H, n_states)."""
    require_steps(model)
    return np.add.reduceat(occupancy(model, policy), model.pair_start[:-1], axis=1)


def _estimated_visit_ratios(data: Dataset, ratios: np.ndarray) -> np.ndarray:
    states, following = data.table("state"), data.table("next_state")
    n = len(states)
    weights, visits = np.zeros((data.H, data.n_states)), np.bincount(states[:, 0], minlength=data.n_states) / n
    for t in range(data.H):
        seen = np.bincount(states[:, t], minlength=data.n_states) / n
        np.divide(visits, seen, out=weights[t], where=seen > 0)
        carried = weights[t][states[:, t]] * ratios[:, t]
        visits = np.bincount(following[:, t], weights=carried, minlength=data.n_states) / n
    return weights


def _checked(data: Dataset, visit_ratios: Any) -> np.ndarray:
    weights = np.asarray(visit_ratios, dtype=float)
    if weights.shape != (data.H, data.n_states):
        raise ModelError(f"visit_ratios has shape {weights.shape}; it must be {(data.H, data.n_states)}")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise CriterionError("visit_ratios has an entry that is negative or not finite")
    return weights
