"""Small games for the theorems of lookahead: few states, few steps, rewards that tie often."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from rltheory import OutcomeModel

Game = tuple[OutcomeModel, int]
"""A model and its number of steps."""

LOCK: Game = (mdps.horizon_lock(3), 3)


@st.composite
def deterministic_games(
    draw: DrawFn, *, max_states: int = 3, max_actions: int = 2, max_steps: int = 4, least: int = 0
) -> Game:
    """Draw a deterministic game from state 0; rewards are quarters from ``least`` / 4 to 1, and episodes may end."""
    n_states, n_actions = draw(st.integers(1, max_states)), draw(st.integers(2, max_actions))
    cells = n_states * n_actions
    following = draw(st.lists(st.integers(-1, n_states - 1), min_size=cells, max_size=cells))
    rewards = draw(st.lists(st.integers(least, 4), min_size=cells, max_size=cells))
    shape = (n_states, n_actions)
    model = OutcomeModel.from_tables(np.reshape(following, shape), np.reshape(rewards, shape) / 4, 1.0, mu=0)
    return model, draw(st.integers(1, max_steps))


@st.composite
def stochastic_games(draw: DrawFn, *, max_states: int = 3, max_actions: int = 2, max_steps: int = 3) -> Game:
    """Draw a game of two outcomes for each pair, with returns in [0, 1]."""
    n_states, n_actions = draw(st.integers(1, max_states)), draw(st.integers(2, max_actions))
    H = draw(st.integers(1, max_steps))

    def outcomes() -> list[tuple[float, int, float]]:
        p = draw(st.integers(1, 4)) / 4
        return [
            (chance, draw(st.integers(0, n_states - 1)), draw(st.integers(0, 4)) / (4 * H)) for chance in (p, 1 - p)
        ]

    listed = [[outcomes() for _ in range(n_actions)] for _ in range(n_states)]
    return OutcomeModel.from_lists(listed, 1.0, mu=0), H


def lookaheads(game: Game) -> SearchStrategy[int]:
    """Draw a lookahead of a game."""
    return st.integers(1, game[1])


@st.composite
def with_lookahead(draw: DrawFn, games: SearchStrategy[Game]) -> tuple[OutcomeModel, int, int]:
    """Draw a game and a lookahead in it."""
    game = draw(games)
    return (*game, draw(lookaheads(game)))
