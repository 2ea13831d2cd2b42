"""Hypothesis strategies that draw games for lookahead: the numbers are few, so that ties are common and floats exact.

Rewards are quarters and probabilities are multiples of 1/4: sums and products of them are exact in floats over the few
steps that are drawn, and differences of values are either 0 or large.
"""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn

from rltheory import OutcomeModel

_QUARTERS = np.array([[4, 0], [3, 1], [2, 2], [0, 4]]) / 4


@st.composite
def games(
    draw: DrawFn,
    *,
    max_states: int = 4,
    max_actions: int = 3,
    max_outcomes: int = 2,
    min_reward: int = 0,
    max_reward: int = 4,
) -> OutcomeModel:
    """Draw an undiscounted `OutcomeModel` with the same number of actions in every state, which starts in state 0.

    Parameters
    ----------
    max_states, max_actions : int
        Largest sizes.
    max_outcomes : int
        1 for deterministic games, 2 for both kinds.
    min_reward, max_reward : int
        Range of the rewards, in quarters.

    Returns
    -------
    SearchStrategy of OutcomeModel
    """
    n_states, n_actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    shape = (n_states * n_actions, draw(st.integers(1, max_outcomes)))

    def whole(least: int, most: int, size: Any) -> np.ndarray:
        return draw(hnp.arrays(np.int64, size, elements=st.integers(least, most), fill=st.nothing()))

    model = OutcomeModel(
        prob=_QUARTERS[whole(0, 3, shape[0])] if shape[1] == 2 else np.ones(shape),
        next_state=whole(0, n_states - 1, shape),
        reward=whole(min_reward, max_reward, shape) / 4,
        gamma=1.0,
        mu=np.eye(n_states)[0],
        pair_start=np.arange(0, shape[0] + 1, n_actions),
    )
    note(f"prob = {model.prob.tolist()}, next_state = {model.next_state.tolist()}, reward = {model.reward.tolist()}")
    return model


@st.composite
def explorations(draw: DrawFn, model: OutcomeModel, H: int) -> np.ndarray | None:
    """Draw an exploration policy: uniform (None), the same for all steps, or one for each; in multiples of 1/4.

    Parameters
    ----------
    model : OutcomeModel
        Gives the numbers of states and actions.
    H : int
        Number of steps.

    Returns
    -------
    SearchStrategy of None or ndarray
    """
    shape = draw(st.sampled_from([None, (), (H,)]))
    if shape is None:
        return None
    shape = (*shape, model.n_states)
    chosen = draw(hnp.arrays(np.int64, (4, *shape), elements=st.integers(0, model.n_actions - 1), fill=st.nothing()))
    return np.eye(model.n_actions)[chosen].mean(axis=0)
