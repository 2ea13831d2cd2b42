"""The graph of all that a model's actions can do, for models small enough to be read as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP
from rltheory.plotting._graph import layout, require_readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STATE_SIZE, _ACTION_SIZE = 1500, 500
_CURVED = "arc3,rad=0.12"
_FILLS = ("#8ecae6", "#f6c177", "#7fd1ae", "#e5a9cd", "#f0e442", "#c3b8ee")  # the colour-blind tell them apart too
_INKS = ("#0072b2", "#b35900", "#007a5a", "#a8326e", "#857800", "#4b4bb3")
_GREY_FILL, _GREY_INK = "#eeeeee", "0.45"


def draw_actions(ax: Axes, mdp: MDP, label: np.ndarray, kept: np.ndarray) -> None:
    """Draw states as circles and actions as arrows, which part where chance decides.

    The colour of a state is its label (grey if it is -1); the actions that are ``kept`` have it too, and are thick.
    """
    import networkx as nx

    require_readable(mdp, "read end_components_table")
    graph = _action_graph(mdp, label, kept)
    place = layout(graph, untangled=True)
    states, actions = list(range(mdp.n_states)), [node for node in graph if isinstance(node, tuple)]
    fills = [_colour(_FILLS, _GREY_FILL, s) for s in label.tolist()]
    circles: dict[str, Any] = {"node_size": _STATE_SIZE, "node_color": fills, "edgecolors": _GREY_INK}
    nx.draw_networkx_nodes(graph, place, states, ax=ax, **circles)
    nx.draw_networkx_labels(graph, place, {s: graph.nodes[s]["text"] for s in states}, ax=ax, font_size=9)
    sizes = [_STATE_SIZE] * len(states) + [_ACTION_SIZE] * len(actions)
    edges: dict[str, Any] = {"ax": ax, "connectionstyle": _CURVED, "nodelist": [*states, *actions], "node_size": sizes}
    labels = list(nx.get_edge_attributes(graph, "label").values())
    inks, widths = [_colour(_INKS, _GREY_INK, i) for i in labels], [1.0 if i < 0 else 2.5 for i in labels]
    nx.draw_networkx_edges(graph, place, width=widths, edge_color=inks, **edges)
    near_the_tail: dict[str, Any] = {"label_pos": 0.3, "font_size": 8, "rotate": False}
    nx.draw_networkx_edge_labels(graph, place, nx.get_edge_attributes(graph, "text"), **near_the_tail, **edges)
    for node in actions:
        ink = _colour(_INKS, _GREY_INK, graph.nodes[node]["label"])
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": ink}
        x, y = place[node]
        ax.text(x, y, graph.nodes[node]["text"], ha="center", va="center", fontsize=8, bbox=box)
    ax.margins(0.1, 0.15)
    ax.set_axis_off()


def _action_graph(mdp: MDP, label: np.ndarray, kept: np.ndarray) -> Any:
    """Return a graph of states 0, 1, 2, ... and of a node ``(state, action)`` for each action that leaves it to chance.

    An action that is sure is an edge, or, where it stays, a line of the state's text.
    """
    import networkx as nx

    graph = nx.DiGraph()
    for row, s in enumerate(mdp.pair_state.tolist()):
        action = row - int(mdp.pair_start[s])
        name, look = mdp.action_name(s, action), {"label": int(label[s]) if kept[row] else -1}
        if action == 0:
            graph.add_node(s, text=mdp.state_name(s))
        moves = _moves(mdp, row)
        if set(moves) == {s}:
            graph.nodes[s]["text"] += f"\n↻ {name}"
        elif len(moves) == 1:
            (successor,) = moves
            others = [graph.edges[s, successor]["text"]] if graph.has_edge(s, successor) else []
            graph.add_edge(s, successor, text=", ".join([*others, name]), **look)
        else:
            graph.add_node((s, action), text=name, **look)
            graph.add_edge(s, (s, action), **look)
            graph.add_edges_from(((s, action), t, {"text": f"{p:.2g}", **look}) for t, p in moves.items())
    return graph


def _moves(mdp: MDP, row: int) -> dict[int, float]:
    """Return the probability of each successor of a pair that can happen."""
    entries = slice(mdp.P.indptr[row], mdp.P.indptr[row + 1])
    law = zip(mdp.P.indices[entries].tolist(), mdp.P.data[entries].tolist(), strict=True)
    return {t: p for t, p in law if p}


def _colour(palette: tuple[str, ...], grey: str, label: int) -> str:
    return grey if label < 0 else palette[label % len(palette)]
