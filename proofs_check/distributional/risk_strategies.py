"""Models small enough for every history-dependent policy to be tried, and policies, laws and levels for them."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import laws as law_rows
from proofs_check.distributional.risk_oracles import Law
from rltheory import OutcomeModel

LEVELS = st.sampled_from([0.5, 0.25, 1 / 3, 0.1, 0.7, 0.9, 1.0])
RISK_AVERSIONS = st.sampled_from([0.5, 0.0, 0.05, 2.0, 20.0, np.inf])
HORIZONS = st.integers(1, 3)
SPECTRA = st.sampled_from([((0.5, 0.5), (0.25, 0.75)), ((0.25, 0.75), (0.1, 1.0)), ((1.0,), (0.5,))])


@st.composite
def small_models(
    draw: DrawFn, *, gammas: tuple[float, ...] = (1.0, 0.5, 0.9), deterministic: bool = False
) -> OutcomeModel:
    """Draw a model of at most 3 states, 2 actions and 2 outcomes with whole rewards, which begins in state 0."""
    n_states, n_actions = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    n_pairs, width = n_states * n_actions, 1 if deterministic else 2
    shape = (n_pairs, width)
    prob = draw(law_rows(*shape, uneven=False))
    next_state = draw(_whole(shape, 0, n_states - 1))
    reward = draw(_whole(shape, -4, 4)).astype(float)
    return OutcomeModel(
        prob,
        next_state,
        reward,
        draw(st.sampled_from(gammas)),
        np.eye(n_states)[0],
        np.arange(0, n_pairs + 1, n_actions),
    )


def small_problems(**options: Any) -> SearchStrategy[tuple[OutcomeModel, int]]:
    """Draw a small model and a horizon of 1 to 3 steps."""
    return st.tuples(small_models(**options), HORIZONS)


@st.composite
def episodes(draw: DrawFn) -> OutcomeModel:
    """Draw a discounted model that ends within 3 steps: each move leads to a later state, and the last one pays 0."""
    n_actions = draw(st.integers(1, 2))
    shape = (3 * n_actions, 2)
    later = draw(_whole(shape, 1, 3)) + np.repeat(np.arange(3), n_actions)[:, None]
    return OutcomeModel(
        np.vstack([draw(law_rows(*shape, uneven=False)), [[1.0, 0.0]]]),
        np.vstack([np.minimum(later, 3), [[3, 3]]]),
        np.vstack([draw(_whole(shape, -4, 4)), [[0, 0]]]).astype(float),
        draw(st.sampled_from([0.5, 0.9])),
        np.eye(4)[0],
        np.append(np.arange(0, 3 * n_actions + 1, n_actions), 3 * n_actions + 1),
    )


def step_policies(model: OutcomeModel, H: int) -> SearchStrategy[np.ndarray]:
    """Draw a Markov policy, shape (H, n_states, n_actions), for a model whose states have all actions."""
    rows = law_rows(H * model.n_states, model.n_actions, uneven=False)
    return rows.map(lambda drawn: drawn.reshape(H, model.n_states, model.n_actions))


def small_laws() -> SearchStrategy[Law]:
    """Draw a law of at most 4 atoms."""
    return st.dictionaries(st.integers(-4, 4).map(float), st.integers(1, 9).map(float), min_size=1, max_size=4).map(
        lambda weights: {x: w / sum(weights.values()) for x, w in weights.items()}
    )


def _whole(shape: tuple[int, int], least: int, most: int) -> SearchStrategy[np.ndarray]:
    size = shape[0] * shape[1]
    return st.lists(st.integers(least, most), min_size=size, max_size=size).map(lambda xs: np.reshape(xs, shape))
