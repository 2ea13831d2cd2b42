"""Games for lookahead: deterministic, undiscounted, played for a fixed number of steps, start in state 0.

Each says in closed form how far one must look ahead. They are `OutcomeModel`s, because the laws of returns matter.
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError, OutcomeModel


def horizon_lock(H: int = 5, n_actions: int = 2) -> OutcomeModel:
    r"""A lock of H digits that jams at the first mistake: reward 1 at the end of the one right sequence.

    Every lookahead k solves it, k = 1 included, but by the gap :math:`A^{-(H-k)}` only: at the first step, the right
    action is worth that under random play, and every other one nothing. The planning window is H.

    Parameters
    ----------
    H : int
        Steps, at least 1.
    n_actions : int
        Actions A, at least 1; the last one is right.

    Returns
    -------
    OutcomeModel
        States 0..H-1, the steps made, and the end.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    The lock of `combination_lock` starts over instead, so that it can be opened late.

    Examples
    --------
    >>> import mdps
    >>> mdps.horizon_lock(3).next_state.reshape(4, 2)
    array([[3, 1],
           [3, 2],
           [3, 3],
           [3, 3]], dtype=int32)
    """
    H, n_actions = checks.whole("H", H, 1), checks.whole("n_actions", n_actions, 1)
    next_state, reward = np.full((H, n_actions), -1), np.zeros((H, n_actions))
    next_state[:-1, -1] = np.arange(1, H)
    reward[-1, -1] = 1.0
    return OutcomeModel.from_tables(next_state, reward, 1.0, mu=0)


def decoy(length: int = 3, n_actions: int = 2, prize: float = 0.3) -> OutcomeModel:
    r"""Take a prize at once, or enter a lock of ``length`` digits that pays 1: played for ``length + 1`` steps.

    Under random play the lock is worth :math:`A^{-\text{length}}`. For :math:`A^{-j} \le c < A^{-(j-1)}`, with c the
    prize and :math:`1 \le j \le \text{length} + 1`, the least lookahead that solves it is

    .. math:: \text{length} - j + 2,

    and all larger ones do. At :math:`c = A^{-j}` the lookahead :math:`\text{length} + 1 - j` ties: some greedy policies
    are optimal, not every one. The planning window is ``length + 1``.

    Parameters
    ----------
    length : int
        Digits of the lock, at least 1.
    n_actions : int
        Actions A, at least 2. In state 0 the first one enters the lock, all others take the prize and end the episode.
    prize : float
        c, in [0, 1).

    Returns
    -------
    OutcomeModel
        States: 0, then the ``length`` digits, then the end.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.decoy(2, prize=0.25).reward.reshape(4, 2)
    array([[0.  , 0.25],
           [0.  , 0.  ],
           [0.  , 1.  ],
           [0.  , 0.  ]])
    """
    length, n_actions = checks.whole("length", length, 1), checks.whole("n_actions", n_actions, 2)
    if not checks.number("prize", prize, 0) < 1:
        raise ModelError(f"prize is {prize!r}; it must be below 1, what the lock pays")
    end = length + 1
    next_state, reward = np.full((end, n_actions), -1), np.zeros((end, n_actions))
    next_state[1:length, -1] = np.arange(2, end)
    reward[length, -1] = 1.0
    next_state[0, 0] = 1
    reward[0, 1:] = prize
    return OutcomeModel.from_tables(next_state, reward, 1.0, mu=0)


def dense_rewards(n_actions: int = 2) -> OutcomeModel:
    """Reward 1 for the last action, 0 for others, in a single state: one step of lookahead sees all there is to see.

    For any H, every lookahead solves it with gap 1, with or without an exploration policy.

    Parameters
    ----------
    n_actions : int
        Actions, at least 1.

    Returns
    -------
    OutcomeModel

    Raises
    ------
    ModelError
        If the parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdps.dense_rewards(3).reward.ravel()
    array([0., 0., 1.])
    """
    reward = np.zeros((1, checks.whole("n_actions", n_actions, 1)))
    reward[0, -1] = 1.0
    return OutcomeModel.from_tables(np.zeros(reward.shape, dtype=int), reward, 1.0, mu=0)


def farsighted_trap() -> OutcomeModel:
    """A game of 3 steps that lookahead 1 solves, and lookahead 2 does not.

    From state 0 the first action leads by way of state 1 to the prizes 1 and 0.2 whatever is done, the second to the
    prizes 0.7 and 0.3. Random play makes 0.6 of the one and 0.5 of the other, which is the right order; a lookahead of
    2 takes the better of 0.7 and 0.3, but still 0.6 of the prizes that are one step farther; 3 sees all.

    Returns
    -------
    OutcomeModel
        States 0..3 and the end; to be played for 3 steps.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon import analyse
    >>> analyse(mdps.farsighted_trap(), H=3).solvable
    array([ True, False,  True])
    """
    return OutcomeModel.from_tables(
        [[1, 2], [3, 3], [-1, -1], [-1, -1]], [[0, 0], [0, 0], [0.7, 0.3], [1, 0.2]], 1.0, mu=0
    )
