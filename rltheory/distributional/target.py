r"""Reaching a target, generating a desired return, keeping a balance: what a stock is most plainly for.

*Target*: :math:`\max_\pi P(G \ge g)` is the expected utility :math:`1\{x \ge 0\}` of :math:`c_0 + G` with
:math:`c_0 = -g`. *Quantiles* follow, since they only ask how small the probability of falling short can be made:

.. math::

   \max_\pi q^-_\tau(G) = \max\{y : \min_\pi P(G < y) < \tau\}, \qquad
   \max_\pi q^+_\tau(G) = \max\{y : \min_\pi P(G < y) \le \tau\},

over the totals y that can be met (the lower quantile, and the value at risk; derived here, see also Hau et al. 2023).
The minimum increases with y, so that bisection finds the last y. *Desired return*: :math:`\min_\pi E|G - g|`, with one
table for every g. *Balance*: rewards change several quantities, and the stock is how far each is from its set point.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from rltheory.distributional._arguments import checked_level, require_end, start_distribution
from rltheory.distributional.law import LEVEL_TOLERANCE
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.unfold import unfold
from rltheory.distributional.utility import best_at_end, maximise_utility
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import CriterionError, ModelError, OutcomeModel

_SAME = 1e-9


def maximise_target_probability(
    model: OutcomeModel, target: float, *, H: int | None, start: int | None = None, max_nodes: int = 5_000_000
) -> StockSolution:
    """Maximise the probability that the return is at least a target.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    target : float
        g, in reward units. A return within 1e-9 of it, relative to the largest total, has reached it.
    H : int
        Number of steps; a probability is not Lipschitz, so that nothing can be said of an infinite horizon.
    start : int, optional
        The first state; by default drawn from ``mu``.
    max_nodes : int
        Limit on states with stock, as for `unfold`.

    Returns
    -------
    StockSolution
        Exact; ``value`` is the probability, and ``stock`` is minus the target.

    Raises
    ------
    CriterionError
        If there is no horizon, or there are more than ``max_nodes`` nodes.
    ModelError
        If an argument does not fit the model.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.target import maximise_target_probability
    >>> game = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> [maximise_target_probability(game, g, H=3).value for g in (0, 1, 2, 3, 4)]
    [1.0, 0.625, 0.25, 0.125, 0.0]
    """
    H = _required_horizon(model, H)
    start_distribution(model, start)
    unfolded = unfold(model, H, start=start, stock=-float(target), max_nodes=max_nodes)
    stock = unfolded.layers[-1].stock
    reached = stock >= -_SAME * max(1.0, np.abs(stock).max(), abs(target))
    method = f"probability of a target, {unfolded.n_nodes} nodes"
    return best_at_end(unfolded, reached.astype(np.float64), stock=-float(target), start=start, method=method)


def maximise_value_at_risk(
    model: OutcomeModel,
    tau: float,
    *,
    H: int | None,
    side: Literal["lower", "upper"] = "upper",
    start: int | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Maximise a quantile of the return.

    Parameters
    ----------
    model, H, start, max_nodes
        As for `maximise_target_probability`.
    tau : float
        Level in (0, 1].
    side : {"lower", "upper"}
        Which quantile, as for `DiscreteLaw.quantile`; the upper one is the value at risk, for :math:`\tau = 1` the
        largest value.

    Returns
    -------
    StockSolution
        Exact; ``value`` is the quantile, and the policy makes falling short of it as unlikely as possible.

    Raises
    ------
    CriterionError, ModelError
        As for `maximise_target_probability`, and if the level or the side is none.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.target import maximise_value_at_risk
    >>> game = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> [maximise_value_at_risk(game, tau, H=3).value for tau in (0.3, 0.5, 0.8, 1.0)]
    [0.0, 1.0, 2.0, 3.0]
    """
    tau = checked_level(tau)
    if side not in ("lower", "upper"):
        raise ModelError(f"side is {side!r}; it is 'lower' or 'upper'")
    H = _required_horizon(model, H)
    mu = start_distribution(model, start)
    unfolded = unfold(model, H, start=start, max_nodes=max_nodes)
    end = unfolded.layers[-1].stock
    totals, grain = np.unique(end), _SAME * max(1.0, np.abs(end).max())

    def possible(y: float) -> bool:
        values, _ = best_expectation(unfolded, (end >= y - grain).astype(np.float64))
        reached = float(mu[unfolded.layers[0].state] @ values[0])
        if side == "lower":
            return 1 - reached < tau - LEVEL_TOLERANCE
        return 1 - reached <= tau + LEVEL_TOLERANCE if tau < 1 else reached > 0

    low, high = 0, totals.size  # possible(totals[low]) holds: nothing falls short of the smallest total
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if possible(float(totals[middle])) else (low, middle)
    best = float(totals[low])
    answer = maximise_target_probability(model, best, H=H, start=start, max_nodes=max_nodes)
    method = f"{side} quantile by bisection over {totals.size} returns, {unfolded.n_nodes} nodes"
    return StockSolution(best, best, best, -best, answer.policy, answer.law, method)


