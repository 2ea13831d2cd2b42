"""How long two-player games take to solve, here and by nashpy and QuantEcon, on the same random games.

Payoffs are independent standard normals. Each time is the mean over a few games, after one call that compiles, and ours
include the proof of each equilibrium (the largest gain by deviating, with rounding); where a peer gives no equilibrium
at all, or is too slow, its column says so. Every peer is imported only when its column is made: install ``nashpy`` and
``quantecon`` for a whole table.

Run as ``python -m benchmarks.games``; it takes some minutes, of which the peers take nearly all.
"""

from __future__ import annotations

import math
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from rltheory.games import NormalFormGame
from rltheory.games.nash import lemke_howson, support_enumeration, vertex_enumeration, zero_sum
from rltheory.games.nash.lemke_howson import _follow

Payoffs = tuple[np.ndarray, np.ndarray]
Solve = Callable[[Payoffs], object]
PATIENCE = 20
"""Seconds for one game. (Some paths of nashpy 0.0.43 in random 8 x 8 games seem to have no end.)"""
TOO_LARGE_FOR_NASHPY = 9
"""It enumerates supports and vertices in Python: minutes from here on."""


@dataclass(frozen=True)
class Comparison:
    """One row of the table: seconds per game, or None where a solver was not asked."""

    what: str
    size: str
    ours: float
    nashpy: float | None
    quantecon: float | None


def random_games(m: int, count: int, *, zero_sum: bool = False, seed: int = 0) -> list[Payoffs]:
    """Return games of m x m actions."""
    rng = np.random.default_rng(seed)
    games = []
    for _ in range(count):
        A = rng.normal(size=(m, m))
        games.append((A, -A if zero_sum else rng.normal(size=(m, m))))
    return games


def ours(method: Callable[[NormalFormGame], object]) -> Solve:
    """Return one of our solvers as a function of two matrices."""
    return lambda payoffs: method(NormalFormGame(payoffs))


def bare_path(payoffs: Payoffs) -> int:
    """Follow the path of label 0 in compiled code, without the proof, as the peers do; returns its pivots."""
    m, n = payoffs[0].shape
    return _follow(*payoffs, 0, 10**6, np.zeros(m), np.zeros(n))


def by_nashpy(method: str) -> Solve | None:
    """Return a solver of nashpy, or None where it is not installed."""
    try:
        import nashpy
    except ModuleNotFoundError:
        return None
    arguments = {"lemke_howson": {"initial_dropped_label": 0}}.get(method, {})

    def solve(payoffs: Payoffs) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of games that are not degenerate
            found = getattr(nashpy.Game(*payoffs), method)(**arguments)
            return found if isinstance(found, tuple) else list(found)

    return solve


def by_quantecon(method: str) -> Solve | None:
    """Return a solver of QuantEcon, or None where it is not installed."""
    try:
        from quantecon import game_theory
    except ModuleNotFoundError:
        return None

    def solve(payoffs: Payoffs) -> object:
        players = [game_theory.Player(u) for u in (payoffs[0], np.ascontiguousarray(payoffs[1].T))]
        return getattr(game_theory, method)(game_theory.NormalFormGame(players))

    return solve


def minimax_by_quantecon() -> Solve | None:
    """Return QuantEcon's linear program for zero-sum games."""
    try:
        from quantecon.optimize import minmax
    except ModuleNotFoundError:
        return None
    return lambda payoffs: minmax(payoffs[0])


def seconds(solve: Solve | None, games: Sequence[Payoffs]) -> float | None:
    """Return the mean time per game of a solver that is warm; None without one, infinity if one game takes too long."""
    if solve is None:
        return None
    try:
        return _mean_time(solve, games)
    except TimeoutError:
        return math.inf


def _mean_time(solve: Solve, games: Sequence[Payoffs]) -> float:
    solve((np.ascontiguousarray(games[0][0][:3, :3]), np.ascontiguousarray(games[0][1][:3, :3])))
    start = time.perf_counter()
    for game in games:
        with _alarm(PATIENCE):
            solve(game)
    return (time.perf_counter() - start) / len(games)


@contextmanager
def _alarm(limit: int) -> Iterator[None]:
    """Stop what runs in Python for longer than the limit, in seconds; compiled code is let finish."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def compare(
    what: str, m: int, games: Sequence[Payoffs], solve: Solve, nashpy: Solve | None, quantecon: Solve | None
) -> Comparison:
    """Time three solvers on the same games."""
    mine = seconds(solve, games)
    assert mine is not None
    return Comparison(what, f"{m} x {m}", mine, seconds(nashpy, games), seconds(quantecon, games))


def enumerations() -> list[Comparison]:
    """Compare support and vertex enumeration."""
    rows = []
    for m, count in ((6, 5), (8, 2), (10, 2), (12, 1)):
        games = random_games(m, count)
        for name, method in (("support", support_enumeration), ("vertex", vertex_enumeration)):
            key = f"{name}_enumeration"
            slow = by_nashpy(key) if m < TOO_LARGE_FOR_NASHPY else None
            rows.append(compare(f"{name} enumeration", m, games, ours(method), slow, by_quantecon(key)))
    return rows


def paths() -> list[Comparison]:
    """Compare Lemke and Howson's algorithm, from label 0."""
    rows = []
    for m, count in ((8, 50), (10, 50), (12, 50), (30, 20), (100, 3)):
        games = random_games(m, count)
        peers = by_nashpy("lemke_howson") if m <= 12 else None, by_quantecon("lemke_howson")
        rows.append(compare("Lemke-Howson", m, games, ours(lemke_howson), *peers))
        rows.append(compare("Lemke-Howson, without the proof", m, games, bare_path, *peers))
    return rows


def linear_programs() -> list[Comparison]:
    """Compare zero-sum games."""
    rows = []
    for m, count in ((10, 50), (100, 3), (500, 1)):
        games = random_games(m, count, zero_sum=True)
        peers = by_nashpy("linear_program"), minimax_by_quantecon()
        rows.append(compare("zero-sum game", m, games, ours(zero_sum), *peers))
    return rows


def print_table(rows: Sequence[Comparison]) -> None:
    """Print one row for each."""
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "size")
    for name in ("ours (ms)", "nashpy (ms)", "QuantEcon (ms)"):
        table.add_column(name, justify="right")
    for row in rows:
        times = (row.ours, row.nashpy, row.quantecon)
        table.add_row(row.what, row.size, *(_milliseconds(t) for t in times))
    Console().print(table)


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{1e3 * seconds:.3g}" if seconds < math.inf else f"a game over {PATIENCE} s"


def main() -> None:
    print_table([*enumerations(), *paths(), *linear_programs()])


if __name__ == "__main__":
    main()
