"""The loop of explorers without rewards: act greedily for the uncertainty, which is backed up like a value."""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration._tabular_kernels import draw, mean


@njit(cache=True)
def explore(cumulative, mu, mu_cumulative, sizes, episodes, cap, width, shrinking, growth, enough, rng):  # type: ignore[no-untyped-def]
    """Explore until the uncertainty of the start is ``enough``; ``shrinking[n]`` multiplies ``width[t]`` at n visits.

    Returns the kernel, the visits, the uncertainty before each episode, and the last.
    """
    H, n_states, n_actions = sizes
    visits, moves = np.zeros(sizes, dtype=np.int64), np.zeros((H, n_states, n_actions, n_states))
    kernel = np.full(moves.shape, 1 / n_states)
    policy, before = np.zeros((H, n_states), dtype=np.int64), np.empty(episodes)
    for k in range(episodes):
        before[k] = uncertainty(kernel, visits, cap, width, shrinking, growth, mu, policy)
        if before[k] <= enough:
            return kernel, visits, before[:k], before[k]
        s = draw(mu_cumulative, rng.random())
        for t in range(H):
            a = policy[t, s]
            following = draw(cumulative[min(t, len(cumulative) - 1), s, a], rng.random())
            visits[t, s, a] += 1
            moves[t, s, a, following] += 1
            kernel[t, s, a] = moves[t, s, a] / visits[t, s, a]
            s = following
    return kernel, visits, before, uncertainty(kernel, visits, cap, width, shrinking, growth, mu, policy)


@njit(cache=True)
def uncertainty(kernel, visits, cap, width, shrinking, growth, mu, policy):  # type: ignore[no-untyped-def]
    """Back up the uncertainty, write the policy that seeks it, and return that of the start.

    Where nothing is known all actions are uncertain alike, and the one that was tried least is taken.
    """
    H, n_states, n_actions = visits.shape
    q, value, after = np.empty((n_states, n_actions)), np.zeros(n_states), np.zeros(n_states)
    for t in range(H - 1, -1, -1):
        value, after = after, value
        for s in range(n_states):
            for a in range(n_actions):
                n = visits[t, s, a]
                q[s, a] = cap[t]
                if n > 0:
                    q[s, a] = min(cap[t], width[t] * shrinking[n] + growth * mean(kernel[t, s, a], after))
            best = 0
            for a in range(1, n_actions):
                if q[s, a] > q[s, best] or (q[s, a] == q[s, best] and visits[t, s, a] < visits[t, s, best]):
                    best = a
            policy[t, s], value[s] = best, q[s, best]
    return mean(mu, value)
