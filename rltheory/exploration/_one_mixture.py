"""What learners by regression share: one mixture, a radius that exists, and episodes in batches between inversions."""

from __future__ import annotations

import math

import numpy as np

from rltheory.exploration._checked import checked_positive
from rltheory.exploration.radius import Data, Radius, Scaled, Theory
from rltheory.models import LinearMixtureMDP, ModelError

BETWEEN_INVERSIONS = 1000
"""So many episodes are played with inverses that are only updated, and then inverted anew."""


def check_one_mixture(model: LinearMixtureMDP, method: str) -> None:
    """Check that one mixture rules every step."""
    if model.theta.ndim == 2:
        raise ModelError(
            f"theta has shape {model.theta.shape}; {method} is for one mixture in all steps, and `ucrl_vtr` for others"
        )


def known_radius(radius: Radius | None, method: str) -> Theory | Scaled:
    """Return the radius, by default that of theory; there is none from data."""
    if isinstance(radius, Data):
        raise ModelError(f"radius is Data(); the theorem of {method} has none from data, only Theory() or Scaled(c)")
    return Theory() if radius is None else radius


def reward_free_ridge(ridge: float | None, radius: Radius, norm_bound: float) -> float:
    """Return the ridge, by default one over B squared, the only one for which the printed radius is proven."""
    printed = 1 / norm_bound**2
    ridge = checked_positive("ridge", printed if ridge is None else ridge)
    if isinstance(radius, Theory) and not math.isclose(ridge, printed):
        raise ModelError(f"ridge is {ridge:g}; Theory() is for {printed:g}, 1 / norm_bound^2, and Data() for any")
    return ridge


def batches(episodes: int) -> list[np.ndarray]:
    """Return the numbers of the episodes, in pieces between which matrices are inverted anew."""
    return [
        np.arange(first, min(first + BETWEEN_INVERSIONS, episodes)) for first in range(0, episodes, BETWEEN_INVERSIONS)
    ]
