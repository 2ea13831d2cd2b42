r"""UCRL-RFE: explore a linear mixture without rewards, by rewarding oneself for what is uncertain.

The pseudo-reward of a pair is the largest uncertainty that the mean of any value of later steps can have there,

.. math::

   r^k_t(s, a) = \min\Big\{1, \frac{2\beta}{H} \max_{f : S \to [0, H - 1 - t]} \|\phi_f(s, a)\|_{\Sigma_k^{-1}}\Big\} ,

and episode k is played greedily for it, with optimism. What is regressed is the value f that attains the maximum at
the pair visited: :math:`x = \phi_f(s_t, a_t)`, :math:`y = f(s_{t+1})`. For a reward r that is told later the plan is
greedy for

.. math:: Q_t = [r_t + \langle\phi_{V_{t+1}}, \theta\rangle + \beta \|\phi_{V_{t+1}}\|_{\Sigma^{-1}}]_{[0, H - t]} .

Where the truth is in the set, the plan loses at most
:math:`E_\pi \sum_t \min\{H, 2\beta\|\phi_{V_{t+1}}\|_{\Sigma^{-1}}\} \le H\, V^\pi(r^{K+1}) \le H\, V^{K+1}`, of which
the last is known: it is the certificate.

Source: Zhang, Zhou and Gu (2021), algorithm 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_episodes, checked_norm_bound
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import BETWEEN_INVERSIONS, check_one_mixture, reward_free_ridge
from rltheory.exploration._reward_free_episodes import explore, plan_within
from rltheory.exploration.bounds.reward_free import rfe_radius
from rltheory.exploration.bounds.vtr import vtr_radius
from rltheory.exploration.largest_width import Search, vertices
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.exploration.reward_free import RewardFreeRun, learned
from rltheory.models import LinearMixtureMDP


def ucrl_rfe(
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
    r"""Explore a linear mixture for rewards in [0, 1] that are told later.

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
        `Data`, the default, for `bounds.vtr_radius` with targets in [0, H - 1] and the determinant of the data;
        `Theory` for `bounds.rfe_radius`; ``Scaled(c)`` for :math:`\frac c2 H \sqrt d`.
    ridge : float, optional
        :math:`\lambda`, by default :math:`B^{-2}`, which it must be with `Theory`.
    norm_bound : float, optional
        B, which the norm of the mixture does not exceed; by default that norm, which the learner is then told.
    search : callable
        How the largest uncertainty is found, `largest_width.vertices` by default. With `signs` its upper end is the
        pseudo-reward, and with `ascent` as well, so that the certificate holds with any.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    RewardFreeRun
        ``run.plan(r)`` is a policy for any reward in [0, 1], and ``run.bound`` what it can lose; a bound above H says
        nothing.

    Raises
    ------
    ModelError
        If an argument is out of range, there is no step, or the mixture changes with the step.

    References
    ----------
    Zhang, Zhou and Gu (2021), algorithm 1 and theorem 4.1.

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> model = random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=0)
    >>> run = ucrl_rfe(model, 2000, rng=1)
    >>> bool(run.covered.all()), run.bound < 1
    (True, True)
    >>> run.plan([[0, 0], [1, 0], [0, 1]]).policy.shape
    (3, 3)
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "UCRL-RFE")
    world, B = MixtureWorld.of(model), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    radius, rng = Data() if radius is None else radius, np.random.default_rng(rng)
    ridge = reward_free_ridge(ridge, radius, B)

    def width(log_det: float) -> float:
        if isinstance(radius, Scaled):
            return radius.c * H * math.sqrt(d) / 2
        if isinstance(radius, Data):
            return vtr_radius(log_det, delta, vmax=H - 1, ridge=ridge, norm_bound=B)
        return rfe_radius(d, H, K, delta, norm_bound=B)

    heights = np.arange(H - 1, -1, -1.0)  # the largest value after each step
    gram, inverse, moment, log_det = ridge * np.eye(d), np.linalg.inv(ridge * np.eye(d)), np.zeros(d), 0.0
    trajectory = np.zeros(H + 1, dtype=np.int64)
    curves = np.empty((K + 1, 3))
    for k in range(K + 1):
        if k % BETWEEN_INVERSIONS == 0:
            inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1] - d * math.log(ridge)
        theta, beta, found = inverse @ moment, width(log_det), search(model.phi, inverse)
        pseudo = np.minimum(1.0, 2 * beta / H * heights[:, None, None] * found.upper)
        value, policy = plan_within(world.by_next, pseudo, theta, inverse, beta, heights + 1)
        error = theta - model.theta
        curves[k] = H * (model.mu @ value[0]), beta, math.sqrt(error @ gram @ error)
        if k < K:
            log_det += explore(
                model.phi, world.cumulative, world.cumulative_mu, policy, found.states, heights,
                rng.random(H + 1), gram, inverse, moment, trajectory,
            )  # fmt: skip
    return learned(
        model,
        "UCRL-RFE",
        curves,
        theta=theta,
        inverse=inverse,
        beta=beta,
        largest=1.0,
        vmax=H,
        bound=float(curves[-1, 0]),
    )
