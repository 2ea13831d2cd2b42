"""A Poisson demand meets a finite stock: the exact laws of what is left and of what is sold, nothing truncated."""

from __future__ import annotations

import numpy as np


def depletion(capacity: int, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the law of the stock left and the expected number sold, for each stock 0..capacity.

    With X ~ Poisson(mean), ``left[n, m] = P(max(n - X, 0) = m)`` and ``sold[n] = E min(X, n)``, the latter as
    P(X >= 1) + ... + P(X >= n).
    """
    demand = np.arange(1, capacity + 1)
    pmf = np.exp(np.cumsum(np.concatenate([[-mean], np.log(mean / demand)])))
    tail = np.maximum(1 - np.concatenate([[0.0], np.cumsum(pmf[:-1])]), 0)  # P(X >= k), k = 0..capacity
    stock, remaining = np.indices((capacity + 1, capacity + 1))
    left = np.where(remaining > stock, 0, pmf[np.maximum(stock - remaining, 0)])
    left[:, 0] = tail
    return left, np.concatenate([[0.0], np.cumsum(tail[1:])])
