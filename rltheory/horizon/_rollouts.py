"""The compiled loops of sampling: one stream of random numbers for each run, whatever the number of threads.

A stream is the generator splitmix64 (Steele, Lea and Flood 2014): its state is one number, and a run's seed is its own.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_FIRST, _UNIFORM, _ADVERSARIAL = 0, 1, 2
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@njit(cache=True, nogil=True, inline="always")
def _uniform(stream):  # type: ignore[no-untyped-def]
    """Return the next number in [0, 1) of a stream, which is an array of one uint64."""
    stream[0] += _GOLDEN
    z = stream[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z = z ^ (z >> _S31)
    return (z >> _S11) * 2.0**-53


@njit(cache=True, nogil=True)
def _draw(cumulative, stream):  # type: ignore[no-untyped-def]
    """Return the first index at which a distribution function exceeds a uniform number."""
    u = _uniform(stream)
    last = cumulative.size - 1
    for i in range(last):
        if u < cumulative[i]:
            return i
    return last


@njit(cache=True, nogil=True)
def _rollout(next_state, reward, terminal, cumulative, H, t, s, stream):  # type: ignore[no-untyped-def]
    """Return what exploring from state s at step t earns, and the number of steps until the end."""
    by_step, by_state = cumulative.shape[0] > 1, cumulative.shape[1] > 1
    earned, first = 0.0, t
    while t < H and not terminal[s]:
        a = _draw(cumulative[t if by_step else 0, s if by_state else 0], stream)
        earned += reward[s, a]
        s = next_state[s, a]
        t += 1
    return earned, t - first


@njit(cache=True, nogil=True)
def _scores(next_state, reward, terminal, cumulative, H, t, s, depth, m, by_max, stream, scores):  # type: ignore[no-untyped-def]
    """Write the sum of m returns, or the largest, after each sequence of ``depth`` actions; return the steps taken."""
    n_actions = cumulative.shape[2]
    steps, last_digit = 0, n_actions ** (depth - 1)
    for z in range(scores.size):
        leaf, prefix, length, digit = s, 0.0, 0, last_digit
        for _ in range(depth):
            if terminal[leaf]:
                break
            a = (z // digit) % n_actions
            prefix += reward[leaf, a]
            leaf = next_state[leaf, a]
            length += 1
            digit //= n_actions
        total = -np.inf if by_max else 0.0
        for _ in range(m):
            earned, more = _rollout(next_state, reward, terminal, cumulative, H, t + depth, leaf, stream)
            total = max(total, prefix + earned) if by_max else total + prefix + earned
            steps += t + length + more
        scores[z] = total
    return steps


@njit(cache=True, nogil=True)
def _winner(scores, per_action, optimal, allowed, ties, stream):  # type: ignore[no-untyped-def]
    """Return the sequence that wins; scores tie if they differ by no more than rounding may cause."""
    best = scores.max() - allowed
    winner, tied = -1, 0
    for z in range(scores.size):
        if scores[z] >= best:
            tied += 1
            replaces = ties == _UNIFORM and _uniform(stream) * tied < 1.0
            replaces |= ties == _ADVERSARIAL and optimal[winner // per_action] and not optimal[z // per_action]
            if winner < 0 or replaces:
                winner = z
    return winner


@njit(cache=True, nogil=True)
def _gorp_run(next_state, reward, terminal, cumulative, value, within, start, k, m, by_max, ties, stream, actions):  # type: ignore[no-untyped-def]
    """Play greedy over random policy once: write the actions, return what they earn and the steps it took."""
    H, n_actions = actions.size, cumulative.shape[2]
    rounding = 1e-11 * (1 if by_max else m) * H * np.abs(reward).max()
    optimal = np.zeros(n_actions, np.bool_)
    buffer = np.empty(n_actions**k)
    s, earned, steps = start, 0.0, 0
    actions[:] = 0
    for t in range(H):
        if terminal[s]:
            break
        depth = min(k, H - t)
        scores = buffer[: n_actions**depth]
        steps += _scores(next_state, reward, terminal, cumulative, H, t, s, depth, m, by_max, stream, scores)
        for a in range(n_actions):
            optimal[a] = reward[s, a] + value[t + 1, next_state[s, a]] >= value[t, s] - within
        per_action = n_actions ** (depth - 1)
        a = _winner(scores, per_action, optimal, rounding, ties, stream) // per_action
        actions[t] = a
        earned += reward[s, a]
        s = next_state[s, a]
    return earned, steps


@njit(cache=True, nogil=True)
def gorp_runs(  # type: ignore[no-untyped-def]
    next_state, reward, terminal, cumulative, value, within, start, k, m, by_max, ties, seeds, acts, earned, steps
):
    """Play greedy over random policy once for each seed."""
    for run in range(seeds.size):
        stream = np.array([seeds[run]], dtype=np.uint64)
        earned[run], steps[run] = _gorp_run(
            next_state, reward, terminal, cumulative, value, within, start, k, m, by_max, ties, stream, acts[run]
        )


@njit(cache=True, nogil=True)
def episodes(next_state, reward, prob, terminal, mu, policy, switch, exploration, seeds, states, actions, rewards):  # type: ignore[no-untyped-def]
    """Play one episode for each seed: ``policy`` before step ``switch``, exploring from it on.

    ``prob``, ``mu`` and ``exploration`` are distribution functions. An episode stays in the terminal state it has
    reached, with reward 0.
    """
    for e in range(seeds.size):
        stream = np.array([seeds[e]], dtype=np.uint64)
        path = states[e], actions[e], rewards[e]
        _episode(next_state, reward, prob, terminal, mu, policy, switch, exploration, stream, path)


@njit(cache=True, nogil=True)
def _episode(next_state, reward, prob, terminal, mu, policy, switch, exploration, stream, path):  # type: ignore[no-untyped-def]
    by_step, by_state = exploration.shape[0] > 1, exploration.shape[1] > 1
    states, actions, rewards = path
    actions[:] = 0
    rewards[:] = 0.0
    s = _draw(mu, stream)
    for t in range(actions.size):
        states[t] = s
        if not terminal[s]:
            explore = exploration[t if by_step else 0, s if by_state else 0]
            a = policy[t, s] if t < switch else _draw(explore, stream)
            b = _draw(prob[s, a], stream)
            actions[t] = a
            rewards[t] = reward[s, a, b]
            s = next_state[s, a, b]
    states[actions.size] = s
