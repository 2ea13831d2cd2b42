r"""The worst kernels for total variation: mass goes from the largest values to the least one.

To move mass from value v to the least value of *all* states, m, gains v - m a unit and costs :math:`\lambda`, or takes
from the radius. So with gaps g = v - m

.. math::

   \min_\mu \{ E_\mu V + \lambda\, \mathrm{TV}(\mu, p) \} = E_p \min(V, m + \lambda), \qquad
   \min_{\mathrm{TV}(\mu, p) \le \rho} E_\mu V = m + E_p g - \{\text{the gaps of the highest mass } \rho\} .

Both are exact. In :math:`\eta - \lambda E_p f^*((\eta - V) / \lambda)` the multiplier is
:math:`\eta = m + \min(\lambda, \max g) / 2`.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def penalised(weight, gap, lam, density):  # type: ignore[no-untyped-def]
    """Fill the density of the mass that stays; return the optimum and eta. Gaps are above the least of all values."""
    value = 0.0
    for i in range(gap.size):
        density[i] = 1.0 if gap[i] <= lam else 0.0
        value += weight[i] * min(gap[i], lam)
    return value, 0.5 * min(lam, gap[gap.size - 1])


@njit(cache=True, nogil=True)
def constrained(weight, gap, rho, density):  # type: ignore[no-untyped-def]
    """Fill the density of the mass that stays; return the optimum and the price of the radius; gaps increase."""
    density[:] = 1.0
    price, i = 0.0, gap.size - 1
    while i >= 0 and gap[i] > 0.0:
        price = gap[i]
        if weight[i] >= rho:
            density[i] = 1.0 - rho / weight[i]
            break
        rho -= weight[i]
        density[i], price = 0.0, 0.0
        i -= 1
    value = 0.0
    for j in range(gap.size):
        value += weight[j] * density[j] * gap[j]
    return value, price


@njit(cache=True, nogil=True)
def least_budget(weight, gap, wanted, density):  # type: ignore[no-untyped-def]
    """Fill the density of what stays when the mean is brought down to ``wanted``; return the mass moved, the price."""
    density[:] = 1.0
    excess, moved, price = -wanted, 0.0, 0.0
    for i in range(gap.size):
        excess += weight[i] * gap[i]
    for i in range(gap.size - 1, -1, -1):
        if gap[i] == 0.0:
            break
        price = gap[i]
        if excess <= weight[i] * price:
            moved += excess / price
            density[i] = max(1.0 - excess / price / weight[i], 0.0)
            break
        moved += weight[i]
        excess -= weight[i] * price
        density[i] = 0.0
    return moved, price
