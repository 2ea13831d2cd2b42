r"""Why variances of all orders add up to little along a run: the sums in the proof of HF-UCRL-VTR+, one after another.

In episode k the learner plans values :math:`V_{k,h}` in [0, 1] and visits :math:`(s_h, a_h)`. Steps count while no
determinant has doubled since the episode began, :math:`I_h \in \{0, 1\}`; let G episodes end before their last step in
this sense. Along the run, with :math:`x_{m,h}` the features of :math:`V_{k,h+1}^{2^m}`,

.. math::

   S_m = \sum_{k,h} I_h \operatorname{Var}\big(V_{k,h+1}^{2^m}\big)(s_h, a_h) ,

.. math::

   A_m = \sum_{k,h} I_h \big( P V_{k,h+1}^{2^m}(s_h, a_h) - V_{k,h+1}^{2^m}(s_{h+1}) \big) ,

.. math::

   R_m = \sum_{k,h} I_h \min\{1, \beta_k \|x_{m,h}\|_{\dot\Sigma_{k,m}^{-1}}\} .

A martingale :math:`A_m` is of the order of the root of its variance :math:`S_m`; :math:`S_m` telescopes into
:math:`A_{m+1}` and :math:`2^{m+1} K`; and :math:`R_m` is of the order of the root of :math:`S_m` and of
:math:`R_{m+1}`. So each order is the root of the next, and after :math:`\log_2` of the number of steps nothing is left
that depends on the horizon. All of it holds for every run in which the truth is covered; only that it is, and how large
:math:`A_m` are, is a matter of chance.

Sources: Zhou and Gu (2022), section 5 and appendix; Zhang, Ji and Du (2021). The constants are derived here.
"""

from __future__ import annotations

import math

import numpy as np

from rltheory.exploration.bounds.concentration import azuma, largest_log_det
from rltheory.exploration.bounds.vtr_plus import moment_levels, moment_radius


def variances_by_telescope(drift: float, ends: float, steps: float) -> float:
    r"""What variances add up to, exactly: :math:`S_m = A_{m+1} + T + J`.

    For values :math:`V_h` of any kind, as :math:`\operatorname{Var}(v) = P v^2 - (P v)^2`, where the sum of differences
    of successive values telescopes within each episode until its last counted step :math:`\tau_k`,

    .. math::

       T = \sum_k \Big( V_{k,\tau_k+1}^{2^{m+1}}(s_{\tau_k+1}) - V_{k,1}^{2^{m+1}}(s_1) \Big) , \qquad
       J = \sum_{k,h} I_h \Big( V_{k,h}^{2^{m+1}}(s_h) - \big(P V_{k,h+1}^{2^m}(s_h, a_h)\big)^2 \Big) .

    Parameters
    ----------
    drift : float
        :math:`A_{m+1}`.
    ends, steps : float
        T and J.

    Examples
    --------
    >>> variances_by_telescope(0.25, -0.5, 0.375)
    0.125
    """
    return drift + ends + steps


def sum_of_variances(m: int, K: int, *, drift: float, stopped: float, widths: float) -> float:
    r"""Most that the variances of order m add up to: :math:`|A_{m+1}| + G + 2^{m+1} (K + 2 R_0)`.

    For values that the learner plans, :math:`V_h \le r_h + P V_{h+1} + 2 \min\{1, \beta_k \|x_{0,h}\|\}`, where level 0
    covers the truth and an episode pays at most 1. Of the three terms of `variances_by_telescope`, T is at most G, and
    :math:`v^{2^{m+1}} - (P w^{2^m})^2 \le v^{2^{m+1}} - (P w)^{2^{m+1}} \le 2^{m+1} (v - P w)_+` in [0, 1], by Jensen's
    inequality.

    Parameters
    ----------
    m : int
        The order, at least 0.
    K : int
        Number of episodes, or the rewards that were collected in steps that count.
    drift : float
        :math:`A_{m+1}`.
    stopped : float
        G, how many episodes have a determinant that doubles before their last step.
    widths : float
        :math:`R_0`.

    Examples
    --------
    >>> sum_of_variances(0, 10, drift=-3.0, stopped=2, widths=4.0)
    41.0
    """
    return abs(drift) + stopped + 2.0 ** (m + 1) * (K + 2 * widths)


