"""Independent answers for small Markov games: 2 x 2 matrix games in closed form, and policies by brute force.

A small game is a tuple of dense arrays: P of shape (S, 2, 2, S), r of shape (S, 2, 2), which is what the first player
receives, and the discount.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import hypothesis.strategies as st
import numpy as np

Game = tuple[np.ndarray, np.ndarray, float]
_ACCURACY = 1e-13


def matrix_strategies(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what optimal mixes of the rows of 2 x 2 games secure, shape (...), and the mixes, shape (..., 2).

    What a mix secures is concave and piecewise linear with one kink, where both columns pay the same; so the maximum is
    there or at an end.
    """
    (a, b), (c, d) = np.moveaxis(A, (-2, -1), (0, 1))
    slope = a - b - c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        kink = np.where(slope != 0, (d - c) / slope, 0.0)
    mixes = np.stack([np.zeros_like(kink), np.ones_like(kink), np.clip(kink, 0.0, 1.0)])
    secured = np.minimum(mixes * a + (1 - mixes) * c, mixes * b + (1 - mixes) * d)
    best = secured.argmax(axis=0)[None]
    p = np.take_along_axis(mixes, best, axis=0)[0]
    return np.take_along_axis(secured, best, axis=0)[0], np.stack([p, 1 - p], axis=-1)


def stage_games(game: Game, v: np.ndarray) -> np.ndarray:
    """Return the payoffs of all matrix games at v, shape (S, 2, 2)."""
    P, r, gamma = game
    return r + gamma * P @ v


def operator(game: Game, v: np.ndarray) -> np.ndarray:
    """Return ``T v``."""
    return matrix_strategies(stage_games(game, v))[0]


def greedy_pair(game: Game, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return policies of both players that are optimal in the matrix games at v, each of shape (S, 2)."""
    A = stage_games(game, v)
    return matrix_strategies(A)[1], matrix_strategies(-np.swapaxes(A, 1, 2))[1]


def value(game: Game) -> np.ndarray:
    """Return ``v*`` by sweeps, as many as leave less than 1e-13 of it."""
    v = np.zeros(len(game[1]))
    for _ in range(math.ceil(math.log(_ACCURACY) / math.log(game[2])) if game[2] else 1):
        v = operator(game, v)
    return v


def secured(game: Game, p: np.ndarray) -> np.ndarray:
    """Return what a policy of the first player secures: the least of its values against all pure policies."""
    P, r, gamma = game
    kernel, reward = np.einsum("sa,sabt->sbt", p, P), np.einsum("sa,sab->sb", p, r)
    return _values_of_choices(kernel, reward, gamma).min(axis=0)


def conceded(game: Game, q: np.ndarray) -> np.ndarray:
    """Return what a policy of the second player concedes: the largest of its values against all pure policies."""
    P, r, gamma = game
    kernel, reward = np.einsum("sb,sabt->sat", q, P), np.einsum("sb,sab->sa", q, r)
    return _values_of_choices(kernel, reward, gamma).max(axis=0)


def _values_of_choices(kernel: np.ndarray, reward: np.ndarray, gamma: float) -> np.ndarray:
    """Return the values of all pure policies of an MDP, one linear system each."""
    n = len(reward)
    states = np.arange(n)
    choices = np.array(list(itertools.product(range(reward.shape[1]), repeat=n)))
    systems = np.eye(n) - gamma * kernel[states, choices]
    return np.linalg.solve(systems, reward[states, choices][..., None])[..., 0]


def _built(S: int, weights: list[int], rewards: list[int], gamma: float) -> Game:
    P = np.array(weights, dtype=float).reshape(S, 2, 2, S)
    P[..., 0] += P.sum(axis=-1) == 0
    return P / P.sum(axis=-1, keepdims=True), np.array(rewards, dtype=float).reshape(S, 2, 2) / 2, gamma


def small_games(gammas: tuple[float, ...] = (0.0, 0.5, 0.7), most: int = 3) -> st.SearchStrategy[Game]:
    """Zero-sum games of a few states and two actions each, with ties, saddle points and sure transitions."""
    return st.integers(1, most).flatmap(
        lambda S: st.builds(
            _built,
            st.just(S),
            st.lists(st.integers(0, 3), min_size=4 * S * S, max_size=4 * S * S),
            st.lists(st.integers(-8, 8), min_size=4 * S, max_size=4 * S),
            st.sampled_from(gammas),
        )
    )


def with_values(games: st.SearchStrategy[Game], many: int = 1) -> st.SearchStrategy[tuple[Any, ...]]:
    """Games with one or more value vectors."""

    def vectors(S: int) -> st.SearchStrategy[np.ndarray]:
        return st.lists(st.integers(-12, 12), min_size=S, max_size=S).map(lambda v: np.array(v) / 2)

    return games.flatmap(lambda game: st.tuples(st.just(game), *(vectors(len(game[1])) for _ in range(many))))


def one_state(gamma: float, A: Any = ((1.0, 1.0), (1.0, 1.0))) -> Game:
    """A matrix game for ever."""
    return np.ones((1, 2, 2, 1)), np.array([A], dtype=float), gamma
