r"""HF-UCRL-VTR+: value-targeted regression weighted by variances of all orders, at a price that knows no horizon.

As in `ucrl_vtr`, values of next states are regressed on value features, and episodes are played greedily for

.. math::

   Q_t = \Big[ r_t + \langle \phi_{V_{t+1}}, \theta_{k,0} \rangle
   + \beta_k \|\phi_{V_{t+1}}\|_{\dot\Sigma_{k,0}^{-1}} \Big]_{[0, 1]}, \qquad V_t = \max_a Q_t ,

in units in which an episode pays at most 1. Each observation counts with the inverse of a variance, which is what the
moment estimator of `home` is for: M ridge regressions, of the powers :math:`V^{2^m}`, updated after every step and
frozen for planning. The regret is of the order of :math:`d \sqrt K + d^2`, times logarithms: a problem whose rewards
add up to 1 costs no more if it is spread over more steps.

Source: Zhou and Gu (2022), algorithm 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration import home
from rltheory.exploration._checked import (
    checked_delta,
    checked_episodes,
    checked_mixture_vmax,
    checked_norm_bound,
    checked_positive,
    checked_whole,
)
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import batches, check_one_mixture, known_radius
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.bounds.vtr_plus import moment_levels, moment_radius
from rltheory.exploration.learning_run import LearningRun, from_curves
from rltheory.exploration.radius import Radius, Scaled
from rltheory.models import LinearMixtureMDP


def hf_ucrl_vtr_plus(
    model: LinearMixtureMDP,
    episodes: int,
    *,
    vmax: float | None = None,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    alpha: float | None = None,
    gamma: float | None = None,
    levels: int | None = None,
    rng: Any = None,
) -> LearningRun:
    r"""Learn a linear mixture by regressions that are weighted by variances of all orders.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, with one mixture for all steps and rewards of at least 0; the learner reads features and rewards, and
        draws transitions.
    episodes : int
        Number of episodes K, at least 0.
    vmax : float, optional
        The most that rewards of an episode add up to, in reward units; by default the sum of the largest rewards of
        each step.
    delta : float
        Probability with which the mixture may leave a confidence set, of any level and at any time.
    radius : Radius, optional
        `Theory`, the default, for `bounds.moment_radius`, with which little is learned before millions of episodes;
        ``Scaled(c)`` for :math:`c \sqrt d`, with which there is no guarantee.
    ridge : float, optional
        :math:`\lambda`, by default :math:`d / B^2`.
    norm_bound : float, optional
        B, which the norm of the mixture does not exceed; by default that norm, which the learner is then told.
    alpha, gamma : float, optional
        Least standard deviation and weight of what is unknown, by default :math:`H^{-1/2}` and :math:`d^{-1/4}`.
    levels : int, optional
        Number M of moments, by default `bounds.moment_levels`.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        With the optimistic value, the radius, the error :math:`\max_m \|\theta_{k,m} - \theta\|_{\dot\Sigma_{k,m}}`,
        as ``plan_error`` that of level 0, and the log-determinant of level 0, before each episode. Values are in reward
        units, radii and errors have none.

    Raises
    ------
    ModelError
        If an argument is out of range, a reward is negative, there is no step, or the mixture changes with the step.

    Notes
    -----
    Before there are data all errors are :math:`\sqrt\lambda \|\theta\|`, which is :math:`\sqrt d` for the default ridge
    if B is the norm; and levels of high powers, which vanish where a value is not nearly 1, hardly get any. So with
    ``Scaled(c)`` for c below 1 the truth is outside of *some* level's set for long; optimism asks only for
    ``plan_covered``.

    References
    ----------
    Zhou and Gu (2022), algorithms 1 and 2 and theorem 5.1.

    Examples
    --------
    >>> from mdps.mixtures import lazy_chain
    >>> from rltheory.exploration import Scaled
    >>> for H in (16, 64):
    ...     run = hf_ucrl_vtr_plus(lazy_chain(4, H, rng=0), 500, radius=Scaled(0.6), rng=0)
    ...     print(H, run.regret.sum() < 15)
    16 True
    64 True
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "HF-UCRL-VTR+")
    radius, world = known_radius(radius, "HF-UCRL-VTR+"), MixtureWorld.of(model)
    vmax, B = checked_mixture_vmax(model, vmax), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    ridge = checked_positive("ridge", d / B**2 if ridge is None else ridge)
    alpha = checked_positive("alpha", H**-0.5 if alpha is None else alpha)
    gamma = checked_positive("gamma", d**-0.25 if gamma is None else gamma)
    M = checked_whole("levels", moment_levels(K, H) if levels is None else levels, 1)
    rng = np.random.default_rng(rng)

    def width(k: int) -> float:
        if isinstance(radius, Scaled):
            return radius.c * math.sqrt(d)
        sizes = {"levels": M, "alpha": alpha, "gamma": gamma, "ridge": ridge, "norm_bound": B}
        return moment_radius(d, max(k * H, 1), delta, **sizes)  # type: ignore[arg-type]

    gram, moment = np.tile(ridge * np.eye(d), (M, 1, 1)), np.zeros((M, d))
    inverse, log_det = np.linalg.inv(gram), 0.0
    value, policy = np.zeros((H + 1, model.n_states)), np.zeros((H, model.n_states), dtype=np.int64)
    curves = np.empty((K, 6))  # rows, so that every batch has the same layout and compiles once
    for some in batches(K):
        curves[some, 2] = [width(k) for k in some.tolist()]
        _play(
            model.phi, world.by_next, world.P, world.cumulative, world.r / vmax, world.mu, world.cumulative_mu,
            model.theta, gram, inverse, moment, log_det, alpha, gamma,
            rng.random((some.size, H + 1)), value, policy, curves[some[0] : some[-1] + 1],
        )  # fmt: skip
        inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram[0])[1] - d * math.log(ridge)
    return from_curves("HF-UCRL-VTR+", world.optimum, curves, policy, unit=vmax)


