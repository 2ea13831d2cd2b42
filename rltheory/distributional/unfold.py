r"""A model unfolded over the stock: the states, steps and sums of rewards that can be met from a start.

An objective that is a functional of the whole return needs to know what was collected already. In *absolute*
bookkeeping the stock is the sum so far,

.. math:: b_0 = c_0, \qquad b_{t+1} = b_t + \gamma^t R_{t+1},

and a node is a state with its stock at a step. In the *rescaled* bookkeeping of stock augmentation the same node has
:math:`c_t = \gamma^{-t} b_t`, so that :math:`c_{t+1} = (c_t + R_{t+1}) / \gamma` and, with G the return still to
come, :math:`c_0 + G_0 = \gamma^t (c_t + G_t)` at every step: what is optimised is a functional of :math:`c_t + G_t`.
Nodes are told apart by b, because c multiplies rounding by :math:`\gamma^{-t}`: stocks within 1e-10 of each other,
relative to the largest reward, are one, and a stock within rounding of a decimal is that decimal, since utilities jump
at such numbers.

Layers of nodes make every finite-horizon problem with stock a walk through an acyclic graph (Bäuerle and Ott 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError, OutcomeModel

_SAME = 1e-10
_DIGITS = 10
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The nodes at one step, and where their actions lead.

    Parameters
    ----------
    state : ndarray of int, shape (n,)
        State of each node.
    stock : ndarray, shape (n,) or (n, m)
        Absolute stock of each node, in reward units at step 0; one column for each kind of reward if there are several.
    row_start : ndarray of int, shape (n + 1,)
        Actions of node k are rows ``row_start[k]:row_start[k + 1]``, in the order of the state's actions.
    pair : ndarray of int, shape (n_rows,)
        Pair of the model that each row stands for. In the last layer there are no rows.
    successor : ndarray of int, shape (n_rows, B)
        Node of the next layer that each outcome leads to (0 in padding, whose probability is 0).
    """

    state: np.ndarray
    stock: np.ndarray
    row_start: np.ndarray
    pair: np.ndarray
    successor: np.ndarray

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.state.size


