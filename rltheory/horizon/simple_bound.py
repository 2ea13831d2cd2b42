r"""The published simple bound on the effective horizon of a deterministic game, from gaps and bounds on variances.

GORP(k, m) tries all sequences of k actions, m random episodes each, and plays the first action of the best. Between the
values :math:`Q^w` of the worst and :math:`Q^*` of the best policy, the variance of one episode's return is at most
(Bhatia and Davis 2000)

.. math:: v^{(1)}_t(s, a) = (Q^1_t - Q^w_t)(Q^*_t - Q^1_t)
          \;\le\; (Q^1_t - Q^w_t)(Q^*_t - Q^w_t),

the right one being what the published code uses; at the end of k actions it is
:math:`v^{(k+1)}_t(s, a) = \max_{a'} v^{(k)}_{t+1}(f(s, a), a')`. With the gap
:math:`g = \max_a Q^k_t - \max_{a\ \text{suboptimal}} Q^k_t` of a state, the published number of episodes is

.. math:: m_k = \max_{t, s} \Big\lceil \frac{16\, v^{(k)}}{g^2} \log(2 H A^k) \Big\rceil \ge 1, \qquad
          H_k \le k + \log_A m_k,

over what is met by following every action whose :math:`Q^k` is above that of all suboptimal ones, for all k of which no
suboptimal action is best there. It is quoted as published: the lower tail of the mean is covered by Bernstein's
inequality with this constant, the upper one is not where :math:`v \ll (Q^* - Q^w)\, g`.

Laidlaw, Russell and Dragan (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.horizon import bounds
from rltheory.horizon.gap_bound import GapBound
from rltheory.horizon.sweep import TIE_RTOL, absolute_tolerance
from rltheory.horizon.table import (
    Table,
    checked_exploration,
    checked_steps,
    checked_tolerance,
    require_deterministic,
    require_one_start,
)
from rltheory.models import OutcomeModel


def simple_bound(
    model: OutcomeModel, H: int, *, exploration: Any = None, optimal_within: float = 0.0, tie_rtol: float = TIE_RTOL
) -> GapBound:
    """Compute the simple bound as it was published.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with ``gamma = 1``, one start and the same number of actions in every state.
    H : int
        Number of steps, at least 1.
    exploration, optimal_within, tie_rtol
        As for `analyse`.

    Returns
    -------
    GapBound

    Raises
    ------
    ModelError
        If an argument does not fit the model.
    CriterionError
        If the model discounts, a pair has several outcomes, or episodes begin in several states.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.horizon.simple_bound import simple_bound
    >>> bound = simple_bound(mdps.horizon_lock(5), H=5)
    >>> bound.k[-1], bound.episodes[-1], float(bound.gap[-1]), float(bound.variance[-1])
    (4, 163, 0.5, 0.5)
    """
    table, H = Table.of(model), checked_steps(H)
    require_deterministic(table, "the simple bound")
    require_one_start(table)
    policy = checked_exploration(table, exploration, H)
    optimal_within = checked_tolerance(optimal_within, "optimal_within")
    tie_rtol = checked_tolerance(tie_rtol, "tie_rtol")
    K = min(8, H)
    while True:
        met = _hardest(table, H, K, policy, optimal_within, tie_rtol)
        bound, rows = _bound(table.n_actions, H, met)
        if K == H or bound <= K + 1:
            break
        K = min(2 * K, H)
    return GapBound.of(bound, H, table.n_actions, rows)


def _bound(n_actions: int, H: int, met: _Met) -> tuple[float, list[tuple[int, int, float, float]]]:
    """Return the bound, and the rows (k, m_k, gap, variance) of the lookaheads below it."""
    bound, rows = float(H), []
    for k, (gap, variance, fails) in enumerate(zip(met.gap.tolist(), met.variance.tolist(), met.fails, strict=True), 1):
        if k >= bound:
            break
        if not fails:
            m = int(bounds.gorp_episodes_published(variance, gap, H, n_actions, k))
            bound = min(bound, bounds.effective_horizon(k, m, n_actions))
            rows.append((k, m, gap, variance))
    return bound, rows


@dataclass(frozen=True, slots=True, eq=False)
class _Met:
    """Of the states met from each state (or from the start), the largest v / g^2, its g and v; shape (S, K) or (K,)."""

    need: np.ndarray
    gap: np.ndarray
    variance: np.ndarray
    fails: np.ndarray


def _hardest(table: Table, H: int, K: int, policy: np.ndarray, within: float, rtol: float) -> _Met:
    """Sweep backward, for all k = 1..K at once; arrays are over (state, action, k)."""
    following, r, n_states = table.next_state[:, :, 0], table.reward[:, :, 0], table.n_states
    optimum, worst = np.zeros(n_states), np.zeros(n_states)
    lookahead, leaf = np.zeros((n_states, K)), np.zeros((n_states, K))
    shape = (n_states, K)
    met = _Met(np.full(shape, -np.inf), np.full(shape, np.inf), np.zeros(shape), np.zeros(shape, dtype=bool))
    for t in reversed(range(H)):
        atol = absolute_tolerance(table, optimum, lookahead[:, 0])
        best_q, worst_q, q = r + optimum[following], r + worst[following], r[:, :, None] + lookahead[following]
        v = np.concatenate([((q[..., 0] - worst_q) * (best_q - worst_q))[..., None], leaf[following][..., :-1]], axis=2)
        optimum, worst, top = best_q.max(axis=1), worst_q.min(axis=1), q.max(axis=1)
        is_bad = optimum[:, None] - best_q > np.maximum(within, rtol * np.abs(optimum) + atol)[:, None]
        second = np.where(is_bad[..., None], q, -np.inf).max(axis=1)
        tied = rtol * np.abs(top) + atol
        leaf = v.max(axis=1)
        met = _merge(met, following, q - second[:, None] > tied[:, None], leaf, top - second, tied)
        explored = (policy[min(t, len(policy) - 1)] * q[..., 0]).sum(axis=1)
        lookahead = np.concatenate([explored[:, None], top[:, :-1]], axis=1)
    s = int(table.starts[0])
    return _Met(met.need[s], met.gap[s], met.variance[s], met.fails[s])


def _merge(
    met: _Met, following: np.ndarray, follow: np.ndarray, variance: np.ndarray, gap: np.ndarray, tied: np.ndarray
) -> _Met:
    """Return the hardest of each state and of those that the followed actions lead to."""
    fails = gap <= tied
    need = variance / np.where(fails, 1.0, gap) ** 2
    later = np.where(follow, met.need[following], -np.inf)
    hardest = later.argmax(axis=1)[:, None]
    own = need >= later.max(axis=1)

    def pick(here: np.ndarray, there: np.ndarray) -> np.ndarray:
        return np.where(own, here, np.take_along_axis(there[following], hardest, axis=1)[:, 0])

    return _Met(
        need=pick(need, met.need),
        gap=pick(gap, met.gap),
        variance=pick(variance, met.variance),
        fails=fails | (follow & met.fails[following]).any(axis=1),
    )
