r"""Sticky actions: what was executed last is executed again with probability p, whatever is chosen.

The state is then (s, b), with b the last *executed* action, but nothing sticks at the first step. With
:math:`M_t(s, a) = E[R(s, a) + U_{t+1}(s', a)]`, what executing a is worth,

.. math:: Q_0(s, a) = M_0(s, a), \qquad Q_t((s, b), a) = (1 - p)\, M_t(s, a) + p\, M_t(s, b) \quad (t \ge 1),

which is how `analyse` does without the product. Here it is laid out, for methods that need a model of its own.

Machado et al. (2018); the sticky games of Laidlaw, Zhu, Russell and Dragan (2024) have p = 0.25.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.horizon.table import Table, checked_exploration, checked_steps, checked_stickiness
from rltheory.models import OutcomeModel


def sticky_model(model: OutcomeModel, p: float) -> OutcomeModel:
    """Return the product of a model and its last executed action.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1`` and the same number A of actions in every state.
    p : float
        Probability in [0, 1) that the last action is executed again.

    Returns
    -------
    OutcomeModel
        States ``s * A + b`` for a state s entered by executing b; then ``n_states * A + s``, where nothing was executed
        yet, for the first step. Where the game is over, nothing is executed any more, and its copies are left no more.

    Raises
    ------
    ModelError, CriterionError
        If the model is not of this kind, or p is not in [0, 1).

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.horizon import sticky_model
    >>> light = rl.OutcomeModel.from_tables([[0, 1], [1, 0]], [[0, 0], [1, 1]], gamma=1.0, mu=0)
    >>> sticky = sticky_model(light, 0.25)
    >>> sticky
    OutcomeModel(6 states, 12 state-action pairs, at most 2 outcomes, gamma=1)
    >>> sticky.prob[0], sticky.next_state[1]
    (array([0.75, 0.25]), array([3, 0], dtype=int32))
    """
    table, p = Table.of(model), checked_stickiness(p)
    n_states, n_actions, width = table.next_state.shape
    entered = table.next_state * n_actions + np.arange(n_actions)[:, None]
    prob, next_state, reward = (_rows(array) for array in (table.prob, entered, table.reward))
    over = np.repeat(table.is_terminal[base_states(model)], n_actions)
    next_state[over] = np.flatnonzero(over)[:, None] // n_actions
    prob[: n_states * n_actions**2] *= np.repeat([1 - p, p], width)
    return OutcomeModel(
        prob=prob,
        next_state=next_state,
        reward=reward,
        gamma=1.0,
        mu=np.concatenate([np.zeros(n_states * n_actions), table.mu]),
        pair_start=np.arange(0, prob.shape[0] + 1, n_actions),
    )


def base_states(model: OutcomeModel) -> np.ndarray:
    """Return the state that each state of `sticky_model` is a copy of, shape (n_states * (A + 1),).

    Parameters
    ----------
    model : OutcomeModel
        The model without sticky actions.

    Returns
    -------
    ndarray of int
    """
    states = np.arange(model.n_states)
    return np.concatenate([np.repeat(states, model.n_actions), states])


def laid_out(model: OutcomeModel, H: int, exploration: Any, sticky: float) -> tuple[Table, np.ndarray]:
    """Return the table to explore, with the checked exploration policy: those of the product where actions are sticky.

    Parameters
    ----------
    model : OutcomeModel
        The model without sticky actions.
    H : int
        Number of steps.
    exploration : None or array_like
        Exploration policy of that model, as for `checked_exploration`: what was executed last changes nothing in it.
    sticky : float
        Probability that the last action is executed again.

    Returns
    -------
    table : Table
    policy : ndarray, shape (1 or H, 1 or number of states, n_actions)

    Raises
    ------
    ModelError, CriterionError
        If an argument does not fit the model.
    """
    table = Table.of(model)
    policy = checked_exploration(table, exploration, H)
    if checked_stickiness(sticky) == 0:
        return table, policy
    return Table.of(sticky_model(model, sticky)), policy if policy.shape[1] == 1 else policy[:, base_states(model)]


def count_sticky_states(model: OutcomeModel, H: int) -> int:
    """Count the states (s, last executed action) that can be visited in H steps, the first step's with action 0.

    Parameters
    ----------
    model : OutcomeModel
        The model without sticky actions.
    H : int
        Number of steps.

    Returns
    -------
    int
        What the published analyses call ``num_states``.

    Raises
    ------
    ModelError, CriterionError
        If the model or the horizon does not fit.

    Examples
    --------
    >>> import rltheory as rl
    >>> light = rl.OutcomeModel.from_tables([[0, 1], [1, 0]], [[0, 0], [1, 1]], gamma=1.0, mu=0)
    >>> [count_sticky_states(light, H) for H in (1, 2, 3)]
    [1, 2, 4]
    """
    table, H = Table.of(model), checked_steps(H)
    entered = np.zeros((table.n_states, table.n_actions), dtype=bool)
    entered[table.starts, 0] = True
    frontier, seen = table.starts, np.zeros(table.n_states, dtype=bool)
    for _ in range(H - 1):
        seen[frontier] = True
        happens = table.prob[frontier] > 0
        action = np.broadcast_to(np.arange(table.n_actions)[:, None], happens.shape)
        reached = table.next_state[frontier][happens]
        entered[reached, action[happens]] = True
        frontier = np.unique(reached[~seen[reached]])
    return int(entered.sum())


def _rows(array: np.ndarray) -> np.ndarray:
    """Return the rows of all pairs: those of the chosen action beside those of the last one, then the first step's."""
    later = np.concatenate(np.broadcast_arrays(array[:, None], array[:, :, None]), axis=3)
    first = np.concatenate([array, np.zeros_like(array)], axis=2)
    return np.concatenate([rows.reshape(-1, 2 * array.shape[2]) for rows in (later, first)])
