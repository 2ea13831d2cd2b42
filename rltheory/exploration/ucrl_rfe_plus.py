r"""UCRL-RFE+: reward oneself for what is uncertain, as `ucrl_rfe`, and find the way there with weights.

Two tasks are told apart. What is uncertain, and the plan for the reward that comes later, rest on the same regression
of the worst values as in `ucrl_rfe`. The policy that goes there is planned with the regressions of `ucrl_vtr_plus`,
which weight the values :math:`V^k` of the pseudo-reward by their variance, and whose radius does not grow with H. On
the event that both cover the truth a plan loses at most :math:`H\, V^{K+1}`, of the optimistic value that the weighted
regression promises, and as much with that of `ucrl_rfe`.

Source: Zhang, Zhou and Gu (2021), algorithm 3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_episodes, checked_norm_bound
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import BETWEEN_INVERSIONS, check_one_mixture, reward_free_ridge
from rltheory.exploration._reward_free_episodes import explore, learn_values, plan_within
from rltheory.exploration.bounds.reward_free import rfe_plus_radius
from rltheory.exploration.bounds.vtr import vtr_radius
from rltheory.exploration.bounds.vtr_plus import vtr_plus_radii
from rltheory.exploration.largest_width import Search, vertices
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.exploration.reward_free import RewardFreeRun, learned
from rltheory.models import LinearMixtureMDP


def ucrl_rfe_plus(
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
    r"""Explore a linear mixture for rewards in [0, 1] that are told later, by plans that are weighted by variances.

    Parameters
    ----------
    model, episodes, delta, ridge, norm_bound, search, rng
        As for `ucrl_rfe`; ``delta`` is shared by the confidence sets of both kinds of regression.
    radius : Radius, optional
        Of the two kinds of regression: `Data`, the default, for `bounds.vtr_radius` and, as there is none from data
        for the weighted ones, `bounds.vtr_plus_radii`, with half of ``delta`` each; `Theory` for
        `bounds.rfe_plus_radius` and the same; ``Scaled(c)`` for :math:`\frac c2 H \sqrt d` and :math:`c \sqrt d`.

    Returns
    -------
    RewardFreeRun
        Its radius and error, and so ``run.covered``, are of the regression that plans are made with. The certificate
        rests on the weighted one as well, so that with `Scaled` it is not sure to hold where ``run.covered`` does.

    Raises
    ------
    ModelError
        As for `ucrl_rfe`.

    References
    ----------
    Zhang, Zhou and Gu (2021), algorithm 3 and theorem 5.1.

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> from rltheory.exploration import Scaled
    >>> run = ucrl_rfe_plus(random_mixture(3, 2, d=2, H=3, concentration=0.3, rng=0), 2000, radius=Scaled(1.0), rng=1)
    >>> bool(run.covered.all()), run.bound < 1
    (True, True)
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "UCRL-RFE+")
    world, B = MixtureWorld.of(model), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    radius, rng = Data() if radius is None else radius, np.random.default_rng(rng)
    ridge = reward_free_ridge(ridge, radius, B)

    def widths(k: int, log_det: float) -> tuple[float, np.ndarray]:
        if isinstance(radius, Scaled):
            return radius.c * H * math.sqrt(d) / 2, np.full(3, radius.c * math.sqrt(d))
        radii = vtr_plus_radii(d, max(k * H, 1), delta / 2, ridge=ridge, norm_bound=B)
        weighted = np.array([radii.weighted, radii.coarse, radii.squares])
        if isinstance(radius, Data):
            return vtr_radius(log_det, delta / 2, vmax=H - 1, ridge=ridge, norm_bound=B), weighted
        return rfe_plus_radius(d, H, K, delta, norm_bound=B), weighted

    heights = np.arange(H - 1, -1, -1.0)  # the largest value after each step
    # Regression 0 is of the worst values; 1 and 2 are of the values of plans, in units of H, and of their squares.
    gram, moment, log_det = np.tile(ridge * np.eye(d), (3, 1, 1)), np.zeros((3, d)), 0.0
    inverse = np.linalg.inv(gram)
    trajectory = np.zeros(H + 1, dtype=np.int64)
    curves = np.empty((K + 1, 3))
    for k in range(K + 1):
        if k % BETWEEN_INVERSIONS == 0:
            inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram[0])[1] - d * math.log(ridge)
        theta, found = (inverse @ moment[..., None])[..., 0], search(model.phi, inverse[0])
        beta, betas = widths(k, log_det)
        pseudo = np.minimum(1.0, 2 * beta / H * heights[:, None, None] * found.upper)
        promised = []
        for which, units, width in ((0, 1, beta), (1, H, betas[0])):  # the plan that is played comes last
            value, policy = plan_within(
                world.by_next, pseudo / units, theta[which], inverse[which], width, (heights + 1) / units
            )
            promised.append(units * float(model.mu @ value[0]))
        error = theta[0] - model.theta
        curves[k] = H * min(promised), beta, math.sqrt(error @ gram[0] @ error)
        if k < K:
            log_det += explore(
                model.phi, world.cumulative, world.cumulative_mu, policy, found.states, heights,
                rng.random(H + 1), gram[0], inverse[0], moment[0], trajectory,
            )  # fmt: skip
            learn_values(model.phi, policy, trajectory, value, gram[1:], inverse[1:], moment[1:], betas)
    return learned(
        model, "UCRL-RFE+", curves, theta=theta[0], inverse=inverse[0], beta=beta, largest=1.0, vmax=H,
        bound=float(curves[-1, 0]),
    )  # fmt: skip
