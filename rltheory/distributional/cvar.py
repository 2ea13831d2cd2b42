r"""The best CVaR of the return, by stock-augmented dynamic programming within an outer search.

The mean of the worst fraction :math:`\tau` of outcomes is a maximum (Rockafellar and Uryasev 2000), and two maxima
commute (Bäuerle and Ott 2011):

.. math::

   \mathrm{CVaR}_\tau(X) = \max_b \Big\{ b + \tfrac{1}{\tau} E \min(X - b, 0) \Big\}, \qquad
   \max_\pi \mathrm{CVaR}_\tau(G) = \max_b \Big\{ b + \tfrac{1}{\tau} \max_\pi E \min(G - b, 0) \Big\}.

The inner problem is an expected utility with initial stock -b. The best b is a :math:`\tau`-quantile of the optimal
return, so that over finitely many steps only totals that can be met are candidates. The outer objective is a maximum of
concave functions, *not* a concave one: it has many peaks, and is searched as a whole, its slopes being between
:math:`-(1/\tau - 1)` and 1. On a lattice one pass serves all b and all levels; with a discount the nodes of an unfolded
model are used again for each b, and only those b are tried that the slopes do not rule out; over an infinite horizon a
grid of stocks gives an enclosure.

A mixture of mean and CVaR is searched in the same way, with a utility of two slopes; for others see `oce`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rltheory.distributional._arguments import checked_level, require_end, start_distribution
from rltheory.distributional.lattice import Lattice, lattice_values
from rltheory.distributional.slope_search import bound_between, maximise_on_points
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_grid import default_step, grid_values, refined
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.distributional.utility import maximise_utility
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.planning.memory import available_memory

SHORTFALL = TwoSlopes(0.0, 1.0)
"""The utility min(x, 0): what is missing."""

_MOST_CELLS = 3e9
_MOST_EMPTY = 10


def maximise_cvar(
    model: OutcomeModel,
    tau: float,
    *,
    H: int | None = None,
    start: int | None = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Maximise the CVaR of the return over all policies.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    tau : float
        Mass of the lower tail, in (0, 1]: 1 is the mean, and near 0 it is the worst case.
    H : int, optional
        Number of steps; by default infinite.
    start : int, optional
        The first state; by default drawn from ``mu``.
    tol : float, optional
        Over an infinite horizon: the ``gap`` wanted.
    max_nodes : int
        Limit on states with stock, as for `unfold`.

    Returns
    -------
    StockSolution
        Exact with a horizon. ``stock`` is :math:`-b^*`, and :math:`b^*` a :math:`\tau`-quantile of ``law``.

    Raises
    ------
    ModelError
        If tau is not in (0, 1], or another argument does not fit the model.
    CriterionError
        If there is neither horizon nor discount, or there are more than ``max_nodes`` nodes.

    Examples
    --------
    A bet of 1 against 2 on a fair coin, which one may take twice; who has won the first does not take the second:

    >>> import rltheory as rl
    >>> from rltheory.distributional.cvar import maximise_cvar
    >>> safe, bold = [(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 2.0)]
    >>> game = rl.OutcomeModel.from_lists([[safe, bold]], gamma=1.0)
    >>> maximise_cvar(game, 0.25, H=2)
    StockSolution(0, exact; initial stock 0; lattice of 7 returns)
    >>> maximise_cvar(game, 0.75, H=2).law
    DiscreteLaw({-2: 0.25, 1: 0.25, 2: 0.5})
    """
    return cvar_curve(model, [tau], H=H, start=start, tol=tol, max_nodes=max_nodes)[0]


