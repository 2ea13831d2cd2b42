r"""Rewards that are whole multiples of one unit, for laws of returns that are exact and sums that tie when they should.

The law of the rewards to come from state s at step t, under an exploration policy :math:`\pi` of a deterministic model,
obeys

.. math:: D_t(s) = \sum_a \pi_t(a \mid s)\; \mathrm{shift}\big(D_{t+1}(f(s, a)),\, r(s, a)\big), \qquad D_H = \delta_0,

and on multiples of a unit every shift moves a vector by whole places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from rltheory.models import CriterionError
from rltheory.planning.memory import require_memory

_TOLERANCE = 2e-7
"""Relative to the largest reward: rewards such as 0.1 come in single precision."""
_MOST_MULTIPLES = 1000
"""Beyond, any two numbers would be multiples of some unit within the tolerance."""


def unit_of(reward: np.ndarray) -> float:
    """Return the largest number of which all rewards are whole multiples, within single precision; 1 if all are 0.

    Parameters
    ----------
    reward : ndarray
        In reward units.

    Returns
    -------
    float

    Raises
    ------
    CriterionError
        If there is no such number that is at least a thousandth of the largest reward (whole numbers always have one).

    Examples
    --------
    >>> import numpy as np
    >>> round(unit_of(np.array([0.0, 0.25, -1.5])), 9)
    0.25
    """
    sizes = np.unique(np.abs(reward[reward != 0]))
    if sizes.size == 0:
        return 1.0
    if (sizes == np.rint(sizes)).all() and sizes[-1] < 2**53:
        return float(np.gcd.reduce(sizes.astype(np.int64)))
    allowed = _TOLERANCE * sizes[-1]
    unit = reduce(lambda a, b: _common(a, b, allowed), sizes)
    multiples = np.rint(sizes / unit)
    unit = float(sizes @ multiples / (multiples @ multiples))
    if multiples[-1] > _MOST_MULTIPLES or np.abs(sizes - unit * multiples).max() > allowed:
        raise CriterionError(
            f"rewards such as {sizes[0]:.9g} and {sizes[-1]:.9g} are not whole multiples of one unit; exact laws need"
            " that: round the rewards, or play the algorithm instead (gorp_runs)"
        )
    return unit


def _common(a: float, b: float, allowed: float) -> float:
    """Return the greatest common measure of two positive numbers, by Euclid, taking what is ``allowed`` for nothing."""
    while b > allowed:
        a, b = b, a - b * np.rint(a / b)
        b = abs(b)
    return float(a)


@dataclass(frozen=True, slots=True, eq=False)
class ReturnLaws:
    """Laws of the rewards to come, for all steps and states of a deterministic model; made by `return_laws`.

    Parameters
    ----------
    unit : float
        All returns are whole multiples of it, in reward units.
    reward : ndarray of int, shape (S, A)
        Rewards in units.
    low : int
        Least return considered, in units.
    law : ndarray, shape (H + 1, S, n)
        Probability of the returns ``low, low + 1, ...``.
    """

    unit: float
    reward: np.ndarray
    low: int
    law: np.ndarray

    def moments(self, order: int) -> np.ndarray:
        """Return absolute central moments, in reward units to that power, shape (H + 1, S)."""
        values = self.unit * (self.low + np.arange(self.law.shape[2]))
        centred = np.abs(values - (self.law @ values)[..., None])
        return np.einsum("tsn,tsn->ts", self.law, centred**order)


def return_laws(next_state: np.ndarray, reward: np.ndarray, H: int, exploration: np.ndarray) -> ReturnLaws:
    """Return the law of the rewards to come under an exploration policy.

    Parameters
    ----------
    next_state : ndarray of int, shape (S, A)
    reward : ndarray, shape (S, A)
        In reward units.
    H : int
        Steps.
    exploration : ndarray, of a shape that broadcasts to (H, S, A)
        Probabilities.

    Returns
    -------
    ReturnLaws

    Raises
    ------
    CriterionError
        If rewards are not multiples of one unit.
    MemoryError
        If the laws would not fit.
    """
    unit = unit_of(reward)
    whole = np.rint(reward / unit).astype(np.int64)
    policy = np.broadcast_to(exploration, (H, *whole.shape))
    n_states = whole.shape[0]
    best = worst = np.zeros(n_states, dtype=np.int64)
    low = high = 0
    for _ in range(H):
        best, worst = (whole + best[next_state]).max(axis=1), (whole + worst[next_state]).min(axis=1)
        low, high = min(low, int(worst.min())), max(high, int(best.max()))
    require_memory(
        8.0 * (H + 1) * n_states * (high - low + 1),
        f"the laws of {high - low + 1} returns at {H + 1} steps in {n_states} states",
        remedy="play the algorithm instead (gorp_runs)",
    )
    law = np.zeros((H + 1, n_states, high - low + 1))
    law[H, :, -low] = 1.0
    shifts = [(shift, *np.nonzero(whole == shift)) for shift in np.unique(whole)]
    for t in range(H - 1, -1, -1):
        for shift, states, actions in shifts:
            moved = np.roll(law[t + 1, next_state[states, actions]], shift, axis=1)  # nothing wraps: mass 0 there
            np.add.at(law[t], states, policy[t, states, actions][:, None] * moved)
    return ReturnLaws(unit, whole, low, law)
