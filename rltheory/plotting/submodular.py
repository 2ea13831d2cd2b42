"""Pictures of diminishing returns: paths on a map, learning curves below a proven bound, and brackets of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, UNITS, axes
from rltheory.plotting._grid import draw_cells, grid_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ENDS = "os^DvPX*"
_APART = 0.14
_PALE, _GREY, _WALL = "white", "0.62", "0.25"
_STANDARD_ERRORS = 2


class _Answer(Protocol):
    """A value and what no policy exceeds, as `rltheory.submodular.Certified`."""

    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...
    @property
    def ratio(self) -> float: ...
    @property
    def path(self) -> np.ndarray | None: ...


class _Run(Protocol):
    """A learning curve, as `rltheory.submodular.PolicyRun`."""

    @property
    def returns(self) -> np.ndarray: ...
    @property
    def errors(self) -> np.ndarray: ...
    @property
    def batch(self) -> int: ...


def paths(
    mdp: Any,
    answers: Mapping[str, _Answer],
    ax: Axes | None = None,
    *,
    weight: Any = None,
    shape: tuple[int, int] | None = None,
) -> Axes:
    """Draw the paths of several answers on the map of a grid, each with its value and its upper bound in the legend.

    Paths are drawn a little apart, and their last cells are marked. Cells that can neither be entered nor left are
    walls.

    Parameters
    ----------
    mdp : SubmodularMDP
        Its states are a grid if they are named ``(row, column)``.
    answers : mapping of str to Certified
        By name; each with a path.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    weight : array_like, optional
        A number for each state, or for each row and column, which the map shows, in reward units; by default what a
        state is worth alone.
    shape : (int, int), optional
        Rows and columns of a grid whose states are its cells, row after row (and perhaps an end after them).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the states are no grid, an answer has no path, or ``weight`` is not one number for each state.

    See Also
    --------
    paths_table : the same paths.

    Examples
    --------
    >>> from mdps.submodular import two_room
    >>> from rltheory.submodular import beam_search, modular_planning
    >>> rooms = two_room()
    >>> ax = paths(rooms, {"beam": beam_search(rooms, width=30), "modular": modular_planning(rooms)})
    >>> [text.get_text() for text in ax.get_legend().get_texts()][1]
    'modular: 4 of at most 68'
    """
    rows = paths_table(mdp, answers, shape=shape)
    grid = grid_of(mdp, shape)
    if grid is None:
        raise ModelError("the states are no grid: name them (row, column), or give shape=")
    ax = axes(ax)
    image = grid.image(np.where(_walls(mdp), np.nan, _weight(mdp, weight)))
    flat = np.nanmin(image) == np.nanmax(image)
    drawn = draw_cells(ax, image, cmap=_light_map(), vmin=0 if flat else None)
    ax.set_facecolor(_WALL)
    name = "worth alone" if weight is None else "weight"
    ax.figure.colorbar(drawn, cax=ax.inset_axes((1.03, 0, 0.03, 1)), label=f"{name} ({UNITS})")
    for i, (name, answer) in enumerate(answers.items()):
        cells = np.array([(row["column"], row["row"]) for row in rows if row["path"] == name], dtype=float)
        x, y = (cells + _APART * (i - (len(answers) - 1) / 2)).T
        style: dict[str, Any] = {"color": f"C{i % 10}", "marker": _ENDS[i % len(_ENDS)], "markevery": [-1]}
        ax.plot(x, y, LINES[i % len(LINES)], linewidth=2, markersize=8, label=_labelled(name, answer), **style)
    ax.plot(*cells[0], "o", color="black", markerfacecolor="white", markersize=6)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1 + (len(answers) > 2), fontsize="small")
    return ax


def paths_table(
    mdp: Any, answers: Mapping[str, _Answer], *, shape: tuple[int, int] | None = None
) -> list[dict[str, Any]]:
    """Return the paths that `paths` draws, one row for each arrival.

    Parameters
    ----------
    mdp, answers, shape
        As for `paths`.

    Returns
    -------
    list of dict
        With keys ``path, h, state, gain``, state by name and the gain of the arrival in reward units, and ``row,
        column`` where the states are a grid.

    Raises
    ------
    ModelError
        If there is no answer, or one has no path.

    Examples
    --------
    >>> from mdps.submodular import two_room
    >>> from rltheory.submodular import greedy_path
    >>> rooms = two_room()
    >>> paths_table(rooms, {"greedy": greedy_path(rooms)})[0]
    {'path': 'greedy', 'h': 0, 'state': '(2, 6)', 'gain': 4.0, 'row': 2, 'column': 6}
    """
    if not answers:
        raise ModelError("there is no answer to draw")
    grid = grid_of(mdp, shape)
    cell: dict[int, tuple[int, int]] = {}
    if grid is not None:
        rows, columns = grid.row.tolist(), grid.column.tolist()
        cell = dict(zip(grid.state.tolist(), zip(rows, columns, strict=True), strict=True))
    table = []
    for name, answer in answers.items():
        if answer.path is None:
            raise ModelError(f"answer {name!r} has no path: its policy or the model is random")
        gains = mdp.F.gains_along(mdp.elements(answer.path[None]))[0]
        for h, (state, gain) in enumerate(zip(answer.path.tolist(), gains.tolist(), strict=True)):
            where = dict(zip(("row", "column"), cell.get(state, ()), strict=False))
            table.append({"path": name, "h": h, "state": mdp.state_name(state), "gain": gain} | where)
    return table


def learning_curves(runs: Mapping[str, Sequence[_Run]], ax: Axes | None = None, *, upper: float | None = None) -> Axes:
    """Draw the mean return against the number of rollouts, with bands, below what no policy exceeds.

    Parameters
    ----------
    runs : mapping of str to sequence of PolicyRun
        By name, runs that differ in nothing but the seed. The curve is their mean, and the band two standard errors of
        it on either side; a single run shows the standard errors of its batches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    upper : float, optional
        A proven bound, in reward units.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no run, or runs of one name have other rounds or batches.

    See Also
    --------
    learning_curves_table : the same numbers.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> from rltheory.submodular import subpo
    >>> runs = [subpo(coin_mirror(), rounds=5, batch=50, rng=seed) for seed in range(3)]
    >>> ax = learning_curves({"Markov": runs}, upper=2.0)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['Markov (3 runs)', 'no policy exceeds 2']
    """
    rows = learning_curves_table(runs)
    ax = axes(ax)
    for i, (name, own) in enumerate(runs.items()):
        shown = [row for row in rows if row["learner"] == name]
        x, mean, low, high = (np.array([row[key] for row in shown]) for key in ("rollouts", "mean", "low", "high"))
        label = f"{name} ({len(own)} runs)" if len(own) > 1 else name
        ax.plot(x, mean, LINES[i % len(LINES)], color=f"C{i % 10}", linewidth=2, label=label)
        ax.fill_between(x, low, high, color=f"C{i % 10}", alpha=0.2, linewidth=0)
    if upper is not None:
        ax.axhline(upper, color="black", linestyle=":", label=f"no policy exceeds {upper:.4g}")
    ax.set_xlabel("rollouts")
    ax.set_ylabel(f"mean return ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def learning_curves_table(runs: Mapping[str, Sequence[_Run]]) -> list[dict[str, Any]]:
    """Return the numbers that `learning_curves` draws, one row for each round of each learner.

    Parameters
    ----------
    runs
        As for `learning_curves`.

    Returns
    -------
    list of dict
        With keys ``learner, round, rollouts`` (so far, of one run), ``mean, low, high``, the last three in reward
        units.

    Raises
    ------
    ModelError
        As for `learning_curves`.
    """
    if not runs:
        raise ModelError("there is no run to draw")
    table = []
    for learner, own in runs.items():
        shapes = {(run.returns.size, run.batch) for run in own}
        if len(shapes) != 1:
            raise ModelError(f"runs of {learner!r} have rounds and batches {sorted(shapes)}; they must be alike")
        curves = np.stack([run.returns for run in own])
        many = len(curves) > 1
        error = curves.std(axis=0, ddof=1) / np.sqrt(len(curves)) if many else own[0].errors
        mean, around = curves.mean(axis=0), _STANDARD_ERRORS * error
        for t, (low, middle, high) in enumerate(zip(mean - around, mean, mean + around, strict=True)):
            done = {"learner": learner, "round": t, "rollouts": (t + 1) * own[0].batch}
            table.append(done | {"mean": float(middle), "low": float(low), "high": float(high)})
    return table


def brackets(answers: Mapping[str, _Answer], ax: Axes | None = None) -> Axes:
    """Draw what each of several answers reaches as a bar, and up to its bound, as a light one, what may be missing.

    Parameters
    ----------
    answers : mapping of str to Certified
        By name. Where no bound was proven there is no light bar.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no answer.

    See Also
    --------
    brackets_table : the same numbers.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> from rltheory.submodular import solve_exact, solve_markov
    >>> coin = coin_mirror()
    >>> ax = brackets({"Markov": solve_markov(coin), "all": solve_exact(coin)})
    >>> [text.get_text() for text in ax.texts]
    [' 1.5 (75 %)', ' 2 (100 %)']
    """
    rows = brackets_table(answers)
    ax = axes(ax)
    lower = np.array([row["lower"] for row in rows])
    upper = np.array([row["upper"] for row in rows])
    proven, at = np.isfinite(upper), np.arange(len(rows))
    ax.barh(at, lower, color="C0", label="reached")
    ax.barh(at[proven], (upper - lower)[proven], left=lower[proven], color="C0", alpha=0.25, label="perhaps possible")
    ax.plot(upper[proven], at[proven], "|", color="black", markersize=16, markeredgewidth=2, label="no policy exceeds")
    for y, row in enumerate(rows):
        share = f" ({100 * row['ratio']:.3g} %)" if np.isfinite(row["upper"]) else ""
        ax.text(0, y, f" {row['lower']:.4g}{share}", va="center", color="white" if row["lower"] > 0 else "black")
    ax.set_yticks(at, [row["answer"] for row in rows])
    ax.invert_yaxis()
    ax.set_xlabel(f"value ({UNITS})")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize="small")
    return ax


def brackets_table(answers: Mapping[str, _Answer]) -> list[dict[str, Any]]:
    """Return the numbers that `brackets` draws, one row for each answer.

    Parameters
    ----------
    answers
        As for `brackets`.

    Returns
    -------
    list of dict
        With keys ``answer, lower, upper, ratio``: the ends in reward units, and the proven part of the optimum.

    Raises
    ------
    ModelError
        If there is no answer.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> from rltheory.submodular import solve_markov
    >>> brackets_table({"Markov": solve_markov(coin_mirror())})
    [{'answer': 'Markov', 'lower': 1.5, 'upper': 2.0, 'ratio': 0.75}]
    """
    if not answers:
        raise ModelError("there is no answer to draw")
    return [
        {"answer": name, "lower": float(answer.lower), "upper": float(answer.upper), "ratio": float(answer.ratio)}
        for name, answer in answers.items()
    ]


def _light_map() -> Any:
    """Return colours that are all light enough for lines over them."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("light", [_PALE, _GREY])


def _labelled(name: str, answer: _Answer) -> str:
    """Return a name with what was reached and what no policy exceeds."""
    top = f" of at most {answer.upper:.4g}" if np.isfinite(answer.upper) else ""
    return f"{name}: {answer.lower:.4g}{top}"


def _weight(mdp: Any, weight: Any) -> np.ndarray:
    """Return the number of each state that the map shows."""
    if weight is None:
        return np.asarray(mdp.F.tally().gains())[: mdp.n_states]
    flat = np.asarray(weight, dtype=np.float64).ravel()
    if flat.size != mdp.n_states:
        raise ModelError(f"weight has {flat.size} numbers; the model has {mdp.n_states} states")
    return flat


def _walls(mdp: Any) -> np.ndarray:
    """Tell which states can neither be entered nor left at the first step."""
    P = mdp.dynamics.rows(0).tocoo()
    source, target = mdp.pair_state[P.coords[0]], P.coords[1]
    moves = (source != target) & (P.data > 0)
    wall = np.ones(mdp.n_states, dtype=bool)
    wall[source[moves]] = wall[target[moves]] = False
    return wall
