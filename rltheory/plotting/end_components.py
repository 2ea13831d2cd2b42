"""The graph of a model, in which its maximal end components, the places to stay for ever, are coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rltheory.models import MDP
from rltheory.plotting._action_graph import draw_actions
from rltheory.plotting._axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def end_components(mdp: MDP, ax: Axes | None = None) -> Axes:
    """Draw the graph of a model with its maximal end components coloured.

    Circles are states. An action that leads to one state for sure is an arrow (or ↻, if it stays); where chance
    decides, it is a box, whose arrows bear the probabilities. States of a component have its colour, and so have the
    actions that stay in it, with thick arrows; what is in no component is grey.

    Parameters
    ----------
    mdp : MDP
        The model; small enough to be read as a graph.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the model has more than 30 states.

    See Also
    --------
    end_components_table : the same facts.
    rltheory.planning.maximal_end_components : how they are found.

    Examples
    --------
    >>> import mdps
    >>> ax = end_components(mdps.gambler(4))
    >>> [text.get_text() for text in ax.texts[1:4]]
    ['1', '2', '3']
    """
    from rltheory.planning import maximal_end_components

    found = maximal_end_components(mdp)
    ax = axes(ax)
    draw_actions(ax, mdp, found.label, found.pairs)
    return ax


def end_components_table(mdp: MDP) -> list[dict[str, Any]]:
    """Return what `end_components` draws, one row for each state.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    list of dict
        With keys ``state`` (its name), ``component`` (its number, or None) and ``stay`` (the names of the actions that
        stay in the component).

    Examples
    --------
    >>> import mdps
    >>> end_components_table(mdps.gambler(2))
    [{'state': '0', 'component': 0, 'stay': ['stop']},
     {'state': '1', 'component': None, 'stay': []},
     {'state': '2', 'component': 1, 'stay': ['stop']}]
    """
    from rltheory.planning import maximal_end_components

    found = maximal_end_components(mdp)
    return [
        {
            "state": mdp.state_name(s),
            "component": int(label) if label >= 0 else None,
            "stay": [mdp.action_name(s, a) for a in range(mdp.action_counts[s]) if found.pairs[mdp.pair_start[s] + a]],
        }
        for s, label in enumerate(found.label.tolist())
    ]