@dataclass(frozen=True, slots=True, eq=False)
class Unfolded:
    """A model of finite horizon, unfolded over the stock.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    H : int
        Number of steps.
    layers : tuple of Layer
        One for each step 0..H; the last one has nodes without actions.
    """

    model: OutcomeModel
    H: int
    layers: tuple[Layer, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes in all layers."""
        return sum(layer.size for layer in self.layers)

    def prob(self, t: int) -> np.ndarray:
        """Return the probabilities of the outcomes of each row at step t, shape (n_rows, B)."""
        return self.model.prob[self.layers[t].pair]

    def rescaled_stock(self, t: int) -> np.ndarray:
        """Return the stock of each node at step t in rescaled bookkeeping, c = b / gamma**t.

        Raises
        ------
        CriterionError
            If gamma is 0, and t is not.
        """
        if self.model.gamma == 0 and t > 0:
            raise CriterionError("gamma is 0, and the stock c' = (c + r) / gamma is not defined; use the absolute one")
        return self.layers[t].stock / self.model.gamma**t


def unfold(
    model: OutcomeModel,
    H: int,
    *,
    start: Any = None,
    stock: Any = 0.0,
    reward: Any = None,
    max_nodes: int = 5_000_000,
) -> Unfolded:
    """Find all nodes that can be met within a horizon.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    H : int
        Number of steps, at least 0.
    start : int or sequence of int, optional
        States at step 0, by default those that ``mu`` allows; their nodes come first in layer 0, in increasing order.
    stock : float or array_like, shape (m,)
        Stock at step 0, in reward units: minus a target, say.
    reward : array_like, shape (n_pairs, B, m), optional
        Several kinds of reward for each outcome; by default the model's own.
    max_nodes : int
        Limit on nodes in all; beyond it the model is refused.

    Returns
    -------
    Unfolded

    Raises
    ------
    ModelError
        If an argument does not fit the model.
    CriterionError
        If more than ``max_nodes`` nodes can be met.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional import unfold
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> [layer.stock.tolist() for layer in unfold(coin, 2).layers]
    [[0.0], [0.0, 1.0], [0.0, 1.0, 2.0]]
    """
    if H < 0:
        raise ModelError(f"H is {H}; it is a number of steps, at least 0")
    state = _start_states(model, start)
    rewards, stocks = _rewards(model, reward), np.asarray(stock, dtype=np.float64)
    if stocks.shape != rewards.shape[2:] or not np.isfinite(stocks).all():
        raise ModelError(f"stock is {stock}; it must be finite, of shape {rewards.shape[2:]}")
    stocks = np.repeat(stocks[None], state.size, axis=0)
    grain = _SAME * max(1.0, np.abs(rewards).max(initial=0.0), np.abs(stocks).max(initial=0.0))
    layers, n_nodes = [], state.size
    for t in range(H):
        layer, state, stocks = _step(model, state, stocks, model.gamma**t * rewards, grain)
        layers.append(layer)
        n_nodes += state.size
        if n_nodes > max_nodes:
            raise CriterionError(
                f"more than max_nodes = {max_nodes} states with stock can be met within {t + 1} of {H} steps; raise it,"
                " shorten the horizon, or round the rewards to a grid"
            )
    none = np.zeros(0, dtype=np.int64)
    ends = Layer(state, stocks, np.zeros(state.size + 1, dtype=np.int64), none, none.reshape(0, model.prob.shape[1]))
    return Unfolded(model, H, (*layers, ends))


def _start_states(model: OutcomeModel, start: Any) -> np.ndarray:
    if start is None:
        return np.flatnonzero(model.mu)
    states = np.unique(np.atleast_1d(start))
    if states.dtype.kind not in "iu" or states.size == 0 or not (states[0] >= 0 and states[-1] < model.n_states):
        raise ModelError(f"start is {start}; states are 0..{model.n_states - 1}")
    return states.astype(np.int64)


def _rewards(model: OutcomeModel, reward: Any) -> np.ndarray:
    if reward is None:
        return model.reward
    rewards = np.asarray(reward, dtype=np.float64)
    if rewards.ndim != 3 or rewards.shape[:2] != model.prob.shape or not np.isfinite(rewards).all():
        raise ModelError(f"reward has shape {rewards.shape}; it must be finite, of shape {(*model.prob.shape, 'm')}")
    return rewards


def _step(
    model: OutcomeModel, state: np.ndarray, stock: np.ndarray, reward: np.ndarray, grain: float
) -> tuple[Layer, np.ndarray, np.ndarray]:
    """Return the layer of the given nodes, and the states and stocks of the next one."""
    counts = model.action_counts[state]
    row_start = np.concatenate([[0], np.cumsum(counts)])
    node = np.repeat(np.arange(state.size), counts)
    pair = model.pair_start[state[node]] + np.arange(row_start[-1]) - row_start[node]
    happens = model.prob[pair] > 0
    reached = model.next_state[pair][happens].astype(np.int64)
    collected = without_rounding((stock[node][:, None] + reward[pair])[happens])
    first, place = _distinct(np.column_stack([reached, np.round(collected / grain)]))
    successor = np.zeros(happens.shape, dtype=np.int64)
    successor[happens] = place
    return Layer(state, stock, row_start, pair, successor), reached[first], collected[first]


def without_rounding(values: Any) -> np.ndarray:
    """Return numbers, in which those that are within rounding of a decimal with ten digits are that decimal.

    Sums such as 0.1 + 0.2 - 0.3 are then 0, and a threshold at 0 means what it says.
    """
    values = np.asarray(values, dtype=np.float64)
    decimal = np.round(values, _DIGITS) + 0.0
    return np.where(np.abs(values - decimal) <= _ROUNDING * (1 + np.abs(values)), decimal, values)


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the distinct rows, in lexicographic order, and which of them each row is."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    is_new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1
    return order[is_new], place
