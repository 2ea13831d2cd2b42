"""How much faster a sweep of many seeds is on two processes than on one: ``python -m benchmarks.sweep``.

One seed is a run of UCBVI on a random world, planning and exact evaluation included. Both pools are started and warm
before the clock starts; pairs are interleaved, so that a busy minute of the machine falls on both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

from benchmarks.exploration import random_world
from rltheory.exploration import Data
from rltheory.exploration.ucbvi import ucbvi
from rltheory.sweep import sweep


def regret(episodes: int, rng: int) -> float:
    """Return the regret of one run."""
    return float(ucbvi(random_world(10, 5, 10), episodes, radius=Data(), rng=rng).cumulative_regret[-1])


def time_pairs(seeds: int = 20, episodes: int = 50_000, pairs: int = 5, workers: int = 2) -> list[tuple[float, float]]:
    """Return the seconds on one process and on ``workers`` of them, for each pair."""
    with ProcessPoolExecutor(1) as alone, ProcessPoolExecutor(workers) as together:
        for pool, n in ((alone, 1), (together, workers)):
            sweep(regret, [{"episodes": 10}], 4 * n, executor=pool)
        return [(_seconds(alone, seeds, episodes), _seconds(together, seeds, episodes)) for _ in range(pairs)]


def _seconds(executor: Executor, seeds: int, episodes: int) -> float:
    began = time.perf_counter()
    sweep(regret, [{"episodes": episodes}], seeds, executor=executor)
    return time.perf_counter() - began


def main() -> None:
    """Print every pair and the median of their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seeds", 20), ("episodes", 50_000), ("pairs", 5), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given: dict[str, Any] = vars(parser.parse_args())
    pairs = time_pairs(**given)
    for one, many in pairs:
        print(f"{one:6.2f} s on one process, {many:6.2f} s on {given['workers']}: {one / many:.2f} times as fast")
    print(f"median {statistics.median(one / many for one, many in pairs):.2f}")


if __name__ == "__main__":
    main()
