"""A decoy beside a corridor: how myopic greed loses everything."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP


def decoy_corridor(length: int, *, delta: float = 0.1) -> SubmodularMDP:
    r"""Take a little more at once, on the left, or one each step, on the right, for as long as the horizon lasts.

    State 0 pays $1 + \delta$, the start, state 1, nothing, and each of the states 2, ..., ``length + 1`` of the
    corridor pays 1, each once. Whoever takes the largest gain goes left, from where the next moves gain nothing: with
    ties for staying it ends with $1 + \delta$. With ``length`` moves the corridor is worth ``length``; turning back
    from the decoy costs two moves and leaves at most $1 + \delta + (\mathtt{length} - 2)$, so that the corridor is best
    for $\delta \le 1$, and the ratio of greed tends to zero.

    Parameters
    ----------
    length : int
        Number of moves and of items in the corridor, at least 2.
    delta : float
        What the decoy pays beyond 1, in (0, 1].

    Returns
    -------
    SubmodularMDP
        With actions ``stay, left, right``.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> decoy_corridor(5)
    SubmodularMDP(5 steps, 7 states, 21 state-action pairs, Coverage of states)
    """
    checks.whole("length", length, 2)
    checks.number("delta", delta, 0, 1)
    checks.positive("delta", delta)
    n_states = length + 2
    states = np.arange(n_states)
    landing = np.clip(states[:, None] + [0, -1, 1], 0, n_states - 1)
    weights = np.ones(n_states)
    weights[:2] = 1 + delta, 0
    names = ("decoy", "start", *(f"corridor {i}" for i in range(1, length + 1)))
    return SubmodularMDP(
        np.eye(n_states)[landing],
        Coverage(np.eye(n_states), weights),
        length,
        mu=np.eye(n_states)[1],
        state_names=names,
        action_names=("stay", "left", "right"),
    )
