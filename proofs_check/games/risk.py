r"""What players averse to risk gain, that they have an equilibrium, and when they hunt the hare."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check.games import risk_oracles as oracles
from proofs_check.robust.instances import rows
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games import NormalFormGame
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import (
    MeanVariance,
    best_pure_profile,
    full_variance_utility,
    risk_averse_equilibrium,
)
from rltheory.models import ConvergenceWarning

GAMMAS = st.sampled_from([0.0, 0.05, 0.25, 1.0, 4.0])
TREMBLES = st.sampled_from([0.0, 0.01, 0.1, 0.2])


def payoffs(m: int, n: int) -> st.SearchStrategy[np.ndarray]:
    """Matrices with ties."""
    row = st.lists(st.integers(-6, 6), min_size=n, max_size=n)
    return st.lists(row, min_size=m, max_size=m).map(lambda rows: np.array(rows) / 2)


def positions(*also: Any, most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a player's strategy, her payoffs, the others' law and further arguments."""
    sizes = st.tuples(st.integers(2, most), st.integers(1, most))
    return sizes.flatmap(lambda size: st.tuples(rows(size[0]), payoffs(*size), rows(size[1]), *also))


HEDGE = (np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.5]))
"""Half of each action bears no risk."""


def _total_variance(p: np.ndarray, M: np.ndarray, q: np.ndarray, own: float = 1.0) -> Check:
    joint = np.outer(p, q)
    variance = (joint * (M - (joint * M).sum()) ** 2).sum()
    z = p @ M
    others = p @ M @ q - MeanVariance(1.0).value(z, q)
    return Check.equal(variance, others + own * (q @ (p @ (M - z) ** 2)))


total_variance = Theorem(
    name="risk-averse-total-variance",
    statement=(
        r"$\operatorname{Var}_{a,b} M = p^\top \Sigma p + E_b \operatorname{Var}_a M$: the risk of a risk-averse "
        r"equilibrium is the first part, which the others cause."
    ),
    source="derived here",
    assumptions=r"$a \sim p$ and $b \sim q$ independent; $\Sigma$ the covariance of the rows of $M$ under $q$",
    instances=positions() | st.just((np.array([0.5, 0.5]), *HEDGE[1:])),
    check=_total_variance,
    refutable=lambda p, M, q: _total_variance(p, M, q, own=0.0),  # false: the own mixing left out
)


def _inside(p: np.ndarray, tremble: float) -> np.ndarray:
    return tremble + (1 - p.size * tremble) * p


def _certificate(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float, tremble: float) -> Check:
    p = _inside(p, tremble)
    gain = oracles.mean_variance_gain(p, M, q, gamma, tremble)
    return Check(gain, bounds.mean_variance_gain(p, *oracles.moments(M, q), gamma, tremble), scale=np.abs(M).max() ** 2)


certificate = Theorem(
    name="risk-averse-certificate",
    statement=(
        r"With $g = \mu - 2\gamma\Sigma p$, no strategy of the trembling simplex is worth more than $p$ by more than "
        r"$\epsilon \sum_a g_a + (1 - m\epsilon) \max_a g_a - g \cdot p$."
    ),
    source="frank1956; derived here",
    assumptions=r"$\gamma \ge 0$, $0 \le \epsilon < 1/m$",
    instances=positions(GAMMAS, TREMBLES) | st.just((*HEDGE[:1], np.diag([0.0, 1.0]), HEDGE[2], 0.0, 0.0)),
    check=_certificate,
    refutable=scaled(_certificate),
    tight=lambda: _certificate(HEDGE[0], np.diag([0.0, 1.0]), HEDGE[2], 0.0, 0.0),
    tight_ratio=0.999,
    attained_by="A hedge without a price",
)


def _coordination(drawn: tuple[int, int, int, int, int]) -> tuple[int, int, int, int, Fraction]:
    c, d, above, below, percent = drawn
    return c + above, d - below, c, d, Fraction(percent, 100)


_COORDINATION = st.tuples(
    st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 9), st.integers(1, 9), st.integers(1, 49)
).map(_coordination)


