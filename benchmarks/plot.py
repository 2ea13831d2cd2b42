"""The picture of a run: one row a problem, one dot a solver, time on a logarithmic axis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import OURS, Results, fastest_peer, ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES = {
    "quantecon_mpi": ("o", "tab:orange"),
    "quantecon_pi": ("s", "tab:orange"),
    "mdpsolver_mpi": ("o", "tab:green"),
    "storm_discounted": ("o", "tab:purple"),
    "storm_ovi": ("^", "tab:purple"),
    "storm_pi": ("s", "tab:purple"),
    "mdptoolbox_vi": ("o", "tab:brown"),
    "mdptoolbox_pi": ("s", "tab:brown"),
}


def save(results: Results, path: Path) -> None:
    """Write the picture to a file, in a figure that grows with the number of problems."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 1.6 + 0.5 * len(results.tasks)), layout="constrained")
    times(results, figure.subplots())
    figure.savefig(path, dpi=110)


def times(results: Results, ax: Axes) -> Axes:
    """Draw the median time of each solver on each problem; solvers that took too long stand at the limit, hollow.

    Parameters
    ----------
    results : Results
        What to draw.
    ax : Axes
        Where; the legend goes above, to the whole figure.

    Returns
    -------
    Axes
    """
    names = [task.problem for task in results.tasks]
    place = {name: k for k, name in enumerate(names)}
    _draw_ours(results, ax, place)
    _draw_peers(results, ax, place)
    _draw_ratios(results, ax, place)
    ax.axvline(results.settings.limit, color="0.6", linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g} s" if x >= 0.1 else f"{1000 * x:g} ms")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="both", color="0.92")
    ax.set_axisbelow(True)
    ax.set_xlabel(f"time to the same true error (hollow: more than {results.settings.limit:g} s)")
    ax.figure.legend(loc="outside upper center", ncols=4, frameon=False)
    return ax


def _draw_ours(results: Results, ax: Axes, place: dict[str, int]) -> None:
    for threads in results.settings.threads:
        ours = [m for m in results.measurements if m.solver == OURS and m.threads == threads]
        several = threads > 1
        ax.plot(
            [m.median for m in ours],
            [place[m.problem] for m in ours],
            marker="*" if several else "D",
            markersize=13 if several else 7,
            color="tab:blue" if several else "tab:cyan",
            markeredgecolor="white",
            linestyle="none",
            label=f"{OURS}, {threads} thread{'s' * several}",
            zorder=3,
        )


def _draw_peers(results: Results, ax: Axes, place: dict[str, int]) -> None:
    """Draw the peers, those at the limit one below the other."""
    at_limit = dict.fromkeys(place, 0)
    for solver, (marker, colour) in _STYLES.items():
        look: dict[str, Any] = {"marker": marker, "color": colour, "markersize": 6.5, "linestyle": "none"}
        theirs = [m for m in results.measurements if m.solver == solver]
        for m in theirs:
            if m.seconds:
                ax.plot(m.median, place[m.problem], **look)
            elif m.note.startswith("> "):
                below = 0.13 * at_limit[m.problem] - 0.26
                at_limit[m.problem] += 1
                ax.plot(results.settings.limit, place[m.problem] + below, markerfacecolor="none", **look)
        if theirs:
            ax.plot([], [], label=solver, **look)


def _draw_ratios(results: Results, ax: Axes, place: dict[str, int]) -> None:
    """Join ours with the fastest peer, and write their ratio at the right."""
    threads = max(results.settings.threads)
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 9, "color": "0.3"}
    ax.text(1.01, -0.6, "fastest peer\n/ ours", **{**look, "va": "bottom", "fontsize": 8})
    for problem, ratio in ratios(results, threads).items():
        peer, row = fastest_peer(results, problem), place[problem]
        ours = [m for m in results.measurements if (m.problem, m.solver, m.threads) == (problem, OURS, threads)]
        if peer is not None and ours:
            ax.plot([ours[0].median, peer.median], [row, row], color="0.7", linewidth=1.2, zorder=1)
            ax.text(1.01, row, f"{ratio:.1f}×", **look)
