r"""The worst kernels for chi-square: linear on a block of lowest values, nothing above it.

The worst density is :math:`(\alpha - g)_+ / (2 \lambda)`. If it lives on the k lowest values, of mass c and with mean m
and variance s given that block, the row is first conditioned on the block, at a divergence of 1 / c - 1, and then
tilted within it:

.. math::

   \min_\mu \{ E_\mu g + \lambda \chi^2 \} = m + \lambda \Big( \frac1c - 1 \Big) - \frac{c\, s}{4 \lambda}, \qquad
   \min_{\chi^2 \le \rho} E_\mu g = m - \sqrt{s\, (c (1 + \rho) - 1)},

with :math:`\alpha = m + 2 \lambda / c`. The block is found in one pass over the sorted gaps: it grows as long as the
next gap is below :math:`\alpha`, for a penalty, or as long as the kernel that ends at the next gap is outside the ball.
So both are exact: no search, and no sum that cancels. The whole row is a block with c = 1: the closed forms with the
mean and the variance.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True)
def penalised(weight, gap, lam, density):  # type: ignore[no-untyped-def]
    """Fill the density of the worst kernel; return the optimum and eta; gaps increase from 0."""
    n, size, mass, filled = gap.size, 1, weight[0], 0.0
    while size < n:
        filled += mass * (gap[size] - gap[size - 1])  # E (g - next gap)_-, which 2 lam is to exceed
        if filled >= 2.0 * lam:
            break
        mass += weight[size]
        size += 1
    mass = 1.0 if size == n else mass
    mean, variation = _moments(weight, gap, size, mass)
    outside = (1.0 - mass) / mass
    for i in range(n):
        density[i] = max(1.0 / mass + (mean - gap[i]) / (2.0 * lam), 0.0) if i < size else 0.0
    value = mean + lam * outside - variation / (4.0 * lam)
    return max(value, 0.0), mean + 2.0 * lam * outside


@njit(cache=True, nogil=True)
def constrained(weight, gap, rho, density):  # type: ignore[no-untyped-def]
    """Fill the density of the worst kernel; return the optimum and the price of the radius; gaps increase from 0."""
    n, size, mass, mean, variation = gap.size, 1, weight[0], gap[0], 0.0
    while size < n:
        reach = gap[size] - mean
        if reach > 0.0 and mass * reach * reach + variation <= mass * mass * (1.0 + rho) * reach * reach:
            break
        mass += weight[size]
        step = weight[size] / mass * reach
        variation += (mass - weight[size]) * step * reach
        mean += step
        size += 1
    mass = 1.0 if size == n else mass
    mean, variation = _moments(weight, gap, size, mass)
    excess = mass * rho - (1.0 - mass)
    tilted = variation > 0.0 and excess > 0.0
    reach = math.sqrt(variation / (mass * excess)) if tilted else 0.0
    for i in range(n):
        slope = (mean - gap[i]) / reach if tilted else 0.0
        density[i] = max(1.0 + slope, 0.0) / mass if i < size else 0.0
    return max(mean - excess * reach, 0.0), 0.5 * mass * reach


@njit(cache=True, nogil=True)
def _moments(weight, gap, size, mass):  # type: ignore[no-untyped-def]
    """Return the mean of the block, and its mass times its variance."""
    mean, variation = 0.0, 0.0
    for i in range(size):
        mean += weight[i] * gap[i]
    mean /= mass
    for i in range(size):
        variation += weight[i] * (gap[i] - mean) ** 2
    return mean, variation
