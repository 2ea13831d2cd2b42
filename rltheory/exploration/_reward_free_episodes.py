"""What learners without rewards share: play a policy and regress, at each step, the indicator of a set of states."""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.ucrl_vtr_plus import inverse_variance


@njit(cache=True)
def plan_within(by_next, r, theta, inverse, beta, limits):  # type: ignore[no-untyped-def]
    """Return values and policy of an optimistic plan, where what can be had from step t on is at most ``limits[t]``.

    ``theta`` is (d,), ``inverse`` (d, d) and ``beta`` a number; ``r`` is (1 or H, S, A).
    """
    H, (steps, n_states, n_actions), d = limits.size, r.shape, theta.size
    centre, spread, width = theta.reshape(1, d), inverse.reshape(1, d, d), np.array([beta])
    value, policy = np.zeros((H + 1, n_states)), np.zeros((H, n_states), dtype=np.int64)
    features = np.empty((1, n_states, n_actions, d))
    for t in range(H - 1, -1, -1):
        i = t % steps
        kernels.optimistic_plan(
            by_next, r[i : i + 1], centre, spread, width, limits[t], value[t : t + 2], policy[t : t + 1], features
        )
    return value, policy


@njit(cache=True)
def explore(phi, cumulative, cumulative_mu, policy, states, heights, uniforms, gram, inverse, moment, trajectory):  # type: ignore[no-untyped-def]
    """Play an episode; step t regresses ``heights[t]`` times the indicator of ``states`` at the pair it visits.

    Fills ``trajectory``, shape (H + 1,), with states, and returns the growth of the log-determinant.
    """
    x, work = np.empty(moment.size), np.empty(moment.size)
    s, growth = draw(cumulative_mu, uniforms[-1]), 0.0
    for t in range(policy.shape[0]):
        a = policy[t, s]
        successor = draw(cumulative[0, s, a], uniforms[t])
        trajectory[t] = s
        if heights[t] > 0.0:
            kernels.value_features(phi[s, a], states[s, a], x)
            x *= heights[t]
            y = heights[t] if states[s, a, successor] else 0.0
            growth += kernels.add_observation(inverse, moment, x, y, 1.0, work)
            kernels.add_outer(gram, x, 1.0)
        s = successor
    trajectory[policy.shape[0]] = s
    return growth


@njit(cache=True)
def learn_values(phi, policy, trajectory, value, gram, inverse, moment, betas):  # type: ignore[no-untyped-def]
    """Regress the values of a trajectory's next states, weighted by variance, and their squares, as UCRL-VTR+ does."""
    frozen, theta = inverse.copy(), np.empty_like(moment)
    for i in range(2):
        kernels.times(frozen[i], moment[i], theta[i])
    x, x_squares, work = np.empty(moment.shape[1]), np.empty(moment.shape[1]), np.empty(moment.shape[1])
    for t in range(policy.shape[0]):
        s, successor = trajectory[t], trajectory[t + 1]
        pair = phi[s, policy[t, s]]
        kernels.value_features(pair, value[t + 1], x)
        kernels.value_features(pair, value[t + 1] * value[t + 1], x_squares)
        y, weight = value[t + 1, successor], inverse_variance(x, x_squares, theta, frozen, betas)
        kernels.add_observation(inverse[0], moment[0], x, y, weight, work)
        kernels.add_observation(inverse[1], moment[1], x_squares, y * y, 1.0, work)
        kernels.add_outer(gram[0], x, weight)
        kernels.add_outer(gram[1], x_squares, 1.0)


@njit(cache=True)
def explore_weighted(  # type: ignore[no-untyped-def]
    phi, cumulative, cumulative_mu, policy, states, theta, frozen, beta, alpha, gamma, uniforms, gram, inverse, moment
):
    r"""Play an episode; every step but the last regresses an indicator, weighted by its variance p (1 - p)."""
    x, work = np.empty(moment.size), np.empty(moment.size)
    s, growth = draw(cumulative_mu, uniforms[-1]), 0.0
    for t in range(policy.shape[0] - 1):
        a = policy[t, s]
        successor = draw(cumulative[0, s, a], uniforms[t])
        kernels.value_features(phi[s, a], states[s, a], x)
        p = min(max(kernels.dot(x, theta), 0.0), 1.0)
        noise = min(0.25, p * (1.0 - p) + beta * np.sqrt(kernels.squared_norm(frozen, x)))
        unknown = gamma * gamma * np.sqrt(kernels.squared_norm(inverse, x))
        weight = 1.0 / max(unknown, noise, alpha * alpha)
        y = 1.0 if states[s, a, successor] else 0.0
        growth += kernels.add_observation(inverse, moment, x, y, weight, work)
        kernels.add_outer(gram, x, weight)
        s = successor
    return growth
