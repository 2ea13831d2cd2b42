r"""Aversions to risk that are least values of finitely many linear functions: best responses are linear programs.

With z the payoff of a player's mix against each joint action of the others, which come with probabilities q,

================  ==========================================================================================
`CVaR`            :math:`\min \{ \xi \cdot z : 0 \le \xi \le q / \alpha, \sum \xi = 1 \}`, the mean of the worst tail
`Semideviation`   :math:`E z - \kappa E (E z - z)_+`
`Shortfall`       :math:`E z - \gamma E (t - z)_+`, the lower partial moment of order 1
================  ==========================================================================================

All are least values over an *envelope*,

.. math:: V(z; q) = \min_{h \in [0, 1]^n, \; e \cdot h = 1} \{ (\xi_0 + K h) \cdot z + k \cdot h \},

with the side condition for `CVaR` only: :math:`\xi = q h / \alpha`; :math:`\xi = q (1 + \kappa (h - E h))`;
:math:`\xi = q (1 + \gamma h)` and :math:`k = -\gamma t q`. By duality of linear programs the best response is worth

.. math:: \max_{s \in \Delta} V(A^\top s; q) = \min_h \Big\{ \max_a \big( A (\xi_0 + K h) \big)_a + k \cdot h \Big\},

so that any h proves an upper bound, and the multipliers of the rows are the best response.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rltheory.games.risk.smooth import require, require_weight


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """The linear functions whose least value an aversion is: slopes ``base + K h`` at a cost of ``cost @ h``.

    Parameters
    ----------
    base : ndarray, shape (n,)
        Slope at h = 0.
    K : ndarray, shape (n, n)
        Change of the slope with h.
    cost : ndarray, shape (n,)
        Cost of h.
    total : ndarray, shape (n,), optional
        Where given, ``total @ h`` must be 1.
    """

    base: np.ndarray
    K: np.ndarray
    cost: np.ndarray
    total: np.ndarray | None = None

    def feasible(self, h: np.ndarray) -> np.ndarray:
        """Return an h inside the box that satisfies the side condition, near one that does so but for rounding."""
        h = np.clip(h, 0.0, 1.0)
        if self.total is None:
            return h
        sum_ = self.total @ h
        if sum_ >= 1:
            return h / sum_
        return h + (1 - h) * ((1 - sum_) / max(self.total.sum() - sum_, 1e-300))


class PolyhedralAversion:
    """What the polyhedral aversions share: a value, a supergradient, and the envelope whose lower edge they are."""

    __slots__ = ()

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return V(z; q), in payoff units."""
        raise NotImplementedError

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return a supergradient in z, shape (n,)."""
        envelope = self.envelope(q)
        return envelope.base + envelope.K @ self._worst(z, q)

    def envelope(self, q: np.ndarray) -> Envelope:
        """Return the linear functions whose least value this is."""
        raise NotImplementedError

    def steepness(self, largest: float) -> float:
        """Return 0: slopes are piecewise constant."""
        return 0.0

    def largest_term(self, largest: float, spread: float) -> float:
        """Bound the numbers of which the value is a sum or difference, when payoffs have this size and spread."""
        return 4 * largest

    def _worst(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CVaR(PolyhedralAversion):
    r"""The mean of the worst outcomes of mass alpha.

    Parameters
    ----------
    alpha : float
        Mass of the lower tail, in (0, 1]; 1 is neutral to risk.

    Raises
    ------
    CriterionError
        If alpha is outside (0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import CVaR
    >>> CVaR(0.5).value(np.array([-3.0, 0.0, 2.0]), np.array([0.25, 0.5, 0.25]))
    -1.5
    """

    alpha: float

    def __post_init__(self) -> None:
        require(0 < self.alpha <= 1, "alpha", self.alpha, "the mass of a tail is in (0, 1]")

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return the mean of the lower tail."""
        return float(self.slope(z, q) @ z)

    def envelope(self, q: np.ndarray) -> Envelope:
        """Return slopes q h / alpha that sum to 1."""
        return Envelope(np.zeros(q.size), np.diag(q / self.alpha), np.zeros(q.size), q / self.alpha)

    def _worst(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        order = np.argsort(z, kind="stable")
        before = np.cumsum(q[order]) - q[order]
        h = np.zeros(q.size)
        h[order] = np.clip(np.divide(self.alpha - before, q[order], out=np.zeros(q.size), where=q[order] > 0), 0, 1)
        return h


@dataclass(frozen=True, slots=True)
class Semideviation(PolyhedralAversion):
    r"""The mean less a multiple of the lower semideviation, :math:`E z - \kappa E (E z - z)_+`.

    Parameters
    ----------
    kappa : float
        In [0, 1], where it is monotone in z; without unit. 0 is neutral to risk.

    Raises
    ------
    CriterionError
        If kappa is outside [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import Semideviation
    >>> Semideviation(0.5).value(np.array([0.0, 4.0]), np.array([0.5, 0.5]))
    1.5
    """

    kappa: float

    def __post_init__(self) -> None:
        require(0 <= self.kappa <= 1, "kappa", self.kappa, "it is in [0, 1], where the aversion is monotone")

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return E z - kappa E (E z - z)+."""
        mean = q @ z
        return float(mean - self.kappa * (q @ np.maximum(mean - z, 0.0)))

    def envelope(self, q: np.ndarray) -> Envelope:
        """Return slopes q (1 + kappa (h - E h))."""
        return Envelope(q, self.kappa * (np.diag(q) - np.outer(q, q)), np.zeros(q.size))

    def _worst(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        return (z < q @ z).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Shortfall(PolyhedralAversion):
    r"""The mean less a multiple of the expected shortfall from a target, :math:`E z - \gamma E (t - z)_+`.

    Parameters
    ----------
    gamma : float
        Its weight, at least 0, without unit.
    target : float
        The target t, in payoff units.

    Raises
    ------
    CriterionError
        If gamma is negative or the target not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import Shortfall
    >>> Shortfall(0.5, target=1.0).value(np.array([0.0, 4.0]), np.array([0.5, 0.5]))
    1.75
    """

    gamma: float
    target: float

    def __post_init__(self) -> None:
        require_weight("gamma", self.gamma)
        require(math.isfinite(self.target), "target", self.target, "a target is a finite payoff")

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return E z - gamma E (t - z)+."""
        return float(q @ z - self.gamma * (q @ np.maximum(self.target - z, 0.0)))

    def envelope(self, q: np.ndarray) -> Envelope:
        """Return slopes q (1 + gamma h) at a cost of -gamma t q h."""
        return Envelope(q, self.gamma * np.diag(q), -self.gamma * self.target * q)

    def largest_term(self, largest: float, spread: float) -> float:
        """Return largest + gamma (|t| + largest)."""
        return largest + self.gamma * (abs(self.target) + largest)

    def _worst(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        return (z < self.target).astype(np.float64)
