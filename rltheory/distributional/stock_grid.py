r"""Discounted returns over an infinite horizon: a grid of stocks, and what it may be wrong by.

For a utility of two slopes (`TwoSlopes`) the optimum from state s with rescaled stock c,
:math:`V(s, c) = \sup_\pi E f(c + G)`, solves

.. math:: V(s, c) = \gamma \max_a \sum_b p_b \, V\big(s'_b, (c + r_b) / \gamma\big).

*The range is closed*, although the stock expands by :math:`1 / \gamma` at every step. Let the return from s be between
:math:`G_{\min}(s)` and :math:`G_{\max}(s)`, the least and the largest sum on any path. If :math:`c \ge -G_{\min}(s)`
then c + G is never negative, and V(s, c) is :math:`a_+` times c plus the largest (for :math:`a_+ < 0` the smallest)
mean return; if :math:`c \le -G_{\max}(s)` likewise with :math:`a_-`; and the stock stays beyond the ends of the states
that follow. So a grid is needed in between only.

*A grid makes it an ordinary MDP*: its states are pairs of state and grid point, its discount is gamma, its rewards are
what is reached beyond the ends. Stocks between two points go to the nearer one, or to both at random with the right
mean. The solvers of `rltheory.planning` prove bounds on its optimum U. What rounding takes is at most the optimum E of
a second MDP on the same states, whose reward is the expected distance of a rounding times :math:`\gamma L`:

.. math:: |U - V| \le E \le \frac{\gamma L h}{2 (1 - \gamma)},

since the largest of several numbers changes by at most as much as they do. E is smaller than the last bound where the
stock soon leaves the range. Moreover a controller that goes on from the rounded stock attains at least U - E, so that
the bounds enclose what the returned policy attains, too. (Derived for this package; the extended state and the outer
search are those of Bäuerle and Ott 2011.)
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_array

from rltheory.distributional._arguments import start_distribution
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.models import MDP, ConvergenceWarning, CriterionError, ModelError, OutcomeModel
from rltheory.planning import solve
from rltheory.planning.memory import require_memory

Interpolation = Literal["nearest", "linear"]

CELLS = 500
"""How many cells the range of stocks is cut into, where nothing else is asked for."""

_MOST_STOCKS = 200_000
_SOLVER_SHARE = 1e-3
_MEAN_TOLERANCE = 1e-10
_LEAST_RANGE = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class GridPolicy:
    """A stationary policy that looks at the state and the stock, rounded to a grid.

    The proven bounds hold for the controller that forgets what rounding took: it begins with ``stock``, takes
    ``action(state, stock)``, and goes on with ``next_stock(stock, reward, next_state)``.

    Parameters
    ----------
    gamma : float
        Discount.
    stocks : ndarray, shape (C,)
        Grid points, increasing and equally far from each other, in reward units.
    actions : ndarray of int, shape (n_states, C)
        Action of each state at each grid point, by its position among the state's own.
    beyond : ndarray of int, shape (2, n_states)
        Actions of each state where the stock is at most, and at least, what ``ends`` says.
    ends : ndarray, shape (2, n_states)
        ``-G_max`` and ``-G_min`` of each state.
    interpolation : {"nearest", "linear"}
        How stocks are rounded: to the nearer grid point, or to both with the right mean.
    """

    gamma: float
    stocks: np.ndarray
    actions: np.ndarray
    beyond: np.ndarray
    ends: np.ndarray
    interpolation: Interpolation

    def action(self, state: int, stock: float) -> int:
        """Return the action of a state with a stock (that of the nearest grid point)."""
        for end, outside in enumerate((stock <= self.ends[0, state], stock >= self.ends[1, state])):
            if outside:
                return int(self.beyond[end, state])
        return int(self.actions[state, np.argmin(np.abs(self.stocks - stock))])

    def next_stock(
        self, stock: float, reward: float, next_state: int, rng: np.random.Generator | int | None = None
    ) -> float:
        """Return the stock after a reward, on the grid if it is within the range of the next state.

        Parameters
        ----------
        stock, reward : float
            In reward units.
        next_state : int
            Where the outcome led.
        rng : numpy.random.Generator or int, optional
            Where linear interpolation draws one of the two neighbours.

        Returns
        -------
        float
        """
        exact = (stock + reward) / self.gamma
        if not self.ends[0, next_state] < exact < self.ends[1, next_state]:
            return exact
        place, above = _places(self.stocks, np.array(exact), self.interpolation)
        up = bool(above > 0) and np.random.default_rng(rng).random() < above
        return float(self.stocks[int(place) + up])


@dataclass(frozen=True, slots=True, eq=False)
class GridValues:
    """The optimum for every stock of a grid, with bounds.

    Parameters
    ----------
    value : ndarray, shape (n_states, C)
        The optimum of the rounded model.
    lower, upper : ndarray, shape (n_states, C)
        Proven: ``lower <= what the policy attains <= V <= upper``.
    policy : GridPolicy
        With the grid.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    policy: GridPolicy


