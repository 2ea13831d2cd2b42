r"""Concave relaxations: functions of visits whose tangent planes are additive majorants.

Let $G$ be concave, with $F(A) \le G(n)$ for the visits n of every path over A. Then $\mathbb{E}[F] \le G(\mathbb{E} n)$
(Jensen), and at any visits n the tangent plane

.. math:: F(A) \;\le\; G(n) - \nabla G(n) \cdot n + \sum_{v \in A} \partial_v G(n)

is an additive majorant. Here are two families.

*Log-determinants.* $G(n) = \tfrac12 \log\det M(n)$, $M(n) = I + \sum_v n_v \phi_v \phi_v^\top$, for information about
Gaussian processes and D-designs: a visit is a measurement, and to measure again never lowers it. For any matrix A that
is lower triangular, $X = A^\top A$ has (Fenchel's inequality; equality for $X = M^{-1}$)

.. math:: \log\det M \;\le\; \mathrm{tr}(X M) - d - \log\det X
          \;=\; \|A\|^2 - d - 2 \sum_i \log A_{ii} + \sum_v n_v \|A \phi_v\|^2 ,

so that the bound holds for the A that was computed, however inaccurate its inversion was.

*Saturation.* $G(n) = \sum_j w_j (1 - e^{-(n a)_j})$ with $a_{vj} = -\log(1 - p_{vj})$, for probabilistic coverage;
$e^{-x}$ is convex, so that $1 - e^{-x} \le 1 - e^{-y} + e^{-y} (x - y)$ for every y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Protocol

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from rltheory.models import CriterionError, ModelError
from rltheory.planning.rounding import growth, outward
from rltheory.submodular.functions.design import DDesign
from rltheory.submodular.functions.gaussian import GaussianInformation
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage
from rltheory.submodular.relaxation.majorant import Majorant

_LARGEST_EXPONENT = 40.0


class ConcaveRelaxation(Protocol):
    """A concave function of visits that is at least F on every path."""

    def value(self, visits: np.ndarray) -> float:
        """Return G at visits of shape (n_elements,), in reward units."""

    def majorant(self, visits: np.ndarray) -> Majorant:
        """Return the tangent plane at visits as an additive majorant, rounded up; its weights are the gradient."""


@dataclass(frozen=True, slots=True, eq=False)
class LogDeterminant:
    r"""The function $\tfrac12 \log\det(I + \sum_v n_v \phi_v \phi_v^\top) + c \sum_v n_v$.

    Parameters
    ----------
    features : ndarray, shape (n_elements, d)
        $\phi$, in units of the noise's standard deviation.
    constant : float
        c, at least 0.
    """

    features: np.ndarray
    constant: float = 0.0

    def value(self, visits: np.ndarray) -> float:
        """Return G at visits of shape (n_elements,), in nats."""
        return float(np.log(self._factor(visits).diagonal()).sum() + self.constant * visits.sum())

    def majorant(self, visits: np.ndarray) -> Majorant:
        """Return the tangent plane at visits as an additive majorant, rounded up."""
        d = self.features.shape[1]
        A = solve_triangular(self._factor(visits), np.eye(d), lower=True)
        A = np.tril(A)
        seen = A @ self.features.T
        # Each entry is an inner product, off by growth(d) times that of absolute values.
        off = outward(growth(d + 2.0) * (np.abs(A) @ np.abs(self.features.T)), d)
        weight = outward(((np.abs(seen) + off) ** 2).sum(axis=0), d) / 2 + self.constant
        squares = math.fsum((A**2).ravel())
        logs = math.fsum(np.log(A.diagonal()))
        constant = (squares - d - 2 * logs) / 2
        slack = 1e-15 * (squares + d + 4 * float(np.abs(np.log(A.diagonal())).sum()))
        return Majorant(outward(max(constant + slack, 0.0), 4), weight)

    def _factor(self, visits: np.ndarray) -> np.ndarray:
        """Return the Cholesky factor L of M(n), lower triangular."""
        visited = np.flatnonzero(visits)
        features = self.features[visited]
        M = (features.T * visits[visited]) @ features
        M[np.diag_indices_from(M)] += 1.0
        return cholesky(M, lower=True)


@dataclass(frozen=True, slots=True, eq=False)
class Saturation:
    r"""The function $\sum_j w_j (1 - e^{-(n a)_j})$.

    Parameters
    ----------
    rates : ndarray, shape (n_elements, n_items)
        a, non-negative.
    weights : ndarray, shape (n_items,)
        w, non-negative, in reward units.
    beyond : float
        What is added because rates were cut, in reward units.
    """

    rates: np.ndarray
    weights: np.ndarray
    beyond: float = 0.0

    def value(self, visits: np.ndarray) -> float:
        """Return G at visits of shape (n_elements,), in reward units."""
        return float(self.beyond - self.weights @ np.expm1(-(visits @ self.rates)))

    def majorant(self, visits: np.ndarray) -> Majorant:
        """Return the tangent plane at visits as an additive majorant, rounded up."""
        terms = sum(self.rates.shape)
        y = visits @ self.rates
        slope = np.exp(-y)
        # 1 - s + s log s is exact at any slope s, so that it does not matter how y was rounded.
        kept = 1 - slope + slope * np.log(np.where(slope > 0, slope, 1.0))
        constant = outward(float(self.weights @ np.maximum(kept + 1e-15, 0.0)), terms) + self.beyond
        return Majorant(constant, outward(self.rates @ (self.weights * slope), terms))


@singledispatch
def concave_relaxation(F: Any) -> ConcaveRelaxation:
    """Return the concave relaxation of a set function.

    Parameters
    ----------
    F : GaussianInformation, DDesign or ProbabilisticCoverage
        The function.

    Returns
    -------
    ConcaveRelaxation

    Raises
    ------
    CriterionError
        If the family has none here.
    ModelError
        If a kernel is too far from positive semidefinite to be factorised.

    Examples
    --------
    >>> G = concave_relaxation(DDesign([[1.0]]))
    >>> plane = G.majorant(np.array([1.0]))  # log(1 + n) / 2 at n = 1: the slope is 1/4
    >>> plane.weight.round(9), round(G.value(np.array([1.0])), 6)
    (array([0.25]), 0.346574)
    """
    raise CriterionError(
        f"{type(F).__name__} has no concave relaxation here; linear_bound takes coverage and its kin, and oracle_bound"
        " or window_bound any submodular function"
    )


@concave_relaxation.register
def _gaussian(F: GaussianInformation) -> ConcaveRelaxation:
    return LogDeterminant(_features(F.kernel / F.noise), max(F.constant, 0.0))


@concave_relaxation.register
def _design(F: DDesign) -> ConcaveRelaxation:
    return LogDeterminant(F.features / math.sqrt(F.noise * F.prior) * (1 + 1e-14))


@concave_relaxation.register
def _probabilistic(F: ProbabilisticCoverage) -> ConcaveRelaxation:
    with np.errstate(divide="ignore"):
        rates = np.minimum(-np.log1p(-F.prob) * (1 + 1e-15), _LARGEST_EXPONENT)
    cut = (rates >= _LARGEST_EXPONENT).any(axis=0)
    return Saturation(rates, F.weights, float(F.weights[cut].sum()) * math.exp(-_LARGEST_EXPONENT + 1))


def _features(kernel: np.ndarray) -> np.ndarray:
    r"""Return L with $L L^\top \succeq K$, so that no information is lost to rounding.

    A Cholesky factor L of $K + \epsilon I$ satisfies $L L^\top = K + \epsilon I + E$ with
    $\|E\| \le g_{n + 1} \mathrm{tr}(L L^\top)$ (Higham 2002, theorem 10.3), and $\epsilon$ is larger.
    """
    n = len(kernel)
    trace = float(kernel.diagonal().sum())
    shift = 4 * float(growth(n + 1.0)) * max(trace, 1e-300)
    for _ in range(8):
        try:
            return np.asarray(cholesky(kernel + shift * np.eye(n), lower=True))
        except LinAlgError:  # the kernel itself has a slightly negative eigenvalue
            shift *= 10
    raise ModelError(
        f"kernel is not positive semidefinite: {shift:.3g} on its diagonal, in noise variances, do not help"
    )
