r"""Forget the history: the policy on states with stock that has the same law of the return.

.. math:: \pi^M_t(a \mid s, c) = P(A_t = a \mid S_t = s, C_t = c)

under a policy that remembers everything. By induction over t the pair :math:`(S_t, C_t)` then has the same law under
both, and so has :math:`c_0 + G = \gamma^H C_H`. Therefore, for every functional of the law of the return, policies that
look at the step, the state and the stock, and may randomise, are all that is needed (after Derman and Strauch 1966).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.models import CriterionError, ModelError, OutcomeModel

History = tuple[Any, ...]
"""What happened: ``(s_0, a_0, r_1, s_1, a_1, r_2, s_2, ...)``, with states and actions as int and rewards as float."""

_SUM_TOLERANCE = 1e-9


def markovise(
    model: OutcomeModel,
    policy: Callable[[History], Any],
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    max_histories: int = 1_000_000,
) -> StockPolicy:
    """Return the policy with stock that has the same law of the return as one that remembers its history.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    policy : callable
        Maps a history ``(s_0, a_0, r_1, s_1, a_1, r_2, s_2, ...)`` to the probability of each action of its last state;
        for a tree kept in a dictionary, its ``__getitem__``.
    H : int
        Number of steps.
    stock : float
        Stock at step 0, in reward units.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``.
    max_histories : int
        Limit on the number of histories of one length, which grows exponentially.

    Returns
    -------
    StockPolicy
        Where no history leads, it takes action 0.

    Raises
    ------
    ModelError
        If the policy does not return probabilities; the message names the history.
    CriterionError
        If there are more than ``max_histories`` histories.

    Examples
    --------
    Repeat what won, else change:

    >>> import rltheory as rl
    >>> from rltheory.distributional.markovise import markovise
    >>> coins = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, r)] for r in (1.0, 2.0)]], gamma=1.0)
    >>> def repeat_what_won(history):
    ...     action = history[-3] if len(history) > 1 and history[-2] > 0 else int(len(history) > 1)
    ...     return [1 - action, action]
    >>> markovise(coins, repeat_what_won, H=2).law()
    DiscreteLaw({0: 0.25, 1: 0.25, 2: 0.5})
    """
    unfolded = unfold(model, H, start=start, stock=stock)
    walks = [
        (node, (int(unfolded.layers[0].state[node]),), float(p))
        for node, p in enumerate(StockPolicy(unfolded, ()).masses(start)[0])
        if p > 0
    ]
    weights = []
    for t in range(H):
        visits = np.zeros(unfolded.layers[t].pair.size)
        walks = _one_step(unfolded, t, walks, policy, visits)
        weights.append(_conditional(visits, unfolded.layers[t].row_start))
        if len(walks) > max_histories:
            raise CriterionError(
                f"more than max_histories = {max_histories} histories can be met within {t + 1} of {H} steps; raise it,"
                " or shorten the horizon"
            )
    return StockPolicy(unfolded, tuple(weights))


def _one_step(
    unfolded: Unfolded,
    t: int,
    walks: list[tuple[int, History, float]],
    policy: Callable[[History], Any],
    visits: np.ndarray,
) -> list[tuple[int, History, float]]:
    """Return the histories one step on, with their nodes and probabilities, and add their visits to each row."""
    model, layer, longer = unfolded.model, unfolded.layers[t], []
    for node, history, mass in walks:
        first, last = layer.row_start[node], layer.row_start[node + 1]
        for action, share in enumerate(_checked(policy(history), last - first, history)):
            row = first + action
            visits[row] += mass * share
            for k in np.flatnonzero(model.prob[layer.pair[row]] > 0) if share > 0 else ():
                pair = layer.pair[row]
                event = (action, float(model.reward[pair, k]), int(model.next_state[pair, k]))
                longer.append((int(layer.successor[row, k]), (*history, *event), mass * share * model.prob[pair, k]))
    return longer


def _conditional(visits: np.ndarray, row_start: np.ndarray) -> np.ndarray:
    """Return the share of each row in the visits of its node; all on the first where there are none."""
    first, counts = row_start[:-1], np.diff(row_start)
    total = np.repeat(np.add.reduceat(visits, first), counts)
    otherwise = np.zeros(visits.size)
    otherwise[first] = 1.0
    return np.where(total > 0, visits / np.where(total > 0, total, 1.0), otherwise)


def _checked(chosen: Any, n_actions: int, history: History) -> list[float]:
    prob = np.asarray(chosen, dtype=np.float64)
    if prob.shape != (n_actions,) or not (prob >= 0).all() or not abs(prob.sum() - 1) <= _SUM_TOLERANCE:
        raise ModelError(
            f"after history {history} the policy returns {chosen!r}; it must return {n_actions} probabilities that sum"
            " to 1"
        )
    return prob.tolist()
