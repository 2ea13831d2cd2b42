r"""Sample complexity by experiment: the fewest timesteps after which an algorithm has more often than not succeeded.

For a lookahead k, m episodes are enough if more than half of the runs succeed; m is doubled until that holds and then
bisected. The sample complexity is the median over runs of the timesteps taken, counting a run that fails as infinite,
at the best k. Lookaheads are tried in turn, each with no more timesteps than the best so far.

A median of n runs lies between order statistics: with :math:`B \sim \mathrm{Bin}(n, 1/2)`, the i-th from either end
encloses the true one with probability :math:`1 - 2 P(B < i)`, whatever the law. The probability of success is enclosed
by Clopper and Pearson (1934). Both intervals are for the k and m that were chosen, in runs of their own; if fewer than
half of these succeed, m is raised by a tenth and others are run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rltheory.horizon.contest import Score, Ties
from rltheory.horizon.gorp import gorp_runs
from rltheory.horizon.sqirl import Data, sqirl
from rltheory.horizon.table import checked_lookahead, checked_steps
from rltheory.models import ModelError, OutcomeModel

Trial = tuple[np.ndarray, np.ndarray]
"""Timesteps of each run, and which runs have succeeded."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SampleComplexity:
    """What an algorithm takes to succeed in half of its runs.

    Parameters
    ----------
    timesteps : float
        Median over runs; ``inf`` if no k and m succeed within the budget.
    interval : (float, float)
        Encloses the true median for this k and m with the probability ``confidence``.
    k, m : int or None
        Lookahead and episodes; None if nothing has succeeded.
    success : float
        Part of the runs that succeeded.
    success_interval : (float, float)
        Encloses the probability of success with the probability ``confidence``.
    runs : int
        Number of runs behind these figures.
    confidence : float
        Of each interval.
    tried : tuple of (int, int, float)
        Each k and m that was tried, with the part of the runs that succeeded.
    """

    timesteps: float
    interval: tuple[float, float]
    k: int | None
    m: int | None
    success: float
    success_interval: tuple[float, float]
    runs: int
    confidence: float
    tried: tuple[tuple[int, int, float], ...]

    def __repr__(self) -> str:
        if self.k is None:
            return f"SampleComplexity(more than the budget: none of {len(self.tried)} choices of k and m is enough)"
        low, high = self.interval
        return (
            f"SampleComplexity({self.timesteps:.4g} timesteps, {self.confidence:.0%} [{low:.4g}, {high:.4g}],"
            f" k={self.k}, m={self.m})"
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each k and m that was tried.

        Returns
        -------
        list of dict
        """
        return [{"k": k, "m": m, "success": success} for k, m, success in self.tried]


def gorp_sample_complexity(
    model: OutcomeModel,
    H: int,
    *,
    lookaheads: Iterable[int] | None = None,
    budget: float = 1e7,
    runs: int = 101,
    ties: Ties = Ties.UNIFORM,
    score: Score = Score.MEAN,
    exploration: Any = None,
    optimal_within: float = 0.0,
    confidence: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> SampleComplexity:
    """Measure the sample complexity of greedy over random policy.

    Parameters
    ----------
    model, H, ties, score, exploration, optimal_within
        As for `gorp_runs`.
    lookaheads : iterable of int, optional
        Lookaheads to try, in turn; 1, 2, ..., H by default, as far as the budget allows.
    budget : float
        Largest number of timesteps of one run, counted as :math:`H^2 A^k m`.
    runs : int
        Runs for each k and m, at least 3.
    confidence : float
        Of the intervals, in (0, 1).
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    SampleComplexity

    Raises
    ------
    ModelError, CriterionError
        As `gorp_runs` does, and if a number is out of range.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.search import gorp_sample_complexity
    >>> lock = rl.OutcomeModel.from_tables([[1, -1], [2, -1], [-1, -1]], [[0, 0], [0, 0], [1, 0]], gamma=1.0, mu=0)
    >>> gorp_sample_complexity(lock, H=3, rng=0)
    SampleComplexity(30 timesteps, 95% [29, 30], k=1, m=2)
    """
    rng = np.random.default_rng(rng)

    def play(k: int, m: int) -> Trial:
        rule: dict[str, Any] = {"ties": ties, "score": score, "optimal_within": optimal_within}
        found = gorp_runs(model, H, k, m, runs=runs, exploration=exploration, rng=rng, **rule)
        return found.steps, found.succeeded

    H = checked_steps(H)
    cost = [H**2 * float(model.n_actions) ** k for k in range(H + 1)]
    return _search(play, _checked(lookaheads, H), cost.__getitem__, budget, runs, confidence)


def sqirl_sample_complexity(
    model: OutcomeModel,
    H: int,
    *,
    eps: float,
    lookaheads: Iterable[int] | None = None,
    budget: float = 1e6,
    runs: int = 25,
    confidence: float = 0.95,
    rng: int | np.random.Generator | None = None,
    **options: Any,
) -> SampleComplexity:
    """Measure the sample complexity of shallow Q-iteration.

    Parameters
    ----------
    model, H
        As for `sqirl`.
    eps : float
        A run succeeds if the expected return of its policy is at most this much below the best, in reward units.
    lookaheads : iterable of int, optional
        Lookaheads to try, in turn; 1, 2, ..., H by default.
    budget : float
        Largest number of timesteps of one run, counted as :math:`H^2 m`, k times that with ``Data.SPLIT``.
    runs : int
        Runs for each k and m, at least 3.
    confidence : float
        Of the intervals, in (0, 1).
    rng : int or numpy.random.Generator, optional
        Seed or generator.
    **options
        Of `sqirl`.

    Returns
    -------
    SampleComplexity

    Raises
    ------
    ModelError, CriterionError
        As `sqirl` does, and if a number is out of range.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon.search import sqirl_sample_complexity
    >>> slot = rl.OutcomeModel.from_lists([[[(1, 1, 0.4)], [(0.5, 1, 1), (0.5, 1, 0)]], [[(1, 1, 0)]] * 2], 1.0, mu=0)
    >>> sqirl_sample_complexity(slot, H=1, eps=0.0, rng=0).k
    1
    """
    if not 0 <= eps < math.inf:
        raise ModelError(f"eps is {eps!r}; it is a finite loss of at least 0, in reward units")
    rng = np.random.default_rng(rng)

    def play(k: int, m: int) -> Trial:
        found = [sqirl(model, H, k, m, rng=rng, **options) for _ in range(runs)]
        allowed = eps + 1e-10 * abs(found[0].best)
        return np.array([run.steps for run in found]), np.array([run.suboptimality <= allowed for run in found])

    H = checked_steps(H)
    split = options.get("data") is Data.SPLIT
    return _search(play, _checked(lookaheads, H), lambda k: H**2 * (k if split else 1.0), budget, runs, confidence)


def _checked(lookaheads: Iterable[int] | None, H: int) -> list[int]:
    given = range(1, H + 1) if lookaheads is None else lookaheads
    return [checked_lookahead(k, H, "a lookahead") for k in given]


def _search(
    play: Callable[[int, int], Trial],
    lookaheads: list[int],
    cost: Callable[[int], float],
    budget: float,
    runs: int,
    confidence: float,
) -> SampleComplexity:
    """Try lookaheads in turn; ``cost(k)`` is the number of timesteps for each m."""
    if not runs >= 3:
        raise ModelError(f"runs is {runs!r}; a median needs at least 3")
    if not 0 < confidence < 1:
        raise ModelError(f"confidence is {confidence!r}; it must be in (0, 1)")
    if not budget > 0:
        raise ModelError(f"budget is {budget!r}; it must be a positive number of timesteps")
    best, chosen, limit = math.inf, None, budget
    tried: list[tuple[int, int, float]] = []

    def times(k: int, m: int) -> np.ndarray:
        steps, succeeded = play(k, m)
        tried.append((k, m, float(succeeded.mean())))
        return np.where(succeeded, steps, np.inf)

    def enough(k: int, m: int) -> bool:
        nonlocal best, chosen, limit
        median = float(np.median(times(k, m)))
        if median < best:
            best, chosen, limit = median, (k, m), cost(k) * m
        return median < math.inf

    for k in lookaheads:
        _least(partial(enough, k), int(limit // cost(k)))
    if chosen is not None:
        k, m = chosen
        while cost(k) * m <= budget:
            confirmed = times(k, m)
            if np.median(confirmed) < math.inf:
                return _answer(k, m, confirmed, confidence, tuple(tried))
            m += math.ceil(m / 10)
    nothing = (math.inf, (budget, math.inf), None, None, 0.0, (0.0, 1.0))
    return SampleComplexity(*nothing, runs, confidence, tuple(tried))


def _answer(k: int, m: int, times: np.ndarray, confidence: float, tried: tuple[Any, ...]) -> SampleComplexity:
    successes = int(np.isfinite(times).sum())
    return SampleComplexity(
        timesteps=float(np.median(times)),
        interval=median_interval(times, confidence),
        k=k,
        m=m,
        success=successes / times.size,
        success_interval=success_interval(successes, times.size, confidence),
        runs=times.size,
        confidence=confidence,
        tried=tried,
    )


def _least(enough: Callable[[int], bool], most: int) -> None:
    """Look for the least m in 1..most that is enough, by doubling and bisection; ``enough`` remembers the best."""
    low, high = 0, min(1, most)
    while high and not enough(high):
        low, high = high, min(2 * high, most)
        if low == most:
            return
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)


def median_interval(values: np.ndarray, confidence: float) -> tuple[float, float]:
    """Return order statistics that enclose the true median with at least this probability.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Independent draws; infinite ones are allowed.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        Infinite if there are too few values.

    Examples
    --------
    >>> import numpy as np
    >>> median_interval(np.arange(1.0, 12.0), 0.95)
    (2.0, 10.0)
    """
    from scipy.stats import binom

    n, ordered = values.size, np.sort(values)
    rank = int(binom.ppf((1 - confidence) / 2, n, 0.5))  # the largest r with P(B < r) <= (1 - confidence) / 2
    return (float(ordered[rank - 1]), float(ordered[n - rank])) if rank >= 1 else (-math.inf, math.inf)


def success_interval(successes: int, runs: int, confidence: float) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson for a probability.

    Parameters
    ----------
    successes, runs : int
        How many of how many.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> success_interval(0, 10, 0.9)[0], round(success_interval(0, 10, 0.9)[1], 6)
    (0.0, 0.258866)
    """
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, runs - successes + 1))
    high = 1.0 if successes == runs else float(beta.ppf(1 - tail, successes + 1, runs - successes))
    return low, high
