r"""How far sums of noise stray: self-normalised inequalities for regressions whose features may depend on the past.

With features :math:`x_1, x_2, \ldots` each chosen with the past in view, noise :math:`\eta_t` of mean zero given the
past and :math:`x_t`, :math:`\Sigma_t = \lambda I + \sum_{s \le t} x_s x_s^\top` and
:math:`S_t = \sum_{s \le t} x_s \eta_s`, with probability :math:`1 - \delta` and for all t at once

.. math:: \|S_t\|_{\Sigma_t^{-1}} \le \beta_t , \qquad
   \|\hat\theta_t - \theta\|_{\Sigma_t} \le \beta_t + \sqrt\lambda\, \|\theta\| .

That of Hoeffding's kind is nearly attained by features that chase the current error. Those of Bernstein's kind are much
too large for small data: their merit is how they grow with the variance.

Sources: Abbasi-Yadkori, Pal and Szepesvari (2011), theorem 1; Zhou, Gu and Szepesvari (2021), theorem 4.1; Zhou and Gu
(2022), theorem 4.3; Azuma (1967).
"""

from __future__ import annotations

import math


def largest_log_det(d: int, n: float, *, ridge: float, largest: float = 1.0) -> float:
    r"""Most that n features of norm at most L can make of the log-determinant: :math:`d \ln(1 + n L^2 / (d \lambda))`.

    Of :math:`\ln \det(\Sigma / \lambda)`, as the determinant is at most the d-th power of the mean eigenvalue.

    Parameters
    ----------
    d : int
        Number of coordinates.
    n : float
        Number of features.
    ridge : float
        :math:`\lambda`.
    largest : float
        L, the largest norm.

    Examples
    --------
    >>> round(largest_log_det(2, 100, ridge=1.0), 4)
    7.8637
    """
    return d * math.log1p(n * largest**2 / (d * ridge))


def self_normalised_radius(log_det: float, delta: float, *, sub_gaussian: float) -> float:
    r"""For R-sub-Gaussian noise: :math:`R \sqrt{\ln \det(\Sigma_t / \lambda) + 2 \ln(1 / \delta)}`.

    Noise that lies in an interval of length v, whose place may depend on the past, has R = v / 2 (Hoeffding's lemma).

    Parameters
    ----------
    log_det : float
        The log-determinant, from data or `largest_log_det`.
    delta : float
        Probability of failure.
    sub_gaussian : float
        R, in the unit of the noise.

    Examples
    --------
    >>> round(self_normalised_radius(7.8637, 0.05, sub_gaussian=0.5), 4)
    1.8611
    """
    return sub_gaussian * math.sqrt(log_det + 2 * math.log(1 / delta))


def bernstein_radius(
    d: int, t: int, delta: float, *, sigma: float, largest_noise: float, ridge: float, largest: float = 1.0
) -> float:
    r"""For noise of variance at most :math:`\sigma^2` and size at most R.

    .. math:: 8 \sigma \sqrt{d \ln(1 + t L^2 / (d\lambda)) \ln(4 t^2 / \delta)} + 4 R \ln(4 t^2 / \delta) .

    Zhou, Gu and Szepesvari (2021), theorem 4.1.

    Parameters
    ----------
    d, t : int
        Number of coordinates, and of features so far, at least 1.
    delta : float
        Probability of failure.
    sigma, largest_noise : float
        Bounds on the conditional standard deviation and on the size of the noise.
    ridge, largest : float
        :math:`\lambda`, and the largest norm L of a feature.

    Examples
    --------
    >>> round(bernstein_radius(2, 100, 0.05, sigma=0.1, largest_noise=1.0, ridge=1.0), 2)
    62.64
    """
    ell = math.log(4 * t**2 / delta)
    return 8 * sigma * math.sqrt(largest_log_det(d, t, ridge=ridge, largest=largest) * ell) + 4 * largest_noise * ell


