r"""How long zero-sum Markov games take: 1,000 states, three actions each, gamma = 0.95, proven to 1e-6.

Each solver's time includes its certificate, two MDPs in which one player answers the other's policy. Beside them stands
what is usually done: one linear program for each state in each sweep, and sweeps until the last change is at most
:math:`\varepsilon (1 - \gamma) / \gamma`, so that the value is within :math:`\varepsilon` on either side; the policies
are not certified. One such sweep is timed, and multiplied by the sweeps that this rule takes.

Run as ``python -m benchmarks.markov_games``; it takes two minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from benchmarks.roofline import fastest
from rltheory.games.markov import (
    MarkovGame,
    markov_double_oracle,
    newton_iteration,
    shapley_backup,
    shapley_iteration,
    strategy_iteration,
)
from rltheory.games.markov.solution import ZeroSumSolution

GAMMA, TOL = 0.95, 1e-6


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    successors: int
    method: str
    seconds: float
    rounds: int
    gap: float


def random_game(n_states: int, actions: int, successors: int, *, seed: int = 0) -> MarkovGame:
    """Return a game with rewards in [0, 1] and so many next states of each joint action, anywhere."""
    rng = np.random.default_rng(seed)
    n_joint = n_states * actions**2
    columns = np.argsort(rng.random((n_joint, n_states)), axis=1)[:, :successors]
    data = rng.dirichlet(np.ones(successors), size=n_joint)
    start = np.arange(0, n_joint * successors + 1, successors)
    P = csr_array((data.reshape(-1), columns.reshape(-1), start), shape=(n_joint, n_states))
    r = rng.random(n_joint)
    return MarkovGame(P, np.stack([r, -r]), np.full((n_states, 2), actions), GAMMA)


def timed(game: MarkovGame, solver: Callable[..., ZeroSumSolution], successors: int) -> Row:
    """Time a solver, its loops compiled."""
    solution = solver(game, tol=TOL)
    return Row(successors, solution.method, fastest(lambda: solver(game, tol=TOL)), solution.iterations, solution.gap)


def by_programs(game: MarkovGame, successors: int) -> Row:
    """Return what a linear program for each state in each sweep would take."""
    v, sweeps = np.zeros(game.n_states), 0
    while True:
        sweeps += 1
        sweep = shapley_backup(game, v)
        if sweep.residual <= TOL * (1 - GAMMA) / GAMMA:
            break
        v = sweep.backed_up

    def one_sweep() -> None:
        payoffs = game.r[0] + GAMMA * (game.P @ v)
        for own, sizes in zip(np.split(payoffs, game.joint_start[1:-1]), game.action_counts, strict=True):
            _matrix_value(own.reshape(sizes))

    return Row(successors, "linear programs, sup norm (estimated)", sweeps * fastest(one_sweep), sweeps, 2 * TOL)


def _matrix_value(A: np.ndarray) -> float:
    m, n = A.shape
    program = linprog(
        [0.0] * m + [-1.0],
        A_ub=np.hstack([-A.T, np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=[[1.0] * m + [0.0]],
        b_eq=[1.0],
        bounds=[(0, 1)] * m + [(None, None)],
    )
    return float(-program.fun)


def main() -> None:
    """Print the table."""
    solvers = (shapley_iteration, newton_iteration, strategy_iteration, markov_double_oracle)
    print(f"{'successors':>10}  {'method':<38} {'seconds':>9} {'rounds':>7} {'gap':>11}")
    for successors in (2, 10, 1000):
        game = random_game(1000, 3, successors)
        rows = [timed(game, solver, successors) for solver in solvers] + [by_programs(game, successors)]
        for row in rows:
            print(f"{row.successors:>10}  {row.method:<38} {row.seconds:>9.3f} {row.rounds:>7} {row.gap:>11.2g}")


if __name__ == "__main__":
    main()
