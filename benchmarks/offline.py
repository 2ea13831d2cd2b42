r"""How long offline learners take on the published experiment with an American put.

Timed is the learner alone, from a dataset of N paths with 20 dates and d features, with warm kernels. Beside it stand

- the *recipe*: the way of the published implementation (`benchmarks.offline_recipe`), which runs here, on the smallest
  size only;
- the seconds of the *paper*, from the notebook of Tang, Liu and Xu (2025), on another machine (an i5-11300H), for the
  strike N in place of 100; so only their order of magnitude and their ratios can be compared.

Run as ``OPENBLAS_NUM_THREADS=1 python -m benchmarks.offline``, as the matrices are too small for more threads; it takes
a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import mdps
from benchmarks.offline_recipe import recipe_weights
from benchmarks.roofline import fastest
from rltheory.robust import KL, TV, ChiSquare, Divergence

SIZES = ((1000, 30), (5000, 30), (10_000, 30), (1000, 60), (1000, 120), (10_000, 120))
DIVERGENCES: dict[str, Divergence | None] = {
    "PEVI": None,
    "R2PVI-TV": TV(lam=1.0),
    "R2PVI-KL": KL(lam=1.0),
    "R2PVI-chi2": ChiSquare(lam=1.0),
    "DRPVI": TV(rho=0.1),
}
PUBLISHED = {
    "PEVI": (0.80, 4.07, 8.15, 1.84, 5.56),
    "R2PVI-TV": (1.08, 5.05, 8.99, 1.95, 4.97),
    "R2PVI-KL": (1.04, 5.02, 9.03, 1.79, 6.31),
    "DRPVI": (1.70, 6.77, 13.40, 3.49, 16.66),
}
"""Seconds for the first five of `SIZES`."""
BETA, RIDGE = 0.1, 1.0


@dataclass(frozen=True)
class Timing:
    """One row of the table, in seconds."""

    learner: str
    n_trajectories: int
    d: int
    seconds: float
    recipe: float | None = None
    published: float | None = None


def measure(sizes: tuple[tuple[int, int], ...] = SIZES) -> list[Timing]:
    """Time every learner on every size, and the recipe on the first."""
    timings = []
    for size in sizes:
        known, data = mdps.put_data(n_trajectories=size[0], d=size[1])
        for name, divergence in DIVERGENCES.items():
            seconds = fastest(partial(mdps.put_learner(divergence, beta=BETA, ridge=RIDGE), data, known))
            recipe = partial(recipe_weights, data, known, divergence, beta=BETA, ridge=RIDGE)
            peer = fastest(recipe) if size == sizes[0] else None
            timings.append(Timing(name, *size, seconds, peer, _published(name, size)))
    return timings


def _published(name: str, size: tuple[int, int]) -> float | None:
    known = dict(zip(SIZES, PUBLISHED.get(name, ()), strict=False))
    return known.get(size)


def print_table(timings: list[Timing]) -> None:
    """Print one row for each, in seconds, and as a share of what DRPVI takes."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="seconds, and how they compare with DRPVI")
    table.add_column("learner", no_wrap=True)
    for name in ("N", "d", "ours", "of DRPVI", "recipe", "of DRPVI", "paper", "of DRPVI"):
        table.add_column(name, justify="right")
    balls = {(row.n_trajectories, row.d): row for row in timings if row.learner == "DRPVI"}
    for row in timings:
        ball = balls[row.n_trajectories, row.d]
        cells = [
            *_with_share(row.seconds, ball.seconds),
            *_with_share(row.recipe, ball.recipe),
            *_with_share(row.published, ball.published),
        ]
        table.add_row(row.learner, f"{row.n_trajectories:,}", str(row.d), *cells)
    Console().print(table)


def _with_share(seconds: float | None, of: float | None) -> tuple[str, str]:
    return ("", "") if seconds is None or of is None else (f"{seconds:.3g}", f"{seconds / of:.0%}")


if __name__ == "__main__":
    print_table(measure())
