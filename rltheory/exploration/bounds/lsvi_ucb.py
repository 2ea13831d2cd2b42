r"""What theory promises of LSVI-UCB: multipliers of its bonus, and the regret that follows.

The values that are regressed depend on the data that they are regressed on, so that deviations must be small for all
values at once. Either for all that the algorithm can form, up to :math:`\epsilon`, which works for any number of states
and costs a covering number with :math:`d^2`; or, with S states, for all values in [0, B] whatsoever: a norm is convex
and largest at one of the :math:`2^S` corners of that cube.

Sources: Jin, Yang, Wang and Jordan (2020), theorem 3.1 and lemmas B.1 to D.6; constants are derived here.
"""

from __future__ import annotations

import math

from rltheory.exploration.bounds.concentration import azuma, largest_log_det, self_normalised_radius
from rltheory.exploration.bounds.potential import sum_of_widths


def lsvi_ucb_covering(d: int, eps: float, *, largest_weights: float, largest_beta: float, ridge: float) -> float:
    r"""Return the logarithm of how many values are within eps of all that LSVI-UCB can form.

    :math:`d \ln(1 + 4L/\epsilon) + d^2 \ln(1 + 8 \sqrt d\, \beta^2 / (\lambda \epsilon^2))`: Jin, Yang, Wang and Jordan
    (2020), lemma D.6.

    Parameters
    ----------
    d : int
        Number of features.
    eps : float
        In reward units.
    largest_weights, largest_beta : float
        L and :math:`\beta`, bounds on the norm of the weights and on the multiplier.
    ridge : float
        :math:`\lambda`.

    Examples
    --------
    >>> round(lsvi_ucb_covering(1, 4.0, largest_weights=math.e - 1, largest_beta=0.0, ridge=1.0), 6)
    1.0
    """
    signs = d * math.log1p(4 * largest_weights / eps)
    return signs + d**2 * math.log1p(8 * math.sqrt(d) * largest_beta**2 / (ridge * eps**2))


def lsvi_ucb_beta(d: int, H: int, K: float, delta: float, *, ridge: float = 1.0) -> float:
    r"""Return a multiplier that covers all errors in K episodes with probability :math:`1 - \delta`, for any states.

    The smallest :math:`\beta` with, for :math:`\epsilon = dH/K` and :math:`L = 2H\sqrt{dK/\lambda}`,

    .. math::

       \beta = (H + 1) \sqrt{d\lambda} + \sqrt{H^2 \Big[ \tfrac d2 \ln(1 + \tfrac{K}{d\lambda})
       + \ln \mathcal N_\epsilon(\beta) + \ln \tfrac H\delta \Big] + \frac{8 K^2 \epsilon^2}{\lambda}} .

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    K : float
        Number of episodes, at least 1.
    delta : float
        Probability of failure.
    ridge : float
        :math:`\lambda`.

    Examples
    --------
    >>> round(lsvi_ucb_beta(3, 5, 1000, 0.05), 1)
    97.4
    """
    eps, weights = d * H / K, 2 * H * math.sqrt(d * K / ridge)
    bias = (H + 1) * math.sqrt(d * ridge)
    known = largest_log_det(d, K, ridge=ridge) / 2 + math.log(H / delta)

    def grown(beta: float) -> float:
        covering = lsvi_ucb_covering(d, eps, largest_weights=weights, largest_beta=beta, ridge=ridge)
        return bias + math.sqrt(H**2 * (known + covering) + 8 * (K * eps) ** 2 / ridge)

    beta, after = 0.0, grown(0.0)
    while after > beta * (1 + 1e-12):
        beta, after = after, grown(after)
    return after


def lsvi_ucb_finite_beta(
    d: int, n_states: int, H: int, delta: float, *, log_det: float, largest: float, ridge: float = 1.0
) -> float:
    r"""Return a multiplier that covers the errors of a step with probability :math:`1 - \delta/H`, for S states.

    .. math:: \frac B2 \sqrt{\ln\det(\Lambda/\lambda) + 2 (S \ln 2 + \ln (H / \delta))} + (B + 1) \sqrt{d\lambda} .

    Parameters
    ----------
    d, n_states, H : int
        Sizes.
    delta : float
        Probability of failure of any step.
    log_det : float
        Of the step, from data or `largest_log_det`.
    largest : float
        B, the largest value of the next step.
    ridge : float
        :math:`\lambda`.

    Examples
    --------
    >>> lsvi_ucb_finite_beta(4, 5, 3, 0.05, log_det=7.0, largest=0.0)
    2.0
    """
    noise = self_normalised_radius(log_det, delta / (2.0**n_states * H), sub_gaussian=largest / 2)
    return noise + (largest + 1) * math.sqrt(d * ridge)


def lsvi_ucb_regret(d: int, H: int, K: float, delta: float, *, beta: float, ridge: float = 1.0) -> float:
    r"""Return a bound on the regret in K episodes where errors are covered, with probability :math:`1 - \delta`.

    :math:`2 \beta H \sqrt{2 d K \ln(1 + K / (d\lambda))} + H \sqrt{K (H + 1) \ln(1/\delta) / 2}` for
    :math:`\lambda \ge 1`, since a step loses at most :math:`2 \beta \|\phi\|_{\Lambda^{-1}}`; the 1 is for the draw of
    the first state.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    K : float
        Number of episodes.
    delta : float
        Probability of failure, besides that of errors which are not covered.
    beta : float
        The largest multiplier.
    ridge : float
        :math:`\lambda`, at least 1.

    Examples
    --------
    >>> lsvi_ucb_regret(3, 3, 1e5, 0.05, beta=12.0) < 3e5
    True
    """
    widths = sum_of_widths(K, largest_log_det(d, K, ridge=ridge))
    return 2 * beta * H * widths + azuma(K * (H + 1), delta, length=H)
