r"""How regressions err: norms of features, what a ridge takes off, which functions are hardest, and what an error does.

These are the pieces of which multipliers are made. Gram matrices come from features that are drawn, and their inverses
from dense linear algebra.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.linear_strategies import linear_mdps
from mdps.strategies import laws
from proofs_check.offline import oracles
from proofs_check.offline.instances import BALLS, PENALTIES, RIDGES
from proofs_check.offline.oracles import Nature
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import LinearMDP
from rltheory.offline import bounds
from rltheory.robust import KL, TV, ChiSquare


@st.composite
def _gram(draw: DrawFn, *also: SearchStrategy[Any]) -> tuple[Any, ...]:
    """Draw features of some pairs, how often each was seen, a ridge, and further arguments."""
    d, n = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    visits = np.array(draw(st.lists(st.sampled_from([0, 1, 2, 10, 1000]), min_size=n, max_size=n)), float)
    return (draw(laws(n, d)), visits, draw(RIDGES), *(draw(one) for one in also))


def _inverse(phi: np.ndarray, visits: np.ndarray, ridge: float) -> np.ndarray:
    return oracles.regression(phi, visits[:, None], ridge)[0]


_ONE_HOT, _EVEN, _UNSEEN = np.eye(3), np.full((1, 4), 0.25), np.zeros(1)


def _elliptical(phi: np.ndarray, visits: np.ndarray, ridge: float) -> Check:
    inverse = _inverse(phi, visits, ridge)
    return Check.everywhere(oracles.elliptical_norms(phi, inverse), bounds.factorwise_norm(phi, np.diag(inverse)))


elliptical_norm = Theorem(
    name="offline-elliptical-norm",
    statement=(
        r"$\|\phi\|_{\Lambda^{-1}} \le \sum_i \phi_i \sqrt{(\Lambda^{-1})_{ii}}$: the penalty of PEVI is below that of"
        r" R2PVI for the same multiplier."
    ),
    source="derived here",
    assumptions=r"$\Lambda$ positive definite",
    instances=_gram() | st.just((_ONE_HOT, np.ones(3), 1.0)),
    check=_elliptical,
    refutable=scaled(_elliptical),
    tight=lambda: _elliptical(_ONE_HOT, np.ones(3), 1.0),
    tight_ratio=0.999999,
    attained_by="A single factor",
)


def _root_of_squares(phi: np.ndarray, visits: np.ndarray, ridge: float, *, above: bool, factor: float = 1.0) -> Check:
    diagonal = np.diag(_inverse(phi, visits, ridge))
    squares, sums = np.sqrt(phi**2 @ diagonal), bounds.factorwise_norm(phi, diagonal)
    if above:
        return Check.everywhere(sums, factor * bounds.factorwise_from_l2(phi.shape[1], squares))
    return Check.everywhere(squares, factor * sums)


l2_penalty = Theorem(
    name="offline-l2-penalty",
    statement=(
        r"$\sqrt{\sum_i \phi_i^2 (\Lambda^{-1})_{ii}} \le \sum_i \phi_i \sqrt{(\Lambda^{-1})_{ii}}$: the penalty of"
        r" the published experiments is below that of theory."
    ),
    source="derived here",
    assumptions=r"$\Lambda$ positive definite",
    instances=_gram() | st.just((_ONE_HOT, np.ones(3), 1.0)),
    check=partial(_root_of_squares, above=False),
    refutable=partial(_root_of_squares, above=False, factor=0.9),
    tight=lambda: _root_of_squares(_ONE_HOT, np.ones(3), 1.0, above=False),
    tight_ratio=0.999999,
    attained_by="A single factor",
)

l2_penalty_factor = Theorem(
    name="offline-l2-penalty-factor",
    statement=(
        r"$\sum_i \phi_i \sqrt{(\Lambda^{-1})_{ii}} \le \sqrt d \sqrt{\sum_i \phi_i^2 (\Lambda^{-1})_{ii}}$: by that"
        r" factor at most do the experiments spare."
    ),
    source="derived here",
    assumptions=r"$\Lambda$ positive definite",
    instances=_gram() | st.just((_EVEN, _UNSEEN, 1.0)),
    check=partial(_root_of_squares, above=True),
    refutable=partial(_root_of_squares, above=True, factor=0.9),
    tight=lambda: _root_of_squares(_EVEN, _UNSEEN, 1.0, above=True),
    tight_ratio=0.999999,
    attained_by="A feature that spreads evenly over factors that were never seen",
)


def _squared_weights(phi: np.ndarray, visits: np.ndarray, ridge: float, factor: float = 1.0) -> Check:
    inverse = _inverse(phi, visits, ridge)
    weights = inverse @ phi.T
    return Check.everywhere(weights**2 @ visits, factor * np.diag(inverse))


regression_weights = Theorem(
    name="offline-regression-weights",
    statement=(
        r"$\sum_\tau [\Lambda^{-1} \phi_\tau]_i^2 \le (\Lambda^{-1})_{ii}$: noise of independent transitions is, for"
        r" Hoeffding's inequality, as if there were $1 / (\Lambda^{-1})_{ii}$ of them for factor $i$."
    ),
    source="derived here",
    assumptions=r"$\Lambda = \sum_\tau \phi_\tau \phi_\tau^\top + \gamma I$",
    instances=_gram() | st.just((_ONE_HOT, np.full(3, 10.0), 0.01)),
    check=_squared_weights,
    refutable=partial(_squared_weights, factor=0.9),
    tight=lambda: _squared_weights(_ONE_HOT, np.full(3, 10.0), 0.01),
    tight_ratio=0.99,
    attained_by="Factors that were seen often, against a small ridge,",
)


def _ridge(phi: np.ndarray, visits: np.ndarray, ridge: float, z: np.ndarray, *, without_d: bool = False) -> Check:
    d = phi.shape[1]
    inverse, z = _inverse(phi, visits, ridge), z[:d]
    directions = np.vstack([phi, np.eye(d)])
    gram = (phi.T * visits) @ phi
    bias = np.abs(directions @ (inverse @ (gram @ z) - z))
    allowed = bounds.ridge_bias(1 if without_d else d, ridge, float(np.abs(z).max()))
    return Check.everywhere(bias, allowed * oracles.elliptical_norms(directions, inverse))


_LEVELS = st.lists(st.integers(-4, 4), min_size=4, max_size=4).map(lambda z: np.array(z) / 2)

ridge_bias = Theorem(
    name="offline-ridge-bias",
    statement=(
        r"$|u^\top (\Lambda^{-1} \sum_\tau \phi_\tau \phi_\tau^\top z - z)| \le \sqrt{\gamma d}\, B"
        r" \|u\|_{\Lambda^{-1}}$: what a ridge takes off an estimate of $u^\top z$."
    ),
    source="derived here",
    assumptions=r"$|z_i| \le B$; $u$ arbitrary, such as a feature or the unit vector of a factor",
    instances=_gram(_LEVELS) | st.just((_EVEN, _UNSEEN, 1.0, np.ones(4))),
    check=_ridge,
    refutable=partial(_ridge, without_d=True),
    tight=lambda: _ridge(_EVEN, _UNSEEN, 1.0, np.ones(4)),
    tight_ratio=0.999999,
    attained_by="A feature that spreads evenly over factors that were never seen",
)


def _measures(*also: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    """Draw a signed measure and values in [0, 1] of as many states."""
    eighths = st.integers(-8, 8), st.integers(0, 8)
    return st.integers(1, 5).flatmap(
        lambda n: st.tuples(
            *(st.lists(one, min_size=n, max_size=n).map(lambda x: np.array(x) / 8) for one in eighths), *also
        )
    )


_HALVES = (np.array([0.5, 0.5, -0.25]), np.array([1.0, 1.0, 0.0]))


def _corners(measure: np.ndarray, v: np.ndarray, largest: float, *, single: bool = False) -> Check:
    worst = largest * float(np.abs(measure).max()) if single else bounds.corner_noise(measure, largest)
    return Check(abs(float(measure @ v)) * largest, worst)


corner_noise = Theorem(
    name="offline-noise-at-corners",
    statement=(
        r"$|\sum_s e(s) V(s)| \le B \max_{A \subseteq S} |e(A)|$: a regression that has all $2^S$ events right has all"
        r" values right."
    ),
    source="derived here",
    assumptions=r"$0 \le V \le B$; $e$ any signed measure",
    instances=_measures(st.sampled_from([0.5, 3.0])) | st.just((*_HALVES, 3.0)),
    check=_corners,
    refutable=partial(_corners, single=True),  # false: as if single states were enough
    tight=lambda: _corners(*_HALVES, 3.0),
    tight_ratio=0.999999,
    attained_by="A value that is 1 where the noise is positive, and 0 elsewhere,",
)


def _level_sets(measure: np.ndarray, v: np.ndarray, alpha: float, power: int, *, factor: float = 1.0) -> Check:
    return Check(abs(measure @ np.minimum(v, alpha) ** power), factor * bounds.level_set_noise(measure, v, largest=1.0))


level_set_noise = Theorem(
    name="offline-noise-at-level-sets",
    statement=(
        r"$|\sum_s e(s) \min(V(s), \alpha)^k| \le B^k \max_c |e(\{V > c\})|$ for every $\alpha$, $k = 1, 2$: a dual"
        r" variable costs $S$ events, no matter how finely it is searched."
    ),
    source="derived here",
    assumptions=r"$0 \le V \le B$, here with $B = 1$; $e$ any signed measure, $\alpha \ge 0$",
    instances=_measures(st.integers(0, 8).map(lambda a: a / 8), st.integers(1, 2)) | st.just((*_HALVES, 1.0, 2)),
    check=_level_sets,
    refutable=partial(_level_sets, factor=0.9),
    tight=lambda: _level_sets(*_HALVES, 1.0, 2),
    tight_ratio=0.999999,
    attained_by="A value that is 1 where the noise is positive, and 0 elsewhere,",
)


def _soft_minimum(true: float, seen: float, ratio: float, *, factor: float = 1.0) -> Check:
    """Compare for lam = 1 and B the ratio; expectations are at positions between the clip and 1."""
    low = np.exp(-ratio)
    true, seen = low + (1 - low) * true, max(low, low + (1 - low) * seen)
    return Check(abs(np.log(true / seen)), factor * bounds.kl_slope(1.0, ratio) * abs(true - seen))


kl_slope = Theorem(
    name="offline-kl-slope",
    statement=(
        r"$|\lambda \ln x - \lambda \ln y| \le \lambda e^{B/\lambda} |x - y|$ for the expectation $x$ of"
        r" $e^{-V/\lambda}$ and its estimate $y$, clipped at $e^{-B/\lambda}$: why robustness by relative entropy is"
        r" dear where $\lambda \ll B$."
    ),
    source="tang2025",
    assumptions=r"$0 \le V \le B$",
    instances=st.tuples(st.floats(0, 1), st.floats(-0.5, 1), st.sampled_from([0.5, 1.0, 2.0]))
    | st.just((1e-6, -0.5, 1.0)),
    check=_soft_minimum,
    refutable=partial(_soft_minimum, factor=0.9),
    tight=lambda: _soft_minimum(1e-6, -0.5, 1.0),
    tight_ratio=0.99999,
    attained_by="A moment that is nearly as small as can be",
)


def _moments(mean: float, second: float, shifts: tuple[float, float], u: float, ratio: float, **false: float) -> Check:
    """Compare the dual for B = 1 and lam = 1 / ratio, at moments and at others within u of them, clipped."""
    second = mean**2 + second * (mean - mean**2)
    seen = np.clip([mean + u * shifts[0], second + u * shifts[1]], 0, 1)
    true_dual, seen_dual = (e1 + ratio * (e1**2 - e2) / 4 for e1, e2 in ((mean, second), seen))
    return Check(abs(true_dual - seen_dual), u * false.get("factor", 1.0) * bounds.chi_square_slope(1 / ratio, 1.0))


_SHIFT = st.sampled_from([-1.0, -0.5, 0.0, 1.0])
_EDGE = (1 - 1e-6, 0.5, (1.0, -1.0), 1e-6, 2.0)

chi_square_slope = Theorem(
    name="offline-chi-square-slope",
    statement=(
        r"The dual $e_1 + (e_1^2 - e_2) / (4\lambda)$ of chi-square changes by $B (1 + 3 B / (4\lambda))\, u$ at most"
        r" if $e_1$ is off by $u B$ and $e_2$ by $u B^2$; so does its maximum over $\alpha$."
    ),
    source="derived here",
    assumptions=r"both are clipped, $e_1$ to $[0, B]$ and $e_2$ to $[0, B^2]$; here $B = 1$",
    instances=st.tuples(
        st.floats(0, 1),
        st.floats(0, 1),
        st.tuples(_SHIFT, _SHIFT),
        st.sampled_from([1e-3, 0.1, 0.5]),
        st.sampled_from([0.5, 2.0]),
    )
    | st.just(_EDGE),
    check=_moments,
    refutable=partial(_moments, factor=0.9),
    tight=lambda: _moments(*_EDGE),
    tight_ratio=0.999,
    attained_by="A pair of moments at the edge of what is possible",
)


def _slope(nature: Nature, largest: float) -> float:
    """Return how a worst case of values up to the largest depends on regressions of functions of range 1."""
    if isinstance(nature, KL):
        return bounds.kl_slope(float(nature.lam), largest)
    if isinstance(nature, ChiSquare):
        return bounds.chi_square_slope(float(nature.lam), largest)
    return largest


def _population(model: LinearMDP, K: float, ridge: float, nature: Nature, *, factor: float = 1.0) -> Check:
    counts = np.array([K / model.n_pairs * model.kernel(t) for t in range(model.H)])
    learned = oracles.learn(model, counts, nature, ridge=ridge, penalise=oracles.none(model))
    best, _ = oracles.values(model, oracles.against(nature))
    bias = bounds.ridge_bias(model.d, ridge, 1.0) * factor
    errors = [
        bias * _slope(nature, model.H - 1.0 - t) * bounds.factorwise_norm(model.phi, np.diag(learned.inverse[t]))
        for t in range(model.H)
    ]
    return Check(np.abs(learned.value[0] - best[0]).max(), bounds.accumulated_error(errors))


_STAYS = LinearMDP(np.ones((1, 1)), np.ones((1, 1)), np.ones(1), H=2, pair_start=np.arange(2))

population_error = Theorem(
    name="offline-population-error",
    statement=(
        r"$\|\hat V_0 - V^*_0\| \le \sum_t \max_{s,a} \sum_i \phi_i \ell_t \sqrt{\gamma d}"
        r" \sqrt{(\Lambda_t^{-1})_{ii}}$ without sampling errors and without penalties, $\ell_t$ being $B_t$,"
        r" $\lambda e^{B_t/\lambda}$ or $B_t (1 + 3 B_t / (4\lambda))$ for TV, KL and chi-square, $B_t = H - t - 1$: as"
        r" $\gamma / K \to 0$, learners become exact robust dynamic programming where all features are seen."
    ),
    source="derived here",
    assumptions=r"counts are $K \nu_t P_t$ with uniform $\nu_t$; rewards are known, in $[0, 1]$",
    instances=st.tuples(
        linear_mdps(max_states=3, max_actions=2, max_horizon=3),
        st.sampled_from([0.0, 1.0, 100.0, 1e6]),
        RIDGES,
        PENALTIES | BALLS | st.none(),
    )
    | st.just((_STAYS, 0.0, 1.0, TV(lam=1.0))),
    check=_population,
    refutable=partial(_population, factor=0.9),
    tight=lambda: _population(_STAYS, 0.0, 1.0, TV(lam=1.0)),
    tight_ratio=0.999999,
    attained_by="One factor that was never seen",
)


THEOREMS = (
    elliptical_norm,
    l2_penalty,
    l2_penalty_factor,
    regression_weights,
    ridge_bias,
    corner_noise,
    level_set_noise,
    kl_slope,
    chi_square_slope,
    population_error,
)
"""In the order in which one would teach them."""
