r"""How often features can be new: potentials of sequences of features, which hold without any probability.

With :math:`\Sigma_t = \lambda I + \sum_{s < t} x_s x_s^\top`, the number :math:`\|x_t\|_{\Sigma_t^{-1}}^2` says how
much a feature has in it that those before had not, and it is what the log-determinant grows by,
:math:`\ln\det \Sigma_{t+1} - \ln\det\Sigma_t = \ln(1 + \|x_t\|_{\Sigma_t^{-1}}^2)`.

Sources: Abbasi-Yadkori, Pal and Szepesvari (2011), lemmas 11 and 12; Lattimore and Szepesvari (2020), section 19;
Zhou and Gu (2022), lemma B.1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.exploration.bounds.concentration import largest_log_det


def elliptical_potential(log_det: float) -> float:
    r"""Most that :math:`\sum_t \min\{1, \|x_t\|_{\Sigma_t^{-1}}^2\}` can be: :math:`2 \ln\det(\Sigma_{n+1} / \lambda)`.

    Since :math:`\min\{1, u\} \le 2 \ln(1 + u)`. Without the determinant, `largest_log_det` bounds it.

    Parameters
    ----------
    log_det : float
        Of all n features.

    Examples
    --------
    >>> elliptical_potential(3.5)
    7.0
    """
    return 2 * log_det


def elliptical_potential_sharp(log_det: float) -> float:
    r"""The same with the best constant: :math:`\ln\det(\Sigma_{n+1} / \lambda) / \ln 2`.

    Since :math:`\min\{1, u\} \ln 2 \le \ln(1 + u)`. Attained by a feature of length 1 into a ridge of 1.

    Examples
    --------
    >>> round(elliptical_potential_sharp(3.5), 2)
    5.05
    """
    return log_det / math.log(2)


def sum_of_widths(n: float, log_det: float) -> float:
    r"""Most that n widths add up to, each counted as 1 at most.

    :math:`\sum_t \min\{1, \|x_t\|_{\Sigma_t^{-1}}\} \le \sqrt{2 n \ln\det(\Sigma/\lambda)}`, by Cauchy and Schwarz from
    the `elliptical_potential`. With :math:`\lambda \ge L^2` no width exceeds 1.

    Parameters
    ----------
    n : float
        Number of features.
    log_det : float
        Of all of them.

    Examples
    --------
    >>> sum_of_widths(8, 4.0)
    8.0
    """
    return math.sqrt(n * elliptical_potential(log_det))


def sum_of_count_widths(n_states: int, n: int) -> float:
    r"""Sum of $1/\sqrt{\max\{1, N\}}$ over n visits, N of the same state before: at most $S + 2 \sqrt{S n}$.

    The first visit of a state costs 1, and all that follow $\sum_{j < m} 1/\sqrt j \le 2 \sqrt m$; by concavity they
    cost most if all states are visited equally often. What `sum_of_widths` is for tables.

    Parameters
    ----------
    n_states, n : int

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Szepesvari (2022), lecture 23.
    """
    return n_states + 2 * math.sqrt(n_states * n)


def new_features(d: int, *, ridge: float, largest: float = 1.0) -> float:
    r"""How often :math:`\|x_t\|_{\Sigma_t^{-1}} > 1`, however long one waits.

    At most :math:`\frac{3d}{\ln 2} \ln(1 + \frac{L^2}{\lambda \ln 2})` times. Lattimore and Szepesvari (2020),
    exercise 19.3.

    Parameters
    ----------
    d : int
        Number of coordinates.
    ridge, largest : float
        :math:`\lambda`, and the largest norm L of a feature.

    Examples
    --------
    >>> round(new_features(2, ridge=1.0), 2)
    7.73
    """
    return 3 * d / math.log(2) * math.log1p(largest**2 / (ridge * math.log(2)))


def new_features_sharp(d: int, *, ridge: float, largest: float = 1.0) -> float:
    r"""The same with 1.51 in place of 3.

    Parameters are those of `new_features`.

    Examples
    --------
    >>> round(new_features_sharp(2, ridge=1.0), 2)
    3.89
    """
    return 1.51 / 3 * new_features(d, ridge=ridge, largest=largest)


def weighted_potential(
    d: int, betas: Any, sigmas: Any, *, alpha: float, gamma: float, ridge: float, largest: float = 1.0
) -> float:
    r"""Most that widths of confidence add up to when features are weighted by their noise.

    For :math:`\bar\sigma_k = \max\{\sigma_k, \alpha, \gamma \|x_k\|_{Z_k^{-1}}^{1/2}\}`,
    :math:`Z_{k+1} = Z_k + x_k x_k^\top / \bar\sigma_k^2` from :math:`Z_1 = \lambda I`, and
    :math:`\iota = \ln(1 + K L^2 / (d \lambda \alpha^2))`,

    .. math::

       \sum_{k=1}^K \min\{1, \beta_k \|x_k\|_{Z_k^{-1}}\}
       \le 2 d \iota + 2 \gamma^2 d \iota \max_k \beta_k + 2 \sqrt{d \iota \sum_k \beta_k^2 (\sigma_k^2 + \alpha^2)} .

    Zhou and Gu (2022), lemma B.1.

    Parameters
    ----------
    d : int
        Number of coordinates.
    betas, sigmas : array_like, shape (K,)
        At least 0; they may depend on the past.
    alpha, gamma : float
        Above 0.
    ridge, largest : float
        :math:`\lambda`, and the largest norm L of a feature.

    Examples
    --------
    >>> round(weighted_potential(1, [1.0], [0.0], alpha=1.0, gamma=1.0, ridge=1.0), 4)
    4.4377
    """
    betas, sigmas = np.asarray(betas, dtype=np.float64), np.asarray(sigmas, dtype=np.float64)
    volume = largest_log_det(d, betas.size, ridge=ridge * alpha**2, largest=largest)
    noise = float(np.square(betas) @ (np.square(sigmas) + alpha**2))
    return 2 * volume + 2 * gamma**2 * volume * float(betas.max(initial=0.0)) + 2 * math.sqrt(volume * noise)


def width_before(width: float, log_det_growth: float) -> float:
    r"""How wide features were with fewer data: :math:`\|x\|_{B^{-1}} \le \|x\|_{A^{-1}} \sqrt{\det A / \det B}`.

    For :math:`A \succeq B \succ 0`. Abbasi-Yadkori, Pal and Szepesvari (2011), lemma 12.

    Parameters
    ----------
    width : float
        :math:`\|x\|_{A^{-1}}`.
    log_det_growth : float
        :math:`\ln(\det A / \det B)`.

    Examples
    --------
    >>> round(width_before(1.0, math.log(2.0)), 4)
    1.4142
    """
    return width * math.exp(log_det_growth / 2)


def doublings(log_det: float) -> float:
    r"""How many episodes can each double the determinant: :math:`\ln\det(\Sigma / \lambda) / \ln 2`.

    Examples
    --------
    >>> round(doublings(largest_log_det(2, 100, ridge=1.0)), 2)
    11.34
    """
    return log_det / math.log(2)
