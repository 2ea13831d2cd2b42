r"""How often features can be new: lemmas on sequences of features, whatever has produced them.

Matrices are solved anew at every step, and determinants are those of NumPy; no update of an inverse is trusted.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from proofs_check.theorem import Check, Theorem, scaled
from rltheory.exploration.bounds import potential as bounds
from rltheory.exploration.bounds.concentration import largest_log_det

Weighted = tuple[np.ndarray, np.ndarray, np.ndarray, float, float, float]


def _along(*lengths: float) -> np.ndarray:
    """Return features in one dimension."""
    return np.array(lengths)[:, None]


@st.composite
def _features(draw: DrawFn) -> np.ndarray:
    """Draw a sequence of features: of any directions and lengths, repeated, or along axes."""
    n, d, seed = draw(st.integers(1, 25)), draw(st.integers(1, 4)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(n, d)) if draw(st.booleans()) else np.eye(d)[rng.integers(d, size=n)]
    return drawn * np.exp(rng.normal(scale=draw(st.sampled_from([0.0, 1.0, 3.0])), size=(n, 1)))


_RIDGES = st.sampled_from([0.01, 0.5, 1.0, 10.0])


def _squared_widths(features: np.ndarray, ridge: float) -> np.ndarray:
    r"""Return the squares of all norms, each in the inverse of the features before it."""
    gram, found = ridge * np.eye(features.shape[1]), []
    for x in features:
        found.append(x @ np.linalg.solve(gram, x))
        gram = gram + np.outer(x, x)
    return np.array(found)


def _log_det(features: np.ndarray, ridge: float) -> float:
    d = features.shape[1]
    return float(np.linalg.slogdet(np.eye(d) + features.T @ features / ridge)[1])


def _longest(features: np.ndarray) -> float:
    return float(np.linalg.norm(features, axis=1).max())


def _elliptical(features: np.ndarray, ridge: float) -> Check:
    n, d = features.shape
    log_det = largest_log_det(d, n, ridge=ridge, largest=_longest(features))
    return Check(np.minimum(1, _squared_widths(features, ridge)).sum(), bounds.elliptical_potential(log_det))


def _elliptical_by_determinant(features: np.ndarray, ridge: float) -> Check:
    potential = bounds.elliptical_potential(_log_det(features, ridge))
    return Check(np.minimum(1, _squared_widths(features, ridge)).sum(), potential)


def _elliptical_sharp(features: np.ndarray, ridge: float) -> Check:
    potential = bounds.elliptical_potential_sharp(_log_det(features, ridge))
    return Check(np.minimum(1, _squared_widths(features, ridge)).sum(), potential)


def _sum_of_widths(features: np.ndarray, ridge: float) -> Check:
    n, d = features.shape
    log_det = largest_log_det(d, n, ridge=ridge, largest=_longest(features))
    return Check(np.sqrt(np.minimum(1, _squared_widths(features, ridge))).sum(), bounds.sum_of_widths(n, log_det))


def _new_features(features: np.ndarray, ridge: float) -> Check:
    count = (_squared_widths(features, ridge) > 1).sum()
    return Check(count, bounds.new_features(features.shape[1], ridge=ridge, largest=_longest(features)))


def _new_features_sharp(features: np.ndarray, ridge: float) -> Check:
    sharp = bounds.new_features_sharp(features.shape[1], ridge=ridge, largest=_longest(features))
    return replace(_new_features(features, ridge), rhs=sharp)


def _width_before(features: np.ndarray, ridge: float) -> Check:
    """The last feature, before and after all of them are in the data."""
    x, d = features[-1], features.shape[1]
    after = ridge * np.eye(d) + features.T @ features
    width = math.sqrt(x @ np.linalg.solve(after, x))
    return Check(math.sqrt(x @ x / ridge), bounds.width_before(width, _log_det(features, ridge)))


def _doublings(features: np.ndarray, ridge: float) -> Check:
    """Count the features that double the determinant."""
    log_dets = [_log_det(features[:n], ridge) for n in range(len(features) + 1)]
    doubled = np.diff(log_dets) >= math.log(2) - 1e-12
    return Check(doubled.sum(), bounds.doublings(log_dets[-1]))


def _weighted(
    features: np.ndarray, betas: np.ndarray, sigmas: np.ndarray, alpha: float, gamma: float, ridge: float
) -> Check:
    Z, total = ridge * np.eye(features.shape[1]), 0.0
    for x, beta, sigma in zip(features, betas, sigmas, strict=True):
        width = math.sqrt(x @ np.linalg.solve(Z, x))
        total += min(1.0, beta * width)
        Z = Z + np.outer(x, x) / max(sigma, alpha, gamma * math.sqrt(width)) ** 2
    d = features.shape[1]
    rhs = bounds.weighted_potential(d, betas, sigmas, alpha=alpha, gamma=gamma, ridge=ridge, largest=_longest(features))
    return Check(total, rhs)


@st.composite
def _weighted_features(draw: DrawFn) -> Weighted:
    features, rng = draw(_features()), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = len(features)
    alpha, gamma = draw(st.sampled_from([0.01, 0.3, 1.0, 10.0])), draw(st.sampled_from([0.01, 0.3, 1.0]))
    return features, rng.exponential(size=n) * 3, rng.random(n), alpha, gamma, draw(_RIDGES)


_SEQUENCES = st.tuples(_features(), _RIDGES)
_ONE = (_along(1.0), 1.0)
"""A feature of length 1 into a ridge of 1."""
_GROWING = (_along(*np.sqrt(1.001 * 2.0 ** np.arange(4))), 1.0)
"""Each is longer than all before taken together."""
_DOUBLING = (_along(*np.sqrt(2.0 ** np.arange(6))), 1.0)
_LOUD: Weighted = (_along(1.0), np.ones(1), np.zeros(1), 100.0, 1e-3, 1.0)
"""A single feature whose noise is so large that it is hardly counted."""

ELLIPTICAL = Theorem(
    name="elliptical-potential",
    statement=(
        r"$\sum_{t \le n} \min\{1, \|x_t\|_{\Sigma_t^{-1}}^2\} \le 2 d \ln(1 + n L^2 / (d\lambda))$, where $\Sigma_t ="
        r" \lambda I + \sum_{s < t} x_s x_s^\top$."
    ),
    source="abbasi2011, lemma 11",
    assumptions=r"$\|x_t\| \le L$, $\lambda > 0$",
    instances=st.just(_ONE) | _SEQUENCES,
    check=_elliptical,
    refutable=scaled(_elliptical, rhs=0.7),  # false: a feature of length 1 into a ridge of 1 uses 0.72 of it
    tight=lambda: _elliptical(*_ONE),
    tight_ratio=0.72,
    attained_by="One feature as long as the ridge allows",
)
ELLIPTICAL_BY_DETERMINANT = Theorem(
    name="elliptical-potential-determinant",
    statement=r"$\sum_{t \le n} \min\{1, \|x_t\|_{\Sigma_t^{-1}}^2\} \le 2 \ln\det(\Sigma_{n+1} / \lambda)$.",
    source="abbasi2011, lemma 11",
    assumptions=r"$\lambda > 0$",
    instances=st.just(_ONE) | _SEQUENCES,
    check=_elliptical_by_determinant,
    refutable=scaled(_elliptical_by_determinant, rhs=0.7),
    tight=lambda: _elliptical_by_determinant(*_ONE),
    tight_ratio=0.72,
    attained_by="One feature as long as the ridge allows",
)
ELLIPTICAL_SHARP = Theorem(
    name="elliptical-potential-sharp",
    statement=(
        r"$\sum_{t \le n} \min\{1, \|x_t\|_{\Sigma_t^{-1}}^2\} \le \frac{1}{\ln 2} \ln\det(\Sigma_{n+1} / \lambda)$:"
        r" 1.44 in place of the 2 of elliptical-potential-determinant."
    ),
    source="derived here",
    assumptions=r"$\lambda > 0$. Since $\ln(1 + u)$ is concave, $u \ln 2 \le \ln(1 + u)$ on $[0, 1]$",
    instances=st.just(_ONE) | _SEQUENCES,
    check=_elliptical_sharp,
    refutable=scaled(_elliptical_sharp),
    tight=lambda: _elliptical_sharp(*_ONE),
    tight_ratio=0.999999,
    attained_by="A feature of length 1 into a ridge of 1",
)
SUM_OF_WIDTHS = Theorem(
    name="sum-of-widths",
    statement=r"$\sum_{t \le n} \min\{1, \|x_t\|_{\Sigma_t^{-1}}\} \le \sqrt{2 n d \ln(1 + n L^2 / (d\lambda))}$.",
    source="jin2020, lemma D.2",
    assumptions=r"$\|x_t\| \le L$, $\lambda > 0$",
    instances=st.just(_ONE) | _SEQUENCES,
    check=_sum_of_widths,
    refutable=scaled(_sum_of_widths, rhs=0.8),  # false: the same feature uses 0.85 of it
    tight=lambda: _sum_of_widths(*_ONE),
    tight_ratio=0.84,
    attained_by="One feature as long as the ridge allows",
)
NEW_FEATURES = Theorem(
    name="new-features",
    statement=(
        r"However long the sequence, $\|x_t\|_{\Sigma_t^{-1}} > 1$ happens at most"
        r" $\frac{3d}{\ln 2} \ln(1 + \frac{L^2}{\lambda \ln 2})$ times."
    ),
    source="lattimore2020, exercise 19.3",
    assumptions=r"$\|x_t\| \le L$, $\lambda > 0$",
    instances=st.just(_GROWING) | _SEQUENCES,
    check=_new_features,
    refutable=scaled(_new_features, rhs=0.36),  # false: four features that double use more
    tight=lambda: _new_features(*_GROWING),
    tight_ratio=0.365,
    attained_by="A sequence of features of which each is longer than all before together",
)
NEW_FEATURES_SHARP = Theorem(
    name="new-features-sharp",
    statement=(
        r"However long the sequence, $\|x_t\|_{\Sigma_t^{-1}} > 1$ happens at most"
        r" $\frac{1.51 d}{\ln 2} \ln(1 + \frac{L^2}{\lambda \ln 2})$ times: half as often as new-features says."
    ),
    source="derived here, after lattimore2020, exercise 19.3",
    assumptions=(
        r"$\|x_t\| \le L$, $\lambda > 0$. Each of $n = xd$ such features doubles the determinant, so that $2^x \le 1 +"
        r" xu$, $u = L^2 / \lambda$, and $x \ln 2 / \ln(1 + \frac{2^x - 1}{x \ln 2}) \le 1.51$ for every $x > 0$"
    ),
    instances=st.just(_GROWING) | _SEQUENCES,
    check=_new_features_sharp,
    refutable=scaled(_new_features_sharp, rhs=0.72),  # false: four features that double use more
    tight=lambda: _new_features_sharp(*_GROWING),
    tight_ratio=0.725,
    attained_by="A sequence of features of which each is longer than all before together",
)

WIDTH_BEFORE = Theorem(
    name="width-before",
    statement=r"$\|x\|_{B^{-1}} \le \|x\|_{A^{-1}} \sqrt{\det A / \det B}$.",
    source="abbasi2011, lemma 12",
    assumptions=r"$A \succeq B \succ 0$",
    instances=st.just(_ONE) | _SEQUENCES,
    check=_width_before,
    refutable=scaled(_width_before, rhs=0.9),  # false: it is an equality if A - B is a multiple of x x'
    tight=lambda: _width_before(*_ONE),
    tight_ratio=0.999,
    attained_by="One feature as long as the ridge allows",
)
DOUBLINGS = Theorem(
    name="determinant-doublings",
    statement=r"At most $\ln\det(\Sigma_{n+1}/\lambda) / \ln 2$ features double the determinant.",
    source="abbasi2011",
    assumptions=r"$\lambda > 0$",
    instances=st.just(_DOUBLING) | _SEQUENCES,
    check=_doublings,
    refutable=scaled(_doublings, rhs=0.9),  # false: every one may
    tight=lambda: _doublings(*_DOUBLING),
    tight_ratio=0.999,
    attained_by="A sequence of features of which each doubles the determinant",
)
WEIGHTED = Theorem(
    name="weighted-potential",
    statement=(
        r"$\sum_k \min\{1, \beta_k \|x_k\|_{Z_k^{-1}}\} \le 2 d\iota + 2\gamma^2 d\iota \max_k \beta_k"
        r" + 2 \sqrt{d\iota \sum_k \beta_k^2 (\sigma_k^2 + \alpha^2)}$ for $Z_{k+1} = Z_k + x_k x_k^\top /"
        r" \bar\sigma_k^2$, $\bar\sigma_k = \max\{\sigma_k, \alpha, \gamma \|x_k\|_{Z_k^{-1}}^{1/2}\}$ and"
        r" $\iota = \ln(1 + K L^2 / (d\lambda\alpha^2))$."
    ),
    source="zhou2022, lemma B.1",
    assumptions=r"$\|x_k\| \le L$; $\beta_k, \sigma_k \ge 0$; $\alpha, \gamma, \lambda > 0$",
    instances=st.just(_LOUD) | _weighted_features(),
    check=_weighted,
    refutable=scaled(_weighted, rhs=0.4),  # false: a single loud feature uses half of it
    tight=lambda: _weighted(*_LOUD),
    tight_ratio=0.49,
    attained_by="A single feature whose noise is so large that it is hardly counted",
)


def _counts(visits: list[int], *, part: float = 1.0) -> Check:
    before = np.array([visits[:t].count(s) for t, s in enumerate(visits)])
    widths = 1 / np.sqrt(np.maximum(1, before))
    return Check(widths.sum(), part * bounds.sum_of_count_widths(len(set(visits)), len(visits)))


SUM_OF_COUNT_WIDTHS = Theorem(
    name="sum-of-count-widths",
    statement=r"$\sum_{t \le n} 1/\sqrt{\max\{1, N_t(s_t)\}} \le S + 2 \sqrt{S n}$, where $N_t$ counts earlier visits.",
    source="szepesvari2022, lecture 23",
    assumptions="any sequence of S states or pairs",
    instances=st.lists(st.integers(0, 4), min_size=1, max_size=60) | st.just([0] * 1000),
    check=_counts,
    refutable=partial(_counts, part=0.95),
    tight=lambda: _counts([0] * 4000),
    tight_ratio=0.98,
    attained_by="A state that is visited again and again",
)

THEOREMS = (
    ELLIPTICAL,
    ELLIPTICAL_BY_DETERMINANT,
    ELLIPTICAL_SHARP,
    SUM_OF_WIDTHS,
    SUM_OF_COUNT_WIDTHS,
    NEW_FEATURES,
    NEW_FEATURES_SHARP,
    WIDTH_BEFORE,
    DOUBLINGS,
    WEIGHTED,
)
