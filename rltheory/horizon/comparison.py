r"""What theory promises beside what is measured: one row a game, and how well each bound orders the games.

All numbers are timesteps. A bound that is loose by the same factor everywhere still orders games. How well it does,
two correlations with a measured sample complexity say: Spearman's, that of the ranks, and Kendall's tau-b, the part of
the pairs of games that are in the same order less the part in the opposite one. The median ratio says how loose it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.horizon.optimism import optimistic_timesteps
from rltheory.horizon.promises import BOUNDS, STICKY_BOUNDS, promises, sticky_promises
from rltheory.horizon.search import gorp_sample_complexity, sqirl_sample_complexity
from rltheory.horizon.sqirl import Data
from rltheory.horizon.sticky import sticky_model
from rltheory.horizon.table import checked_stickiness
from rltheory.models import CriterionError, ModelError, OutcomeModel

Measure = Callable[[OutcomeModel, int], float]
"""From a game and its number of steps to the timesteps that an algorithm has taken."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison:
    """Bounds and measurements of several games.

    Parameters
    ----------
    games : tuple of str
        Names.
    bounds : dict of str to ndarray, shape (n_games,)
        Timesteps that theory promises, in the order of `BOUNDS` or `STICKY_BOUNDS`; ``inf`` where it promises nothing,
        nan where it says nothing.
    measured : dict of str to ndarray, shape (n_games,)
        Timesteps that were taken; ``inf`` beyond the budget.
    """

    games: tuple[str, ...]
    bounds: dict[str, np.ndarray]
    measured: dict[str, np.ndarray]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each game.

        Returns
        -------
        list of dict
        """
        columns = self.bounds | self.measured
        return [
            {"game": game} | {name: float(column[i]) for name, column in columns.items()}
            for i, game in enumerate(self.games)
        ]

    def rank_correlation(self) -> list[dict[str, Any]]:
        """Return how well each bound orders the games by each measurement, one dictionary for each of these pairs.

        Games of which a bound or a measurement says nothing are left out; what is infinite ranks last.

        Returns
        -------
        list of dict
            With keys ``bound, measured``, ``n`` (games), ``spearman, kendall`` (nan where fewer than two games remain,
            or all have the same rank), and ``median ratio`` of bound and measurement where both are finite.
        """
        return [
            {"bound": name, "measured": by} | _agreement(column, taken)
            for name, column in self.bounds.items()
            for by, taken in self.measured.items()
        ]

    def violations(self) -> list[dict[str, Any]]:
        """Return where more was measured than is promised of the algorithm.

        Only chance can explain it, or a budget or ``max_k`` below what the best lookahead takes.

        Greedy over random policy is promised those of ``proved horizon``, the optimist those of ``optimism``, and
        shallow Q-iteration with sticky actions those of ``proved sqirl``.

        Returns
        -------
        list of dict
        """
        pairs = (("proved horizon", "gorp"), ("optimism", "optimistic"), ("proved sqirl", "sqirl"))
        promised = [(name, by) for name, by in pairs if name in self.bounds and by in self.measured]
        return [
            {"game": game, "bound": name, "promised": float(most), "measured": float(taken)}
            for name, by in promised
            for game, most, taken in zip(self.games, self.bounds[name], self.measured[by], strict=True)
            if taken > most
        ]

    def __repr__(self) -> str:
        return f"Comparison({len(self.games)} games; measured: {', '.join(self.measured) or 'nothing'})"

    def _repr_html_(self) -> str:
        rows = self.to_rows()
        head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
        body = "".join(
            "<tr>"
            + "".join(f"<td>{escape(x) if isinstance(x, str) else format(x, '.4g')}</td>" for x in row.values())
            + "</tr>"
            for row in rows
        )
        return f"<table><tr>{head}</tr>{body}</table>"


def compare(
    games: Mapping[str, tuple[OutcomeModel, int]],
    *,
    sticky: float = 0.0,
    measures: Mapping[str, Measure] | None = None,
    optimal_within: float = 0.0,
    eps: float | None = None,
    max_k: int | None = None,
    budget: float = 1e6,
    runs: int = 25,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compute the bounds of games, and measure what algorithms take.

    Parameters
    ----------
    games : mapping of str to (OutcomeModel, int)
        Each game and its number of steps H. Deterministic, with one start state, ``gamma = 1`` and as many actions in
        every state.
    sticky : float
        Probability in [0, 1) that the last executed action is executed again. If it is positive, the bounds are
        `STICKY_BOUNDS`, and games may be random.
    measures : mapping of str to callable, optional
        What to measure; by default greedy over random policy (``gorp``), shallow Q-iteration with averages of cells
        (``sqirl``) and optimism (``optimistic``). Of these only shallow Q-iteration, with episodes of its own for each
        regression, is for sticky actions. One's own are called with the game in which actions stick.
    optimal_within : float
        Loss at which an action or a return still counts as optimal, in reward units, beyond rounding.
    eps : float, optional
        Loss of a policy's expected return at which shallow Q-iteration has succeeded, in reward units; by default
        ``optimal_within``. With sticky actions it must be given.
    max_k : int, optional
        Largest lookahead that is measured; by default H. For long games a few are enough and take far less time: the
        search for shallow Q-iteration makes about :math:`H^2` regressions a run where k is near H.
    budget : float
        Largest number of timesteps of one run of the default measures.
    runs : int
        Runs behind each median of the default measures.
    rng : int or numpy.random.Generator, optional
        Seed or generator of the default measures.

    Returns
    -------
    Comparison

    Raises
    ------
    ModelError
        If there is no game, or one does not fit.
    CriterionError
        If a game discounts, or without sticky actions is not deterministic or has several start states; if actions are
        sticky and ``eps`` is not given.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon.comparison import compare
    >>> games = {"lock": (mdps.horizon_lock(4), 4), "dense": (mdps.dense_rewards(), 4)}
    >>> compare(games, rng=0)
    Comparison(2 games; measured: gorp, sqirl, optimistic)
    >>> compare(games, sticky=0.25, eps=0.1, rng=0)
    Comparison(2 games; measured: sqirl)
    """
    if not games:
        raise ModelError("games is empty; compare needs at least one, as {name: (model, H)}")
    stick, played = checked_stickiness(sticky), dict(games)
    if stick > 0:
        if eps is None:
            raise CriterionError(
                "sticky actions are random, and no finite number of episodes is sure: give eps, a loss"
            )
        promised = [
            sticky_promises(model, H, stick, eps=eps, optimal_within=optimal_within, max_k=max_k and min(max_k, H))
            for model, H in games.values()
        ]
        played = {name: (sticky_model(model, stick), H) for name, (model, H) in games.items()}
    else:
        promised = [promises(model, H, optimal_within=optimal_within) for model, H in games.values()]
    if measures is None:
        loss = optimal_within if eps is None else eps
        measures = _default_measures(stick > 0, optimal_within, loss, max_k, budget, runs, rng)
    taken = {name: [measure(model, H) for model, H in played.values()] for name, measure in measures.items()}
    return Comparison(
        tuple(games),
        {name: np.array([row[name] for row in promised]) for name in (STICKY_BOUNDS if stick > 0 else BOUNDS)},
        {name: np.array(column, dtype=np.float64) for name, column in taken.items()},
    )


