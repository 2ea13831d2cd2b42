r"""Multipliers that make penalties cover the errors: self-contained, for finitely many states.

Condition on which pairs were tried; then for V in [0, B] the regression of V is off by a sum of independent errors of
range B, whose squared weights add up to :math:`(\Lambda^{-1})_{ii}` at most, and Hoeffding's inequality holds for all V
at once by a union over the :math:`2^S` corners of the cube, as the error is linear in V. The ridge adds at most
:math:`\sqrt{\gamma d} B` (`ridge_bias`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.offline.bounds.errors import LARGEST_EXPONENT, chi_square_slope, kl_slope, ridge_bias


def noise(d: int, n_states: int, H: int, delta: float, *, log_functions: float | None = None) -> float:
    r"""The deviation of all regressions of functions of range 1, in units of :math:`\sqrt{(\Lambda^{-1})_{ii}}`.

    :math:`\sqrt{(n + \ln(2 d H / \delta)) / 2}`, with probability :math:`1 - \delta` for all factors and steps, where n
    is the logarithm of the number of functions that must be covered: :math:`S \ln 2` by default, for all of them; 0 for
    one that is independent of the data of its step, and :math:`\ln 2` for two such; :math:`\ln S` for the truncations
    :math:`\min(V, \alpha)` of one, which are mixtures of the indicators of its level sets.

    Examples
    --------
    >>> round(noise(d=3, n_states=4, H=3, delta=0.05), 4)
    2.0807
    """
    functions = n_states * math.log(2) if log_functions is None else log_functions
    return math.sqrt((functions + math.log(2 * d * H / delta)) / 2)


def deviation(
    d: int, n_states: int, H: int, delta: float, *, ridge: float, log_functions: float | None = None
) -> float:
    r"""How far regressions of functions of range 1 are off, :math:`u + \sqrt{\gamma d}`, with the bias of the ridge.

    In units of :math:`\sqrt{(\Lambda^{-1})_{ii}}`; u is the `noise`.

    Examples
    --------
    >>> round(deviation(d=3, n_states=4, H=3, delta=0.05, ridge=3.0) - noise(d=3, n_states=4, H=3, delta=0.05), 9)
    3.0
    """
    return noise(d, n_states, H, delta, log_functions=log_functions) + ridge_bias(d, ridge, 1.0)


def tv_beta(
    d: int, n_states: int, H: int, delta: float, *, largest: float, ridge: float, log_functions: float | None = None
) -> float:
    r"""Multiplier for total variation, penalty or ball: :math:`B (u + \sqrt{\gamma d})` with u the `noise`.

    ``largest`` is B, the largest value of the next step; after centring the smaller of it and lam.

    It also holds for a regression with weights :math:`1 / \sigma_\tau^2 \le 1` that do not depend on its data,
    :math:`\Sigma = \sum_\tau \phi_\tau \phi_\tau^\top / \sigma_\tau^2 + \gamma I`. The error of independent
    :math:`\epsilon_\tau` of range B is :math:`\sum_\tau [\Sigma^{-1} \phi_\tau]_i \epsilon_\tau / \sigma_\tau^2`; its
    squared weights add up to

    .. math::

       \Big[ \Sigma^{-1} \sum_\tau \frac{\phi_\tau \phi_\tau^\top}{\sigma_\tau^4} \Sigma^{-1} \Big]_{ii}
       \le \Big[ \Sigma^{-1} \sum_\tau \frac{\phi_\tau \phi_\tau^\top}{\sigma_\tau^2} \Sigma^{-1} \Big]_{ii}
       \le (\Sigma^{-1})_{ii} ,

    so that Hoeffding's inequality gives the same. The bias is that of any ridge regression: for
    :math:`z = (\mu_j V)_j`, :math:`\gamma |[\Sigma^{-1} z]_i| \le \gamma \|z\| \sqrt{(\Sigma^{-2})_{ii}} \le
    \sqrt{\gamma d}\, B \sqrt{(\Sigma^{-1})_{ii}}`, as :math:`\Sigma \succeq \gamma I`.

    Examples
    --------
    >>> tv_beta(d=3, n_states=4, H=3, delta=0.05, largest=0.0, ridge=1.0)
    0.0
    """
    return largest * deviation(d, n_states, H, delta, ridge=ridge, log_functions=log_functions)


def kl_beta(
    d: int,
    n_states: int,
    H: int,
    delta: float,
    *,
    largest: float,
    ridge: float,
    lam: float,
    centred: bool = False,
    log_functions: float | None = None,
) -> float:
    r"""Multiplier for relative entropy: :math:`\lambda e^{B/\lambda} [(1 - e^{-B/\lambda}) u + \sqrt{\gamma d}]`.

    Since :math:`-\lambda \ln` has that slope where :math:`e^{-V / \lambda}` is least. Centred, the ridge pulls a
    function of range :math:`1 - e^{-B / \lambda}` too. For lam = inf it is `tv_beta`. An exponent above 600 counts as
    600, beyond which no estimate is left anyway.

    Examples
    --------
    >>> kl_beta(3, 4, 3, 0.05, largest=2.0, ridge=1.0, lam=float("inf")) == tv_beta(
    ...     3, 4, 3, 0.05, largest=2.0, ridge=1.0
    ... )
    True
    """
    if math.isinf(lam) or largest == 0:
        return tv_beta(d, n_states, H, delta, largest=largest, ridge=ridge, log_functions=log_functions)
    exponent = min(largest / lam, LARGEST_EXPONENT)
    reach = lam * math.expm1(exponent)  # slope times range
    pulled = reach if centred else kl_slope(lam, largest)
    return reach * noise(d, n_states, H, delta, log_functions=log_functions) + ridge_bias(d, ridge, pulled)


def kl_ball_error(largest: float, rho: Any, epsilon: Any) -> np.ndarray:
    r"""Largest error of the worst case in a ball of relative entropy, for a distribution function off by epsilon.

    .. math::

       |\hat C_\rho - C_\rho| \le \inf_{l > 0} \Big\{ l \rho + l (e^{B/l} - 1)\, \varepsilon \Big\}
       = B \varepsilon\, e^{1 + W((\rho / \varepsilon - 1) / e)} ,

    with Lambert's W, and at most B. For :math:`g(l) = -l \ln E e^{-V/l}` and its estimate differ by at most
    :math:`l (e^{B/l} - 1) \varepsilon`, which falls in l, and both rise in l. So, if the supremum of
    :math:`\hat g(l) - l \rho` is attained beyond some :math:`l_0`, it exceeds that of g by the difference at
    :math:`l_0` at most; if before, it is at most :math:`\hat g(l_0)`, and :math:`g(l_0)` is within :math:`l_0 \rho` of
    the supremum of :math:`g(l) - l \rho`; and the same the other way round. For :math:`\rho = 0` it is
    :math:`B \varepsilon`; for :math:`\rho > 0` it falls with the logarithm of :math:`\varepsilon` only, as the least
    value in the support cannot be told from what is very rare.

    Parameters
    ----------
    largest : float
        The largest value B; the least is 0.
    rho : array_like
        Radius.
    epsilon : array_like
        Largest error of the distribution function of the values, above 0.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> kl_ball_error(2.0, [0.0, 0.1, 1.0], 0.01).round(3)
    array([0.02 , 0.163, 0.753])
    """
    from scipy.special import lambertw

    rho, epsilon = np.asarray(rho, dtype=np.float64), np.asarray(epsilon, dtype=np.float64)
    ratio = np.minimum(rho / epsilon, 1e300)
    argument = np.maximum((ratio - 1) / math.e, -1 / math.e + 1e-16)
    y = np.maximum(1 + lambertw(argument).real, 1e-8)  # B / l; the bound holds for any
    return largest * np.minimum((rho + np.expm1(y) * epsilon) / y, 1.0)


def chi_square_beta(
    d: int,
    n_states: int,
    H: int,
    delta: float,
    *,
    largest: float,
    ridge: float,
    lam: float,
    log_functions: float | None = None,
) -> float:
    r"""Multiplier for chi-square with clipped moments: :math:`B (1 + 3 B / (4 \lambda)) (u + \sqrt{\gamma d})`.

    The mean contributes B, its square 2 B B, the second moment B B.

    Examples
    --------
    >>> chi_square_beta(3, 4, 3, 0.05, largest=2.0, ridge=1.0, lam=1.5) / tv_beta(3, 4, 3, 0.05, largest=2.0, ridge=1.0)
    2.0
    """
    off = deviation(d, n_states, H, delta, ridge=ridge, log_functions=log_functions)
    return chi_square_slope(lam, largest) * off


def pevi_beta(
    d: int,
    n_states: int,
    H: int,
    delta: float,
    *,
    largest: float,
    ridge: float,
    K: float | None = None,
    log_functions: float | None = None,
    log_determinant: float | None = None,
) -> float:
    r"""Multiplier of the elliptical norm for known rewards.

    :math:`\frac{B}{2} \sqrt{2 (n + \ln(H / \delta)) + \ln\det(\Lambda / \gamma)} + B \sqrt{\gamma d}`, with n as for
    `noise`: the self-normalised inequality (Abbasi-Yadkori, Pal and Szepesvari 2011). Without ``log_determinant``,
    which data give, it is :math:`d \ln(1 + K / (\gamma d))`, the most that it can be for K features of norm at most 1.

    Examples
    --------
    >>> pevi_beta(d=3, n_states=4, H=3, delta=0.05, largest=0.0, ridge=1.0, K=100)
    0.0
    """
    functions = n_states * math.log(2) if log_functions is None else log_functions
    if log_determinant is None:
        if K is None:
            raise ModelError("pevi_beta needs K, the number of trajectories, or log_determinant, which data give")
        log_determinant = d * math.log1p(K / (ridge * d))
    logs = 2 * (functions + math.log(H / delta)) + log_determinant
    return largest * math.sqrt(logs) / 2 + ridge_bias(d, ridge, largest)
