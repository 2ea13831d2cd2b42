r"""Concentration of means and martingales, exactly: binomial laws, and the adversary who plays best.

Probabilities are sums of a binomial law, or solutions of a recursion over walks, so that nothing is left to chance. A
count within rounding of the bound is taken to be within it.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np

from proofs_check.theorem import Check, Theorem
from rltheory.estimation.bounds import means as bounds

_ROUNDING = 1e-12

_TOSSES = st.tuples(
    st.integers(2, 300),
    st.sampled_from([1e-3, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.97]) | st.floats(0.01, 0.99),
    st.sampled_from([0.9, 0.5, 0.2, 0.1, 0.05, 0.01, 1e-4]),
)
"""How often a coin is tossed, how it is biased, and how often a bound may fail."""


def _law(n: int, p: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the possible relative frequencies, and their probabilities."""
    from scipy.stats import binom

    heads = np.arange(n + 1)
    return heads / n, binom.pmf(heads, n, p)


def _hoeffding(n: int, p: float, delta: float, *, fraction: float = 1.0) -> Check:
    """The chance of a frequency as far away as the bound, or farther."""
    means, law = _law(n, p)
    radius = fraction * bounds.hoeffding(n, delta)
    return Check(law[np.abs(means - p) >= radius - _ROUNDING].sum(), delta)


_TWO_TOSSES = (2, 0.5, 2 / math.e)
_MANY_TOSSES = (20_000, 0.5, 1e-6)

HOEFFDING = Theorem(
    name="hoeffding-inequality",
    statement=r"$|\bar X_n - \mathbb{E} X| \ge w \sqrt{\ln(2/\delta) / (2n)}$ with probability at most $\delta$.",
    source="hoeffding1963, Theorem 2",
    assumptions=r"n independent samples of one law in an interval of length w",
    instances=_TOSSES | st.just(_TWO_TOSSES) | st.just(_MANY_TOSSES),
    check=_hoeffding,
    refutable=functools.partial(_hoeffding, fraction=0.9),  # false: of many tosses, at small delta
    tight=lambda: _hoeffding(*_TWO_TOSSES),
    tight_ratio=0.67,
    attained_by=r"Two tosses of a fair coin that agree, with $\delta = 2/e$,",
)


def _peeling(m: int, *, shift: int = 0) -> Check:
    """Add up in fractions."""
    total = sum((Fraction(1, u * (u + 1 + shift)) for u in range(1, m + 1)), Fraction(0))
    weights = [bounds.peeling_weight(u) for u in range(1, m + 1)]
    return Check.equal([float(total), math.fsum(weights)], 1 - 1 / (m + 1))


PEELING = Theorem(
    name="peeling-weights",
    statement=r"$\sum_{u=1}^m \frac{1}{u(u+1)} = 1 - \frac{1}{m+1}$, so that all of them add up to 1.",
    source="szepesvari2022, lecture 23",
    assumptions=r"$m \ge 1$",
    instances=st.integers(1, 200),
    check=_peeling,
    refutable=functools.partial(_peeling, shift=1),  # false: of 1/(u(u+2))
)


def _ever_outside(n: int, p: float, radii: np.ndarray) -> float:
    """Return the chance that one of the first n means is farther away than its radius, by a walk that stops there."""
    law, left = np.zeros(n + 1), 0.0
    law[0] = 1.0
    for t in range(1, n + 1):
        law[1:] = (1 - p) * law[1:] + p * law[:-1]
        law[0] *= 1 - p
        outside = np.abs(np.arange(n + 1) / t - p) >= radii[t - 1] - _ROUNDING
        left += law[outside].sum()
        law[outside] = 0.0
    return float(left)


def _anytime(n: int, p: float, delta: float, *, fraction: float = 1.0) -> Check:
    radii = fraction * np.array([bounds.anytime_hoeffding(t, delta) for t in range(1, n + 1)])
    return Check(_ever_outside(n, p, radii), delta)


ANYTIME = Theorem(
    name="anytime-hoeffding",
    statement=(
        r"With probability $1 - \delta$, $|\bar X_n - \mathbb{E} X| < w \sqrt{\ln(2 n (n+1) / \delta) / (2n)}$ for all"
        r" n at once."
    ),
    source="szepesvari2022, lecture 23",
    assumptions=r"independent samples of one law in an interval of length w; here up to $n = 300$",
    instances=_TOSSES | st.just((300, 0.5, 1e-6)),
    check=_anytime,
    refutable=functools.partial(_anytime, fraction=0.75),  # false: some mean gets there
)


def _bernstein(n: int, p: float, delta: float, *, fraction: float = 1.0) -> Check:
    means, law = _law(n, p)
    sigma, largest = math.sqrt(p * (1 - p)), max(p, 1 - p)
    radius = fraction * bounds.bernstein(n, delta, sigma=sigma, largest=largest)
    return Check(law[np.abs(means - p) >= radius - _ROUNDING].sum(), delta)


