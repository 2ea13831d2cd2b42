r"""The best randomised action of a state, against a nature that moves all its rows: she brings them down to one level.

Let :math:`b_a(u)` be the least divergence that brings action a down to u, a convex function, and :math:`\lambda_a(u) =
-1 / b_a'(u)` its price,

.. math:: b_a(u) = \min \{ D(\mu \| p_a) : r_a + E_\mu V \le u \} .

Minimum and maximum may change places, and a nature that moves first brings all actions above u down to u. So

.. math::

   \max_\pi \min_{\sum_a D(\mu_a \| p_a) \le \kappa} \sum_a \pi_a (r_a + E_{\mu_a} V)
   = \min \Big\{ u : \sum_a b_a(u) \le \kappa \Big\} , \\
   \max_\pi \min_\mu \sum_a \big\{ \pi_a (r_a + E_{\mu_a} V) + \lambda D(\mu_a \| p_a) \big\}
   = \min_u \Big\{ u + \lambda \sum_a b_a(u) \Big\} ,

and the second minimum is where :math:`\sum_a 1 / \lambda_a(u) = 1 / \lambda`. An action is played with probability
:math:`\pi_a = \lambda / \lambda_a(u)`, of a budget with the :math:`\lambda` that makes this sum to one: nature is then
indifferent about where to spend. Both sums decrease in u, and are searched between the best least value and the best
nominal one. Whatever the search returns is certified: its policy is worth at least

.. math:: \sum_a \pi_a \Big( r_a + \min_\mu \{ E_\mu V + (\lambda / \pi_a) D(\mu \| p_a) \} \Big)
          \;[\, - \lambda\kappa \,],

and against its kernels none is worth more than :math:`\max_a (r_a + E_{\mu_a} V) \;[\, + \lambda \sum_a D \,]`.

The rows of a state lie behind each other in ``weight`` and ``gap``, that of action a from ``start[a]``; ``floor`` is
each action's reward plus its least value.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.robust.bracketing import narrowed, point_of_ridders
from rltheory.robust.one_row import mean_of, nearest_row, solve_row

_ROUNDING = 4e-16
_MOST_STEPS = 1100  # halvings of an interval of floats, until no float is left inside


@njit(cache=True, nogil=True)
def best_choice(  # type: ignore[no-untyped-def]
    family, k, is_penalty, parameter, start, weight, gap, floor, policy, density, spent
):
    """Fill the best policy, the densities of nature's rows and their divergences; return both ends, and the price."""
    nominal, price, scratch = np.empty(floor.size), np.empty(floor.size), np.empty(weight.size)
    density[:] = 1.0
    spent[:] = 0.0
    for a in range(floor.size):
        part = slice(start[a], start[a + 1])
        nominal[a] = floor[a] + mean_of(weight[part], gap[part], density[part])
    if parameter == (np.inf if is_penalty else 0.0):
        return _pure(policy, nominal, np.inf)
    if not is_penalty and _all_within(family, k, parameter, start, weight, gap, floor):
        _spend(family, k, start, weight, gap, floor, floor.max(), density, spent, price)
        return _pure(policy, floor, 0.0)
    state = (family, k, is_penalty, parameter, start, weight, gap, floor)
    low, high = _find_level(state, nominal, density, spent, price)
    lam = _play(state, low, high, policy, density, spent, price)
    if lam == np.inf:  # the budget is too small to move any row by a float
        best = np.argmax(policy)
        part = slice(start[best], start[best + 1])
        guaranteed, _, _ = solve_row(family, k, False, weight[part], gap[part], parameter, scratch[part])
        return floor[best] + guaranteed, nominal[best], lam
    lower = _guaranteed(state, lam, policy, scratch)
    upper = _spend_at_most(state, high, nominal, density, spent, price)
    return min(lower, upper), upper, lam


@njit(cache=True, nogil=True)
def _pure(policy, values, price):  # type: ignore[no-untyped-def]
    """Fill the policy that takes the best action; return its value twice, and the price."""
    policy[:] = 0.0
    policy[np.argmax(values)] = 1.0
    return values.max(), values.max(), price


@njit(cache=True, nogil=True)
def _all_within(family, k, budget, start, weight, gap, floor):  # type: ignore[no-untyped-def]
    """Tell whether the budget brings every action down to the best least value."""
    if budget == np.inf:
        return True
    density, needed, level = np.empty(weight.size), 0.0, floor.max()
    for a in range(floor.size):
        part = slice(start[a], start[a + 1])
        needed += nearest_row(family, k, weight[part], gap[part], level - floor[a], density[part])[0]
    return needed <= budget


@njit(cache=True, nogil=True)
def _spend(family, k, start, weight, gap, floor, level, density, spent, price):  # type: ignore[no-untyped-def]
    """Bring all actions down to a level: fill densities, divergences and prices."""
    for a in range(floor.size):
        part = slice(start[a], start[a + 1])
        spent[a], price[a] = nearest_row(family, k, weight[part], gap[part], level - floor[a], density[part])