def adaptive_bernstein_radius(
    d: int,
    t: int,
    delta: float,
    *,
    sigma: float,
    largest_noise: float,
    largest_leverage: float,
    eps: float,
    ridge: float,
    largest: float = 1.0,
) -> float:
    r"""The same, where noise is large only at features that add little.

    With :math:`\ell_t = \ln(32 (\ln(R / \epsilon) + 1) t^2 / \delta)`,

    .. math::

       12 \sqrt{\sigma^2 d \ln(1 + t L^2 / (d\lambda))\, \ell_t} + 6 \epsilon\, \ell_t
       + 24\, \ell_t \max_{s \le t} |\eta_s| \min\{1, \|x_s\|_{\Sigma_{s-1}^{-1}}\} .

    Zhou and Gu (2022), theorem 4.3. Below :math:`\epsilon = R` a logarithm of 0 is as good.

    Parameters
    ----------
    d, t, delta, sigma, largest_noise, ridge, largest
        As for `bernstein_radius`.
    largest_leverage : float
        The maximum in the last term.
    eps : float
        Any positive number, fixed in advance.

    Examples
    --------
    >>> sizes = dict(sigma=0.1, largest_noise=1.0, eps=0.01, ridge=1.0)
    >>> round(adaptive_bernstein_radius(2, 100, 0.05, largest_leverage=0.1, **sizes), 2)
    56.83
    """
    ell = math.log(32 * (max(math.log(largest_noise / eps), 0.0) + 1) * t**2 / delta)
    log_det = largest_log_det(d, t, ridge=ridge, largest=largest)
    return 12 * math.sqrt(sigma**2 * log_det * ell) + 24 * ell * largest_leverage + 6 * ell * eps


def azuma(n: float, delta: float, *, length: float) -> float:
    r"""How far n martingale differences add up, each in an interval of length c: :math:`c \sqrt{n \ln(1/\delta) / 2}`.

    Where each interval lies may depend on the past. With differences of at most M in size it is
    :math:`M \sqrt{2 n \ln(1 / \delta)}`.

    Parameters
    ----------
    n : float
        Number of differences.
    delta : float
        Probability that the sum exceeds the bound, on one side.
    length : float
        c.

    Examples
    --------
    >>> round(azuma(100, 0.05, length=1.0), 2)
    12.24
    """
    return length * math.sqrt(n * math.log(1 / delta) / 2)


def square_root_recursion(a: float, b: float) -> float:
    r"""What follows from :math:`x \le a \sqrt x + b`, for numbers of at least 0: :math:`x \le a^2 + 2b`.

    The largest such x is :math:`\frac14 (a + \sqrt{a^2 + 4b})^2`, and :math:`2 a \sqrt{a^2 + 4 b} \le 2 a^2 + 4 b`.

    Examples
    --------
    >>> square_root_recursion(3.0, 0.0)
    9.0
    """
    return a**2 + 2 * b


def moment_recursion(lambda_1: float, lambda_2: float, lambda_3: float) -> float:
    r"""What is left of sums whose moments bound one another.

    :math:`22\lambda_1^2 + 6\lambda_2 + 4\lambda_1\sqrt{2\lambda_3}` is a bound on :math:`a_0` if
    :math:`0 \le a_m \le \Lambda` for m = 0..M with :math:`2^M \ge \Lambda`, :math:`\lambda_3 \ge 1` and

    .. math:: a_m \le \lambda_1 \sqrt{a_m + a_{m+1} + 2^{m+1} \lambda_3} + \lambda_2 .

    It does not depend on :math:`\Lambda`, which is why learning costs no power of the horizon. Zhang, Zhang and Gu
    (2023) use it.

    Examples
    --------
    >>> moment_recursion(1.0, 0.0, 2.0)
    30.0
    """
    return 22 * lambda_1**2 + 6 * lambda_2 + 4 * lambda_1 * math.sqrt(2 * lambda_3)
