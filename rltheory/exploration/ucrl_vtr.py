r"""UCRL-VTR: learn the mixture by regressing the values of next states, and plan as if luck were on one's side.

A transition from (s, a) at step t tells of the mixture through the value function with which the step was planned:
:math:`V_{t+1}(s')` has the mean :math:`\langle \phi_{V_{t+1}}(s, a), \theta\rangle`. Ridge regression of these targets,

.. math::

   \Sigma_k = \lambda I + \sum x x^\top, \qquad \theta_k = \Sigma_k^{-1} \sum x y, \qquad
   x = \phi_{V_{t+1}}(s_t, a_t), \quad y = V_{t+1}(s_{t+1}),

gives a set of radius :math:`\beta_k` that the mixture does not leave, and episode k is played greedily for

.. math::

   Q_t = \Big[ r_t + \langle \phi_{V_{t+1}}, \theta_k \rangle
   + \beta_k \|\phi_{V_{t+1}}\|_{\Sigma_k^{-1}} \Big]_{[0, v]}, \qquad V_t = \max_a Q_t, \quad V_H = 0,

where v is the most that an episode pays. The regression is frozen during the episode. A mixture that changes with the
step takes a regression for each step.

Source: Ayoub, Jia, Szepesvari, Wang and Yang (2020).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration._checked import (
    checked_delta,
    checked_episodes,
    checked_mixture_vmax,
    checked_norm_bound,
    checked_positive,
)
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import batches
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.bounds.concentration import largest_log_det
from rltheory.exploration.bounds.vtr import vtr_radius
from rltheory.exploration.learning_run import LearningRun, empty_record, from_curves
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.models import LinearMixtureMDP, ModelError


def ucrl_vtr(
    model: LinearMixtureMDP,
    episodes: int,
    *,
    vmax: float | None = None,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    per_step: bool | None = None,
    record: bool = False,
    rng: Any = None,
) -> LearningRun:
    r"""Learn a linear mixture by value-targeted regression.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, of which the learner reads features and rewards, and draws transitions; rewards at least 0.
    episodes : int
        Number of episodes, at least 0.
    vmax : float, optional
        The most that rewards of an episode add up to; by default the sum of the largest rewards of each step.
    delta : float
        Probability with which the mixture may leave the confidence set at some time.
    radius : Radius, optional
        `Data`, the default, for `bounds.vtr_radius` with the determinant of the data; `Theory` for the same with the
        largest that the determinant can be; ``Scaled(c)`` for :math:`\frac{c}{2} v \sqrt d`.
    ridge : float, optional
        :math:`\lambda`, by default :math:`v^2 / B^2`.
    norm_bound : float, optional
        B, which the norm of the mixture does not exceed; by default that norm, which the learner is then told.
    per_step : bool, optional
        Whether to run a regression for each step; by default if the mixture changes with the step, where it must.
    record : bool
        Whether to keep the policy of every episode.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        With the optimistic value, the radius, the error :math:`\|\theta_k - \theta\|_{\Sigma_k}` and the
        log-determinant before each episode: those of the step at which the error is nearest its radius or furthest
        beyond it, and the determinant of all steps together.

    Raises
    ------
    ModelError
        If an argument is out of range, a reward is negative, there is no step, or one regression is asked for where the
        mixture changes.

    References
    ----------
    Ayoub, Jia, Szepesvari, Wang and Yang (2020).

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> run = ucrl_vtr(random_mixture(4, 2, d=2, H=4, concentration=0.3, rng=0), 2000, rng=1)
    >>> bool(run.covered.all()), bool(run.optimistic.all())
    (True, True)
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    world = MixtureWorld.of(model)
    vmax, B = checked_mixture_vmax(model, vmax), checked_norm_bound(model, norm_bound)
    changes = model.theta.ndim == 2
    if per_step is False and changes:
        raise ModelError("per_step is False; the mixture changes with the step and needs a regression for each")
    n = model.H if (changes if per_step is None else per_step) else 1
    ridge = checked_positive("ridge", (vmax / B) ** 2 if ridge is None else ridge)
    rng, radius = np.random.default_rng(rng), Data() if radius is None else radius
    logarithm, bias = 2 * math.log(n / delta), math.sqrt(ridge) * B  # below the root, and what the ridge may take off
    gram = np.tile(ridge * np.eye(model.d), (n, 1, 1))
    inverse, moment, log_det = np.linalg.inv(gram), np.zeros((n, model.d)), np.zeros(n)
    truth = np.ascontiguousarray(np.broadcast_to(model.theta, (n, model.d)))
    value, policy = np.zeros((model.H + 1, model.n_states)), np.zeros((model.H, model.n_states), dtype=np.int64)
    policies = empty_record(record, K, policy)
    curves = np.empty((K, 5))  # rows, so that every batch has the same layout and compiles once
    for some in batches(K):
        known = _known_radii(
            radius, some * (model.H / n), model.d, delta, vmax=vmax, ridge=ridge, norm_bound=B, regressions=n
        )
        _play(
            world.by_next, world.P, world.cumulative, world.r, world.mu, world.cumulative_mu,
            truth, gram, inverse, moment, log_det,
            known, isinstance(radius, Data), vmax, logarithm, bias,
            rng.random((some.size, model.H + 1)), value, policy, policies[some[0] : some[-1] + 1],
            curves[some[0] : some[-1] + 1],
        )  # fmt: skip
        inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1] - model.d * math.log(ridge)
    return from_curves("UCRL-VTR", world.optimum, curves, policy, policies=policies if record else None)


