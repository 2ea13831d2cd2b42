r"""The best expected utility of the return: :math:`\max_\pi E f(c_0 + G)`.

The stock makes it dynamic programming, for every f. Over H steps the *absolute* stock
:math:`b_t = c_0 + \sum_{i<t} \gamma^i R_{i+1}` is exact for any f and any discount,

.. math:: V_H(s, b) = f(b), \qquad V_t(s, b) = \max_a \sum_k p_k V_{t+1}(s'_k, b + \gamma^t r_k).

In the *rescaled* bookkeeping :math:`c_t = \gamma^{-t} b_t` the recursion does not depend on time,

.. math:: V_h(s, c) - f(0) = \alpha \max_a \sum_k p_k \big(V_{h-1}(s'_k, (c + r_k) / \gamma) - f(0)\big),
          \qquad V_0(s, c) = f(c),

which needs a utility that is indifferent to the discount: :math:`f(\gamma x) - f(0) = \alpha (f(x) - f(0))` for all x
and one :math:`\alpha > 0` (Bäuerle and Rieder 2014; Pires et al. 2025). Then both agree. Without a horizon f must
moreover be Lipschitz: `stock_grid`. Stocks may be vectors, for several kinds of reward: budgets, physiological needs.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from rltheory.distributional._arguments import Utility, function_of, require_end, start_distribution, utility_values
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.stock_grid import maximise_on_stock_grid
from rltheory.distributional.two_slopes import as_two_slopes
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import CriterionError, ModelError, OutcomeModel

Convention = Literal["absolute", "rescaled"]

_SAME = 1e-9


def maximise_utility(
    model: OutcomeModel,
    utility: Utility,
    *,
    H: int | None = None,
    stock: Any = 0.0,
    start: int | None = None,
    convention: Convention = "absolute",
    reward: Any = None,
    tol: float | None = None,
    max_nodes: int = 5_000_000,
) -> StockSolution:
    """Maximise an expected utility of the return over all policies, history-dependent and randomised ones included.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    utility : callable, or object whose attribute ``f`` is one
        f, a function of arrays: of shape (n,), or (n, m) with m kinds of reward, to (n,).
    H : int, optional
        Number of steps; by default infinite.
    stock : float or array_like, shape (m,)
        c_0, in reward units: minus a target, a budget.
    start : int, optional
        The first state; by default drawn from ``mu``.
    convention : {"absolute", "rescaled"}
        Bookkeeping of the stock; the answers agree where both apply. Over an infinite horizon it is rescaled.
    reward : array_like, shape (n_pairs, B, m), optional
        Several kinds of reward for each outcome; by default the model's own.
    tol : float, optional
        Over an infinite horizon: the ``gap`` wanted.
    max_nodes : int
        Limit on states with stock, as for `unfold`.

    Returns
    -------
    StockSolution
        Exact with a horizon. Where the stock is a vector, its law at the end is ``policy.masses(start)[-1]`` on
        ``policy.unfolded.layers[-1].stock``.

    Raises
    ------
    CriterionError
        If the convention is rescaled and f is not indifferent to the discount, if there is neither horizon nor
        discount, if without a horizon f is not linear on each half-line, if there are more than ``max_nodes`` nodes.
    ModelError
        If f is not finite where it is needed, or an argument does not fit the model.

    Examples
    --------
    A sure 1, or 0 or 3 by the flip of a coin? It depends on what is owed.

    >>> import rltheory as rl
    >>> from rltheory.distributional.utility import maximise_utility
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> def owed(x):
    ...     return np.minimum(x, 0)
    >>> maximise_utility(offer, owed, H=1, stock=-1.0).law
    DiscreteLaw({1: 1})
    >>> maximise_utility(offer, owed, H=1, stock=-3.0)
    StockSolution(-1.5, exact; initial stock -3; absolute stock, 4 nodes)
    """
    require_end(model, H)
    if convention not in ("absolute", "rescaled"):
        raise ModelError(f"convention is {convention!r}; it is 'absolute' or 'rescaled'")
    if H is None:
        if reward is not None or np.ndim(stock):
            raise CriterionError("stocks that are vectors need a horizon H")
        return maximise_on_stock_grid(model, as_two_slopes(utility), stock=float(stock), start=start, tol=tol)
    start_distribution(model, start)
    unfolded = unfold(model, H, start=start, stock=stock, reward=reward, max_nodes=max_nodes)
    terminal = _rescaled(unfolded, utility) if convention == "rescaled" else _absolute(unfolded, utility)
    method = f"{convention} stock, {unfolded.n_nodes} nodes"
    return best_at_end(unfolded, terminal, stock=stock, start=start, method=method)


def best_at_end(
    unfolded: Unfolded, terminal: np.ndarray, *, stock: Any, start: int | None, method: str
) -> StockSolution:
    """Return the answer to "which policy has the best expectation of ``terminal``, a number for each last node?"."""
    values, policy = best_expectation(unfolded, terminal)
    mu = start_distribution(unfolded.model, start)[unfolded.layers[0].state]
    value = float(mu @ values[0])
    law = policy.law(start).shift(-float(stock)) if unfolded.layers[-1].stock.ndim == 1 else None
    return StockSolution(value, value, value, stock, policy, law, method)


def discount_factor_of(utility: Utility, gamma: float, x: np.ndarray) -> float:
    r"""Return the :math:`\alpha` with :math:`f(\gamma x) - f(0) = \alpha (f(x) - f(0))` for all given x.

    Parameters
    ----------
    utility : callable, or object whose attribute ``f`` is one
        f.
    gamma : float
        Discount in (0, 1].
    x : ndarray, shape (n,) or (n, m)
        Where f is needed.

    Returns
    -------
    float
        1 for a constant f.

    Raises
    ------
    CriterionError
        If there is none: f is not indifferent to the discount. The message names an x that shows it.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.distributional.utility import discount_factor_of
    >>> discount_factor_of(np.square, 0.5, np.array([-1.0, 2.0]))
    0.25
    """
    f = function_of(utility)
    zero = utility_values(f, np.zeros((1, *x.shape[1:])))[0]
    here, there = utility_values(f, x) - zero, utility_values(f, gamma * x) - zero
    most = int(np.argmax(np.abs(here)))
    if here[most] == 0:
        alpha, wrong = 1.0, there != 0
    else:
        alpha = float(there[most] / here[most])
        size = np.abs(here) + np.abs(there) + np.abs(zero)
        wrong = np.abs(there - alpha * here) > _SAME * size
    if wrong.any() or alpha <= 0:
        at = x[np.argmax(wrong)] if wrong.any() else x[most]
        raise CriterionError(
            f"the utility is not indifferent to the discount gamma = {gamma:g}: no alpha > 0 has f(gamma x) - f(0) ="
            f" alpha (f(x) - f(0)) at x = {x[most]} and x = {at} alike, so that a recursion in the rescaled stock would"
            ' optimise something else; use convention="absolute"'
        )
    return alpha


def _absolute(unfolded: Unfolded, utility: Utility) -> np.ndarray:
    return utility_values(function_of(utility), unfolded.layers[-1].stock)


def _rescaled(unfolded: Unfolded, utility: Utility) -> np.ndarray:
    """Return f(b) for the last nodes, from f(c) at their rescaled stock c, once f allows it."""
    f, gamma = function_of(utility), unfolded.model.gamma
    c = unfolded.rescaled_stock(unfolded.H)
    asked = [unfolded.rescaled_stock(t) for t in range(unfolded.H + 1)] if gamma < 1 else [c]
    alpha = discount_factor_of(f, gamma, np.concatenate(asked))
    zero = utility_values(f, np.zeros((1, *c.shape[1:])))[0]
    return zero + alpha**unfolded.H * (utility_values(f, c) - zero)