BERNSTEIN = Theorem(
    name="bernstein-inequality",
    statement=(
        r"$|\bar X_n - \mathbb{E} X| \ge \sigma \sqrt{2 L / n} + b L / (3n)$ with probability at most $\delta$, where"
        r" $L = \ln(2/\delta)$."
    ),
    source="boucheron2013, Theorem 2.10; szepesvari2022, lecture 18 (with 2/3)",
    assumptions=r"n independent samples of one law with variance $\sigma^2$, never more than b from its mean",
    instances=_TOSSES | st.just(_MANY_TOSSES) | st.just((100, 0.001, 0.01)),
    check=_bernstein,
    refutable=functools.partial(_bernstein, fraction=0.9),  # false: of many tosses, at small delta
)


def _empirical_bernstein(n: int, p: float, delta: float, *, fraction: float = 1.0) -> Check:
    """The law may be far above its mean only because no head was seen, or too few of them to tell the variance."""
    means, law = _law(n, p)
    deviation = np.sqrt(n / (n - 1) * means * (1 - means))
    radius = fraction * bounds.empirical_bernstein(n, delta, sigma=deviation)
    return Check(law[p - means >= radius - _ROUNDING].sum(), delta)


EMPIRICAL_BERNSTEIN = Theorem(
    name="empirical-bernstein",
    statement=(
        r"$\mathbb{E} X - \bar X_n \ge \hat\sigma \sqrt{2 L / n} + 7 w L / (3 (n-1))$ with probability at most"
        r" $\delta$, where $L = \ln(2/\delta)$."
    ),
    source="maurer2009, Theorem 4",
    assumptions=(
        r"n independent samples of one law in an interval of length w; $\hat\sigma^2$ their unbiased variance. The 7/3"
        " is generous: 7/10 fails for a coin"
    ),
    instances=_TOSSES | st.just((100_000, 0.5, 1e-4)),
    check=_empirical_bernstein,
    refutable=functools.partial(_empirical_bernstein, fraction=0.8),  # false: at many tosses the first term is all
)


@functools.lru_cache(maxsize=64)
def _adversary(height: int, variance: int) -> float:
    """Return the best chance to reach a height, in halves, with a budget of variance, in halves.

    The next difference is +1 or -d with mean zero, d = 1/2, 1 or 2 as the adversary likes: its variance is d.
    """
    lowest = -2 * variance - 4
    heights = np.arange(lowest, height + 1)  # in halves; below the lowest nothing can be reached
    win = np.zeros((variance + 1, heights.size))
    win[:, heights >= height] = 1.0
    for budget in range(1, variance + 1):
        for d in (1, 2, 4):  # in halves
            if d <= budget:
                left = win[budget - d]
                up = left[np.minimum(np.arange(heights.size) + 2, heights.size - 1)]
                down = left[np.maximum(np.arange(heights.size) - d, 0)]
                np.maximum(win[budget], (d * up + 2 * down) / (d + 2), out=win[budget])
        win[budget, heights >= height] = 1.0
    return float(win[variance, -lowest])


def _freedman(height: int, variance: int, *, fraction: float = 1.0) -> Check:
    """Heights and variances in halves."""
    return Check(_adversary(height, variance), bounds.freedman(height / 2, fraction * variance / 2, largest=fraction))


_ONE_STEP = (2, 4)
"""Up by 1, or down by 2 with probability 1/3."""

FREEDMAN = Theorem(
    name="freedman-inequality",
    statement=(
        r"$\Pr(\exists n: S_n \ge x, V_n \le v) \le \exp\big(-x^2 / (2 (v + b x / 3))\big)$ for a martingale whose"
        r" differences are at most b and whose variances, given the past, sum to $V_n$."
    ),
    source="freedman1975, Theorem 1.6",
    assumptions=(
        r"$S_0 = 0$, $x > 0$. The left side is the chance of an adversary who chooses each difference with the past in"
        r" view, among $+1$ or $-d$, $d \in \{\frac12, 1, 2\}$"
    ),
    instances=st.tuples(st.integers(1, 16), st.integers(1, 24)) | st.just(_ONE_STEP) | st.just((120, 300)),
    check=_freedman,
    refutable=functools.partial(_freedman, fraction=0.8),  # false: with 4/5 of the denominator
    tight=lambda: _freedman(*_ONE_STEP),
    tight_ratio=0.8,
    attained_by="A single difference, one up with probability 2/3 or two down,",
)

THEOREMS = (HOEFFDING, PEELING, ANYTIME, BERNSTEIN, EMPIRICAL_BERNSTEIN, FREEDMAN)
