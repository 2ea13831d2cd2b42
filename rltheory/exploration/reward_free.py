r"""What exploration without rewards leaves behind: a model that serves any reward, and how far it can be wrong.

The learner is told the reward when it has stopped exploring, and owes a policy for it. Its answer is therefore a
certificate: a number that bounds the suboptimality of every policy it will ever hand out, on the event that the truth
is in its confidence set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.exploration._checked import most_that_paths_pay
from rltheory.exploration._reward_free_episodes import plan_within
from rltheory.models import LinearMixtureMDP, ModelError
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False)
class RewardFreePlan:
    """A policy for one reward.

    Parameters
    ----------
    policy : ndarray of int, shape (H, n_states)
        Greedy in the learned model.
    value : ndarray, shape (H + 1, n_states)
        What the learned model promises, in reward units; with a bonus where the planner is optimistic.
    bound : float
        The certificate.
    """

    policy: np.ndarray
    value: np.ndarray
    bound: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RewardFreeRun:
    r"""What K episodes without rewards have taught about a linear mixture.

    Parameters
    ----------
    method : str
        The algorithm.
    phi : ndarray, shape (n_states, n_actions, n_states, d)
        Features.
    H : int
        Number of steps.
    theta : ndarray, shape (d,)
        The mixture that plans are made with.
    inverse : ndarray, shape (d, d)
        :math:`\Sigma^{-1}` of the regression that has found it.
    beta : float
        Multiplier of the bonus in plans; 0 for none.
    largest : float
        The most that a step may pay, 1 or infinity.
    vmax : float
        The most that an episode may pay, in any state and from any step on.
    bounds : ndarray, shape (K + 1,)
        The certificate before each episode and after the last, in reward units: a bound on the suboptimality of the
        plan for any admissible reward, under the start distribution, with the data before that episode.
    bound : float
        The certificate of `plan`.
    radius, error : ndarray, shape (K + 1,)
        Radius of the confidence set, and the distance of the truth from its centre, at the same times.
    """

    method: str
    phi: np.ndarray
    H: int
    theta: np.ndarray
    inverse: np.ndarray
    beta: float
    largest: float
    vmax: float
    bounds: np.ndarray
    bound: float
    radius: np.ndarray
    error: np.ndarray

    def __post_init__(self) -> None:
        for name in ("phi", "theta", "inverse", "bounds", "radius", "error"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def n_episodes(self) -> int:
        """Number of episodes, K."""
        return self.bounds.size - 1

    @property
    def covered(self) -> np.ndarray:
        """Whether the truth was in the confidence set, before each episode and after the last, shape (K + 1,)."""
        return self.error <= self.radius

    def plan(self, r: Any) -> RewardFreePlan:
        r"""Return a policy for a reward: greedy for :math:`[r + \langle\phi_V, \theta\rangle + \beta\|\phi_V\|]`.

        Brackets are clipped to what the rest of an episode can pay at most.

        Parameters
        ----------
        r : array_like, shape (n_states, n_actions), or (H, n_states, n_actions)
            Expected rewards, in reward units; at least 0.

        Raises
        ------
        ModelError
            If the reward has another shape or is not one of those that the certificate is for.
        """
        r = self._checked_reward(r)
        by_next = np.ascontiguousarray(np.moveaxis(self.phi, 2, 0)).reshape(len(self.phi), -1)
        limits = np.minimum(self.vmax, self.largest * np.arange(self.H, 0, -1.0))
        value, policy = plan_within(by_next, r, self.theta, self.inverse, self.beta, limits)
        return RewardFreePlan(frozen(policy), frozen(value), self.bound)

    def _checked_reward(self, r: Any) -> np.ndarray:
        r, shape = np.array(r, dtype=np.float64), self.phi.shape[:2]
        if r.shape not in (shape, (self.H, *shape)):
            raise ModelError(f"r has shape {r.shape}; it must be {shape} or {(self.H, *shape)}")
        r = r.reshape(-1, *shape)
        bad = np.argwhere(~((r >= 0) & (r <= self.largest) & np.isfinite(r)))
        if bad.size:
            t, s, a = bad[0]
            raise ModelError(
                f"the reward of step {t}, state {s}, action {a} is {r[t, s, a]}; it must be in [0, {self.largest:g}]"
            )
        most = most_that_paths_pay(np.any(self.phi, axis=3)[None], np.broadcast_to(r, (self.H, *shape)))[0]
        if most.max() > self.vmax * (1 + 1e-9):
            raise ModelError(
                f"rewards can add up to {most.max():.6g} from state {most.argmax()}; the certificate is for those that"
                f" add up to {self.vmax:g} at most (r / {most.max() / self.vmax:.6g} does)"
            )
        return r

    def __repr__(self) -> str:
        return f"RewardFreeRun({self.method}, {self.n_episodes} episodes, any reward within {self.bound:.4g})"


def learned(
    model: LinearMixtureMDP, method: str, curves: np.ndarray, *, theta: np.ndarray, inverse: np.ndarray, **rest: Any
) -> RewardFreeRun:
    """Return the run of a learner whose curves are bounds, radii and errors, shape (K + 1, 3)."""
    bounds, radius, error = curves.T
    return RewardFreeRun(method, model.phi, model.H, theta, inverse, bounds=bounds, radius=radius, error=error, **rest)
