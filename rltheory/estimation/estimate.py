"""The answer of an estimator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Estimate:
    r"""An estimate of a policy's value.

    Parameters
    ----------
    value : float
        The estimate, in reward units.
    terms : ndarray, shape (n_episodes,)
        What each episode says; ``value`` is their mean, weighted with ``weights`` if there are any.
    weights : ndarray, shape (n_episodes,), optional
        Not negative, of mean 1, for a weighted mean.

    Examples
    --------
    >>> Estimate.of_terms([0.0, 2.0, 4.0])
    Estimate(2 +- 1.15, 3 episodes)
    """

    value: float
    terms: np.ndarray
    weights: np.ndarray | None = None

    @classmethod
    def of_terms(cls, terms: object, weights: np.ndarray | None = None) -> Estimate:
        """Return the mean of terms, weighted if there are weights.

        Parameters
        ----------
        terms : array_like, shape (n_episodes,)
        weights : ndarray, shape (n_episodes,), optional

        Returns
        -------
        Estimate
        """
        terms = np.array(terms, dtype=float)
        weights = None if weights is None else np.array(weights, dtype=float)
        value = float(terms.mean() if weights is None else weights @ terms / weights.size)
        for array in (terms, weights):
            if array is not None:
                array.setflags(write=False)
        return cls(value, terms, weights)

    @property
    def standard_error(self) -> float:
        r"""Estimated standard deviation of ``value``, in reward units; nan with a single episode.

        Of a weighted mean :math:`\sqrt{\sum_i w_i^2 (G_i - v)^2} / n`, which counts only the first order of the errors.
        It is estimated from the same data, and misses what they missed: with heavy-tailed weights it is too small.
        """
        n = self.terms.size
        if n < 2:
            return float("nan")
        if self.weights is None:
            return float(self.terms.std(ddof=1) / np.sqrt(n))
        return float(np.sqrt(self.weights**2 @ (self.terms - self.value) ** 2) / n)

    def __repr__(self) -> str:
        return f"Estimate({self.value:.6g} +- {self.standard_error:.3g}, {self.terms.size} episodes)"
