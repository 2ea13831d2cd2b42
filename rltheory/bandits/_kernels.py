"""What every learner does in a round, for Numba."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def pull(mean, noise, rng):  # type: ignore[no-untyped-def]
    """Draw a reward: a coin where ``noise`` is negative, Gaussian otherwise."""
    if noise < 0:
        return 1.0 if rng.random() < mean else 0.0
    return mean + noise * rng.standard_normal()
