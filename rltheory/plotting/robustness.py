"""Pictures of robustness: what nature makes of a row, and how policies fare as the world moves away from the data's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, UNITS, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DARKEST, _LIGHTEST = 0.95, 0.15  # of the colour map, for the lowest and the highest value


class _WorstCase(Protocol):
    """An answer of `rltheory.robust.worst_case`."""

    @property
    def kernel(self) -> np.ndarray: ...
    @property
    def value(self) -> float: ...


def worst_kernels(answers: Mapping[float, _WorstCase], values: Any, ax: Axes | None = None) -> Axes:
    """Draw what nature makes of a row: the mass of each state, one on top of the other, as she is held back less.

    Parameters
    ----------
    answers : mapping from weights or radii to WorstCase
        Worst cases of one row, such as of `rltheory.robust.worst_case`.
    values : array_like, shape (n_states,)
        Value of each state, in reward units; the lowest is at the bottom, and darkest.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default. Call ``ax.set_xscale("log")`` for weights of several magnitudes, and
        ``ax.invert_xaxis()`` to have the stronger nature at the right.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no answer to draw, or the values do not fit the kernels.

    See Also
    --------
    worst_kernels_table : the same numbers.

    Examples
    --------
    >>> from rltheory import robust
    >>> answers = {rho: robust.worst_case(robust.TV(rho=rho), [0.5, 0.5], [0.0, 1.0]) for rho in (0.0, 0.25, 0.5)}
    >>> ax = worst_kernels(answers, [0.0, 1.0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['value 1', 'value 0']
    """
    values = _checked_values(answers, values)
    amounts = sorted(answers)
    order = np.argsort(values, kind="stable")
    masses = np.array([answers[amount].kernel for amount in amounts]).T[order]
    ax = axes(ax)
    names = [f"value {value:g}" for value in values[order]]
    colours = _shades(len(names))
    ax.stackplot(amounts, masses, labels=names, colors=colours, edgecolor="white", linewidth=0.8)
    ax.set_xlim(amounts[0], amounts[-1])
    ax.set_ylim(0, 1)
    ax.set_xlabel("weight or radius")
    ax.set_ylabel("mass of the worst kernel")
    ax.legend(reverse=True)
    return ax


def worst_kernels_table(answers: Mapping[float, _WorstCase], values: Any) -> list[dict[str, float]]:
    """Return the numbers that `worst_kernels` draws, one row for each weight or radius and each state.

    Parameters
    ----------
    answers, values
        As for `worst_kernels`.

    Returns
    -------
    list of dict
        With keys ``amount, state, value`` (in reward units), ``mass``, and ``worst case``, that of the whole row.

    Raises
    ------
    ModelError
        As for `worst_kernels`.

    Examples
    --------
    >>> from rltheory import robust
    >>> answers = {0.25: robust.worst_case(robust.TV(rho=0.25), [0.5, 0.5], [0.0, 1.0])}
    >>> worst_kernels_table(answers, [0.0, 1.0])[0]
    {'amount': 0.25, 'state': 0, 'value': 0.0, 'mass': 0.75, 'worst case': 0.25}
    """
    values = _checked_values(answers, values)
    return [
        {"amount": amount, "state": s, "value": value, "mass": mass, "worst case": float(answers[amount].value)}
        for amount in sorted(answers)
        for s, (value, mass) in enumerate(zip(values.tolist(), answers[amount].kernel.tolist(), strict=True))
    ]


def robustness(
    amounts: Any, curves: Mapping[str, Any], ax: Axes | None = None, *, band: tuple[float, float] = (0.1, 0.9)
) -> Axes:
    """Draw values against how far the world has moved: the mean of several runs, and a band between two quantiles.

    Parameters
    ----------
    amounts : array_like, shape (m,)
        How far: a probability, a radius, a weight, a number of episodes.
    curves : mapping from names to array_like, shape (n_runs, m) or (m,)
        Values in reward units, a row for each run; a single curve has no band.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    band : (float, float)
        Levels of the quantiles over runs, in [0, 1]: ``(0, 1)`` is from the least run to the largest.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no curve to draw, one does not fit the amounts, or a level is out of range.

    See Also
    --------
    robustness_table : the same numbers.

    Examples
    --------
    >>> ax = robustness([0, 1], {"two runs": [[2.0, 0.0], [4.0, 0.0]], "one": [1.0, 1.0]}, band=(0, 1))
    >>> ax.lines[0].get_ydata().tolist(), len(ax.collections)
    ([3.0, 0.0], 1)
    """
    amounts, runs = _checked_curves(amounts, curves, band)
    ax = axes(ax)
    for k, (name, values) in enumerate(runs.items()):
        (line,) = ax.plot(amounts, values.mean(axis=0), linestyle=LINES[k % len(LINES)], linewidth=2, label=name)
        if len(values) > 1:
            low, high = np.quantile(values, band, axis=0)
            ax.fill_between(amounts, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set_xlabel("how far the world has moved")
    ax.set_ylabel(f"value ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def robustness_table(
    amounts: Any, curves: Mapping[str, Any], *, band: tuple[float, float] = (0.1, 0.9)
) -> list[dict[str, Any]]:
    """Return the numbers that `robustness` draws, one row for each curve and amount.

    Parameters
    ----------
    amounts, curves, band
        As for `robustness`.

    Returns
    -------
    list of dict
        With keys ``curve, amount, runs`` (how many), and ``mean, low, high``, in reward units.

    Raises
    ------
    ModelError
        As for `robustness`.

    Examples
    --------
    >>> robustness_table([0.5], {"two runs": [[2.0], [4.0]]}, band=(0, 1))
    [{'curve': 'two runs', 'amount': 0.5, 'runs': 2, 'mean': 3.0, 'low': 2.0, 'high': 4.0}]
    """
    amounts, runs = _checked_curves(amounts, curves, band)
    rows = []
    for name, values in runs.items():
        columns = zip(amounts, values.mean(axis=0), *np.quantile(values, band, axis=0), strict=True)
        rows += [
            {"curve": name, "amount": float(amount), "runs": len(values)}
            | {"mean": float(mean), "low": float(low), "high": float(high)}
            for amount, mean, low, high in columns
        ]
    return rows


def _shades(n: int) -> np.ndarray:
    """Return n colours in order."""
    import matplotlib as mpl

    return mpl.colormaps["Blues"](np.linspace(_DARKEST, _LIGHTEST, n))


def _checked_values(answers: Mapping[float, _WorstCase], values: Any) -> np.ndarray:
    if not answers:
        raise ModelError("there is no worst case to draw; answers maps a weight or a radius to each")
    values = np.asarray(values, dtype=np.float64)
    for amount, answer in answers.items():
        if values.shape != answer.kernel.shape:
            raise ModelError(
                f"values have shape {values.shape}, and the kernel at {amount:g} has {answer.kernel.shape};"
                " there must be a value for each state"
            )
    return values


def _checked_curves(
    amounts: Any, curves: Mapping[str, Any], band: tuple[float, float]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return amounts, and curves with an axis of runs."""
    if not curves:
        raise ModelError("there is no curve to draw; curves maps a name to each")
    if not 0 <= band[0] <= band[1] <= 1:
        raise ModelError(f"band is {band}; it must be two levels in [0, 1], the lower one first")
    amounts = np.asarray(amounts, dtype=np.float64)
    runs = {name: np.atleast_2d(np.asarray(values, dtype=np.float64)) for name, values in curves.items()}
    for name, values in runs.items():
        if amounts.ndim != 1 or values.ndim != 2 or values.shape[1] != amounts.size or not values.size:
            raise ModelError(
                f"curve {name!r} has shape {np.shape(curves[name])} and the amounts {amounts.shape};"
                " they must be (n_runs, m) or (m,), and (m,)"
            )
    return amounts, runs