@njit(cache=True)
def _play(  # type: ignore[no-untyped-def]
    phi, by_next, P, cumulative, r, mu, cumulative_mu, truth, gram, inverse, moment, log_det, alpha, gamma, uniforms,
    value, policy, curves,
):  # fmt: skip
    """Play episodes: freeze the regressions, plan with the first, evaluate exactly, act, and learn at every level."""
    H, M, d, n_states = policy.shape[0], gram.shape[0], truth.size, P.shape[1]
    theta, x, y, variance = np.empty((M, d)), np.empty((M, d)), np.empty(M), np.empty(M)
    exact, work, power = np.zeros_like(value), np.empty(d), np.empty(n_states)
    features = np.empty((H, n_states, P.shape[2], d))
    for k in range(uniforms.shape[0]):
        beta, furthest = curves[k, 2], 0.0
        frozen = inverse.copy()
        for m in range(M):
            kernels.times(frozen[m], moment[m], theta[m])
            furthest = max(furthest, kernels.squared_norm(gram[m], theta[m] - truth))
        curves[k, 5] = np.sqrt(kernels.squared_norm(gram[0], theta[0] - truth))
        width = np.array([beta])
        kernels.optimistic_plan(by_next, r, theta[:1], frozen[:1], width, 1.0, value, policy, features)
        kernels.evaluate(P, r, policy, exact)
        curves[k, 0], curves[k, 1] = kernels.dot(mu, exact[0]), kernels.dot(mu, value[0])
        curves[k, 3], curves[k, 4] = np.sqrt(furthest), log_det
        s = draw(cumulative_mu, uniforms[k, H])
        for t in range(H):
            a = policy[t, s]
            successor = draw(cumulative[0, s, a], uniforms[k, t])
            levels = home.moment_features(phi[s, a], value[t + 1], successor, x, y, power)
            home.moment_variances(x, theta, frozen, inverse, beta, alpha, gamma, levels, variance)
            log_det += home.add_moments(x, y, variance, levels, gram, inverse, moment, work)
            s = successor
