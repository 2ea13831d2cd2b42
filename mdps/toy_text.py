"""The tabular worlds of Gymnasium: cliff walking built here, frozen lake and taxi imported from Gymnasium itself."""

from __future__ import annotations

import numpy as np

from mdps._outcomes import product_mdp
from mdps.gridworld import MOVES
from rltheory import MDP, ModelError

_ROWS, _COLUMNS = 4, 12


def cliff_walking(*, is_slippery: bool = False, gamma: float = 0.99) -> MDP:
    r"""Walk from the lower left corner to the lower right one; the cells between them are a cliff.

    Every move is rewarded with -1; a move onto the cliff with -100, and it leads back to the start. On slippery ground
    the move and its two perpendicular ones are equally likely. States are the cells of the 4 x 12 grid in reading
    order, those of the cliff included (they are never entered), as in Gymnasium; the goal is absorbing. Without
    slipping the shortest way takes 13 moves:

    $$v^*(\text{start}) = -\frac{1-\gamma^{13}}{1-\gamma}, \qquad -13 \text{ for } \gamma = 1.$$

    Parameters
    ----------
    is_slippery : bool
        Whether the ground is slippery.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        48 states named ``(row, column)``; actions ``up, right, down, left``.

    Raises
    ------
    ModelError
        If ``gamma`` is out of range.

    Notes
    -----
    Sutton and Barto (2018), example 6.6; dynamics of Gymnasium's ``CliffWalking-v1``.

    Examples
    --------
    >>> import mdps
    >>> cliff = mdps.cliff_walking()
    >>> cliff.r[cliff.pair_start[36] : cliff.pair_start[37]]
    array([  -1., -100.,   -1.,   -1.])
    """
    start, goal = (_ROWS - 1) * _COLUMNS, _ROWS * _COLUMNS - 1
    row, column = np.divmod(np.arange(goal + 1), _COLUMNS)
    down, right = np.array(list(MOVES.values())).T
    landing = np.clip(row[:, None] + down, 0, _ROWS - 1) * _COLUMNS + np.clip(column[:, None] + right, 0, _COLUMNS - 1)
    turns = (-1, 0, 1) if is_slippery else (0,)
    next_state = np.stack([np.roll(landing, -turn, axis=1) for turn in turns], axis=2)
    fell = (next_state > start) & (next_state < goal)
    reward = np.where(fell, -100.0, -1.0)
    next_state[fell] = start
    next_state[goal], reward[goal] = goal, 0.0
    names = [f"({i}, {j})" for i, j in zip(row.tolist(), column.tolist(), strict=True)]
    return product_mdp(
        next_state, 1 / len(turns), reward, gamma, mu=start, state_names=names, action_names=tuple(MOVES)
    )


def frozen_lake(map_name: str = "4x4", *, is_slippery: bool = True, gamma: float = 0.99) -> MDP:
    """Cross a frozen lake without falling into a hole; imported from Gymnasium.

    On slippery ice a move goes straight on, to its left or to its right with probability 1/3 each. Entering the goal is
    rewarded with 1. Hence for ``gamma = 1`` the value is the largest probability of a safe crossing, 14/17 from the
    start of the slippery 4x4 map; without slipping it is ``gamma**5`` there, and ``gamma**13`` on the 8x8 map.

    Parameters
    ----------
    map_name : {"4x4", "8x8"}
        One of Gymnasium's maps.
    is_slippery : bool
        Whether moves go astray.
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        States named ``(row, column)``; actions ``left, down, right, up``; goal and holes are absorbing.

    Raises
    ------
    ModelError
        If there is no such map.
    ImportError
        If Gymnasium is not installed.

    Notes
    -----
    Gymnasium's ``FrozenLake-v1`` (Towers et al., 2024).

    Examples
    --------
    >>> import mdps
    >>> mdps.frozen_lake("4x4")
    MDP(16 states, 64 state-action pairs, at most 4 actions, 148 transitions, gamma=0.99)
    """
    from rltheory.io import from_gymnasium

    if map_name not in ("4x4", "8x8"):
        raise ModelError(f"map_name is {map_name!r}; Gymnasium's maps are '4x4' and '8x8'")
    return from_gymnasium("FrozenLake-v1", gamma, map_name=map_name, is_slippery=is_slippery)


def taxi(*, gamma: float = 0.99) -> MDP:
    """Pick up a passenger and drop them off at one of four places; imported from Gymnasium.

    Every move is rewarded with -1, a wrong pick-up or drop-off with -10, the right drop-off with 20, and it ends the
    episode. The value with the passenger on board at the destination is 20.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1].

    Returns
    -------
    MDP
        500 states, and the absorbing state ``end``; actions ``south, north, east, west, pick up, drop off``.

    Raises
    ------
    ImportError
        If Gymnasium is not installed.

    Notes
    -----
    Dietterich (2000); the dry, obedient taxi of Gymnasium (Towers et al., 2024), the same in all its versions.

    Examples
    --------
    >>> import mdps
    >>> mdps.taxi().n_states
    501
    """
    from rltheory.io import from_gymnasium

    try:
        from gymnasium.envs.toy_text import TaxiEnv
    except ImportError:
        raise ImportError("the taxi comes from Gymnasium, which is missing: pip install rltheory[io]") from None
    return from_gymnasium(TaxiEnv(), gamma)
