"""Hypothesis strategies that draw games, profiles and laws over joint actions.

With `mdps.strategies.paired` a game is drawn together with things that belong to it. Games shrink to few actions and
small whole payoffs; many of those drawn are degenerate.

Examples
--------
>>> from hypothesis import given, settings
>>> from mdps.strategies import paired
>>> from rltheory.games import exploitability
>>> @settings(max_examples=10, database=None)
... @given(paired(games(), profiles))
... def nobody_loses_by_the_best_deviation(drawn):
...     game, profile = drawn
...     assert exploitability(game, profile) >= 0
>>> nobody_loses_by_the_best_deviation()
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import laws
from rltheory.games import NormalFormGame

_WHOLE = st.integers(-3, 3).map(float)
_REAL = _WHOLE | st.floats(-10, 10, allow_subnormal=False).map(lambda x: round(x, 6))


class _Table:
    """What is reported of a failing example: the payoffs, formatted only if needed."""

    def __init__(self, game: NormalFormGame) -> None:
        self.game = game

    def __repr__(self) -> str:
        return "\n".join([repr(self.game), *(f"payoffs[{i}] = {u.tolist()}" for i, u in enumerate(self.game.payoffs))])


def _sizes(n_players: int | None, max_actions: int) -> SearchStrategy[list[int]]:
    least, most = (1, 3) if n_players is None else (n_players, n_players)
    return st.lists(st.integers(1, max_actions), min_size=least, max_size=most)


def _array(sizes: Sequence[int], entries: SearchStrategy[float]) -> SearchStrategy[np.ndarray]:
    n = math.prod(sizes)
    return st.lists(entries, min_size=n, max_size=n).map(lambda values: np.array(values).reshape(sizes))


def _entries(whole: bool) -> SearchStrategy[float]:
    return _WHOLE if whole else _REAL


@st.composite
def games(draw: DrawFn, *, n_players: int | None = 2, max_actions: int = 4, whole: bool = False) -> NormalFormGame:
    """Draw a game.

    Parameters
    ----------
    n_players : int, optional
        Number of players; None for one to three.
    max_actions : int
        Most actions of a player.
    whole : bool
        Whether all payoffs are whole numbers from -3 to 3: exact in arithmetic, and full of ties.

    Returns
    -------
    SearchStrategy of NormalFormGame
    """
    sizes = draw(_sizes(n_players, max_actions))
    game = NormalFormGame([draw(_array(sizes, _entries(whole))) for _ in sizes])
    note(_Table(game))
    return game


@st.composite
def zero_sum_games(draw: DrawFn, *, max_actions: int = 4, whole: bool = False) -> NormalFormGame:
    """Draw a game in which the second player pays the first one.

    Parameters
    ----------
    max_actions, whole
        As for `games`.

    Returns
    -------
    SearchStrategy of NormalFormGame
    """
    game = NormalFormGame.zero_sum(draw(_array(draw(_sizes(2, max_actions)), _entries(whole))))
    note(_Table(game))
    return game


@st.composite
def symmetric_games(draw: DrawFn, *, max_actions: int = 4, whole: bool = False) -> NormalFormGame:
    """Draw a game of two players in which both have the same payoffs by own action and the other's.

    Parameters
    ----------
    max_actions, whole
        As for `games`.

    Returns
    -------
    SearchStrategy of NormalFormGame
    """
    m = draw(st.integers(1, max_actions))
    game = NormalFormGame.symmetric(draw(_array((m, m), _entries(whole))))
    note(_Table(game))
    return game


@st.composite
def potential_games(
    draw: DrawFn, *, n_players: int | None = None, max_actions: int = 3, whole: bool = False
) -> tuple[NormalFormGame, np.ndarray]:
    r"""Draw a game with an exact potential: $u_i(a) = \Phi(a) + w_i(a_{-i})$.

    Parameters
    ----------
    n_players, max_actions, whole
        As for `games`.

    Returns
    -------
    SearchStrategy of (NormalFormGame, ndarray)
        The game and its potential, shape (m_1, ..., m_n).
    """
    sizes = draw(_sizes(n_players, max_actions))
    potential = draw(_array(sizes, _entries(whole)))
    others = [[1 if j == i else m for j, m in enumerate(sizes)] for i in range(len(sizes))]
    game = NormalFormGame([potential + draw(_array(shape, _entries(whole))) for shape in others])
    note(_Table(game))
    return game, potential


def profiles(game: NormalFormGame) -> SearchStrategy[tuple[np.ndarray, ...]]:
    """Draw a mixed strategy for each player: pure, sparse or dense.

    Parameters
    ----------
    game : NormalFormGame
        The game.

    Returns
    -------
    SearchStrategy of tuple of ndarray, of shapes (m_1,), ..., (m_n,)
    """
    return st.tuples(*(laws(1, m).map(lambda rows: rows[0]) for m in game.n_actions))


def pure_profiles(game: NormalFormGame) -> SearchStrategy[tuple[int, ...]]:
    """Draw an action for each player.

    Parameters
    ----------
    game : NormalFormGame
        The game.

    Returns
    -------
    SearchStrategy of tuple of int
    """
    return st.tuples(*(st.integers(0, m - 1) for m in game.n_actions))


def joint_laws(game: NormalFormGame) -> SearchStrategy[np.ndarray]:
    """Draw a law over joint actions, as a mediator has it.

    Parameters
    ----------
    game : NormalFormGame
        The game.

    Returns
    -------
    SearchStrategy of ndarray, shape (m_1, ..., m_n)
    """
    return laws(1, math.prod(game.n_actions)).map(lambda rows: rows[0].reshape(game.n_actions))
