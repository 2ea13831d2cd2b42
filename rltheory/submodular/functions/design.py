r"""Bayesian experimental design: what measuring along features tells about the weights of a linear model.

A linear model $y = \phi_v^\top \theta + \text{noise}$ with prior $\theta \sim N(0, \lambda^{-1} I)$ and noise of
variance $\sigma^2$ has, after the measurements in S, the posterior covariance
$\Sigma_S = (\lambda I + \sigma^{-2} \sum_{v \in S} \phi_v \phi_v^\top)^{-1}$. (Chaloner and Verdinelli 1995.)

- D-design: $\tfrac12 \log\det(\Sigma_\emptyset \Sigma_S^{-1})$, the mutual information for the kernel
  $\lambda^{-1} \Phi \Phi^\top$. Monotone and submodular.
- A-design: $\mathrm{tr}\,\Sigma_\emptyset - \mathrm{tr}\,\Sigma_S$. Monotone, but not submodular: a measurement can
  make the next one worth more. The negative control.

One measurement updates the covariance by a matrix of rank one (Sherman and Morrison 1950).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Design:
    """What the two designs share: features, prior, noise, and posteriors that shrink."""

    features: np.ndarray
    noise: float = 1.0
    prior: float = 1.0
    repeats: bool = False

    def __post_init__(self) -> None:
        features = valid.real_array(self.features, "features")
        if features.ndim != 2 or not np.isfinite(features).all():
            raise ModelError(f"features of shape {features.shape} must be finite, one row for each element")
        for name in ("noise", "prior"):
            number = getattr(self, name)
            if not (math.isfinite(number) and number > 0):
                raise ModelError(f"{name} is {number!r}; it must be above 0")
        valid.set_fields(self, {"features": valid.frozen(features)})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.features.shape[0]

    def value(self, subset: Iterable[int]) -> float:
        """Return how much more is known than before, by the posterior of all measurements at once."""
        chosen = checks.checked_elements(subset, self.n_elements)
        rows = self.features[chosen if self.repeats else np.unique(chosen)]
        return self._known(self.prior * np.eye(rows.shape[1]) + rows.T @ rows / self.noise)

    def tally(self) -> DesignTally:
        """Return a tally of the empty set."""
        covariance = np.eye(self.features.shape[1]) / self.prior
        return DesignTally(self, covariance, np.zeros(self.n_elements, dtype=bool), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        counts = np.ones(paths.shape, dtype=bool) if self.repeats else checks.first_visits(paths)
        d = self.features.shape[1]
        covariance = np.broadcast_to(np.eye(d) / self.prior, (len(paths), d, d)).copy()
        gains = np.zeros(paths.shape)
        for j in range(paths.shape[1]):
            phi = self.features[paths[:, j]] * counts[:, j, None]
            shadow = np.einsum("pde,pe->pd", covariance, phi)
            spread = np.einsum("pd,pd->p", shadow, phi)
            gains[:, j] = self._gain(shadow, spread)
            covariance -= shadow[:, :, None] * (shadow / (self.noise + spread)[:, None])[:, None, :]
        return gains

    def _known(self, precision: np.ndarray) -> float:
        """Return the criterion of a posterior precision."""
        raise NotImplementedError

    def _gain(self, shadow: np.ndarray, spread: Any) -> Any:
        r"""Return the gain of measuring along $\phi$, from $\Sigma \phi$ and $\phi^\top \Sigma \phi$."""
        raise NotImplementedError


class DDesign(_Design):
    r"""Bayesian D-design, the information about the weights: $\tfrac12 \log\det(\Sigma_\emptyset \Sigma_S^{-1})$ nats.

    Parameters
    ----------
    features : array_like, shape (n_elements, d)
        What each element measures along.
    noise : float, optional
        Variance $\sigma^2$ of a measurement, above 0.
    prior : float, optional
        Prior precision $\lambda$ of each weight, above 0.
    repeats : bool, optional
        Whether a second visit measures anew, with independent noise, so that sets are multisets; if not, which is the
        default, it gains nothing.

    Raises
    ------
    ModelError
        If the noise or the prior is not above 0, or the features are not a finite matrix.

    Examples
    --------
    >>> DDesign([[1.0, 0.0], [0.0, 3.0]]).gains_along([[0, 1]])  # log(2)/2 and log(10)/2
    array([[0.34657359, 1.15129255]])
    """

    __slots__ = ()

    def _known(self, precision: np.ndarray) -> float:
        return float(np.linalg.slogdet(precision / self.prior).logabsdet / 2)

    def _gain(self, shadow: np.ndarray, spread: Any) -> Any:
        return 0.5 * np.log1p(spread / self.noise)

    def __repr__(self) -> str:
        return f"DDesign({self.n_elements} elements, {self.features.shape[1]} features)"


class ADesign(_Design):
    r"""Bayesian A-design, the variance removed: $\mathrm{tr}\,\Sigma_\emptyset - \mathrm{tr}\,\Sigma_S$.

    Monotone but not submodular. Parameters and errors are those of `DDesign`.

    Examples
    --------
    The last measurement is worth more after the second one than without it:

    >>> F = ADesign([[1.0, 0.0], [2.0, 1.0], [2.0, -1.0]])
    >>> F.gains_along([[0, 2]])[0, 1], F.gains_along([[0, 1, 2]])[0, 2]
    (np.float64(0.5), np.float64(0.5666666666666667))
    """

    __slots__ = ()

    def _known(self, precision: np.ndarray) -> float:
        return float(len(precision) / self.prior - np.trace(np.linalg.inv(precision)))

    def _gain(self, shadow: np.ndarray, spread: Any) -> Any:
        return (shadow**2).sum(axis=-1) / (self.noise + spread)

    def __repr__(self) -> str:
        return f"ADesign({self.n_elements} elements, {self.features.shape[1]} features)"


class DesignTally:
    """A set that grows: the posterior covariance of the weights."""

    __slots__ = ("_F", "_chosen", "_covariance", "value")

    def __init__(self, F: _Design, covariance: np.ndarray, chosen: np.ndarray, value: float) -> None:
        self._F, self._covariance, self._chosen, self.value = F, covariance, chosen, value

    def gain(self, element: int) -> float:
        """Return what measuring the element would add."""
        element = checks.checked_element(element, self._F.n_elements)
        if self._chosen[element] and not self._F.repeats:
            return 0.0
        phi = self._F.features[element]
        shadow = self._covariance @ phi
        return float(self._F._gain(shadow, shadow @ phi))

    def gains(self) -> np.ndarray:
        """Return what measuring each element would add, shape (n_elements,)."""
        shadow = self._F.features @ self._covariance
        gains = self._F._gain(shadow, (shadow * self._F.features).sum(axis=1))
        return gains if self._F.repeats else np.where(self._chosen, 0.0, gains)

    def add(self, element: int) -> float:
        """Measure an element and return its gain."""
        gain = self.gain(element)
        if not self._chosen[element] or self._F.repeats:
            phi = self._F.features[element]
            shadow = self._covariance @ phi
            self._covariance = self._covariance - np.outer(shadow, shadow / (self._F.noise + shadow @ phi))
            self._chosen[element] = True
        self.value += gain
        return gain

    def copy(self) -> DesignTally:
        """Return a tally of the same set that grows on its own."""
        return DesignTally(self._F, self._covariance, self._chosen.copy(), self.value)
