r"""Exact maxima over the dual variable alpha when the nominal distribution is estimated, and its weights are signed.

With :math:`[v]_\alpha = \min(v, \alpha)` and a signed measure w in place of a distribution, the duals are

.. math::

   \max_\alpha \; w [v]_\alpha - \rho\, (\alpha - v_{\min})_+ , \qquad
   \max_\alpha \; e_1 + \frac{e_1^2 - e_2}{4 \lambda}, \quad
   e_1 = \mathrm{clip}(w [v]_\alpha), \; e_2 = \mathrm{clip}(w [v]_\alpha^2),

for total variation (a ball) and chi-square (a penalty). Between two neighbouring values, with b the weight above and
A, C the sums of w v and w v^2 below, :math:`w [v]_\alpha = A + b \alpha`, :math:`w [v]_\alpha^2 = C + b \alpha^2`. So
the first is piecewise linear, and largest at an end of a piece; the second is piecewise quadratic, and largest at an
end, at a place where a clip sets in, or at a vertex. With signed weights neither is concave: every piece is looked at,
after one sort.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import ModelError


def maximise_tv(weights: Any, v: Any, rho: Any, *, low: float, high: float, least: float) -> np.ndarray:
    r"""Return :math:`\max_{\alpha \in [low, high]} w [v]_\alpha - \rho (\alpha - least)_+` for each signed measure w.

    Parameters
    ----------
    weights : array_like, shape (d, n)
        Signed weights of n values.
    v : array_like, shape (n,)
        Values, in any order.
    rho : array_like, broadcast to (d,)
        Radii.
    low, high : float
        Range of alpha.
    least : float
        Least value of a state, to which nature moves mass.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ModelError
        If shapes do not fit or the range is empty.

    Examples
    --------
    >>> maximise_tv([[0.5, 0.5], [1.5, -0.5]], [0.0, 4.0], 0.25, low=0.0, high=4.0, least=0.0)
    array([1., 0.])
    """
    weights, v = _sorted(weights, v, low, high)
    low, high, least = float(low), float(high), float(least)
    rho = np.ascontiguousarray(np.broadcast_to(rho, weights.shape[:1]), dtype=np.float64)
    return _all_linear(weights, v, rho, low, high, least)


def maximise_chi_square(
    weights: Any, v: Any, lam: Any, *, low: float, high: float, clip: tuple[float, float] = (-math.inf, math.inf)
) -> np.ndarray:
    r"""Return :math:`\max_{\alpha \in [low, high]} e_1 + (e_1^2 - e_2) / (4 \lambda)` for each signed measure.

    Parameters
    ----------
    weights : array_like, shape (d, n)
        Signed weights of n values.
    v : array_like, shape (n,)
        Values, in any order.
    lam : array_like, broadcast to (d,)
        Weights of the penalty.
    low, high : float
        Range of alpha.
    clip : pair of float
        Range that the estimated mean is clipped to; the second moment is clipped to [0, clip[1]**2] if ``clip`` is
        bounded, and free if not.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ModelError
        If shapes do not fit or the range is empty.

    Examples
    --------
    >>> maximise_chi_square([[0.5, 0.5]], [0.0, 2.0], [1.0], low=0.0, high=2.0)
    array([0.75])
    """
    weights, v = _sorted(weights, v, low, high)
    lam = np.ascontiguousarray(np.broadcast_to(lam, weights.shape[:1]), dtype=np.float64)
    low, high, bottom, top = float(low), float(high), float(clip[0]), float(clip[1])
    squares = (0.0, top**2) if math.isfinite(top) else (-math.inf, math.inf)
    return _all_quadratic(weights, v, lam, low, high, bottom, top, *squares)


def _sorted(weights: Any, v: Any, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    weights, v = np.asarray(weights, dtype=np.float64), np.asarray(v, dtype=np.float64)
    if weights.ndim != 2 or v.shape != weights.shape[1:]:
        raise ModelError(f"weights have shape {weights.shape} and v {v.shape}; they must be (d, n) and (n,)")
    if not low <= high:
        raise ModelError(f"alpha ranges over [{low}, {high}], which is empty")
    order = np.argsort(v, kind="stable")
    return np.ascontiguousarray(weights[:, order]), np.ascontiguousarray(v[order])


@njit(cache=True, nogil=True)
def _largest_linear(w, v, rho, low, high, least):  # type: ignore[no-untyped-def]
    n, best = v.size, -np.inf
    above, first = w.sum(), 0.0
    for k in range(n + 1):
        left = low if k == 0 else max(low, v[k - 1])
        right = high if k == n else min(high, v[k])
        if left <= right:
            middle = min(max(least, left), right)  # the penalty sets in at the least value
            for alpha in (left, middle, right):
                best = max(best, first + above * alpha - rho * max(alpha - least, 0.0))
        if k < n:
            above = above - w[k] if k < n - 1 else 0.0
            first += w[k] * v[k]
    return best


@njit(cache=True, nogil=True)
def _largest_quadratic(w, v, lam, low, high, bottom, top, least_square, top_square):  # type: ignore[no-untyped-def]
    n, best, candidates = v.size, -np.inf, np.empty(10)
    above, first, second = w.sum(), 0.0, 0.0
    for k in range(n + 1):
        left = low if k == 0 else max(low, v[k - 1])
        right = high if k == n else min(high, v[k])
        if left <= right:
            _fill_candidates(candidates, above, first, second, lam, bottom, top, least_square, top_square)
            candidates[0], candidates[1] = left, right
            for alpha in candidates:
                if left <= alpha <= right:
                    mean = min(max(first + above * alpha, bottom), top)
                    square = min(max(second + above * alpha * alpha, least_square), top_square)
                    best = max(best, mean + (mean * mean - square) / (4.0 * lam))
        if k < n:
            above = above - w[k] if k < n - 1 else 0.0
            first += w[k] * v[k]
            second += w[k] * v[k] * v[k]
    return best


@njit(cache=True, nogil=True)
def _all_linear(weights, v, rho, low, high, least):  # type: ignore[no-untyped-def]
    best = np.empty(weights.shape[0])
    for i in range(best.size):
        best[i] = _largest_linear(weights[i], v, rho[i], low, high, least)
    return best


@njit(cache=True, nogil=True)
def _all_quadratic(weights, v, lam, low, high, bottom, top, least_square, top_square):  # type: ignore[no-untyped-def]
    best = np.empty(weights.shape[0])
    for i in range(best.size):
        best[i] = _largest_quadratic(weights[i], v, lam[i], low, high, bottom, top, least_square, top_square)
    return best


@njit(cache=True, nogil=True)
def _fill_candidates(out, above, first, second, lam, bottom, top, least_square, top_square):  # type: ignore[no-untyped-def]
    """Fill out[2:] with the vertices, and with the places where a clip sets in; NaN where there is none."""
    out[2:] = np.nan
    out[2] = 0.0  # the vertex where the mean is clipped and the second moment is not
    if above == 0.0:
        return
    if above != 1.0:
        out[3] = (2.0 * lam + first) / (1.0 - above)  # of (A + b a) + ((A + b a)^2 - C - b a^2) / (4 lam)
    out[4], out[5] = (bottom - first) / above, (top - first) / above
    for j, bound in enumerate((least_square, top_square)):
        square = (bound - second) / above
        if square >= 0.0:
            out[6 + 2 * j] = math.sqrt(square)
            out[7 + 2 * j] = -math.sqrt(square)
