r"""How far relative frequencies stray from a law, in :math:`L_1` and as a distribution function, and what visits cost.

`rltheory.exploration.bounds.model_error` bounds half of the :math:`L_1` distance, and counts two more sets.
"""

from __future__ import annotations

import math

from rltheory.estimation.bounds.means import checked_delta, checked_size


def weissman(n_outcomes: int, n: float, delta: float) -> float:
    r"""Distance in :math:`L_1` of relative frequencies from a law: :math:`\sqrt{2 \ln((2^S - 2)/\delta) / n}`.

    The distance is twice the largest error of the probability of a set of outcomes, and :math:`2^S - 2` sets are not
    certain.

    Parameters
    ----------
    n_outcomes : int
        S. With a single outcome nothing is random, and the distance is 0.
    n : float
        Number of samples, at least 1.
    delta : float
        Probability of failure.

    Returns
    -------
    float
        Without unit.

    Raises
    ------
    CriterionError
        If ``delta`` is not strictly between 0 and 1, or a number is below 1.

    References
    ----------
    Weissman, Ordentlich, Seroussi, Verdu and Weinberger (2003), theorem 2.1.

    Examples
    --------
    >>> round(weissman(3, 1000, 0.05), 4)
    0.0979
    """
    log_sets = log_events(checked_size("n_outcomes", n_outcomes))
    return math.sqrt(max(0.0, 2 * (log_sets - math.log(checked_delta(delta)))) / checked_size("n", n))


def log_events(n_outcomes: float) -> float:
    r"""Logarithm of the number of sets of outcomes whose probability is in doubt, :math:`\ln(2^S - 2)`.

    Examples
    --------
    >>> round(math.exp(log_events(3)), 9), log_events(1)
    (6.0, -inf)
    """
    return (
        math.log(2) + (n_outcomes - 1) * math.log(2) + math.log1p(-(2.0 ** (1 - n_outcomes)))
        if n_outcomes > 1
        else -math.inf
    )


def expected_distance(n_outcomes: int, n: float) -> float:
    r"""Mean distance in :math:`L_1` of relative frequencies from a law: at most :math:`\sqrt{(S-1)/n}`.

    Parameters
    ----------
    n_outcomes : int
        S, at least 1.
    n : float
        Number of samples, at least 1.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Derived: each outcome is off by :math:`\sqrt{p (1-p) / n}` at most in the mean, and the roots sum to at most
    :math:`\sqrt{S (1 - 1/S)}` (Cauchy and Schwarz). Attained by one toss of a fair coin.

    Examples
    --------
    >>> expected_distance(5, 100)
    0.2
    """
    return math.sqrt((checked_size("n_outcomes", n_outcomes) - 1) / checked_size("n", n))


def dvoretzky_kiefer_wolfowitz(n: float, delta: float) -> float:
    r"""Largest error of an empirical distribution function: :math:`\sup_x |F_n - F| \le \sqrt{\ln(2/\delta)/(2n)}`.

    The same as Hoeffding's bound at a single point: all other points come for nothing.

    Parameters
    ----------
    n : float
        Number of samples, at least 1.
    delta : float
        Probability of failure.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Dvoretzky, Kiefer and Wolfowitz (1956); the constant is that of Massart (1990).

    Examples
    --------
    >>> round(dvoretzky_kiefer_wolfowitz(1000, 0.05), 4)
    0.0429
    """
    return math.sqrt(math.log(2 / checked_delta(delta)) / (2 * checked_size("n", n)))


def sum_over_visits(n_pairs: int, n: float) -> float:
    r"""Most that n visits to S pairs cost: :math:`S + 2\sqrt{S n}`.

    A visit after N others to the same pair costs :math:`1/\sqrt{N \vee 1}`.

    Parameters
    ----------
    n_pairs : int
        S, at least 1.
    n : float
        Number of visits in all.

    Returns
    -------
    float
        Without unit.

    References
    ----------
    Szepesvari (2022), lecture 23. One pair visited again and again nearly attains it.

    Examples
    --------
    >>> sum_over_visits(4, 100)
    44.0
    """
    return checked_size("n_pairs", n_pairs) + 2 * math.sqrt(n_pairs * checked_size("n", n, 0))
