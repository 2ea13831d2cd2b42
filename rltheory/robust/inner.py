r"""The worst case of one expectation: the problem that robust dynamic programming solves for every row and step.

For a nominal distribution p over next states and their values V,

.. math::

   R_\lambda(V) = \min_\mu \{ E_\mu V + \lambda D(\mu \| p) \}, \qquad
   C_\rho(V) = \min \{ E_\mu V : D(\mu \| p) \le \rho \} .

A divergence with ``lam`` asks for the first, one with ``rho`` for the second. Each is an envelope of the other:
:math:`R_\lambda = \min_\rho \{ C_\rho + \lambda\rho \}`, :math:`C_\rho = \max_\lambda \{ R_\lambda - \lambda\rho \}`.
No iteration over kernels is needed: `total_variation`, `chi_square` and `knapsack` sort, and `tilting` finds one number
between proven ends, after which duality certifies both ends of the answer (Nilim and El Ghaoui 2005; Iyengar 2005;
Duchi and Namkoong 2021). The accuracy is that of rounding throughout, so that there is no ``tol``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.models._validation import ROW_SUM_TOLERANCE, frozen
from rltheory.robust import knapsack
from rltheory.robust.divergences import Divergence
from rltheory.robust.one_row import SUP_NORM, TOTAL_VARIATION, solve_row
from rltheory.robust.radii import require_radii
from rltheory.robust.rows import Problem, kernels_of_rows, problem_of, values_of_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WorstCase:
    r"""The worst case of one expectation, and the kernel that it is attained at.

    Parameters
    ----------
    value : float
        :math:`R_\lambda(V)` or :math:`C_\rho(V)`, in reward units.
    kernel : ndarray, shape (n_states,)
        The minimiser :math:`\mu^*`; a gradient of the value in V.
    lower, upper : float
        Proven, up to rounding: ``lower <= exact value <= upper``; a dual and a primal bound, equal where the algorithm
        only sorts.
    multiplier : float
        Of a ball, the price of its radius: the weight :math:`\lambda` at which the penalty has the same worst kernel,
        0 where a larger ball is no worse and infinity where a first move costs nothing. Of a penalty, the
        :math:`\eta` with :math:`R_\lambda = \eta - \lambda E_p f^*((\eta - V) / \lambda)`.
    """

    value: float
    kernel: np.ndarray
    lower: float
    upper: float
    multiplier: float

    @property
    def gap(self) -> float:
        """How far the proven ends are apart: rounding."""
        return self.upper - self.lower

    def __repr__(self) -> str:
        return f"WorstCase({self.value:.10g}, gap {self.gap:.1g}, multiplier {self.multiplier:.6g})"


def worst_case(divergence: Divergence, p: Any, v: Any) -> WorstCase:
    r"""Return the worst expectation of v over distributions near p.

    .. math::

       \min_\mu \{ E_\mu V + \lambda D(\mu \| p) \} \quad \text{or} \quad \min \{ E_\mu V : D(\mu \| p) \le \rho \}

    Parameters
    ----------
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        With one weight ``lam`` or one radius ``rho``.
    p : array_like, shape (n_states,)
        The nominal distribution. Its sum may be off by 1e-9, which is divided out.
    v : array_like, shape (n_states,)
        Values of the states, in reward units.

    Returns
    -------
    WorstCase

    Raises
    ------
    ModelError
        If p is not a distribution, v does not fit it or is not finite, the parameter is an array, or a finite radius is
        larger than ``divergence.largest``.

    Examples
    --------
    >>> from rltheory.robust import KL, TV, worst_case
    >>> worst_case(TV(rho=0.25), [0.5, 0.5], [0.0, 4.0])
    WorstCase(1, gap 0, multiplier 4)
    >>> worst_case(TV(lam=1.0), [0.5, 0.5], [0.0, 4.0]).kernel
    array([1., 0.])
    >>> worst = worst_case(KL(lam=4.0), [0.5, 0.5], [0.0, 4.0])
    >>> worst.lower <= worst.value <= worst.upper, round(worst.value, 6)
    (True, 1.519542)
    """
    v = checked_values(v)
    if np.ndim(divergence.parameter):
        raise ModelError(f"{divergence!r} has an array of parameters; one row needs one (divergence.with_parameter)")
    require_radii(divergence, divergence.parameter, lambda _: "rho")
    p = _checked_row(p, v.size)
    problem, order = problem_of(divergence), np.argsort(v, kind="stable")
    parameter = float(problem.scaled(divergence.parameter))
    low, high, multiplier, kernel = _one_row(problem, p[order], v[order], parameter)
    low, high = float(low), float(high)
    mu = np.empty(v.size)
    mu[order] = kernel
    multiplier /= 1.0 if divergence.is_penalty else problem.unit
    return WorstCase(0.5 * (low + high), frozen(mu), low, high, float(multiplier))


def worst_case_values(divergence: Divergence, P: Any, v: Any) -> np.ndarray:
    r"""Return the worst expectation of v for each of many nominal rows.

    Parameters
    ----------
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        Its weights or radii are broadcast to the rows: one number, or one for each row.
    P : MDP, array_like or sparse array, shape (n_rows, n_states)
        Nominal distributions; of a model, its pair rows.
    v : array_like, shape (n_states,)
        Values of the states, in reward units.

    Returns
    -------
    ndarray, shape (n_rows,)
        What `worst_case` returns as ``value`` for each row.

    Raises
    ------
    ModelError
        If a row is not a distribution, shapes do not fit, or a finite radius is larger than ``divergence.largest``.

    Examples
    --------
    >>> from rltheory.robust import ChiSquare, worst_case_values
    >>> worst_case_values(ChiSquare(lam=[1.0, 2.0]), [[0.5, 0.5], [0.5, 0.5]], [0.0, 2.0])
    array([0.75 , 0.875])
    """
    v = checked_values(v)
    rows = checked_rows(P, v.size)
    return values_of_rows(problem_of(divergence), rows, v, _parameters(divergence, rows.shape[0]))


def worst_case_kernels(divergence: Divergence, P: Any, v: Any) -> csr_array:
    r"""Return the worst kernel of v for each of many nominal rows: the model that nature chooses.

    Parameters
    ----------
    divergence, P, v
        As for `worst_case_values`.

    Returns
    -------
    csr_array, shape (n_rows, n_states)
        What `worst_case` returns as ``kernel`` for each row. Besides the support of the nominal row it may reach the
        state of least value, and with `LInf` any state.

    Raises
    ------
    ModelError
        As for `worst_case_values`.

    Examples
    --------
    >>> from rltheory.robust import TV, worst_case_kernels
    >>> worst_case_kernels(TV(rho=0.25), [[0.5, 0.5], [0.0, 1.0]], [0.0, 2.0]).toarray()
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    v = checked_values(v)
    rows = checked_rows(P, v.size)
    return kernels_of_rows(problem_of(divergence), rows, v, _parameters(divergence, rows.shape[0]))


