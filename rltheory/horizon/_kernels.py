"""The compiled step of the backward sweep, for all lookaheads k = 1..K at once.

A state is a pair (s, c): what was executed last, c, matters only where actions are sticky, and c = 0 elsewhere. All
that is known of it stands in one row, so that one look at a next state serves every question and every k:

    optimum | lookahead value, k = 1..K | worst greedy value, k = 1..K | gap, k = 1..K | q gap, k = 1..K

Rewards are added to the first 1 + 2 K entries, which are averaged over outcomes; of the gaps the least counts. What
follows when an action is executed is such a row as well, found once for each (s, a); choosing a and executing the
sticky c instead with probability ``stick`` mixes two of these. The mixture moves all actions by the same amount, so
that the greedy actions do not depend on c, and the product of states and last actions is never laid out by pairs.

Loops over k are short and touch few arrays each: then the compiler proves that these do not overlap, and takes several
k at a time. Indices are unsigned, which spares Numba the handling of negative ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit

EXPLORE, COPY_OPTIMUM, KEEP = 0, 1, 2
"""What the lookahead value for k = 1 holds at step t: that of the exploration policy, the optimal one, or that of step
t + 1."""

_ZERO, _ONE = np.uint64(0), np.uint64(1)


@njit(cache=True, nogil=True)
def backward_step(  # type: ignore[no-untyped-def]
    next_state, reward, prob, policy, stick, column, rtol, atol, within, everywhere, after, now, first, last
):
    """Fill the rows of step t, ``now``, from those of step t + 1, ``after``, both of shape (S, C, 1 + 4 K)."""
    n_actions, n_last, width = np.uint64(next_state.shape[1]), np.uint64(after.shape[1]), np.uint64(after.shape[2])
    K, free = (width - _ONE) // np.uint64(4), 1.0 - stick
    V, W, G, D = _ONE, _ONE + K, _ONE + K + K, _ONE + K + K + K
    x, chosen = np.empty((n_actions, width)), np.empty(width)
    top, tied, short = np.empty(K), np.empty(K), np.empty(K)
    for s in range(np.uint64(first), np.uint64(last)):
        _execute(next_state, reward, prob, s, G, after, x)
        best = x[0, 0]
        top[:] = x[0, V:W]
        for a in range(_ONE, n_actions):
            best = x[a, 0] if x[a, 0] > best else best
            for k in range(K):
                top[k] = x[a, V + k] if x[a, V + k] > top[k] else top[k]
        for k in range(K):
            tied[k] = rtol * abs(top[k]) + atol
        bearable = max(within / free, rtol * abs(best) + atol)
        explored = 0.0
        chosen[W:] = np.inf
        for a in range(n_actions):
            is_bad = best - x[a, 0] > bearable
            explored += policy[s if policy.shape[0] > 1 else _ZERO, a] * x[a, V]
            for k in range(K):
                by = top[k] - x[a, V + k]
                short[k] = free * by if by > tied[k] else 0.0  # 0 for a greedy action, and for no other
            for k in range(K):
                y = x[a, W + k] if short[k] == 0.0 else np.inf
                chosen[W + k] = y if y < chosen[W + k] else chosen[W + k]
            for k in range(K):
                y = short[k] if is_bad else x[a, G + k] if short[k] == 0.0 else np.inf
                chosen[G + k] = y if y < chosen[G + k] else chosen[G + k]
            for k in range(K):
                y = x[a, D + k] if short[k] == 0.0 else short[k]
                chosen[D + k] = y if y < chosen[D + k] else chosen[D + k]
            if everywhere:
                for i in range(G, width):
                    chosen[i] = min(chosen[i], x[a, i])
        chosen[0], chosen[V] = best, explored
        for k in range(_ONE, K):
            chosen[V + k] = top[k - _ONE]
        for c in range(n_last):
            for i in range(G):
                now[s, c, i] = free * chosen[i]
            for i in range(G, width):
                now[s, c, i] = chosen[i]
        if stick > 0.0:
            _repeat(s, stick, G, x, now)
        if column != EXPLORE:
            for c in range(n_last):
                now[s, c, V] = now[s, c, 0] if column == COPY_OPTIMUM else after[s, c, V]


@njit(cache=True, nogil=True)
def _execute(next_state, reward, prob, s, n_means, after, x):  # type: ignore[no-untyped-def]
    """Fill ``x[a]`` with what follows when action a is executed in state s."""
    width = np.uint64(x.shape[1])
    for a in range(np.uint64(x.shape[0])):
        c = a if after.shape[1] > 1 else _ZERO
        p, r, f = prob[s, a, 0], reward[s, a, 0], np.uint64(next_state[s, a, 0])
        for i in range(n_means):
            x[a, i] = p * (r + after[f, c, i])
        for i in range(n_means, width):
            x[a, i] = after[f, c, i] if p > 0.0 else np.inf
        for b in range(1, next_state.shape[2]):
            p, r, f = prob[s, a, b], reward[s, a, b], np.uint64(next_state[s, a, b])
            if p > 0.0:
                for i in range(n_means):
                    x[a, i] += p * (r + after[f, c, i])
                for i in range(n_means, width):
                    x[a, i] = min(x[a, i], after[f, c, i])


@njit(cache=True, nogil=True)
def _repeat(s, stick, n_means, x, now):  # type: ignore[no-untyped-def]
    """Add to the rows of state s that c is executed with probability ``stick`` whatever is chosen."""
    K, width = (n_means - _ONE) // np.uint64(2), np.uint64(x.shape[1])
    for c in range(np.uint64(x.shape[0])):
        now[s, c, 0] += stick * x[c, 0]
        now[s, c, 1] += stick * x[c, 1]
        for i in range(_ONE, K):  # looking k steps ahead is looking k - 1 steps ahead after one
            now[s, c, _ONE + i] += stick * x[c, i]
        for i in range(_ONE + K, n_means):
            now[s, c, i] += stick * x[c, i]
        for i in range(n_means, width):
            now[s, c, i] = min(now[s, c, i], x[c, i])


@njit(cache=True, nogil=True)
def extremes_step(next_state, reward, prob, stick, after, now):  # type: ignore[no-untyped-def]
    """Fill the least expected value of each state, and the least and the largest return that can happen."""
    worst, least, largest = after
    worst_now, least_now, largest_now = now
    n_actions, n_last = next_state.shape[1], worst.shape[1]
    value = np.empty(n_actions)
    for s in range(next_state.shape[0]):
        least_now[s], largest_now[s] = np.inf, -np.inf
        for a in range(n_actions):
            value[a] = 0.0
            for b in range(next_state.shape[2]):
                p, r, following = prob[s, a, b], reward[s, a, b], next_state[s, a, b]
                if p > 0.0:
                    value[a] += p * (r + worst[following, a if n_last > 1 else 0])
                    least_now[s] = min(least_now[s], r + least[following])
                    largest_now[s] = max(largest_now[s], r + largest[following])
        for c in range(n_last):
            worst_now[s, c] = (1.0 - stick) * value.min() + stick * value[c]
