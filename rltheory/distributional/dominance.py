r"""The least law above two others, in the orders of stochastic dominance.

A law is a nondecreasing curve in two ways, and larger is better in both. Its distribution function orders laws in the
first order: :math:`\nu` is above :math:`\nu'` if :math:`P_\nu(X \le y) \le P_{\nu'}(X \le y)` for every y, that is, if
every quantile is larger. Its lower tail

.. math:: \tau\,\mathrm{CVaR}_\tau(\nu) = \int_0^\tau q_\nu(u)\, du,

a convex function of the level whose slopes are the atoms and whose pieces are as long as these are likely, orders them
in the second order. The lesser of two distribution functions is one, and the larger of two convex functions is convex:
both orders are lattices, and the joins are computed on breakpoints, without a grid (Müller and Scarsini 2006).
"""

from __future__ import annotations

import numpy as np

from rltheory.distributional.law import DiscreteLaw

_ROUNDING = 1e-14


def first_order_join(left: DiscreteLaw, right: DiscreteLaw) -> DiscreteLaw:
    r"""Return the law whose every quantile is the larger one of two laws.

    Parameters
    ----------
    left, right : DiscreteLaw
        Two laws.

    Returns
    -------
    DiscreteLaw
        :math:`P(X \le y) = \min\{P_1(X \le y), P_2(X \le y)\}`.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> first_order_join(DiscreteLaw([0.0, 3.0]), DiscreteLaw.point(1.0))
    DiscreteLaw({1: 0.5, 3: 0.5})
    """
    atoms = np.union1d(left.atoms, right.atoms)
    below = np.minimum(left.cdf(atoms), right.cdf(atoms))
    prob = np.diff(below, prepend=0.0)
    return DiscreteLaw(atoms, np.where(prob > _ROUNDING, prob, 0.0))


def second_order_join(left: DiscreteLaw, right: DiscreteLaw) -> DiscreteLaw:
    r"""Return the law whose CVaR is at every level the larger one of two laws.

    Parameters
    ----------
    left, right : DiscreteLaw
        Two laws.

    Returns
    -------
    DiscreteLaw
        Its lower tail is the larger one of the two convex functions; pieces end where either has a breakpoint, or where
        they cross.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> second_order_join(DiscreteLaw([-1.0, 2.0]), DiscreteLaw.point(0.0))
    DiscreteLaw({0: 0.75, 2: 0.25})
    """
    levels = _breakpoints(left, right)
    length = np.diff(levels)
    slopes = np.stack([law.quantile(levels[:-1] + length / 2) for law in (left, right)])
    ahead = np.concatenate([[0.0], np.cumsum((slopes[0] - slopes[1]) * length)])
    ahead[np.abs(ahead) <= _ROUNDING * (1 + np.abs(slopes).max())] = 0.0
    start, end = ahead[:-1], ahead[1:]
    crosses = start * end < 0
    before = length * np.where(crosses, np.abs(start) / np.where(crosses, np.abs(start) + np.abs(end), 1.0), 1.0)
    first = np.where(np.where(start != 0, start, end) >= 0, slopes[0], slopes[1])
    second = np.where(end >= 0, slopes[0], slopes[1])
    prob = np.concatenate([before, length - before])
    return DiscreteLaw(np.concatenate([first, second]), np.where(prob > 0, prob, 0.0))


def _breakpoints(left: DiscreteLaw, right: DiscreteLaw) -> np.ndarray:
    """Return all levels at which either lower tail bends, with 0 and 1; those that differ by rounding are one."""
    levels = np.union1d(left.cumulative, right.cumulative)
    kept = levels[np.diff(levels, prepend=0.0) > _ROUNDING]
    return np.concatenate([[0.0], kept[kept < 1 - _ROUNDING], [1.0]])
