r"""How good is the plan of a model that was learned from m samples of every pair?

:math:`\hat P` holds the relative frequencies, :math:`\hat v^*, \hat\pi` are optimal for it, rewards are known and in
[0, 1], :math:`H = 1/(1-\gamma)`, and there are N pairs. Three roads lead to the loss of :math:`\hat\pi`:

- every row of :math:`\hat P` is close (`weissman`), so every policy is valued well: :math:`S H^4` samples of a pair;
- :math:`\hat P` is right about one function, :math:`v^*`: :math:`H^6`, but no S (certainty equivalence);
- :math:`\hat P` is right about :math:`v^*` up to its standard deviation, and deviations add up to :math:`H^{3/2}` only:
  :math:`H^3`, once m is so large that the model is roughly right.

The last are derived here, with all constants, along the proof of Azar, Munos and Kappen (2013). Let
:math:`u = \sqrt{2 L / (m-1)}` with :math:`L = \ln(4N/\delta)`, and let :math:`\hat\sigma` be the standard deviation
under :math:`\hat P`. By `empirical_bernstein`, :math:`|(P - \hat P) v^*| \le \hat\sigma(v^*) u + \frac76 H u^2`.
Deviations obey the triangle inequality, :math:`\hat\sigma(v^*) \le \hat\sigma(\hat v^*) + \Delta` with
:math:`\Delta = \|v^* - \hat v^*\|`. And

.. math:: v^* - \hat v^* \le \gamma (I - \gamma \hat P_{\pi^*})^{-1} (P - \hat P)_{\pi^*} v^* , \qquad
          \hat v^* - v^* \le \gamma (I - \gamma \hat P_{\hat\pi})^{-1} (\hat P - P)_{\hat\pi} v^* .

So with T the most that :math:`\hat\sigma(\hat v^*)`, or for the first side :math:`\hat\sigma(\hat v^{\pi^*})`, adds up
to along such a policy,

.. math:: \Delta \le \gamma \Big( T u + H \Delta u + \tfrac76 H^2 u^2 \Big), \qquad
          T \le \tfrac12 \sqrt{(1+\gamma) H^3} .
"""

from __future__ import annotations

import math

from rltheory.estimation.bounds.laws import log_events, weissman
from rltheory.estimation.bounds.means import checked_delta, checked_size
from rltheory.models import CriterionError
from rltheory.planning.bounds import total_deviation_known_rewards


def plug_in_loss(gamma: float, value_shift: float) -> float:
    r"""Loss of the plan of a wrong kernel by the error at its own value: :math:`2 \gamma H \|(P - \hat P) \hat v^*\|`.

    For rewards that are known. One power of H less than by the error at :math:`v^*`
    (`rltheory.planning.bounds.certainty_equivalence_loss`), but :math:`\hat v^*` depends on the samples.

    Parameters
    ----------
    gamma : float
        Discount, in [0, 1).
    value_shift : float
        The norm, over all pairs, in reward units.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Derived here: :math:`v^* - \hat v^* \le \gamma (I - \gamma P_{\pi^*})^{-1} (P - \hat P)_{\pi^*} \hat v^*` and
    :math:`\hat v^* - v^{\hat\pi} = \gamma (I - \gamma P_{\hat\pi})^{-1} (\hat P - P)_{\hat\pi} \hat v^*`.

    Examples
    --------
    >>> plug_in_loss(0.5, 0.25)
    0.5
    """
    return 2 * gamma * value_shift / (1 - gamma)


def value_error_by_variance(gamma: float, *, slope: float, offset: float, total: float | None = None) -> float:
    r"""Error of :math:`\hat v^*` if :math:`|(P - \hat P) v^*| \le c\, \hat\sigma(v^*) + e` at every pair.

    .. math:: \|v^* - \hat v^*\| \le \frac{\gamma (c\, T + H e)}{1 - \gamma H c}, \qquad \gamma H c < 1 .

    Parameters
    ----------
    gamma : float
        Discount, in [0, 1).
    slope, offset : float
        c and e, at least 0; e in reward units.
    total : float, optional
        T, in reward units: the most that :math:`\hat\sigma(\hat v^*)` adds up to along a policy of the learned model.
        By default what is possible for rewards in [0, 1], :math:`\frac12 \sqrt{(1+\gamma) H^3}`.

    Returns
    -------
    float
        In reward units; infinite if :math:`\gamma H c \ge 1`.

    References
    ----------
    Derived here, see the head of the module.

    Examples
    --------
    >>> value_error_by_variance(0.5, slope=0.0, offset=0.1)
    0.1
    """
    H = 1 / (1 - gamma)
    total = total_deviation_known_rewards(gamma) if total is None else total
    left = 1 - gamma * H * slope
    return gamma * (slope * total + H * offset) / left if left > 0 else math.inf


