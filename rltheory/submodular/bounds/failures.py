r"""What nobody may promise: closed forms of instances where memory, foresight or diminishing returns are missing."""

from __future__ import annotations


def forgetful(heads: float = 0.5) -> float:
    r"""Part of the optimum that the best Markov policy reaches with the coin and its mirror: $(1 + \max(p, 1-p)) / 2$.

    A coin falls on L or R and is forgotten; then one goes to l or r, and of each letter one pays. Whoever remembers
    earns 2, and whoever always goes to the letter that is less likely to be the coin's earns $1 + \max(p, 1 - p)$.

    Parameters
    ----------
    heads : float
        Probability p of L, in [0, 1].

    Examples
    --------
    >>> forgetful()
    0.75
    """
    return (1 + max(heads, 1 - heads)) / 2


def myopic(length: int, delta: float) -> float:
    r"""Part of the optimum that greedy reaches with a decoy beside a corridor: $(1 + \delta) / L$, which tends to 0.

    Parameters
    ----------
    length : int
        Number L of moves, and of states of worth 1 in the corridor, at least 2.
    delta : float
        What the decoy pays beyond 1, in (0, 1].

    Examples
    --------
    >>> myopic(6, 0.5)
    0.25
    """
    return (1 + delta) / length


def modular_revisits(steps: int, delta: float) -> float:
    r"""Part of the optimum that planning with single states reaches if it may stay: $(1 + \delta) / (H + 1 + \delta)$.

    H + 1 states in a row, the first of worth $1 + \delta$ and each other of worth 1, are walked through by the optimum.
    The plan counts each visit, and stays where it is; although F is modular, c = 0.

    Parameters
    ----------
    steps : int
        Number H of actions, at least 1.
    delta : float
        What the first state pays beyond 1, above 0.

    Examples
    --------
    >>> modular_revisits(5, 1.0)
    0.2857142857142857
    """
    return (1 + delta) / (steps + 1 + delta)
