r"""How far ahead must one look for greedy actions to be optimal, if an exploration policy plays on from there?

With :math:`Q^1` the action values of the exploration policy and

.. math:: Q^{k+1}_t(s, a) = E\Big[R + \max_{a'} Q^k_{t+1}(s', a')\Big],

lookahead k = 1 is no Bellman backup at all, and :math:`Q^k_t = Q^*_t` where :math:`k \ge H - t`. A game is
*k-QVI-solvable* if **every** policy is optimal that chooses an action of :math:`\arg\max_a Q^k_t(s, a)` at every step:
one reachable tie with a suboptimal action spoils it. Solvability is not monotone in k, and a game can be solvable with
k = 1 by a gap so small that nobody can see it: quote the gap, or the effective horizon, with ``min_k``.

Two values tie if they differ by at most 1e-10 of the larger one, or, where rewards have both signs and may cancel, by
1e-12 of the largest value. Values of 1e-12 are real in games with sparse rewards, so that no absolute tolerance would
do. `analyse_exactly` has no tolerance.

Laidlaw, Russell and Dragan, Bridging RL theory and practice with the effective horizon (NeurIPS 2023); Laidlaw, Zhu,
Russell and Dragan, The effective horizon explains deep RL performance in stochastic environments (ICLR 2024).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.horizon.report import HorizonReport
from rltheory.horizon.sweep import TIE_RTOL, Rules, extremes, sweep
from rltheory.horizon.table import (
    Table,
    checked_exploration,
    checked_lookahead,
    checked_steps,
    checked_stickiness,
    checked_tolerance,
)
from rltheory.models import CriterionError, OutcomeModel

_FIRST_LOOKAHEADS = 5
_UNIT_TOLERANCE = 1e-9


def analyse(
    model: OutcomeModel,
    H: int,
    *,
    max_k: int | None = None,
    exploration: Any = None,
    sticky: float = 0.0,
    everywhere: bool = False,
    optimal_within: float = 0.0,
    tie_rtol: float = TIE_RTOL,
    window: bool = True,
) -> HorizonReport:
    """Find out, up to rounding, for which lookaheads greedy policies are optimal, and by what gap.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and the same number of actions in every state.
    H : int
        Number of steps, at least 1.
    max_k : int, optional
        Largest lookahead, in 1..H. By default at least 5 (or H), and as many more as it takes to find ``min_k``.
    exploration : array_like of shape (n_states, n_actions) or (H, n_states, n_actions), optional
        Probabilities of the exploration policy; uniform by default.
    sticky : float
        Probability in [0, 1) that the last executed action is executed again (never at the first step). The product of
        states and actions is not laid out.
    everywhere : bool
        By default only what greedy policies meet counts. If True, gaps and solvability are those of all (t, s) that
        some sequence of actions leads to.
    optimal_within : float
        An action is optimal if its value is at most this much below the largest, in reward units, or ties with it. The
        published analyses have 1e-4.
    tie_rtol : float
        The part of the largest value by which tied values may differ; 0 compares floats.
    window : bool
        Whether to find the planning window as well. It takes as many sweeps as the window is long, ``max_k`` at once.

    Returns
    -------
    HorizonReport

    Raises
    ------
    ModelError
        If ``H``, ``max_k``, ``exploration`` or a tolerance is out of range or does not fit the model, or states differ
        in their number of actions.
    CriterionError
        If the model discounts.

    See Also
    --------
    analyse_exactly : The same in rational arithmetic, for small games.

    Notes
    -----
    Time is O(K H S A B) for K lookaheads and B outcomes a pair; memory, beside the model, is 2 + 8 K vectors of length
    S, times A if actions are sticky.

    Examples
    --------
    To open a lock takes one correct action after the other. One step of lookahead shows which, but by a tiny gap:

    >>> import mdps
    >>> from rltheory.horizon import analyse
    >>> report = analyse(mdps.horizon_lock(10), H=10)
    >>> report
    HorizonReport(10 steps, 2 actions: min_k 1, planning window 10, optimal return 1, exploration 0.000976562)
    >>> report.q_gap[0], report.effective_horizon.tolist()
    (np.float64(0.001953125), [19.0, 18.0, 17.0, 16.0, 15.0])
    """
    table, H = Table.of(model), checked_steps(H)
    policy = checked_exploration(table, exploration, H)
    rules = Rules(
        checked_stickiness(sticky),
        checked_tolerance(optimal_within, "optimal_within"),
        checked_tolerance(tie_rtol, "tie_rtol"),
        everywhere,
    )
    K = min(_FIRST_LOOKAHEADS, H) if max_k is None else checked_lookahead(max_k, H, "max_k")
    swept = sweep(table, H, K, policy, rules)
    while max_k is None and K < H and not (swept.gap > 0).any():
        K = min(2 * K, H)
        swept = sweep(table, H, K, policy, rules)
    ends = extremes(table, H, rules.stick)
    return HorizonReport(
        H=H,
        n_states=table.n_states,
        n_actions=table.n_actions,
        sticky=rules.stick,
        optimal_return=swept.optimum,
        exploration_return=swept.explored,
        worst_return=ends.worst,
        return_range=(ends.least, ends.largest),
        unit_returns=not table.pays_penalties and ends.largest <= 1 + _UNIT_TOLERANCE,
        worst_greedy_return=swept.worst,
        published_gap=swept.gap,
        q_gap=swept.q_gap,
        planning_window=_window(table, H, K, rules) if window else None,
        method="one backward sweep",
    )


def normalised(model: OutcomeModel, H: int) -> OutcomeModel:
    """Divide the rewards by the largest return that can happen in H steps, so that returns are in [0, 1].

    Parameters
    ----------
    model : OutcomeModel
        With rewards of at least 0.
    H : int
        Number of steps.

    Returns
    -------
    OutcomeModel
        The model itself if it never pays.

    Raises
    ------
    ModelError
        If the model or the horizon does not fit.
    CriterionError
        If a reward is below 0: dividing would not bring the rewards still to come into [0, 1].

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon import normalised
    >>> normalised(rl.OutcomeModel.from_tables([[0, 0]], [[1, 3]], gamma=1.0), H=2).reward.ravel()
    array([0.16666667, 0.5       ])
    """
    table, H = Table.of(model), checked_steps(H)
    if table.pays_penalties:
        s, a, b = np.argwhere((table.reward < 0) & (table.prob > 0))[0].tolist()
        raise CriterionError(
            f"the reward of state {s}, action {a} is {table.reward[s, a, b]:g}; returns in [0, 1] need rewards of at"
            " least 0 (where no episode ends early, add a constant to all)"
        )
    largest = extremes(table, H).largest
    return model.replace(reward=model.reward / largest) if largest > 0 else model


def _window(table: Table, H: int, K: int, rules: Rules) -> int:
    """Return the planning window; H, which sees to the end, is one."""
    for before in range(0, H, K):
        gap = sweep(table, H, min(K, H - before), None, rules, before).gap
        if (gap > 0).any():
            return before + int(np.argmax(gap > 0)) + 1
    return H