def sum_of_moment_widths(
    d: int,
    n: int,
    *,
    beta: float,
    variances: float,
    widths: float,
    next_widths: float,
    alpha: float,
    gamma: float,
    ridge: float,
) -> float:
    r"""Most that widths of order m add up to, below the last order.

    With :math:`\iota = \ln(1 + n / (d \lambda \alpha^2))`,

    .. math::

       R_m \le 2 d \iota + 2 \sqrt 2\, \beta \gamma^2 d \iota
       + 2 \beta \sqrt{2 d \iota \big( S_m + 4 R_m + 2 R_{m+1} + n \alpha^2 \big)} .

    It is the `weighted_potential` of the steps that count: there a frozen width is at most :math:`\sqrt 2` times the
    running one (`width_before`), and the variance that weights them is off from the true one by the widths of its two
    estimates (`variance_error`).

    Parameters
    ----------
    d, n : int
        Number of features, and of steps of all episodes, K H.
    beta : float
        The largest radius.
    variances, widths, next_widths : float
        :math:`S_m`, :math:`R_m` and :math:`R_{m+1}`.
    alpha, gamma, ridge : float
        Least standard deviation, weight of what is unknown, and :math:`\lambda`.

    Examples
    --------
    >>> sizes = dict(alpha=0.25, gamma=4**-0.25, ridge=1.0)
    >>> round(sum_of_moment_widths(4, 4096, beta=1.0, variances=64.0, widths=8.0, next_widths=8.0, **sizes))
    471
    """
    volume = largest_log_det(d, n, ridge=ridge * alpha**2)
    noise = variances + 4 * widths + 2 * next_widths + n * alpha**2
    return 2 * volume + 2 * math.sqrt(2) * beta * (gamma**2 * volume + math.sqrt(volume * noise))


def sum_of_broken_promises(*, drift: float, stopped: float, widths: float) -> float:
    r"""Most by which plans promise more than is collected: :math:`A_0 + 2 R_0 + G`.

    :math:`\sum_k (V_{k,1}(s_1) - \sum_h r_h(s_h, a_h))`, where level 0 covers the truth. As promises are at least the
    optimum, it is regret but for the luck of the rewards that were collected.

    Parameters
    ----------
    drift, stopped, widths : float
        :math:`A_0`, G and :math:`R_0`.

    Examples
    --------
    >>> sum_of_broken_promises(drift=-1.0, stopped=2, widths=4.0)
    9.0
    """
    return drift + 2 * widths + stopped


def stopped_episodes(d: int, n: int, *, levels: int, alpha: float, ridge: float) -> float:
    r"""In how many episodes the determinant of some level doubles: :math:`G \le M d \iota / \ln 2`.

    Parameters
    ----------
    d, n : int
        Number of features, and of steps of all episodes.
    levels : int
        M.
    alpha, ridge : float
        Least standard deviation, and :math:`\lambda`; :math:`\iota = \ln(1 + n / (d \lambda \alpha^2))`.

    Examples
    --------
    >>> round(stopped_episodes(4, 4096, levels=15, alpha=0.25, ridge=1.0))
    840
    """
    return levels * largest_log_det(d, n, ridge=ridge * alpha**2) / math.log(2)


