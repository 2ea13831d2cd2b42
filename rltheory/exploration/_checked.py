"""The checks that learners share: each message names the argument, the number and what it must be."""

from __future__ import annotations

import math

import numpy as np

from rltheory.models import LinearMixtureMDP, ModelError

_ROUNDING = 1e-9


def checked_whole(name: str, value: int, least: int) -> int:
    """Return a whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ModelError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    return int(value)


def checked_episodes(episodes: int) -> int:
    """Return how many episodes to play, a whole number of at least 0."""
    return checked_whole("episodes", episodes, 0)


def checked_delta(delta: float) -> float:
    """Return a failure probability, strictly between 0 and 1."""
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a failure probability is strictly between 0 and 1")
    return float(delta)


def checked_positive(name: str, value: float) -> float:
    """Return a finite number above 0."""
    if not 0 < value < math.inf:
        raise ModelError(f"{name} is {value!r}; it must be a finite number above 0")
    return float(value)


def checked_vmax(P: np.ndarray, r: np.ndarray, vmax: float) -> float:
    """Return a number that rewards, which are at least 0, add up to at most, along all paths from any state and step.

    ``r`` has shape (H, n_states, n_actions); ``P`` as well, after its axis of next states, or one step for all.
    """
    vmax = checked_positive("vmax", vmax)
    if (r < 0).any():
        t, s, a = np.argwhere(r < 0)[0]
        raise ModelError(f"the reward of step {t}, state {s}, action {a} is {r[t, s, a]}; rewards are at least 0 here")
    to_come = np.zeros(r.shape[1])
    for t in reversed(range(len(r))):
        after = np.where(P[min(t, len(P) - 1)] > 0, to_come, 0.0).max(axis=2)
        to_come = (r[t] + after).max(axis=1)
        if to_come.max() > vmax * (1 + _ROUNDING):
            s = int(to_come.argmax())
            raise ModelError(
                f"from step {t}, state {s} a trajectory can earn {to_come[s]:.6g}; vmax is {vmax:g}:"
                " pass a larger one, or rescale the rewards"
            )
    return vmax


def checked_mixture_vmax(model: LinearMixtureMDP, vmax: float | None) -> float:
    """Return the same for a mixture, by default the sum of the largest reward of each step."""
    r = np.array([model.rewards(t) for t in range(model.H)]).reshape(model.H, model.n_states, model.n_actions)
    if vmax is None:
        vmax = max(float(r.max(axis=(1, 2)).sum()), float(np.finfo(float).tiny))
    P = np.array([model.kernel(t) for t in range(model.H if model.theta.ndim == 2 else min(model.H, 1))])
    return checked_vmax(P, r, vmax)


def checked_norm_bound(model: LinearMixtureMDP, norm_bound: float | None) -> float:
    """Return a bound on the norm of the mixture, by default the largest norm of a step's."""
    norm = float(np.linalg.norm(np.atleast_2d(model.theta), axis=1).max(initial=0.0))
    if norm_bound is None:
        return norm
    if not norm * (1 - _ROUNDING) <= norm_bound < math.inf:
        raise ModelError(f"norm_bound is {norm_bound!r}; theta has norm {norm:.6g}, which it must not be below")
    return float(norm_bound)