def _default_measures(
    sticky: bool,
    optimal_within: float,
    eps: float,
    max_k: int | None,
    budget: float,
    runs: int,
    rng: int | np.random.Generator | None,
) -> dict[str, Measure]:
    """Return what `compare` measures by default; each has a stream of its own."""
    gorp_rng, sqirl_rng, optimism_rng = np.random.default_rng(rng).spawn(3)
    options: dict[str, Any] = {"budget": budget, "runs": runs}

    def lookaheads(H: int) -> range:
        return range(1, (H if max_k is None else min(max_k, H)) + 1)

    def gorp(model: OutcomeModel, H: int) -> float:
        found = gorp_sample_complexity(
            model, H, optimal_within=optimal_within, lookaheads=lookaheads(H), rng=gorp_rng, **options
        )
        return found.timesteps

    def sqirl(model: OutcomeModel, H: int) -> float:
        data = Data.SPLIT if sticky else Data.FRESH
        found = sqirl_sample_complexity(
            model, H, eps=eps, lookaheads=lookaheads(H), data=data, rng=sqirl_rng, **options
        )
        return found.timesteps

    def optimistic(model: OutcomeModel, H: int) -> float:
        taken = optimistic_timesteps(model, H, runs=runs, optimal_within=optimal_within, rng=optimism_rng)
        return float(np.median(taken))

    return {"sqirl": sqirl} if sticky else {"gorp": gorp, "sqirl": sqirl, "optimistic": optimistic}


def _agreement(bound: np.ndarray, taken: np.ndarray) -> dict[str, float]:
    from scipy.stats import kendalltau, rankdata

    known = ~np.isnan(bound) & ~np.isnan(taken)
    ranks = [rankdata(column[known]) for column in (bound, taken)]
    spearman = kendall = math.nan
    if known.sum() >= 2 and all(np.ptp(rank) > 0 for rank in ranks):
        spearman, kendall = float(np.corrcoef(*ranks)[0, 1]), float(kendalltau(*ranks).statistic)
    finite = known & np.isfinite(bound) & np.isfinite(taken)
    ratio = float(np.median(bound[finite] / taken[finite])) if finite.any() else math.nan
    return {"n": int(known.sum()), "spearman": spearman, "kendall": kendall, "median ratio": ratio}