def martingale_by_variance(variances: float, n: int, delta: float, *, length: float = 1.0) -> float:
    r"""How far n martingale differences add up, in either direction, by the variance that they turn out to have.

    For differences of at most c in size and S the sum of their conditional variances, with probability
    :math:`1 - \delta`,

    .. math::

       \Big| \sum_{i \le n} \xi_i \Big| \le \max\{2 \sqrt{S L}, c \sqrt{2 L}\} + \tfrac23 c L , \qquad
       L = \ln \frac{2 (\lceil \log_2 n \rceil + 1)}{\delta} .

    Freedman's inequality says it of a sum whose S is known to be at most :math:`c^2 2^i`; here i goes from 0 to
    :math:`\lceil \log_2 n \rceil`, in both directions. Freedman (1975), theorem 1.6; Zhang, Ji and Du (2021).

    Parameters
    ----------
    variances : float
        S, which may depend on chance.
    n : int
        Number of differences, at least 1.
    delta : float
        Probability of failure.
    length : float
        c.

    Examples
    --------
    >>> round(martingale_by_variance(25.0, 1000, 0.05), 2)
    28.73
    """
    L = math.log(2 * (math.ceil(math.log2(n)) + 1) / delta)
    return max(2 * math.sqrt(variances * L), length * math.sqrt(2 * L)) + 2 / 3 * length * L


def horizon_free_regret(
    d: int,
    H: int,
    K: float,
    delta: float,
    *,
    norm_bound: float,
    ridge: float | None = None,
    alpha: float | None = None,
    gamma: float | None = None,
) -> float:
    r"""Return a bound on the regret of HF-UCRL-VTR+ in K episodes, which holds with probability :math:`1 - \delta`.

    For episodes that pay at most 1. It is

    .. math:: A_0 + 2 R_0 + G + \sqrt{K \ln(3 / \delta)} ,

    whose root is for the first states and the rewards that were drawn, with the largest :math:`A_m`, :math:`S_m` and
    :math:`R_m` that the inequalities of this module allow, for :math:`|A_m|` with probability
    :math:`1 - \delta / (3 M)` each, and for the `moment_radius` with :math:`\delta / 3`. They are found by going round
    from what is never exceeded, :math:`A_m, R_m \le K H` and :math:`S_m \le K H / 4`.

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
    ridge, alpha, gamma : float, optional
        As for the learner: by default :math:`d / B^2`, :math:`H^{-1/2}` and :math:`d^{-1/4}`.

    Notes
    -----
    A bound that exceeds K says nothing, as this one does before some 10^12 episodes; from there on it hardly depends on
    H.

    Examples
    --------
    >>> [round(horizon_free_regret(4, H, 1e14, 0.05, norm_bound=2.0) / 1e14, 2) for H in (16, 256)]
    [0.08, 0.09]
    """
    ridge = d / norm_bound**2 if ridge is None else ridge
    alpha, gamma = H**-0.5 if alpha is None else alpha, d**-0.25 if gamma is None else gamma
    n, M, third = int(K) * H, moment_levels(int(K), H), delta / 3
    sizes = {"alpha": alpha, "gamma": gamma, "ridge": ridge}
    beta = moment_radius(d, n, third, levels=M, norm_bound=norm_bound, **sizes)
    stopped = stopped_episodes(d, n, levels=M, alpha=alpha, ridge=ridge)
    drift, variances, widths = np.full(M, float(n)), np.full(M, n / 4), np.full(M, float(n))
    before = math.inf
    while widths[0] < before * (1 - 1e-6):
        before = widths[0]
        for m in reversed(range(M - 1)):
            sums = sum_of_variances(m, int(K), drift=drift[m + 1], stopped=stopped, widths=widths[0])
            variances[m] = min(variances[m], sums)
            drift[m] = min(drift[m], martingale_by_variance(variances[m], n, third / M))
            rest = {"variances": variances[m], "widths": widths[m], "next_widths": widths[m + 1]}
            widths[m] = min(widths[m], sum_of_moment_widths(d, n, beta=beta, **rest, **sizes))
    promises = sum_of_broken_promises(drift=drift[0], stopped=stopped, widths=widths[0])
    return float(promises + azuma(2 * K, third, length=1.0))
