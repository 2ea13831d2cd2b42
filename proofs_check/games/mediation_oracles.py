"""Small games with integer payoffs, laws over joint actions, and gains from deviating written anew."""

from __future__ import annotations

from functools import reduce
from itertools import product

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy
from scipy.optimize import linprog

from rltheory.games import NormalFormGame

SIZES = st.sampled_from([(2, 2), (3, 2), (2, 2, 2), (1, 3), (3, 3), (2, 1, 3)])


def games(sizes: SearchStrategy[tuple[int, ...]] = SIZES) -> SearchStrategy[NormalFormGame]:
    """Draw a game with integer payoffs."""

    def of(sizes: tuple[int, ...]) -> SearchStrategy[NormalFormGame]:
        n = int(np.prod(sizes))
        table = st.lists(st.integers(-5, 5), min_size=n, max_size=n).map(lambda u: np.array(u, float).reshape(sizes))
        return st.lists(table, min_size=len(sizes), max_size=len(sizes)).map(NormalFormGame)

    return sizes.flatmap(of)


def zero_sum_games() -> SearchStrategy[NormalFormGame]:
    """Draw a zero-sum game."""
    return games(st.sampled_from([(2, 2), (3, 2), (3, 3)])).map(lambda game: NormalFormGame.zero_sum(game.payoffs[0]))


def laws(size: int) -> SearchStrategy[np.ndarray]:
    """Draw a distribution over a number of outcomes."""
    weights = st.lists(st.integers(0, 5), min_size=size, max_size=size).map(np.array)
    return weights.map(lambda w: np.full(size, 1 / size) if w.sum() == 0 else w / w.sum())


def joints(game: NormalFormGame) -> SearchStrategy[np.ndarray]:
    """Draw a law over joint actions."""
    return laws(int(np.prod(game.n_actions))).map(lambda law: law.reshape(game.n_actions))


def profiles(game: NormalFormGame) -> SearchStrategy[tuple[np.ndarray, ...]]:
    """Draw a mixed strategy for each player."""
    return st.tuples(*map(laws, game.n_actions))


def independent(profile: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the joint law when all play independently."""
    return reduce(np.multiply.outer, profile)


def obeying_gain(game: NormalFormGame, joint: np.ndarray, player: int, advice: int, action: int) -> float:
    """Return what a player gains who plays an action whenever she is told another."""
    u, told = game.payoffs[player], joint.take(advice, axis=player)
    return float((told * (u.take(action, axis=player) - u.take(advice, axis=player))).sum())


def deviations(game: NormalFormGame, *, coarse: bool) -> np.ndarray:
    """Return what is gained at each joint action, one column each, by each way of deviating from a mediator."""
    points = np.eye(int(np.prod(game.n_actions))).reshape(-1, *game.n_actions)
    rows: list[np.ndarray] = []
    for player, m in enumerate(game.n_actions):
        for action in range(m):
            gained = np.array([[obeying_gain(game, x, player, told, action) for x in points] for told in range(m)])
            rows.extend([gained.sum(axis=0)] if coarse else gained)
    return np.array(rows)


def correlated_welfare(game: NormalFormGame) -> tuple[float, float]:
    """Return the least and the largest welfare of a correlated equilibrium, by linear programs."""
    G, welfare = deviations(game, coarse=False), sum(game.payoffs).ravel()
    law = {"A_eq": np.ones((1, welfare.size)), "b_eq": [1.0]}
    least, most = (linprog(sign * welfare, A_ub=G, b_ub=np.zeros(len(G)), **law).fun for sign in (1, -1))
    return float(least), -float(most)


def correlated_gain(game: NormalFormGame, joint: np.ndarray, player: int) -> float:
    """Return what a player gains by the best answer to each advice."""
    actions = range(game.n_actions[player])
    return sum(max(obeying_gain(game, joint, player, advice, action) for action in actions) for advice in actions)


def coarse_gain(game: NormalFormGame, joint: np.ndarray, player: int) -> float:
    """Return what a player gains by the best action that does not depend on the advice; negative if it loses."""
    actions = range(game.n_actions[player])
    return max(sum(obeying_gain(game, joint, player, advice, action) for advice in actions) for action in actions)


def payoff(game: NormalFormGame, joint: np.ndarray, player: int) -> float:
    """Return an expected payoff."""
    return float((joint * game.payoffs[player]).sum())


def worth(game: NormalFormGame, profile: tuple[np.ndarray, ...], player: int) -> np.ndarray:
    """Return what each action of a player is worth against the others' strategies."""
    pure = np.eye(game.n_actions[player])
    laws = [independent((*profile[:player], row, *profile[player + 1 :])) for row in pure]
    return np.array([payoff(game, law, player) for law in laws])


def nash_gain(game: NormalFormGame, profile: tuple[np.ndarray, ...], player: int) -> float:
    """Return what a player gains by deviating from a profile."""
    values = worth(game, profile, player)
    return float(values.max() - profile[player] @ values)


def value(A: np.ndarray) -> float:
    """Return the value of a zero-sum game by linear programming."""
    m, n = A.shape
    found = linprog(
        np.append(np.zeros(m), -1.0),
        A_ub=np.column_stack((-A.T, np.ones(n))),
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(m), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
    )
    return -float(found.fun)


def nash_of_two_by_two(game: NormalFormGame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return equilibria of a 2 x 2 game: those in pure strategies, and the one that makes both players indifferent."""
    A, B = game.payoffs
    found = [
        (np.eye(2)[i], np.eye(2)[j])
        for i, j in product(range(2), range(2))
        if A[i, j] == A[:, j].max() and B[i, j] == B[i].max()
    ]
    row, column = B[0, 0] - B[0, 1] - B[1, 0] + B[1, 1], A[0, 0] - A[0, 1] - A[1, 0] + A[1, 1]
    if row != 0 and column != 0:
        p, q = (B[1, 1] - B[1, 0]) / row, (A[1, 1] - A[0, 1]) / column
        if 0 <= p <= 1 and 0 <= q <= 1:
            found.append((np.array([p, 1 - p]), np.array([q, 1 - q])))
    return found
