r"""What is promised of entropic risk: Hoeffding's distance to the mean, tails of the horizon, and grids of levels.

Throughout :math:`\mathrm{ERM}_\beta[X] = -\frac1\beta \ln E e^{-\beta X}`, which decreases in the level beta from the
mean to the essential infimum, and ``spread`` is the length of an interval that holds X.
"""

from __future__ import annotations

import math

import numpy as np


def hoeffding_entropic(beta: float, spread: float) -> float:
    r"""How far entropic risk is below the mean: :math:`E X - \mathrm{ERM}_\beta[X] \le \beta D^2 / 8`, and at most D.

    Hoeffding (1963) for :math:`-\beta X`; the second part because X stays in an interval of length D.

    Examples
    --------
    >>> hoeffding_entropic(beta=0.1, spread=4.0)
    0.2
    """
    return min(beta * spread / 8, 1.0) * spread if spread else 0.0


def entropic_tail(gamma: float, beta: float, spread: float, steps: int) -> float:
    r"""What is lost if after N steps one is risk neutral: :math:`\gamma^N \min(\gamma^N \beta D / 8, 1)\, D`.

    The level at step N is :math:`\beta\gamma^N` and the rest counts :math:`\gamma^N`, hence the square; the proof is in
    `entropic`.

    Parameters
    ----------
    gamma : float
        Discount.
    beta : float
        Level at step 0, in 1 / reward units.
    spread : float
        Length of intervals that hold the discounted return, one for each state it begins in, in reward units.
    steps : int
        N.

    Returns
    -------
    float
        In reward units.

    Examples
    --------
    >>> entropic_tail(gamma=0.5, beta=1.0, spread=2.0, steps=3)
    0.0078125
    """
    kept = gamma**steps
    return kept * hoeffding_entropic(beta * kept if kept else 0.0, spread)


def evar_levels(alpha: float, delta: float, spread: float) -> np.ndarray:
    r"""Return levels on which the best of :math:`\mathrm{ERM}^*_\beta + \ln(\alpha)/\beta` is within delta of EVaR*.

    .. math::

       \beta_1 = \frac{8\delta}{D^2}, \qquad \beta_{k+1} = \beta_k\, \frac{\ln\alpha}{\beta_k\delta + \ln\alpha},
       \qquad \beta_K = -\frac{\ln\alpha}{\delta},

    which are steps of :math:`\delta / |\ln\alpha|` in :math:`1/\beta` (Hau, Petrik and Ghavamzadeh 2023; the last one
    is part of the proof). About :math:`D^2 |\ln\alpha| / (8 \delta^2)` levels: `maximise_evar` needs far fewer.

    Parameters
    ----------
    alpha : float
        Level of EVaR, in (0, 1).
    delta : float
        Accuracy, in reward units.
    spread : float
        Length of an interval that holds the return, in reward units.

    Returns
    -------
    ndarray
        Increasing, in 1 / reward units.

    Examples
    --------
    >>> evar_levels(alpha=0.5, delta=0.5, spread=3.0).round(3)
    array([0.444, 0.654, 1.239, 1.386])
    """
    price = -math.log(alpha)
    last = delta / price
    first = max(spread**2 / (8 * delta), last)
    return 1 / np.append(first - last * np.arange(math.ceil(first / last) - 1), last)


def evar_grid_error(alpha: float, levels: np.ndarray, spread: float) -> float:
    r"""How far the best level of any grid :math:`\beta_1 < \dots < \beta_K` may be below EVaR*.

    .. math:: \max\Big( \frac{\beta_1 D^2}{8},\;
       |\ln\alpha| \max_k \big( \tfrac1{\beta_k} - \tfrac1{\beta_{k+1}} \big),\; \frac{|\ln\alpha|}{\beta_K} \Big).

    For ERM* decreases, so that between two levels :math:`\mathrm{ERM}^*_\beta + \ln(\alpha)/\beta \le
    \mathrm{ERM}^*_{\beta_k} + \ln(\alpha)/\beta_{k+1}`, beyond the last one it is at most
    :math:`\mathrm{ERM}^*_{\beta_K}`, and before the first one at most the mean plus :math:`\ln(\alpha)/\beta_1`, where
    `hoeffding_entropic` applies.

    Examples
    --------
    >>> round(evar_grid_error(0.5, evar_levels(0.5, 0.25, spread=3.0), spread=3.0), 12)
    0.25
    """
    price = -math.log(alpha)
    theta = 1 / np.asarray(levels, dtype=np.float64)
    between = -np.diff(theta)
    return float(max(hoeffding_entropic(1 / theta[0], spread), price * between.max(initial=0.0), price * theta[-1]))
