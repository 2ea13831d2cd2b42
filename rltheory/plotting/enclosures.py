"""Pictures of how sure several answers are: their values side by side, each with what is proven about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP, ModelError
from rltheory.plotting._axes import UNITS, axes, name_ticks
from rltheory.plotting.planning import values_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PROVEN = "osD^v"
_UNPROVEN = "x+1234"
_SHARE = 0.7  # of the room of a state that its answers take


def enclosures(
    model: MDP | FiniteHorizonMDP, answers: Mapping[str, Any], ax: Axes | None = None, *, t: int = 0
) -> Axes:
    """Draw several answers about one model side by side, state by state, with their proven bounds.

    An answer with bounds is a filled marker with a bar from ``lower`` to ``upper``, which is not seen where it is
    narrower than the marker; one without is a cross.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        What the answers are about.
    answers : mapping from names to Solution, PolicyValue, or array_like of shape (n_states,)
        Values in reward units; of a finite horizon, (H + 1, n_states).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    t : int
        Step of a finite horizon.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no answer, or one does not fit the model.

    See Also
    --------
    enclosures_table : the same numbers.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> ax = enclosures(mdp, {"a guess": [1.9], "proven": rl.solve(mdp)})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a guess', 'proven']
    """
    table = enclosures_table(model, answers, t=t)
    ax = axes(ax)
    proven, unproven = iter(_PROVEN * len(answers)), iter(_UNPROVEN * len(answers))
    shifts = (np.arange(len(answers)) - (len(answers) - 1) / 2) * _SHARE / len(answers)
    for name, shift in zip(answers, shifts, strict=True):
        own = [row for row in table if row["answer"] == name]
        x, value = np.arange(len(own)) + shift, np.array([row["value"] for row in own])
        if "lower" in own[0]:
            ends = np.abs([[row[end] - row["value"] for row in own] for end in ("lower", "upper")])
            ax.errorbar(x, value, yerr=ends, fmt=next(proven), markersize=5, capsize=4, label=name)
        else:
            ax.plot(x, value, next(unproven), markersize=8, markeredgewidth=2, label=name)
    name_ticks(ax, [model.state_name(s) for s in range(model.n_states)])
    ax.set_xlabel("state")
    ax.set_ylabel(f"value ({UNITS})")
    ax.grid(visible=True, axis="y", color="0.9")
    ax.legend()
    return ax


def enclosures_table(model: MDP | FiniteHorizonMDP, answers: Mapping[str, Any], *, t: int = 0) -> list[dict[str, Any]]:
    """Return the numbers that `enclosures` draws, one row for each answer and state.

    Parameters
    ----------
    model, answers, t
        As for `enclosures`.

    Returns
    -------
    list of dict
        With keys ``answer, state, value`` and, where they are known, ``lower, upper``, in reward units.

    Raises
    ------
    ModelError
        As for `enclosures`.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> enclosures_table(mdp, {"a guess": [1.9]})
    [{'answer': 'a guess', 'state': '0', 'value': 1.9}]
    """
    if not answers:
        raise ModelError("there is no answer to draw; answers maps a name to each")
    return [{"answer": name} | row for name, answer in answers.items() for row in values_table(model, answer, t=t)]
