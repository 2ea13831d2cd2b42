"""The graph of a policy's Markov chain, for models small enough to be read as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_STATES = 30
_NODE_SIZE = 1000
_CURVED = "arc3,rad=0.25"
_NUMBERED = 0.005  # rarer moves are drawn without their number


def draw_chain(ax: Axes, mdp: MDP, rows: list[dict[str, Any]]) -> None:
    """Draw a node for each state, with its likeliest action and the probability to stay, and an edge for each move."""
    import networkx as nx

    from rltheory.io import policy_graph

    require_readable(mdp, "if they are the cells of a grid pass shape=(rows, columns), else read policy_table")
    weights = np.zeros((mdp.n_states, mdp.n_actions))
    for row in rows:
        weights[row["state_index"], row["action_index"]] = row["prob"]
    graph = policy_graph(mdp, weights)
    place = layout(graph)
    chances = nx.get_edge_attributes(graph, "prob")
    stays = {s: chances.pop((s, s), 0.0) for s in graph}
    graph.remove_edges_from([(s, s) for s in stays])
    labels = {s: _label(mdp, s, int(weights[s].argmax()), stays[s]) for s in graph}
    nx.draw_networkx_nodes(graph, place, ax=ax, node_size=_NODE_SIZE, node_color="#dbe7f3", edgecolors="0.4")
    nx.draw_networkx_labels(graph, place, labels, ax=ax, font_size=7)
    widths = [0.5 + 1.5 * p for p in chances.values()]
    edges = {"ax": ax, "node_size": _NODE_SIZE, "connectionstyle": _CURVED}
    nx.draw_networkx_edges(graph, place, width=widths, edge_color="0.35", **edges)
    numbers = {edge: f"{p:.2g}" for edge, p in chances.items() if p >= _NUMBERED}
    nx.draw_networkx_edge_labels(graph, place, numbers, font_size=7, rotate=False, **edges)
    ax.set_title("state, action, probability to stay (↻); edges: probability to move", fontsize="medium")
    ax.margins(0.1, 0.2)
    ax.set_axis_off()


def _label(mdp: MDP, state: int, action: int, stays: float) -> str:
    lines = [mdp.state_name(state), mdp.action_name(state, action)]
    return "\n".join(lines + [f"↻ {stays:.2g}"] * (stays >= _NUMBERED))


def require_readable(mdp: MDP, remedy: str) -> None:
    """Refuse a model with too many states to be drawn as a graph."""
    if mdp.n_states > _MOST_STATES:
        raise ModelError(f"a graph of {mdp.n_states} states is unreadable (at most {_MOST_STATES}); {remedy}")


def layout(graph: Any, *, untangled: bool = False) -> dict[Any, np.ndarray]:
    """Return positions whose longest direction is horizontal, from left to right in the order of the nodes.

    An untangled layout starts, where it can, from one in which no edges cross.
    """
    import networkx as nx

    graph = graph.to_undirected()
    planar = untangled and nx.is_planar(graph)
    place = nx.kamada_kawai_layout(graph, pos=nx.planar_layout(graph) if planar else None)
    spots = np.array([place[s] for s in graph])
    spots -= spots.mean(axis=0)
    spots = spots @ np.linalg.svd(spots)[2].T
    if len(graph) > 1 and spots[:, 0] @ np.arange(len(graph)) < 0:
        spots[:, 0] *= -1
    return dict(zip(graph, spots, strict=True))
