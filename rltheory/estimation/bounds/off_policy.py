r"""How noisy are weighted returns? Likelihood ratios multiply, and so do their second moments.

For a target policy :math:`\pi` and a behaviour policy b, the ratio of a trajectory of h steps is
:math:`\rho_{0:h-1} = \prod_{t<h} \pi(a_t|s_t) / b(a_t|s_t)`, and

.. math:: \mathbb{E}_b\, \rho_{0:h-1}^2 = \mu M^h \mathbf 1 , \qquad
          M(s, s') = \sum_a \frac{\pi(a|s)^2}{b(a|s)} P(s'|s,a) .

The row sums of M are :math:`1 + \chi^2(\pi(\cdot|s) \,\|\, b(\cdot|s))`, the second moment of one step. The exact
moments of a model are in `rltheory.estimation`; here is what they are at most.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def ratio_second_moment(chi_square: float, steps: int) -> float:
    r"""Second moment of the ratio of h steps: :math:`\mathbb{E}_b\, \rho_{0:h-1}^2 \le (1 + \chi^2)^h`.

    Parameters
    ----------
    chi_square : float
        The largest :math:`\chi^2(\pi(\cdot|s) \,\|\, b(\cdot|s))` of a state.
    steps : int
        h.

    Returns
    -------
    float
        Without unit; at least 1. Attained where all states are alike.

    Examples
    --------
    Always one of two actions, against a fair coin:

    >>> ratio_second_moment(1.0, 20)
    1048576.0
    """
    return float((1 + chi_square) ** steps)


def ratio_growth(radius: float, vector: Any, mu: Any, steps: int) -> tuple[float, float]:
    r"""Enclose the second moment of the ratio of h steps by the spectral radius :math:`\lambda` of M.

    With :math:`M x = \lambda x`, :math:`x > 0`: :math:`\lambda^h\, \mu x / \max x \le \mathbb{E}_b\, \rho_{0:h-1}^2 \le
    \lambda^h\, \mu x / \min x`. So its rate of growth is :math:`\ln \lambda`, and not :math:`\lambda`, as lecture 19 of
    Szepesvari (2022) has it.

    Parameters
    ----------
    radius : float
        :math:`\lambda`, the eigenvalue of x.
    vector : array_like, shape (n_states,)
        x, above 0.
    mu : array_like, shape (n_states,)
        Distribution of the first state.
    steps : int
        h.

    Returns
    -------
    lower, upper : float
        Without unit.

    Examples
    --------
    >>> ratio_growth(2.0, [1.0, 1.0], [0.5, 0.5], 3)
    (8.0, 8.0)
    """
    x = np.asarray(vector, float)
    grown = float(radius**steps * (np.asarray(mu, float) @ x))
    return grown / float(x.max()), grown / float(x.min())


def marginalised_second_moment(gamma: float, moments: Any) -> float:
    r"""Second moment of returns weighted step by step with the ratio of the pair: at most
    :math:`\big(\sum_t \gamma^t\big) \sum_t \gamma^t C_t`.

    Of :math:`\sum_t \gamma^t w_t(s_t) \rho_t r_t` for rewards in [-1, 1], with :math:`w_t = d^\pi_t / d^b_t` and
    :math:`C_t = \mathbb{E}_b\, (w_t \rho_t)^2`. Nothing multiplies: of order :math:`h^2` if all are bounded.

    Parameters
    ----------
    gamma : float
        Discount, in [0, 1].
    moments : array_like, shape (H,)
        :math:`C_0, C_1, \ldots`

    Returns
    -------
    float
        In squared reward units. By Cauchy and Schwarz; attained by data of the target policy where every reward is 1.

    Examples
    --------
    >>> marginalised_second_moment(1.0, [1.0, 1.0, 1.0])
    9.0
    """
    moments = np.asarray(moments, float)
    discounts = gamma ** np.arange(moments.size)
    return float(discounts.sum() * (discounts @ moments))
