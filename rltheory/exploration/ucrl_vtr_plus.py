r"""UCRL-VTR+: value-targeted regression in which an observation counts with the inverse of its estimated variance.

Two ridge regressions run side by side, for values in units in which an episode pays at most 1. That of values, with
:math:`x = \phi_{V_{t+1}}(s_t, a_t)`, :math:`y = V_{t+1}(s_{t+1})` and weights :math:`1/\nu`, gives
:math:`(\hat\theta, \hat\Sigma)` with which episodes are planned as in `ucrl_vtr`; that of their squares, unweighted,
gives :math:`(\tilde\theta, \tilde\Sigma)`, and the two give the variance and how far off it may be,

.. math::

   \nu = \max\Big\{ \frac1d,\ [\langle \phi_{V^2}, \tilde\theta \rangle]_{[0,1]}
   - [\langle \phi_V, \hat\theta \rangle]_{[0,1]}^2
   + \min\{1, \tilde\beta \|\phi_{V^2}\|_{\tilde\Sigma^{-1}}\}
   + \min\{1, 2 \check\beta \|\phi_V\|_{\hat\Sigma^{-1}}\} \Big\} ,

all frozen while an episode lasts. The radius :math:`\hat\beta` of a regression whose noise has variance 1 then grows as
:math:`\sqrt d`, whatever the values are.

Source: Zhou, Gu and Szepesvari (2021), algorithm 1, with one mixture for all steps as in Zhang, Zhou and Gu (2021).
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
from rltheory.exploration._one_mixture import batches, check_one_mixture, known_radius
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.bounds.vtr_plus import vtr_plus_radii
from rltheory.exploration.learning_run import LearningRun, from_curves
from rltheory.exploration.radius import Radius, Scaled
from rltheory.models import LinearMixtureMDP


def ucrl_vtr_plus(
    model: LinearMixtureMDP,
    episodes: int,
    *,
    vmax: float | None = None,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    rng: Any = None,
) -> LearningRun:
    r"""Learn a linear mixture by regressions that are weighted by variances.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, with one mixture for all steps and rewards of at least 0; the learner reads features and rewards, and
        draws transitions.
    episodes : int
        Number of episodes, at least 0.
    vmax : float, optional
        The most that rewards of an episode add up to, in reward units; by default the sum of the largest rewards of
        each step.
    delta : float
        Probability with which the mixture may leave any of the three confidence sets at some time.
    radius : Radius, optional
        `Theory`, the default, for `bounds.vtr_plus_radii`, with which little is learned before millions of episodes;
        ``Scaled(c)`` for :math:`c \sqrt d` in place of all three, with which there is no guarantee.
    ridge : float, optional
        :math:`\lambda`, by default :math:`1 / B^2`.
    norm_bound : float, optional
        B, which the norm of the mixture does not exceed; by default that norm, which the learner is then told.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        With the optimistic value, the radius :math:`\hat\beta`, the error
        :math:`\|\hat\theta_k - \theta\|_{\hat\Sigma_k}` and the log-determinant before each episode. Values are in
        reward units, radii and errors have none.

    Raises
    ------
    ModelError
        If an argument is out of range, a reward is negative, there is no step, or the mixture changes with the step.

    References
    ----------
    Zhou, Gu and Szepesvari (2021), algorithm 1; Zhang, Zhou and Gu (2021).

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> from rltheory.exploration import Scaled
    >>> model = random_mixture(4, 2, d=2, H=4, concentration=0.3, rng=0)
    >>> run = ucrl_vtr_plus(model, 2000, radius=Scaled(0.6), rng=1)
    >>> bool(run.regret[-100:].max() < 0.01)
    True
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "UCRL-VTR+")
    radius, world = known_radius(radius, "UCRL-VTR+"), MixtureWorld.of(model)
    vmax, B = checked_mixture_vmax(model, vmax), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    ridge = checked_positive("ridge", 1 / B**2 if ridge is None else ridge)
    rng = np.random.default_rng(rng)

    def widths(k: int) -> tuple[float, float, float]:
        if isinstance(radius, Scaled):
            return (radius.c * math.sqrt(d),) * 3
        radii = vtr_plus_radii(d, max(k * H, 1), delta, ridge=ridge, norm_bound=B)
        return radii.weighted, radii.coarse, radii.squares

    gram, moment = np.tile(ridge * np.eye(d), (2, 1, 1)), np.zeros((2, d))
    inverse, log_det = np.linalg.inv(gram), 0.0
    value, policy = np.zeros((H + 1, model.n_states)), np.zeros((H, model.n_states), dtype=np.int64)
    curves = np.empty((K, 5))  # rows, so that every batch has the same layout and compiles once
    for some in batches(K):
        betas = np.array([widths(k) for k in some.tolist()])
        curves[some, 2] = betas[:, 0]
        _play(
            model.phi, world.by_next, world.P, world.cumulative, world.r / vmax, world.mu, world.cumulative_mu,
            model.theta, gram, inverse, moment, log_det, betas,
            rng.random((some.size, H + 1)), value, policy, curves[some[0] : some[-1] + 1],
        )  # fmt: skip
        inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram[0])[1] - d * math.log(ridge)
    return from_curves("UCRL-VTR+", world.optimum, curves, policy, unit=vmax)


