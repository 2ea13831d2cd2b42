r"""Fictitious play: each round, a best reply to what the others have played so far.

With :math:`U_i(a) = \sum_{s<t} u_i(a, a_{s,-i})`, player i plays some :math:`a_{t,i} \in \arg\max_a U_i(a)` (Brown
1951). All choose at once; or in turn, and a player has then seen what those before her chose in this round. What is
done with ties matters (by it, Daskalakis and Pan 2014 make averages converge very slowly), so it is an argument. In
zero-sum games the averages converge to the equilibria (Robinson 1951); in Shapley's game (1964) they cycle for ever.
Payoffs that are whole numbers are summed exactly, so a run is then what the definition says, ties included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rltheory.games.normal_form import NormalFormGame
from rltheory.models import ModelError

Ties = Callable[[np.ndarray, int | None], int]


def lowest(best: np.ndarray, previous: int | None) -> int:
    """Settle a tie for the action with the lowest number.

    Parameters
    ----------
    best : ndarray of int
        The best replies, increasing.
    previous : int, optional
        The player's action of the round before.

    Returns
    -------
    int

    Examples
    --------
    >>> lowest(np.array([1, 2]), previous=2)
    1
    """
    return int(best[0])


def stay(best: np.ndarray, previous: int | None) -> int:
    """Settle a tie for the previous action if it is among the best replies, else for the lowest.

    Parameters
    ----------
    best, previous
        As for `lowest`.

    Returns
    -------
    int

    Examples
    --------
    >>> stay(np.array([1, 2]), previous=2), stay(np.array([1, 2]), previous=0)
    (2, 1)
    """
    return previous if previous is not None and previous in best else int(best[0])


def fictitious_play(
    game: NormalFormGame, *, start: Any = None, ties: Ties = lowest, alternating: bool = False
) -> Iterator[tuple[int, ...]]:
    """Yield the actions of each round, for ever; `record` certifies a number of rounds.

    Parameters
    ----------
    game : NormalFormGame
        The game.
    start : sequence of n int, optional
        The actions of the first round; by default best replies to nothing, which is a tie of all.
    ties : callable
        ``ties(best, previous)`` chooses one of the best replies, an increasing array, given the player's previous
        action or None: `lowest`, `stay`, or any function such as ``lambda best, previous: rng.choice(best)``.
    alternating : bool
        Whether players choose in turn within a round, and not at once.

    Yields
    ------
    tuple of n int

    Raises
    ------
    ModelError
        If ``start`` is not an action for each player, or other than two players are to choose in turn.

    Examples
    --------
    >>> from itertools import islice
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import fictitious_play
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> list(islice(fictitious_play(pennies), 5))
    [(0, 0), (0, 1), (0, 1), (1, 1), (1, 1)]
    """
    if alternating and game.n_players != 2:
        raise ModelError(f"the game has {game.n_players} players; only two can choose in turn")
    first = None if start is None else _checked_start(game, start)
    return _in_turn(game, first, ties) if alternating else _at_once(game, first, ties)


def _at_once(game: NormalFormGame, start: tuple[int, ...] | None, ties: Ties) -> Iterator[tuple[int, ...]]:
    totals = [np.zeros(m) for m in game.n_actions]
    actions = start or tuple(_reply(total, None, ties) for total in totals)
    while True:
        yield actions
        totals = [total + _column(game, i, actions) for i, total in enumerate(totals)]
        actions = tuple(_reply(total, a, ties) for total, a in zip(totals, actions, strict=True))


def _in_turn(game: NormalFormGame, start: tuple[int, ...] | None, ties: Ties) -> Iterator[tuple[int, ...]]:
    first, second = (np.zeros(m) for m in game.n_actions)
    a, b = start or (_reply(first, None, ties), None)
    while True:
        second += game.payoffs[1][a]
        b = start[1] if start else _reply(second, b, ties)
        start = None
        yield a, b
        first += game.payoffs[0][:, b]
        a = _reply(first, a, ties)


def _reply(total: np.ndarray, previous: int | None, ties: Ties) -> int:
    return int(ties(np.flatnonzero(total == total.max()), previous))


def _column(game: NormalFormGame, player: int, actions: tuple[int, ...]) -> np.ndarray:
    """Return what each action of a player earns against the others' actions."""
    return game.payoffs[player][(*actions[:player], slice(None), *actions[player + 1 :])]


def _checked_start(game: NormalFormGame, start: Any) -> tuple[int, ...]:
    actions = tuple(start)
    if len(actions) != game.n_players:
        raise ModelError(f"start has {len(actions)} actions; the game has {game.n_players} players")
    for i, (a, m) in enumerate(zip(actions, game.n_actions, strict=True)):
        if not isinstance(a, (int, np.integer)) or not 0 <= a < m:
            raise ModelError(f"start has action {a!r} for player {game.player_name(i)}; actions are 0..{m - 1}")
    return tuple(map(int, actions))