def grid_values(
    model: OutcomeModel,
    utility: TwoSlopes,
    *,
    step: float | None = None,
    anchor: float = 0.0,
    stock_range: tuple[float, float] | None = None,
    interpolation: Interpolation = "nearest",
) -> GridValues:
    """Maximise E f(c + G) over an infinite horizon, for every state and every stock c of a grid.

    Parameters
    ----------
    model : OutcomeModel
        With 0 < gamma < 1.
    utility : TwoSlopes
        f.
    step : float, optional
        Distance of grid points, in reward units; by default a 500th of the range.
    anchor : float
        A stock that shall be on the grid.
    stock_range : tuple of float, optional
        Which stocks the grid shall cover; by default those between the largest G and the least of any state, negated,
        which it must cover.
    interpolation : {"nearest", "linear"}
        How stocks are rounded.

    Returns
    -------
    GridValues

    Raises
    ------
    CriterionError
        If gamma is 0 or 1.
    ModelError
        If the range does not cover what can be reached, or the step is not positive.
    MemoryError
        If the model on the grid would not fit.

    Examples
    --------
    With a discount of 1/2 and whole rewards a grid of whole stocks rounds nothing:

    >>> import rltheory as rl
    >>> from rltheory.distributional.stock_grid import grid_values
    >>> from rltheory.distributional.two_slopes import TwoSlopes
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> found = grid_values(coin, TwoSlopes(0.0, 1.0), step=1.0)  # G is uniform on [0, 2]
    >>> found.policy.stocks, found.value.round(6)
    (array([-2., -1.,  0.]), array([[-1.  , -0.25,  0.  ]]))
    """
    if not 0 < model.gamma < 1:
        raise CriterionError(f"gamma is {model.gamma:g}; a grid for an infinite horizon needs a discount in (0, 1)")
    ends = stock_ends(model)
    stocks = _grid(ends, step, anchor, stock_range)
    means = [_mean_returns(model, slope) for slope in (utility.below, utility.above)]
    mdp, rounding, far = _on_grid(model, utility, stocks, ends, [mean for mean, _, _ in means], interpolation)
    errors = solve(mdp.replace(r=utility.lipschitz * model.gamma * rounding), tol=_tolerance(model, far)).upper
    found = solve(mdp, tol=_tolerance(model, far))
    spread = utility.lipschitz * max(error for _, error, _ in means)
    shape = (model.n_states, stocks.size)
    value, low, high, lost = (x[:-1].reshape(shape) for x in (found.value, found.lower, found.upper, errors))
    beyond = np.stack([policy for _, _, policy in means])
    lower, upper = low - lost - spread, high + lost + spread
    for array in (stocks, beyond, ends, lower, upper):
        array.flags.writeable = False
    policy = GridPolicy(model.gamma, stocks, found.policy[:-1].reshape(shape), beyond, ends, interpolation)
    return GridValues(value, lower, upper, policy)