@njit(cache=True)
def inverse_variance(x, x_squares, theta, frozen, betas):  # type: ignore[no-untyped-def]
    r"""Return :math:`1 / \nu` of a pair with the features of a value and of its square."""
    mean = min(max(kernels.dot(x, theta[0]), 0.0), 1.0)
    square = min(max(kernels.dot(x_squares, theta[1]), 0.0), 1.0)
    off = min(1.0, betas[2] * np.sqrt(kernels.squared_norm(frozen[1], x_squares)))
    off += min(1.0, 2.0 * betas[1] * np.sqrt(kernels.squared_norm(frozen[0], x)))
    return 1.0 / max(1.0 / x.size, square - mean * mean + off)


@njit(cache=True)
def _play(  # type: ignore[no-untyped-def]
    phi, by_next, P, cumulative, r, mu, cumulative_mu, truth, gram, inverse, moment, log_det, betas, uniforms, value,
    policy, curves,
):  # fmt: skip
    """Play episodes: freeze both regressions, plan with that of values, evaluate exactly, act, and learn."""
    H, d, n_states = policy.shape[0], truth.size, P.shape[1]
    theta, x_squares, work = np.empty((2, d)), np.empty(d), np.empty(d)
    exact, features = np.zeros_like(value), np.empty((H, n_states, P.shape[2], d))
    for k in range(uniforms.shape[0]):
        frozen = inverse.copy()
        for i in range(2):
            kernels.times(frozen[i], moment[i], theta[i])
        kernels.optimistic_plan(by_next, r, theta[:1], frozen[:1], betas[k, :1], 1.0, value, policy, features)
        kernels.evaluate(P, r, policy, exact)
        curves[k, 0], curves[k, 1] = kernels.dot(mu, exact[0]), kernels.dot(mu, value[0])
        curves[k, 3] = np.sqrt(kernels.squared_norm(gram[0], theta[0] - truth))
        curves[k, 4] = log_det
        s = draw(cumulative_mu, uniforms[k, H])
        for t in range(H):
            a = policy[t, s]
            successor = draw(cumulative[0, s, a], uniforms[k, t])
            x, y = features[t, s, a], value[t + 1, successor]
            kernels.value_features(phi[s, a], value[t + 1] * value[t + 1], x_squares)
            weight = inverse_variance(x, x_squares, theta, frozen, betas[k])
            log_det += kernels.add_observation(inverse[0], moment[0], x, y, weight, work)
            kernels.add_observation(inverse[1], moment[1], x_squares, y * y, 1.0, work)
            kernels.add_outer(gram[0], x, weight)
            kernels.add_outer(gram[1], x_squares, 1.0)
            s = successor
