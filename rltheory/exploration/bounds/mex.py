r"""What theory promises of maximising to explore: likelihood ratios, the weight of the data, and the regret.

With N hypotheses, the truth among them, and the squared Hellinger distance :math:`D^2(P, Q) = 1 - \sum \sqrt{P Q}`,
with probability :math:`1 - \delta` for all k, steps t and hypotheses f

.. math::

   \tfrac12 \sum_{j < k} \ln \frac{P_{f,t}(s'_j \mid s_j, a_j)}{P_t(s'_j \mid s_j, a_j)}
   \le \ln\frac{H N}{\delta} - \sum_{j < k} E_{\pi_j} D^2(P_{f,t}, P_t)(s_t, a_t) ,

since :math:`E \exp(\frac12 \ln (P_f / P)) = 1 - E D^2`. How hard it is to explore is the generalised eluder coefficient
d, the least number for which predicted values exceed those attained by at most

.. math:: \sum_k \big(V_{f_k} - V^{\pi_k}\big) \le \inf_{\mu > 0} \Big\{ \frac\mu2 \Delta + \frac d{2\mu} \Big\}
   + \sqrt{d H K}, \qquad \Delta = \sum_k \sum_{j < k} \sum_t E_{\pi_j} D^2(P_{f_k,t}, P_t) .

Sources: Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023); Zhong, Xiong, Zheng, Wang, Wang, Yang and Zhang
(2022).
"""

from __future__ import annotations

import math


def likelihood_slack(n_hypotheses: int, H: int, delta: float) -> float:
    r"""Return :math:`\ln (H N / \delta)`, by which half of a log-likelihood ratio may exceed its mean.

    Parameters
    ----------
    n_hypotheses, H : int
        Numbers of hypotheses and of steps.
    delta : float
        Probability of failure.

    Examples
    --------
    >>> round(likelihood_slack(10, 5, 0.05), 4)
    6.9078
    """
    return math.log(n_hypotheses * H / delta)


def mex_eta(gec: float, n_hypotheses: int, H: int, K: int, delta: float) -> float:
    r"""Return the weight of data that makes `mex_regret` least: :math:`\frac14 \sqrt{d / (K H \ln (H N / \delta))}`.

    Parameters
    ----------
    gec : float
        d.
    n_hypotheses, H, K : int
        Numbers of hypotheses, steps and episodes.
    delta : float
        Probability of failure.

    Examples
    --------
    >>> round(mex_eta(18.0, 136, 6, 600, 0.05), 5)
    0.00568
    """
    return math.sqrt(gec / (K * H * likelihood_slack(n_hypotheses, H, delta))) / 4


def mex_regret(gec: float, n_hypotheses: int, H: int, K: int, delta: float, *, eta: float | None = None) -> float:
    r"""Return a bound on the regret of K episodes, which holds with probability :math:`1 - \delta`.

    .. math:: 2 \eta K H \ln(H N / \delta) + \frac d{8 \eta} + \sqrt{d H K} .

    Parameters
    ----------
    gec, n_hypotheses, H, K, delta
        As for `mex_eta`.
    eta : float, optional
        The weight of the data, above 0; by default `mex_eta`, for which the bound is
        :math:`\sqrt{d H K} (\sqrt{\ln(H N / \delta)} + 1)`.

    Examples
    --------
    >>> round(mex_regret(18.0, 136, 6, 600, 0.05), 1)
    1047.4
    """
    eta = mex_eta(gec, n_hypotheses, H, K, delta) if eta is None else eta
    return mex_regret_within(gec, likelihood_slack(n_hypotheses, H, delta), H, K, eta=eta)


def mex_regret_within(gec: float, slack: float, H: int, K: int, *, eta: float) -> float:
    r"""Return what regret is at most where half of no log-likelihood ratio exceeds its mean by more than a slack L.

    :math:`2 \eta K H L + \frac d{8 \eta} + \sqrt{d H K}`. As the maximiser is optimistic once its fit is counted, the
    optimum exceeds what is promised by :math:`2 \eta (K H L - \Delta)` at most, and what is promised exceeds what is
    attained by :math:`\frac\mu2 \Delta + \frac d{2\mu} + \sqrt{d H K}`, in which :math:`\mu = 4 \eta` cancels
    :math:`\Delta`.

    Parameters
    ----------
    gec : float
        d.
    slack : float
        L, for each step; `likelihood_slack` with probability :math:`1 - \delta`.
    H, K : int
        Numbers of steps and of episodes.
    eta : float
        Weight of the data, above 0.

    Examples
    --------
    >>> mex_regret_within(4.0, 0.0, 1, 1, eta=0.5)
    3.0
    """
    return 2 * eta * K * H * slack + (gec / (8 * eta) if gec else 0.0) + math.sqrt(gec * H * K)


def empirical_gec(excess: float, discrepancy: float, H: int, K: int) -> float:
    r"""Return the least d for which the inequality of the eluder coefficient holds on one run.

    The infimum over :math:`\mu` is :math:`\sqrt{d \Delta}`, so that :math:`d = (x^+ / (\sqrt\Delta + \sqrt{HK}))^2`.

    Parameters
    ----------
    excess : float
        x, by how much predicted values exceed those attained, summed over episodes.
    discrepancy : float
        :math:`\Delta`.
    H, K : int
        Numbers of steps and of episodes.

    Examples
    --------
    >>> empirical_gec(3.0, 4.0, 1, 1)
    1.0
    """
    return (max(excess, 0.0) / (math.sqrt(discrepancy) + math.sqrt(H * K))) ** 2


def counted_promise(value: float, eta: float, fit: float) -> float:
    r"""Return :math:`V_{f_k} + \eta \sum \ln(P_{f_k} / P)`, which is at least the optimum in every episode.

    As the truth is one of those that :math:`f_k` is the best of.

    Parameters
    ----------
    value : float
        What the maximiser promises.
    eta : float
        Weight of the data.
    fit : float
        Its log-likelihood less the truth's.

    Examples
    --------
    >>> counted_promise(0.5, 0.25, 1.0)
    0.75
    """
    return value + eta * fit
