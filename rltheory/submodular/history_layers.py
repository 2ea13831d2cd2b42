r"""All histories of states, layer by layer: where expectations over a small model are finite sums.

Layer h holds the histories $(s_0, \dots, s_h)$ that can happen, what the last arrival gained, and an edge for each
history, action and next state. A policy sends probability forwards along the edges, and values come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.model import SubmodularMDP


@dataclass(frozen=True, slots=True, eq=False)
class HistoryLayer:
    """The histories of one length, and what leads on from them.

    Parameters
    ----------
    states : ndarray of int, shape (n, h + 1)
        Histories.
    gain : ndarray, shape (n,)
        What the last arrival gained, in reward units.
    parent, action, child : ndarray of int, shape (n_edges,)
        History, action and history of the next layer, of each edge; none in the last layer.
    prob : ndarray, shape (n_edges,)
        Probability of the next state.
    """

    states: np.ndarray
    gain: np.ndarray
    parent: np.ndarray
    action: np.ndarray
    child: np.ndarray
    prob: np.ndarray


def history_layers(mdp: SubmodularMDP, *, max_histories: int = 1_000_000) -> list[HistoryLayer]:
    """List the histories of a small model.

    Parameters
    ----------
    mdp : SubmodularMDP
        The number of histories may grow as a power of H.
    max_histories : int
        Refuse more edges than that in a layer.

    Returns
    -------
    list of H + 1 HistoryLayer

    Raises
    ------
    ModelError
        If a layer has more than ``max_histories`` edges.
    """
    dynamics, layers = mdp.dynamics, []
    states = np.flatnonzero(mdp.mu)[:, None]
    for h in range(mdp.H):
        P = dynamics.rows(h)
        counts = mdp.action_counts[states[:, -1]]
        pair_of = np.repeat(np.arange(len(states)), counts)
        action = np.arange(pair_of.size) - np.repeat(np.cumsum(counts) - counts, counts)
        pair = mdp.pair_start[states[pair_of, -1]] + action
        branches = np.diff(P.indptr)[pair]
        if branches.sum() > max_histories:
            raise ModelError(
                f"{branches.sum():,} ways to go on after {h} of {mdp.H} actions; raise max_histories, or roll_out"
            )
        edge_pair = np.repeat(np.arange(pair.size), branches)
        entry = P.indptr[pair][edge_pair] + np.arange(edge_pair.size) - (np.cumsum(branches) - branches)[edge_pair]
        possible = P.data[entry] > 0
        parent, action = pair_of[edge_pair][possible], action[edge_pair][possible]
        onward, child = np.unique(parent * mdp.n_states + P.indices[entry][possible], return_inverse=True)
        layers.append(
            HistoryLayer(states, _last_gain(mdp, states), parent, action, child.ravel(), P.data[entry][possible])
        )
        before, last = np.divmod(onward, mdp.n_states)
        states = np.column_stack([states[before], last])
    none = np.zeros(0, dtype=np.int64)
    return [*layers, HistoryLayer(states, _last_gain(mdp, states), none, none, none, np.zeros(0))]


def _last_gain(mdp: SubmodularMDP, states: np.ndarray) -> np.ndarray:
    return mdp.F.gains_along(mdp.elements(states))[:, -1]
