r"""What theory promises beside what is measured: one row a game, and how well each bound orders the games.

All numbers are timesteps. Bounds that can be compared are on one scale:

- ``worst case`` :math:`H \lceil A^H / 2 \rceil`, ``covering`` :math:`H \lceil \log(2n) / \mu \rceil`, ``optimism``
  :math:`H (SA + 1)`, ``planning window`` :math:`H^2 A^W`;
- ``proved horizon``, ``published horizon`` and ``exact horizon``: :math:`H^2 A^{\mathcal H}` with the effective horizon
  :math:`\mathcal H` that is proved from gaps, that is published for the same, and that is exact.
- ``ucbvi rate`` is a rate without constants, and only orders games.

A bound that is loose by the same factor everywhere still orders games, which is what Spearman's correlation of ranks
with a measured sample complexity says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon.analysis import analyse
from rltheory.horizon.gorp_success import exact_horizon
from rltheory.horizon.occupancy import exploration_occupancy
from rltheory.horizon.optimism import optimistic_timesteps
from rltheory.horizon.proved_bound import proved_horizon
from rltheory.horizon.search import gorp_sample_complexity, sqirl_sample_complexity
from rltheory.horizon.simple_bound import simple_bound
from rltheory.models import CriterionError, ModelError, OutcomeModel

BOUNDS = (
    "worst case",
    "covering",
    "optimism",
    "ucbvi rate",
    "planning window",
    "proved horizon",
    "published horizon",
    "exact horizon",
)
"""Columns of what theory promises, the crudest first."""

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
        Timesteps that theory promises, in the order of `BOUNDS`; ``inf`` where it promises nothing, nan where it says
        nothing.
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
        """Return Spearman's correlation of each bound with each measurement, one dictionary for each bound.

        Games of which a bound or a measurement says nothing are left out; what is infinite ranks last. It is nan where
        fewer than two games remain, or all ranks are equal.

        Returns
        -------
        list of dict
        """
        return [
            {"bound": name} | {by: _spearman(column, taken) for by, taken in self.measured.items()}
            for name, column in self.bounds.items()
        ]

    def violations(self) -> list[dict[str, Any]]:
        """Return where more was measured than is promised of the algorithm, which only chance can explain.

        Greedy over random policy is promised those of ``proved horizon``, the optimist those of ``optimism``.

        Returns
        -------
        list of dict
        """
        pairs = (("proved horizon", "gorp"), ("optimism", "optimistic"))
        promised = [(name, by) for name, by in pairs if by in self.measured]
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
    measures: Mapping[str, Measure] | None = None,
    optimal_within: float = 0.0,
    budget: float = 1e6,
    runs: int = 25,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compute the bounds of deterministic games, and measure what algorithms take.

    Parameters
    ----------
    games : mapping of str to (OutcomeModel, int)
        Each game and its number of steps H. Deterministic, with one start state, ``gamma = 1`` and as many actions in
        every state.
    measures : mapping of str to callable, optional
        What to measure; by default greedy over random policy (``gorp``), shallow Q-iteration with averages of cells
        (``sqirl``) and optimism (``optimistic``).
    optimal_within : float
        Loss at which an action or a return still counts as optimal, in reward units, beyond rounding.
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
        If a game discounts, is not deterministic or has several start states.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon.comparison import compare
    >>> games = {"lock": (mdps.horizon_lock(4), 4), "dense": (mdps.dense_rewards(), 4)}
    >>> compare(games, rng=0)
    Comparison(2 games; measured: gorp, sqirl, optimistic)
    """
    if not games:
        raise ModelError("games is empty; compare needs at least one, as {name: (model, H)}")
    if measures is None:
        measures = default_measures(optimal_within=optimal_within, budget=budget, runs=runs, rng=rng)
    promised = [promises(model, H, optimal_within=optimal_within) for model, H in games.values()]
    taken = {name: [measure(model, H) for model, H in games.values()] for name, measure in measures.items()}
    return Comparison(
        tuple(games),
        {name: np.array([row[name] for row in promised]) for name in BOUNDS},
        {name: np.array(column, dtype=np.float64) for name, column in taken.items()},
    )


def promises(model: OutcomeModel, H: int, *, optimal_within: float = 0.0) -> dict[str, float]:
    """Return what theory promises of one deterministic game, in timesteps, by the names of `BOUNDS`.

    Parameters
    ----------
    model : OutcomeModel
        As for `compare`.
    H : int
        Steps.
    optimal_within : float
        As for `compare`.

    Returns
    -------
    dict of str to float
        The exact horizon is nan where exact laws are out of reach.

    Examples
    --------
    >>> import mdps
    >>> found = promises(mdps.horizon_lock(5), 5)
    >>> found["worst case"], found["planning window"]
    (80.0, 800.0)
    """
    proved = proved_horizon(model, H, optimal_within=optimal_within)
    report = analyse(model, H, max_k=1, optimal_within=optimal_within)
    occupancy = exploration_occupancy(model, H)
    A, counted = model.n_actions, int(occupancy.counted.sum())
    try:
        exact = exact_horizon(model, H, optimal_within=optimal_within).timesteps
    except CriterionError:
        exact = math.nan
    published = simple_bound(model, H, optimal_within=optimal_within).effective_horizon
    return {
        "worst case": bounds.worst_case_timesteps(H, A),
        "covering": H * occupancy.covering_length,
        "optimism": bounds.optimism_timesteps(H, counted, A),
        "ucbvi rate": bounds.ucbvi_rate(H, counted, A, eps=1.0),
        "planning window": bounds.planning_timesteps(H, A, report.planning_window or H),
        "proved horizon": proved.timesteps,
        "published horizon": bounds.gorp_timesteps(H, A, published, 1),
        "exact horizon": exact,
    }


def default_measures(
    *, optimal_within: float, budget: float, runs: int, rng: int | np.random.Generator | None
) -> dict[str, Measure]:
    """Return what `compare` measures by default; each has a stream of its own.

    Returns
    -------
    dict of str to callable
    """
    gorp_rng, sqirl_rng, optimism_rng = np.random.default_rng(rng).spawn(3)

    def gorp(model: OutcomeModel, H: int) -> float:
        return gorp_sample_complexity(
            model, H, budget=budget, runs=runs, optimal_within=optimal_within, rng=gorp_rng
        ).timesteps

    def sqirl(model: OutcomeModel, H: int) -> float:
        return sqirl_sample_complexity(model, H, eps=optimal_within, budget=budget, runs=runs, rng=sqirl_rng).timesteps

    def optimistic(model: OutcomeModel, H: int) -> float:
        taken = optimistic_timesteps(model, H, runs=runs, optimal_within=optimal_within, rng=optimism_rng)
        return float(np.median(taken))

    return {"gorp": gorp, "sqirl": sqirl, "optimistic": optimistic}


def _spearman(bound: np.ndarray, taken: np.ndarray) -> float:
    from scipy.stats import rankdata

    known = ~np.isnan(bound) & ~np.isnan(taken)
    if known.sum() < 2:
        return math.nan
    ranks = [rankdata(column[known]) for column in (bound, taken)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return math.nan
    return float(np.corrcoef(*ranks)[0, 1])
