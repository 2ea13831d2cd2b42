"""The coin and its mirror: the smallest model in which one has to remember."""

from __future__ import annotations

import numpy as np

from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP


def coin_mirror() -> SubmodularMDP:
    r"""See a coin fall on L or R, forget it in the middle, and go to l or r: of each letter one pays, big or small.

    $$F(\tau) = 1\{\tau \cap \{L, l\} \ne \emptyset\} + 1\{\tau \cap \{R, r\} \ne \emptyset\}$$

    Whoever remembers the coin goes to the other letter and earns 2. A Markov policy, whatever it mixes, meets the same
    letter again half of the time: 3/2, which is 3/4 of the optimum.

    Returns
    -------
    SubmodularMDP
        With 3 steps; only in the middle, state 3, are there two actions that differ.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024) tell Markov and non-Markov policies apart; the instance is ours.

    Examples
    --------
    >>> coin_mirror().state_names
    ('start', 'L', 'R', 'middle', 'l', 'r')
    """
    P = np.zeros((6, 2, 6))
    P[0, :, [1, 2]] = 0.5
    P[[1, 2], :, 3] = P[3, 0, 4] = P[3, 1, 5] = 1
    P[[4, 5], :, [4, 5]] = 1
    F = Coverage.from_sets([[], [0], [1], [], [0], [1]])
    names = ("start", "L", "R", "middle", "l", "r")
    return SubmodularMDP(P, F, 3, mu=np.eye(6)[0], state_names=names, action_names=("to l", "to r"))
