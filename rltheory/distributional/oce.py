r"""Optimised certainty equivalents of the return: what a mixture of now and later is worth, at best.

For a concave u with u(0) = 0 and slopes on either side of 1 at 0 (Ben-Tal and Teboulle 2007)

.. math::

   \mathrm{OCE}_u(X) = \max_b \{ b + E\,u(X - b) \}, \qquad
   \max_\pi \mathrm{OCE}_u(G) = \max_b \max_\pi E\, h_b(G), \quad h_b(z) = b + u(z - b):

the mean for u(x) = x, CVaR for :math:`u(x) = \min(x, 0) / \tau`, the entropic risk measure for
:math:`u(x) = (1 - e^{-\beta x}) / \beta`. A best b is between the smallest and the largest return.

As a function of b the outer objective is a maximum of concave functions :math:`\varphi_\pi(b) = E_\pi h_b(G)`, and has
many peaks. It is enclosed by branch and bound. Let m be the middle of [x, y]. Chords of a concave function lie above it
where they are prolonged, so that each policy has on [x, y]

.. math:: \varphi_\pi(b) \le \max\{\varphi_\pi(m),\; 2 \varphi_\pi(m) - \varphi_\pi(x),\;
          2 \varphi_\pi(m) - \varphi_\pi(y)\},

and the maximum of each of the three over policies is one more expected utility. The bound is exact to second order
where the objective is smooth (derived here).
"""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Callable

import numpy as np

from rltheory.distributional._arguments import Utility, function_of, require_end, start_distribution, utility_values
from rltheory.distributional.cvar import outer_search
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.distributional.utility import maximise_utility
from rltheory.models import ConvergenceWarning, CriterionError, ModelError, OutcomeModel

_NORMALISED = 1e-6
_TOLERANCE = 1e-9
_MOST_INTERVALS = 20_000


def maximise_oce(
    model: OutcomeModel,
    utility: Utility,
    *,
    H: int | None = None,
    start: int | None = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Maximise an optimised certainty equivalent :math:`\max_b \{b + E\,u(G - b)\}` over all policies.

    Parameters
    ----------
    model, H, start, max_nodes
        As for `maximise_cvar`.
    utility : callable, or object whose attribute ``f`` is one
        u, concave, with u(0) = 0 and slope 1 at 0 (or slopes on either side of 1): for instance
        :math:`(1 - e^{-\beta x}) / \beta`, of which the OCE is the entropic risk measure. A `TwoSlopes` is solved
        exactly. It must be finite on differences of returns.
    tol : float, optional
        The ``gap`` wanted; by default a billionth of the range of returns.

    Returns
    -------
    StockSolution

    Raises
    ------
    ModelError
        If u is not normalised so, or not finite.
    CriterionError
        If there is no horizon, and u is not a `TwoSlopes`.

    Warns
    -----
    ConvergenceWarning
        If ``tol`` was not reached.

    Examples
    --------
    The entropic risk of a bet on a fair coin, which none other is better than:

    >>> import numpy as np
    >>> import rltheory as rl
    >>> from rltheory.distributional.oce import maximise_oce
    >>> game = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> found = maximise_oce(game, lambda x: 2 * (1 - np.exp(-x / 2)), H=1)
    >>> round(found.value, 6), round(float(-2 * np.log(np.mean(np.exp([0.5, -1.5])))), 6)
    (0.132438, 0.132438)
    """
    u = function_of(utility)
    require_end(model, H)
    if isinstance(u, TwoSlopes):
        if not u.above <= 1 <= u.below:
            raise ModelError(f"the slopes of {u} must be on either side of 1, or no certainty equivalent is finite")
        return outer_search(model, u, [1.0], H, start, tol, max_nodes)[0]
    if H is None:
        raise CriterionError("without a horizon H the utility must be a TwoSlopes, which grids of stocks can serve")
    mu = start_distribution(model, start)
    unfolded = unfold(model, H, start=start, max_nodes=max_nodes)
    totals, mu = unfolded.layers[-1].stock, mu[unfolded.layers[0].state]
    low, high = float(totals.min()), float(totals.max())
    _require_normalised(u, max(high - low, 1.0))
    tol = _TOLERANCE * max(high - low, 1.0) if tol is None else tol

    def enclosed(x: float, y: float) -> tuple[float, float]:
        left, middle, right = (b + utility_values(u, totals - b) for b in (x, (x + y) / 2, y))
        bounds = mu @ _best_values(unfolded, np.stack([middle, 2 * middle - left, 2 * middle - right], axis=1))
        return float(bounds[0]), float(bounds.max())

    b, value, bound = _branch_and_bound(enclosed, low, high, tol)
    if bound - value > tol:
        warnings.warn(f"the gap {bound - value:.3g} is above tol = {tol:.3g}", ConvergenceWarning, stacklevel=2)
    inner = maximise_utility(model, u, H=H, stock=-b, start=start, max_nodes=max_nodes)
    method = f"branch and bound over the outer variable, {unfolded.n_nodes} nodes"
    return StockSolution(value, value, bound, -b, inner.policy, inner.law, method)


def _branch_and_bound(
    enclosed: Callable[[float, float], tuple[float, float]], low: float, high: float, tol: float
) -> tuple[float, float, float]:
    """Return a point, its value, and a bound on the maximum; ``enclosed(x, y)`` gives the value in the middle of an
    interval, and a bound on it.
    """
    if not tol > 0:
        raise ModelError(f"tol is {tol}; it must be positive")
    value, bound = enclosed(low, high)
    best, at = value, (low + high) / 2
    heap = [(-bound, low, high)]
    for _ in range(_MOST_INTERVALS):
        top, x, y = heap[0]
        if -top <= best + tol:
            break
        heapq.heappop(heap)
        for left, right in ((x, (x + y) / 2), ((x + y) / 2, y)):
            value, bound = enclosed(left, right)
            if value > best:
                best, at = value, (left + right) / 2
            heapq.heappush(heap, (-bound, left, right))
    return at, best, max(best, -heap[0][0])


def _best_values(unfolded: Unfolded, terminal: np.ndarray) -> np.ndarray:
    """Return the maximum from each node of layer 0 of several expectations at the end, one a column."""
    value = terminal
    for t in reversed(range(unfolded.H)):
        layer = unfolded.layers[t]
        q = (unfolded.prob(t)[:, :, None] * value[layer.successor]).sum(axis=1)
        value = np.maximum.reduceat(q, layer.row_start[:-1], axis=0)
    return value


def _require_normalised(u: Callable[[np.ndarray], np.ndarray], scale: float) -> None:
    """Refuse a utility that shows not to be concave with u(0) = 0 and slopes on either side of 1."""
    x = scale * np.array([-1.0, -1e-3, 0.0, 1e-3, 1.0])
    left, near_left, zero, near_right, right = utility_values(u, x)
    slopes = np.array([near_left - left, -near_left, near_right, right - near_right]) / np.diff(x)
    if abs(zero) > _NORMALISED or slopes[1] < 1 - _NORMALISED or slopes[2] > 1 + _NORMALISED:
        raise ModelError(
            f"the utility has u(0) = {zero:g} and slopes of about {slopes[1]:g} and {slopes[2]:g} left and right of 0;"
            " an optimised certainty equivalent needs u(0) = 0 and slopes on either side of 1"
        )
    if (np.diff(slopes) > _NORMALISED).any():
        raise ModelError(f"the utility has slopes {slopes} from {x[0]:g} to {x[-1]:g}; it must be concave")
