"""How long worst cases take: many rows against one vector, next to a convex solver, and whole robust models.

The rows are dense, drawn uniformly from all distributions over 100 states. The same problems, some dozens of them, are
put to CLARABEL by CVXPY, written as one would write them; both the time of all and that inside the solver are quoted.

Run as ``python -m benchmarks.robust``; it takes a minute or two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cvxpy as cp
import numpy as np

import mdps
from benchmarks.roofline import fastest
from rltheory.robust import (
    KL,
    TV,
    ChiSquare,
    Divergence,
    s_rectangular_value_iteration,
    solve,
    worst_case_values,
)
from rltheory.robust.s_rectangular import _Nature

ROWS: list[Divergence] = [kind(**given) for kind in (TV, KL, ChiSquare) for given in ({"lam": 0.3}, {"rho": 0.2})]
NATURES: list[Divergence] = [TV(rho=0.1), TV(lam=0.3), KL(rho=0.1), KL(lam=0.3), ChiSquare(rho=0.1)]
_MOST_APART = 1e-5


@dataclass(frozen=True)
class RowTiming:
    """Worst cases of rows: ours of all, and a convex solver's of a few, in seconds for one row."""

    divergence: Divergence
    rows: int
    seconds: float
    program: float
    solver: float

    @property
    def ours(self) -> float:
        """Seconds for one row."""
        return self.seconds / self.rows


@dataclass(frozen=True)
class ModelTiming:
    """A robust model, or one sweep of it."""

    what: str
    size: str
    seconds: float
    sweeps: int


def time_rows(divergence: Divergence, rows: int = 100_000, n: int = 100, programs: int = 24) -> RowTiming:
    """Time all rows with as many threads as there are, and the first of them as convex programs."""
    rng = np.random.default_rng(0)
    P, v = rng.dirichlet(np.ones(n), size=rows), rng.random(n)
    values = worst_case_values(divergence, P, v)
    program(divergence, P[0], v)  # not timed, as the first of ours is not
    solver, began = 0.0, time.perf_counter()
    found = [program(divergence, p, v) for p in P[:programs]]
    spent = time.perf_counter() - began
    for i, problem in enumerate(found):
        solver += problem.solver_stats.solve_time
        if abs(problem.value - values[i]) > _MOST_APART:
            raise ArithmeticError(f"row {i} of {divergence!r}: {problem.value} by CLARABEL, {values[i]} by us")
    seconds = fastest(partial(worst_case_values, divergence, P, v))
    return RowTiming(divergence, rows, seconds, spent / programs, solver / programs)


def program(divergence: Divergence, p: np.ndarray, v: np.ndarray) -> cp.Problem:
    """Return the worst case of a row as a solved convex program."""
    mu = cp.Variable(p.size, nonneg=True)
    distances: dict[type, Callable[[], cp.Expression]] = {
        TV: lambda: cp.norm1(mu - p) / 2,
        KL: lambda: cp.sum(cp.kl_div(mu, p)),
        ChiSquare: lambda: cp.sum(cp.multiply(1 / p, cp.square(mu - p))),
    }
    distance, rules = distances[type(divergence)](), [cp.sum(mu) == 1]
    if divergence.is_penalty:
        problem = cp.Problem(cp.Minimize(mu @ v + divergence.lam * distance), rules)
    else:
        problem = cp.Problem(cp.Minimize(mu @ v), [*rules, distance <= divergence.rho])
    problem.solve(solver=cp.CLARABEL)
    return problem


def time_models(n_states: int = 100_000, few: int = 1000, n_actions: int = 4, successors: int = 5) -> list[ModelTiming]:
    """Time discounted models whose rows nature moves one by one, and state by state."""
    many = mdps.garnet(n_states, n_actions, successors, gamma=0.95, rng=0)
    small = mdps.garnet(few, n_actions, successors, gamma=0.95, rng=0)
    timings = []
    for divergence in NATURES:
        size, ask = f"{many.n_states:,} states", partial(solve, many, divergence, tol=1e-6)
        timings.append(ModelTiming(f"solve, {divergence!r}", size, _once(ask), ask().iterations))
    for divergence in NATURES:
        sweep = partial(_Nature.of(small, divergence, 1).back_up, 0, np.random.default_rng(0).random(few))
        timings.append(ModelTiming(f"s-rectangular sweep, {divergence!r}", f"{few:,} states", fastest(sweep), 1))
    ask = partial(s_rectangular_value_iteration, small, KL(rho=0.1), tol=1e-6)
    return [*timings, ModelTiming("s-rectangular, KL(rho=0.1)", f"{few:,} states", _once(ask), ask().iterations)]


def _once(ask: Callable[[], object]) -> float:
    """Return the time of a question that has been asked before."""
    ask()
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def print_tables(rows: list[RowTiming], models: list[ModelTiming]) -> None:
    """Print a table of the rows, and one of the models."""
    from rich.console import Console
    from rich.table import Table

    head = ("worst case", "rows", "seconds", "microseconds a row", "CVXPY, ms", "CLARABEL alone, ms", "ratio", "alone")
    table = Table(*head)
    for row in rows:
        ratios = (f"{row.program / row.ours:,.0f}", f"{row.solver / row.ours:,.0f}")
        figures = (f"{row.seconds:.3f}", f"{1e6 * row.ours:.2f}", f"{1e3 * row.program:.2f}", f"{1e3 * row.solver:.2f}")
        table.add_row(repr(row.divergence), f"{row.rows:,}", *figures, *ratios)
    whole = Table("model", "size", "seconds", "sweeps")
    for model in models:
        whole.add_row(model.what, model.size, f"{model.seconds:.3g}", str(model.sweeps))
    Console(width=120).print(table, whole)


def main() -> None:
    print_tables([time_rows(divergence) for divergence in ROWS], time_models())


if __name__ == "__main__":
    main()