def _known_radii(
    radius: Radius, n_features: np.ndarray, d: int, delta: float, *, vmax: float, **sizes: Any
) -> np.ndarray:
    """Return the radius after so many features a regression, as far as it is known before there are any data."""
    if isinstance(radius, Data):
        return np.zeros(n_features.size)
    if isinstance(radius, Scaled):
        return np.full(n_features.size, radius.c * vmax * math.sqrt(d) / 2)
    log_dets = (largest_log_det(d, n, ridge=sizes["ridge"], largest=vmax) for n in n_features.tolist())
    return np.array([vtr_radius(log_det, delta, vmax=vmax, **sizes) for log_det in log_dets])


@njit(cache=True)
def _play(  # type: ignore[no-untyped-def]
    by_next, P, cumulative, r, mu, cumulative_mu, truth, gram, inverse, moment, log_det, known, from_data, vmax,
    logarithm, bias, uniforms, value, policy, policies, curves,
):  # fmt: skip
    """Play episodes: plan, evaluate exactly, act, and only then let the regressions learn from the next states."""
    H, n, d = policy.shape[0], truth.shape[0], truth.shape[1]
    theta, beta, error = np.empty((n, d)), np.empty(n), np.empty(n)
    exact, work, features = np.zeros_like(value), np.empty(d), np.empty((H, P.shape[1], P.shape[2], d))
    for k in range(uniforms.shape[0]):
        for i in range(n):
            kernels.times(inverse[i], moment[i], theta[i])
            beta[i] = vmax / 2 * np.sqrt(log_det[i] + logarithm) + bias if from_data else known[k]
            error[i] = np.sqrt(kernels.squared_norm(gram[i], theta[i] - truth[i]))
        kernels.optimistic_plan(by_next, r, theta, inverse, beta, vmax, value, policy, features)
        kernels.evaluate(P, r, policy, exact)
        furthest = np.argmax(error - beta)
        curves[k, 0], curves[k, 1] = kernels.dot(mu, exact[0]), kernels.dot(mu, value[0])
        curves[k, 2], curves[k, 3], curves[k, 4] = beta[furthest], error[furthest], log_det.sum()
        if len(policies):
            policies[k] = policy
        s = draw(cumulative_mu, uniforms[k, H])
        for t in range(H):
            a, i = policy[t, s], t % n
            successor = draw(cumulative[t % P.shape[0], s, a], uniforms[k, t])
            x, y = features[t, s, a], value[t + 1, successor]
            log_det[i] += kernels.add_observation(inverse[i], moment[i], x, y, 1.0, work)
            kernels.add_outer(gram[i], x, 1.0)
            s = successor
