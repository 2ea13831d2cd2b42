r"""What learners promise: their mean regret is at most this much.

Rewards are :math:`\sigma`-subgaussian: Gaussian of deviation :math:`\sigma`, or in an interval of length
:math:`2\sigma`. Gaps :math:`\Delta_a` are at least 0, arms without one cost nothing, n is the number of rounds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rltheory.models import ModelError


def ucb_wait(rounds: float) -> float:
    r"""What it takes to tell a gap of one deviation: :math:`c_n = 4 \ln n + 2 \sqrt{2 \pi \ln n} + 2`.

    At most :math:`16 \ln n` for :math:`n \ge 2`.

    Examples
    --------
    >>> round(ucb_wait(1000), 3)
    42.807
    """
    log = math.log(rounds)
    return 4 * log + 2 * math.sqrt(2 * math.pi * log) + 2


def ucb_regret(gaps: Any, rounds: float, *, sigma: float = 1.0) -> float:
    r"""Mean regret of `ucb`: :math:`\sum_a \big( 3 \Delta_a + c_n \sigma^2 / \Delta_a \big)`, with c of `ucb_wait`.

    An arm is pulled once to begin with; once more, on average, because the best arm's index was ever too low (a
    probability of :math:`\sum_{s \le n} n^{-2} = 1/n` in each of n rounds); and otherwise only while its mean over s
    pulls plus :math:`\sigma \sqrt{4 (\ln n) / s}` reaches the best mean, which happens for at most
    :math:`1 + (2 \sigma^2 / \Delta^2) (a + \sqrt{\pi a} + 1)` of all s, with :math:`a = 2 \ln n` (Lattimore and
    Szepesvari 2020, lemma 8.2). Their theorem 7.1, with 16 ln n in place of c, follows.

    Parameters
    ----------
    gaps : array_like, shape (n_arms,)
        In reward units.
    rounds : float
        At least 1.
    sigma : float
        In reward units.

    Examples
    --------
    >>> round(ucb_regret([0.0, 0.5], 1000), 3)
    87.114
    """
    gaps = _positive(gaps)
    return float(np.sum(3 * gaps + ucb_wait(rounds) * sigma**2 / gaps))


def ucb_worst_regret(gaps: Any, rounds: float, *, sigma: float = 1.0) -> float:
    r"""Mean regret of `ucb` even if gaps are small: :math:`\sigma \sqrt{n k\, c_n} + 3 \sum_a \Delta_a`.

    Here k counts the arms that have a gap. With :math:`M_a = (E N_a - 3)^+ \le c_n \sigma^2 / \Delta_a^2` from
    `ucb_regret`, :math:`\sum_a \Delta_a M_a \le \sum_a \sqrt{c_n \sigma^2 M_a}`, and no more than
    :math:`\sqrt{k c_n \sigma^2 n}` by Cauchy and Schwarz, as all pulls are n. Lattimore and Szepesvari (2020), theorem
    7.2, have :math:`8 \sqrt{n k \ln n}` for the first term. But for the logarithm it cannot be improved:
    `mdps.bandits.needle` costs every learner `minimax_regret`.

    Examples
    --------
    >>> round(ucb_worst_regret([0.0, 0.01], 1000), 3)
    206.929
    """
    gaps = _positive(gaps)
    return sigma * math.sqrt(rounds * gaps.size * ucb_wait(rounds)) + 3 * float(gaps.sum())


def commit_regret(gaps: Any, tries: int, rounds: int, *, sigma: float = 1.0) -> float:
    r"""Mean regret of `explore_then_commit`:
    :math:`\sum_a \Delta_a \big( m + (n - m k) e^{-m \Delta_a^2 / (4 \sigma^2)} \big)`.

    Lattimore and Szepesvari (2020), theorem 6.1. Attained by certain rewards: what is tried is lost.

    Raises
    ------
    ModelError
        If the tries do not fit in the rounds.

    Examples
    --------
    >>> round(commit_regret([0.0, 1.0], tries=10, rounds=100), 3)
    16.567
    """
    gaps = _positive(gaps, keep=True)
    if tries * gaps.size > rounds:
        raise ModelError(f"tries is {tries}; each of {gaps.size} arms cannot have as many in {rounds} rounds")
    wrong = np.exp(-tries * gaps**2 / (4 * sigma**2)) if sigma > 0 else (gaps == 0).astype(float)
    return float(gaps @ (tries + (rounds - tries * gaps.size) * wrong))


def commit_tries(gap: float, rounds: int, *, sigma: float = 1.0) -> int:
    r"""Tries of each of two arms that suit a gap: :math:`\max(1, \lceil 4 (\sigma/\Delta)^2 \ln(n \Delta^2 / (4
    \sigma^2)) \rceil)`.

    No more than half of the rounds, however. Lattimore and Szepesvari (2020), equation 6.5.

    Raises
    ------
    ModelError
        Unless the gap and sigma are above 0.

    Examples
    --------
    >>> commit_tries(0.5, 1000)
    67
    """
    signal = _signal(gap, sigma)
    best = math.ceil(math.log(rounds * signal) / signal) if rounds * signal > 1 else 1
    return max(1, min(best, rounds // 2))


def commit_tuned_regret(gap: float, rounds: int, *, sigma: float = 1.0) -> float:
    r"""Mean regret of `explore_then_commit` with `commit_tries`, for two arms:
    :math:`\min\{ n \Delta, \Delta + \frac{4 \sigma^2}{\Delta} (1 + \max(0, \ln \frac{n \Delta^2}{4 \sigma^2})) \}`.

    Lattimore and Szepesvari (2020), equation 6.6. It is logarithmic, but a learner who does not know the gap cannot
    have it.

    Raises
    ------
    ModelError
        Unless the gap and sigma are above 0.

    Examples
    --------
    >>> round(commit_tuned_regret(0.5, 1000), 3)
    41.581
    """
    signal = _signal(gap, sigma)
    return min(rounds * gap, gap + 4 * sigma**2 / gap * (1 + math.log(max(1.0, rounds * signal))))


def elimination_width(tries: int, n_arms: int, rounds: int, *, delta: float, sigma: float = 1.0) -> float:
    r"""By how much the mean of m pulls must be below another one in `successive_elimination`:
    :math:`u_m = 2 \sigma \sqrt{\ln((k - 1) n / \delta) / m}`.

    With probability :math:`1 - \delta` the differences of the means of the best arm and of each other one are as near
    to the gap, always: they are k - 1 in each of at most n / 2 turns, and may err on either side.
    """
    return 2 * sigma * math.sqrt(math.log(max(n_arms - 1, 1) * rounds / delta) / tries)


def elimination_regret(gaps: Any, rounds: int, *, delta: float, sigma: float = 1.0) -> float:
    r"""Regret of `successive_elimination`, with probability :math:`1 - \delta`:
    :math:`\sum_a \big( \Delta_a + 16 \sigma^2 \ln((k - 1) n / \delta) / \Delta_a \big)`.

    While all differences are within `elimination_width` of the gaps the best arm stays, and an arm goes as soon as its
    gap is more than twice that. In the spirit of Even-Dar, Mannor and Mansour (2006); the constants are derived here.

    Examples
    --------
    >>> round(elimination_regret([0.0, 0.5], 1000, delta=0.1), 3)
    295.231
    """
    n_arms, gaps = np.size(gaps), _positive(gaps)
    return float(np.sum(gaps + 16 * sigma**2 * math.log(max(n_arms - 1, 1) * rounds / delta) / gaps))


def _signal(gap: float, sigma: float) -> float:
    if not gap > 0:
        raise ModelError(f"gap is {gap}; it must be above 0")
    if not sigma > 0:
        raise ModelError(f"sigma is {sigma}; it must be above 0")
    return (gap / sigma) ** 2 / 4


def _positive(gaps: Any, *, keep: bool = False) -> np.ndarray:
    gaps = np.asarray(gaps, float)
    if gaps.ndim != 1 or not (gaps >= 0).all():
        raise ModelError(f"gaps are {gaps.tolist()}; they must be one number of at least 0 for each arm")
    return gaps if keep else gaps[gaps > 0]