def generate_return(
    model: OutcomeModel,
    target: float,
    *,
    H: int | None = None,
    start: int | None = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Come as near to a desired return as possible on average: minimise :math:`E|G - g|`.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    target : float
        g, in reward units.
    H, start, tol, max_nodes
        As for `maximise_utility`.

    Returns
    -------
    StockSolution
        ``value`` is minus the mean distance.

    Raises
    ------
    CriterionError, ModelError
        As for `maximise_utility`.

    Examples
    --------
    Coins of 1, 2 and 5 in three steps:

    >>> import rltheory as rl
    >>> from rltheory.distributional.target import generate_return
    >>> coins = rl.OutcomeModel.from_tables([[0, 0, 0]], [[1, 2, 5]], gamma=1.0)
    >>> generate_return(coins, 8, H=3).law, generate_return(coins, 10, H=3).value
    (DiscreteLaw({8: 1}), -1.0)
    """
    return maximise_utility(
        model, TwoSlopes(-1.0, 1.0), H=H, stock=-float(target), start=start, tol=tol, max_nodes=max_nodes
    )


def regulate(
    model: OutcomeModel,
    reward: Any,
    deviation: Any,
    *,
    H: int | None,
    squared: bool = False,
    start: int | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    r"""Keep several quantities near their set points: minimise :math:`E\|c_H\|`, the final distance from balance.

    Parameters
    ----------
    model : OutcomeModel
        The model; its own rewards are not used. With a discount, changes count the less the later they come.
    reward : array_like, shape (n_pairs, B, m)
        How each outcome changes each quantity.
    deviation : array_like, shape (m,)
        How far each is from its set point at the start.
    H : int
        Number of steps.
    squared : bool
        Whether to minimise the expected squared distance instead.
    start, max_nodes
        As for `maximise_utility`.

    Returns
    -------
    StockSolution
        Exact; ``value`` is minus the expected (squared) Euclidean distance at the end.

    Raises
    ------
    CriterionError, ModelError
        As for `maximise_utility`.

    Examples
    --------
    Eating or drinking, with two of each wanted:

    >>> import rltheory as rl
    >>> from rltheory.distributional.target import regulate
    >>> day = rl.OutcomeModel.from_tables([[0, 0]], [[0, 0]], gamma=1.0)
    >>> [regulate(day, [[[1.0, 0.0]], [[0.0, 1.0]]], [-2.0, -2.0], H=H).value for H in (2, 4, 5)]
    [-1.4142..., 0.0, -1.0]
    """
    H = _required_horizon(model, H)

    def distance(x: np.ndarray) -> np.ndarray:
        return -(x**2).sum(axis=1) if squared else -np.sqrt((x**2).sum(axis=1))

    stock = np.asarray(deviation, dtype=np.float64)
    return maximise_utility(model, distance, H=H, stock=stock, reward=reward, start=start, max_nodes=max_nodes)


def penalised_shortfalls(weight: float) -> Any:
    r"""Return the utility :math:`f(x) = x_1 + \lambda \sum_{i \ge 2} \min(x_i, 0)` of a return with budgets.

    Parameters
    ----------
    weight : float
        :math:`\lambda \ge 0`, the price of a unit that a budget falls short of 0.

    Returns
    -------
    callable
        From stocks of shape (n, m) to (n,), for `maximise_utility` with ``reward`` of m kinds.

    Raises
    ------
    ModelError
        If the weight is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.distributional.target import penalised_shortfalls
    >>> penalised_shortfalls(10.0)(np.array([[5.0, 1.0], [6.0, -1.0]]))
    array([ 5., -4.])
    """
    if not weight >= 0:
        raise ModelError(f"weight is {weight}; a price is not negative")
    return lambda x: x[:, 0] + weight * np.minimum(x[:, 1:], 0.0).sum(axis=1)


def _required_horizon(model: OutcomeModel, H: int | None) -> int:
    require_end(model, H)
    if H is None:
        raise CriterionError("this objective has no answer here over an infinite horizon; set a horizon H")
    return H
