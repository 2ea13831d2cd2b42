"""Jack's car rental: two sites, cars are moved between them over night."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._poisson import depletion
from rltheory import MDP, ModelError


def car_rental(
    capacity: int = 20,
    max_moves: int = 5,
    *,
    requests: tuple[float, float] = (3.0, 4.0),
    returns: tuple[float, float] = (3.0, 2.0),
    credit: float = 10.0,
    move_cost: float = 2.0,
    gamma: float = 0.9,
) -> MDP:
    r"""Move cars between two sites over night, then rent them out at random.

    In state $(i, j)$, the cars at each site in the evening, up to ``max_moves`` cars are moved at a cost each. Cars
    beyond the capacity of a site leave the problem. The next day's requests and returns at each site are Poisson; a
    car that is returned can be rented the day after. The laws are exact: no Poisson tail is cut off. With the
    default parameters the optimal policy moves from 5 cars to -4, as in the published figure, and optimal values run
    from 421.4 without a car to 637.0 with all (programs that cut the tails off find less).

    Parameters
    ----------
    capacity : int
        Cars that a site can hold, at least 1.
    max_moves : int
        Cars that can be moved in one night.
    requests, returns : pair of float
        Mean number of cars asked for, and brought back, per day at each site, above 0.
    credit, move_cost : float
        Earned for each car rented, and paid for each car moved, in reward units.
    gamma : float
        Discount in [0, 1], per day.

    Returns
    -------
    MDP
        ``(capacity + 1)**2`` states named ``(i, j)``; an action is named by the cars moved from the first site to the
        second, ``-2`` for two the other way. Only cars that are there can be moved.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Sutton and Barto (2018), example 4.2 and figure 4.2.

    Examples
    --------
    >>> import mdps
    >>> mdps.car_rental(capacity=3, max_moves=1).n_pairs
    40
    """
    from scipy.sparse import csr_array

    checks.whole("capacity", capacity, 1)
    checks.whole("max_moves", max_moves, 0)
    if len(requests) != 2 or len(returns) != 2:
        raise ModelError(f"requests has {len(requests)} means and returns {len(returns)}; there are two sites")
    (first_law, first_rented), (second_law, second_rented) = (
        _day(capacity, checks.positive("requests", asked), checks.positive("returns", back))
        for asked, back in zip(requests, returns, strict=True)
    )
    first, second = np.divmod(np.arange((capacity + 1) ** 2), capacity + 1)
    moves = np.arange(-max_moves, max_moves + 1)
    state, action = np.nonzero((moves <= first[:, None]) & (-moves <= second[:, None]))
    moved = moves[action]
    here, there = np.minimum(first[state] - moved, capacity), np.minimum(second[state] + moved, capacity)
    reward = credit * (first_rented[here] + second_rented[there]) - move_cost * np.abs(moved)
    return MDP.from_pairs(
        csr_array(np.kron(first_law, second_law))[here * (capacity + 1) + there],
        reward,
        gamma,
        states=state,
        state_names=[f"({i}, {j})" for i, j in zip(first.tolist(), second.tolist(), strict=True)],
        action_names=[f"{cars:+d}" if cars else "0" for cars in moved.tolist()],
    )


def _day(capacity: int, requests: float, returns: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the law of the evening's cars and the expected rentals, for each number of cars in the morning."""
    left, rented = depletion(capacity, requests)
    free_space, _ = depletion(capacity, returns)
    return left @ free_space[::-1, ::-1], rented
