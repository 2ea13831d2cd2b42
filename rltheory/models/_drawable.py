"""What a uniform number is looked up in to draw from a law."""

from __future__ import annotations

import numpy as np


def drawable(prob: np.ndarray) -> np.ndarray:
    """Add up probabilities and divide by the sum, so that the last one that is not 0 reaches exactly 1.

    Without the division a uniform number above a sum that rounding left below 1 would draw the last entry, which may
    have probability 0.

    Parameters
    ----------
    prob : ndarray, shape (..., n)

    Returns
    -------
    ndarray, shape (..., n)
    """
    sums = np.cumsum(prob, axis=-1)
    return sums / sums[..., -1:]
