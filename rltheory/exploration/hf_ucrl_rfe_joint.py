r"""HF-UCRL-RFE++ as it is printed, for models so small that its maximisation can be done by going through all cases.

For a policy, a mixture and a reward let V be the values of the policy in that model, :math:`u_t(s) = \min\{1, \beta
\|\phi_{V_{t+1}}(s, \pi_t(s))\|_{\tilde\Sigma_0^{-1}}\}`, and

.. math::

   \hat V_t(s) = \min\big\{1, u_t(s) + \langle\phi_{\hat V_{t+1}}(s, \pi_t(s)), \theta\rangle
   + 2\beta \|\phi_{\hat V_{t+1}}(s, \pi_t(s))\|_{\hat\Sigma_0^{-1}}\big\}, \qquad \hat V_H = 0 .

Episode k plays the policy of the :math:`(\pi, \theta, r)` with the largest :math:`\hat V_0`, among mixtures that no
confidence set so far excludes. As u depends on the policy through V no dynamic program finds it. Two moment estimators
(`home`) learn from each step, one of :math:`V_{t+1}`, one of :math:`\hat V_{t+1}`. The policy that is optimal in a
mixture of the set loses at most :math:`4 \hat V_0` for any of the rewards, and it is planned with the snapshot of the
episode with the least :math:`\hat V_0`, which need not be the last.

Source: Zhang, Zhang and Gu (2023), algorithm 1; the snapshot is derived here.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from rltheory.exploration import home
from rltheory.exploration._checked import (
    checked_delta,
    checked_episodes,
    checked_norm_bound,
    checked_positive,
    checked_whole,
    most_that_paths_pay,
)
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import check_one_mixture
from rltheory.exploration.bounds.reward_free import two_models_suboptimality
from rltheory.exploration.bounds.vtr_plus import moment_levels, moment_radius
from rltheory.exploration.radius import Radius, Scaled, Theory
from rltheory.exploration.reward_free import RewardFreeRun, learned
from rltheory.models import LinearMixtureMDP, ModelError

MOST_POLICIES = 10_000
"""So many deterministic policies are gone through."""
_ROUNDING = 1e-9


def hf_ucrl_rfe_joint(
    model: LinearMixtureMDP,
    episodes: int,
    *,
    rewards: Any,
    candidates: Any,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    levels: int | None = None,
    rng: Any = None,
) -> RewardFreeRun:
    r"""Explore a tiny linear mixture for one of several rewards, by the joint maximisation of the printed algorithm.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, with one mixture for all steps, of which the learner reads features and draws transitions.
    episodes : int
        Number of episodes K, at least 0.
    rewards : array_like, shape (n, H, n_states, n_actions)
        The rewards that may be told later, at least 0 and no more than 1 in all along any path.
    candidates : array_like, shape (N, d)
        The mixtures that are searched; certificates are for lists that contain the truth.
    delta : float
        Probability with which the mixture may leave a confidence set.
    radius : Radius, optional
        `Theory`, the default, for `bounds.moment_radius` of all K episodes; ``Scaled(c)`` for :math:`c \sqrt d`.
    ridge, norm_bound : float, optional
        :math:`\lambda`, by default :math:`d / B^2`, and B, by default the norm of the mixture.
    levels : int, optional
        Number of moments, by default `bounds.moment_levels`.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    RewardFreeRun
        Its certificate is for the rewards given.

    Raises
    ------
    ModelError
        If there are more than `MOST_POLICIES` policies, an argument is out of range or of another shape, a candidate is
        no kernel, or confidence sets come to exclude all candidates.

    References
    ----------
    Zhang, Zhang and Gu (2023).

    Examples
    --------
    >>> import numpy as np
    >>> from mdps.mixtures import random_mixture
    >>> from rltheory.exploration import Scaled
    >>> model = random_mixture(2, 2, d=2, H=2, concentration=0.3, rng=0)
    >>> grid = np.sqrt(2) * np.array([[w, 1 - w] for w in np.linspace(0, 1, 6)])
    >>> rewards = np.eye(2)[:, None, :, None] * np.full((1, 2, 1, 2), 0.5)
    >>> mixtures = np.vstack([grid, model.theta])
    >>> run = hf_ucrl_rfe_joint(model, 200, rewards=rewards, candidates=mixtures, radius=Scaled(1.0), rng=0)
    >>> bool(run.bounds[-1] < run.bounds[0])
    True
    """
    K, delta = checked_episodes(episodes), checked_delta(delta)
    check_one_mixture(model, "HF-UCRL-RFE")
    if not isinstance(radius, (Theory, Scaled, type(None))):
        raise ModelError(f"radius is {radius!r}; there is none from data, only Theory() or Scaled(c)")
    world, B = MixtureWorld.of(model), checked_norm_bound(model, norm_bound)
    d, H = model.d, model.H
    ridge = checked_positive("ridge", d / B**2 if ridge is None else ridge)
    M = checked_whole("levels", moment_levels(K, H) if levels is None else levels, 1)
    alpha, gamma = H**-0.5, d**-0.25
    sizes = {"levels": 2 * M, "alpha": alpha, "gamma": gamma, "ridge": ridge, "norm_bound": B}
    theory = moment_radius(d, max(K * H, 1), delta, **sizes)
    beta = radius.c * math.sqrt(d) if isinstance(radius, Scaled) else theory
    policies, alive = _all_policies(model), _checked_candidates(model, candidates)
    rewards, rng = _checked_rewards(model, rewards), np.random.default_rng(rng)
    gram, moment = np.tile(ridge * np.eye(d), (2, M, 1, 1)), np.zeros((2, M, d))  # of V, and of the uncertain value
    curves, least, best = np.empty((K + 1, 3)), math.inf, alive[0]
    for k in range(K + 1):
        inverse = np.linalg.inv(gram)
        frozen, theta = inverse.copy(), (inverse @ moment[..., None])[..., 0]
        alive = alive[(_distances(gram, theta, alive) <= beta + _ROUNDING).all(axis=(1, 2))]
        if not len(alive):
            raise ModelError(
                f"no candidate is in the confidence sets of {k} episodes; a larger radius or more would be"
            )
        promised, policy, values, chosen = _largest(model, policies, alive, rewards, frozen[:, 0], beta)
        curves[k] = 2 * two_models_suboptimality(promised), beta, _distances(gram, theta, model.theta[None]).max()
        if curves[k, 0] <= least:
            least, best = float(curves[k, 0]), chosen
        if k < K:
            _explore(model, world, policy, values, theta, frozen, beta, alpha, gamma, gram, inverse, moment, rng)
    return learned(
        model, "HF-UCRL-RFE++", curves, theta=best, inverse=frozen[0, 0], beta=0.0, largest=math.inf, vmax=1.0,
        bound=least,
    )  # fmt: skip


def _all_policies(model: LinearMixtureMDP) -> np.ndarray:
    """Return all deterministic policies, shape (n, H, n_states)."""
    S, A, H = model.n_states, model.phi.shape[1], model.H
    if A ** (S * H) > MOST_POLICIES:
        raise ModelError(f"there are {A}^{S * H} policies; {MOST_POLICIES} at most are gone through, try `hf_ucrl_rfe`")
    return np.array(list(product(range(A), repeat=S * H))).reshape(-1, H, S)


def _checked_candidates(model: LinearMixtureMDP, candidates: Any) -> np.ndarray:
    mixtures = np.array(candidates, dtype=np.float64)
    if mixtures.ndim != 2 or mixtures.shape[1] != model.d or not len(mixtures):
        raise ModelError(f"candidates have shape {mixtures.shape}; it must be (N, {model.d})")
    P = np.einsum("sand,id->isan", model.phi, mixtures)
    bad = (P < -_ROUNDING).any(axis=(1, 2, 3)) | (np.abs(P.sum(axis=3) - 1) > _ROUNDING).any(axis=(1, 2))
    if bad.any():
        raise ModelError(f"candidate {int(bad.argmax())} makes no kernel: {mixtures[bad.argmax()]}")
    return mixtures


def _checked_rewards(model: LinearMixtureMDP, rewards: Any) -> np.ndarray:
    r, shape = np.array(rewards, dtype=np.float64), (model.H, *model.phi.shape[:2])
    if r.ndim != 4 or r.shape[1:] != shape or not len(r):
        raise ModelError(f"rewards have shape {r.shape}; it must be (n, {', '.join(map(str, shape))})")
    most = most_that_paths_pay(np.any(model.phi, axis=3)[None], np.moveaxis(r, 0, -1))
    bad = (r < 0).any(axis=(1, 2, 3)) | (most[0].max(axis=0) > 1 + _ROUNDING)
    if bad.any():
        raise ModelError(f"reward {int(bad.argmax())} is negative somewhere, or adds up to more than 1 along a path")
    return r


def _distances(gram: np.ndarray, theta: np.ndarray, mixtures: np.ndarray) -> np.ndarray:
    """Return how far mixtures are from the centres, shape (N, 2, M)."""
    off = mixtures[:, None, None] - theta
    return np.sqrt(np.maximum(np.einsum("imld,mlde,imle->iml", off, gram, off), 0))


def _largest(
    model: LinearMixtureMDP,
    policies: np.ndarray,
    mixtures: np.ndarray,
    rewards: np.ndarray,
    frozen: np.ndarray,
    beta: float,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the largest uncertain value, its policy, both values after each step, (2, H + 1, S), and its mixture."""
    n, H, S = policies.shape
    best: tuple[float, np.ndarray, np.ndarray, np.ndarray] | None = None
    here = np.arange(S)
    for theta, r in product(mixtures, rewards):
        values = np.zeros((2, H + 1, n, S))
        for t in reversed(range(H)):
            phi = model.phi[here, policies[:, t]]  # (n, S, S', d)
            x, uncertain = np.einsum("psnd,vpn->vpsd", phi, values[:, t + 1])
            widths = [
                beta * np.sqrt(np.maximum(np.einsum("psd,de,pse->ps", z, inverse, z), 0))
                for z, inverse in zip((x, uncertain), frozen, strict=True)
            ]
            values[0, t] = np.clip(r[t][here, policies[:, t]] + x @ theta, 0, 1)
            values[1, t] = np.clip(np.minimum(1, widths[0]) + uncertain @ theta + 2 * widths[1], 0, 1)
        first = values[1, 0] @ model.mu
        i = int(first.argmax())
        if best is None or first[i] > best[0]:
            best = float(first[i]), policies[i], np.ascontiguousarray(values[:, :, i]), theta
    assert best is not None  # there are mixtures and rewards
    return best


def _explore(
    model: LinearMixtureMDP,
    world: MixtureWorld,
    policy: np.ndarray,
    values: np.ndarray,
    theta: np.ndarray,
    frozen: np.ndarray,
    beta: float,
    alpha: float,
    gamma: float,
    gram: np.ndarray,
    inverse: np.ndarray,
    moment: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Play an episode; both moment estimators learn from each step."""
    M, d = moment.shape[1:]
    x, y, variance, work, power = np.empty((M, d)), np.empty(M), np.empty(M), np.empty(d), np.empty(model.n_states)
    s = int(rng.choice(model.n_states, p=model.mu))
    for t in range(model.H):
        pair = model.phi[s, policy[t, s]]
        s = int(rng.choice(model.n_states, p=world.P[0, s, policy[t, s]]))
        for i in range(2):
            levels = home.moment_features(pair, values[i, t + 1], s, x, y, power)
            home.moment_variances(x, theta[i], frozen[i], inverse[i], beta, alpha, gamma, levels, variance)
            home.add_moments(x, y, variance, levels, gram[i], inverse[i], moment[i], work)
