r"""Explore without rewards at a price that knows no horizon, with a certificate that can be computed.

For rewards that add up to at most 1, values are in [0, 1] and the mean of none after the pair (s, a) is off by more
than

.. math::

   u_k(s, a) = \min\{1, \beta_k \max_{f : S \to [0, 1]} \|\phi_f(s, a)\|_{\Sigma_k^{-1}}\} .

Episode k is played greedily for this uncertainty, with optimism: :math:`\hat V_{H-1} = 0`, as nothing comes after the
last step, and

.. math::

   \hat V_t = \min\Big\{1, \max_a\ u_k
   + \langle\phi_{\hat V_{t+1}}, \theta_k\rangle + \beta_k \|\phi_{\hat V_{t+1}}\|_{\Sigma_k^{-1}}\Big\} .

What is regressed is the indicator f of the worst set of next states. Its variance is p (1 - p) for
:math:`p = \langle\phi_f, \theta\rangle`, which is off by no more than p is, so that observations are weighted by

.. math::

   \sigma^{-2}, \qquad \sigma^2 = \max\big\{\gamma^2 \|x\|_{\Sigma^{-1}},\
   \min\{\tfrac14, \hat p (1 - \hat p) + \beta_k \|x\|_{\Sigma_k^{-1}}\},\ \alpha^2 \big\}, \qquad x = \phi_f(s, a) .

Whatever the reward, the value of every policy differs between the centre :math:`\theta_k` and the truth by at most
:math:`\hat V_0`, where the truth is in the set: a step's error is truncated at 1 *after* the expectation. Hence the
policy that is optimal at the centre loses at most :math:`2 \min_k \hat V_{k, 0}`, planned with the data of the episode
that attains the minimum; :math:`\hat V_k` need not decrease.

This is the algorithm HF-UCRL-RFE++ with its joint maximisation over policies, mixtures and rewards replaced by one that
is no smaller and is plain dynamic programming. The order :math:`d^2 \epsilon^{-2}` is proven for the joint one, the
certificate for this.

Sources: Zhang, Zhang and Gu (2023); the relaxation and its certificate are derived here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_episodes, checked_norm_bound, checked_positive
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import BETWEEN_INVERSIONS, check_one_mixture
from rltheory.exploration._reward_free_episodes import explore, explore_weighted, plan_within
from rltheory.exploration.bounds.reward_free import two_models_suboptimality
from rltheory.exploration.bounds.vtr import vtr_radius
from rltheory.exploration.bounds.vtr_plus import moment_radius
from rltheory.exploration.largest_width import Search, vertices
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.exploration.reward_free import RewardFreeRun, learned
from rltheory.models import LinearMixtureMDP


def hf_ucrl_rfe(
    model: LinearMixtureMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    search: Search = vertices,
    rng: Any = None,
) -> RewardFreeRun:
    r"""Explore a linear mixture for rewards, told later, that add up to at most 1.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, with one mixture for all steps, of which the learner reads features and draws transitions; rewards
        are not looked at.
    episodes : int
        Number of episodes K, at least 0.
    delta : float
        Probability with which the mixture may leave the confidence set at some time.
    radius : Radius, optional
        `Data`, the default, for a regression without weights, with `bounds.vtr_radius`. `Theory` for weights and
        `bounds.moment_radius` with one level, with which nothing is learned on a laptop. ``Scaled(c)`` for weights and
        :math:`c \sqrt d`, which is quickest and whose certificate rests on ``run.covered``.
    ridge : float, optional
        :math:`\lambda`, by default :math:`B^{-2}` without weights and :math:`d / B^2` with them.
    norm_bound : float, optional
        B, which the norm of the mixture does not exceed; by default that norm, which the learner is then told.
    search : callable
        How the largest uncertainty is found; its upper end counts, so that the certificate holds with any.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    RewardFreeRun
        ``run.plan(r)`` is a policy for any admissible reward, and ``run.bound`` what it can lose, which says nothing
        from 1 on.

    Raises
    ------
    ModelError
        If an argument is out of range, there is no step, or the mixture changes with the step.

    References
    ----------
    Zhang, Zhang and Gu (2023).

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> model = random_mixture(3, 2, d=2, H=8, concentration=0.3, rng=0)
    >>> run = hf_ucrl_rfe(model, 2000, rng=1)
    >>> bool(run.covered.all()), run.bound < 1
    (True, True)
    >>> reward = model.r  # told only now
    >>> bool(0 <= run.plan(reward).value[0, 0] <= 1)
    True
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "HF-UCRL-RFE")
    world, B = MixtureWorld.of(model), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    radius, rng = Data() if radius is None else radius, np.random.default_rng(rng)
    weighted = not isinstance(radius, Data)
    ridge = checked_positive("ridge", (d if weighted else 1) / B**2 if ridge is None else ridge)
    alpha, gamma = H**-0.5, d**-0.25

    def width(k: int, log_det: float) -> float:
        if isinstance(radius, Scaled):
            return radius.c * math.sqrt(d)
        if not weighted:
            return vtr_radius(log_det, delta, vmax=1.0, ridge=ridge, norm_bound=B)
        return moment_radius(d, max(k * H, 1), delta, levels=1, alpha=alpha, gamma=gamma, ridge=ridge, norm_bound=B)

    heights, limits = np.append(np.ones(H - 1), 0.0), np.ones(H)
    gram, inverse, moment, log_det = ridge * np.eye(d), np.linalg.inv(ridge * np.eye(d)), np.zeros(d), 0.0
    trajectory = np.zeros(H + 1, dtype=np.int64)
    curves, best, least = np.empty((K + 1, 3)), (np.zeros(d), inverse), math.inf
    for k in range(K + 1):
        if k % BETWEEN_INVERSIONS == 0:
            inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1] - d * math.log(ridge)
        frozen, theta = inverse.copy(), inverse @ moment
        beta, found = width(k, log_det), search(model.phi, frozen)
        uncertainty = heights[:, None, None] * np.minimum(1.0, beta * found.upper)
        value, policy = plan_within(world.by_next, uncertainty, theta, frozen, beta, limits)
        error, bound = theta - model.theta, two_models_suboptimality(float(model.mu @ value[0]))
        curves[k] = bound, beta, math.sqrt(error @ gram @ error)
        if bound <= least:  # the latest of equals, which has the most data
            least, best = bound, (theta, frozen)
        if k == K:
            break
        uniforms, common = rng.random(H + 1), (model.phi, world.cumulative, world.cumulative_mu, policy, found.states)
        if weighted:
            log_det += explore_weighted(*common, theta, frozen, beta, alpha, gamma, uniforms, gram, inverse, moment)
        else:
            log_det += explore(*common, heights, uniforms, gram, inverse, moment, trajectory)
    return learned(
        model, "HF-UCRL-RFE", curves, theta=best[0], inverse=best[1], beta=0.0, largest=math.inf, vmax=1.0, bound=least
    )
