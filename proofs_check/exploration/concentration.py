r"""How far noise strays: exactly where it tosses coins, and by simulation where features chase what went wrong so far.

Features that point where the sum of noise already lies, :math:`x \propto z + 3 \sqrt t\, \Sigma^{-1} S`, bring it
near its bound: half the radius is left in most runs.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory.exploration.bounds import concentration as bounds

_DELTA = 0.1
_STEPS = 60


def _chased(d: int, ridge: float, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    """Fair coins of size 1, hence 1-sub-Gaussian; compare where the sum is furthest out."""
    inverse, S, log_det = np.eye(d) / ridge, np.zeros(d), 0.0
    coins, directions = rng.choice([-1.0, 1.0], size=_STEPS), rng.normal(size=(_STEPS, d))
    worst = Check(0.0, 1.0)
    for t in range(_STEPS):
        x = directions[t] + 3 * math.sqrt(t) * (inverse @ S)
        x /= math.sqrt(x @ x)
        u = inverse @ x
        growth = 1 + float(x @ u)
        inverse -= np.outer(u, u) / growth
        S += coins[t] * x
        log_det += math.log(growth)
        norm = math.sqrt(S @ inverse @ S)
        radius = fraction * bounds.self_normalised_radius(log_det, _DELTA, sub_gaussian=1.0)
        if norm * worst.rhs > worst.lhs * radius:
            worst = Check(norm, radius)
    return worst


def _azuma(n: int, p: float, delta: float) -> Check:
    """How far from its mean the sum of n coins gets with a probability above delta."""
    from scipy.stats import binom

    furthest = bisect_left(range(n + 1), True, key=lambda k: binom.sf(k, n, p) <= delta)
    return Check(furthest - n * p, bounds.azuma(n, delta, length=1.0))


SELF_NORMALISED = Theorem(
    name="self-normalised-bound",
    statement=(
        r"With probability $1 - \delta$, for all t, $\|\sum_{s \le t} x_s \eta_s\|_{\Sigma_t^{-1}} \le R"
        r" \sqrt{\ln\det(\Sigma_t/\lambda) + 2 \ln(1/\delta)}$."
    ),
    source="abbasi2011, theorem 1",
    assumptions=(
        r"$\eta_t$ is R-sub-Gaussian given the past and $x_t$; $\Sigma_t = \lambda I + \sum_{s \le t} x_s x_s^\top$"
    ),
    instances=st.tuples(st.sampled_from([2, 3]), st.sampled_from([0.1, 1.0])),
    check=_chased,
    refutable=partial(_chased, fraction=0.5),  # false: with half of R
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)
_MANY_COINS = (10**6, 0.5, 1e-300)
AZUMA = Theorem(
    name="azuma",
    statement=(
        r"A sum of n martingale differences, each in an interval of length c, exceeds $c \sqrt{n \ln(1/\delta)/2}$ with"
        r" probability at most $\delta$."
    ),
    source="azuma1967",
    assumptions=r"intervals may depend on the past; $0 < \delta < 1$",
    instances=st.just(_MANY_COINS)
    | st.tuples(st.integers(1, 200), st.floats(0.01, 0.99), st.sampled_from([0.3, 0.1, 0.01, 1e-4])),
    check=_azuma,
    refutable=scaled(_azuma, rhs=0.99),  # false: far out a million fair coins come nearer
    tight=lambda: _azuma(*_MANY_COINS),
    tight_ratio=0.996,
    attained_by="A million fair coins, with the tiny probability of 1e-300,",
)

THEOREMS = (SELF_NORMALISED, AZUMA)
