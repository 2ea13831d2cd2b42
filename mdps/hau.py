"""The smallest model on which the recursion over risk levels over-estimates the best CVaR."""

from __future__ import annotations

import numpy as np

from rltheory import OutcomeModel

LEVELS = (0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 1.0)
"""Levels at which the model is usually tabulated."""

_LAWS = (
    ((-600.0, 0.125), (200.0, 0.5), (600.0, 0.375)),
    ((0.0, 0.5), (200.0, 0.5)),
    ((-100.0, 0.25), (200.0, 0.5), (400.0, 0.25)),
)


def hau() -> OutcomeModel:
    r"""With probability 1/2 one gets 200 for sure, and otherwise chooses one of three lotteries.

    The lotteries pay -600 or 600 (probability 1/4 and 3/4), 0, and -100 or 400 (1/2 each); two steps, no discount.
    The laws of the return under the three policies are known, and so is everything else:

    * `hau_cvar` has the CVaR of each policy, whose largest is the best CVaR: the third lottery for levels from 3/8 to
      11/16, the sure 0 below, the first lottery above;
    * `hau_chow` has the value of the recursion of Chow et al. (2015). With y the level handed to the choice,
      :math:`y\,\mathrm{CVaR}_y` of the lotteries is :math:`\max(-600y, 600y - 300)`, 0 and
      :math:`\max(-100y, 400y - 250)`; their maximum :math:`\max(0, 600y - 300)` never needs the third, and

      .. math:: V(\tau) = \min_y \frac{\max(0, 600y - 300) + 200 (2\tau - y)}{2\tau} =
         \begin{cases} 0 & \tau \le 1/4 \\ 200 - 50/\tau & 1/4 \le \tau \le 3/4 \\ 600 - 350/\tau & \tau \ge 3/4.
         \end{cases}

    At level 1/2 the best CVaR is 50, and the recursion says 100.

    Returns
    -------
    OutcomeModel
        States ``start``, ``choice``, ``sure`` and ``end``, which is absorbing.

    Notes
    -----
    Hau, Delage, Ghavamzadeh and Petrik (2023).

    Examples
    --------
    >>> import mdps
    >>> from mdps.hau import hau, hau_chow, hau_cvar
    >>> hau()
    OutcomeModel(4 states, 6 state-action pairs, at most 2 outcomes, gamma=1)
    >>> float(hau_cvar(0.5).max()), hau_chow(0.5)
    (50.0, 100.0)
    """
    return OutcomeModel.from_lists(
        [
            [[(0.5, 1, 0.0), (0.5, 2, 0.0)]],
            [[(0.25, 3, -600.0), (0.75, 3, 600.0)], [(1.0, 3, 0.0)], [(0.5, 3, -100.0), (0.5, 3, 400.0)]],
            [[(1.0, 3, 200.0)]],
            [[(1.0, 3, 0.0)]],
        ],
        gamma=1.0,
        mu=0,
        state_names=["start", "choice", "sure", "end"],
        action_names=["go", "bold", "nothing", "moderate", "go", "stay"],
    )


def hau_cvar(tau: float) -> np.ndarray:
    r"""Return the CVaR of the return under each of the three lotteries; the largest is the best CVaR.

    Parameters
    ----------
    tau : float
        Level in (0, 1].

    Returns
    -------
    ndarray, shape (3,)
        In reward units: the mean of the worst part, of mass tau, of each law.

    Examples
    --------
    >>> from mdps.hau import hau_cvar
    >>> hau_cvar(0.5)
    array([ 0.,  0., 50.])
    """
    tails = []
    for law in _LAWS:
        left, tail = tau, 0.0
        for x, p in law:
            tail += x * min(p, left)
            left -= min(p, left)
        tails.append(tail / tau)
    return np.array(tails)


def hau_chow(tau: float) -> float:
    """Return what the recursion of Chow et al. (2015) gives.

    Parameters
    ----------
    tau : float
        Level in (0, 1].

    Returns
    -------
    float
        In reward units.

    Examples
    --------
    >>> from mdps.hau import hau_chow
    >>> hau_chow(0.5)
    100.0
    """
    if tau <= 0.25:
        return 0.0
    return 200 - 50 / tau if tau <= 0.75 else 600 - 350 / tau
