r"""What theory promises of exploration without rewards in linear mixtures.

Sources: Zhang, Zhou and Gu (2021); Zhang, Zhang and Gu (2023).
"""

from __future__ import annotations

import math


def rfe_radius(d: int, H: int, K: float, delta: float, *, norm_bound: float) -> float:
    r"""Radius of UCRL-RFE for a ridge of :math:`B^{-2}`: :math:`H \sqrt{d \ln(3 (1 + K H^3 B^2) / \delta)} + 1`.

    Parameters
    ----------
    d, H : int
        Number of features, and of steps.
    K : float
        Number of episodes.
    delta : float
        Probability of failure.
    norm_bound : float
        B, which the norm of the mixture does not exceed.

    Examples
    --------
    >>> round(rfe_radius(3, 8, 1000, 0.05, norm_bound=3**0.5), 1)
    60.3
    """
    return H * math.sqrt(d * math.log(3 * (1 + K * H**3 * norm_bound**2) / delta)) + 1


def rfe_plus_radius(d: int, H: int, K: float, delta: float, *, norm_bound: float) -> float:
    r"""Radius of the final regression of UCRL-RFE+, :math:`H \sqrt{d \ln(12 (1 + K H^3 B^2) / \delta)} + 1`.

    Parameters
    ----------
    d, H, K, delta, norm_bound
        As for `rfe_radius`.

    Examples
    --------
    >>> round(rfe_plus_radius(3, 8, 1000, 0.05, norm_bound=3**0.5), 1)
    62.5
    """
    return rfe_radius(d, H, K, delta / 4, norm_bound=norm_bound)


def rfe_suboptimality(d: int, H: int, K: float, delta: float, *, norm_bound: float) -> float:
    r"""Suboptimality that UCRL-RFE leaves for any reward after K episodes, with probability :math:`1 - \delta`.

    With the radius :math:`\beta` of `rfe_radius` and :math:`\iota = \ln(1 + K H^3 B^2 / d)`,

    .. math::

       H^2 \sqrt{\frac{2 \ln(3/\delta)}{K}} + 8 \beta \sqrt{\frac{H^3 d \iota}{K}}
       + \frac{8 \beta d H^2 \ln(1 + K H^3 B^2)}{K} + 2 H^2 \sqrt{\frac{2 H \ln(1/\delta)}{K}} ,

    so that :math:`\tilde O(H^5 d^2 \epsilon^{-2})` episodes leave :math:`\epsilon`. It says something, that is less
    than H, after tens of millions of episodes at the smallest sizes.

    Parameters
    ----------
    d, H, K, delta, norm_bound
        As for `rfe_radius`.

    Examples
    --------
    >>> rfe_suboptimality(2, 2, 1e6, 0.05, norm_bound=2**0.5) < 2
    True
    """
    beta, growth = rfe_radius(d, H, K, delta, norm_bound=norm_bound), K * H**3 * norm_bound**2
    return (
        H**2 * math.sqrt(2 * math.log(3 / delta) / K)
        + 8 * beta * math.sqrt(H**3 * d * math.log1p(growth / d) / K)
        + 8 * beta * d * H**2 * math.log1p(growth) / K
        + 2 * H**2 * math.sqrt(2 * H * math.log(1 / delta) / K)
    )


def two_models_difference(error: float, ahead: float) -> float:
    r"""Most that a policy's values in two models differ by, :math:`\bar V_t`, for values in [0, 1].

    :math:`\bar V_t = \min\{1, |(P_\theta - P) V_{\theta,t+1}| + P \bar V_{t+1}\}` is truncated after the expectation:
    that of errors truncated along a path can be less than the difference.

    Parameters
    ----------
    error : float
        The error of the step.
    ahead : float
        Mean of the same bound at the next state.

    Examples
    --------
    >>> two_models_difference(0.5, 0.25)
    0.75
    """
    return min(1.0, error + ahead)


def two_models_suboptimality(value: float) -> float:
    r"""Return what a plan in one model can lose in another, from how far values of policies differ at most.

    If :math:`|V^\pi_\theta - V^\pi_{\theta'}| \le u` for the optimal policies of both, the optimal policy of one loses
    at most 2u in the other.

    Examples
    --------
    >>> two_models_suboptimality(0.1)
    0.2
    """
    return 2 * value


def smaller_value_step(larger_step: float, width: float, mean: float) -> float:
    r"""Most that an uncertain expectation can be for a smaller value, which may be more than for the larger one.

    For :math:`f(V) = \langle\phi_V, \theta\rangle + \beta\|\phi_V\|` and :math:`V \le V'`,
    :math:`f(V) \le f(V') + (\beta\|\phi_{V' - V}\| - \langle\phi_{V' - V}, \theta\rangle)_+`: uncertainty is not
    monotone in what comes after, and a certificate may rise with more data.

    Parameters
    ----------
    larger_step : float
        :math:`f(V')`.
    width, mean : float
        :math:`\beta\|\phi_{V' - V}\|` and :math:`\langle\phi_{V' - V}, \theta\rangle`.

    Examples
    --------
    >>> smaller_value_step(0.5, 0.25, 0.125)
    0.625
    """
    return larger_step + max(width - mean, 0.0)


def pseudo_reward(beta: float, width: float, *, H: int, height: float) -> float:
    r"""Return what UCRL-RFE pays itself for a pair, :math:`\min\{1, 2 \beta\, c\, w / H\}`.

    Parameters
    ----------
    beta, width : float
        Radius, and the largest width w over values in [0, 1].
    H : int
        Number of steps.
    height : float
        c, the largest value of the next step.

    Examples
    --------
    >>> pseudo_reward(2.0, 0.25, H=4, height=3.0)
    0.75
    """
    return min(1.0, 2 * beta * height * width / H)
