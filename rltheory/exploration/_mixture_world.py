"""The true mixture as arrays for compiled loops, which plan with its features, draw from it and evaluate in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.models import LinearMixtureMDP, ModelError
from rltheory.models._drawable import drawable


@dataclass(frozen=True, slots=True, eq=False)
class MixtureWorld:
    """A linear mixture with its kernel multiplied out; made by `of`.

    Parameters
    ----------
    phi : ndarray, shape (n_states, n_actions, n_states, d)
        Features.
    by_next : ndarray, shape (n_states, n_states * n_actions * d)
        The same, the next state first.
    P, cumulative : ndarray, shape (1 or H, n_states, n_actions, n_states)
        The kernel and its sums along next states, one for all steps if it does not change.
    r : ndarray, shape (1 or H, n_states, n_actions)
        Rewards.
    mu, cumulative_mu : ndarray, shape (n_states,)
        Distribution of the first state, and its sums.
    optimum : float
        The optimal value.
    """

    phi: np.ndarray
    by_next: np.ndarray
    P: np.ndarray
    cumulative: np.ndarray
    r: np.ndarray
    mu: np.ndarray
    cumulative_mu: np.ndarray
    optimum: float

    @classmethod
    def of(cls, model: LinearMixtureMDP) -> MixtureWorld:
        """Multiply out the kernel of a model of at least one step."""
        if model.H == 0:
            raise ModelError("H is 0; a learner needs at least one step")
        P = np.array([model.kernel(t) for t in range(model.H if model.theta.ndim == 2 else 1)])
        r = np.ascontiguousarray(model.r.reshape(-1, model.n_states, model.n_actions))
        value = np.zeros(model.n_states)
        for t in reversed(range(model.H)):
            value = (r[t % len(r)] + P[t % len(P)] @ value).max(axis=1)
        by_next = np.ascontiguousarray(np.moveaxis(model.phi, 2, 0)).reshape(model.n_states, -1)
        return cls(
            model.phi,
            by_next,
            P,
            drawable(P),
            r,
            model.mu,
            drawable(model.mu),
            float(model.mu @ value),
        )
