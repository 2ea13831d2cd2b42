r"""Information about a Gaussian process: what measuring at the points of S tells about an unknown function.

A function with prior covariance K is measured with independent noise of variance $\sigma^2$. The mutual information of
the measurements and the function is

    $I(S) = \tfrac12 \log\det(I + \sigma^{-2} K_S)$,  with gains
    $I(v \mid S) = \tfrac12 \log\bigl(1 + \sigma^{-2} \mathrm{var}(v \mid S)\bigr)$,

where $\mathrm{var}(v \mid S)$ is the posterior variance of the function at v, which only falls: monotone and
submodular. (Krause, Singh and Guestrin 2008; Srinivas, Krause, Kakade and Seeger 2010.) A constant for each element
turns it into relatives:

- the differential entropy of the measurements, $\tfrac12 \log\det(2\pi e (K_S + \sigma^2 I))$, submodular, but monotone
  for $\sigma^2 \ge 1/(2 \pi e)$ only;
- the score of the published experiments, $\tfrac12 \log\det(K_S + \sigma^2 I) + \log_2(1000)\, |S|$ with
  $\sigma^2 = 10^{-6}$. The constant is meant to be $\log(1000)$ nats, which would make it I(S); being in bits, it adds
  3.058 for each measurement.

Gains along a path grow one row of a Cholesky factor at each step, by forward substitution: nothing is factorised again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions import _elements as checks

_ROUNDING = 1e-10
_PUBLISHED_NOISE = 1e-6
_PUBLISHED_CONSTANT = math.log2(1000)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GaussianInformation:
    r"""Information of noisy measurements, $F(S) = \tfrac12 \log\det(I + \sigma^{-2} K_S) + c\,|S|$, in nats.

    `mutual_information`, `differential_entropy` and `published_entropy` choose the constant c.

    Parameters
    ----------
    kernel : array_like, shape (n_elements, n_elements)
        Covariance K of the unknown function: symmetric and positive semidefinite, up to rounding.
    noise : float
        Variance $\sigma^2$ of the noise, above 0.
    constant : float, optional
        Added for each measurement, c.
    repeats : bool, optional
        Whether a second visit measures anew, with independent noise, so that sets are multisets; if not, which is the
        default, it gains nothing.

    Raises
    ------
    ModelError
        If the kernel is not symmetric or not positive semidefinite (the message names the elements), or the noise is
        not above 0.
    """

    kernel: np.ndarray
    noise: float
    constant: float = 0.0
    repeats: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.noise) and self.noise > 0):
            raise ModelError(f"noise is {self.noise!r}; the variance of a measurement is above 0")
        if not math.isfinite(self.constant):
            raise ModelError(f"constant is {self.constant!r}; it must be finite")
        valid.set_fields(self, {"kernel": checked_kernel(self.kernel), "noise": float(self.noise)})

    @property
    def n_elements(self) -> int:
        """Size of the ground set."""
        return self.kernel.shape[0]

    def value(self, subset: Iterable[int]) -> float:
        """Return the information, in nats, by one determinant."""
        chosen = checks.checked_elements(subset, self.n_elements)
        chosen = chosen if self.repeats else np.unique(chosen)
        matrix = np.eye(chosen.size) + self.kernel[np.ix_(chosen, chosen)] / self.noise
        return float(np.linalg.slogdet(matrix).logabsdet / 2 + self.constant * chosen.size)

    def tally(self) -> GaussianTally:
        """Return a tally of the empty set."""
        return GaussianTally(self, [], self.kernel.diagonal().copy(), np.zeros(self.n_elements, dtype=bool), 0.0)

    def gains_along(self, paths: Any) -> np.ndarray:
        """Return the gain of each element of each path over those before it, in nats, shape (n_paths, length)."""
        paths = checks.checked_paths(paths, self.n_elements)
        data = self.kernel, self.noise, self.constant, self.repeats
        return checks.gains_on_threads(paths, paths.shape[1] ** 2 // 6, _gains, *data)

    def __repr__(self) -> str:
        constant = f", {self.constant:g} added for each" if self.constant else ""
        return f"GaussianInformation({self.n_elements} elements, noise {self.noise:g}{constant})"


def mutual_information(kernel: Any, noise: float, *, repeats: bool = False) -> GaussianInformation:
    r"""Return what measurements tell about a Gaussian process: $\tfrac12 \log\det(I + \sigma^{-2} K_S)$ nats.

    Monotone and submodular. Parameters and errors are those of `GaussianInformation`.

    Examples
    --------
    >>> F = mutual_information([[1.0, 1.0], [1.0, 1.0]], noise=1.0)
    >>> F.gains_along([[0, 1]])  # log(2)/2 and then log(3/2)/2: the second point says little that is new
    array([[0.34657359, 0.20273255]])
    """
    return GaussianInformation(kernel, noise, repeats=repeats)


def differential_entropy(kernel: Any, noise: float, *, repeats: bool = False) -> GaussianInformation:
    r"""Return the entropy of noisy measurements: $\tfrac12 \log\det(2\pi e (K_S + \sigma^2 I))$ nats.

    Submodular; monotone if $\sigma^2 \ge 1 / (2 \pi e)$, and otherwise not in general. Parameters and errors are those
    of `GaussianInformation`.
    """
    return GaussianInformation(kernel, noise, math.log(2 * math.pi * math.e * noise) / 2, repeats)


def published_entropy(kernel: Any) -> GaussianInformation:
    r"""Return the score of the published experiments: $\tfrac12 \log\det(K_S + 10^{-6} I) + \log_2(1000)\,|S|$.

    It is the mutual information for noise $10^{-6}$ and 3.058 more for each measurement, because a constant that should
    be in nats is in bits; every visit counts as a measurement, also a repeated one, so that the surplus is the same for
    all paths of one length. For comparisons only. (Code of Prajapat, Mutny, Zeilinger and Krause 2024.)
    """
    constant = _PUBLISHED_CONSTANT + math.log(_PUBLISHED_NOISE) / 2
    return GaussianInformation(kernel, _PUBLISHED_NOISE, constant, repeats=True)


class GaussianTally:
    """A set that grows: rows of the Cholesky factor, against all elements, and the posterior variances.

    Rows are kept in blocks whose sizes are the binary digits of their number, as a counter carries: there are few of
    them, and copies share them, since no block is ever changed.
    """

    __slots__ = ("_F", "_blocks", "_chosen", "_variance", "value")

    def __init__(
        self,
        F: GaussianInformation,
        blocks: list[np.ndarray],
        variance: np.ndarray,
        chosen: np.ndarray,
        value: float,
    ) -> None:
        self._F, self._blocks, self._variance, self._chosen, self.value = F, blocks, variance, chosen, value

    @property
    def variance(self) -> np.ndarray:
        """Posterior variance of the function at each element, shape (n_elements,)."""
        return self._variance.copy()

    def gain(self, element: int) -> float:
        """Return what measuring at the element would tell, in nats."""
        element = checks.checked_element(element, self._F.n_elements)
        if self._chosen[element] and not self._F.repeats:
            return 0.0
        return 0.5 * math.log1p(self._variance[element] / self._F.noise) + self._F.constant

    def gains(self) -> np.ndarray:
        """Return what measuring at each element would tell, in nats, shape (n_elements,)."""
        gains = 0.5 * np.log1p(self._variance / self._F.noise) + self._F.constant
        return gains if self._F.repeats else np.where(self._chosen, 0.0, gains)

    def add(self, element: int) -> float:
        """Measure at an element and return its gain."""
        gain = self.gain(element)
        if not self._chosen[element] or self._F.repeats:
            row = self._F.kernel[element].copy()
            for block in self._blocks:
                row -= block[:, element] @ block
            row /= math.sqrt(self._variance[element] + self._F.noise)
            self._keep(row)
            self._variance = np.maximum(self._variance - row**2, 0.0)
            self._chosen[element] = True
        self.value += gain
        return gain

    def copy(self) -> GaussianTally:
        """Return a tally of the same set that grows on its own."""
        return GaussianTally(self._F, self._blocks.copy(), self._variance, self._chosen.copy(), self.value)

    def _keep(self, row: np.ndarray) -> None:
        """Append a row, and merge blocks of the same size from the end on."""
        self._blocks.append(row[None])
        while len(self._blocks) > 1 and len(self._blocks[-1]) == len(self._blocks[-2]):
            self._blocks[-2:] = [np.concatenate(self._blocks[-2:])]


def checked_kernel(kernel: Any) -> np.ndarray:
    """Return a covariance matrix, read-only, after checking that it is symmetric and positive semidefinite."""
    kernel = valid.real_array(kernel, "kernel")
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise ModelError(f"kernel has shape {kernel.shape}; a covariance is square")
    if not np.isfinite(kernel).all():
        u, v = np.argwhere(~np.isfinite(kernel))[0]
        raise ModelError(f"kernel of elements {u} and {v} is {kernel[u, v]}; it must be finite")
    scale = float(np.abs(kernel).max(initial=0.0))
    skew = np.argwhere(np.abs(kernel - kernel.T) > _ROUNDING * scale)
    if skew.size:
        u, v = skew[0]
        raise ModelError(
            f"kernel of elements {u} and {v} is {kernel[u, v]:g}, and {kernel[v, u]:g} the other way round; a"
            " covariance is symmetric ((K + K.T) / 2 is)"
        )
    _require_semidefinite(kernel, scale * _ROUNDING * max(1, len(kernel)))
    return valid.frozen(kernel)


def _require_semidefinite(kernel: np.ndarray, slack: float) -> None:
    """Raise an error that names the leading elements among which an eigenvalue is below ``-slack``."""
    from scipy.linalg.lapack import dpotrf

    if not kernel.any():
        return
    failed_at = dpotrf(kernel + slack * np.eye(len(kernel)), lower=1)[1]
    if failed_at > 0:
        least = float(np.linalg.eigvalsh(kernel[:failed_at, :failed_at])[0])
        raise ModelError(
            f"kernel of elements 0..{failed_at - 1} has the eigenvalue {least:.3g}; a covariance is positive"
            " semidefinite (a multiple of the identity added to it makes it so)"
        )


@njit(cache=True, nogil=True)
def _gains(kernel, noise, constant, repeats, paths, gains):  # type: ignore[no-untyped-def]
    length = paths.shape[1]
    factor, measured = np.empty((length, length)), np.empty(length, np.int64)
    measured_by = np.full(kernel.shape[0], -1)
    for p in range(paths.shape[0]):
        m = 0
        for j in range(length):
            v = paths[p, j]
            gains[p, j] = 0.0
            if not repeats and measured_by[v] == p:
                continue
            measured_by[v] = p
            variance = kernel[v, v]
            for a in range(m):
                entry = kernel[v, measured[a]]
                for b in range(a):
                    entry -= factor[a, b] * factor[m, b]
                factor[m, a] = entry / factor[a, a]
                variance -= factor[m, a] ** 2
            variance = max(variance, 0.0)
            factor[m, m] = np.sqrt(variance + noise)
            measured[m] = v
            m += 1
            gains[p, j] = 0.5 * np.log1p(variance / noise) + constant
