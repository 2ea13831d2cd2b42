r"""The stag hunt on a grid, where trust takes several steps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from mdps import _checks as checks
from mdps.games._grids import MOVES, Cell, cells, moved
from rltheory import ModelError
from rltheory.games.markov import MarkovGame

_HOME: Cell = (-1, -1)


def stag_hunt_grid(
    art: str = "H.A\n.S.\nB.H",
    *,
    stag: float = 4.0,
    hare: float = 3.0,
    gore: float = 1.0,
    gamma: float = 0.9,
    H: int | None = None,
) -> MarkovGame:
    r"""Two hunters walk on a grid to the stag, which takes both, or to a hare.

    Both move at once, up, right, down or left, or stay; a move against a wall or off the grid stays. If both are at the
    stag after a move, each receives ``stag`` and both go home. A hunter at a hare receives ``hare`` and goes home. A
    hunter alone at the stag is gored: he pays ``gore`` for each such step. At home there is nothing to do or to get.

    Let both be D steps from the stag, on a way without hares, and d steps from the nearest hare, with rewards above 0,
    $\gamma > 0$, and time enough if there is a horizon. That both go straight for the nearest hare is an equilibrium,
    worth $\gamma^{d - 1}\,\mathtt{hare}$, as nobody catches a stag alone. That both go straight for the stag is one if
    and only if $\gamma^{D - 1}\,\mathtt{stag} \ge \gamma^{d - 1}\,\mathtt{hare}$. By default $D = d = 2$: 3.6 for the
    stag, 2.7 for a hare.

    Parameters
    ----------
    art : str
        One line for each row, all as long; indentation is removed. ``A`` and ``B`` are where the hunters start,
        ``S`` the stag, ``H`` a hare, ``#`` a wall, ``.`` free.
    stag, hare, gore : float
        Rewards, and what it costs to be gored, in reward units, at least 0.
    gamma : float
        Discount: in [0, 1), and up to 1 with a horizon.
    H : int, optional
        Number of steps; by default the hunt never ends.

    Returns
    -------
    MarkovGame
        Two players named ``A`` and ``B``; states are named by their cells, ``home`` for who is at home.

    Raises
    ------
    ModelError
        If the drawing is damaged, or a parameter is out of range.

    Notes
    -----
    A trust dilemma in space, in the manner of Peysakhovich and Lerer (2018); this table and grid are our own.

    Examples
    --------
    >>> from mdps.games import stag_hunt_grid
    >>> stag_hunt_grid(gamma=1.0, H=5)
    MarkovGame(2 players, 63 states, 1575 joint actions, 1575 transitions, gamma=1, 5 steps)
    """
    for name, value in (("stag", stag), ("hare", hare), ("gore", gore)):
        checks.number(name, value, 0)
    found = cells(art, "ABSH#.")
    starts = tuple(_only(found, letter) for letter in "AB")
    target, hares = _only(found, "S"), set(found["H"])
    free = {cell for letter, these in found.items() if letter != "#" for cell in these}

    def step(state: Any, moves: Any) -> list[tuple[float, Hashable, Sequence[float]]]:
        new = [here if here == _HOME else moved(here, move, free) for here, move in zip(state, moves, strict=True)]
        if new == [target, target]:
            return [(1.0, (_HOME, _HOME), [stag, stag])]
        pay = [hare if here in hares else -gore if here == target else 0.0 for here in new]
        return [(1.0, tuple(_HOME if here in hares else here for here in new), pay)]

    game = MarkovGame.from_function(step, [starts], [tuple(MOVES)] * 2, gamma, H=H)
    names = [game.state_name(s).replace(str(_HOME), "home") for s in range(game.n_states)]
    return replace(game, state_names=names, player_names=("A", "B"))


def _only(found: dict[str, list[Cell]], letter: str) -> Cell:
    if len(found[letter]) != 1:
        raise ModelError(f"the drawing has {len(found[letter])} cells {letter}; it must have one")
    return found[letter][0]
