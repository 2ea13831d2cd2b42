"""Pictures of what learning costs: regret over episodes, between what is promised and what nobody can avoid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, UNITS, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 60
_NOTHING = 1e-9  # what is less is rounding, and has no place on a logarithmic axis


class _Run(Protocol):
    """What was learned, as `rltheory.exploration.LearningRun`."""

    @property
    def cumulative_regret(self) -> np.ndarray: ...


Runs = Mapping[str, "_Run | Iterable[_Run]"]
Bounds = Mapping[str, Callable[[int], float]]


def regret(runs: Runs, ax: Axes | None = None, *, upper: Bounds | None = None, lower: Bounds | None = None) -> Axes:
    """Draw the regret of learners, summed over episodes, between bounds; both axes are logarithmic.

    A line is the mean over the runs of a learner, the band around it reaches from the lowest to the highest of them, or
    to half of the least that a line shows where a run has lost nothing. A bound that is promised with a probability is
    broken by a run that comes out above it; one on the mean is not broken by a single run.

    Parameters
    ----------
    runs : mapping of str to LearningRun, or to several of them
        The runs of each learner, with the same number of episodes, at least 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    upper, lower : mapping of str to callable, optional
        What is promised and what cannot be avoided: the regret, in reward units, as a function of the number of
        episodes. ``{"trivial": lambda K: vmax * K}`` is what no regret exceeds.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If a learner has no runs, or runs of different lengths or without episodes.

    See Also
    --------
    regret_table : the same numbers.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Data, ucbvi
    >>> river = mdps.river_swim(3, gamma=1).finite_horizon(5)
    >>> runs = [ucbvi(river, 100, radius=Data(), rng=seed) for seed in range(3)]
    >>> ax = regret({"UCBVI": runs}, upper={"trivial": lambda K: 5.0 * K})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['trivial', 'UCBVI (3 runs)']
    """
    curves: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in regret_table(runs, upper=upper, lower=lower):
        curves.setdefault((row["kind"], row["curve"]), []).append(row)
    ax = axes(ax)
    styles = {"upper": iter(LINES[1:] * len(curves)), "lower": iter(LINES[:0:-1] * len(curves))}
    colours = iter(f"C{i % 10}" for i in range(len(curves)))
    shown = [row["regret"] for rows in curves.values() for row in rows if row["regret"] > _NOTHING]
    floor = min(shown, default=1.0) / 2
    for (kind, name), rows in sorted(curves.items(), key=lambda curve: ("upper", "run", "lower").index(curve[0][0])):
        at = [row["episodes"] for row in rows]
        middle = [row["regret"] if row["regret"] > _NOTHING else np.nan for row in rows]
        if kind == "run":
            colour, n = next(colours), rows[0]["runs"]
            ax.plot(at, middle, color=colour, linewidth=2, label=f"{name} ({n} run{'s' * (n > 1)})")
            lowest, highest = (np.maximum([row[key] for row in rows], floor) for key in ("lowest", "highest"))
            ax.fill_between(at, lowest, highest, color=colour, alpha=0.2, linewidth=0)
        else:
            ax.plot(at, middle, color="black" if kind == "upper" else "0.45", linestyle=next(styles[kind]), label=name)
    ax.set(xscale="log", yscale="log", xlabel="episodes", ylabel=f"regret so far ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def regret_table(runs: Runs, *, upper: Bounds | None = None, lower: Bounds | None = None) -> list[dict[str, Any]]:
    """Return the numbers that `regret` draws, one row for each curve and some sixty numbers of episodes.

    Parameters
    ----------
    runs, upper, lower
        As for `regret`.

    Returns
    -------
    list of dict
        With keys ``curve, kind`` ("run", "upper" or "lower"), ``episodes, regret`` (the mean over runs, or the bound),
        ``lowest, highest`` (over runs), ``error`` (the standard error of the mean; 0 of a bound, nan of a single run)
        and ``runs`` (their number; 0 of a bound). Regrets are sums over the episodes, in reward units.

    Raises
    ------
    ModelError
        As for `regret`.

    Examples
    --------
    >>> from rltheory.exploration import LearningRun
    >>> runs = [LearningRun("coin", 1.0, [1.0, each], [[0]]) for each in (0.0, 0.5)]
    >>> for row in regret_table({"coin": runs}):
    ...     print(row["episodes"], row["regret"], row["lowest"], row["highest"], row["error"])
    1 1.0 1.0 1.0 0.0
    2 1.25 1.0 1.5 0.25
    """
    totals = {name: _totals(name, some) for name, some in runs.items()}
    longest = max((total.shape[1] for total in totals.values()), default=1)
    rows = [row for name, total in totals.items() for row in _rows_of_runs(name, total)]
    for kind, bounds in (("upper", upper), ("lower", lower)):
        for name, bound in (bounds or {}).items():
            for k in _looked_at(longest):
                value = float(bound(k))
                common = {"regret": value, "lowest": value, "highest": value, "error": 0.0, "runs": 0}
                rows.append({"curve": name, "kind": kind, "episodes": k} | common)
    return rows


def _totals(name: str, runs: _Run | Iterable[_Run]) -> np.ndarray:
    """Return the summed regrets of the runs of a learner, shape (n_runs, K)."""
    several = list(runs) if isinstance(runs, Iterable) else [runs]
    lengths = sorted({run.cumulative_regret.size for run in several})
    if len(lengths) != 1 or lengths[0] == 0:
        found = " and ".join(map(str, lengths)) or "no runs"
        raise ModelError(f"{name!r} has {found}; its runs must have the same number of episodes, at least 1")
    return np.array([run.cumulative_regret for run in several])


def _rows_of_runs(name: str, totals: np.ndarray) -> Iterator[dict[str, Any]]:
    n, K = totals.shape
    for k in _looked_at(K):
        at = totals[:, k - 1]
        yield {
            "curve": name,
            "kind": "run",
            "episodes": k,
            "regret": float(at.mean()),
            "lowest": float(at.min()),
            "highest": float(at.max()),
            "error": float(at.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
            "runs": n,
        }


def _looked_at(K: int) -> list[int]:
    """Return numbers of episodes from 1 to K that are evenly spread on a logarithmic axis."""
    return np.unique(np.geomspace(1, K, _POINTS).round().astype(int)).tolist()