def cvar_curve(
    model: OutcomeModel,
    taus: Sequence[float] | np.ndarray,
    *,
    H: int | None = None,
    start: int | None = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> tuple[StockSolution, ...]:
    """Maximise the CVaR for several levels, which share the dynamic programme.

    Parameters
    ----------
    model, H, start, tol, max_nodes
        As for `maximise_cvar`.
    taus : sequence of float
        Levels in (0, 1].

    Returns
    -------
    tuple of StockSolution
        One for each level.

    Raises
    ------
    ModelError, CriterionError
        As for `maximise_cvar`.
    """
    scales = [1 / checked_level(tau) for tau in taus]
    return outer_search(model, SHORTFALL, scales, H, start, tol, max_nodes)


def maximise_mean_cvar(
    model: OutcomeModel,
    tau: float,
    lam: float,
    *,
    H: int | None = None,
    start: int | None = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Maximise :math:`(1 - \lambda) E G + \lambda\, \mathrm{CVaR}_\tau(G)` over all policies.

    Parameters
    ----------
    model, tau, H, start, tol, max_nodes
        As for `maximise_cvar`.
    lam : float
        Weight of the CVaR, in [0, 1].

    Returns
    -------
    StockSolution

    Raises
    ------
    ModelError, CriterionError
        As for `maximise_cvar`, and if the weight is not in [0, 1].
    """
    tau = checked_level(tau)
    if not 0 <= lam <= 1:
        raise ModelError(f"lam is {lam}; it is the weight of the CVaR, in [0, 1]")
    return outer_search(model, TwoSlopes(1 - lam, 1 - lam + lam / tau), [1.0], H, start, tol, max_nodes)[0]


def outer_search(
    model: OutcomeModel,
    utility: TwoSlopes,
    scales: list[float],
    H: int | None,
    start: int | None,
    tol: float | None,
    max_nodes: int,
) -> tuple[StockSolution, ...]:
    """Maximise b + scale E f(G - b) over b and policies, for each scale, by the way that fits the model."""
    require_end(model, H)
    start_distribution(model, start)
    if H is None:
        return on_grid(model, utility, scales, start, tol)
    lattice = _lattice_if_worthwhile(model, H)
    if lattice is not None:
        return on_lattice(lattice, utility, scales, start)
    return on_nodes(model, utility, scales, H, start, max_nodes)


def on_lattice(
    lattice: Lattice, utility: TwoSlopes, scales: list[float], start: int | None
) -> tuple[StockSolution, ...]:
    """Try every total on the lattice: one pass gives the inner optimum for each."""
    totals = lattice.returns
    value, policy = lattice_values(lattice, utility, first=-float(totals[-1]), size=totals.size)
    inner = (start_distribution(lattice.model, start) @ value)[::-1]
    found = []
    for scale in scales:
        objective = totals + scale * inner
        best = int(np.argmax(objective))
        stock = float(policy.stocks(0)[totals.size - 1 - best])
        law = policy.law(stock, start).shift(-stock)
        method = f"lattice of {totals.size} returns"
        found.append(StockSolution(*(float(objective[best]),) * 3, stock, policy, law, method))
    return tuple(found)


def on_nodes(
    model: OutcomeModel, utility: TwoSlopes, scales: list[float], H: int, start: int | None, max_nodes: int
) -> tuple[StockSolution, ...]:
    """Try those totals of an unfolded model that slopes do not rule out, one backward induction each."""
    unfolded = unfold(model, H, start=start, max_nodes=max_nodes)
    totals = np.unique(unfolded.layers[-1].stock)
    inner: dict[int, float] = {}

    def objective(k: int, scale: float) -> float:
        if k not in inner:
            inner[k] = _best_value(unfolded, utility, float(totals[k]), start)
        return float(totals[k] + scale * inner[k])

    found = []
    for scale in scales:
        best, value = maximise_on_points(lambda k, s=scale: objective(k, s), totals, _slopes(utility, scale))  # type: ignore[misc]
        answer = maximise_utility(model, utility, H=H, stock=-float(totals[best]), start=start, max_nodes=max_nodes)
        method = f"outer search over {totals.size} returns, {unfolded.n_nodes} nodes"
        found.append(StockSolution(value, value, value, answer.stock, answer.policy, answer.law, method))
    return tuple(found)


def on_grid(
    model: OutcomeModel, utility: TwoSlopes, scales: list[float], start: int | None, tol: float | None
) -> tuple[StockSolution, ...]:
    """Enclose the outer objective on a grid of stocks, made finer until every gap is within ``tol``."""
    mu, step = start_distribution(model, start), default_step(model)
    while True:
        values = grid_values(model, utility, step=step)
        b = -values.policy.stocks[::-1]
        middle, low, high = ((mu @ x)[::-1] for x in (values.value, values.lower, values.upper))
        found = []
        for scale in scales:
            lower, upper = b + scale * low, b + scale * high
            best = int(np.argmax(lower))
            most = bound_between(b, upper, _slopes(utility, scale))
            value = min(max(float((b + scale * middle).max()), float(lower[best])), most)
            method = f"stock grid, {b.size} stocks"
            found.append(StockSolution(value, float(lower[best]), most, -float(b[best]), values.policy, None, method))
        finer = refined(values.policy, step, max(one.gap for one in found), tol)
        if finer is None:
            return tuple(found)
        step = finer


def _slopes(utility: TwoSlopes, scale: float) -> tuple[float, float]:
    """Return the least and the largest slope of b + scale E f(G - b)."""
    return min(1 - scale * utility.below, 0.0), max(1 - scale * utility.above, 0.0)


def _lattice_if_worthwhile(model: OutcomeModel, H: int) -> Lattice | None:
    """Return the lattice of a model if it fits, and if not most of it is totals that no H rewards have; or None."""
    try:
        lattice = Lattice.of(model, H)
    except CriterionError:
        return None
    n_returns, room = lattice.returns.size, available_memory()
    kinds = np.unique(model.reward[model.prob > 0]).size
    totals = math.comb(H + kinds - 1, kinds - 1)
    cells = float(H) * model.n_pairs * model.prob.shape[1] * 1.5 * n_returns
    fits = cells <= _MOST_CELLS and (room is None or lattice.bytes_needed(n_returns) <= room)
    return lattice if fits and n_returns <= _MOST_EMPTY * totals else None


def _best_value(unfolded: Unfolded, u: TwoSlopes, b: float, start: int | None) -> float:
    """Return the maximum of E u(G - b) over policies."""
    values, _ = best_expectation(unfolded, u(unfolded.layers[-1].stock - b))
    return float(start_distribution(unfolded.model, start)[unfolded.layers[0].state] @ values[0])
