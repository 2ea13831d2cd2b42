r"""The worst kernel of a sup-norm ball: a fractional knapsack.

Each probability lies between :math:`(p - \kappa)_+` and :math:`\min(p + \kappa, 1)`. Begin with the least of each, and
give what is missing to the states in order of their values. The price of the radius is how fast the optimum falls: at
the threshold value, states above it lose mass and states below it gain mass, each at rate one unless it is at 0 or 1.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def constrained(p, gap, kappa, kernel):  # type: ignore[no-untyped-def]
    """Fill the worst kernel, over all states in order of their gaps; return the optimum and the price of the radius."""
    rest, last = 1.0, 0
    for i in range(p.size):
        kernel[i] = max(p[i] - kappa, 0.0)
        rest -= kernel[i]
    for i in range(p.size):
        if rest <= 0.0:
            break
        given = min(min(p[i] + kappa, 1.0) - kernel[i], rest)
        kernel[i] += given
        rest -= given
        last = i
    value, price = 0.0, 0.0
    for i in range(p.size):
        value += kernel[i] * gap[i]
        moves = p[i] + kappa < 1.0 if i < last else p[i] > kappa
        price += abs(gap[i] - gap[last]) if moves else 0.0
    return value, price
