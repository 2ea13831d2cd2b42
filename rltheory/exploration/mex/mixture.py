r"""Maximise to explore over all mixtures of known kernels, by gradients.

With :math:`P_w = \sum_i w_i P_i`, w in the simplex, the log-likelihood is concave in w and the optimal value
:math:`V_w` is not. Both have exact gradients: by the envelope theorem that of the value needs no derivative of the
policy,

.. math::

   \partial_i V_w(\mu) = \sum_t E_{\pi_w, P_w} \Big[\sum_{s'} P_i(s' \mid s_t, a_t) V_{w,t+1}(s')\Big], \qquad
   \partial_i \ln P_w(s' \mid s, a) = \frac{P_i(s' \mid s, a)}{P_w(s' \mid s, a)} ,

and the sum is climbed by multiplicative steps :math:`w_i \leftarrow w_i e^{\rho g_i} / Z`, halved until they gain,
from the last maximiser, the middle of the simplex, and near each of its vertices. What is found is a local maximum.

Source: Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023), section 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_episodes
from rltheory.exploration._mixture_kernels import evaluate
from rltheory.exploration._mixture_world import MixtureWorld
from rltheory.exploration._one_mixture import check_one_mixture
from rltheory.exploration.learning_run import LearningRun
from rltheory.models import LinearMixtureMDP, ModelError

_ROUNDING = 1e-9
_VERTEX = 0.9
"""Weight of a base kernel near its vertex."""


def mex_mixture(
    model: LinearMixtureMDP, episodes: int, *, eta: float, max_steps: int = 50, rng: Any = None
) -> LearningRun:
    r"""Learn a linear mixture of kernels by maximising its value plus :math:`\eta` times its log-likelihood.

    Parameters
    ----------
    model : LinearMixtureMDP
        The truth, whose features are kernels up to a common factor, as of `mdps.mixtures.mixture_of_kernels`.
    episodes : int
        Number of episodes, at least 0.
    eta : float
        Weight of the data, at least 0, in reward units.
    max_steps : int
        Limit on the steps of each climb.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        Its ``optimistic_value`` is what the mixture that was played promises, and its ``error`` the distance of that
        mixture's weights from the truth's.

    Raises
    ------
    ModelError
        If features are not kernels up to a factor, eta is negative, the mixture changes with the step, or there is no
        step.

    References
    ----------
    Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023).

    Examples
    --------
    >>> from mdps.mixtures import random_mixture
    >>> model = random_mixture(4, 2, d=2, H=4, concentration=0.3, rng=0)
    >>> run = mex_mixture(model, 100, eta=0.05, rng=0)
    >>> bool(run.regret[-20:].sum() < 0.01)
    True
    """
    K = checked_episodes(episodes)
    if not 0 <= eta < np.inf:
        raise ModelError(f"eta is {eta!r}; the weight of the data is finite and at least 0")
    check_one_mixture(model, "`mex_mixture`")
    world, rng = MixtureWorld.of(model), np.random.default_rng(rng)
    base, truth = base_kernels(model)
    counts, weights = np.zeros(base.shape[:3]), np.full(model.d, 1 / model.d)
    played, promised, error = np.empty(K), np.empty(K), np.empty(K)
    exact, policy = np.zeros((model.H + 1, model.n_states)), np.zeros((model.H, model.n_states), dtype=np.int64)
    for k in range(K):
        weights = maximiser(base, world.r, model.mu, model.H, counts, eta, weights, max_steps)
        promised[k], _, policy = value_gradient(base, world.r, model.mu, model.H, weights)
        evaluate(world.P, world.r, policy, exact)
        played[k], error[k] = model.mu @ exact[0], np.linalg.norm(weights - truth)
        uniforms = rng.random(model.H + 1)
        s = int(np.searchsorted(world.cumulative_mu[:-1], uniforms[-1], side="right"))
        for t in range(model.H):
            a = policy[t, s]
            successor = int(np.searchsorted(world.cumulative[0, s, a, :-1], uniforms[t], side="right"))
            counts[s, a, successor] += 1
            s = successor
    return LearningRun("MEX", world.optimum, world.optimum - played, policy, optimistic_value=promised, error=error)


def base_kernels(model: LinearMixtureMDP) -> tuple[np.ndarray, np.ndarray]:
    """Return the base kernels, shape (n_states, n_actions, n_states, d), and their true weights."""
    sums = model.phi.sum(axis=2)
    factor = float(sums.flat[0])
    if (model.phi < 0).any() or factor <= 0 or np.abs(sums - factor).max() > _ROUNDING * factor:
        raise ModelError("features are not kernels up to one factor; `mex_mixture` mixes kernels, `ucrl_vtr` the rest")
    weights = factor * model.theta
    if (weights < -_ROUNDING).any():
        i = int(weights.argmin())
        raise ModelError(f"base kernel {i} has weight {weights[i]:.6g}; weights of a mixture are at least 0")
    return model.phi / factor, weights


def value_gradient(
    base: np.ndarray, r: np.ndarray, mu: np.ndarray, H: int, weights: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the optimal value of a mixture, its gradient in the weights, shape (d,), and an optimal policy.

    Parameters
    ----------
    base : ndarray, shape (n_states, n_actions, n_states, d)
        Base kernels.
    r : ndarray, shape (1 or H, n_states, n_actions)
        Rewards.
    mu : ndarray, shape (n_states,)
        Distribution of the first state.
    H : int
        Number of steps.
    weights : ndarray, shape (d,)
        At least 0.
    """
    n_states = base.shape[0]
    each, P = np.arange(n_states), base @ weights
    value, policy, moves = (
        np.zeros(n_states),
        np.empty((H, n_states), dtype=np.int64),
        np.empty((H, n_states, len(weights))),
    )
    for t in reversed(range(H)):
        q = r[t % len(r)] + P @ value
        policy[t] = q.argmax(axis=1)
        moves[t] = np.einsum("sni,n->si", base[each, policy[t]], value)
        value = q[each, policy[t]]
    gradient, now = np.zeros_like(weights), mu
    for t in range(H):
        gradient += now @ moves[t]
        now = now @ P[each, policy[t]]
    return float(mu @ value), gradient, policy


