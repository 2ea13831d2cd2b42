r"""Policies that look at the step, the state and the stock, and the law of the return that they give.

They are all that is ever needed: a policy that remembers its whole history has the same law of the return as the one
that takes each action with its conditional probability given the step, the state and the stock. Mass is pushed forward
once, from one start, without a law at every node:

.. math::

   m_{t+1}(k') = \sum_k m_t(k) \sum_a \pi_t(a \mid k) \, P(k' \mid k, a), \qquad
   P(c_0 + G = b) = \sum_{k \,:\, b_H(k) = b} m_H(k).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.unfold import Unfolded
from rltheory.models import ModelError


@dataclass(frozen=True, slots=True, eq=False)
class StockPolicy:
    """A policy on the nodes of an unfolded model.

    Parameters
    ----------
    unfolded : Unfolded
        The nodes.
    weights : sequence of ndarray, one for each step, of shape (n_rows,)
        Probability of each row (action of a node) at its node.
    """

    unfolded: Unfolded
    weights: tuple[np.ndarray, ...]

    @classmethod
    def deterministic(cls, unfolded: Unfolded, actions: Sequence[np.ndarray]) -> StockPolicy:
        """Return the policy that takes ``actions[t][k]`` at node k of step t."""
        weights = []
        for layer, action in zip(unfolded.layers, actions, strict=False):
            one = np.zeros(layer.pair.size)
            one[layer.row_start[:-1] + action] = 1.0
            weights.append(one)
        return cls(unfolded, tuple(weights))

    @property
    def is_deterministic(self) -> bool:
        """Whether every node has one action of probability 1."""
        return all(bool(((one == 0) | (one == 1)).all()) for one in self.weights)

    def masses(self, start: Any = None) -> list[np.ndarray]:
        """Return the probability of each node at each step.

        Parameters
        ----------
        start : int, optional
            State at step 0; by default drawn from the model's ``mu``, which all nodes of layer 0 must then cover.

        Returns
        -------
        list of ndarray, shapes (n_nodes of the layer,)

        Raises
        ------
        ModelError
            If the model was not unfolded from that start.
        """
        layers = self.unfolded.layers
        mass = _start_mass(self.unfolded, start)
        found = [mass]
        for t, (layer, weight) in enumerate(zip(layers, self.weights, strict=False)):
            row_mass = np.repeat(mass, np.diff(layer.row_start)) * weight
            flow = row_mass[:, None] * self.unfolded.prob(t)
            mass = np.bincount(layer.successor.ravel(), weights=flow.ravel(), minlength=layers[t + 1].size)
            found.append(mass)
        return found

    def law(self, start: Any = None) -> DiscreteLaw:
        """Return the law of the stock at the end, ``c_0 + G`` in units of step 0, from a start as in `masses`."""
        stock = self.unfolded.layers[-1].stock
        if stock.ndim != 1:
            raise ModelError(f"the stock has {stock.shape[1]} kinds of reward; a law on the line needs one")
        return DiscreteLaw(stock, self.masses(start)[-1])

    def action(self, t: int, state: int, stock: Any) -> int:
        """Return the action of a state at step t, with absolute stock ``stock``.

        Raises
        ------
        ModelError
            If that node cannot be met, or the policy draws its action there.
        """
        prob = self.action_probabilities(t, state, stock)
        if prob.max() < 1:
            raise ModelError(f"in state {state} with stock {stock} an action is drawn at step {t}, of law {prob}")
        return int(prob.argmax())

    def action_probabilities(self, t: int, state: int, stock: Any) -> np.ndarray:
        """Return the probability of each action of a state at step t, with absolute stock ``stock``.

        Raises
        ------
        ModelError
            If that node cannot be met.
        """
        layer = self.unfolded.layers[t]
        distance = np.abs(layer.stock - stock).reshape(layer.size, -1).max(axis=1)
        at = np.flatnonzero((layer.state == state) & (distance <= 1e-8 * (1 + np.abs(np.asarray(stock)).max())))
        if at.size == 0 or t >= self.unfolded.H:
            raise ModelError(f"state {state} with stock {stock} is not met with an action to take at step {t}")
        return self.weights[t][layer.row_start[at[0]] : layer.row_start[at[0] + 1]]


def _start_mass(unfolded: Unfolded, start: Any) -> np.ndarray:
    state, mu = unfolded.layers[0].state, unfolded.model.mu
    if start is None:
        if abs(mu[state].sum() - 1) > 1e-9:
            raise ModelError("the model was unfolded from other states than mu allows; name the start")
        return mu[state]
    if start not in state:
        raise ModelError(f"start is {start}; the model was unfolded from the states {state.tolist()}")
    return (state == start).astype(np.float64)
