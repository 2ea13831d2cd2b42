r"""What theory promises of balls in a norm, :math:`\|\mu - p\|_p \le \rho`, where nature may go below probability zero.

Without :math:`\mu \ge 0` the worst case is a closed form, :math:`E V - \rho\, \mathrm{sp}_q(V)`, with the dual norm q
and the span seminorm :math:`\mathrm{sp}_q(V) = \min_w \|V - w\|_q` (Kumar, Levy, Wang and Mannor 2022): a lower bound
of the true one, and equal to it as long as the row that attains it has no negative entry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import ModelError


def span_seminorm(v: Any, q: float) -> float:
    r"""Distance of V from the constants, :math:`\min_w \|V - w\|_q`, for q = 1, 2 or infinity.

    The best constants are a median, the mean, and the middle of the range: the sum of the upper half less that of the
    lower half; :math:`\sqrt{\sum (V - \bar V)^2}`; half of the spread.

    Parameters
    ----------
    v : array_like, shape (n,)
        Values.
    q : float
        1, 2 or ``math.inf``.

    Raises
    ------
    ModelError
        If q is none of the three.

    Examples
    --------
    >>> import math
    >>> [span_seminorm([0.0, 1.0, 1.0, 4.0], q) for q in (1, math.inf)]
    [4.0, 2.0]
    >>> span_seminorm([0.0, 2.0], 2) == math.sqrt(2)
    True
    """
    v = np.asarray(v, dtype=np.float64)
    if q == 1:
        return float(np.abs(v - np.median(v)).sum())
    if q == 2:
        return float(np.linalg.norm(v - v.mean()))
    if q == math.inf:
        return float(np.ptp(v)) / 2
    raise ModelError(f"q is {q}; the span seminorm has a closed form for 1, 2 and inf")


def ball_loss_norm(rho: float, v: Any, norm: float) -> float:
    r"""How far the worst case of a ball in a norm is below the mean: at most :math:`\rho\, \mathrm{sp}_q(V)`.

    Kumar, Levy, Wang and Mannor (2022), with 1 / norm + 1 / q = 1. All states count, not only those that p goes to.

    Parameters
    ----------
    rho : float
        Radius.
    v : array_like, shape (n,)
        Values.
    norm : float
        1, 2 or ``math.inf``.

    Raises
    ------
    ModelError
        If the norm is none of the three.

    Examples
    --------
    >>> ball_loss_norm(0.5, [0.0, 1.0, 1.0, 4.0], 1)
    1.0
    """
    if norm not in (1, 2, math.inf):
        raise ModelError(f"norm is {norm}; there is a closed form for 1, 2 and inf")
    return rho * span_seminorm(v, {1: math.inf, 2: 2.0, math.inf: 1.0}[norm])


def norm_ball_threshold(p: Any, v: Any, norm: float) -> float:
    r"""A radius up to which `ball_loss_norm` is attained, because no probability has to be negative.

    The row that attains it moves :math:`\rho / 2` from the largest value to the least (1), moves against
    :math:`V - \bar V` (2), or takes :math:`\rho` from each state of the upper half (infinity).

    Parameters
    ----------
    p : array_like, shape (n,)
        The nominal row.
    v : array_like, shape (n,)
        Values.
    norm : float
        1, 2 or ``math.inf``.

    Raises
    ------
    ModelError
        If the norm is none of the three.

    Examples
    --------
    >>> import math
    >>> [norm_ball_threshold([0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 2.0, 3.0], norm) for norm in (1, math.inf)]
    [0.5, 0.25]
    """
    p, v = np.asarray(p, dtype=np.float64), np.asarray(v, dtype=np.float64)
    if ball_loss_norm(1.0, v, norm) == 0:
        return math.inf
    if norm == 1:
        return 2 * float(p[v == v.max()].sum())
    if norm == 2:
        direction = (v - v.mean()) / np.linalg.norm(v - v.mean())
        return float((p[direction > 0] / direction[direction > 0]).min())
    return float(p[np.argsort(v, kind="stable")[(v.size + 1) // 2 :]].min())
