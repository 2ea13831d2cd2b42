r"""PEVI and LSVI: least-squares value iteration on a fixed dataset, with and without pessimism.

.. math::

   \hat w_t = \Lambda_t^{-1} \sum_\tau \phi_\tau \big( r_\tau + \hat V_{t+1}(s'_\tau) \big), \qquad
   \hat Q_t = \mathrm{clip}\big( \phi \hat w_t - \beta_t \|\phi\|_{\Lambda_t^{-1}},\; 0,\; H - t \big).

Rewards are regressed along with the values. Nature is nominal: this is what `r2pvi` becomes for lam = inf, but for the
penalty, which is smaller here. Jin, Yang and Wang (2021).

With one fold of the data for each step, what is regressed is independent of the data of its step, and no union over
value functions is needed; with the determinant that the data give,

.. math::

   \beta_t = \frac{B}{2} \sqrt{2 \ln(2 H / \delta) + \ln\det(\Lambda_t / \gamma)} + \sqrt{\gamma d}\, (B + 1),
   \qquad B = H - t - 1,

is small enough for a certificate that says something (the 2 is for the optimistic values, and the 1 for rewards that
are regressed).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.models import LinearMDP
from rltheory.offline import bounds
from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.pessimism import (
    checked_delta,
    chosen_beta,
    elliptical,
    pessimistic_iteration,
    proven_confidence,
)
from rltheory.offline.regression import Regression, checked_ridge, regress_steps
from rltheory.offline.robust_estimate import with_rewards
from rltheory.offline.solution import OfflineSolution
from rltheory.offline.tally import Data, Tally


def pevi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    beta: Any = "derived",
    ridge: float = 1.0,
    delta: float = 0.05,
    clip_low: bool = True,
    learn_rewards: bool = True,
) -> OfflineSolution:
    r"""Learn a policy from data, and take off what the elliptical norm of the features leaves in doubt.

    Parameters
    ----------
    data : Dataset, tuple of Dataset, or Tally
        Transitions; with ``data.folds()`` a smaller beta is enough.
    model_features : LinearKnowledge or LinearMDP
        Features and the horizon; the factors of a model are not read.
    beta : "derived", "paper" or array_like
        Multiplier of the penalty: `bounds.pevi_beta` with the largest value of the next step and the determinant of the
        Gram matrix, and for learned rewards (in [0, 1] and without noise) another sqrt(ridge d), what the ridge takes
        off them; `bounds.published_pevi_beta` with c = 1; or numbers that broadcast to (H,).
    ridge : float
        Constant of the regressions, above 0.
    delta : float
        Failure probability for which beta is meant.
    clip_low : bool
        Whether values are clipped at 0.
    learn_rewards : bool
        Whether rewards are regressed, as in the paper; otherwise they are taken as known.

    Returns
    -------
    OfflineSolution
        With a ``confidence`` of 1 - delta for the derived multiplier, if values are clipped. Features need not be
        distributions for that, but weights are to be those of a linear model: of norm sqrt(d) at most, times the
        largest value of the next step, and as large again for learned rewards.

    Raises
    ------
    ModelError
        If data and model do not fit, a step has no transition, rewards are to be known and are not, or an argument is
        out of range.

    References
    ----------
    Jin, Yang and Wang (2021).

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 2000, rng=1)
    >>> bool((offline.pevi(data, model, beta=0.1).suboptimality(model) < 0.1).all())
    True
    """
    known, reward = _knowledge(model_features, learn_rewards)
    ridge, delta = checked_ridge(ridge), checked_delta(delta)
    tally = Tally.of(data, known)
    regressions = regress_steps(tally, known.phi, ridge)
    multipliers = chosen_beta(
        beta,
        (known.H,),
        derived=lambda: _derived(known, delta, regressions, tally.independent, learn_rewards),
        paper=lambda: bounds.published_pevi_beta(known.d, known.H, max(tally.n_trajectories, 1.0), delta),
    )

    def estimate(t: int, regression: Regression, v: np.ndarray) -> np.ndarray:
        learned = regression.weights(tally.rewards[t]) if learn_rewards else 0.0
        return learned + regression.factors @ v

    return pessimistic_iteration(
        regressions,
        known,
        estimate,
        elliptical(multipliers, regressions),
        method="PEVI",
        reward=reward,
        clip_low=clip_low,
        confidence=proven_confidence(beta, delta, clip_low),
    )


def lsvi(
    data: Data,
    model_features: LinearKnowledge | LinearMDP,
    *,
    ridge: float = 1.0,
    clip_low: bool = True,
    learn_rewards: bool = True,
) -> OfflineSolution:
    """Learn a policy from data by least squares, and trust it: `pevi` without a penalty.

    Parameters
    ----------
    data, model_features, ridge, clip_low, learn_rewards
        As for `pevi`.

    Returns
    -------
    OfflineSolution
        With penalties of 0; its value is an estimate and proves nothing.

    Raises
    ------
    ModelError
        As for `pevi`.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline
    >>> model = mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0)
    >>> data = rl.collect(model, None, 2000, rng=1)
    >>> bool((offline.lsvi(data, model).suboptimality(model) < 0.1).all())
    True
    """
    trusting = pevi(data, model_features, beta=0.0, ridge=ridge, clip_low=clip_low, learn_rewards=learn_rewards)
    return replace(trusting, method="LSVI")


def _knowledge(
    model_features: LinearKnowledge | LinearMDP, learn_rewards: bool
) -> tuple[LinearKnowledge, np.ndarray | None]:
    """Return what is known of the model, and the rewards that are used: none if they are learned."""
    if not learn_rewards:
        known = with_rewards(model_features)
        return known, known.reward
    return LinearKnowledge.of(model_features), None


def _derived(
    known: LinearKnowledge, delta: float, regressions: Sequence[Regression], independent: bool, learn_rewards: bool
) -> np.ndarray:
    """Return the multiplier of each step; rewards widen what the ridge pulls, not what is random."""
    functions = math.log(2) if independent else None  # of the pessimistic value and of the optimistic

    def one(largest: float, regression: Regression) -> float:
        multiplier = bounds.pevi_beta(
            known.d,
            known.n_states,
            known.H,
            delta,
            largest=largest,
            ridge=regression.ridge,
            log_functions=functions,
            log_determinant=regression.log_determinant(),
        )
        return multiplier + math.sqrt(regression.ridge * known.d) * learn_rewards

    return np.array([one(*step) for step in zip(known.value_range[1:], regressions, strict=True)])
