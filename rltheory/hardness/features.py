r"""Exponentially many directions that are nearly orthogonal: features that hide a needle.

In d dimensions there are :math:`e^{d \tau^2/4}` unit vectors with scalar products of at most :math:`\tau`. Give one to
each action, let a single action be worth :math:`\delta` and all others nothing: with :math:`\theta = \delta \phi_{a^*}`
the values are linear up to :math:`\delta \tau`, and still nothing helps but to try the actions one by one (Du, Kakade,
Wang and Yang 2020; Szepesvari 2022, lecture 9).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models._validation import real_array


def nearly_orthogonal(
    d: int, count: int, overlap: float, *, rng: int | np.random.Generator | None = None, tries: int = 100
) -> np.ndarray:
    """Draw unit vectors whose scalar products are small.

    Parameters
    ----------
    d : int
        Dimensions.
    count : int
        How many; up to `bounds.nearly_orthogonal_vectors` there are.
    overlap : float
        Largest modulus of a scalar product.
    rng : int or numpy.random.Generator, optional
    tries : int
        How often to draw again.

    Returns
    -------
    ndarray, shape (count, d)
        Rows of random signs over the square root of d.

    Raises
    ------
    ModelError
        If no draw was good enough.

    Examples
    --------
    >>> from rltheory.hardness import nearly_orthogonal
    >>> rows = nearly_orthogonal(d=100, count=200, overlap=0.45, rng=0)
    >>> overlaps = rows @ rows.T - np.eye(200)
    >>> bool(np.abs(overlaps).max() <= 0.45)
    True
    """
    rng = np.random.default_rng(rng)
    for _ in range(tries):
        rows = rng.choice([-1.0, 1.0], size=(count, d)) / np.sqrt(d)
        products = np.abs(rows @ rows.T)
        np.fill_diagonal(products, 0.0)
        if products.max(initial=0.0) <= overlap + 1e-12:
            return rows
    raise ModelError(f"{tries} draws of {count} vectors in {d} dimensions all had a pair that overlaps by > {overlap}")


def needle_error(features: Any, needle: int, loss: float = 1.0) -> float:
    r"""Compute how far the values of a needle are from linear ones: :math:`\min_\theta \max_a |\phi_a^\top \theta -
    \delta 1_{a = a^*}|`, by linear programming.

    Parameters
    ----------
    features : array_like, shape (n_actions, d)
    needle : int
        The action that is worth something.
    loss : float
        What it is worth, in reward units.

    Returns
    -------
    float
        In reward units.

    Raises
    ------
    ModelError
        If the features are no matrix, or the needle is none of its rows.

    Examples
    --------
    >>> from rltheory.hardness import needle_error
    >>> round(needle_error([[1.0], [-1.0]], needle=0), 9)
    0.5
    """
    from scipy.optimize import linprog

    rows = real_array(features, "features")
    if rows.ndim != 2 or not 0 <= needle < len(rows):
        raise ModelError(f"features has shape {rows.shape}, needle is {needle}; it must be one of the rows of a matrix")
    n_actions, d = rows.shape
    target = loss * np.eye(n_actions)[needle]
    slack = np.ones((n_actions, 1))
    program = linprog(
        np.append(np.zeros(d), 1.0),
        A_ub=np.block([[rows, -slack], [-rows, -slack]]),
        b_ub=np.concatenate([target, -target]),
        bounds=[(None, None)] * d + [(0, None)],
    )
    return float(program.fun)
