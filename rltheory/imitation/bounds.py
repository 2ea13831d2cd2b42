r"""What imitation costs: one pure function for each theorem.

Steps are t = 0..H-1, without discount, and rewards are in [0, 1]; for rewards in an interval of another width multiply
what is returned. The *error* of step t, :math:`\epsilon_t`, is the mean total variation distance of the learner's
actions from the expert's, which is the probability of a wrong guess if the expert is deterministic: in the states that
the expert visits when one clones, in those that the learner visits when one asks. `proofs_check.imitation` puts every
function to the test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def cloning_gap(errors: Any) -> float:
    r"""What a clone loses: at most :math:`\sum_t (H - t)\, \epsilon_t`, with errors where the *expert* goes.

    ``errors`` has one entry a step. The first wrong guess leads to where nobody has watched, and may cost the rest of
    the episode. Ross and Bagnell (2010), theorem 2.1, with :math:`H^2 \epsilon`. Attained by an error at the first
    step of `mdps.steep_path`.

    Examples
    --------
    >>> cloning_gap([0.25, 0.0, 0.0])
    0.75
    """
    errors = np.asarray(errors, dtype=float)
    return float(np.arange(errors.size, 0, -1) @ errors)


def cloning_gap_uniform(H: int, error: float) -> float:
    r"""What a clone loses whose error is at most :math:`\epsilon` at every step: at most :math:`\epsilon H(H+1)/2`.

    As for `cloning_gap`. Attained by `mdps.steep_path` as the error vanishes.

    Examples
    --------
    >>> cloning_gap_uniform(H=3, error=0.25)
    1.5
    """
    return error * H * (H + 1) / 2


def cloning_gap_samples(H: int, n_states: int, n_actions: int, episodes: int) -> float:
    r"""What a clone of N episodes loses on average: at most
    :math:`\frac{H(H+1)}2 \big(1 - \frac1A\big) \frac SN \big(\frac N{N+1}\big)^{N+1}`, which is below
    :math:`S H (H+1) / (2 e N)`.

    The expert is deterministic, and the clone draws lots where it has seen nothing: a state of probability x is
    missing with probability :math:`(1-x)^N`, and :math:`x (1-x)^N` is largest at :math:`x = 1/(N+1)`. Rajaraman, Yang,
    Jiao and Ramchandran (2020), with an order. Attained by one step from N + 1 states.

    Examples
    --------
    >>> cloning_gap_samples(H=1, n_states=2, n_actions=2, episodes=1)
    0.25
    """
    missing = n_states / episodes * (episodes / (episodes + 1)) ** (episodes + 1)
    return cloning_gap_uniform(H, (1 - 1 / n_actions) * missing)


def imitation_lower_bound(H: int, n_states: int, n_actions: int, episodes: int) -> float:
    r"""What *every* learner loses on average that has watched N episodes and knows nothing else: at least
    :math:`\sum_{k=1}^H \big(1 - (1 - q)^k\big)` with :math:`q = \big(1-\frac1A\big) \mathbb E\,[\text{missing mass}]`.

    On `mdps.renewal`, if the expert's actions are drawn by lot; the mean is over lots and data, and the missing mass is
    the probability of the states which N draws have not shown. The clone attains it. For :math:`q H \le 1` it is at
    least :math:`(1 - \frac1e)\, q H (H+1) / 2`, and for :math:`S \le N + 2` :math:`q \ge \big(1-\frac1A\big)
    \frac{S-2}{e (N+1)}`: the squared horizon is in the data, not in the algorithm. Rajaraman, Yang, Jiao and
    Ramchandran (2020), with an order.

    Examples
    --------
    >>> round(imitation_lower_bound(H=1, n_states=3, n_actions=2, episodes=1), 12)
    0.25
    """
    q = (1 - 1 / n_actions) * renewal_missing_mass(n_states, episodes)
    return float(sum(1 - (1 - q) ** k for k in range(1, H + 1)))


def renewal_missing_mass(n_states: int, episodes: int) -> float:
    """Expected probability of the states of `mdps.renewal` that N draws of a state have not shown.

    Examples
    --------
    >>> renewal_missing_mass(n_states=3, episodes=1)
    0.5
    """
    p = renewal_distribution(n_states, episodes)
    return float(np.sum(p * (1 - p) ** episodes))


def renewal_distribution(n_states: int, episodes: int) -> np.ndarray:
    r"""How `mdps.renewal` draws its good states: all but one with probability 1/(N+1), if that leaves anything.

    Examples
    --------
    >>> renewal_distribution(n_states=4, episodes=3)
    array([0.25, 0.25, 0.5 ])
    """
    good = n_states - 1
    each = min(1 / (episodes + 1), 1 / good)
    return np.array([each] * (good - 1) + [1 - each * (good - 1)])


def interaction_gap(errors: Any, recoverability: Any) -> float:
    r"""What a learner loses who is wrong where *it* goes: at most :math:`\sum_t u_t\, \epsilon_t`.

    ``recoverability`` is :math:`u_t`, the most that one wrong action of step t costs somebody whom the expert relieves
    at once (`rltheory.imitation.recoverability`): for each step, or one number for all, and then the bound is at most
    :math:`u H \epsilon`. Ross, Gordon and Bagnell (2011), theorem 2.2. Attained wherever every error costs the same.

    Examples
    --------
    >>> interaction_gap([0.1, 0.1], 1.0)
    0.2
    """
    return float(np.sum(np.asarray(recoverability, dtype=float) * np.asarray(errors, dtype=float)))


def hedge_disagreements(n_tables: int, n_actions: int, step: float, best: float = 0.0) -> float:
    r"""Errors of DAgger with exponential weights, added up over rounds and steps: at most
    :math:`\big(\eta L^* + n \ln A\big) / (1 - e^{-\eta})`.

    There are n = ``n_tables`` pairs of a step and of something that the learner can tell from the rest, and
    ``best`` is :math:`L^*`, the errors of the best choice in hindsight: 0 if the learner sees the state and the expert
    is deterministic. The bound does not grow with the number of rounds, so that the mixture's mean error vanishes like
    one over it. Freund and Schapire (1997), theorem 2, for each table. Nearly attained by small steps.

    Examples
    --------
    >>> round(hedge_disagreements(n_tables=2, n_actions=2, step=1.0), 6)
    2.193085
    """
    return (step * best + n_tables * math.log(n_actions)) / -math.expm1(-step)
