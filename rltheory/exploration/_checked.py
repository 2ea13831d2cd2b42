"""The checks that learners share: each message names the argument, the number and what it must be."""

from __future__ import annotations

import math

import numpy as np

from rltheory.models import LinearMixtureMDP, ModelError
from rltheory.models._validation import checked_positive, checked_whole

_ROUNDING = 1e-9


def checked_episodes(episodes: int) -> int:
    """Return how many episodes to play, a whole number of at least 0."""
    return checked_whole("episodes", episodes, 0)


def checked_delta(delta: float) -> float:
    """Return a failure probability, strictly between 0 and 1."""
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a failure probability is strictly between 0 and 1")
    return float(delta)


def checked_vmax(P: np.ndarray, r: np.ndarray, vmax: float) -> float:
    """Return a number that rewards, which are at least 0, add up to at most, along all paths from any state and step.

    ``r`` has shape (H, n_states, n_actions); ``P`` as well, after its axis of next states, or one step for all.
    """
    vmax = checked_positive("vmax", vmax)
    if (r < 0).any():
        t, s, a = np.argwhere(r < 0)[0]
        raise ModelError(f"the reward of step {t}, state {s}, action {a} is {r[t, s, a]}; rewards are at least 0 here")
    to_come = most_that_paths_pay(P > 0, r)
    too_much = np.flatnonzero((to_come > vmax * (1 + _ROUNDING)).any(axis=1))
    if too_much.size:
        t = int(too_much[-1])
        s = int(to_come[t].argmax())
        raise ModelError(
            f"from step {t}, state {s} a trajectory can earn {to_come[t, s]:.6g}; vmax is {vmax:g}:"
            " pass a larger one, or rescale the rewards"
        )
    return vmax


def most_that_paths_pay(possible: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the most that rewards add up to along any path, from each step and state, shape (H, n_states, ...).

    ``r`` has shape (H, n_states, n_actions, ...), where the rest tells several rewards apart; ``possible``, of shape
    (1 or H, n_states, n_actions, n_states), says which next states there can be.
    """
    most = np.zeros((len(r) + 1, r.shape[1], *r.shape[3:]))
    for t in reversed(range(len(r))):
        mask = possible[t % len(possible)].reshape(*possible.shape[1:], *(1,) * (r.ndim - 3))
        most[t] = (r[t] + np.where(mask, most[t + 1], -np.inf).max(axis=2)).max(axis=1)
    return most[:-1]


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
