r"""A law with finitely many atoms: what a return, a reward or a stock is distributed like.

The return-distribution Bellman operator needs three operations only,

.. math:: X \mapsto X + c, \qquad X \mapsto \gamma X, \qquad (\text{mixture}) \; \sum_k w_k \nu_k,

and they keep finitely many atoms (Bellemare, Dabney and Rowland 2023, chapter 2). Quantiles come in two conventions,
which differ where the distribution function is flat: the *lower* one is the smallest y with
:math:`P(X \le y) \ge \tau`, the *upper* one (the value at risk of this package) the smallest y with
:math:`P(X \le y) > \tau`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rltheory.models import ModelError

LEVEL_TOLERANCE = 1e-12
"""How far a level may be from a value of the distribution function and still be taken for it: sums of floats round."""

_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DiscreteLaw:
    """A probability law with finitely many atoms.

    Parameters
    ----------
    atoms : array_like, shape (n,)
        Values, in reward units, in any order; equal ones are merged.
    prob : array_like, shape (n,), optional
        Their probabilities, which sum to 1; all the same by default. Atoms of probability 0 are left out.

    Attributes
    ----------
    atoms : ndarray, shape (k,)
        Increasing.
    prob : ndarray, shape (k,)
        Positive.

    Raises
    ------
    ModelError
        If an atom is not finite, a probability is negative, or they do not sum to 1.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> law = DiscreteLaw([3.0, 1.0, 3.0], [0.25, 0.5, 0.25])
    >>> law
    DiscreteLaw({1: 0.5, 3: 0.5})
    >>> law.mean, law.shift(1.0).scale(2.0).atoms
    (2.0, array([4., 8.]))
    """

    atoms: np.ndarray
    prob: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        atoms = np.asarray(self.atoms, dtype=np.float64)
        prob = np.full(atoms.shape, 1 / max(atoms.size, 1)) if self.prob is None else np.asarray(self.prob, np.float64)
        if atoms.ndim != 1 or atoms.size == 0 or atoms.shape != prob.shape:
            raise ModelError(f"atoms and prob have shapes {atoms.shape} and {prob.shape}; both must be the same (n,)")
        if not np.isfinite(atoms).all():
            worst = int(np.argmin(np.isfinite(atoms)))
            raise ModelError(f"atom {worst} is {atoms[worst]}; atoms are finite")
        if not (prob >= 0).all():
            worst = int(np.argmin(prob >= 0))
            raise ModelError(f"the probability of atom {worst} is {prob[worst]}; it must be a number in [0, 1]")
        if not abs(prob.sum() - 1) <= _SUM_TOLERANCE:
            raise ModelError(f"prob sums to {prob.sum():.12g}; it must sum to 1")
        happens = prob > 0
        values, place = np.unique(atoms[happens], return_inverse=True)
        self._set(values, np.bincount(place, weights=prob[happens], minlength=values.size))

    def _set(self, atoms: np.ndarray, prob: np.ndarray) -> None:
        for name, array in (("atoms", atoms), ("prob", prob)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def point(cls, value: float) -> DiscreteLaw:
        """Return the law of a constant."""
        return cls(np.array([value]))

    @property
    def mean(self) -> float:
        """Expectation, in reward units."""
        return float(self.prob @ self.atoms)

    @property
    def variance(self) -> float:
        """Expected squared distance from the mean, in squared reward units."""
        return float(self.prob @ (self.atoms - self.mean) ** 2)

    @property
    def cumulative(self) -> np.ndarray:
        """The distribution function at each atom, shape (k,); the last entry is 1."""
        total = np.minimum(np.cumsum(self.prob), 1.0)  # sums round, and would pass 1 before the last
        total[-1] = 1.0
        return total

    def shift(self, by: float) -> DiscreteLaw:
        """Return the law of X + by."""
        return DiscreteLaw(self.atoms + by, self.prob)

    def scale(self, by: float) -> DiscreteLaw:
        """Return the law of by X; a negative factor turns the law around."""
        return DiscreteLaw(by * self.atoms, self.prob)

    def expect(self, f: Callable[[np.ndarray], np.ndarray]) -> float:
        """Return E f(X) for a function of arrays."""
        return float(self.prob @ np.asarray(f(self.atoms), dtype=np.float64))

    def cdf(self, y: Any) -> np.ndarray:
        """Return P(X <= y), elementwise."""
        before = np.concatenate([[0.0], self.cumulative])
        return before[np.searchsorted(self.atoms, np.asarray(y, dtype=np.float64), side="right")]

    def quantile(self, level: Any, side: Literal["lower", "upper"] = "lower") -> np.ndarray:
        r"""Return quantiles, elementwise.

        Parameters
        ----------
        level : array_like
            In [0, 1]. Levels within 1e-12 of a value of the distribution function are taken for it.
        side : {"lower", "upper"}
            The smallest atom with :math:`P(X \le y) \ge \tau`, or with :math:`P(X \le y) > \tau` (the largest atom for
            level 1).

        Returns
        -------
        ndarray
            In reward units.

        Raises
        ------
        ModelError
            If a level is outside [0, 1], or the side is unknown.

        Examples
        --------
        >>> from rltheory.distributional import DiscreteLaw
        >>> coin = DiscreteLaw([0.0, 1.0])
        >>> float(coin.quantile(0.5)), float(coin.quantile(0.5, side="upper"))
        (0.0, 1.0)
        """
        level = np.asarray(level, dtype=np.float64)
        if not ((level >= 0) & (level <= 1)).all():
            raise ModelError(f"level is {level}; levels are in [0, 1]")
        if side not in ("lower", "upper"):
            raise ModelError(f"side is {side!r}; it is 'lower' or 'upper'")
        if side == "lower":
            place = np.searchsorted(self.cumulative, level - LEVEL_TOLERANCE, side="left")
        else:
            place = np.searchsorted(self.cumulative, level + LEVEL_TOLERANCE, side="right")
        return self.atoms[np.minimum(place, self.atoms.size - 1)]

    def merged(self, tol: float) -> DiscreteLaw:
        """Return the law in which runs of atoms closer than ``tol`` to the run's first are one, at their mean."""
        run, first = np.zeros(self.atoms.size, dtype=np.int64), self.atoms[0]
        for k in range(1, self.atoms.size):
            starts = self.atoms[k] - first > tol
            first = self.atoms[k] if starts else first
            run[k] = run[k - 1] + starts
        prob = np.bincount(run, weights=self.prob)
        return DiscreteLaw(np.bincount(run, weights=self.prob * self.atoms) / prob, prob)

    def sample(self, size: int, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Draw independent values.

        Parameters
        ----------
        size : int
            How many.
        rng : numpy.random.Generator or int, optional
            Where randomness comes from.

        Returns
        -------
        ndarray, shape (size,)
        """
        return np.random.default_rng(rng).choice(self.atoms, size=size, p=self.prob / self.prob.sum())

    def __repr__(self) -> str:
        shown = [f"{x:g}: {p:g}" for x, p in zip(self.atoms[:6].tolist(), self.prob[:6].tolist(), strict=True)]
        return f"DiscreteLaw({{{', '.join([*shown, '...'] if self.atoms.size > 6 else shown)}}})"

    def to_rows(self) -> list[dict[str, float]]:
        """Return one row for each atom, for a table."""
        cumulative = self.cumulative
        return [
            {"value": float(x), "probability": float(p), "at most": float(total)}
            for x, p, total in zip(self.atoms, self.prob, cumulative, strict=True)
        ]


def mixture(laws: Sequence[DiscreteLaw], weights: Any) -> DiscreteLaw:
    r"""Return the law :math:`\sum_k w_k \nu_k`: draw k with probability :math:`w_k`, then from the k-th law.

    Parameters
    ----------
    laws : sequence of DiscreteLaw
        At least one.
    weights : array_like, shape (len(laws),)
        Probabilities.

    Returns
    -------
    DiscreteLaw

    Raises
    ------
    ModelError
        If the weights are not a law over the components.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw, mixture
    >>> mixture([DiscreteLaw.point(0.0), DiscreteLaw([0.0, 1.0])], [0.5, 0.5])
    DiscreteLaw({0: 0.75, 1: 0.25})
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (len(laws),) or not laws:
        raise ModelError(f"weights has shape {weights.shape}; with {len(laws)} laws it must be ({len(laws)},)")
    return DiscreteLaw(
        np.concatenate([law.atoms for law in laws]),
        np.concatenate([w * law.prob for w, law in zip(weights, laws, strict=True)]),
    )
