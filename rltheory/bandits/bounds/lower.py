r"""What no learner can avoid: one good arm among many that look alike.

Let all arms be alike but one, the needle, whose mean is larger by :math:`\Delta` and which is as likely to be any of
k arms. Without a needle some law of n pulls would be seen, :math:`P_0`. With the needle at i the law differs from it
only where i is pulled, :math:`\mathrm{KL}(P_0, P_i) = E_0 N_i\, D` with D the relative entropy of an arm from the
needle, and so :math:`E_i N_i \le E_0 N_i + n \sqrt{E_0 N_i\, D / 2}` (Pinsker). But :math:`\sum_i E_0 N_i = n`: on
average the needle is pulled :math:`n/k + n \sqrt{n D / (2k)}` times at most.

Auer, Cesa-Bianchi, Freund and Schapire (2002); Lattimore and Szepesvari (2020), chapter 15.
"""

from __future__ import annotations

import math

from rltheory.bandits.bounds.divergences import kl_bernoulli


def needle_regret(gap: float, n_arms: int, rounds: int, divergence: float) -> float:
    r"""Least mean regret of any learner, averaged over the arms that may be best:
    :math:`n \Delta \big( 1 - \frac1k - \sqrt{n D / (2k)} \big)`.

    Parameters
    ----------
    gap : float
        :math:`\Delta`, in reward units.
    n_arms : int
        k.
    rounds : int
        n.
    divergence : float
        D, the relative entropy of one of the other arms from the needle: :math:`\Delta^2 / (2 \sigma^2)` for Gaussian
        arms.

    Returns
    -------
    float
        Less than 0 where the needle is so conspicuous that nothing follows. Attained as D vanishes: then nothing can
        be learnt, and all learners are alike.

    Examples
    --------
    >>> needle_regret(0.1, 2, 25, divergence=0.01)
    0.625
    """
    return rounds * gap * (1 - 1 / n_arms - math.sqrt(rounds * divergence / (2 * n_arms)))


def needle_gap(n_arms: int, rounds: int, *, sigma: float = 1.0) -> float:
    r"""The gap at which `needle_regret` of Gaussian arms is largest: :math:`\sigma (1 - \frac1k) \sqrt{k/n}`.

    Examples
    --------
    >>> needle_gap(4, 9)
    0.5
    """
    return sigma * (1 - 1 / n_arms) * math.sqrt(n_arms / rounds)


def minimax_regret(n_arms: int, rounds: int, *, sigma: float = 1.0) -> float:
    r"""Mean regret of any learner for Gaussian arms, at some means: at least
    :math:`\frac\sigma2 (1 - \frac1k)^2 \sqrt{n k}`.

    It is `needle_regret` at `needle_gap`. Lattimore and Szepesvari (2020), theorem 15.2, have
    :math:`\sqrt{n (k-1)} / 27`, less than a quarter of this.

    Examples
    --------
    >>> minimax_regret(10, 1000)
    40.5
    """
    return sigma * (1 - 1 / n_arms) ** 2 * math.sqrt(rounds * n_arms) / 2


def two_worlds_regret(gap: float, pulls: float, divergence: float, rounds: int, constant: float = 0.5) -> float:
    r"""Least sum of the regrets of one learner in two bandits in which different arms are best by :math:`\Delta`:
    :math:`n \Delta\, c\, e^{-\mathrm{KL}}`.

    The second raises an arm of the first, which is pulled ``pulls`` times on average, by a relative entropy of
    ``divergence`` a pull; :math:`\mathrm{KL}` is their product. The sum is at least
    :math:`\Delta (n - E_\nu N_1 + E_{\nu'} N_1)`, which is :math:`n \Delta` times the sum of the errors of a test of
    :math:`N_1 / n`, and no sum of errors is less than `bretagnolle_huber`. The constant may be as large as
    `SHARP_BRETAGNOLLE_HUBER`. To rarely pull an arm is to remain ignorant of it.

    Examples
    --------
    >>> round(two_worlds_regret(0.1, pulls=100, divergence=0.02, rounds=1000), 4)
    6.7668
    """
    return rounds * gap * constant * math.exp(-pulls * divergence)


def pulls_needed(share: float, other_share: float, divergence: float) -> float:
    r"""Mean pulls that a change of behaviour takes: :math:`E_\nu N_a \ge \mathrm{kl}(E_\nu Z, E_{\nu'} Z) / D`.

    In :math:`\nu'` only the law of arm a differs, by a relative entropy D, and Z is any number in [0, 1] that the
    learner's history tells, such as :math:`N_a / n`. Garivier, Menard and Stoltz (2019), inequality 6: it is
    `history_divergence` without all of the history but Z. If a is best in :math:`\nu'`, and the learner is good in
    both bandits, the one share is near 0 and the other near 1, and the bound of Lai and Robbins (1985),
    :math:`(1 + o(1)) \ln(n) / D`, follows.

    Examples
    --------
    >>> round(pulls_needed(0.01, 0.99, divergence=0.5), 3)
    9.006
    """
    information = kl_bernoulli(share, other_share)
    return information / divergence if information > 0 else 0.0