def maximise_on_stock_grid(
    model: OutcomeModel,
    utility: TwoSlopes,
    *,
    stock: float = 0.0,
    start: int | None = None,
    tol: float | None = None,
    step: float | None = None,
    interpolation: Interpolation = "nearest",
) -> StockSolution:
    """Maximise E f(c_0 + G) over an infinite horizon, from one start.

    Parameters
    ----------
    model, utility, step, interpolation
        As for `grid_values`.
    stock : float
        c_0, in reward units; it is put on the grid.
    start : int, optional
        The first state; by default drawn from ``mu``.
    tol : float, optional
        Make the grid finer until ``gap <= tol``.

    Returns
    -------
    StockSolution
        The law is not computed.

    Raises
    ------
    CriterionError, ModelError, MemoryError
        As for `grid_values`.

    Warns
    -----
    ConvergenceWarning
        If ``tol`` needs more than 200,000 grid points.
    """
    mu = start_distribution(model, start)
    step = default_step(model) if step is None else step
    while True:
        found = grid_values(model, utility, step=step, anchor=stock, interpolation=interpolation)
        value, low, high = (mu @ x for x in _at(model, utility, found, stock))
        finer = refined(found.policy, step, high - low, tol)
        if finer is None:
            break
        step = finer
    method = f"stock grid, {found.policy.stocks.size} stocks, {interpolation} interpolation"
    return StockSolution(float(value), float(low), float(high), float(stock), found.policy, None, method)


def refined(policy: GridPolicy, step: float, gap: float, tol: float | None) -> float | None:
    """Return the step of a grid that should have a gap of ``tol``, or None if this one is the last.

    Warns
    -----
    ConvergenceWarning
        If it would have too many points.
    """
    if tol is None or gap <= tol:
        return None
    if tol <= 0:
        raise ModelError(f"tol is {tol}; it must be positive")
    finer = step * max(0.9 * tol / gap, 1 / 64)
    if policy.stocks.size * step / finer > _MOST_STOCKS:
        warnings.warn(f"tol = {tol:g} needs too fine a grid; the gap is {gap:.3g}", ConvergenceWarning, stacklevel=3)
        return None
    return finer


def stock_ends(model: OutcomeModel) -> np.ndarray:
    """Return -G_max and -G_min of each state, shape (2, n_states): beyond them the sign of c + G is known.

    They are the extremes over all paths, bounded from outside: an MDP in which outcomes are chosen, too.
    """
    happens = model.prob > 0
    r, row = model.reward[happens], np.arange(int(happens.sum()))
    P = coo_array((np.ones(r.size), (row, model.next_state[happens])), (r.size, model.n_states)).tocsr()
    outcomes = np.concatenate([[0], np.cumsum(happens.sum(axis=1))])[model.pair_start]
    chosen = MDP(P, r, model.gamma, model.mu, outcomes)
    tol = _MEAN_TOLERANCE * (1 + np.abs(r).max() / (1 - model.gamma))
    return np.stack([-solve(chosen, tol=tol).upper, solve(chosen.replace(r=-r), tol=tol).upper]) + 0.0


def default_step(model: OutcomeModel) -> float:
    """Return a 500th of the range of stocks."""
    ends = stock_ends(model)
    return _step_between(float(ends[0].min()), float(ends[1].max()))


def _step_between(low: float, high: float) -> float:
    """Return a 500th of a range, and not too small a number if it is but a point."""
    return max(high - low, _LEAST_RANGE * (1 + abs(low) + abs(high))) / CELLS


def _grid(ends: np.ndarray, step: float | None, anchor: float, stock_range: tuple[float, float] | None) -> np.ndarray:
    least, most = float(ends[0].min()), float(ends[1].max())
    low, high = (least, most) if stock_range is None else stock_range
    if not (low <= least and most <= high):
        raise ModelError(f"stock_range is {stock_range}; it must cover -G_max = {least:g} to -G_min = {most:g}")
    step = _step_between(low, high) if step is None else step
    if not (step > 0 and np.isfinite(step)):
        raise ModelError(f"step is {step}; the distance of grid points must be positive")
    slack = 1e-9
    first, last = np.floor((low - anchor) / step + slack), np.ceil((high - anchor) / step - slack)
    require_memory(8 * (last - first), f"a grid of {last - first:.3g} stocks", remedy="take a larger step")
    return anchor + step * np.arange(first, last + 1)


