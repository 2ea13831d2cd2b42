r"""One backward sweep answers for all lookaheads k = 1..K together, in memory O(K S).

With :math:`U^0_t` the value of the exploration policy and :math:`U^k_t = \max_a Q^k_t`, looking k steps ahead from
(t, s) means

.. math:: Q^k_t(s, a) = E[R + U^{k-1}_{t+1}(s')], \qquad
          G^k_t(s) = \{a : Q^k_t(s, a) = \max_b Q^k_t(s, b)\}.

Along the way, from the last step to the first, for the greedy policies (any action of :math:`G^k_t(s)` at any time):

.. math:: W^k_t(s) = \min_{a \in G} E[R + W^k_{t+1}(s')], \qquad
          g^k_t(s) = \min\Big( \max_a Q^k_t - \max_{a\ \text{suboptimal}} Q^k_t,\
                     \min_{a \in G, s'} g^k_{t+1}(s') \Big),

the worst greedy return, and the smallest gap that a greedy policy can meet. The gap counts as 0 where a suboptimal
action is greedy, so that **every greedy policy is optimal exactly if the gap of the start is positive**: no search for
the states that greedy policies reach is needed. A second gap, with :math:`\max_{a \notin G} Q^k_t` in place of the
suboptimal maximum, comes out of the same sweep.

Looking ahead without an exploration policy means :math:`U^0 = 0`; then :math:`U^{k}` is the optimal value of the next
k steps, whichever step it is, and lookaheads can be taken in blocks.

Laidlaw, Russell and Dragan (2023); Laidlaw, Zhu, Russell and Dragan (2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.horizon import _kernels as kernels
from rltheory.horizon.table import Table
from rltheory.planning.threads import cut, on_each

TIE_RTOL = 1e-10
"""Values closer than this part of the largest are equal: sums of rewards of one sign lose fewer digits."""
TIE_ATOL = 1e-12
"""The same, as a part of the largest value of all states, where rewards of both signs may cancel."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as greedy, as optimal and as met; see `analyse`."""

    stick: float = 0.0
    optimal_within: float = 0.0
    tie_rtol: float = TIE_RTOL
    everywhere: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """What the sweep says of the start, for each k: shape (K,), or numbers."""

    optimum: float
    explored: float
    worst: np.ndarray
    gap: np.ndarray
    q_gap: np.ndarray


def sweep(table: Table, H: int, K: int, exploration: np.ndarray | None, rules: Rules, window: int = 0) -> Swept:
    """Sweep from the last step to the first.

    Parameters
    ----------
    table : Table
        The game.
    H : int
        Number of steps.
    K : int
        How many lookaheads.
    exploration : ndarray, shape (1 or H, 1 or n_states, n_actions), or None
        As `checked_exploration` returns it; the lookaheads are then 1..K. With None nothing is counted beyond the
        lookahead, and they are ``window + 1, ..., window + K``.
    rules : Rules
        What counts as what.
    window : int
        See above.

    Returns
    -------
    Swept
    """
    parts = cut(np.arange(table.n_states + 1) * (table.n_actions * table.next_state.shape[2] * K))
    after, now = np.zeros((2, table.n_states, table.n_actions if rules.stick > 0 else 1, 1 + 4 * K))
    after[..., 1 + 2 * K :] = np.inf
    arrays = (table.next_state, table.reward, table.prob)
    for t in reversed(range(H)):
        policy = np.zeros((1, table.n_actions)) if exploration is None else exploration[min(t, len(exploration) - 1)]
        column = kernels.EXPLORE
        if exploration is None:
            column = kernels.COPY_OPTIMUM if H - t <= window else kernels.KEEP
        atol = absolute_tolerance(table, after[..., 0], after[..., 1])
        rest = (rules.stick if t > 0 else 0.0, column, rules.tie_rtol, atol, rules.optimal_within, rules.everywhere)
        on_each(parts, lambda *part: kernels.backward_step(*arrays, policy, *rest, after, now, *part))  # noqa: B023
        after, now = now, after
    means, least = table.start_value(after[:, 0, : 1 + 2 * K]), after[table.starts, 0, 1 + 2 * K :].min(axis=0)
    return Swept(float(means[0]), float(means[1]), worst=means[1 + K :], gap=least[:K], q_gap=least[K:])


@dataclass(frozen=True, slots=True)
class Extremes:
    """The expected return of the worst policy, and the range of returns that can happen; in reward units."""

    worst: float
    least: float
    largest: float


def extremes(table: Table, H: int, stick: float = 0.0) -> Extremes:
    """Return how badly a policy can do in expectation, and the least and the largest return that can happen at all."""
    shapes = ((table.n_states, table.n_actions if stick > 0 else 1), table.n_states, table.n_states)
    after, now = (tuple(np.zeros(shape) for shape in shapes) for _ in range(2))
    for t in reversed(range(H)):
        kernels.extremes_step(table.next_state, table.reward, table.prob, stick if t > 0 else 0.0, after, now)
        after, now = now, after
    worst, least, largest = after
    return Extremes(
        worst=float(table.start_value(worst[:, 0])),
        least=float(least[table.starts].min()),
        largest=float(largest[table.starts].max()),
    )


def absolute_tolerance(table: Table, *values: np.ndarray) -> float:
    """Return how far tied values of a step may be apart where rewards of both signs cancel, 0 where they cannot.

    Parameters
    ----------
    table : Table
        The game.
    *values : ndarray
        What is backed up.

    Returns
    -------
    float
        In reward units.
    """
    if not table.pays_penalties:
        return 0.0
    return TIE_ATOL * max(_size(array) for array in (table.reward, *values))


def _size(values: np.ndarray) -> float:
    """Return the largest absolute value, without a copy."""
    return max(float(values.max()), -float(values.min()))
