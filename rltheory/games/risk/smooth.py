r"""Smooth aversions to risk: what a player's payoffs are worth, when the randomness is that of the others.

A player who mixes with p over the rows of her matrix A, against joint actions b that come with probability q, receives
:math:`z_b = (A^\top p)_b`: her own mixing is averaged first, and only b is risky. An aversion to risk is a function
:math:`V(z; q)` that is concave in z, so that :math:`p \mapsto V(A^\top p; q)` is concave and best responses are convex
sets. Here are those with derivatives:

===================  ===========================================================================================
`MeanVariance`       :math:`E z - \gamma \operatorname{Var} z`, the objective of the risk-averse equilibrium
`Entropic`           :math:`-\frac1\tau \ln E e^{-\tau z}
                     = \min_\xi \{ \xi \cdot z + \frac1\tau \mathrm{KL}(\xi \| q) \}`
`ReverseEntropic`    :math:`\min_\xi \{ \xi \cdot z + \frac1\tau \mathrm{KL}(q \| \xi) \}`
`PartialMoment` (k)  :math:`E z - \gamma E (t - z)_+^k` with :math:`k \ge 2`: only falling short of t is risk
===================  ===========================================================================================

Each knows its value, its ``slope`` :math:`\xi = \nabla_z V`, its ``curvature`` :math:`-\nabla^2_{zz} V`, and
``cross`` :math:`\partial \xi / \partial q`. Of the second and third, the slope is the worst law that an adversary
chooses, so that with :math:`w = \tau \xi`, or :math:`w = \tau \xi^2 / q` for the reversed divergence, both have

.. math::

   -\nabla^2_{zz} V = \operatorname{diag}(w) - \frac{w w^\top}{\sum w}, \qquad
   \frac{\partial \xi}{\partial q} = \operatorname{diag}\frac{\xi}{q} - \frac{w (\xi / q)^\top}{\sum w} .

To second order in :math:`\tau`, `Entropic` is `MeanVariance` with :math:`\gamma = \tau / 2`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rltheory.models import CriterionError


class SmoothAversion:
    """What the smooth aversions share: a value, its derivatives, and scales for tolerances."""

    __slots__ = ()

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return V(z; q), in payoff units."""
        raise NotImplementedError

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return the gradient in z, shape (n,)."""
        raise NotImplementedError

    def curvature(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return minus the matrix of second derivatives in z, positive semidefinite, shape (n, n)."""
        raise NotImplementedError

    def cross(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return the derivative of the slope in q, shape (n, n)."""
        raise NotImplementedError

    def steepness(self, largest: float) -> float:
        """Bound how much the slope (in the 1-norm) changes for one unit of z, when no payoff is larger in size."""
        raise NotImplementedError

    def largest_term(self, largest: float, spread: float) -> float:
        """Bound the numbers of which the value is a sum or difference, when payoffs have this size and spread."""
        return largest * (1 + self.steepness(largest) * spread)


@dataclass(frozen=True, slots=True)
class MeanVariance(SmoothAversion):
    r"""The mean less a multiple of the variance, :math:`E z - \gamma \operatorname{Var} z`.

    Parameters
    ----------
    gamma : float
        :math:`\gamma \ge 0`, in units of one over payoff; 0 is neutral to risk.

    Raises
    ------
    CriterionError
        If gamma is negative or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import MeanVariance
    >>> MeanVariance(0.5).value(np.array([0.0, 4.0]), np.array([0.5, 0.5]))
    0.0
    """

    gamma: float

    def __post_init__(self) -> None:
        require_weight("gamma", self.gamma)

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return E z - gamma Var z."""
        mean = q @ z
        return float(mean - self.gamma * (q @ (z - mean) ** 2))

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return q (1 - 2 gamma (z - E z))."""
        return q * (1 - 2 * self.gamma * (z - q @ z))

    def curvature(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return 2 gamma (diag q - q q'), whatever z."""
        return 2 * self.gamma * (np.diag(q) - np.outer(q, q))

    def cross(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return diag(1 - 2 gamma (z - E z)) + 2 gamma q z'."""
        return np.diag(1 - 2 * self.gamma * (z - q @ z)) + 2 * self.gamma * np.outer(q, z)

    def steepness(self, largest: float) -> float:
        """Return 4 gamma."""
        return 4 * self.gamma


class _Adversarial(SmoothAversion):
    """Aversions whose slope is the law of an adversary: `Entropic` and `ReverseEntropic`."""

    __slots__ = ()

    def _weights(self, xi: np.ndarray, q: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def curvature(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return diag w - w w' / sum w."""
        w = self._weights(self.slope(z, q), q)
        return np.diag(w) - np.outer(w, w / w.sum())

    def cross(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return diag(xi / q) - w (xi / q)' / sum w; a column is 0 where q is."""
        xi = self.slope(z, q)
        w, ratio = self._weights(xi, q), np.divide(xi, q, out=np.zeros_like(q), where=q > 0)
        return np.diag(ratio) - np.outer(w / w.sum(), ratio)


@dataclass(frozen=True, slots=True)
class Entropic(_Adversarial):
    r"""The entropic certainty equivalent, :math:`-\frac1\tau \ln E e^{-\tau z}`.

    Parameters
    ----------
    tau : float
        The risk parameter :math:`\tau > 0`, in units of one over payoff; neutral to risk in the limit 0, and for large
        values only the worst that can happen counts.

    Raises
    ------
    CriterionError
        If tau is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import Entropic
    >>> round(Entropic(1.0).value(np.array([0.0, 4.0]), np.array([0.5, 0.5])), 6)
    0.674997
    """

    tau: float

    def __post_init__(self) -> None:
        require_positive("tau", self.tau)

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return -(1 / tau) log E exp(-tau z)."""
        low = z[q > 0].min()
        # For small tau the mean is near one, and would lose digits.
        return float(low - math.log1p(q @ np.expm1(-self.tau * np.maximum(z - low, 0.0))) / self.tau)

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return the tilted law, q exp(-tau z) rescaled."""
        tilted = q * np.exp(-self.tau * np.maximum(z - z[q > 0].min(), 0.0))
        return tilted / tilted.sum()

    def _weights(self, xi: np.ndarray, q: np.ndarray) -> np.ndarray:
        return self.tau * xi

    def steepness(self, largest: float) -> float:
        """Return 2 tau."""
        return 2 * self.tau


@dataclass(frozen=True, slots=True)
class ReverseEntropic(_Adversarial):
    r"""The worst mean :math:`\xi \cdot z` when leaving q costs :math:`\frac1\tau \sum q \ln(q / \xi)`.

    The worst law is :math:`\xi_b = q_b / (\tau (\lambda + z_b))` with the one :math:`\lambda > -\min z` at which it
    sums to 1. Meant for q without zeros: where q is 0, :math:`\xi` is taken as 0.

    Parameters
    ----------
    tau : float
        The risk parameter :math:`\tau > 0`, in units of one over payoff.

    Raises
    ------
    CriterionError
        If tau is not positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import ReverseEntropic
    >>> ReverseEntropic(1.0).slope(np.array([0.0, 0.75]), np.array([0.5, 0.5])).round(6)
    array([0.666667, 0.333333])
    """

    tau: float

    def __post_init__(self) -> None:
        require_positive("tau", self.tau)

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return xi z + KL(q | xi) / tau, at the worst law xi."""
        xi, on = self.slope(z, q), q > 0
        return float(xi @ z + q[on] @ np.log(q[on] / xi[on]) / self.tau)

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return the worst law."""
        on = q > 0
        height = self.tau * (z[on] - z[on].min())
        xi = np.zeros_like(q)
        xi[on] = q[on] / (least_multiplier(q[on], height) + height)
        return xi / xi.sum()

    def _weights(self, xi: np.ndarray, q: np.ndarray) -> np.ndarray:
        return self.tau * np.divide(xi**2, q, out=np.zeros_like(q), where=q > 0)

    def steepness(self, largest: float) -> float:
        """Return 2 tau (1 + 2 tau largest)."""
        return 2 * self.tau * (1 + 2 * self.tau * largest)

    def largest_term(self, largest: float, spread: float) -> float:
        """Return largest + 2 / tau: for small tau the divergence is a small difference, divided by tau."""
        return largest + 2 / self.tau


@dataclass(frozen=True, slots=True)
class PartialMoment(SmoothAversion):
    r"""The mean less a lower partial moment, :math:`E z - \gamma E (t - z)_+^k`: only what falls short of t is risk.

    Parameters
    ----------
    gamma : float
        Its weight, at least 0, in payoff units to the power 1 - k.
    target : float
        The target t, in payoff units.
    order : float
        The order k, at least 2; of order 1 is `Shortfall`.

    Raises
    ------
    CriterionError
        If gamma is negative, the target is not finite, or the order is below 2.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.risk import PartialMoment
    >>> PartialMoment(0.5, target=1.0).value(np.array([0.0, 4.0]), np.array([0.5, 0.5]))
    1.75
    """

    gamma: float
    target: float
    order: float = 2.0

    def __post_init__(self) -> None:
        require_weight("gamma", self.gamma)
        require(math.isfinite(self.target), "target", self.target, "a target is a finite payoff")
        require(2 <= self.order < math.inf, "order", self.order, "it is at least 2 (of order 1 is Shortfall)")

    def value(self, z: np.ndarray, q: np.ndarray) -> float:
        """Return E z - gamma E (t - z)+^k."""
        return float(q @ z - self.gamma * (q @ np.maximum(self.target - z, 0.0) ** self.order))

    def slope(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return q (1 + gamma k (t - z)+^(k - 1))."""
        return q * self._relative_slope(z)

    def curvature(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return gamma k (k - 1) diag(q (t - z)^(k - 2)) where z is below t, and 0 elsewhere."""
        below = self.target - z
        power = np.power(below, self.order - 2, out=np.zeros_like(z), where=below > 0)
        return np.diag(self.gamma * self.order * (self.order - 1) * q * power)

    def cross(self, z: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Return diag(1 + gamma k (t - z)+^(k - 1))."""
        return np.diag(self._relative_slope(z))

    def steepness(self, largest: float) -> float:
        """Return gamma k (k - 1) (|t| + largest)^(k - 2)."""
        reach = abs(self.target) + largest
        return self.gamma * self.order * (self.order - 1) * reach ** (self.order - 2)

    def largest_term(self, largest: float, spread: float) -> float:
        """Return largest + gamma (|t| + largest)^k."""
        return largest + self.gamma * (abs(self.target) + largest) ** self.order

    def _relative_slope(self, z: np.ndarray) -> np.ndarray:
        return 1 + self.gamma * self.order * np.maximum(self.target - z, 0.0) ** (self.order - 1)


def least_multiplier(q: np.ndarray, height: np.ndarray) -> float:
    r"""Return the :math:`\lambda > 0` with :math:`\sum q_b / (\lambda + h_b) = 1`, for heights of which the least is 0.

    The left side is convex and falls from infinity, so that Newton's steps from below never leave the left side of the
    root; and :math:`\sum_{h_b = 0} q_b` is below it.
    """
    lam = q[height == 0].sum()
    for _ in range(200):
        terms = q / (lam + height)
        step = (terms.sum() - 1) / (terms / (lam + height)).sum()
        lam += step
        if step <= 4e-16 * lam:
            break
    return float(lam)


def require(sound: bool, name: str, value: float, valid: str) -> None:
    """Raise `CriterionError` unless an argument is sound."""
    if not sound:
        raise CriterionError(f"{name} is {value}; {valid}")


def require_weight(name: str, value: float) -> None:
    """Raise `CriterionError` unless a weight of risk is at least 0 and finite."""
    require(0 <= value < math.inf, name, value, "an aversion to risk is at least 0 and finite (0 is neutral to risk)")


def require_positive(name: str, value: float) -> None:
    """Raise `CriterionError` unless a parameter is positive and finite."""
    require(0 < value < math.inf, name, value, "it is positive and finite")
