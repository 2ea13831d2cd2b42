"""What every model made of state-action pairs has in common: sizes and names, read off ``pair_start``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from html import escape
from typing import Any, Self

import numpy as np


class PairModel:
    """Sizes and names of a model whose state s owns the pairs ``pair_start[s]:pair_start[s + 1]``."""

    __slots__ = ("_row_sum_error",)

    pair_start: np.ndarray
    state_names: Sequence[Any] | None
    action_names: Sequence[Any] | None
    _row_sum_error: float

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.pair_start.size - 1

    @property
    def n_pairs(self) -> int:
        """Number of state-action pairs."""
        return int(self.pair_start[-1])

    @property
    def n_actions(self) -> int:
        """Largest number of actions that a state has."""
        return int(self.action_counts.max())

    @property
    def action_counts(self) -> np.ndarray:
        """Number of actions of each state, shape (n_states,)."""
        return np.diff(self.pair_start)

    @property
    def pair_state(self) -> np.ndarray:
        """State of each pair, shape (n_pairs,)."""
        return np.repeat(np.arange(self.n_states), self.action_counts)

    def state_name(self, state: int) -> str:
        """Return the name of a state, its index where it has none."""
        return str(state) if self.state_names is None else self.state_names[state]

    def action_name(self, state: int, action: int) -> str:
        """Return the name of a state's action, its index where it has none."""
        if self.action_names is None:
            return str(action)
        one_a_pair = len(self.action_names) == self.n_pairs != self.n_actions
        return self.action_names[self.pair_start[state] + action if one_a_pair else action]

    def replace(self, **changes: Any) -> Self:
        """Return the same model with some fields changed, checked again.

        Parameters
        ----------
        **changes
            New values of fields, such as ``gamma=0.99`` or ``r=-mdp.r``.

        Returns
        -------
        The same kind of model.

        Examples
        --------
        >>> import rltheory as rl
        >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5)
        >>> coin.replace(gamma=0.9).gamma
        0.9
        """
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"
