"""How long gains along many paths take, beside plain NumPy: ``python -m benchmarks.set_functions``.

Paths of 41 states, as of 40 actions, through a grid of 30 by 30: walks, which come back to where they were, and paths
of 41 different cells, which are the most work. The target is the information about a Gaussian process along 10,000
paths in less than 5 s. Plain NumPy takes the gains along a hundred of the paths, one after the other, and its time is
scaled up.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from rltheory.planning import use_threads
from rltheory.submodular.curvature import curvature
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.gaussian import GaussianInformation, mutual_information
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.lazy_greedy import greedy, lazy_greedy

_SIDE, _LENGTH, _SAMPLE = 30, 41, 100


def matern_information(noise: float = 0.01) -> GaussianInformation:
    """Return the information about a Matérn 5/2 process of length scale 1, on a grid with cells of 0.1."""
    axes = 0.1 * np.arange(_SIDE)
    cells = np.stack(np.meshgrid(axes, axes, indexing="ij"), axis=-1).reshape(-1, 2)
    distance = np.sqrt(5 * ((cells[:, None] - cells) ** 2).sum(axis=2))
    return mutual_information((1 + distance + distance**2 / 3) * np.exp(-distance), noise)


def blocks() -> Coverage:
    """Return the coverage of blocks of two by two cells."""
    cells = np.arange(_SIDE**2).reshape(_SIDE, _SIDE)
    return Coverage.from_sets([cells[x : x + 2, y : y + 2].ravel() for x in range(_SIDE) for y in range(_SIDE)])


def groceries(rng: np.random.Generator) -> BudgetAdditive:
    """Return Steiner covering of six kinds, fifty cells of each."""
    groups = [rng.choice(_SIDE**2, 50, replace=False) for _ in range(6)]
    return BudgetAdditive.from_groups(groups, [3, 2, 3, 4, 6, 3], n_elements=_SIDE**2)


def random_walks(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return paths that step to a neighbouring cell, or stay at the wall, shape (count, 41)."""
    steps = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])[rng.integers(0, 4, (count, _LENGTH - 1))]
    at = np.empty((count, _LENGTH, 2), dtype=np.int64)
    at[:, 0] = _SIDE // 2
    for h in range(_LENGTH - 1):
        at[:, h + 1] = np.clip(at[:, h] + steps[:, h], 0, _SIDE - 1)
    return at[..., 0] * _SIDE + at[..., 1]


def plain_information(F: GaussianInformation, paths: np.ndarray) -> None:
    """Take determinants of the leading points, as one writes it in an afternoon."""
    for path in paths:
        for h in range(1, path.size + 1):
            points = np.unique(path[:h])
            np.linalg.slogdet(np.eye(points.size) + F.kernel[np.ix_(points, points)] / F.noise)


def plain_coverage(F: Coverage, paths: np.ndarray) -> None:
    """Keep a boolean vector of what is covered."""
    items = [F.items_of(v) for v in range(F.n_elements)]
    for path in paths:
        covered = np.zeros(F.n_items, dtype=bool)
        for v in path:
            new = items[v][~covered[items[v]]]
            F.weights[new].sum()
            covered[new] = True


def plain_budgets(F: BudgetAdditive, paths: np.ndarray) -> None:
    """Keep what is collected, a vector of kinds."""
    amounts = F.amounts.toarray()
    for path in paths:
        collected, chosen = np.zeros(F.n_kinds), set()
        for v in path:
            if v not in chosen:
                chosen.add(v)
                collected += amounts[v]
                np.minimum(collected, F.budgets).sum()


def timed(ask: Callable[[], object], repeats: int) -> float:
    """Return the least time of several."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return min(taken)


def report(name: str, F: SetFunction, paths: np.ndarray, plain: Callable[..., None], repeats: int) -> None:
    """Print the times of one function."""
    F.gains_along(paths[:2])  # compiles
    with use_threads(1):
        alone = timed(lambda: F.gains_along(paths), repeats)
    shared = timed(lambda: F.gains_along(paths), repeats)
    numpy = timed(lambda: plain(F, paths[:: len(paths) // _SAMPLE]), 1) * len(paths) / _SAMPLE
    print(f"{name:14} {len(paths):7,} {alone:9.3f} s {shared:9.3f} s {numpy:9.1f} s {numpy / shared:7.0f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    few, many = random_walks(10_000, rng), random_walks(100_000, rng)
    information, coverage = matern_information(), blocks()
    print(f"{'gains along':14} {'paths':>7} {'1 thread':>11} {'threads':>11} {'NumPy':>11}")
    report("information", information, few, plain_information, given.repeats)
    apart = rng.permuted(np.tile(np.arange(_SIDE**2), (len(few), 1)), axis=1)[:, :_LENGTH]
    report("of other cells", information, apart, plain_information, given.repeats)
    report("coverage", coverage, many, plain_coverage, given.repeats)
    report("budgets", groceries(rng), many, plain_budgets, given.repeats)
    for choose in (greedy, lazy_greedy):
        seconds = timed(lambda choose=choose: choose(information, 40), given.repeats)
        print(f"{choose.__name__} of 40 points: {seconds:.3f} s, {choose(information, 40)}")
    for name, F in {"information": information, "coverage": coverage}.items():
        print(f"curvature of {name}: {timed(lambda F=F: curvature(F), 1):.2f} s, {curvature(F):.6f}")


if __name__ == "__main__":
    main()
