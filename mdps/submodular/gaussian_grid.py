r"""Measuring along a walk: what the cells that are visited tell about an unknown smooth field.

The field is a Gaussian process on the points $(1 + i/10, 1 + j/10)$ with the Matern covariance of smoothness 5/2,

$$k(r) = \ln 2 \left(1 + \sqrt 5\, r + \tfrac53 r^2\right) e^{-\sqrt 5\, r},$$

of length scale 1. A walk earns the information, in nats, that noisy measurements of its cells hold about the field.
"""

from __future__ import annotations

import math

import numpy as np

from mdps import _checks as checks
from mdps.submodular.grid import grid
from rltheory.submodular.functions.gaussian import mutual_information
from rltheory.submodular.model import SubmodularMDP

_VARIANCE = math.log(2)
_NOISE_OF_THE_PRIOR = 1e-3
_SIDE = 10.0


def gaussian_grid(
    H: int = 39,
    *,
    shape: tuple[int, int] = (30, 30),
    noise: float = 1e-6,
    n_observed: int = 5,
    start: tuple[int, int] = (1, 4),
    slip: float = 0.0,
    rng: int | np.random.Generator | None = None,
) -> SubmodularMDP:
    r"""Walk on an open grid and earn the information $\tfrac12 \log\det(I + \sigma^{-2} K_\tau)$ of what is measured.

    K is the covariance of the field given a few measurements, of noise variance 1/1000, at points drawn uniformly in a
    square of side 10, as it was published. The published score of a walk counts bits where it should count nats, and is
    3.058 larger for each state; `rltheory.submodular.functions.gaussian.published_entropy` is that score.

    Parameters
    ----------
    H : int
        Number of moves.
    shape : tuple of int
        Rows and columns.
    noise : float
        Variance of the measurements' noise, above 0.
    n_observed : int
        How many measurements came before.
    start : tuple of int
        Row and column of the first cell.
    slip : float
        Probability that the action is replaced by one of the five, all equally likely.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same points.

    Returns
    -------
    SubmodularMDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024).

    Examples
    --------
    >>> gaussian_grid(5, shape=(4, 5), start=(0, 0), rng=0)
    SubmodularMDP(5 steps, 20 states, 100 state-action pairs, GaussianInformation of states)
    """
    checks.whole("n_observed", n_observed, 0)
    checks.positive("noise", noise)
    observed = _SIDE * np.random.default_rng(rng).random((n_observed, 2))
    points = grid_points(shape)
    cross, among = matern(points, observed), matern(observed, observed)
    among[np.diag_indices(n_observed)] += _NOISE_OF_THE_PRIOR
    K = matern(points, points) - cross @ np.linalg.solve(among, cross.T)
    F = mutual_information((K + K.T) / 2, noise)
    return grid(F, np.ones(shape, dtype=bool), H, start=start, slip=slip)


def gaussian_density(shape: tuple[int, int] = (30, 30), *, rng: int | np.random.Generator | None = None) -> np.ndarray:
    """Draw the field and raise it by 3, or by more where that leaves a negative density: a weight for `coverage_grid`.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same density.

    Returns
    -------
    ndarray, shape (rows, columns)
        At least 0.

    Examples
    --------
    >>> gaussian_density((2, 3), rng=0).shape
    (2, 3)
    """
    points = grid_points(shape)
    eigenvalues, eigenvectors = np.linalg.eigh(matern(points, points))
    normal = np.random.default_rng(rng).standard_normal(len(points))
    field = eigenvectors @ (np.sqrt(np.maximum(eigenvalues, 0)) * normal)
    return (field + max(3.0, -field.min())).reshape(shape)


def matern(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the Matern covariance of smoothness 5/2, length scale 1 and variance log 2 between points.

    Parameters
    ----------
    first, second : ndarray, shapes (n, 2) and (m, 2)
        Points of the plane.

    Returns
    -------
    ndarray, shape (n, m)

    Examples
    --------
    >>> matern(np.zeros((1, 2)), np.array([[0.0, 0.0], [1.0, 0.0]])).round(4)
    array([[0.6931, 0.3632]])
    """
    r = math.sqrt(5) * np.linalg.norm(first[:, None] - second, axis=-1)
    return _VARIANCE * (1 + r + r**2 / 3) * np.exp(-r)


def grid_points(shape: tuple[int, int]) -> np.ndarray:
    """Return the points of the cells, row by row, a tenth apart from (1, 1) on, shape (rows * columns, 2)."""
    return 1 + np.indices(shape).reshape(2, -1).T / 10
