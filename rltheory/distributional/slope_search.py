r"""Maximise a function of one number that may have many peaks, from bounds on its slope.

If :math:`\ell \le \varphi' \le u` with :math:`\ell \le 0 \le u` then between two points x < y

.. math:: \varphi(b) \le \min\{\varphi(x) + u (b - x),\; \varphi(y) - \ell (y - b)\},

which is largest where the two lines meet. Intervals whose bound is not above the best value found are given up, and the
one with the largest bound is split there (Piyavskii 1972). A search for *the* peak by thirds, or along the gradient,
ends at some peak: that of :math:`b + V_b / \tau` in CVaR need not be the highest.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np

_ROUNDING = 1e-14


def maximise_on_points(
    function: Callable[[int], float], points: np.ndarray, slopes: tuple[float, float]
) -> tuple[int, float]:
    """Maximise over given points, exactly, evaluating as few as the slopes allow.

    Parameters
    ----------
    function : callable
        Value at the point with a given index.
    points : ndarray, shape (n,)
        Increasing.
    slopes : tuple of float
        The least slope (at most 0) and the largest (at least 0).

    Returns
    -------
    (int, float)
        Index of a best point, and its value. What is given up is within rounding (1e-14, relative) of the best.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(8.0)
    >>> height = np.array([0, 1, 0, 0, 1, 2, 1, 0])  # two peaks
    >>> maximise_on_points(lambda k: float(height[k]), x, (-1.0, 1.0))
    (5, 2.0)
    """
    n = points.size
    known = {k: function(k) for k in {0, n - 1}}
    best = min(known, key=lambda k: (-known[k], k))
    heap = [_interval(points, known, 0, n - 1, slopes)] if n > 2 else []
    while heap:
        bound, left, right, at = heapq.heappop(heap)
        slack = _ROUNDING * (1 + abs(known[best]))
        if -bound <= known[best] + slack:
            break
        middle = int(np.clip(np.searchsorted(points, at), left + 1, right - 1))
        known[middle] = function(middle)
        if known[middle] > known[best]:
            best = middle
        for ends in ((left, middle), (middle, right)):
            if ends[1] - ends[0] > 1:
                heapq.heappush(heap, _interval(points, known, *ends, slopes))
    return best, known[best]


def bound_between(points: np.ndarray, values: np.ndarray, slopes: tuple[float, float]) -> float:
    """Return a bound on the maximum over an interval, from values at points that include its ends."""
    if points.size == 1:
        return float(values[0])
    return float(max(values.max(), _peak(points[:-1], points[1:], values[:-1], values[1:], slopes)[1].max()))


def _interval(
    points: np.ndarray | list[float], known: dict[int, float], left: int, right: int, slopes: tuple[float, float]
) -> tuple[float, int, int, float]:
    at, bound = _peak(points[left], points[right], known[left], known[right], slopes)
    return -float(bound), left, right, float(at)


def _peak(x, y, at_x, at_y, slopes):  # type: ignore[no-untyped-def]
    """Return where the line up from x meets the line down to y, and how high."""
    least, most = slopes
    if most - least <= 0:
        return (x + y) / 2, np.maximum(at_x, at_y)
    b = np.clip((at_y - at_x + most * x - least * y) / (most - least), x, y)
    return b, np.maximum(at_x + most * (b - x), np.maximum(at_x, at_y))
