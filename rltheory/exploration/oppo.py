r"""OPPO: policies improved by mirror descent, for rewards that an adversary changes from episode to episode.

Episode k is played with

.. math:: \pi^k_t(a \mid s) \propto \pi^{k-1}_t(a \mid s)\, e^{\alpha Q^{k-1}_t(s, a)} ,

and then its reward :math:`r^k` is told, for all pairs. With the regression of `ucrl_vtr` the policy is *evaluated*,
with optimism and no maximum,

.. math::

   Q^k_t = \Big[r^k_t + \langle\phi_{V^k_{t+1}}, \theta_k\rangle + \beta_k \|\phi_{V^k_{t+1}}\|_{\Sigma_k^{-1}}
   \Big]_{[0, H - t]}, \qquad V^k_t(s) = \sum_a \pi^k_t(a \mid s) Q^k_t(s, a) .

In every state this is Hedge against the rewards :math:`Q^k`, and so loses no more than `bounds.oppo.mirror_descent`
to any fixed action; the rest of the regret is that of estimation.

Source: Cai, Yang, Jin and Wang (2020), algorithm 1, there for a mixture for each step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_norm_bound, checked_positive
from rltheory.exploration._mixture_kernels import add_observation, add_outer
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import BETWEEN_INVERSIONS, check_one_mixture
from rltheory.exploration.bounds.oppo import mirror_descent_rate
from rltheory.exploration.bounds.vtr import vtr_radius
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.models import LinearMixtureMDP, ModelError
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OppoRun:
    """A run against K rewards.

    Parameters
    ----------
    values, optimistic_values : ndarray, shape (K,)
        The true value of the policy of each episode for that episode's reward, and what it was believed to be.
    best : ndarray, shape (K,)
        The same of the policy that is best for all K rewards together.
    policy : ndarray, shape (H, n_states, n_actions)
        The policy of the last episode, as probabilities.
    radius, error : ndarray, shape (K,)
        Of the confidence set, before each episode.
    """

    values: np.ndarray
    optimistic_values: np.ndarray
    best: np.ndarray
    policy: np.ndarray
    radius: np.ndarray
    error: np.ndarray

    def __post_init__(self) -> None:
        for name in ("values", "optimistic_values", "best", "policy", "radius", "error"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def regret(self) -> float:
        """What the best fixed policy earns more than the learner, over all episodes."""
        return float((self.best - self.values).sum())

    @property
    def covered(self) -> np.ndarray:
        """Whether the truth was in the confidence set before each episode, shape (K,)."""
        return self.error <= self.radius

    def __repr__(self) -> str:
        return f"OppoRun({self.values.size} episodes, regret {self.regret:.4g} to the best fixed policy)"


def oppo(
    model: LinearMixtureMDP,
    rewards: Any,
    *,
    rate: float | None = None,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float | None = None,
    norm_bound: float | None = None,
    rng: Any = None,
) -> OppoRun:
    r"""Play against rewards that change, by optimistic policy evaluation and mirror descent.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, with one mixture for all steps; its own reward is not looked at.
    rewards : array_like, shape (K, H, n_states, n_actions)
        The rewards of the episodes, in [0, 1], each told when its episode is over.
    rate : float, optional
        :math:`\alpha`, by default `bounds.oppo.mirror_descent_rate`.
    delta : float
        Probability with which the mixture may leave the confidence set at some time.
    radius : Radius, optional
        `Data`, the default and the only one with a guarantee, for `bounds.vtr_radius`; ``Scaled(c)`` for
        :math:`\frac c2 H \sqrt d`.
    ridge, norm_bound : float, optional
        :math:`\lambda`, by default :math:`H^2 / B^2`, and B, by default the norm of the mixture.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    OppoRun

    Raises
    ------
    ModelError
        If rewards are of another shape or out of [0, 1], an argument is out of range, or the mixture changes.

    References
    ----------
    Cai, Yang, Jin and Wang (2020).

    Examples
    --------
    >>> import numpy as np
    >>> from mdps.mixtures import random_mixture
    >>> model = random_mixture(3, 2, d=2, H=3, rng=0)
    >>> rewards = np.random.default_rng(0).random((300, 3, 3, 2)) * [1.0, 0.2]
    >>> run = oppo(model, rewards, rng=1)
    >>> bool(run.covered.all()), run.regret < 300 * 3 / 4
    (True, True)
    """
    check_one_mixture(model, "OPPO")
    delta, r = checked_delta(delta), _checked_rewards(model, rewards)
    world, B = MixtureWorld.of(model), checked_norm_bound(model, norm_bound)
    d, H, S, A, K = model.d, model.H, model.n_states, model.phi.shape[1], len(r)
    ridge = checked_positive("ridge", (H / B) ** 2 if ridge is None else ridge)
    rate = checked_positive("rate", mirror_descent_rate(A, max(K, 1), largest=H) if rate is None else rate)
    if not isinstance(radius, (Data, Scaled, type(None))):
        raise ModelError(f"radius is {radius!r}; OPPO has Data() and Scaled(c)")
    rng, work, log_det = np.random.default_rng(rng), np.empty(d), 0.0
    gram, inverse, moment = ridge * np.eye(d), np.linalg.inv(ridge * np.eye(d)), np.zeros(d)
    policy, curves = np.full((H, S, A), 1 / A), np.empty((4, K))
    for k in range(K):
        if k % BETWEEN_INVERSIONS == 0:
            inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1] - d * math.log(ridge)
        beta = vtr_radius(log_det, delta, vmax=H, ridge=ridge, norm_bound=B)
        beta = radius.c * H * math.sqrt(d) / 2 if isinstance(radius, Scaled) else beta
        theta = inverse @ moment
        q, value, features = _evaluated(model.phi, r[k], policy, theta, inverse, beta)
        off = theta - model.theta
        true = _true_value(world.P[0], r[k], policy, model.mu)
        curves[:, k] = true, model.mu @ value[0], beta, math.sqrt(off @ gram @ off)
        s = int(rng.choice(S, p=model.mu))
        for t in range(H):
            a = int(rng.choice(A, p=policy[t, s]))
            x, s = features[t, s, a], int(rng.choice(S, p=world.P[0, s, a]))
            log_det += add_observation(inverse, moment, x, value[t + 1, s], 1.0, work)
            add_outer(gram, x, 1.0)
        if k < K - 1:
            policy = improved(policy, q, rate)
    fixed = _best_fixed(world.P[0], r.mean(axis=0)) if K else policy
    best = np.array([_true_value(world.P[0], r[k], fixed, model.mu) for k in range(K)])
    return OppoRun(curves[0], curves[1], best, policy, curves[2], curves[3])


def improved(policy: np.ndarray, q: np.ndarray, rate: float) -> np.ndarray:
    r"""Return the step of mirror descent, :math:`\pi e^{\alpha Q} / Z`, over the last axis.

    Examples
    --------
    >>> improved(np.array([0.5, 0.5]), np.array([np.log(3.0), 0.0]), 1.0)
    array([0.75, 0.25])
    """
    weights = policy * np.exp(rate * (q - q.max(axis=-1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _checked_rewards(model: LinearMixtureMDP, rewards: Any) -> np.ndarray:
    r, shape = np.array(rewards, dtype=np.float64), (model.H, *model.phi.shape[:2])
    if r.ndim != 4 or r.shape[1:] != shape:
        raise ModelError(f"rewards have shape {r.shape}; it must be (K, {', '.join(map(str, shape))})")
    bad = np.argwhere(~((r >= 0) & (r <= 1)))
    if bad.size:
        k, t, s, a = bad[0]
        raise ModelError(
            f"the reward of episode {k}, step {t}, state {s}, action {a} is {r[k, t, s, a]}; it must be in [0, 1]"
        )
    return r


def _evaluated(
    phi: np.ndarray, r: np.ndarray, policy: np.ndarray, theta: np.ndarray, inverse: np.ndarray, beta: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return optimistic values of a policy: Q (H, S, A), V (H + 1, S), and the features of V after each step."""
    H, S, A = policy.shape
    q, value, features = np.empty((H, S, A)), np.zeros((H + 1, S)), np.empty((H, S, A, theta.size))
    for t in reversed(range(H)):
        x = features[t] = np.einsum("sand,n->sad", phi, value[t + 1])
        widths = np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0))
        q[t] = np.clip(r[t] + x @ theta + beta * widths, 0, H - t)
        value[t] = (policy[t] * q[t]).sum(axis=1)
    return q, value, features


def _true_value(P: np.ndarray, r: np.ndarray, policy: np.ndarray, mu: np.ndarray) -> float:
    """Return the value of a policy in the true model."""
    value = np.zeros(len(mu))
    for t in reversed(range(len(policy))):
        value = (policy[t] * (r[t] + P @ value)).sum(axis=1)
    return float(mu @ value)


def _best_fixed(P: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the optimal policy for the mean reward, as probabilities."""
    value, policy = np.zeros(P.shape[0]), np.zeros(r.shape)
    for t in reversed(range(len(r))):
        q = r[t] + P @ value
        np.put_along_axis(policy[t], q.argmax(axis=1)[:, None], 1.0, axis=1)
        value = q.max(axis=1)
    return policy
