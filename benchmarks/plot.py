"""The picture of a run: one row a problem, one dot a solver, time on a logarithmic axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.report import OURS, Results, fastest_peer

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


def times(results: Results, ax: Axes | None = None) -> Axes:
    """Draw the median time of each solver on each problem; solvers that took too long stand at the limit, hollow.

    Parameters
    ----------
    results : Results
        What to draw.
    ax : Axes, optional
        Where; by default in a new figure.

    Returns
    -------
    Axes
    """
    import matplotlib.pyplot as plt

    names = [task.problem for task in results.tasks]
    if ax is None:
        _, ax = plt.subplots(figsize=(9, 1.8 + 0.42 * len(names)), layout="constrained")
    place = {name: k for k, name in enumerate(names)}
    for solver, (marker, colour) in _STYLES.items():
        theirs = [m for m in results.measurements if m.solver == solver]
        timed = [m for m in theirs if m.seconds]
        late = [m for m in theirs if m.note.startswith("> ")]
        look = {"marker": marker, "color": colour, "markersize": 7, "linestyle": "none"}
        if timed:
            ax.plot([m.median for m in timed], [place[m.problem] for m in timed], label=solver, **look)
        if late:
            label = None if timed else solver
            ax.plot(
                [results.settings.limit] * len(late), [place[m.problem] for m in late], mfc="none", label=label, **look
            )
    for threads, size in zip(results.settings.threads, (9, 13), strict=False):
        ours = [m for m in results.measurements if m.solver == OURS and m.threads == threads]
        ax.plot(
            [m.median for m in ours],
            [place[m.problem] for m in ours],
            marker="*" if threads > 1 else "D",
            markersize=size if threads > 1 else 7,
            color="tab:blue",
            linestyle="none",
            label=f"{OURS}, {threads} thread{'s' * (threads > 1)}",
            zorder=3,
        )
    _join(results, ax, place)
    ax.axvline(results.settings.limit, color="0.6", linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.grid(axis="both", color="0.92")
    ax.set_axisbelow(True)
    ax.set_xlabel(f"seconds to the same true error (hollow: more than {results.settings.limit:g} s)")
    ax.figure.legend(loc="outside right upper", frameon=False)
    return ax


def _join(results: Results, ax: Axes, place: dict[str, int]) -> None:
    """Draw a line from ours to the fastest peer, with the ratio beside it."""
    threads = max(results.settings.threads)
    for task in results.tasks:
        peer = fastest_peer(results, task.problem)
        ours = [m for m in results.measurements if (m.problem, m.solver, m.threads) == (task.problem, OURS, threads)]
        if peer is None or not ours:
            continue
        row = place[task.problem]
        ax.plot([ours[0].median, peer.median], [row, row], color="0.75", linewidth=1.2, zorder=1)
        middle = (ours[0].median * peer.median) ** 0.5
        text = f"{peer.ratio(threads):.1f}×"
        ax.annotate(
            text, (middle, row), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8, color="0.3"
        )