def loss_by_variance(gamma: float, *, slope: float, offset: float, value_error: float, row_error: float) -> float:
    r"""Loss of :math:`\hat\pi` if :math:`|(P - \hat P) v^*| \le c\, \sigma(v^*) + e` at every pair.

    .. math:: \|v^* - v^{\hat\pi}\| \le
       \frac{\Delta (1 + \gamma H \varepsilon_P) + \gamma (c\, T + H e)}{1 - \gamma H c},
       \qquad T = \tfrac12 \sqrt{(1+\gamma) H^3}

    for rewards in [0, 1], where :math:`\sigma` is the standard deviation under P. As

    .. math:: \hat v^* - v^{\hat\pi} = \gamma (I - \gamma P_{\hat\pi})^{-1} (\hat P - P)_{\hat\pi} \hat v^* ,

    where :math:`\hat v^*` is :math:`v^*` up to :math:`\Delta`, and
    :math:`\sigma(v^*) \le \sigma(v^{\hat\pi}) + \|v^* - v^{\hat\pi}\|`.

    Parameters
    ----------
    gamma, slope, offset
        As for `value_error_by_variance`.
    value_error : float
        :math:`\Delta \ge \|v^* - \hat v^*\|`, in reward units.
    row_error : float
        :math:`\varepsilon_P`, the largest distance in :math:`L_1` between rows of the two kernels.

    Returns
    -------
    float
        In reward units; infinite if :math:`\gamma H c \ge 1`.

    References
    ----------
    Derived here.

    Examples
    --------
    >>> loss_by_variance(0.5, slope=0.0, offset=0.1, value_error=0.1, row_error=0.5)
    0.25
    """
    H = 1 / (1 - gamma)
    left = 1 - gamma * H * slope
    known = gamma * (slope * total_deviation_known_rewards(gamma) + H * offset)
    return (value_error * (1 + gamma * H * row_error) + known) / left if left > 0 else math.inf


def samples_by_rows(gamma: float, n_states: int, n_pairs: int, *, eps: float, delta: float) -> int:
    r"""Samples of each pair for a loss of at most eps, by the rows of the kernel.

    .. math:: m \ge 2 \gamma^2 H^4 \ln(N (2^S - 2) / \delta) / \epsilon^2

    Parameters
    ----------
    gamma : float
        Discount, in [0, 1).
    n_states, n_pairs : int
        S and N.
    eps : float
        Loss, in reward units, for rewards in [0, 1].
    delta : float
        Probability of failure.

    Returns
    -------
    int
        m; :math:`N m` samples are needed in all.

    Raises
    ------
    CriterionError
        If ``delta`` is not strictly between 0 and 1, ``eps`` is not positive, or a number is below 1.

    References
    ----------
    The simulation lemma for :math:`\pi^*` and :math:`\hat\pi`, and `weissman` for each row.

    Examples
    --------
    >>> samples_by_rows(0.9, 10, 20, eps=0.5, delta=0.05)
    837280
    """
    checked_eps(eps)
    log = log_events(checked_size("n_states", n_states)) + math.log(
        checked_size("n_pairs", n_pairs) / checked_delta(delta)
    )
    return max(1, math.ceil(2 * (gamma / (1 - gamma) ** 2 / eps) ** 2 * max(log, 0.0)))


def samples_by_value(gamma: float, n_pairs: int, *, eps: float, delta: float) -> int:
    r"""Samples of each pair for a loss of at most eps, by one function, :math:`v^*`.

    .. math:: m \ge 2 \gamma^2 H^6 \ln(2 N / \delta) / \epsilon^2

    Parameters
    ----------
    gamma, n_pairs, eps, delta
        As for `samples_by_rows`.

    Returns
    -------
    int
        m.

    References
    ----------
    `rltheory.planning.bounds.certainty_equivalence_loss`, and `hoeffding` for :math:`v^*`, which is in [0, H].

    Examples
    --------
    >>> samples_by_value(0.9, 20, eps=0.5, delta=0.05)
    43316284
    """
    checked_eps(eps)
    log = math.log(2 * checked_size("n_pairs", n_pairs) / checked_delta(delta))
    return math.ceil(2 * (gamma / (1 - gamma) ** 3 / eps) ** 2 * log)


