r"""What theory promises of robust dynamic programming: how values shrink, and what robustness costs.

Everything follows from one line about the worst case W of a row p, carried through the recursion
:math:`V_t = \max_a \{ r + \gamma W(V_{t+1}) \}`, of pairs or of factors alike. A number of ``steps`` is the number of
rewards that are still to come, H - t at step t; as V is zero after the last, nature matters in all but one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def tv_ball_span(rho: float, steps: int, gamma: float = 1.0) -> float:
    r"""Span of the robust values of a policy with total variation balls: :math:`\sum_{k < n} (\gamma (1 - \rho))^k`.

    For rewards in [0, 1]. Nature may send the mass rho to the worst state from everywhere, so that
    :math:`\min V \le W(V) \le \min V + (1 - \rho)\, \mathrm{span}(V)`. Without a discount this is
    :math:`(1 - (1 - \rho)^n) / \rho`, which no horizon brings above 1 / rho (Liu and Xu 2024, lemma 5.1).

    Examples
    --------
    >>> tv_ball_span(rho=0.5, steps=3), tv_ball_span(rho=0.0, steps=3)
    (1.75, 3.0)
    """
    kept = gamma * (1 - min(rho, 1.0))
    return float(steps) if kept == 1 else (1 - kept**steps) / (1 - kept)


def tv_penalty_span(lam: float, steps: int, gamma: float = 1.0) -> float:
    r"""Span of the robust values of a policy with total variation penalties, n rewards in [0, 1] before the end.

    .. math:: s_n = 1 + \gamma \min(\lambda, s_{n-1}), \qquad s_0 = 0,

    since :math:`W(V) = E \min(V, \min V + \lambda)`; so it is at most :math:`1 + \gamma \lambda` for all horizons.

    Examples
    --------
    >>> tv_penalty_span(lam=0.5, steps=4), tv_penalty_span(lam=10.0, steps=4)
    (1.5, 4.0)
    """
    span = 0.0
    for _ in range(steps):
        rest = 1 + gamma * min(lam, span)
        if rest == span:
            break
        span = rest
    return span


def penalty_lead(lam: float, rho: float, steps: int, gamma: float = 1.0) -> float:
    r"""How far penalties may leave the optimum above balls: :math:`\lambda\rho \sum_{0 < k < n} \gamma^k`.

    Since :math:`R_\lambda \le C_\rho + \lambda\rho` for every row, whatever the divergence. Without a discount it is
    :math:`\lambda \rho (n - 1)`. No weight makes the two equal along a whole horizon.

    Examples
    --------
    >>> penalty_lead(lam=2.0, rho=0.25, steps=4)
    1.5
    """
    return lam * rho * float(sum(gamma**k for k in range(1, steps)))


def tv_ball_cost(rho: float, spans: Any, gamma: float = 1.0) -> float:
    r"""How far robust optima with total variation balls are below nominal ones: :math:`\rho \sum_k \gamma^k s_k`.

    Here :math:`s_k` is the span of the robust values k steps later, k = 1, 2, ... (or of the nominal ones throughout),
    since :math:`E V - W(V) \le \rho\, \mathrm{span}(V)`.

    Parameters
    ----------
    rho : float
        Radius.
    spans : array_like
        Spans of the values after this step, the next one first.
    gamma : float
        Discount.

    Examples
    --------
    >>> tv_ball_cost(rho=0.1, spans=[2.0, 1.0, 0.0])
    0.30000000000000004
    """
    spans = np.asarray(spans, dtype=np.float64)
    return rho * float(gamma ** np.arange(1, spans.size + 1) @ spans)


def tv_ball_cost_discounted(rho: float, span: float, gamma: float) -> float:
    r"""The same for a discounted model: :math:`\gamma\rho\, \mathrm{span}(v) / (1 - \gamma)`, v robust or nominal.

    Examples
    --------
    >>> round(tv_ball_cost_discounted(rho=0.1, span=2.0, gamma=0.5), 12)
    0.2
    """
    return gamma * rho * span / (1 - gamma)


def robust_contraction(gamma: float, distance: float) -> float:
    r"""Distance of two values after a robust backup: at most :math:`\gamma \|u - v\|`, as after any other.

    With a penalty or over a ball, because a minimum of means moves by no more than the values do. Iyengar (2005); Nilim
    and El Ghaoui (2005). Attained by constants.

    Examples
    --------
    >>> robust_contraction(gamma=0.5, distance=3.0)
    1.5
    """
    return gamma * distance


def robust_bracket(backed_up: Any, v: Any, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Ends between which the fixed point of a robust operator lies, given :math:`T v`.

    .. math:: T v + \frac{\gamma}{1 - \gamma} \min (T v - v) \;\le\; v^* \;\le\;
              T v + \frac{\gamma}{1 - \gamma} \max (T v - v)

    MacQueen (1966), whose argument needs no more than monotonicity and :math:`T (v + c) = T v + \gamma c`; the lower
    end is below the worst case of the greedy policy as well.

    Examples
    --------
    >>> robust_bracket([1.0, 0.0], [0.0, 0.0], gamma=0.5)
    (array([1., 0.]), array([2., 1.]))
    """
    backed_up, v = np.asarray(backed_up, dtype=np.float64), np.asarray(v, dtype=np.float64)
    change, c = backed_up - v, gamma / (1 - gamma)
    return backed_up + c * change.min(), backed_up + c * change.max()
