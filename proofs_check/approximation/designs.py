"""Experimental design: where to look, so that least squares extrapolates to all other features."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import DrawFn

from proofs_check.theorem import Check, Theorem, scaled
from rltheory.planning import bounds

ROUNDS = st.sampled_from([1, 2, 5, 20, 100])
THREE_LINES = np.array([[np.cos(angle), np.sin(angle)] for angle in np.pi * np.arange(3) / 3])
"""Lines at 60 degrees: the best design needs all three."""


def _design(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return features.T @ (weights[:, None] * features)


def _norms(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""The numbers $\phi_i^\top G^{-1} \phi_i$."""
    return np.einsum("id,id->i", features, np.linalg.solve(_design(features, weights), features.T).T)


@st.composite
def _features(draw: DrawFn) -> np.ndarray:
    """Draw vectors that span their space."""
    d = draw(st.integers(1, 3))
    more = draw(hnp.arrays(np.float64, (draw(st.integers(0, 5)), d), elements=st.integers(-3, 3), fill=st.nothing()))
    return np.vstack([np.eye(d) * draw(st.sampled_from([1, 2])), more])


@st.composite
def _weighted(draw: DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw vectors and weights, none of them 0."""
    features = draw(_features())
    shares = draw(st.lists(st.integers(1, 9), min_size=len(features), max_size=len(features)))
    return features, np.array(shares) / sum(shares)


def _mean_norm(features: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ _norms(features, weights))


mean_design_norm = Theorem(
    name="design-mean-norm",
    statement=(
        r"$\sum_i w_i\, \phi_i^\top G^{-1} \phi_i = d$ for $G = \sum_i w_i \phi_i \phi_i^\top$: no design has a "
        r"largest norm below the dimension."
    ),
    source="kiefer1960",
    assumptions=r"$w$ a distribution, $G$ regular. The trace of $G^{-1} G$",
    instances=_weighted(),
    check=lambda features, weights: Check.equal(_mean_norm(features, weights), features.shape[1]),
    # False: the number of vectors.
    refutable=lambda features, weights: Check.equal(_mean_norm(features, weights), features.shape[0]),
)


def _multiplicative(features: np.ndarray, rounds: int) -> np.ndarray:
    """The average of the first weights, each multiplied by its norm over the dimension in every round."""
    n, d = features.shape
    weights, total = np.full(n, 1 / n), np.zeros(n)
    for _ in range(rounds):
        total += weights
        weights = weights * _norms(features, weights) / d
    return total / rounds


def _largest_norm(features: np.ndarray, rounds: int, counted: int = 1) -> Check:
    n, d = features.shape
    largest = float(_norms(features, _multiplicative(features, rounds)).max())
    return Check(largest, bounds.multiplicative_design_norm(d, n, counted * rounds))


multiplicative_design = Theorem(
    name="kiefer-wolfowitz",
    statement=(
        r"$\max_i \phi_i^\top G^{-1} \phi_i \le d\, (n/d)^{1/K}$ for the average of the first $K$ weights of "
        r"$w \leftarrow w g / d$, $g_i = \phi_i^\top G^{-1} \phi_i$, from uniform ones: there is a design with the "
        r"largest norm $d$."
    ),
    source="kiefer1960; the rate by cohen2019",
    assumptions=(
        r"$n$ vectors that span $d$ dimensions. Derived again here: every $w g / d$ is at most $1/d$, so $\log (g_i / "
        r"d)$ adds up to at most $\log (n/d)$, and $\log g_i$ is convex in the weights"
    ),
    instances=st.tuples(_features(), ROUNDS),
    check=_largest_norm,
    refutable=lambda features, rounds: _largest_norm(features, rounds, counted=100),  # false: a hundred times as fast
    tight=lambda: _largest_norm(np.eye(3), 5),
    tight_ratio=0.999999,
    attained_by="The standard basis",
)


def _vertex(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A vertex of the weights that make the same G, by the simplex method."""
    from scipy.optimize import linprog

    d = features.shape[1]
    upper = np.triu_indices(d)
    products = np.array([np.outer(phi, phi)[upper] for phi in features]).T
    goal = _design(features, weights)[upper]
    vertex = linprog(np.ones(len(features)), A_eq=products, b_eq=goal, bounds=(0, None), method="highs-ds")
    if vertex.x is None:
        raise ArithmeticError(f"HiGHS did not solve the design problem: {vertex.message}")
    return vertex.x


def _support(features: np.ndarray, weights: np.ndarray) -> Check:
    vertex = _vertex(features, weights)
    vertex = np.where(vertex > 1e-9, vertex, 0.0)
    worse = _norms(features, vertex / vertex.sum()).max() / _norms(features, weights).max()
    support, needed = float((vertex > 0).sum()), bounds.design_support(features.shape[1])
    return Check.everywhere([support, worse - 1], [needed, 1e-6])


def _support_of_dimension(features: np.ndarray, weights: np.ndarray) -> Check:
    return Check(float((_vertex(features, weights) > 1e-9).sum()), features.shape[1])


small_support = Theorem(
    name="design-support",
    statement=(
        r"For every design there is one on at most $d (d+1)/2$ vectors whose largest norm $\phi_i^\top G^{-1} \phi_i$ "
        r"is not larger."
    ),
    source="kiefer1960",
    assumptions=(
        r"Derived again here: the weights of least sum that make the same $G$ are a vertex, with one positive weight "
        r"for each equation at most; compared are the size of its support, and the norms up to $10^{-6}$"
    ),
    instances=_weighted() | st.just((THREE_LINES, np.full(3, 1 / 3))),
    check=_support,
    refutable=_support_of_dimension,  # false: on d vectors
    tight=lambda: _support(THREE_LINES, np.full(3, 1 / 3)),
    tight_ratio=1.0,
    attained_by="Three lines in the plane, at angles of 60 degrees,",
)


def _extrapolation(
    features: np.ndarray, weights: np.ndarray, misfit: np.ndarray, noise: np.ndarray, design_norm: float | None = None
) -> Check:
    r"""Values $q = \Phi 1 + e$, observed with noise, and fitted by weighted least squares."""
    q = features.sum(axis=1) + misfit
    theta = np.linalg.solve(_design(features, weights), features.T @ (weights * (q + noise)))
    largest = float(_norms(features, weights).max()) if design_norm is None else design_norm
    promised = bounds.extrapolation_error(largest, np.abs(misfit).max(), np.abs(noise[weights > 0]).max())
    return Check(np.abs(features @ theta - q).max(), promised)


def _diagonal(d: int, misfit: float, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A basis, which is looked at, and its diagonal, which is not: all errors add up there."""
    features = np.vstack([np.eye(d), np.full(d, d**-0.5)])
    weights = np.append(np.full(d, 1 / d), 0.0)
    errors = np.append(np.ones(d), -1.0)
    return features, weights, misfit * errors, noise * errors


@st.composite
def _observed(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    features, weights = draw(_weighted())
    misfit, noise = draw(hnp.arrays(np.float64, (2, len(features)), elements=st.floats(-1, 1), fill=st.nothing()))
    return features, weights, misfit, noise


extrapolation = Theorem(
    name="least-squares-extrapolation",
    statement=(
        r"$|\phi_i^\top \hat\theta - q_i| \le \varepsilon + (\varepsilon + \eta) \sqrt{g}$ for weighted least squares, "
        r"if $|q_i - \phi_i^\top \theta| \le \varepsilon$, the observations are off by at most $\eta$, and $g = \max_i "
        r"\phi_i^\top G^{-1} \phi_i$: for the best design, $\sqrt d$."
    ),
    source="szepesvari2022, lecture 8",
    assumptions=r"$q$ is observed where the weights are positive",
    instances=_observed() | st.builds(_diagonal, st.integers(1, 4), st.floats(0, 1), st.floats(0, 1)),
    check=_extrapolation,
    refutable=scaled(_extrapolation),
    tight=lambda: _extrapolation(*_diagonal(4, misfit=1.0, noise=0.5)),
    tight_ratio=0.999999,
    attained_by="A basis, which is looked at, and its diagonal, where all errors add up,",
)

THEOREMS = (mean_design_norm, multiplicative_design, small_support, extrapolation)
