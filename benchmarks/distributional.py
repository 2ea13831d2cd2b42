r"""How long dynamic programming with stock takes, and how near its sweeps come to what memory allows.

A sweep over S states, A actions, B outcomes and C stocks must read S A B C values of the next step: the roofline is the
time to read a buffer as large as the S C values, A B times (so that what fits a cache is compared with the cache). A
sweep over laws of m atoms, for chosen actions only, must read the S C m probabilities of the next step at least once,
and write as many: the roofline is the time to read a buffer of both.

Run as ``python -m benchmarks.distributional``; it takes a minute.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.roofline import fastest, read_time
from rltheory import OutcomeModel
from rltheory.distributional import lattice as kernels
from rltheory.distributional.cvar import cvar_curve
from rltheory.distributional.lattice import Lattice, lattice_values
from rltheory.distributional.stock_grid import grid_values
from rltheory.distributional.two_slopes import TwoSlopes
from rltheory.distributional.utility import maximise_utility
from rltheory.planning import use_threads

LEVELS = np.linspace(0.05, 1.0, 20)


@dataclass(frozen=True)
class Timing:
    """One row of the table."""

    what: str
    size: str
    seconds: float
    megabytes: float
    share: float | None = None


def shortfall(x: np.ndarray) -> np.ndarray:
    """The utility of CVaR."""
    return np.minimum(x, 0.0)


def random_model(n_states: int, n_actions: int, n_outcomes: int, *, gamma: float = 1.0, seed: int = 0) -> OutcomeModel:
    """Return a model with rewards -2..2, whose outcomes lead anywhere."""
    rng = np.random.default_rng(seed)
    shape = (n_states * n_actions, n_outcomes)
    return OutcomeModel(
        prob=rng.dirichlet(np.ones(n_outcomes), shape[0]),
        next_state=rng.integers(0, n_states, shape),
        reward=rng.integers(-2, 3, shape).astype(float),
        gamma=gamma,
        mu=np.eye(n_states)[0],
        pair_start=np.arange(0, shape[0] + 1, n_actions),
    )


def windy_cliff(side: int = 10, slip: float = 0.1, gamma: float = 1.0) -> OutcomeModel:
    """Return a grid to cross along a cliff: a step costs 1, the fall 20 more and the way back, the goal pays 10."""
    moves = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
    start, goal = (side - 1, 0), (side - 1, side - 1)

    def step(state: object, action: object) -> Iterator[tuple[float, object, float]]:
        if state == goal:
            yield 1.0, goal, 0.0
            return
        for taken, probability in ((str(action), 1 - slip), ("down", slip)):
            row, column = np.add(state, moves[taken]).clip(0, side - 1).tolist()
            fallen = row == side - 1 and 0 < column < side - 1
            place = start if fallen else (row, column)
            yield probability, place, -1.0 - 20.0 * fallen + 10.0 * (place == goal)

    return OutcomeModel.from_function(step, [start], list(moves), gamma)


def value_sweep(n_states: int = 100, n_actions: int = 4, n_outcomes: int = 3, n_stocks: int = 201) -> Timing:
    """Time one sweep of the scalar stock DP, on one thread."""
    model = random_model(n_states, n_actions, n_outcomes)
    lattice = Lattice.of(model, 1)
    after = np.random.default_rng(0).random((n_states, n_stocks + lattice.width))
    value, action = np.empty((n_states, n_stocks)), np.empty((n_states, n_stocks), dtype=np.int32)
    arrays = (model.prob, model.next_state, lattice.shift, model.pair_start)

    def sweep() -> None:
        kernels._best_sweep(*arrays, after, 0.0, n_actions, value, action, 0, n_states)

    seconds, reads = fastest(sweep), n_actions * n_outcomes * read_time(after.size)
    size = f"S={n_states}, A={n_actions}, B={n_outcomes}, C={n_stocks}"
    written = (value.nbytes + action.nbytes) / 1e6
    return Timing("value sweep, one thread", size, seconds, written, reads / seconds)


def law_sweep(
    n_states: int = 100, n_actions: int = 4, n_outcomes: int = 3, n_stocks: int = 201, n_atoms: int = 201
) -> Timing:
    """Time one sweep of laws for actions that are chosen already, on one thread."""
    model = random_model(n_states, n_actions, n_outcomes)
    lattice = Lattice.of(model, 1)
    after = np.random.default_rng(0).random((n_states, n_stocks + lattice.width, n_atoms - lattice.width))
    laws, action = np.empty((n_states, n_stocks, n_atoms)), np.zeros((n_states, n_stocks), dtype=np.int32)
    arrays = (model.prob, model.next_state, lattice.shift, model.pair_start)

    def sweep() -> None:
        kernels._law_sweep(*arrays, action, after, laws, 0, n_states)

    seconds, moved = fastest(sweep), read_time(after.size + laws.size)
    size = f"S={n_states}, B={n_outcomes}, C={n_stocks}, m={n_atoms}"
    return Timing("law sweep, one thread", size, seconds, laws.nbytes / 1e6, moved / seconds)


def whole_solutions(side: int = 10, horizon: int = 50) -> list[Timing]:
    """Time whole questions, with warm kernels and as many threads as there are."""
    cliff, discounted = windy_cliff(side), windy_cliff(side, gamma=0.9)
    lattice = Lattice.of(cliff, horizon)
    at, size = f"{side} x {side} cliff", f"H={horizon}, {lattice.returns.size} returns"
    questions: list[tuple[str, str, Callable[[], object]]] = [
        ("CVaR at 20 levels", f"{at}, {size}", lambda: cvar_curve(cliff, LEVELS, H=horizon)),
        ("values of one stock", f"{at}, {size}", lambda: lattice_values(lattice, shortfall)),
        ("the same by unfolding", f"{at}, H={horizon}", lambda: maximise_utility(cliff, shortfall, H=horizon)),
        (
            "stock grid, gamma 0.9",
            f"{at}, 500 cells, H infinite",
            lambda: grid_values(discounted, TwoSlopes(0.0, 1.0)),
        ),
    ]
    return [Timing(what, where, fastest(ask), _peak(ask)) for what, where, ask in questions]


def _peak(ask: Callable[[], object]) -> float:
    """Return the largest memory in use at once, in MB."""
    tracemalloc.start()
    ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def print_table(timings: list[Timing]) -> None:
    """Print one row for each."""
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "size")
    for name in ("milliseconds", "MB", "share of the roofline"):
        table.add_column(name, justify="right")
    for row in timings:
        share = "" if row.share is None else f"{row.share:.0%}"
        table.add_row(row.what, row.size, f"{1e3 * row.seconds:.3g}", f"{row.megabytes:.3g}", share)
    Console().print(table)


def main() -> None:
    with use_threads(1):
        sweeps = [value_sweep(), law_sweep()]
    print_table([*sweeps, *whole_solutions()])


if __name__ == "__main__":
    main()
