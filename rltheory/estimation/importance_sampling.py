r"""What would another policy have earned? Returns weighted with likelihood ratios.

Episodes of H steps follow a behaviour policy b, the question is about a target :math:`\pi`. With
:math:`\rho_t = \pi_t(a_t|s_t) / b_t(a_t|s_t)` and :math:`\rho_{0:t} = \rho_0 \cdots \rho_t` there are, among others,

- importance sampling, the mean of :math:`\rho_{0:H-1} \sum_t \gamma^t r_t`;
- per decision, the mean of :math:`\sum_t \gamma^t \rho_{0:t}\, r_t`;
- weighted, :math:`\sum_i w_i\, G_i / \sum_i w_i` with the returns G and :math:`w = \rho_{0:H-1}`.

The first two are unbiased. A reward does not depend on later actions, so that the second leaves out their ratios. The
third is biased, never leaves the range of the returns that were seen, and often errs far less.

Sources: Precup, Sutton and Singh (2000); Thomas and Brunskill (2016).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.estimation._tables import policy_table, ratio_table
from rltheory.estimation.estimate import Estimate
from rltheory.models import CriterionError, Dataset, ModelError
from rltheory.models._validation import checked_gamma


def importance_sampling(data: Dataset, target: Any, behaviour: Any, *, gamma: float = 1.0) -> Estimate:
    r"""Estimate a policy's value by weighted returns, the mean of :math:`\rho_{0:H-1} \sum_t \gamma^t r_t`.

    Parameters
    ----------
    data : Dataset
        Whole episodes of the behaviour policy, such as `rltheory.collect` returns.
    target, behaviour : array_like
        Actions (n_states,) or probabilities (n_states, n_actions), with a leading axis H if they change with the step.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    Estimate
        Unbiased for the target's value from the start distribution.

    Raises
    ------
    CriterionError
        If the target takes an action that the behaviour never does, or there are no episodes.
    ModelError
        If a policy does not fit the data, the data contain what the behaviour never does, or an episode is short.

    References
    ----------
    Precup, Sutton and Singh (2000).

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> data = rl.collect(coin, [[0.5, 0.5]], 1000, rng=0)
    >>> importance_sampling(data, [[1.0, 0.0]], [[0.5, 0.5]])
    Estimate(2.856 +- 0.246, 1000 episodes)
    """
    ratios, rewards = _episodes(data, target, behaviour, gamma)
    return Estimate.of_terms(ratios.prod(axis=1) * rewards.sum(axis=1))


def per_decision_importance_sampling(data: Dataset, target: Any, behaviour: Any, *, gamma: float = 1.0) -> Estimate:
    r"""Estimate a policy's value reward by reward, the mean of :math:`\sum_t \gamma^t \rho_{0:t} r_t`.

    Parameters
    ----------
    data, target, behaviour, gamma
        As for `importance_sampling`.

    Returns
    -------
    Estimate
        Unbiased.

    References
    ----------
    Precup, Sutton and Singh (2000).

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> data = rl.collect(coin, [[0.5, 0.5]], 1000, rng=0)
    >>> per_decision_importance_sampling(data, [[1.0, 0.0]], [[0.5, 0.5]])
    Estimate(2.878 +- 0.143, 1000 episodes)
    """
    ratios, rewards = _episodes(data, target, behaviour, gamma)
    return Estimate.of_terms((ratios.cumprod(axis=1) * rewards).sum(axis=1))


def weighted_importance_sampling(data: Dataset, target: Any, behaviour: Any, *, gamma: float = 1.0) -> Estimate:
    r"""Estimate a policy's value by a weighted mean of returns, :math:`\sum_i w_i G_i / \sum_i w_i`.

    The weights are the ratios of whole episodes, :math:`w = \rho_{0:H-1}`.

    Parameters
    ----------
    data, target, behaviour, gamma
        As for `importance_sampling`.

    Returns
    -------
    Estimate
        Biased, by an order of one over the number of episodes; within the range of the returns.

    Raises
    ------
    CriterionError
        As for `importance_sampling`, and if no episode could be the target's, so that all weights are 0.

    References
    ----------
    Precup, Sutton and Singh (2000).

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=3)
    >>> data = rl.collect(coin, [[0.5, 0.5]], 1000, rng=0)
    >>> weighted_importance_sampling(data, [[1.0, 0.0]], [[0.5, 0.5]])
    Estimate(3 +- 0, 1000 episodes)
    """
    ratios, rewards = _episodes(data, target, behaviour, gamma)
    weights = ratios.prod(axis=1)
    if not weights.any():
        raise CriterionError(
            f"all {weights.size} episodes have weight 0: none could be the target's; collect more, or let behaviour be"
            " closer to target"
        )
    return Estimate.of_terms(rewards.sum(axis=1), weights / weights.mean())


def taken(data: Dataset, table: np.ndarray) -> np.ndarray:
    """Return the entries of an (H, n_states, n_actions) table at what happened, shape (n_episodes, H)."""
    return table[np.arange(data.H), data.table("state"), data.table("action")]


def checked_episodes(data: Dataset, behaviour: np.ndarray) -> None:
    """Refuse data without episodes, and data that the behaviour cannot have produced."""
    if len(data) == 0:
        raise CriterionError("data has no episodes; there is nothing to estimate from")
    impossible = np.argwhere(taken(data, behaviour) == 0)
    if impossible.size:
        i, t = (int(index) for index in impossible[0])
        s, a = data.table("state")[i, t], data.table("action")[i, t]
        raise ModelError(
            f"episode {i} takes action {a} in state {s} at step {t}, which behaviour never does; give the policy that"
            " collected the data"
        )


def _episodes(data: Dataset, target: Any, behaviour: Any, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ratios and the discounted rewards of all episodes, each of shape (n_episodes, H)."""
    discounts = checked_gamma(gamma) ** np.arange(data.H)
    _, ratios = ratio_table(data, target, behaviour)
    checked_episodes(data, policy_table(data, behaviour))
    return taken(data, ratios), discounts * data.table("reward")
