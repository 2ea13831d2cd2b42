"""Pictures of theorems put to the test: how close each instance comes to the bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import axes, name_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class _Check(Protocol):
    """One inequality on one instance, as `proofs_check.Check`."""

    @property
    def lhs(self) -> float: ...
    @property
    def rhs(self) -> float: ...
    @property
    def holds(self) -> bool: ...
    @property
    def slack(self) -> float: ...
    @property
    def tightness(self) -> float: ...


def slack(checks: Iterable[_Check] | Mapping[str, _Check], ax: Axes | None = None, *, relative: bool = True) -> Axes:
    """Draw how close each instance comes to its bound.

    Parameters
    ----------
    checks : iterable of Check, or mapping from the instances' names
        Inequalities ``lhs <= rhs``, as `proofs_check` makes them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    relative : bool
        Whether to draw the tightness ``lhs / rhs``, which has no unit and is 1 where the bound is attained, or the
        slack ``rhs - lhs`` in the units of the theorem, which is 0 there. A violation is red either way.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no check to draw.

    See Also
    --------
    slack_table : the same numbers.

    Examples
    --------
    >>> import proofs_check
    >>> ax = slack([proofs_check.Check(lhs=0.5, rhs=1.0), proofs_check.Check(lhs=2.0, rhs=2.0)])
    >>> ax.collections[0].get_offsets()[:, 1].tolist()
    [0.5, 1.0]
    """
    rows = slack_table(checks)
    if not rows:
        raise ModelError("there is no check to draw")
    ax = axes(ax)
    heights = np.array([row["tightness" if relative else "slack"] for row in rows])
    attained = 1.0 if relative else 0.0
    ax.scatter(range(len(rows)), heights, c=["tab:blue" if row["holds"] else "tab:red" for row in rows], zorder=3)
    ax.axhline(attained, color="0.3", linestyle="--", label="bound attained")
    name_ticks(ax, [row["instance"] for row in rows])
    ax.set_xlabel("instance")
    ax.set_ylabel("tightness, left side / right side (no unit)" if relative else "slack, right - left side (its units)")
    ax.legend()
    return ax


def slack_table(checks: Iterable[_Check] | Mapping[str, _Check]) -> list[dict[str, Any]]:
    """Return the numbers that `slack` draws, one row for each instance.

    Parameters
    ----------
    checks
        As for `slack`.

    Returns
    -------
    list of dict
        With keys ``instance, lhs, rhs, slack, tightness, holds``.

    Examples
    --------
    >>> import proofs_check
    >>> slack_table({"coin": proofs_check.Check(lhs=0.5, rhs=1.0)})
    [{'instance': 'coin', 'lhs': 0.5, 'rhs': 1.0, 'slack': 0.5, 'tightness': 0.5, 'holds': True}]
    """
    named = checks.items() if isinstance(checks, Mapping) else ((str(i), check) for i, check in enumerate(checks))
    columns = ("lhs", "rhs", "slack", "tightness", "holds")
    return [{"instance": name} | {column: getattr(check, column) for column in columns} for name, check in named]
