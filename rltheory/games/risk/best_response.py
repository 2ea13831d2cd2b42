r"""Best responses of a player who is averse to risk, and the proof of how good any response is.

Against others who play b with probability q, the player with the matrix A maximises the concave function
:math:`p \mapsto V(A^\top p; q)` over the simplex, or over the trembling simplex
:math:`\Delta_\epsilon = \{ p : p_a \ge \epsilon \}`. Smooth aversions are maximised by Newton's method, whose steps are
quadratic programs that an active set solves exactly (for `MeanVariance` the first step is the answer); polyhedral ones
by a linear program. The certificate does not depend on the solver: with the supergradient
:math:`g = A \nabla_z V` at p, concavity gives (Frank and Wolfe 1956)

.. math:: \max_{\Delta_\epsilon} V - V(p) \;\le\;
   \epsilon \sum_a g_a + (1 - m \epsilon) \max_a g_a - g \cdot p.

Away from the maximum this is too much by the square of the way to it; then the same bound at another strategy, near the
maximum, says more. Where V has kinks it holds with the slope that the dual linear program finds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.games.normal_form import checked_strategy
from rltheory.games.risk.polyhedral import PolyhedralAversion
from rltheory.games.risk.smooth import SmoothAversion
from rltheory.models import CriterionError, ModelError
from rltheory.models import _validation as valid
from rltheory.planning._kernels import UNIT_ROUNDOFF
from rltheory.planning.rounding import growth, largest_size, outward

Aversion = SmoothAversion | PolyhedralAversion
"""What a player maximises: a concave function of her payoffs against each joint action of the others."""

_STEPS, _HALVINGS = 200, 40


@dataclass(frozen=True, slots=True, eq=False)
class BestResponse:
    """A mixed strategy, what it is worth, and by how much the best one is better at most.

    Parameters
    ----------
    strategy : ndarray, shape (m,)
        The response.
    value : float
        What the player maximises, in payoff units.
    gap : float
        Proven: no strategy is worth more than ``value + gap``.
    """

    strategy: np.ndarray
    value: float
    gap: float


def best_response(A: Any, q: Any, aversion: Aversion, *, tremble: float = 0.0, tol: float = 1e-10) -> BestResponse:
    r"""Return the strategy that a player averse to risk prefers against the others' law.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Payoffs: own actions by joint actions of all others.
    q : array_like, shape (n,)
        Law of the others' joint action.
    aversion : Aversion
        What is maximised, such as ``MeanVariance(gamma)``.
    tremble : float
        Least probability of every action, in [0, 1/m).
    tol : float
        Accuracy at which Newton's method stops, in units of the spread of A.

    Returns
    -------
    BestResponse

    Raises
    ------
    ModelError
        If A is not a finite matrix, or q no distribution over its columns.
    CriterionError
        If the tremble is out of range.

    Examples
    --------
    A gamble of mean 1 and variance 1 against a sure 0.75: at gamma = 1/2, a quarter on the gamble is best.

    >>> from rltheory.games.risk import MeanVariance, best_response
    >>> found = best_response([[2.0, 0.0], [0.75, 0.75]], [0.5, 0.5], MeanVariance(0.5))
    >>> found.strategy.round(9), found.gap < 1e-12
    (array([0.25, 0.75]), True)
    """
    A, q = _checked_problem(A, q)
    p = respond(trembling(A.shape[0], tremble) @ A, q, aversion, tol) @ trembling(A.shape[0], tremble)
    return BestResponse(p, aversion.value(A.T @ p, q), response_gap(p, A, q, aversion, tremble=tremble))


def response_gap(p: Any, A: Any, q: Any, aversion: Aversion, *, tremble: float = 0.0) -> float:
    """Return a proven bound on how much a player averse to risk gains by leaving p, in payoff units.

    Parameters
    ----------
    p : array_like, shape (m,)
        A mixed strategy.
    A, q, aversion, tremble
        As for `best_response`.

    Returns
    -------
    float
        At least 0, and enlarged by what rounding may have hidden.

    Raises
    ------
    ModelError
        If an argument has the wrong shape, or p gives an action less than the tremble.

    Examples
    --------
    >>> from rltheory.games.risk import MeanVariance, response_gap
    >>> round(response_gap([0.0, 1.0], [[2.0, 0.0], [0.75, 0.75]], [0.5, 0.5], MeanVariance(0.5)), 9)
    0.03125
    """
    A, q = _checked_problem(A, q)
    p = checked_trembling(p, A.shape[0], tremble, "p")
    if (A[0] == A).all():
        return 0.0
    if isinstance(aversion, SmoothAversion):
        gain, xi = _linear_gain(p, p, A, q, aversion, tremble)
        rounding = slope_rounding(A, xi, aversion)
        if gain > rounding:
            hull = trembling(A.shape[0], tremble)
            other, xi = _linear_gain(p, respond(hull @ A, q, aversion) @ hull, A, q, aversion, tremble)
            gain, rounding = min((gain, rounding), (other, slope_rounding(A, xi, aversion)))
        return max(gain, 0.0) + rounding
    envelope = aversion.envelope(q)
    h = _solve_dual(trembling(A.shape[0], tremble) @ A, q, aversion)[1]
    xi = envelope.base + envelope.K @ h
    gain = reach(A @ xi, tremble) + float(envelope.cost @ h) - aversion.value(A.T @ p, q)
    return max(gain, 0.0) + slope_rounding(A, xi, aversion)


def _linear_gain(
    p: np.ndarray, at: np.ndarray, A: np.ndarray, q: np.ndarray, aversion: SmoothAversion, tremble: float
) -> tuple[float, np.ndarray]:
    """Return how much the linear majorant at a strategy allows to gain by leaving p, and the slope."""
    z = A.T @ at
    xi = aversion.slope(z, q)
    g = A @ xi
    return reach(g, tremble) - float(g @ at) + aversion.value(z, q) - aversion.value(A.T @ p, q), xi


def reach(g: np.ndarray, tremble: float) -> float:
    r"""Return the largest mean of g over the trembling simplex: a sum at the tremble, and the rest on the best."""
    return float(tremble * g.sum() + (1 - g.size * tremble) * g.max())


def trembling(m: int, tremble: float) -> np.ndarray:
    """Return the vertices of the trembling simplex as rows, shape (m, m).

    Raises
    ------
    CriterionError
        If the tremble is not in [0, 1/m).
    """
    if not 0 <= tremble < 1 / m:
        raise CriterionError(f"tremble is {tremble}; with {m} actions it must be in [0, 1/{m}), that m trembles fit in")
    return tremble + (1 - m * tremble) * np.eye(m)


def checked_trembling(p: Any, m: int, tremble: float, name: str) -> np.ndarray:
    """Return a mixed strategy, scaled to sum 1, that gives every action at least the tremble (within 1e-9).

    Raises
    ------
    ModelError
        If it is no mixed strategy, or some action has less.
    """
    trembling(m, tremble)
    p = checked_strategy(p, m, name)
    if p.min() < tremble - valid.ROW_SUM_TOLERANCE:
        action = int(p.argmin())
        raise ModelError(f"{name} plays action {action} with probability {p[action]}, below the tremble {tremble}")
    return p / p.sum()


def respond(A: np.ndarray, q: np.ndarray, aversion: Aversion, tol: float = 1e-10) -> np.ndarray:
    """Return the maximiser of V(A' s; q) over the simplex of the rows of A, of which nothing is checked."""
    if A.shape[0] == 1:
        return np.ones(1)
    if isinstance(aversion, PolyhedralAversion):
        return _solve_dual(A, q, aversion)[0]
    s = np.full(A.shape[0], 1 / A.shape[0])
    accuracy = tol * float(np.ptp(A))
    for _ in range(_STEPS):
        z = A.T @ s
        g = A @ aversion.slope(z, q)
        if g.max() - g @ s <= accuracy:
            break
        H = A @ aversion.curvature(z, q) @ A.T
        d = on_simplex(g + H @ s, H) - s
        step = _armijo(lambda t, z=z, d=d: aversion.value(z + t * (A.T @ d), q), float(g @ d))
        if step == 0:
            break
        s = s + step * d
    return s


def on_simplex(c: np.ndarray, H: np.ndarray) -> np.ndarray:
    """Return the maximiser of c s - s H s / 2 over the simplex, for a positive semidefinite H."""
    from rltheory.games.risk._kernels import maximise_quadratic

    scale = max(largest_size(c), largest_size(H), 1e-300)
    H = (H + H.T) / (2 * scale)
    return maximise_quadratic(np.ascontiguousarray(c - c.max()) / scale, np.ascontiguousarray(H), 1e-14)[0]


def _armijo(value: Any, slope: float) -> float:
    """Return the largest of 1, 1/2, 1/4, ... at which the value rises by a part of what its slope promises.

    Near the maximum this is less than the value's rounding, which must not keep the last steps from being taken.
    """
    start, step = value(0.0), 1.0
    rounding = 4 * UNIT_ROUNDOFF * abs(start)
    for _ in range(_HALVINGS):
        if value(step) >= start + 1e-4 * step * slope - rounding:
            return step
        step /= 2
    return 0.0


def _solve_dual(A: np.ndarray, q: np.ndarray, aversion: PolyhedralAversion) -> tuple[np.ndarray, np.ndarray]:
    """Solve the linear program of a best response; return the response and the h that bounds it."""
    from scipy.optimize import linprog

    envelope, (k, n) = aversion.envelope(q), A.shape
    side = {} if envelope.total is None else {"A_eq": np.append(envelope.total, 0.0)[None], "b_eq": [1.0]}
    found = linprog(
        np.append(envelope.cost, 1.0),
        A_ub=np.column_stack([A @ envelope.K, -np.ones(k)]),
        b_ub=-A @ envelope.base,
        bounds=[(0, 1)] * n + [(None, None)],
        method="highs",
        **side,
    )
    if not found.success:
        raise ArithmeticError(f"the linear program of a best response was not solved: {found.message}")
    s = np.maximum(-found.ineqlin.marginals, 0.0)
    return s / s.sum(), envelope.feasible(found.x[:n])


def _checked_problem(A: Any, q: Any) -> tuple[np.ndarray, np.ndarray]:
    A = valid.real_array(A, "A")
    if A.ndim != 2 or 0 in A.shape or not np.isfinite(A).all():
        raise ModelError(f"A has shape {A.shape}; it must be a finite matrix, own actions by joint actions of others")
    q = checked_strategy(q, A.shape[1], "q")
    return A, q / math.fsum(q)


def slope_rounding(A: np.ndarray, xi: np.ndarray, aversion: Aversion) -> float:
    """Bound the rounding of the slope, which is off by a part of each z, of inner products with it, and of values."""
    size, spread = largest_size(A), float(np.ptp(A))
    magnitude = size * (np.abs(xi).sum() + 2 * aversion.steepness(size) * spread) + aversion.largest_term(size, spread)
    return float(outward(growth(4.0 * sum(A.shape) + 16) * 2 * magnitude, 4))
