"""Admission to a queue."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps._outcomes import ragged_mdp
from rltheory import MDP


def admission_queue(
    capacity: int = 10,
    arrival_rate: float = 0.9,
    service_rate: float = 1.0,
    *,
    admission_reward: float = 5.0,
    holding_cost: float = 1.0,
    gamma: float = 0.95,
) -> MDP:
    r"""Admit or reject the customers of an M/M/1 queue with room for ``capacity``.

    The queue is observed at the events of a Poisson process of rate arrival + service (uniformisation), each of which
    is an arrival with probability $a$, the arrival rate's share, and otherwise the end of a service (of nobody, in an
    empty queue). The action says what happens to an arrival. With s customers in the queue a step costs $h s$, and an
    arrival that is admitted is worth R. A control-limit policy is optimal: admit while s is below some limit. With
    room for one customer, admission is optimal iff $R \ge \gamma (aR + h)$, and then

    $$v^*(0) = \frac{a\,(R - \gamma (aR + h))}{1-\gamma}, \qquad v^*(1) = v^*(0) - aR - h.$$

    Parameters
    ----------
    capacity : int
        Room in the queue, the customer in service included, at least 1.
    arrival_rate, service_rate : float
        Per unit of time, above 0.
    admission_reward, holding_cost : float
        R and h above, in reward units.
    gamma : float
        Discount in [0, 1], per event; a rate of interest b per unit of time is
        ``gamma = (arrival_rate + service_rate) / (arrival_rate + service_rate + b)``.

    Returns
    -------
    MDP
        States 0..capacity; actions ``reject, admit``, in a full queue only ``reject``. Starts empty.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Notes
    -----
    Naor (1969); Stidham (1985); uniformisation as in Puterman (2005), chapter 11.

    Examples
    --------
    >>> import mdps
    >>> mdps.admission_queue(2).action_names
    ('reject', 'admit', 'reject', 'admit', 'reject')
    """
    checks.whole("capacity", capacity, 1)
    arrivals = checks.positive("arrival_rate", arrival_rate)
    arrival = arrivals / (arrivals + checks.positive("service_rate", service_rate))
    length = np.repeat(np.arange(capacity + 1), 2)[:-1]
    admits = np.arange(length.size) % 2
    next_state = np.stack([length + admits, np.maximum(length - 1, 0)], axis=1)
    reward = np.stack([admission_reward * admits, 0 * admits], axis=1) - holding_cost * length[:, None]
    return ragged_mdp(
        next_state,
        [arrival, 1 - arrival],
        reward,
        gamma,
        counts=np.bincount(length),
        mu=0,
        action_names=[("reject", "admit")[choice] for choice in admits.tolist()],
    )
