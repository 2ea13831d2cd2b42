r"""What theory promises of UCRL-VTR: how wide its confidence sets must be, and what regret follows.

For values in [0, v] the noise of a target :math:`V(s')` has range v and is v/2-sub-Gaussian. On the event that the
mixture is within :math:`\beta_k` of its estimate in every episode, values are optimistic and a step loses at most
:math:`\min\{v, 2 \beta_k \|\phi_V\|_{\Sigma_k^{-1}}\}`, :math:`\Sigma_k` from the episodes before. Within an episode
widths grow by :math:`\sqrt2` at most until the determinant has doubled, which can cost v and happens
:math:`d\iota/\ln 2` times; the rest is Cauchy and Schwarz, and Azuma.

Sources: Ayoub, Jia, Szepesvari, Wang and Yang (2020); the constants are derived here.
"""

from __future__ import annotations

import math

from rltheory.exploration.bounds.concentration import azuma, largest_log_det, self_normalised_radius
from rltheory.exploration.bounds.potential import doublings


def vtr_radius(
    log_det: float, delta: float, *, vmax: float, ridge: float, norm_bound: float, regressions: int = 1
) -> float:
    r"""Return the radius of the set, :math:`\frac v2 \sqrt{\ln\det(\Sigma/\lambda) + 2\ln(n/\delta)} + \sqrt\lambda B`.

    Parameters
    ----------
    log_det : float
        The log-determinant, from data or `largest_log_det`.
    delta : float
        Probability that some mixture is outside at some time.
    vmax : float
        v, the most that an episode pays.
    ridge, norm_bound : float
        :math:`\lambda`, and B, which the norm of the mixture does not exceed.
    regressions : int
        n: 1, or H if each step has a mixture of its own.

    Examples
    --------
    >>> round(vtr_radius(0.0, math.exp(-2), vmax=1.0, ridge=0.25, norm_bound=2.0), 6)
    2.0
    """
    noise = self_normalised_radius(log_det, delta / regressions, sub_gaussian=vmax / 2)
    return noise + math.sqrt(ridge) * norm_bound


def vtr_step_loss(beta: float, width: float, *, vmax: float) -> float:
    r"""Return what a step adds to the difference of believed and true value.

    :math:`\min\{v, 2 \beta \|\phi_V\|_{\Sigma^{-1}}\}`, where the mixture is covered; summed over the
    steps of an episode, in expectation under the true model, it bounds the regret of the episode.

    Parameters
    ----------
    beta : float
        The radius.
    width : float
        :math:`\|\phi_V\|_{\Sigma^{-1}}`, of the optimistic value of the next step.
    vmax : float
        v.

    Examples
    --------
    >>> vtr_step_loss(2.0, 0.125, vmax=1.0), vtr_step_loss(2.0, 1.0, vmax=1.0)
    (0.5, 1.0)
    """
    return min(vmax, 2 * beta * width)


def vtr_regret(
    d: int,
    H: int,
    K: float,
    delta: float,
    *,
    vmax: float = 1.0,
    ridge: float,
    norm_bound: float,
    per_step: bool = False,
) -> float:
    r"""Return a bound on the regret of UCRL-VTR in K episodes, which holds with probability :math:`1 - 2\delta`.

    With one mixture, :math:`\iota = \ln(1 + K H v^2 / (d \lambda))` and :math:`\beta` the `vtr_radius` of
    :math:`\ln\det = d\iota`,

    .. math::

       \frac{v d \iota}{\ln 2} + 4 \max\{\beta, \tfrac v2\} \sqrt{d K H \iota}
       + v \sqrt{K (H + 1) \ln(1/\delta) / 2} ,

    where the 1 is for the draw of the first state. With a mixture for each step no determinant grows within an episode:
    :math:`\iota = \ln(1 + K v^2 / (d\lambda))`, and the first two terms are :math:`2 \beta H \sqrt{2 d K \iota}`.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    K : float
        Number of episodes.
    delta : float
        Half of the probability of failure.
    vmax, ridge, norm_bound : float
        As for `vtr_radius`.
    per_step : bool
        Whether each step has a mixture of its own.

    Notes
    -----
    A bound that exceeds v K says nothing.

    Examples
    --------
    >>> round(vtr_regret(2, 4, 1e5, 0.05, ridge=0.5, norm_bound=math.sqrt(2)), -2)
    50000.0
    """
    n_regressions, n_features = (H, K) if per_step else (1, K * H)
    log_det = largest_log_det(d, n_features, ridge=ridge, largest=vmax)
    beta = vtr_radius(log_det, delta, vmax=vmax, ridge=ridge, norm_bound=norm_bound, regressions=n_regressions)
    beta = max(beta, vmax / 2)
    luck = azuma(K * (H + 1), delta, length=vmax)
    if per_step:
        return 2 * beta * H * math.sqrt(2 * K * log_det) + luck
    return vmax * doublings(log_det) + 4 * beta * math.sqrt(K * H * log_det) + luck
