"""Gridworlds drawn in ASCII.

S..#      S start    G goal, absorbing    # wall (not a state)
.#.G      . free     T trap, absorbing
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import product_mdp
from rltheory import MDP, ModelError

MOVES = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
"""The actions in their order, which is clockwise, so that neighbours in it are perpendicular."""

_LEGEND = "S (start), G (goal), T (trap), # (wall), . (free)"


def gridworld(
    art: str = "S..#\n.#.G",
    slip: float = 0.1,
    *,
    wind: Sequence[float] | None = None,
    step_reward: float = 0.0,
    goal_reward: float = 1.0,
    trap_reward: float = -1.0,
    gamma: float = 0.95,
) -> MDP:
    r"""Move up, right, down or left on a grid that is drawn in ASCII.

    With probability ``slip`` the move goes in one of the two perpendicular directions, half each. A move against a wall
    or off the grid stays where it is. Then the wind of the column that was left pushes the mover up, one cell at a
    time, until a wall or the edge stops it; only the cell of arrival counts. Entering a goal or a trap is rewarded and
    ends the episode: these cells are absorbing, without further rewards.

    Without slip and wind, and with distance d from a cell to the nearest goal (no traps, ``step_reward = c`` so small
    that walking on pays),

    $$v^*(s) = \gamma^{d-1}\,\mathtt{goal\_reward} + c\,\frac{1-\gamma^d}{1-\gamma}.$$

    Parameters
    ----------
    art : str
        One line for each row, all of the same length; common indentation is removed. Cells: ``S`` start (episodes begin
        in one of them, all equally likely), ``G`` goal, ``T`` trap, ``#`` wall, ``.`` free.
    slip : float
        Probability that a move goes astray.
    wind : sequence of float, optional
        For each column the number of cells that its wind pushes up, at least 0; 1.3 is one cell, and a second one with
        probability 0.3.
    step_reward, goal_reward, trap_reward : float
        Reward of every move, and what is added to it when a goal or a trap is entered, in reward units.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        States are the cells that are not walls, row by row, named ``(row, column)``; actions ``up, right, down, left``.

    Raises
    ------
    ModelError
        If the art has an unknown character, rows of different lengths or no start (the message names row, column and
        character), or if a parameter is out of range.

    Notes
    -----
    Slips as in Russell and Norvig (2021), section 17.1; wind as in Sutton and Barto (2018), example 6.5, whose grid
    takes 15 moves.

    Examples
    --------
    >>> import mdps
    >>> grid = mdps.gridworld("S..#\n.#.G", slip=0.1, gamma=0.95)
    >>> grid.state_names
    ('(0, 0)', '(0, 1)', '(0, 2)', '(1, 0)', '(1, 2)', '(1, 3)')
    >>> mdps.gridworld("S.x.")
    Traceback (most recent call last):
    ...
    rltheory.models.errors.ModelError: row 0, column 2 is 'x'; a cell is S (start), G (goal), T (trap), # (wall), ...
    """
    cells = _parsed(art)
    checks.probability("slip", slip)
    row, column = np.nonzero(cells != "#")
    kind = cells[row, column]
    landing = _landing(cells)
    strength = _strength(wind, cells.shape[1])[column]
    next_state, prob = _blown(_astray(landing), slip, strength, up=landing[:, 0])
    ends = np.isin(kind, ["G", "T"])
    arrived = kind[next_state]
    reward = step_reward + np.where(arrived == "G", goal_reward, np.where(arrived == "T", trap_reward, 0.0))
    next_state[ends], reward[ends] = np.flatnonzero(ends)[:, None, None], 0.0
    return product_mdp(
        next_state,
        prob,
        reward,
        gamma,
        mu=(kind == "S") / np.count_nonzero(kind == "S"),
        state_names=[f"({i}, {j})" for i, j in zip(row.tolist(), column.tolist(), strict=True)],
        action_names=tuple(MOVES),
    )


def _parsed(art: str) -> np.ndarray:
    """Return the characters of the art, shape (rows, columns)."""
    lines = [line.rstrip() for line in inspect.cleandoc(art).splitlines()]
    for i, line in enumerate(lines):
        for j, cell in enumerate(line):
            if cell not in "SGT#.":
                raise ModelError(f"row {i}, column {j} is {cell!r}; a cell is {_LEGEND}")
        if len(line) != len(lines[0]):
            raise ModelError(
                f"row {i} ends at column {len(line) - 1} ({line[-1:]!r}), row 0 at column {len(lines[0]) - 1}"
                f" ({lines[0][-1:]!r}); rows must have the same length"
            )
    if not any("S" in line for line in lines):
        columns = len(lines[0]) if lines else 0
        raise ModelError(f"no cell of the {len(lines)} rows and {columns} columns is 'S'; draw at least one start")
    return np.array([list(line) for line in lines])


def _landing(cells: np.ndarray) -> np.ndarray:
    """Return the state in which each move ends, shape (n_states, 4)."""
    index = np.full(cells.shape, -1)
    row, column = np.nonzero(cells != "#")
    index[row, column] = np.arange(row.size)
    to = np.empty((row.size, len(MOVES)), dtype=np.int64)
    for action, (down, right) in enumerate(MOVES.values()):
        i = np.clip(row + down, 0, cells.shape[0] - 1)
        j = np.clip(column + right, 0, cells.shape[1] - 1)
        to[:, action] = np.where(index[i, j] >= 0, index[i, j], np.arange(row.size))
    return to


def _astray(landing: np.ndarray) -> np.ndarray:
    """Return where a move, its turn to the right and its turn to the left end, shape (n_states, 4, 3)."""
    return np.stack([landing, np.roll(landing, -1, axis=1), np.roll(landing, 1, axis=1)], axis=2)


def _strength(wind: Sequence[float] | None, n_columns: int) -> np.ndarray:
    """Return the checked strength of each column's wind."""
    if wind is None:
        return np.zeros(n_columns)
    if len(wind) != n_columns:
        raise ModelError(f"wind has {len(wind)} entries; the grid has {n_columns} columns")
    return np.array([checks.number(f"wind of column {j}", strength, 0) for j, strength in enumerate(wind)])


def _blown(arrival: np.ndarray, slip: float, strength: np.ndarray, up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return next states and probabilities after slip and wind, the last axis of length 3, or 6 in a gusty wind."""
    turns = np.array([1 - slip, slip / 2, slip / 2])
    sure = np.floor(strength)[:, None, None]
    for pushed in range(min(math.floor(strength.max()), up.size)):
        arrival = np.where(sure > pushed, up[arrival], arrival)
    gust = (strength % 1)[:, None, None]
    if not gust.any():
        return arrival, np.broadcast_to(turns, arrival.shape)
    prob = np.concatenate([turns * (1 - gust), turns * gust], axis=2)
    next_state = np.concatenate([arrival, up[arrival]], axis=2)
    return next_state, np.broadcast_to(prob, next_state.shape)
