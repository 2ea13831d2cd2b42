"""Pictures of laws of the return: distribution functions, masses, the worst part, and the risk at every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, UNITS, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN = 0.05  # of the range of atoms, on either side
_WIDEST = 1 / 20  # of the range of atoms, for the bars at one of them
_NARROWEST = 1 / 200
_LEVELS = tuple(k / 100 for k in range(1, 101))


class _Law(Protocol):
    """A law with finitely many atoms, in increasing order, as `rltheory.distributional.DiscreteLaw`."""

    @property
    def atoms(self) -> np.ndarray: ...
    @property
    def prob(self) -> np.ndarray: ...
    @property
    def cumulative(self) -> np.ndarray: ...


def law_cdf(laws: Mapping[str, _Law], ax: Axes | None = None) -> Axes:
    """Draw distribution functions: how likely is it that the return is at most x?

    Parameters
    ----------
    laws : mapping from names to DiscreteLaw
        What to compare.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no law to draw.

    See Also
    --------
    law_table : the same numbers.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> ax = law_cdf({"coin": DiscreteLaw([0.0, 1.0])})
    >>> ax.lines[0].get_ydata().tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    low, high = _range(laws)
    room = _MARGIN * (high - low or 1.0)
    ax = axes(ax)
    for k, (name, law) in enumerate(laws.items()):
        x = np.concatenate([[low - room], law.atoms, [high + room]])
        heights = np.concatenate([[0.0], law.cumulative, [1.0]])
        ax.step(x, heights, where="post", linestyle=LINES[k % len(LINES)], label=name)
    ax.set_xlim(low - room, high + room)
    ax.set_xlabel(f"x ({UNITS})")
    ax.set_ylabel("probability of a return of at most x")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def law_masses(laws: Mapping[str, _Law], ax: Axes | None = None) -> Axes:
    """Draw the probability of each value, with the bars of several laws side by side.

    Parameters
    ----------
    laws : mapping from names to DiscreteLaw
        What to compare; laws of few atoms are best.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no law to draw.

    See Also
    --------
    law_table : the same numbers.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> ax = law_masses({"coin": DiscreteLaw([0.0, 1.0]), "sure": DiscreteLaw.point(1.0)})
    >>> [float(bar.get_height()) for bar in ax.patches]
    [0.5, 0.5, 1.0]
    """
    low, high = _range(laws)
    spread = high - low or 1.0
    gap = np.diff(np.unique(np.concatenate([law.atoms for law in laws.values()]))).min(initial=spread)
    width = np.clip(0.8 * gap, _NARROWEST * spread, _WIDEST * spread * len(laws)) / len(laws)
    ax = axes(ax)
    for k, (name, law) in enumerate(laws.items()):
        ax.bar(law.atoms + (k - (len(laws) - 1) / 2) * width, law.prob, width, label=name)
    ax.set_xlabel(f"return ({UNITS})")
    ax.set_ylabel("probability")
    ax.grid(visible=True, axis="y", color="0.9")
    ax.set_axisbelow(True)
    ax.legend()
    return ax


def law_table(laws: Mapping[str, _Law]) -> list[dict[str, Any]]:
    """Return the numbers that `law_cdf` and `law_masses` draw, one row for each law and atom.

    Parameters
    ----------
    laws
        As for `law_cdf`.

    Returns
    -------
    list of dict
        With keys ``law, value`` (in reward units), ``probability`` and ``at most`` (the distribution function).

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> law_table({"coin": DiscreteLaw([0.0, 1.0])})[0]
    {'law': 'coin', 'value': 0.0, 'probability': 0.5, 'at most': 0.5}
    """
    _range(laws)
    return [
        {"law": name, "value": value, "probability": mass, "at most": total}
        for name, law in laws.items()
        for value, mass, total in zip(law.atoms.tolist(), law.prob.tolist(), law.cumulative.tolist(), strict=True)
    ]


