r"""The worst kernels for chi-square: linear on a block of lowest values, nothing above it.

The worst density is :math:`(\alpha - g)_+ / (2 \lambda)`. If it lives on the k lowest values, of mass c and with mean m
and variance s given that block, the row is first conditioned on the block, at a divergence of 1 / c - 1, and then
tilted within it:

.. math::

   \min_\mu \{ E_\mu g + \lambda \chi^2 \} = m + \lambda \Big( \frac1c - 1 \Big) - \frac{c\, s}{4 \lambda}, \qquad
   \min_{\chi^2 \le \rho} E_\mu g = m - \sqrt{s\, (c (1 + \rho) - 1)},

with :math:`\alpha = m + 2 \lambda / c`; to bring the mean down to w takes :math:`(1 + (m - w)^2 / s) / c - 1`.
The block is found in one pass over the sorted gaps: it grows as long as the next gap is below :math:`\alpha`, for a
penalty, as long as the kernel that ends at the next gap is outside the ball, or as long as that kernel's mean is below
w. So all are exact: no search, and no sum that cancels. The whole row is a block with c = 1: the closed forms with the
mean and the variance.
"""

from __future__ import annotations

import math

from numba import njit

_LEAST = 1e-300
_SMALL = 1e-130


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
        mass, mean, variation = _grown(weight, gap, size, mass, mean, variation)
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
def least_budget(weight, gap, wanted, density):  # type: ignore[no-untyped-def]
    """Fill the density of the nearest row with mean ``wanted`` in (0, nominal mean); return its divergence, price."""
    unit = 1.0
    if gap[gap.size - 1] < _SMALL:  # its square would lose its digits
        unit = math.ldexp(1.0, min(-math.frexp(gap[gap.size - 1])[1], 1000))
        gap, wanted = unit * gap, unit * wanted
    n, size, mass, mean, variation = gap.size, 1, weight[0], gap[0], 0.0
    while size < n:
        reach = gap[size] - mean
        if reach > 0.0 and mean - variation / (mass * reach) >= wanted:
            break
        mass, mean, variation = _grown(weight, gap, size, mass, mean, variation)
        size += 1
    mass = 1.0 if size == n else mass
    mean, variation = _moments(weight, gap, size, mass)
    fall = max(mean - wanted, _LEAST)
    reach = variation / (mass * fall)
    for i in range(n):
        density[i] = max(1.0 + (mean - gap[i]) / reach, 0.0) / mass if i < size else 0.0
    return (1.0 - mass + fall / reach) / mass, 0.5 * mass * reach / unit


@njit(cache=True, nogil=True)
def _grown(weight, gap, size, mass, mean, variation):  # type: ignore[no-untyped-def]
    """Return mass, mean and mass times variance of the block with one more gap."""
    reach, mass = gap[size] - mean, mass + weight[size]
    step = weight[size] / mass * reach
    return mass, mean + step, variation + (mass - weight[size]) * step * reach


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
