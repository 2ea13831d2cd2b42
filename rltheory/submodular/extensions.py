r"""From sets to fractions: the Lovász and the multilinear extension of a set function to $[0, 1]^n$.

Both agree with F on the corners.

- Lovász: $f(x) = \int_0^1 F(\{v : x_v \ge t\})\, dt$, which for $x_1 \ge \dots \ge x_n$ is
  $\sum_v x_v F(v \mid 1, \dots, v - 1)$. Convex if and only if F is submodular (Lovász 1983), and then the largest
  convex function that lies below F on the corners.
- multilinear: $\bar F(x) = \mathbb{E}[F(R)]$, where R holds each v independently with probability $x_v$. What a
  fractional solution is worth when it is rounded independently; concave along directions of one sign if F is
  submodular. (Călinescu, Chekuri, Pál and Vondrák 2011.)

So $f(x) \le \bar F(x)$ for submodular F, with equality for modular ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.value_table import value_table


def lovasz_extension(F: SetFunction, x: Any) -> float:
    """Return the Lovász extension at a point.

    Parameters
    ----------
    F : SetFunction
        Any.
    x : array_like, shape (n_elements,)
        In [0, 1].

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If x has another shape or leaves [0, 1].

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> lovasz_extension(Coverage.from_sets([[0], [0]]), [0.5, 0.25])
    0.5
    """
    x = _checked_point(F, x)
    order = np.argsort(-x, kind="stable")
    return float(x[order] @ F.gains_along(order[None])[0])


def multilinear_extension(F: SetFunction, x: Any) -> float:
    """Return the multilinear extension at a point, by all subsets.

    Parameters
    ----------
    F : SetFunction
        Of at most 20 elements; `sampled_multilinear_extension` takes more.
    x : array_like, shape (n_elements,)
        Probability of each element.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If x has another shape or leaves [0, 1], or there are too many elements.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> multilinear_extension(Coverage.from_sets([[0], [0]]), [0.5, 0.25])
    0.625
    """
    x = _checked_point(F, x)
    table = value_table(F)
    for probability in x[::-1]:  # the last element is the highest bit: it splits the table in halves
        without, joined = table.reshape(2, -1)
        table = (1 - probability) * without + probability * joined
    return float(table[0])


def sampled_multilinear_extension(
    F: SetFunction, x: Any, *, samples: int = 1000, rng: np.random.Generator | int | None = None
) -> tuple[float, float]:
    """Estimate the multilinear extension by independent random sets.

    Parameters
    ----------
    F : SetFunction
        Any.
    x : array_like, shape (n_elements,)
        Probability of each element.
    samples : int, optional
        At least 2.
    rng : numpy.random.Generator or int, optional
        Draws the sets.

    Returns
    -------
    mean, standard_error : float

    Raises
    ------
    ModelError
        If x has another shape or leaves [0, 1], or there are fewer than 2 samples.
    """
    x = _checked_point(F, x)
    if samples < 2:
        raise ModelError(f"samples is {samples}; the standard error needs at least 2")
    drawn = np.random.default_rng(rng).random((samples, x.size)) < x
    values = np.array([F.value(np.flatnonzero(row)) for row in drawn])
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(samples))


def _checked_point(F: SetFunction, x: Any) -> np.ndarray:
    x = valid.real_array(x, "x")
    if x.shape != (F.n_elements,):
        raise ModelError(f"x has shape {x.shape}; with {F.n_elements} elements it must be ({F.n_elements},)")
    bad = np.flatnonzero(~((x >= 0) & (x <= 1)))
    if bad.size:
        raise ModelError(f"x of element {bad[0]} is {x[bad[0]]:g}; it must be in [0, 1]")
    return x