@njit(cache=True, nogil=True)
def _left_over(state, level, density, spent, price):  # type: ignore[no-untyped-def]
    """Return one less what nature needs for a level, as a share of what she has: an increasing function."""
    family, k, is_penalty, parameter, start, weight, gap, floor = state
    _spend(family, k, start, weight, gap, floor, level, density, spent, price)
    total = 0.0
    for a in range(floor.size):
        if not is_penalty:
            total += spent[a] / parameter
        else:
            total += parameter / price[a] if price[a] > 0.0 else np.inf
    return 1.0 - total


@njit(cache=True, nogil=True)
def _find_level(state, nominal, density, spent, price):  # type: ignore[no-untyped-def]
    """Return two levels with no float between, for the higher of which nature has enough; the same if one is exact."""
    low, high = state[-1].max(), nominal.max()
    f_low, f_high = _left_over(state, low, density, spent, price), 1.0
    if f_low >= 0.0:
        return low, low
    for _ in range(_MOST_STEPS):
        if f_high <= _ROUNDING:
            return high, high
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        f = _left_over(state, middle, density, spent, price)
        x = point_of_ridders(low, high, f_low, f, f_high)
        low, high, f_low, f_high = narrowed(low, high, f_low, f_high, middle, f)
        if low < x < high:
            f = _left_over(state, x, density, spent, price)
            low, high, f_low, f_high = narrowed(low, high, f_low, f_high, x, f)
    return low, high


@njit(cache=True, nogil=True)
def _play(state, low, high, policy, density, spent, price):  # type: ignore[no-untyped-def]
    """Fill the policy that makes nature indifferent; return what she pays for a unit of divergence."""
    family, k, is_penalty, lam, start, weight, gap, floor = state
    _spend(family, k, start, weight, gap, floor, low, density, spent, price)
    if is_penalty:
        at_low = np.array([_share(lam, x) for x in price])
        _spend(family, k, start, weight, gap, floor, high, density, spent, price)
        at_high = np.array([_share(lam, x) for x in price])
        _mix_shares(at_low, at_high, high, floor, policy)
        return lam
    least = price.min()
    if least == np.inf:
        policy[:] = 0.0
        policy[np.argmax(_worth(state, density))] = 1.0
        return least
    for a in range(price.size):
        policy[a] = 1.0 if price[a] == least else least / price[a]
    total = policy.sum()
    policy /= total
    return least / total


@njit(cache=True, nogil=True)
def _share(lam, price):  # type: ignore[no-untyped-def]
    """Return the probability at which nature pays the weight for an action of this price, at most 1."""
    return lam / price if price > lam else 1.0


@njit(cache=True, nogil=True)
def _mix_shares(at_low, at_high, level, floor, policy):  # type: ignore[no-untyped-def]
    """Fill the policy between the shares at two levels, whose sums are at least and at most 1.

    They differ where prices jump, as those of total variation do. At the best least value nature can take no more from
    the action whose it is, which is played with what remains.
    """
    missing, jump = max(1.0 - at_high.sum(), 0.0), (at_low - at_high).sum()
    if jump > 0.0:
        at_high += min(missing / jump, 1.0) * (at_low - at_high)
    elif level == floor.max():
        at_high[np.argmax(floor)] += missing
    policy[:] = at_high / at_high.sum()


@njit(cache=True, nogil=True)
def _spend_at_most(state, level, nominal, density, spent, price):  # type: ignore[no-untyped-def]
    """Let nature bring all actions down to a level, or do nothing; return what is then the best worth, with penalties.

    With a penalty the level is moved up by its rounding: below it prices may have jumped, so that rounding would cost.
    """
    family, k, is_penalty, lam, start, weight, gap, floor = state
    if is_penalty:
        level += _ROUNDING * (abs(level) + np.abs(floor[nominal > level]).sum())
    _spend(family, k, start, weight, gap, floor, level, density, spent, price)
    worth = _worth(state, density).max() + (lam * spent.sum() if is_penalty else 0.0)
    if is_penalty and nominal.max() <= worth:
        density[:] = 1.0
        spent[:] = 0.0
        return nominal.max()
    return worth


@njit(cache=True, nogil=True)
def _worth(state, density):  # type: ignore[no-untyped-def]
    """Return what each action is worth in nature's rows."""
    _, _, _, _, start, weight, gap, floor = state
    worth = floor.copy()
    for a in range(floor.size):
        part = slice(start[a], start[a + 1])
        worth[a] += mean_of(weight[part], gap[part], density[part])
    return worth


@njit(cache=True, nogil=True)
def _guaranteed(state, lam, policy, scratch):  # type: ignore[no-untyped-def]
    """Return what a policy is worth at least, when nature pays so much for each unit of divergence of any row."""
    family, k, is_penalty, parameter, start, weight, gap, floor = state
    total = 0.0 if is_penalty else -lam * parameter
    for a in range(floor.size):
        if policy[a] == 0.0:
            continue
        part, own = slice(start[a], start[a + 1]), 0.0
        if lam > 0.0:
            own, _, _ = solve_row(family, k, True, weight[part], gap[part], lam / policy[a], scratch[part])
        total += policy[a] * (floor[a] + own)
    return total
