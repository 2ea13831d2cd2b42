r"""Littman's soccer: two players, one ball, and an order of moves that neither knows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from mdps import _checks as checks
from mdps.games._grids import MOVES, Cell, moved
from rltheory.games.markov import MarkovGame

_State = tuple[Cell, Cell, int]


def soccer(rows: int = 4, columns: int = 5, *, gamma: float = 0.9) -> MarkovGame:
    r"""Carry the ball out of the field at the other's end.

    A plays to the right and B to the left. Both choose at once to move up, right, down or left, or to stay, and the
    moves are made one after the other, in random order. A move into the other's cell is not made, and leaves the ball
    with the other. Who has the ball and moves off the field through the goal, which are the two middle rows of the
    other's end (the middle one if their number is odd), receives 1 from the other; then both stand at their first
    places again, and either has the ball, as likely.

    The field, turned by half a turn, is the same for B as it was for A: the value of the turned state with the ball in
    the other's hands is the negative of a state's, and the value of the kick-off is 0.

    Parameters
    ----------
    rows, columns : int
        The field, of at least 1 row and 2 columns.
    gamma : float
        Discount in [0, 1): goals should come soon.

    Returns
    -------
    MarkovGame
        Zero sum, with 2 n (n - 1) states for n cells if there is more than one row; players named ``A`` and ``B``.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Littman (1994). The field by default is his, 4 rows and 5 columns, and so are the first places.

    Examples
    --------
    >>> from mdps.games import soccer
    >>> soccer(2, 3)
    MarkovGame(2 players, 60 states, 1500 joint actions, 1764 transitions, gamma=0.9)
    """
    checks.whole("rows", rows, 1)
    checks.whole("columns", columns, 2)
    field = set(product(range(rows), range(columns)))
    first = (rows // 2, (columns - 1) // 4), ((rows - 1) // 2, columns - 1 - (columns - 1) // 4)
    kick_off: list[_State] = [(*first, 0), (*first, 1)]
    goal = {(rows - 1) // 2, rows // 2}

    def step(state: Any, moves: Any) -> list[tuple[float, Hashable, Sequence[float]]]:
        outcomes: list[tuple[float, Hashable, Sequence[float]]] = []
        for order in ((0, 1), (1, 0)):
            after, scorer = _played(state, moves, order, field, goal, columns)
            if scorer is None:
                outcomes.append((0.5, after, (0, 0)))
            else:
                won = (1, -1) if scorer == 0 else (-1, 1)
                outcomes += [(0.25, again, won) for again in kick_off]
        return outcomes

    game = MarkovGame.from_function(step, kick_off, [tuple(MOVES)] * 2, gamma)
    return replace(game, player_names=("A", "B"))


def _played(
    state: _State, moves: tuple[str, str], order: tuple[int, int], field: set[Cell], goal: set[int], columns: int
) -> tuple[_State, int | None]:
    """Return the state after two moves in this order, and who scored."""
    places, ball = [state[0], state[1]], state[2]
    for player in order:
        row, column = places[player]
        end = column == (columns - 1 if player == 0 else 0)
        if ball == player and row in goal and end and moves[player] == ("right" if player == 0 else "left"):
            return state, player
        new = moved(places[player], moves[player], field)
        if new == places[1 - player]:
            ball = 1 - player
        else:
            places[player] = new
    return (places[0], places[1], ball), None