def objective(
    base: np.ndarray, r: np.ndarray, mu: np.ndarray, H: int, counts: np.ndarray, eta: float, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    r"""Return :math:`V_w(\mu) + \eta \sum \ln P_w` and its gradient; ``counts`` are of transitions (s, a, s')."""
    value, gradient, _ = value_gradient(base, r, mu, H, weights)
    seen = counts > 0
    if eta == 0 or not seen.any():
        return value, gradient
    terms = base[seen]
    P = terms @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        fit, slope = counts[seen] @ np.log(P), (counts[seen] / P) @ terms
    return value + eta * float(fit), gradient + eta * slope


def maximiser(
    base: np.ndarray,
    r: np.ndarray,
    mu: np.ndarray,
    H: int,
    counts: np.ndarray,
    eta: float,
    last: np.ndarray,
    max_steps: int,
) -> np.ndarray:
    """Return the best weights that climbs from several starts end at."""
    d = last.size
    near = _VERTEX * np.eye(d) + (1 - _VERTEX) / d
    ends = [_climbed(base, r, mu, H, counts, eta, start, max_steps) for start in (last, np.full(d, 1 / d), *near)]
    return max(ends, key=lambda end: end[0])[1]


def _climbed(
    base: np.ndarray,
    r: np.ndarray,
    mu: np.ndarray,
    H: int,
    counts: np.ndarray,
    eta: float,
    weights: np.ndarray,
    max_steps: int,
) -> tuple[float, np.ndarray]:
    """Climb by multiplicative steps, as long as they gain; weights stay above 0, where logarithms are finite."""
    height, gradient = objective(base, r, mu, H, counts, eta, weights)
    rate = 1.0
    for _ in range(max_steps):
        slope = gradient - weights @ gradient
        size = float(np.abs(slope).max())
        if size == 0:
            break
        rate = min(2 * rate, 1.0)
        while rate > 1e-6:
            step = weights * np.exp(rate * slope / size)
            step = np.maximum(step / step.sum(), 1e-12)
            step /= step.sum()
            higher, ahead = objective(base, r, mu, H, counts, eta, step)
            if higher > height:
                break
            rate /= 2
        else:
            break
        gained, height, gradient, weights = higher - height, higher, ahead, step
        if gained < 1e-9 * (1 + abs(height)):
            break
    return height, weights
