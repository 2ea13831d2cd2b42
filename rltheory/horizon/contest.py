r"""Who wins a contest of independent scores: the law of an argmax, ties included.

Sequence z has the score :math:`X_z`, the sum (or the largest) of m independent draws from its own law over whole
numbers; the largest score wins, and is worth :math:`w_z`. With :math:`p_z` and :math:`F_z` the mass and the
distribution function of :math:`X_z`, the first of those that tie wins with the probability

.. math::

   P(z) = \sum_x p_z(x) \prod_{z' < z} F_{z'}(x-1) \prod_{z' > z} F_{z'}(x) .

If an adversary breaks ties, what is worth nothing goes first. If they are broken uniformly, let every sequence carry an
independent uniform mark, the largest of which decides:

.. math::

   P(z) = \int_0^1 \sum_x p_z(x) \prod_{z' \ne z} \big[ F_{z'}(x-1) + u\, p_{z'}(x) \big] \,\mathrm{d}u ,

a polynomial in u, which Gauss's quadrature integrates exactly. No term is negative, so that nothing cancels.
"""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError

LARGEST_CONTEST = 2**22
"""Numbers that a contest may hold at once: sequences times possible scores."""


class Ties(enum.Enum):
    """Who wins among sequences with the same score; the value says it in words."""

    FIRST = "the lowest index, the first action being the most significant digit"
    UNIFORM = "each with the same probability"
    ADVERSARIAL = "one that begins with a suboptimal action, if there is any; else the lowest index"


class Score(enum.Enum):
    """What counts of the m returns after a sequence; the value says it in words."""

    MEAN = "their mean"
    MAX = "the largest of them"


def checked_ties(ties: Any) -> Ties:
    """Return a rule of ties.

    Raises
    ------
    ModelError
        If it is something else.
    """
    if not isinstance(ties, Ties):
        raise ModelError(f"ties is {ties!r}; it must be one of {', '.join(map(str, Ties))}")
    return ties


def checked_score(score: Any) -> Score:
    """Return what is compared.

    Raises
    ------
    ModelError
        If it is something else.
    """
    if not isinstance(score, Score):
        raise ModelError(f"score is {score!r}; it must be one of {', '.join(map(str, Score))}")
    return score


def expected_worth(laws: np.ndarray, worth: np.ndarray, m: int, ties: Ties, score: Score = Score.MEAN) -> np.ndarray:
    """Return the expected worth of the winner, of one contest or of many.

    Parameters
    ----------
    laws : ndarray, shape (..., Z, n)
        Law of one draw of each sequence over the whole numbers 0..n-1.
    worth : ndarray, shape (..., Z)
        What it is worth if the sequence wins.
    m : int
        Draws of each sequence.
    ties : Ties
        Who wins among equals.
    score : Score
        Whether the mean of the draws counts, or the largest.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    CriterionError
        If a contest is too large to be decided exactly.

    Examples
    --------
    Two fair coins, of which the second should win:

    >>> import numpy as np
    >>> coins, worth = np.full((2, 2), 0.5), np.array([0.0, 1.0])
    >>> [round(float(expected_worth(coins, worth, 1, ties)), 12) for ties in Ties]
    [0.25, 0.5, 0.25]
    """
    if ties is Ties.ADVERSARIAL:
        order = np.argsort(worth > 0, axis=-1, kind="stable")
        laws, worth = np.take_along_axis(laws, order[..., None], axis=-2), np.take_along_axis(worth, order, axis=-1)
    mass, below = largest(laws, m) if score is Score.MAX else sums(laws, m)
    if ties is not Ties.UNIFORM:
        return _chances(mass, _products(below, at_once=below + mass), worth)
    points, weights = np.polynomial.legendre.leggauss(math.ceil(worth.shape[-1] / 2))
    total = np.zeros(worth.shape[:-1])
    for u, weight in zip((points + 1) / 2, weights / 2, strict=True):
        reached = below + u * mass
        total += weight * _chances(mass, _products(reached, at_once=reached), worth)
    return total


def _chances(mass: np.ndarray, rivals: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Return the expected worth from the mass of each score and the probability that it beats the rivals."""
    return np.einsum("...z,...zx,...zx->...", worth, mass, rivals)


def _products(earlier: np.ndarray, *, at_once: np.ndarray) -> np.ndarray:
    """Return, for each sequence, the product of ``earlier`` of those before it and ``at_once`` of those after it."""
    products = np.ones_like(earlier)
    np.cumprod(earlier[..., :-1, :], axis=-2, out=products[..., 1:, :])
    products[..., :-1, :] *= np.cumprod(at_once[..., :0:-1, :], axis=-2)[..., ::-1, :]
    return products


def sums(laws: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mass of the sum of m draws, and the probability of a smaller one.

    Parameters
    ----------
    laws : ndarray, shape (..., n)
        Law of one draw over 0..n-1.
    m : int
        Draws.

    Returns
    -------
    mass, below : ndarray, shape (..., m (n - 1) + 1)
    """
    n_values = laws.shape[-1]
    require_room(laws.shape[-2], n_values, m)
    if m == 1 or n_values == 1:
        mass = laws
    elif n_values == 2:
        mass = _binomial(laws[..., 1], m)
    else:
        length = m * (n_values - 1) + 1
        mass = np.maximum(np.fft.irfft(np.fft.rfft(laws, _fast(length)) ** m, _fast(length))[..., :length], 0.0)
    below = np.zeros_like(mass)
    np.cumsum(mass[..., :-1], axis=-1, out=below[..., 1:])
    return mass, np.minimum(below, 1.0)


def largest(laws: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mass of the largest of m draws, and the probability of a smaller one.

    Parameters
    ----------
    laws : ndarray, shape (..., n)
        Law of one draw over 0..n-1.
    m : int
        Draws.

    Returns
    -------
    mass, below : ndarray, shape (..., n)

    Examples
    --------
    >>> import numpy as np
    >>> largest(np.array([[0.5, 0.5]]), 3)
    (array([[0.125, 0.875]]), array([[0.   , 0.125]]))
    """
    at_most = np.minimum(np.cumsum(laws, axis=-1), 1.0) ** m
    below = np.zeros_like(at_most)
    below[..., 1:] = at_most[..., :-1]
    return at_most - below, below


def room(n_sequences: int, n_values: int, m: int) -> int:
    """Return how many numbers a contest of means holds."""
    return n_sequences * (m * (n_values - 1) + 1)


def require_room(n_sequences: int, n_values: int, m: int) -> None:
    """Refuse a contest with more numbers than `LARGEST_CONTEST`."""
    size = room(n_sequences, n_values, m)
    if size > LARGEST_CONTEST:
        raise CriterionError(
            f"m = {m} episodes for each of {n_sequences} sequences have {size} possible scores; exact laws go up to"
            f" {LARGEST_CONTEST}: play the algorithm instead (gorp_runs)"
        )


def _binomial(chance: np.ndarray, m: int) -> np.ndarray:
    from scipy.stats import binom

    return binom.pmf(np.arange(m + 1), m, np.clip(chance, 0.0, 1.0)[..., None])


def _fast(length: int) -> int:
    from scipy.fft import next_fast_len

    return next_fast_len(length, real=True)