def law_tail(law: _Law, tau: float, ax: Axes | None = None) -> Axes:
    """Draw a law from its worst outcome to its best, with the worst fraction shaded and its mean, the CVaR.

    The curve is the quantile function. CVaR is its mean height over the shaded part.

    Parameters
    ----------
    law : DiscreteLaw
        What to draw.
    tau : float
        Mass of the lower tail, in (0, 1].
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If tau is not in (0, 1].

    See Also
    --------
    law_tail_table : the same numbers.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> ax = law_tail(DiscreteLaw([0.0, 1.0]), 0.75)
    >>> mean_of_tail = ax.lines[1]
    >>> mean_of_tail.get_xdata().tolist(), mean_of_tail.get_ydata().tolist()
    ([0.0, 0.75], [0.333..., 0.333...])
    """
    mean = _tail_mean(law, tau)
    ax = axes(ax)
    levels, heights = np.concatenate([[0.0], law.cumulative]), np.append(law.atoms, law.atoms[-1])
    ax.axvspan(0, tau, color="tab:red", alpha=0.12, linewidth=0)
    ax.step(levels, heights, where="post", color="tab:blue", linewidth=2, label="return")
    ax.plot([0.0, tau], [mean, mean], color="tab:red", linestyle="--", linewidth=2, label=f"CVaR, mean of {tau:.0%}")
    ax.set_xlim(0, 1)
    ax.set_xlabel("fraction of outcomes, worst first")
    ax.set_ylabel(f"return ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def law_tail_table(law: _Law, tau: float) -> list[dict[str, float]]:
    """Return the numbers that `law_tail` draws, one row for each atom.

    Parameters
    ----------
    law, tau
        As for `law_tail`.

    Returns
    -------
    list of dict
        With keys ``value, probability`` and ``in the tail``, the part of that probability that belongs to the worst
        tau. CVaR is the mean value with weights ``in the tail / tau``.

    Raises
    ------
    ModelError
        As for `law_tail`.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> [row["in the tail"] for row in law_tail_table(DiscreteLaw([0.0, 1.0]), 0.75)]
    [0.5, 0.25]
    """
    columns = zip(law.atoms.tolist(), law.prob.tolist(), _tail(law, tau).tolist(), strict=True)
    return [{"value": value, "probability": mass, "in the tail": tail} for value, mass, tail in columns]


def law_cvar(laws: Mapping[str, _Law], ax: Axes | None = None, *, levels: Sequence[float] = _LEVELS) -> Axes:
    """Draw the CVaR of laws at every level: from near the worst case, at the left, to the mean, at level 1.

    Parameters
    ----------
    laws : mapping from names to DiscreteLaw
        What to compare.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    levels : sequence of float
        Masses of the lower tail, in (0, 1]; every hundredth by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no law to draw, or a level is not in (0, 1].

    See Also
    --------
    law_cvar_table : the same numbers.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> ax = law_cvar({"coin": DiscreteLaw([0.0, 1.0])}, levels=(0.5, 1.0))
    >>> ax.lines[0].get_ydata().tolist()
    [0.0, 0.5]
    """
    rows = law_cvar_table(laws, levels=levels)
    ax = axes(ax)
    for k, name in enumerate(laws):
        heights = [row["CVaR"] for row in rows if row["law"] == name]
        ax.plot(levels, heights, linestyle=LINES[k % len(LINES)], label=name)
    ax.set_xlabel("level, the fraction of outcomes that counts")
    ax.set_ylabel(f"CVaR ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def law_cvar_table(laws: Mapping[str, _Law], *, levels: Sequence[float] = _LEVELS) -> list[dict[str, Any]]:
    """Return the numbers that `law_cvar` draws, one row for each law and level.

    Parameters
    ----------
    laws, levels
        As for `law_cvar`.

    Returns
    -------
    list of dict
        With keys ``law, level`` and ``CVaR``, in reward units.

    Raises
    ------
    ModelError
        As for `law_cvar`.

    Examples
    --------
    >>> from rltheory.distributional import DiscreteLaw
    >>> law_cvar_table({"coin": DiscreteLaw([0.0, 1.0])}, levels=[0.5])
    [{'law': 'coin', 'level': 0.5, 'CVaR': 0.0}]
    """
    _range(laws)
    return [
        {"law": name, "level": float(level), "CVaR": _tail_mean(law, level)}
        for name, law in laws.items()
        for level in levels
    ]


def _range(laws: Mapping[str, _Law]) -> tuple[float, float]:
    """Return the least and the largest atom."""
    if not laws:
        raise ModelError("there is no law to draw; laws maps a name to each")
    return min(float(law.atoms[0]) for law in laws.values()), max(float(law.atoms[-1]) for law in laws.values())


def _tail(law: _Law, tau: float) -> np.ndarray:
    """Return which part of each atom's probability is in the worst tau."""
    if not 0 < tau <= 1:
        raise ModelError(f"tau is {tau}; it is the mass of the lower tail, in (0, 1]")
    return np.diff(np.minimum(law.cumulative, tau), prepend=0.0)


def _tail_mean(law: _Law, tau: float) -> float:
    return float(_tail(law, tau) @ law.atoms) / tau
