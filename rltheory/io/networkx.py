"""Graphs for networkx: all that can happen, or what happens under one policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, ModelError

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(mdp: MDP) -> nx.MultiDiGraph:
    """Return the graph of a model: one edge for each transition that can happen.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are the states' indices 0, 1, 2, ..., with attributes ``name`` and ``mu`` (start probability). The edge
        (s, s2, a), keyed by the action's position, has attributes ``action`` (its name), ``prob`` and ``reward``
        (expected reward of the pair).

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, state_names=["tails", "heads"])
    >>> graph = to_networkx(coin)
    >>> graph.nodes[1]["name"], graph.edges[1, 0, 0]
    ('heads', {'action': '0', 'prob': 0.5, 'reward': 1.0})
    """
    import networkx as nx

    graph = nx.MultiDiGraph(gamma=mdp.gamma)
    graph.add_nodes_from(_nodes(mdp))
    pair, successor = mdp.P.nonzero()
    state = mdp.pair_state[pair]
    action = pair - mdp.pair_start[state]
    transitions = zip(state.tolist(), action.tolist(), successor.tolist(), pair.tolist(), strict=True)
    probability = mdp.P.data[mdp.P.data != 0].tolist()
    for (s, a, s2, row), p in zip(transitions, probability, strict=True):
        graph.add_edge(s, s2, key=a, action=mdp.action_name(s, a), prob=p, reward=float(mdp.r[row]))
    return graph


def policy_graph(mdp: MDP, policy: Any) -> nx.DiGraph:
    """Return the graph of the Markov chain that a policy makes of a model.

    Parameters
    ----------
    mdp : MDP
        The model.
    policy : array_like of int, shape (n_states,), or of float, shape (n_states, n_actions)
        The action of each state, or its distribution over them.

    Returns
    -------
    networkx.DiGraph
        Nodes as in `to_networkx`, with ``reward`` (expected, under the policy) beside them; the edge (s, s2) has
        ``prob``, the entry of P_pi.

    Raises
    ------
    ModelError
        If the policy does not fit the model.

    Examples
    --------
    >>> import rltheory as rl
    >>> P = [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]]
    >>> walk = rl.MDP.from_arrays(P, [[0, 0], [0, 1]], gamma=0.5)
    >>> sorted(policy_graph(walk, [1, 0]).edges)
    [(0, 1), (1, 0)]
    """
    import networkx as nx
    from scipy.sparse import csr_array

    weights = _pair_weights(mdp, np.asarray(policy))
    mixing = csr_array((weights, np.arange(mdp.n_pairs), mdp.pair_start), shape=(mdp.n_states, mdp.n_pairs))
    chain, rewards = (mixing @ mdp.P).tocoo(), mixing @ mdp.r
    graph = nx.DiGraph(gamma=mdp.gamma)
    graph.add_nodes_from((s, attributes | {"reward": float(rewards[s])}) for s, attributes in _nodes(mdp))
    entries = zip(chain.row.tolist(), chain.col.tolist(), chain.data.tolist(), strict=True)
    graph.add_edges_from((s, s2, {"prob": p}) for s, s2, p in entries if p > 0)
    return graph


def _nodes(mdp: MDP) -> list[tuple[int, dict[str, Any]]]:
    return [(s, {"name": mdp.state_name(s), "mu": float(mdp.mu[s])}) for s in range(mdp.n_states)]


def _pair_weights(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Return the probability with which a policy takes each pair, shape (n_pairs,)."""
    position = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    if policy.shape == (mdp.n_states,) and policy.dtype.kind in "iu":
        bad = np.flatnonzero((policy < 0) | (policy >= mdp.action_counts))
        if bad.size:
            s = bad[0]
            raise ModelError(f"the policy takes action {policy[s]} in state {s}, which has {mdp.action_counts[s]}")
        return (policy[mdp.pair_state] == position).astype(np.float64)
    if policy.shape == (mdp.n_states, mdp.n_actions) and policy.dtype.kind == "f":
        weights = policy[mdp.pair_state, position]
        sums = np.add.reduceat(weights, mdp.pair_start[:-1])
        bad = np.flatnonzero((np.abs(sums - 1) > 1e-9) | (np.minimum.reduceat(weights, mdp.pair_start[:-1]) < 0))
        if bad.size:
            raise ModelError(
                f"the policy's row of state {bad[0]} sums to {sums[bad[0]]:.12g} over its actions, or is negative"
            )
        return weights
    raise ModelError(
        f"policy has shape {policy.shape} and dtype {policy.dtype}; it is integers of shape ({mdp.n_states},)"
        f" or floats of shape {(mdp.n_states, mdp.n_actions)}"
    )