def _mean_returns(model: OutcomeModel, slope: float) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the mean returns that a slope asks for (largest, or smallest), what they may be wrong by, and a policy."""
    sign = 1.0 if slope >= 0 else -1.0
    mdp = model.to_mdp()
    scale = 1 + np.abs(mdp.r).max() / (1 - model.gamma)
    found = solve(mdp.replace(r=sign * mdp.r), tol=_MEAN_TOLERANCE * scale)
    return sign * found.value, found.gap, found.policy


def _places(stocks: np.ndarray, stock: np.ndarray, interpolation: Interpolation) -> tuple[np.ndarray, np.ndarray]:
    """Return the grid point below each stock (or the nearest), and the weight of the next one."""
    place = (stock - stocks[0]) / (stocks[1] - stocks[0]) if stocks.size > 1 else np.zeros_like(stock)
    if interpolation == "nearest":
        return np.clip(np.rint(place), 0, stocks.size - 1).astype(np.int64), np.zeros_like(place)
    below = np.clip(np.floor(place), 0, max(stocks.size - 2, 0)).astype(np.int64)
    return below, np.clip(place - below, 0.0, 1.0)


def _on_grid(
    model: OutcomeModel,
    utility: TwoSlopes,
    stocks: np.ndarray,
    ends: np.ndarray,
    means: list[np.ndarray],
    interpolation: Interpolation,
) -> tuple[MDP, np.ndarray, float]:
    """Return the MDP of states with grid points and one sink, the expected distance of each row's rounding, and the
    largest value beyond the ends.
    """
    if interpolation not in ("nearest", "linear"):
        raise ModelError(f"interpolation is {interpolation!r}; it is 'nearest' or 'linear'")
    n_stocks, counts, start = stocks.size, model.action_counts, model.pair_start
    n_rows, B = n_stocks * model.n_pairs, model.prob.shape[1]
    require_memory(100 * n_rows * B, f"a model of {n_rows:,} rows on {n_stocks} stocks", remedy="take a larger step")
    pair = np.concatenate([np.tile(np.arange(start[s], start[s + 1]), n_stocks) for s in range(model.n_states)])
    at = np.concatenate([np.repeat(np.arange(n_stocks), count) for count in counts])
    stock = (stocks[at][:, None] + model.reward[pair]) / model.gamma
    prob, state = model.prob[pair], model.next_state[pair].astype(np.int64)
    above, inside = stock >= ends[1][state], (stock > ends[0][state]) & (stock < ends[1][state])
    tail = np.where(above, utility.above * (stock + means[1][state]), utility.below * (stock + means[0][state]))
    tail = np.where(inside | (prob == 0), 0.0, tail)
    near, weight = _places(stocks, stock, interpolation)
    weight = np.where(inside, weight, 0.0)
    far = near + (weight > 0)
    distance = (1 - weight) * np.abs(stock - stocks[near]) + weight * np.abs(stock - stocks[far])
    sink, row = model.n_states * n_stocks, np.broadcast_to(np.arange(n_rows)[:, None], stock.shape)
    data = np.stack([prob * (1 - weight), prob * weight]).ravel()
    columns = np.where(inside, state * n_stocks + np.stack([near, far]), sink).ravel()
    keep = np.append(data > 0, True)
    entries = [np.append(x, last)[keep] for x, last in ((data, 1.0), (np.stack([row, row]), n_rows), (columns, sink))]
    P = coo_array((entries[0], (entries[1], entries[2])), (n_rows + 1, sink + 1)).tocsr()
    r = np.append(model.gamma * (prob * tail).sum(axis=1), 0.0)
    pair_start = np.concatenate([[0], np.cumsum(np.repeat(counts, n_stocks)), [n_rows + 1]])
    rounding = np.append(np.where(inside, prob * distance, 0.0).sum(axis=1), 0.0)
    mu = np.bincount([sink], minlength=sink + 1)  # a start is of no concern here
    return MDP(P, r, model.gamma, mu, pair_start), rounding, float(np.abs(tail).max(initial=0.0))


def _tolerance(model: OutcomeModel, far: float) -> float:
    """Return an accuracy that the solvers reach, and that is below what a grid of any use takes."""
    return 1e-9 * (1 + far / (1 - model.gamma))


def _at(
    model: OutcomeModel, utility: TwoSlopes, found: GridValues, stock: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return value and bounds of each state with a stock that is on the grid, or beyond its ends."""
    stocks = found.policy.stocks
    if stocks[0] <= stock <= stocks[-1]:
        at = np.argmin(np.abs(stocks - stock))
        return found.value[:, at], found.lower[:, at], found.upper[:, at]
    slope = utility.below if stock < stocks[0] else utility.above
    mean, error, _ = _mean_returns(model, slope)
    value = slope * (stock + mean)
    return value, value - abs(slope) * error, value + abs(slope) * error