def value_error_of_samples(gamma: float, n_pairs: int, m: float, *, delta: float) -> float:
    r"""Error of :math:`\hat v^*` with m samples of each pair, with probability :math:`1 - \delta`.

    .. math::

       \|v^* - \hat v^*\| \le \gamma\, \frac{\tfrac12 \sqrt{(1+\gamma) H^3}\, u + \tfrac76 H^2 u^2}{1 - \gamma H u} ,
       \qquad u = \sqrt{2 \ln(4 N / \delta) / (m - 1)}

    Parameters
    ----------
    gamma, n_pairs, delta
        As for `samples_by_rows`.
    m : float
        Samples of each pair, at least 2.

    Returns
    -------
    float
        In reward units; infinite if m is too small for the argument.

    References
    ----------
    Derived here, see the head of the module.

    Examples
    --------
    >>> round(value_error_of_samples(0.9, 20, 100_000, delta=0.05), 3)
    0.285
    """
    u = deviation_factor(n_pairs, m, delta)
    return value_error_by_variance(gamma, slope=u, offset=7 * u**2 / (6 * (1 - gamma)))


def deviation_factor(n_pairs: int, m: float, delta: float) -> float:
    r"""What multiplies the deviations that were seen: :math:`u = \sqrt{2 \ln(4 N / \delta) / (m - 1)}`.

    Both sides of `empirical_bernstein`, at all N pairs; its second term is :math:`\frac76 w u^2`.

    Examples
    --------
    >>> round(deviation_factor(20, 100_000, 0.05), 4)
    0.0121
    """
    log = math.log(4 * checked_size("n_pairs", n_pairs) / checked_delta(delta))
    return math.sqrt(2 * log / (checked_size("m", m, 2) - 1))


def samples_by_variance(gamma: float, n_pairs: int, *, eps: float, delta: float) -> int:
    r"""Samples of each pair for an error of :math:`\hat v^*` of at most eps, by deviations.

    The least m at which `value_error_of_samples` is at most eps, of order :math:`H^3`:
    with u the positive root of

    .. math:: \tfrac76 \gamma H^2 u^2 + \gamma \Big(\tfrac12 \sqrt{(1+\gamma) H^3} + H \epsilon\Big) u = \epsilon ,

    :math:`m = 1 + 2 L / u^2` with :math:`L = \ln(4N/\delta)`.

    Parameters
    ----------
    gamma, n_pairs, eps, delta
        As for `samples_by_rows`; eps is the error of the value.

    Returns
    -------
    int
        m.

    References
    ----------
    Derived here. The order :math:`H^3` is the least possible (Azar, Munos and Kappen 2013).

    Examples
    --------
    >>> samples_by_variance(0.9, 20, eps=0.5, delta=0.05)
    40284
    """
    checked_eps(eps)
    H = 1 / (1 - gamma)
    square, linear = 7 / 6 * gamma * H**2, gamma * (total_deviation_known_rewards(gamma) + H * eps)
    if square == 0:
        return 2
    u = 2 * eps / (linear + math.sqrt(linear**2 + 4 * square * eps))
    log = math.log(4 * checked_size("n_pairs", n_pairs) / checked_delta(delta))
    return max(2, math.ceil(1 + 2 * log / u**2))


def loss_of_samples(gamma: float, n_states: int, n_pairs: int, m: float, *, delta: float) -> float:
    r"""Loss of :math:`\hat\pi` with m samples of each pair, with probability :math:`1 - \delta`.

    Of order :math:`\sqrt{H^3 / m}` for large m. `loss_by_variance` with a third of :math:`\delta` each for
    `empirical_bernstein`, `bernstein` and `weissman`, at all pairs; at most H.

    Parameters
    ----------
    gamma, n_states, n_pairs, delta
        As for `samples_by_rows`.
    m : float
        Samples of each pair, at least 2.

    Returns
    -------
    float
        In reward units.

    References
    ----------
    Derived here. That order holds once m exceeds :math:`S H^2`; without that condition in Agarwal, Kakade and Yang
    (2020).

    Examples
    --------
    >>> round(loss_of_samples(0.9, 10, 20, 100_000, delta=0.05), 3)
    0.679
    """
    H, share = 1 / (1 - gamma), checked_delta(delta) / 3
    log = math.log(2 * checked_size("n_pairs", n_pairs) / share)
    return min(
        H,
        loss_by_variance(
            gamma,
            slope=math.sqrt(2 * log / checked_size("m", m, 2)),
            offset=H * log / (3 * m),
            value_error=value_error_of_samples(gamma, n_pairs, m, delta=share),
            row_error=weissman(n_states, m, share / n_pairs),
        ),
    )


def checked_eps(eps: float) -> float:
    """Return an accuracy, refusing what is not above 0.

    Raises
    ------
    CriterionError
        With the value.

    Examples
    --------
    >>> checked_eps(-1.0)
    Traceback (most recent call last):
    rltheory.models.errors.CriterionError: eps is -1.0; an accuracy is above 0
    """
    if not eps > 0:
        raise CriterionError(f"eps is {eps!r}; an accuracy is above 0")
    return eps