def _stag(a: int, b: int, c: int, d: int, tremble: Fraction, factor: float = 1.0) -> Check:
    predicted = bounds.stag_threshold(a, b, c, d, float(tremble))
    exact = oracles.stag_threshold(a, b, c, d, tremble)
    if not (math.isfinite(predicted) and math.isfinite(exact) and exact >= 0):
        return Check(float(math.isfinite(predicted) and predicted >= 0), float(math.isfinite(exact) and exact >= 0))
    return Check.equal(factor * predicted, exact)


stag = Theorem(
    name="risk-averse-stag-threshold",
    statement=(
        r"Both playing the first action as often as trembles allow is a risk-averse equilibrium exactly up to "
        r"$\gamma^* = ((1-\epsilon)\Delta - (d - b)) / (2\epsilon(1-\epsilon)\Delta[(c - d) + (1-\epsilon)\Delta])$."
    ),
    source="derived here",
    assumptions=r"symmetric payoffs $[[a, b], [c, d]]$ with $a > c$ and $d > b$; $0 < \epsilon < 1/2$",
    instances=_COORDINATION | st.just((4, 1, 3, 3, Fraction(1, 10))),
    check=_stag,
    refutable=lambda a, b, c, d, tremble: _stag(a, b, c, d, tremble, factor=2.0),  # false: without the 2 below
)


def _stag_gain(a: int, b: int, c: int, d: int, tremble: Fraction, gamma: float) -> Check:
    q = _inside(np.array([1.0, 0.0]), float(tremble))
    gain = oracles.mean_variance_gain(q, np.array([[a, b], [c, d]], dtype=float), q, gamma, float(tremble))
    return Check.equal(gain, bounds.stag_gain(a, b, c, d, gamma, float(tremble)))


def _dominance_decides(a: int, b: int, c: int, d: int, tremble: Fraction, gamma: float) -> Check:
    gain = bounds.stag_gain(a, b, c, d, gamma, float(tremble))
    return Check(gain if bounds.risk_dominant_action(a, b, c, d) == 0 else 0.0, 0.0)


stag_gain = Theorem(
    name="risk-averse-not-risk-dominant",
    statement=(
        r"Beyond $\gamma^*$ a player gains $|G|s - Ds^2/2$ by leaving the corner of the first action, with "
        r"$s = \min(|G|/D, 1 - 2\epsilon)$, even where that action is risk dominant."
    ),
    source="derived here",
    assumptions=r"as for the threshold; $G$ and $D$ are slope and curvature at the corner",
    instances=st.tuples(_COORDINATION, GAMMAS).map(lambda drawn: (*drawn[0], drawn[1]))
    | st.just((5, 0, 1, 1, Fraction(1, 10), 1.0)),
    check=_stag_gain,
    refutable=_dominance_decides,  # false: a risk dominant action is always an equilibrium
)


def _strict(M: np.ndarray, action: int, other: int, gamma: float, tremble: float = 0.0) -> Check:
    action, other = action % M.shape[0], other % M.shape[1]
    M = M.copy()
    M[action, other] = M[:, other].max() + 0.5
    p, q = (_inside(np.eye(k)[a], tremble) for k, a in zip(M.shape, (action, other), strict=True))
    return Check(oracles.mean_variance_gain(p, M, q, gamma, tremble), 0.0)


strict_nash = Theorem(
    name="risk-averse-strict-nash",
    statement=r"Without trembles every strict equilibrium in pure strategies is risk-averse, whatever $\gamma$.",
    source="derived here",
    assumptions=r"$\epsilon = 0$",
    instances=st.tuples(st.integers(2, 4), st.integers(1, 4)).flatmap(
        lambda size: st.tuples(payoffs(*size), st.integers(0, 3), st.integers(0, 3), GAMMAS)
    )
    | st.just((np.array([[4.0, 1.0], [3.5, 3.5]]), 0, 0, 4.0)),
    check=_strict,
    refutable=lambda M, a, b, gamma: _strict(M, a, b, gamma, tremble=0.1),  # false: the stag at gamma 4
)


