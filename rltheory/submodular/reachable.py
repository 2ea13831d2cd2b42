"""What can be reached: the states of each step, and the elements that any path may touch."""

from __future__ import annotations

import numpy as np

from rltheory.models import CriterionError
from rltheory.submodular.model import SubmodularMDP


def reachable_states(mdp: SubmodularMDP) -> np.ndarray:
    """Tell which states can be reached after each number of actions, whatever is done.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    ndarray of bool, shape (H + 1, n_states)
    """
    reached = np.zeros((mdp.H + 1, mdp.n_states), dtype=bool)
    reached[0] = mdp.mu > 0
    dynamics = mdp.dynamics
    for h in range(mdp.H):
        reached[h + 1] = dynamics.rows(h).T @ reached[h][mdp.pair_state].astype(np.float64) > 0
    return reached


def reachable_elements(mdp: SubmodularMDP) -> np.ndarray:
    """Return the elements that some path touches, in increasing order.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    ndarray of int
    """
    reached = reachable_states(mdp)
    return np.flatnonzero(reached if mdp.counts_visits else reached.any(axis=0))


def successor_tables(mdp: SubmodularMDP) -> list[np.ndarray]:
    """Return the next state of each pair at each step, of a model without chance.

    Parameters
    ----------
    mdp : SubmodularMDP
        With one successor for each pair, and one first state.

    Returns
    -------
    list of H ndarray of int, shape (n_pairs,)
        The same array H times, where dynamics do not change.

    Raises
    ------
    CriterionError
        If the first state or a successor is random, so that a path is not the choice of the player.
    """
    first = np.flatnonzero(mdp.mu)
    if first.size != 1:
        raise CriterionError(
            f"the first state is random ({first.size} of them are possible), so no single path can be chosen;"
            " adaptive_greedy takes any start"
        )
    dynamics = mdp.dynamics
    tables = []
    for h in range(1 if dynamics.is_stationary else mdp.H):
        P = dynamics.rows(h)
        entries = np.diff(P.indptr)
        if not (entries == 1).all():
            pair = int(np.argmax(entries != 1))
            state = int(mdp.pair_state[pair])
            action = mdp.action_name(state, pair - int(mdp.pair_start[state]))
            raise CriterionError(
                f"state {mdp.state_name(state)}, action {action} of step {h} has {entries[pair]} successors;"
                " a path can be chosen only without chance (adaptive_greedy takes any dynamics)"
            )
        tables.append(P.indices.astype(np.int64))
    return tables * mdp.H if dynamics.is_stationary else tables


def only_path(mdp: SubmodularMDP, policy: np.ndarray) -> np.ndarray | None:
    """Return the states that a deterministic Markov policy visits, or None if chance decides.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    policy : ndarray of int, shape (H, n_states)
        Actions.

    Returns
    -------
    ndarray of int, shape (H + 1,), or None
    """
    try:
        tables = successor_tables(mdp)
    except CriterionError:
        return None
    return walk(mdp, tables, policy)


def walk(mdp: SubmodularMDP, tables: list[np.ndarray], policy: np.ndarray) -> np.ndarray:
    """Return the states that a deterministic Markov policy visits, by the tables of `successor_tables`.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    tables : list of H ndarray
        The next state of each pair at each step.
    policy : ndarray of int, shape (H, n_states)
        Actions.

    Returns
    -------
    ndarray of int, shape (H + 1,)
    """
    path = [int(np.argmax(mdp.mu))]
    for actions, table in zip(policy, tables, strict=True):
        path.append(int(table[mdp.pair_start[path[-1]] + actions[path[-1]]]))
    return np.array(path)
