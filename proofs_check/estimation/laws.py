r"""Relative frequencies and empirical distribution functions, exactly: enumerated multinomials, and the Kolmogorov law.

Simulations of distribution functions reject a true theorem when their few thousand runs are unlucky in the tail; the
exact law of the statistic of Kolmogorov and Smirnov does not.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np

from proofs_check.theorem import Check, Theorem, scaled
from rltheory.estimation.bounds import laws as bounds

_ROUNDING = 1e-12


@functools.lru_cache(maxsize=64)
def _counts(n: int, n_outcomes: int) -> np.ndarray:
    """Return every way in which n samples can fall, one a row."""
    bars = np.array(list(itertools.combinations(range(n + n_outcomes - 1), n_outcomes - 1)), dtype=np.int64)
    edges = np.pad(bars.reshape(-1, n_outcomes - 1), ((0, 0), (1, 1)), constant_values=-1)
    edges[:, -1] = n + n_outcomes - 1
    return np.diff(edges, axis=1) - 1


def _weissman(weights: Sequence[int], n: int, delta: float, *, fraction: float = 1.0) -> Check:
    """The chance of a distance as large as the bound, by enumeration."""
    from scipy.stats import multinomial

    p = np.array(weights) / sum(weights)
    counts = _counts(n, p.size)
    distance = np.abs(counts / n - p).sum(axis=1)
    beyond = counts[distance >= fraction * bounds.weissman(p.size, n, delta) - _ROUNDING]
    return Check(multinomial.pmf(beyond, n, p).sum() if beyond.size else 0.0, delta)


_TWO_TOSSES = ((1, 1), 2, 2 / math.e)
_SPREAD = ((1, 1, 1), 40, 1e-6)
_LAWS = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)

WEISSMAN = Theorem(
    name="frequencies-in-l1",
    statement=r"$\|\hat p_n - p\|_1 \ge \sqrt{2 \ln((2^S - 2)/\delta) / n}$ with probability at most $\delta$.",
    source="weissman2003, theorem 2.1",
    assumptions=r"n independent samples of a law on $S \ge 2$ outcomes",
    instances=st.tuples(_LAWS, st.integers(1, 14), st.sampled_from([0.9, 0.5, 0.2, 0.05, 0.01]))
    | st.just(_TWO_TOSSES)
    | st.just(_SPREAD),
    check=_weissman,
    refutable=functools.partial(_weissman, fraction=0.88),  # false: of forty throws of a die with three sides
    tight=lambda: _weissman(*_TWO_TOSSES),
    tight_ratio=0.67,
    attained_by=r"Two tosses of a fair coin that agree, with $\delta = 2/e$,",
)


def _expected_distance(weights: Sequence[int], n: int) -> Check:
    from scipy.stats import binom

    p = np.array(weights) / sum(weights)
    heads = np.arange(n + 1)
    mean = sum(float(binom.pmf(heads, n, one) @ np.abs(heads / n - one)) for one in p)
    return Check(mean, bounds.expected_distance(p.size, n))


_ONE_TOSS = ((1, 1), 1)

EXPECTED_DISTANCE = Theorem(
    name="expected-l1-distance",
    statement=r"$\mathbb{E} \|\hat p_n - p\|_1 \le \sqrt{(S - 1) / n}$.",
    source="derived here",
    assumptions=r"n independent samples of a law on S outcomes",
    instances=st.tuples(st.lists(st.integers(1, 100), min_size=1, max_size=6).map(tuple), st.integers(1, 200))
    | st.just(_ONE_TOSS),
    check=_expected_distance,
    refutable=scaled(_expected_distance),  # false: one toss of a fair coin attains it
    tight=lambda: _expected_distance(*_ONE_TOSS),
    tight_ratio=0.999999,
    attained_by="One toss of a fair coin",
)


def _kolmogorov(n: int, delta: float, *, fraction: float = 1.0) -> Check:
    """The law of the statistic for continuous F; with jumps it is smaller."""
    from scipy.stats import kstwo

    return Check(kstwo.sf(fraction * bounds.dvoretzky_kiefer_wolfowitz(n, delta), n), delta)


_MANY = (10_000, 0.2)

KOLMOGOROV = Theorem(
    name="empirical-distribution-function",
    statement=r"$\sup_x |F_n(x) - F(x)| > \sqrt{\ln(2/\delta) / (2n)}$ with probability at most $\delta$.",
    source="massart1990",
    assumptions=r"n independent samples of a law with distribution function F, which is continuous here",
    instances=st.tuples(
        st.integers(1, 2000), st.sampled_from([0.99, 0.9, 0.5, 0.3, 0.2, 0.1, 0.01, 1e-4]) | st.floats(1e-5, 0.99)
    )
    | st.just(_MANY),
    check=_kolmogorov,
    refutable=functools.partial(_kolmogorov, fraction=0.995),  # false: half a hundredth less is too little
    tight=lambda: _kolmogorov(*_MANY),
    tight_ratio=0.99,
    attained_by="Ten thousand samples of a continuous law, with a failure probability of 1/5,",
)


def _visits(sequence: Sequence[int], n_pairs: int) -> Check:
    seen, total = [0] * n_pairs, 0.0
    for pair in sequence:
        total += 1 / math.sqrt(max(seen[pair], 1))
        seen[pair] += 1
    return Check(total, bounds.sum_over_visits(n_pairs, len(sequence)))


_AGAIN = ((0,) * 2000, 1)
_SEQUENCES = st.integers(1, 5).flatmap(
    lambda n_pairs: st.tuples(st.lists(st.integers(0, n_pairs - 1), max_size=80).map(tuple), st.just(n_pairs))
)

VISITS = Theorem(
    name="sum-over-visits",
    statement=r"$\sum_{t \le n} 1 / \sqrt{1 \vee N_t(i_t)} \le S + 2 \sqrt{S n}$, where $N_t(i)$ counts i before t.",
    source="szepesvari2022, lecture 23",
    assumptions=r"$i_1, \dots, i_n$ any sequence of S pairs",
    instances=_SEQUENCES | st.just(_AGAIN),
    check=_visits,
    refutable=scaled(_visits),
    tight=lambda: _visits(*_AGAIN),
    tight_ratio=0.98,
    attained_by="A single pair, visited again and again,",
)

THEOREMS = (WEISSMAN, EXPECTED_DISTANCE, KOLMOGOROV, VISITS)
