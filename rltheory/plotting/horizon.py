"""Pictures of lookahead: what theory promises of several games, against what an algorithm has taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "osD^vP*Xph"


class _Comparison(Protocol):
    """Bounds and measurements, as `rltheory.horizon.Comparison`."""

    @property
    def games(self) -> tuple[str, ...]: ...
    @property
    def bounds(self) -> Mapping[str, np.ndarray]: ...
    @property
    def measured(self) -> Mapping[str, np.ndarray]: ...
    def rank_correlation(self) -> list[dict[str, Any]]: ...


def comparison(
    table: _Comparison, measured: str, ax: Axes | None = None, *, bounds: Iterable[str] | None = None
) -> Axes:
    """Draw what was measured of each game against what bounds promise, both in timesteps and on logarithmic axes.

    What is above the diagonal took more than was promised. A bound orders games well if its points go up from left to
    right, however far from the diagonal they are; the legend has Spearman's correlation of the ranks.

    Parameters
    ----------
    table : Comparison
        Of `rltheory.horizon.compare`.
    measured : str
        Name of a measurement, such as ``"gorp"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    bounds : iterable of str, optional
        Which bounds; all by default. Games of which a bound or the measurement is infinite or unknown have no point.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no such bound or measurement, or no point to draw.

    See Also
    --------
    comparison_table : the same numbers.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import horizon
    >>> games = {f"lock {H}": (mdps.horizon_lock(H), H) for H in (2, 3, 4)}
    >>> ax = comparison(horizon.compare(games, rng=0), "gorp", bounds=["worst case"])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['worst case (ranks 1.00, 3 games)']
    """
    rows = comparison_table(table, measured, bounds=bounds)
    shown = [row for row in rows if np.isfinite([row["promised"], row["taken"]]).all()]
    if not shown:
        raise ModelError(f"there is no point to draw: every promise or every measurement of {measured!r} is infinite")
    ranks = {row["bound"]: row for row in table.rank_correlation() if row["measured"] == measured}
    ax = axes(ax)
    for i, name in enumerate(dict.fromkeys(row["bound"] for row in rows)):
        points = np.array([(row["promised"], row["taken"]) for row in shown if row["bound"] == name]).reshape(-1, 2)
        label = f"{name} (ranks {ranks[name]['spearman']:.2f}, {ranks[name]['n']} games)"
        ax.plot(*points.T, _MARKERS[i % len(_MARKERS)], color=f"C{i % 10}", alpha=0.7, markersize=7, label=label)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ends = [min(row["taken"] for row in shown), max(row["taken"] for row in shown)]
    ax.plot(ends, ends, ":", color="0.4")
    ax.set_xlabel("timesteps promised")
    ax.set_ylabel(f"timesteps that {measured} took")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def comparison_table(table: _Comparison, measured: str, *, bounds: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return the numbers that `comparison` draws, one row for each bound and game.

    Parameters
    ----------
    table, measured, bounds
        As for `comparison`.

    Returns
    -------
    list of dict
        With keys ``bound, game, promised, taken``, the last two in timesteps.

    Raises
    ------
    ModelError
        If there is no such bound or measurement.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import horizon
    >>> table = horizon.compare({"lock": (mdps.horizon_lock(3), 3)}, measures={"one": lambda model, H: 1.0})
    >>> comparison_table(table, "one", bounds=["worst case"])
    [{'bound': 'worst case', 'game': 'lock', 'promised': 12.0, 'taken': 1.0}]
    """
    if measured not in table.measured:
        raise ModelError(f"{measured!r} was not measured; there is {', '.join(table.measured) or 'nothing'}")
    names = list(table.bounds if bounds is None else bounds)
    for name in names:
        if name not in table.bounds:
            raise ModelError(f"there is no bound {name!r}; there is {', '.join(table.bounds)}")
    return [
        {"bound": name, "game": game, "promised": float(promised), "taken": float(taken)}
        for name in names
        for game, promised, taken in zip(table.games, table.bounds[name], table.measured[measured], strict=True)
    ]
