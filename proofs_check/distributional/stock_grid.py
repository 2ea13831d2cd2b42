r"""Theorems about grids of stocks: what rounding the stock may take, over an infinite horizon.

Models end for good after a few steps, so that the returns of an infinite horizon are those of a short one, and every
achievable law can be listed. Notation as in `proofs_check.distributional.stock`; $h$ is the distance of grid points.
"""

from __future__ import annotations

from functools import cache, partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.distributional.achievable import achievable, best, cvar, ending
from proofs_check.distributional.stock import SLOPES, STOCKS, optimum, tiny_models
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.distributional.bounds import stock as bounds
from rltheory.distributional.cvar import SHORTFALL, on_grid
from rltheory.distributional.stock_grid import GridValues, grid_values, stock_ends
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.models import OutcomeModel

_N = 3
_SOLVERS = 100.0  # the scale at which the solvers' own accuracy is allowed for
_ENDING = tiny_models(0.5, 0.8).map(lambda model: ending(model, _N))
_GRIDS = st.sampled_from([1.0, 0.7, 0.3])
_INTERPOLATIONS = st.sampled_from(["nearest", "linear"])


def _on_grid(model: OutcomeModel, f: TwoSlopes, stock: float, step: float, how: str) -> tuple[GridValues, int]:
    found = grid_values(model, f, step=step, anchor=stock, interpolation=how)  # type: ignore[arg-type]
    return found, int(np.argmin(np.abs(found.policy.stocks - stock)))


def _within(model: OutcomeModel, stock: float) -> float:
    """Return a stock of the range between -G_max and -G_min."""
    low, high = stock_ends(model)[:, 0]
    return float(min(max(stock, low), high))


def _grid_error(model: OutcomeModel, stock: float, f: TwoSlopes, step: float, how: str) -> Check:
    stock = _within(model, stock)
    found, at = _on_grid(model, f, stock, step, how)
    error = abs(found.value[0, at] - optimum(achievable(model, _N, 0), f, stock))
    return Check(error, bounds.stock_grid_error(model.gamma, step, f.lipschitz), scale=_SOLVERS)


def _drifting(step: float = 0.125) -> Check:
    """A reward of a quarter of a step, for ever: from -h the stock is rounded up by h / 2 to -h again, and what it ends
    with seems to be 0. An action that is never taken makes the range wide.
    """
    reward = step / 4 * (1 + 1e-9)
    actions = [[(1.0, 0, reward)], [(0.5, 1, -3.0), (0.5, 1, 1.0)]]
    model = OutcomeModel.from_lists([actions, [[(1.0, 1, 0.0)]]], gamma=0.5, mu=0)
    found, at = _on_grid(model, TwoSlopes(1, 1), -step, step, "nearest")
    error = abs(found.value[0, at] - (2 * reward - step))
    return Check(error, bounds.stock_grid_error(0.5, step, 1.0))


grid_error = Theorem(
    name="stock-grid-error",
    statement=r"$|V_h(s, c) - V(s, c)| \le \frac{\gamma L h}{2(1-\gamma)}$ at the points $c$ of a grid of stocks.",
    source="derived here",
    assumptions=(
        r"$f$ linear on each half-line, $\gamma < 1$; stocks are rounded to the nearest point, or to both neighbours "
        r"with the right mean. For a rounding at step $t$ moves the total by $\gamma^t h / 2$"
    ),
    instances=st.tuples(_ENDING, STOCKS, SLOPES, _GRIDS, _INTERPOLATIONS),
    check=_grid_error,
    refutable=scaled(_grid_error, rhs=0.0),  # false: rounding takes nothing
    tight=_drifting,
    tight_ratio=0.999999,
    attained_by="A reward of a quarter of a step, which is rounded away again and again,",
)


def _enclosure(model: OutcomeModel, stock: float, f: TwoSlopes, step: float, how: str, honest: bool = True) -> Check:
    stock = _within(model, stock)
    found, at = _on_grid(model, f, stock, step, how)
    exact = optimum(achievable(model, _N, 0), f, stock)
    low, high = (found.lower, found.upper) if honest else (found.value - 1e-7, found.value + 1e-7)
    return Check.everywhere([low[0, at], exact], [exact, high[0, at]])


enclosure = Theorem(
    name="stock-grid-enclosure",
    statement=(
        r"$|V_h - V| \le E$, where $E$ is the optimum of the rounded model whose reward is $\gamma L$ times the "
        r"expected distance of a rounding."
    ),
    source="derived here",
    assumptions="as for stock-grid-error; the largest of several numbers changes by at most as much as they do",
    instances=st.tuples(_ENDING, STOCKS, SLOPES, _GRIDS, _INTERPOLATIONS),
    check=_enclosure,
    refutable=partial(_enclosure, honest=False),  # false: rounding takes nothing
)


