r"""What a given randomised action of a state is worth, against a nature that moves all its rows.

With a penalty she has no reason to treat the rows together: an action of probability :math:`\pi_a` costs her
:math:`\lambda / \pi_a` for each unit of its divergence. With one budget she pays one price for all,

.. math::

   \min_{\sum_a D(\mu_a \| p_a) \le \kappa} \sum_a \pi_a (r_a + E_{\mu_a} V)
   = \max_\lambda \Big\{ \sum_a \pi_a \Big( r_a + \min_\mu \{ E_\mu V + \tfrac{\lambda}{\pi_a} D(\mu \| p_a) \} \Big)
     - \lambda \kappa \Big\} ,

at the price where the divergences add up to the budget. They decrease in :math:`\lambda`, and where they jump, as those
of total variation do, a mixture of the kernels on both sides spends all. Any price proves a lower end, and any kernels
within the budget an upper one. Arrays are laid out as in `levelling`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.robust.bracketing import narrowed, point_of_ridders
from rltheory.robust.one_row import distance_of, furthest, mean_of, nearest_row, solve_row

_ROUNDING = 4e-16
_MOST_STEPS = 1100
_FALL = 16.0


@njit(cache=True, nogil=True)
def worst_for(  # type: ignore[no-untyped-def]
    family, k, is_penalty, parameter, start, weight, gap, floor, policy, density, spent
):
    """Fill the densities of nature's rows and their divergences; return both ends of the optimum, and the price."""
    state, scratch = (family, k, start, weight, gap, policy), np.empty(density.size)
    price = parameter if is_penalty else _end_of_price(state, parameter)
    if is_penalty or price in (0.0, np.inf):
        lower, upper = _answer(state, floor, price, density)
    else:
        price = _find_price(state, floor, price, parameter, density)
        lower, _ = _answer(state, floor, price, scratch)
        lower -= price * parameter
        upper = 0.0
        for a in range(floor.size):
            part = slice(start[a], start[a + 1])
            upper += policy[a] * (floor[a] + mean_of(weight[part], gap[part], density[part]))
    for a in range(floor.size):
        part = slice(start[a], start[a + 1])
        spent[a] = distance_of(family, k, weight[part], density[part])
    return min(lower, upper), upper, price


@njit(cache=True, nogil=True)
def _end_of_price(state, budget):  # type: ignore[no-untyped-def]
    """Return infinity where nature can do nothing, 0 where she can do all, else a price at which she can pay.

    At a price she spends no more than what there is to lose.
    """
    family, k, start, weight, gap, policy = state
    needed, loss = 0.0, 0.0
    for a in range(policy.size):
        if policy[a] > 0.0:
            part = slice(start[a], start[a + 1])
            needed += furthest(family, k, weight[part], gap[part])
            loss += policy[a] * mean_of(weight[part], gap[part], np.ones(start[a + 1] - start[a]))
    if needed <= budget:
        return 0.0
    return 2.0 * loss / budget if budget > 0.0 else np.inf


@njit(cache=True, nogil=True)
def _answer(state, floor, price, density):  # type: ignore[no-untyped-def]
    """Fill the densities of nature's rows at a price; return both ends of the penalised optimum."""
    family, k, start, weight, gap, policy = state
    lower, upper = 0.0, 0.0
    for a in range(policy.size):
        part = slice(start[a], start[a + 1])
        low, high = 0.0, 0.0
        if policy[a] == 0.0:
            density[part] = 1.0
        elif price > 0.0:
            low, high, _ = solve_row(family, k, True, weight[part], gap[part], price / policy[a], density[part])
        else:
            nearest_row(family, k, weight[part], gap[part], 0.0, density[part])
        lower += policy[a] * (floor[a] + low)
        upper += policy[a] * (floor[a] + high)
    return lower, upper


@njit(cache=True, nogil=True)
def _unspent(state, floor, price, budget, density):  # type: ignore[no-untyped-def]
    """Return the share of the budget that is left at a price, an increasing function; fill the densities."""
    family, k, start, weight, _, policy = state
    _answer(state, floor, price, density)
    total = 0.0
    for a in range(policy.size):
        part = slice(start[a], start[a + 1])
        total += distance_of(family, k, weight[part], density[part]) / budget if policy[a] > 0.0 else 0.0
    return 1.0 - total


@njit(cache=True, nogil=True)
def _find_price(state, floor, high, budget, density):  # type: ignore[no-untyped-def]
    """Return the least price that nature can pay, but for rounding, from a high one; densities spend all the budget.

    They are a mixture of those at this price, and at one below at which she would spend more than she has.
    """
    below = np.empty(density.size)
    f_high, low = _unspent(state, floor, high, budget, density), high / _FALL
    f_low = _unspent(state, floor, low, budget, below)
    while f_low >= 0.0 and low > 0.0:
        high, f_high, low = low, f_low, low / _FALL
        f_low = _unspent(state, floor, low, budget, below)
    for _ in range(_MOST_STEPS):
        middle = 0.5 * (low + high)
        if not low < middle < high or f_high <= _ROUNDING:
            break
        f = _unspent(state, floor, middle, budget, density)
        x = point_of_ridders(low, high, f_low, f, f_high)
        low, high, f_low, f_high = narrowed(low, high, f_low, f_high, middle, f)
        if low < x < high:
            f = _unspent(state, floor, x, budget, density)
            low, high, f_low, f_high = narrowed(low, high, f_low, f_high, x, f)
    _unspent(state, floor, low, budget, below)
    _unspent(state, floor, high, budget, density)
    density += f_high / (f_high - f_low) * (below - density)
    return high
