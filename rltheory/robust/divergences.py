r"""How far a kernel may be from the nominal one: divergences, each as a penalty or as a ball.

For a nominal row p and another distribution mu over the next states,

====================  ===========================================================  =====================
`TV`                  :math:`\frac12 \sum |\mu - p|`                               may leave the support
`KL`                  :math:`\sum \mu \ln(\mu / p)`                                infinite off it
`ChiSquare`           :math:`\sum (\mu - p)^2 / p`                                 infinite off it
`CressieRead` (k)     :math:`\sum p f_k(\mu / p)`,                                 infinite off it
                      :math:`f_k(t) = \frac{t^k - k t + k - 1}{k (k - 1)}`
`L1`                  :math:`\sum |\mu - p|`, twice `TV`                           may leave the support
`LInf`                :math:`\max |\mu - p|`                                       may leave the support
====================  ===========================================================  =====================

A divergence carries either ``lam``, the weight of a penalty :math:`\lambda D(\mu \| p)`, or ``rho``, the radius of a
ball :math:`D(\mu \| p) \le \rho`; the two are never mixed. `worst_case` solves both problems. Cressie and Read's family
(1984) joins the others: k = 1 is `KL`, its limit k = 0 the reversed divergence :math:`\sum p \ln(p / \mu)`, and k = 2
half of `ChiSquare`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from rltheory.models import ModelError
from rltheory.robust import tilting


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Divergence:
    """What all divergences share: a weight or a radius, one number or an array of them.

    Parameters
    ----------
    lam : float or array_like, optional
        Weight of a penalty, in reward units and above 0; infinity forbids any change.
    rho : float or array_like, optional
        Radius of a ball, at least 0; infinity admits every kernel at a finite divergence. Where it is the radius of
        one row, a finite one beyond ``largest`` is refused.

    Raises
    ------
    ModelError
        If not exactly one of them is given, or an entry is out of range.
    """

    largest: ClassVar[float] = np.inf
    """The largest divergence of all kernels from all rows."""

    lam: Any = None
    rho: Any = None

    def __post_init__(self) -> None:
        if (self.lam is None) == (self.rho is None):
            raise ModelError(
                f"{type(self).__name__} was given lam = {self.lam} and rho = {self.rho}; exactly one is needed: lam is"
                " the weight of a penalty, rho the radius of a ball"
            )
        name = "rho" if self.lam is None else "lam"
        object.__setattr__(self, name, _checked_parameter(getattr(self, name), name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'lam' if self.is_penalty else 'rho'}={self.parameter})"

    @property
    def is_penalty(self) -> bool:
        """Whether ``lam`` is given; otherwise ``rho`` is."""
        return self.rho is None

    @property
    def parameter(self) -> Any:
        """The weight or the radius: a float, or a read-only array."""
        return self.lam if self.is_penalty else self.rho

    def with_parameter(self, parameter: Any) -> Self:
        """Return the same divergence with another weight or radius, such as one entry of an array of them.

        Examples
        --------
        >>> TV(rho=[0.1, 0.2]).with_parameter(0.2)
        TV(rho=0.2)
        """
        return replace(self, **{"lam" if self.is_penalty else "rho": parameter})

    def divergence(self, mu: Any, p: Any) -> float:
        """Return how far mu is from p.

        Parameters
        ----------
        mu, p : array_like, shape (n_states,)
            Distributions.

        Returns
        -------
        float
            Infinity where mu leaves the support of p and this divergence forbids it.

        Raises
        ------
        ModelError
            If shapes differ, or an entry is negative or not a number.
        """
        mu, p = np.asarray(mu, dtype=np.float64), np.asarray(p, dtype=np.float64)
        if mu.ndim != 1 or mu.shape != p.shape:
            raise ModelError(f"mu has shape {mu.shape} and p has shape {p.shape}; both must be (n_states,)")
        for name, row in (("mu", mu), ("p", p)):
            if not (row >= 0).all():
                state = int(np.argmin(row >= 0))
                raise ModelError(f"{name} of state {state} is {row[state]}; a probability is at least 0")
        return float(self._distance(mu, p))

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class TV(Divergence):
    r"""Total variation, :math:`\frac12 \sum_s |\mu(s) - p(s)|`: the mass that has moved, to any state.

    Parameters
    ----------
    lam, rho : float or array_like, optional
        Weight of a penalty, or radius of a ball: at most 1, or infinity, either of which admits every kernel.

    Examples
    --------
    >>> TV(lam=0.3)
    TV(lam=0.3)
    >>> TV(rho=0.1).divergence([1.0, 0.0], [0.5, 0.5])
    0.5
    """

    largest: ClassVar[float] = 1.0

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return np.abs(mu - p).sum() / 2


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class L1(Divergence):
    r"""The distance :math:`\sum_s |\mu(s) - p(s)|`, twice `TV`.

    Parameters
    ----------
    lam, rho : float or array_like, optional
        Weight of a penalty, or radius of a ball: at most 2, or infinity, either of which admits every kernel.

    Examples
    --------
    >>> L1(rho=0.1).divergence([1.0, 0.0], [0.5, 0.5])
    1.0
    """

    largest: ClassVar[float] = 2.0

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return np.abs(mu - p).sum()


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LInf(Divergence):
    r"""The distance :math:`\max_s |\mu(s) - p(s)|`, as a ball only.

    Parameters
    ----------
    rho : float or array_like
        Radius: at most 1, or infinity, either of which admits every kernel.

    Raises
    ------
    ModelError
        If a weight is given: only the ball has an algorithm here.

    Examples
    --------
    >>> LInf(rho=0.1).divergence([1.0, 0.0], [0.5, 0.5])
    0.5
    """

    largest: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if self.lam is not None:
            raise ModelError(f"LInf was given lam = {self.lam}; it is a ball only, with a radius rho")
        Divergence.__post_init__(self)

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return np.abs(mu - p).max()


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class KL(Divergence):
    r"""Relative entropy, :math:`\sum_s \mu(s) \ln(\mu(s) / p(s))`, infinite off the support of p.

    Parameters
    ----------
    lam, rho : float or array_like, optional
        Weight of a penalty, or radius of a ball.

    Examples
    --------
    >>> round(KL(lam=1.0).divergence([1.0, 0.0], [0.5, 0.5]), 6)
    0.693147
    >>> KL(lam=1.0).divergence([0.5, 0.5], [1.0, 0.0])
    inf
    """

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return tilting.cressie_read(1.0, mu, p)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ChiSquare(Divergence):
    r"""Pearson's :math:`\sum_s (\mu(s) - p(s))^2 / p(s)`, without a factor, infinite off the support of p.

    Parameters
    ----------
    lam, rho : float or array_like, optional
        Weight of a penalty, or radius of a ball.

    Examples
    --------
    >>> ChiSquare(rho=1.0).divergence([1.0, 0.0], [0.5, 0.5])
    1.0
    """

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return 2 * tilting.cressie_read(2.0, mu, p)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CressieRead(Divergence):
    r"""Cressie and Read's power divergence, :math:`\sum_s p f_k(\mu / p)`, infinite off the support of p.

    With :math:`f_k(t) = (t^k - k t + k - 1) / (k (k - 1))` and its limits :math:`t \ln t - t + 1` for k = 1 and
    :math:`-\ln t + t - 1` for k = 0. For k below 1 the formula would charge 1 / (1 - k) for a unit of mass off the
    support; here the nominal row always says what is possible.

    Parameters
    ----------
    k : float
        The power, at least 0 and finite.
    lam, rho : float or array_like, optional
        Weight of a penalty, or radius of a ball.

    Raises
    ------
    ModelError
        Also if k is negative or not finite.

    Examples
    --------
    >>> CressieRead(2.0, lam=1.0).divergence([1.0, 0.0], [0.5, 0.5])
    0.5
    >>> CressieRead(0.0, lam=1.0).divergence([1.0, 0.0], [0.5, 0.5])
    inf
    """

    k: float = field(kw_only=False)

    def __post_init__(self) -> None:
        if not 0 <= self.k < np.inf:
            raise ModelError(f"k is {self.k}; the power is at least 0 and finite")
        object.__setattr__(self, "k", float(self.k))
        Divergence.__post_init__(self)

    def __repr__(self) -> str:
        return f"CressieRead({self.k:g}, {'lam' if self.is_penalty else 'rho'}={self.parameter})"

    def _distance(self, mu: np.ndarray, p: np.ndarray) -> float:
        return tilting.cressie_read(self.k, mu, p)


def _checked_parameter(given: Any, name: str) -> float | np.ndarray:
    """Return a weight or a radius as a float, or as a read-only array."""
    array = np.array(given, dtype=np.float64)
    sound = array > 0 if name == "lam" else array >= 0
    if not sound.all():
        least = "above 0 (inf forbids any change)" if name == "lam" else "at least 0"
        raise ModelError(f"{name} is {array.ravel()[int(np.argmin(sound))]}; it must be {least}")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array