def games(*also: Any, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw the payoff matrices of two players, and further arguments."""
    sizes = st.tuples(st.integers(2, most), st.integers(2, most))
    return sizes.flatmap(lambda size: st.tuples(payoffs(*size), payoffs(*size), *also))


def _gains(A: np.ndarray, B: np.ndarray, profile: Any, gamma: float, tremble: float) -> float:
    p, q = profile
    return max(
        oracles.mean_variance_gain(p, A, q, gamma, tremble), oracles.mean_variance_gain(q, B.T, p, gamma, tremble)
    )


CYCLE = (np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
"""No equilibrium if players mind the variance of their own mixing."""


def _existence(A: np.ndarray, B: np.ndarray, gamma: float, tremble: float) -> Check:
    found = risk_averse_equilibrium(NormalFormGame([A, B]), gamma=gamma, tremble=tremble, starts=96)
    return Check(_gains(A, B, found.profile, gamma, tremble), 0.0, scale=(1 + gamma) * 40.0)


def _own_existence(A: np.ndarray, B: np.ndarray, gamma: float, tremble: float) -> Check:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = best_pure_profile(NormalFormGame([A, B]), gamma=gamma, tremble=tremble)
    return Check(found.exploitability, 0.0, scale=(1 + gamma) * 40.0)


existence = Theorem(
    name="risk-averse-existence",
    statement=r"Every finite game has a risk-averse equilibrium for every $\gamma \ge 0$ and every tremble.",
    source="slumbers2023; derived here by Kakutani's theorem",
    assumptions=r"the own mixing is averaged before the variance is taken",
    instances=games(GAMMAS, TREMBLES) | st.just((*CYCLE, 1.0, 0.0)),
    check=_existence,
    refutable=_own_existence,  # false: the variance of the own mixing counts as well
)


def _own_variance(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float) -> Check:
    vertices = [full_variance_utility(vertex, M, q, gamma) for vertex in np.eye(p.size)]
    joint = np.outer(p, q)
    mean = (joint * M).sum()
    return Check(mean - gamma * (joint * (M - mean) ** 2).sum(), max(vertices), scale=gamma * np.abs(M).max() ** 2)


def _mixing_pays(p: np.ndarray, M: np.ndarray, q: np.ndarray, gamma: float) -> Check:
    vertices = [oracles.mean_variance(vertex, M, q, gamma) for vertex in np.eye(p.size)]
    return Check(oracles.mean_variance(p, M, q, gamma), max(vertices))


own_variance = Theorem(
    name="own-variance-is-convex",
    statement=(
        r"If the variance of the own mixing counts as well, some pure strategy is as good as any: "
        r"$E - \gamma \operatorname{Var}_{a,b}$ is convex in $p$."
    ),
    source="derived here",
    assumptions=r"$\gamma \ge 0$",
    instances=positions(GAMMAS) | st.just((np.array([0.5, 0.5]), *HEDGE[1:], 1.0)),
    check=_own_variance,
    refutable=_mixing_pays,  # false: only the others' randomness counts, and hedging pays
)


def _near_nash(A: np.ndarray, B: np.ndarray, gamma: float, tremble: float) -> Check:
    profile = risk_averse_equilibrium(NormalFormGame([A, B]), gamma=gamma, tremble=tremble, starts=96).profile
    p, q = profile
    gains = [(A @ q).max() - p @ A @ q, (p @ B).max() - p @ B @ q]
    limits = [bounds.risk_averse_nash_gain(gamma, tremble, M.shape[i], float(np.ptp(M))) for i, M in enumerate((A, B))]
    return Check.everywhere(gains, limits)


DOMINATED = (np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))

near_nash = Theorem(
    name="risk-averse-near-nash",
    statement=(
        r"At a risk-averse equilibrium nobody gains more than $\gamma D^2/4 + (m - 1)\epsilon D$ in expected payoff by "
        r"deviating, trembles or not."
    ),
    source="derived here, with popoviciu1935",
    assumptions=r"payoffs of a player have spread $D$",
    instances=games(GAMMAS, TREMBLES) | st.just((*DOMINATED, 0.0, 0.1)),
    check=_near_nash,
    refutable=scaled(_near_nash),
    tight=lambda: _near_nash(*DOMINATED, 0.0, 0.1),
    tight_ratio=0.999,
    attained_by="A dominated action that trembles cannot avoid",
)


THEOREMS = (
    total_variance,
    certificate,
    strict_nash,
    stag,
    stag_gain,
    existence,
    own_variance,
    near_nash,
)