def _attained(model: OutcomeModel, found: GridValues, stock: float, f: TwoSlopes) -> float:
    """Return E f(c_0 + G) under the controller that goes on from rounded stocks, by following every path."""
    policy, gamma = found.policy, model.gamma

    @cache
    def ahead(s: int, rounded: float, total: float, t: int) -> float:
        if t == _N:
            return float(f(total))
        i = int(model.pair_start[s]) + policy.action(s, rounded)
        entries = zip(model.prob[i].tolist(), model.next_state[i].tolist(), model.reward[i].tolist(), strict=True)
        return sum(
            p * ahead(j, policy.next_stock(rounded, r, j), total + gamma**t * r, t + 1) for p, j, r in entries if p > 0
        )

    return ahead(0, stock, stock, 0)


def _controller(model: OutcomeModel, stock: float, f: TwoSlopes, step: float, honest: bool = True) -> Check:
    stock = _within(model, stock)
    found, at = _on_grid(model, f, stock, step, "nearest")
    low = found.lower if honest else found.value
    return Check(low[0, at], _attained(model, found, stock, f), scale=_SOLVERS)


_LOTTERY = OutcomeModel.from_lists([[[(0.65, 0, -1.0), (0.35, 0, 3.0)]]], gamma=0.8)


controller = Theorem(
    name="stock-grid-controller",
    statement=r"The controller that goes on from the rounded stock attains at least $V_h - E$.",
    source="derived here",
    assumptions="as for stock-grid-enclosure, rounding to the nearest point",
    instances=st.tuples(_ENDING, STOCKS, SLOPES, _GRIDS) | st.just((ending(_LOTTERY, _N), -4.0, TwoSlopes(1, 3), 0.7)),
    check=_controller,
    refutable=partial(_controller, honest=False),  # false: it attains what the grid says
)


def _closed_range(model: OutcomeModel, beyond: float, f: TwoSlopes, end: int, clipped: bool = False) -> Check:
    low, high = stock_ends(model)[:, 0]
    laws = achievable(model, _N, 0)
    slope = (f.below, f.above)[end]
    means = [float(x @ p) for x, p in (np.array(law).T for law in laws)]
    stock = (low, high)[end] + (-beyond if end == 0 else beyond)
    inside = (low, high)[end] if clipped else stock
    return Check.equal(optimum(laws, f, stock), slope * inside + max(slope * mean for mean in means))


closed_range = Theorem(
    name="stock-closed-range",
    statement=(
        r"$V(s, c) = a_+ c + \max_\pi a_+ E G$ for $c \ge -G_{\min}(s)$ and $V(s, c) = a_- c + \max_\pi a_- E G$ "
        r"for $c \le -G_{\max}(s)$."
    ),
    source="derived here",
    assumptions=(
        r"$f$ linear on each half-line; $G_{\min}(s) \le G \le G_{\max}(s)$ on every path from $s$, so that the sign "
        r"of $c + G$ is known"
    ),
    instances=st.tuples(_ENDING, st.sampled_from([0.0, 0.5, 2.0]), SLOPES, st.integers(0, 1)),
    check=_closed_range,
    refutable=partial(_closed_range, clipped=True),  # false: stocks may be clipped to the range
)


def _cvar_enclosure(model: OutcomeModel, tau: float, honest: bool = True) -> Check:
    exact = best(achievable(model, _N, 0), lambda x, p: cvar(x, p, tau))
    found = on_grid(model, SHORTFALL, [1 / tau], 0, None)[0]
    low, high = (found.lower, found.upper) if honest else (found.value - 1e-7, found.value + 1e-7)
    return Check.everywhere([low, exact], [exact, high])


cvar_enclosure = Theorem(
    name="cvar-enclosure",
    statement=(
        r"Bounds on $V$ at the points of a grid, and the slopes of $b + V_b/\tau$ in $[-(1/\tau - 1), 1]$ between "
        r"them, enclose the best CVaR of an infinite horizon."
    ),
    source="bauerle2011; derived here",
    assumptions=r"$\gamma < 1$",
    instances=st.tuples(_ENDING, st.sampled_from([0.1, 0.25, 0.5, 0.8, 1.0])),
    check=_cvar_enclosure,
    refutable=partial(_cvar_enclosure, honest=False),  # false: the grid is exact
)

THEOREMS = (grid_error, enclosure, controller, closed_range, cvar_enclosure)
