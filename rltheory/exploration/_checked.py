"""The checks that learners share: each message names the argument, the number and what it must be."""

from __future__ import annotations

import math

import numpy as np

from rltheory.models import LinearMixtureMDP, ModelError

_ROUNDING = 1e-9


def checked_episodes(episodes: int) -> int:
    """Return the number of episodes as an int of at least 0."""
    if isinstance(episodes, bool) or not isinstance(episodes, (int, np.integer)) or episodes < 0:
        raise ModelError(f"episodes is {episodes!r}; it must be a whole number of at least 0")
    return int(episodes)


def checked_delta(delta: float) -> float:
    """Return a probability of failure, strictly between 0 and 1."""
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a probability of failure is above 0 and below 1")
    return float(delta)


def checked_positive(name: str, value: float) -> float:
    """Return a finite number above 0."""
    if not 0 < value < math.inf:
        raise ModelError(f"{name} is {value!r}; it must be a finite number above 0")
    return float(value)


def checked_vmax(model: LinearMixtureMDP, vmax: float | None) -> float:
    """Return a number that the rewards of no episode add up to more than, rewards being at least 0.

    By default the sum of the largest reward of each step. A number that is given is held against what can happen: the
    largest sum of rewards along any path that has positive probability, from any state and step.
    """
    rewards = [model.rewards(t) for t in range(model.H)]
    for t, r in enumerate(rewards):
        if r.min() < 0:
            s, a = np.unravel_index(int(r.argmin()), r.shape)
            raise ModelError(f"the reward of step {t}, state {s}, action {a} is {r[s, a]}; here rewards are at least 0")
    if vmax is None:
        return max(float(sum(r.max() for r in rewards)), np.finfo(float).tiny)
    vmax = checked_positive("vmax", vmax)
    most, largest = np.zeros(model.n_states), 0.0
    for t in reversed(range(model.H)):
        after = np.where(model.kernel(t) > 0, most, 0.0).max(axis=2)
        most = (rewards[t] + after).max(axis=1)
        largest = max(largest, float(most.max()))
    if largest > vmax * (1 + _ROUNDING):
        raise ModelError(f"vmax is {vmax:g}; rewards can add up to {largest:.6g}, which it must not be below")
    return vmax


def checked_norm_bound(model: LinearMixtureMDP, norm_bound: float | None) -> float:
    """Return a bound on the norm of the mixture, by default the largest norm of a step's."""
    norm = float(np.linalg.norm(np.atleast_2d(model.theta), axis=1).max(initial=0.0))
    if norm_bound is None:
        return norm
    if not norm * (1 - _ROUNDING) <= norm_bound < math.inf:
        raise ModelError(f"norm_bound is {norm_bound!r}; theta has norm {norm:.6g}, which it must not be below")
    return float(norm_bound)
