r"""Spectral functionals: quantiles weighed by a density that never rises with the level.

.. math::

   \rho_\varphi(X) = \int_0^1 \varphi(u) \, q_u(X) \, du, \qquad \varphi \ge 0 \text{ nonincreasing}, \quad
   \int_0^1 \varphi = 1 .

They are the distortions with concave :math:`g = \int \varphi`, and the mixtures of CVaR (Acerbi 2002; Kusuoka 2001):

.. math::

   \rho_\varphi = \sum_i w_i \, \mathrm{CVaR}_{\tau_i} \iff
   \varphi(u) = \sum_i \frac{w_i}{\tau_i} \mathbf 1\{ u < \tau_i \} .
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rltheory.distributional.functional import Axioms
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk._shared import AVERSE, MEAN, ScaleFree, require, require_level
from rltheory.distributional.risk.tails import lower_tail_mean
from rltheory.models import CriterionError

_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Spectral(ScaleFree):
    r"""A mixture of CVaRs, :math:`\sum_i w_i \mathrm{CVaR}_{\tau_i}`.

    Parameters
    ----------
    weights : sequence of float
        Weights :math:`w_i`, not negative, which sum to 1.
    levels : sequence of float
        Their levels :math:`\tau_i` in (0, 1]; level 1 is the mean.

    Raises
    ------
    CriterionError
        If a level is outside (0, 1], or the weights are not those of a mixture.

    Examples
    --------
    Half the mean, half the mean of the worst quarter; and the same by its density:

    >>> from rltheory.distributional import DiscreteLaw, risk
    >>> law = DiscreteLaw([-3.0, 0.0, 2.0], [0.25, 0.5, 0.25])
    >>> risk.Spectral([0.5, 0.5], [0.25, 1.0])(law)
    -1.625
    >>> risk.Spectral.from_density([0.25, 1.0], [2.5, 0.5])
    Spectral(weights=(0.5, 0.5), levels=(0.25, 1.0))
    """

    weights: Sequence[float]
    levels: Sequence[float]

    def __post_init__(self) -> None:
        levels, weights = tuple(map(float, self.levels)), tuple(map(float, self.weights))
        if not levels or len(levels) != len(weights):
            raise CriterionError(f"there are {len(levels)} levels and {len(weights)} weights; each level has a weight")
        for i, (level, weight) in enumerate(zip(levels, weights, strict=True)):
            require_level(f"levels[{i}]", level, "EssentialInfimum")
            require(weight >= 0, f"weights[{i}]", weight, "it is not negative")
        require(abs(sum(weights) - 1) <= _SUM_TOLERANCE, "the sum of weights", sum(weights), "it must be 1")
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "weights", weights)

    @classmethod
    def from_density(cls, ends: Sequence[float], heights: Sequence[float]) -> Spectral:
        r"""Build the functional whose density is ``heights[i]`` on levels up to ``ends[i]``.

        For a density that is no step function, take its integral for g in `Distortion`.

        Parameters
        ----------
        ends : sequence of float
            Increasing, the last one is 1.
        heights : sequence of float
            Nonincreasing and not negative, of integral 1.

        Returns
        -------
        Spectral

        Raises
        ------
        CriterionError
            If that is no density on levels that never rises.
        """
        u, height = np.asarray(ends, dtype=np.float64), np.asarray(heights, dtype=np.float64)
        if u.ndim != 1 or u.size == 0 or u.shape != height.shape:
            raise CriterionError(f"ends and heights have shapes {u.shape} and {height.shape}; both are the same (n,)")
        if not (np.diff(u, prepend=0.0) > 0).all() or u[-1] != 1:
            raise CriterionError(f"ends is {u}; it increases from above 0 to 1")
        drop = height - np.append(height[1:], 0.0)
        if not (drop >= 0).all():
            raise CriterionError(f"heights is {height}; it never rises, and is not negative")
        return cls((u * drop).tolist(), u.tolist())

    def __call__(self, law: DiscreteLaw) -> float:
        """Return the mixture of tail means."""
        return sum(w * lower_tail_mean(law, tau) for tau, w in zip(self.levels, self.weights, strict=True))

    @property
    def axioms(self) -> Axioms:
        """Coherent and convex in the law; all axioms if only level 1 has weight."""
        return MEAN if self._is_mean else AVERSE

    def lipschitz(self, spread: float) -> float:
        """Return the density at 0, the sum of weights over levels."""
        return sum(w / tau for tau, w in zip(self.levels, self.weights, strict=True))

    @property
    def _is_mean(self) -> bool:
        return all(tau == 1 for tau, w in zip(self.levels, self.weights, strict=True) if w > 0)
