"""What a program over laws maximises, and its answer with a bound from dynamic programming."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.distributional.law_constraints import Constraint, Row
from rltheory.distributional.occupancy_program import ReachableLaws, solve_program
from rltheory.distributional.stock_answer import StockSolution
from rltheory.models import CriterionError


@dataclass(frozen=True, slots=True, eq=False)
class LawGoal:
    """A concave function Phi of the law g, in the three forms in which a program needs it.

    Parameters
    ----------
    objective : callable
        From a cvxpy expression to a cvxpy expression.
    value : callable
        From probabilities to a number.
    bound : callable
        From the law found and the program's multipliers to ``constant, worth`` with ``Phi(g) <= constant + worth @ g``.
    """

    objective: Callable[[Any], Any]
    value: Callable[[np.ndarray], float]
    bound: Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


def concave_goal(
    objective: Callable[[Any], Any],
    value: Callable[[np.ndarray], float],
    gradient: Callable[[np.ndarray], np.ndarray | None],
) -> LawGoal:
    """Return the goal whose bound is the tangent at the law found."""

    def tangent(mass: np.ndarray, _: np.ndarray) -> tuple[float, np.ndarray]:
        slope = gradient(mass)
        if slope is None or not np.isfinite(slope).all():
            return np.inf, np.zeros(mass.size)
        return value(mass) - float(slope @ mass), slope

    return LawGoal(objective, value, tangent)


def solved(laws: ReachableLaws, goal: LawGoal, subject_to: Sequence[Constraint], method: str) -> StockSolution:
    """Solve one program for each combination of branches, and keep the best answer and the largest bound."""
    branches = [constraint.branches(laws.atoms) for constraint in subject_to]
    found = [one for rows in itertools.product(*branches) if (one := _solved_branch(laws, goal, rows, method))]
    if not found:
        _refuse(laws, branches)
    best = max(found, key=lambda one: one.value)
    mass = laws.mass_of(best.policy)
    missed = [min(level - float(row @ mass) for row, level in rows) for rows in branches]
    return StockSolution(
        value=best.value,
        lower=best.value,
        upper=max(best.value, *(one.upper for one in found)),
        stock=laws.stock,
        policy=best.policy,
        law=best.law,
        method=method,
        prices=best.prices,
        violation=max([0.0, *missed]),
    )


def _solved_branch(laws: ReachableLaws, goal: LawGoal, rows: Sequence[Row], method: str) -> StockSolution | None:
    matrix = np.array([row for row, _ in rows]).reshape(len(rows), laws.atoms.size)
    levels = np.array([level for _, level in rows], dtype=np.float64)
    optimum = solve_program(laws, goal.objective, matrix, levels)
    if optimum is None:
        return None
    _, greedy = laws.best(goal.bound(np.maximum(optimum.mass, 0), optimum.slope)[1] + optimum.prices @ matrix)
    policy = laws.policy_of(optimum.visits, greedy)
    mass = laws.mass_of(policy)
    constant, worth = goal.bound(mass, optimum.slope)
    above = constant + laws.best(worth + optimum.prices @ matrix)[0] - float(optimum.prices @ levels)
    value, law = goal.value(mass), laws.law_of_return(mass)
    return StockSolution(value, value, above, laws.stock, policy, law, method, prices=tuple(optimum.prices.tolist()))


def _refuse(laws: ReachableLaws, branches: Sequence[Sequence[Row]]) -> None:
    """Raise, naming a constraint that cannot be kept alone, if there is one."""
    for k, rows in enumerate(branches):
        most, level = max(laws.best(row)[0] for row, _ in rows), rows[0][1]
        if most < level:
            raise CriterionError(
                f"constraint {k} cannot be kept: every policy attains at most {most:.6g} (proven), and {level:.6g} is"
                " asked; lower its level"
            )
    raise CriterionError(
        "each constraint can be kept alone, but the solver finds no policy that keeps all; lower one of their levels"
    )
