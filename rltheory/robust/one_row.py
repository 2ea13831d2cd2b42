"""Three questions about one row, whichever the divergence: its worst kernel, the nearest kernel of a mean, how far.

Rows are given by their weights on the support, and by the gaps of the values there above the least one, in increasing
order; kernels by their density with respect to the row. What a density of total variation lacks is at the least value.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from rltheory.robust import chi_square, tilting, total_variation

TOTAL_VARIATION, CHI_SQUARE, TILTED, SUP_NORM = range(4)


@njit(cache=True, nogil=True)
def solve_row(family, k, is_penalty, weight, gap, parameter, density):  # type: ignore[no-untyped-def]
    """Fill the density of the worst kernel; return both ends of the optimum, and the multiplier."""
    value = 0.0
    if family == TOTAL_VARIATION:
        if is_penalty:
            value, multiplier = total_variation.penalised(weight, gap, parameter, density)
        else:
            value, multiplier = total_variation.constrained(weight, gap, parameter, density)
        return value, value, multiplier
    if (is_penalty and parameter == np.inf) or gap[gap.size - 1] == 0.0 or (not is_penalty and parameter == 0.0):
        density[:] = 1.0
        value = mean_of(weight, gap, density)
        free = gap[gap.size - 1] == 0.0 and not is_penalty
        return value, value, 0.0 if free else (value if is_penalty else np.inf)
    if not is_penalty and parameter == np.inf:
        tilting.at_least_value(weight, gap, tilting.least_mass(weight, gap), density)
        return 0.0, 0.0, 0.0
    if family == CHI_SQUARE:
        if is_penalty:
            value, multiplier = chi_square.penalised(weight, gap, parameter, density)
        else:
            value, multiplier = chi_square.constrained(weight, gap, parameter, density)
        return value, value, multiplier
    if is_penalty:
        return tilting.penalised(k, weight, gap, parameter, density)
    return tilting.constrained(k, weight, gap, parameter, density)


@njit(cache=True, nogil=True)
def nearest_row(family, k, weight, gap, wanted, density):  # type: ignore[no-untyped-def]
    """Fill the density of the nearest row with a mean gap of at most ``wanted``; return its divergence and its price.

    The price is the weight of the penalty whose worst kernel it is: the largest one if the row is all at the least
    value, and infinite if nothing has to be moved.
    """
    density[:] = 1.0
    if mean_of(weight, gap, density) <= wanted:
        return 0.0, np.inf
    if family == TOTAL_VARIATION:
        return total_variation.least_budget(weight, gap, max(wanted, 0.0), density)
    if wanted <= 0.0:
        mass = tilting.least_mass(weight, gap)
        tilting.at_least_value(weight, gap, mass, density)
        return furthest(family, k, weight, gap), _last_price(family, k, mass, gap)
    if family == CHI_SQUARE:
        return chi_square.least_budget(weight, gap, wanted, density)
    return tilting.least_budget(k, weight, gap, wanted, density)


@njit(cache=True, nogil=True)
def mean_of(weight, gap, density):  # type: ignore[no-untyped-def]
    """Return the mean gap of the row with this density."""
    mean = 0.0
    for i in range(gap.size):
        mean += weight[i] * density[i] * gap[i]
    return mean


@njit(cache=True, nogil=True)
def distance_of(family, k, weight, density):  # type: ignore[no-untyped-def]
    """Return the divergence of the row with this density."""
    total = 0.0
    for i in range(weight.size):
        if family == TOTAL_VARIATION:
            total += weight[i] * (1.0 - density[i])
        elif family == CHI_SQUARE:
            total += weight[i] * (density[i] - 1.0) ** 2
        else:
            total += weight[i] * tilting.f_of(k, math.log(density[i]) if density[i] > 0.0 else -np.inf)
    return total


@njit(cache=True, nogil=True)
def furthest(family, k, weight, gap):  # type: ignore[no-untyped-def]
    """Return the least divergence of a row that is all at the least value."""
    if family == TOTAL_VARIATION:
        total = 0.0
        for i in range(gap.size):
            total += weight[i] if gap[i] > 0.0 else 0.0
        return total
    mass = tilting.least_mass(weight, gap)
    return (1.0 - mass) / mass if family == CHI_SQUARE else tilting.most_divergence(k, mass)


@njit(cache=True, nogil=True)
def _last_price(family, k, mass, gap):  # type: ignore[no-untyped-def]
    """Return the largest weight of a penalty whose worst kernel is all at the least value, which is not all there is.

    Above k = 1 this is where the curve of tilted rows reaches the second value; below, it never leaves any out.
    """
    second = gap[np.searchsorted(gap, 0.0, side="right")]
    if family == CHI_SQUARE:
        return 0.5 * mass * second
    return (k - 1.0) * second * mass ** (k - 1.0) if k > 1.0 else 0.0
