r"""Exact policy gradients of small models, by a pass over all histories.

With $Q(\tau, a)$ the expected gains to come after the history $\tau$ and the action a, and $V = \sum_a \pi Q$,

    $\frac{\partial J}{\partial z(x, a)} = \sum_{\tau \text{ seen as } x} \Pr(\tau)\, \pi(a \mid x)\,
    \bigl(Q(\tau, a) - V(\tau)\bigr)$,

where z are logits and x is what the policy looks at. A trajectory passes a row (h, s) of a Markov policy once at most,
so J is *multi-affine*: affine in each row $\pi_h(\cdot \mid s)$ while the others are held, with the slope

    $\frac{\partial J}{\partial \pi_h(a \mid s)} = \sum_{\tau \text{ ends in } s} \Pr(\tau)\, Q(\tau, a)$.

An affine function on a simplex is largest at a corner: some deterministic Markov policy is the best Markov policy, and
`derandomised` walks to one, row by row, without ever losing. (Prajapat, Mutny, Zeilinger and Krause 2024, for the
gradient; Sutton, McAllester, Singh and Mansour 2000.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.history_layers import HistoryLayer, history_layers
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import MarkovSoftmax, SoftmaxPolicy

_SMALL = 1_000_000


def exact_gradient(
    mdp: SubmodularMDP,
    policy: SoftmaxPolicy,
    *,
    myopic: bool = False,
    entropy: float = 0.0,
    max_histories: int = _SMALL,
) -> np.ndarray:
    """Return the gradient of J, or the direction that the published code follows in its place.

    Parameters
    ----------
    mdp : SubmodularMDP
        Small: all its histories are listed.
    policy : SoftmaxPolicy
        Any; one that remembers needs a row for each history (``policy.familiar`` of all of them), others are not moved.
    myopic : bool
        Whether an action answers for the next gain alone, and not for later entropies either: the mean of
        `estimators.published` and of `one_step`.
    entropy : float
        Weight of the entropy bonus, in reward units for a nat.
    max_histories : int
        Refuse more.

    Returns
    -------
    ndarray
        Of the shape of ``policy.theta``.

    Raises
    ------
    ModelError
        If there are more histories.

    Examples
    --------
    Of two actions the second leads to the new state.

    >>> from rltheory.submodular.functions.modular import Modular
    >>> mdp = SubmodularMDP(np.eye(2)[[[0, 1], [1, 1]]], Modular([1, 1]), H=1, mu=0)
    >>> exact_gradient(mdp, MarkovSoftmax.uniform(mdp))[0, 0]
    array([-0.25,  0.25])
    """
    layers = history_layers(mdp, max_histories=max_histories)
    probs = [policy.probabilities_after(layer.states) for layer in layers[:-1]]
    slope = np.zeros(policy.prob.shape)
    rows = _rows(policy, layers, mdp.H)
    reach = _reach(mdp, layers, probs)
    for h, action_values in _values(layers, probs, myopic=myopic, entropy=entropy):
        prob, entropies = probs[h], _entropy(probs[h])[:, None]
        advantage = action_values - (prob * action_values).sum(axis=1, keepdims=True)
        advantage -= entropy * (np.log(np.where(prob > 0, prob, 1.0)) + entropies)
        known = rows[h] >= 0
        np.add.at(slope, rows[h][known], (reach[h][:, None] * prob * advantage)[known])
    return policy.pull_back(slope)


def row_slopes(mdp: SubmodularMDP, policy: MarkovSoftmax | np.ndarray, *, max_histories: int = _SMALL) -> np.ndarray:
    r"""Return $\partial J / \partial \pi_h(a \mid s)$ of a Markov policy, the slopes of the multi-affine J.

    Parameters
    ----------
    mdp : SubmodularMDP
        Small: all its histories are listed.
    policy : MarkovSoftmax or array_like, shape (H, n_states, n_actions)
        A policy, or its probabilities.
    max_histories : int
        Refuse more.

    Returns
    -------
    ndarray, shape (H, n_states, n_actions)
        For each h, the probabilities times the slopes sum to J less what was gained in the first h + 1 arrivals.

    Raises
    ------
    CriterionError
        If the policy is not a table for this model.
    ModelError
        If there are more histories.
    """
    table, layers = _checked_table(mdp, policy), history_layers(mdp, max_histories=max_histories)
    probs = [table[h, layer.states[:, -1]] for h, layer in enumerate(layers[:-1])]
    reach, slopes = _reach(mdp, layers, probs), np.zeros(table.shape)
    for h, action_values in _values(layers, probs):
        np.add.at(slopes[h], layers[h].states[:, -1], reach[h][:, None] * action_values)
    return slopes


def derandomised(mdp: SubmodularMDP, policy: MarkovSoftmax | np.ndarray, *, max_histories: int = _SMALL) -> np.ndarray:
    """Return a deterministic Markov policy that is no worse: each step's rows go to their best corners, in turn.

    Parameters
    ----------
    mdp : SubmodularMDP
        Small: all its histories are listed.
    policy : MarkovSoftmax or array_like, shape (H, n_states, n_actions)
        A policy, or its probabilities.
    max_histories : int
        Refuse more.

    Returns
    -------
    ndarray of int, shape (H, n_states)

    Raises
    ------
    CriterionError
        If the policy is not a table for this model.
    ModelError
        If there are more histories.

    Examples
    --------
    >>> from rltheory.submodular.functions.modular import Modular
    >>> mdp = SubmodularMDP(np.eye(2)[[[0, 1], [1, 1]]], Modular([1, 1]), H=1, mu=0)
    >>> derandomised(mdp, MarkovSoftmax.uniform(mdp))[0, 0]
    np.int64(1)
    """
    table = _checked_table(mdp, policy).copy()
    exists = np.arange(mdp.n_actions) < mdp.action_counts[:, None]
    for h in range(mdp.H):
        slopes = row_slopes(mdp, table, max_histories=max_histories)[h]
        table[h] = np.eye(mdp.n_actions)[np.where(exists, slopes, -np.inf).argmax(axis=1)]
    return table.argmax(axis=-1)


def _checked_table(mdp: SubmodularMDP, policy: MarkovSoftmax | np.ndarray) -> np.ndarray:
    table = np.asarray(getattr(policy, "table", policy), dtype=np.float64)
    if table.shape != (mdp.H, mdp.n_states, mdp.n_actions):
        raise CriterionError(
            f"policy has shape {table.shape}; J is multi-affine in a table of"
            f" {(mdp.H, mdp.n_states, mdp.n_actions)} probabilities"
        )
    return table


def _rows(policy: SoftmaxPolicy, layers: list[HistoryLayer], H: int) -> list[np.ndarray]:
    """Return the row of each history; a history is padded, for rows do not depend on what comes later."""
    rows = []
    for h, layer in enumerate(layers[:-1]):
        padded = np.hstack([layer.states, np.repeat(layer.states[:, -1:], H - h, axis=1)])
        rows.append(policy.rows_of(padded)[:, h])
    return rows


def _reach(mdp: SubmodularMDP, layers: list[HistoryLayer], probs: list[np.ndarray]) -> list[np.ndarray]:
    """Return the probability of each history, layer by layer."""
    reach = [mdp.mu[layers[0].states[:, 0]]]
    for h, prob in enumerate(probs):
        edge = layers[h]
        mass = reach[-1][edge.parent] * prob[edge.parent, edge.action] * edge.prob
        reach.append(np.bincount(edge.child, mass, len(layers[h + 1].states)))
    return reach


def _values(
    layers: list[HistoryLayer], probs: list[np.ndarray], *, myopic: bool = False, entropy: float = 0.0
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield, from the last step to the first, h and the expected gains after each of its histories and actions."""
    later = np.zeros(len(layers[-1].states))
    for h in range(len(probs) - 1, -1, -1):
        edge, prob = layers[h], probs[h]
        arrival = layers[h + 1].gain if myopic else layers[h + 1].gain + later
        cells = edge.parent * prob.shape[1] + edge.action
        action_values = np.bincount(cells, edge.prob * arrival[edge.child], prob.size).reshape(prob.shape)
        if not myopic:
            later = entropy * _entropy(prob) + (prob * action_values).sum(axis=1)
        yield h, action_values


def _entropy(prob: np.ndarray) -> np.ndarray:
    return -(prob * np.log(np.where(prob > 0, prob, 1.0))).sum(axis=1)
