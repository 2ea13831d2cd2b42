r"""A fair coin whose returns are known: with a discount of a half, its flips are the digits of a uniform number."""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory import OutcomeModel


def half_coin() -> OutcomeModel:
    r"""One state that pays 0 or 1, each with probability 1/2, at a discount of 1/2: the return is uniform on [0, 2].

    $G = \sum_t 2^{-t} R_{t+1}$ has independent binary digits. Over H steps it is uniform on the $2^H$ multiples of
    $2^{1-H}$ in [0, 2). On $m = 2^k + 1$ even atoms of [0, 2], with $\Delta = 2 / (m - 1)$, categorical evaluation
    finds the projection of the truth itself: $\ell_2^2 = \Delta^2 / 24$ and $w_1 = \Delta / 4$ from it. With an odd
    number m of equal atoms quantile evaluation is at $w_1 = 1/m$, twice as far as any m equal atoms have to be.

    Returns
    -------
    OutcomeModel

    Examples
    --------
    >>> import mdps
    >>> from mdps.half_coin import half_coin
    >>> half_coin()
    OutcomeModel(1 states, 1 state-action pairs, at most 2 outcomes, gamma=0.5)
    """
    return OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)


def half_coin_cdf(y: Any) -> np.ndarray:
    """Return the distribution function of the return of `half_coin`: ``min(max(y / 2, 0), 1)``.

    Parameters
    ----------
    y : array_like
        In reward units.

    Returns
    -------
    ndarray
        Of the same shape.

    Examples
    --------
    >>> from mdps.half_coin import half_coin_cdf
    >>> half_coin_cdf([-1.0, 0.5, 3.0])
    array([0.  , 0.25, 1.  ])
    """
    return np.clip(np.asarray(y, dtype=np.float64) / 2, 0.0, 1.0)