def _parameters(divergence: Divergence, n_rows: int) -> np.ndarray:
    """Return the weight or the radius of each row."""
    alike = np.size(divergence.parameter) == 1
    require_radii(divergence, divergence.parameter, lambda row: "rho" if alike else f"rho of row {row}")
    try:
        return np.ascontiguousarray(np.broadcast_to(divergence.parameter, n_rows), dtype=np.float64)
    except ValueError:
        raise ModelError(
            f"{type(divergence).__name__} has parameters of shape {np.shape(divergence.parameter)}; for {n_rows} rows"
            f" they must be one number or ({n_rows},)"
        ) from None


def _one_row(
    problem: Problem, p: np.ndarray, v: np.ndarray, parameter: float
) -> tuple[float, float, float, np.ndarray]:
    """Return both ends, the multiplier and the worst kernel of one row, with states in order of their values."""
    kernel = np.zeros(v.size)
    if problem.family == SUP_NORM:
        value, price = knapsack.constrained(p, v - v[0], parameter, kernel)
        return v[0] + value, v[0] + value, price, kernel
    support = np.flatnonzero(p)
    least = v[0] if problem.family == TOTAL_VARIATION else v[support[0]]
    weight, density = p[support], np.empty(support.size)
    low, high, multiplier = solve_row(
        problem.family, problem.k, problem.is_penalty, weight, v[support] - least, parameter, density
    )
    kernel[support] = weight * density
    if problem.family == TOTAL_VARIATION:
        kernel[0] += weight @ (1 - density)
    else:
        kernel /= kernel.sum()
    return least + low, least + high, multiplier + least * problem.is_penalty, kernel


def checked_values(v: Any) -> np.ndarray:
    """Return finite values of at least one state."""
    v = np.ascontiguousarray(v, dtype=np.float64)
    if v.ndim != 1 or not v.size:
        raise ModelError(f"v has shape {v.shape}; it must be (n_states,), with at least one state")
    if not np.isfinite(v).all():
        state = int(np.argmin(np.isfinite(v)))
        raise ModelError(f"v of state {state} is {v[state]}; values are finite")
    return v


def _checked_row(p: Any, n_states: int) -> np.ndarray:
    """Return a distribution, its rounding divided out."""
    p = np.ascontiguousarray(p, dtype=np.float64)
    if p.shape != (n_states,):
        raise ModelError(f"p has shape {p.shape}; with {n_states} values it must be ({n_states},)")
    if not (p >= 0).all():
        state = int(np.argmin(p >= 0))
        raise ModelError(f"p of state {state} is {p[state]}; a probability is at least 0")
    total = p.sum()
    if not abs(total - 1) <= ROW_SUM_TOLERANCE:
        raise ModelError(f"p sums to {total:.12g}; a distribution sums to 1 (p / p.sum() rescales)")
    return p / total


def checked_rows(P: Any, n_states: int) -> csr_array:
    """Return pair rows as they are, and check others."""
    from scipy.sparse import csr_array, issparse

    is_model = isinstance(P, MDP)
    if is_model:
        P = P.P
    elif not issparse(P):
        P = np.atleast_2d(np.asarray(P, dtype=np.float64))
    if P.ndim != 2 or P.shape[1] != n_states:
        raise ModelError(f"P has shape {P.shape}; with {n_states} values it must be (n_rows, {n_states})")
    rows = csr_array(P) if issparse(P) else _all_entries(P)
    if is_model:
        return rows
    if not (rows.data >= 0).all():
        entry = int(np.argmin(rows.data >= 0))
        row = int(np.searchsorted(rows.indptr, entry, side="right")) - 1
        raise ModelError(f"row {row} of P goes to state {rows.indices[entry]} with probability {rows.data[entry]}")
    sums = rows @ np.ones(n_states)
    wrong = ~(np.abs(sums - 1) <= ROW_SUM_TOLERANCE)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ModelError(f"row {row} of P sums to {sums[row]:.12g} ({int(wrong.sum())} bad rows); each must sum to 1")
    return rows


def _all_entries(P: np.ndarray) -> csr_array:
    """Return a dense array as rows, zeros included: to look for them takes longer than to solve what they are in."""
    from scipy.sparse import csr_array

    n_rows, n = P.shape
    indices, ends = np.tile(np.arange(n, dtype=np.int32), n_rows), n * np.arange(n_rows + 1)
    return csr_array((np.ascontiguousarray(P).ravel(), indices, ends), shape=P.shape)
