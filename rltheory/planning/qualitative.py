"""Who can reach a goal, and who must: the probabilities 0 and 1, which the graph of a model decides.

The probability of reaching a goal, the largest or the smallest over all policies, is 0 or 1 on sets that are found by
growing sets of states backwards and wearing them down (de Alfaro 1997; Baier and Katoen 2008, section 10.6.1), whatever
the values of the positive probabilities. A policy is *proper* if it reaches the goal almost surely from everywhere
(Bertsekas and Tsitsiklis 1991). A goal is named by a state, a list of states, or an array of booleans; its states are
taken as absorbing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError
from rltheory.planning._graph import Graph, graph_of
from rltheory.planning.graph import taken_pairs


def prob0_max(mdp: MDP, goal: Any) -> np.ndarray:
    """Find the states from which no policy can reach the goal: the maximal probability is 0.

    Parameters
    ----------
    mdp : MDP
        The model.
    goal : int, array_like of int, or array_like of bool, shape (n_states,)
        The goal states.

    Returns
    -------
    ndarray of bool, shape (n_states,)

    Raises
    ------
    ModelError
        If the goal is empty or names a state that does not exist.

    References
    ----------
    Baier and Katoen (2008), algorithm 45.

    Examples
    --------
    >>> import mdps
    >>> prob0_max(mdps.random_walk(2), goal=3)
    array([ True, False, False, False])
    """
    return ~graph_of(mdp.P, mdp.pair_start).attract(checked_goal(mdp, goal), np.ones(mdp.n_pairs, dtype=bool))[0]


def prob0_min(mdp: MDP, goal: Any) -> np.ndarray:
    """Find the states from which some policy never reaches the goal: the minimal probability is 0.

    Parameters
    ----------
    mdp, goal
        As for `prob0_max`.

    Returns
    -------
    ndarray of bool, shape (n_states,)

    Raises
    ------
    ModelError
        As for `prob0_max`.

    References
    ----------
    Baier and Katoen (2008), algorithm 46.
    """
    return avoiding(graph_of(mdp.P, mdp.pair_start), checked_goal(mdp, goal))[0]


def prob1_max(mdp: MDP, goal: Any) -> np.ndarray:
    """Find the states from which some policy reaches the goal almost surely: the maximal probability is 1.

    Parameters
    ----------
    mdp, goal
        As for `prob0_max`.

    Returns
    -------
    ndarray of bool, shape (n_states,)

    Raises
    ------
    ModelError
        As for `prob0_max`.

    References
    ----------
    de Alfaro (1997), section 3; Baier and Katoen (2008), algorithm 45.
    """
    return proper_policy(mdp, goal)[1]


def prob1_min(mdp: MDP, goal: Any) -> np.ndarray:
    """Find the states from which every policy reaches the goal almost surely: the minimal probability is 1.

    They are those that cannot come, before the goal, to a state from which the goal can be avoided.

    Parameters
    ----------
    mdp, goal
        As for `prob0_max`.

    Returns
    -------
    ndarray of bool, shape (n_states,)

    Raises
    ------
    ModelError
        As for `prob0_max`.

    References
    ----------
    Baier and Katoen (2008), section 10.6.1.
    """
    goal, graph = checked_goal(mdp, goal), graph_of(mdp.P, mdp.pair_start)
    return ~graph.attract(avoiding(graph, goal)[0], ~goal[graph.pair_state])[0]


def proper_policy(mdp: MDP, goal: Any) -> tuple[np.ndarray, np.ndarray]:
    """Find a policy that reaches the goal almost surely from wherever that is possible.

    Parameters
    ----------
    mdp, goal
        As for `prob0_max`.

    Returns
    -------
    policy : ndarray of int, shape (n_states,)
        Nearer to the goal with positive probability, never out of ``proper``; action 0 elsewhere and in the goal.
    proper : ndarray of bool, shape (n_states,)
        From where the policy, and hence some policy, reaches the goal almost surely: `prob1_max`.

    Raises
    ------
    ModelError
        As for `prob0_max`.

    References
    ----------
    de Alfaro (1997), section 3; Bertsekas and Tsitsiklis (1991) for proper policies.

    Examples
    --------
    >>> import mdps
    >>> policy, proper = proper_policy(mdps.cliff_walking(gamma=1.0), goal=47)
    >>> bool(proper.all()), has_improper_policy(mdps.cliff_walking(gamma=1.0), goal=47)
    (True, True)
    """
    choice, inside = almost_surely(graph_of(mdp.P, mdp.pair_start), checked_goal(mdp, goal))
    return np.where(choice >= 0, choice - mdp.pair_start[:-1], 0), inside


def has_improper_policy(mdp: MDP, goal: Any) -> bool:
    """Tell whether some policy fails, with positive probability from some state, to ever reach the goal.

    Parameters
    ----------
    mdp, goal
        As for `prob0_max`.

    Returns
    -------
    bool

    Raises
    ------
    ModelError
        As for `prob0_max`.
    """
    return bool(prob0_min(mdp, goal).any())


def is_proper(mdp: MDP, policy: Any, goal: Any) -> bool:
    """Tell whether a policy reaches the goal almost surely from every state.

    Parameters
    ----------
    mdp : MDP
        The model.
    policy : array_like
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions).
    goal
        As for `prob0_max`.

    Returns
    -------
    bool

    Raises
    ------
    ModelError
        If the policy does not fit the model, and as for `prob0_max`.
    """
    return bool(graph_of(mdp.P, mdp.pair_start).attract(checked_goal(mdp, goal), taken_pairs(mdp, policy))[0].all())


def checked_goal(mdp: MDP, goal: Any) -> np.ndarray:
    """Return the goal as an array of booleans, refusing one that is empty or names a state that does not exist."""
    states = np.atleast_1d(np.asarray(goal))
    if states.dtype == bool and states.shape == (mdp.n_states,):
        inside = states.copy()
    else:
        if states.dtype.kind not in "iu" and states.size:
            raise ModelError(
                f"goal has dtype {states.dtype} and shape {states.shape}; it is a state, a list of states, or"
                f" {mdp.n_states} booleans"
            )
        wrong = states[(states < 0) | (states >= mdp.n_states)]
        if wrong.size:
            raise ModelError(f"goal names state {wrong.flat[0]}; states are 0..{mdp.n_states - 1}")
        inside = np.zeros(mdp.n_states, dtype=bool)
        inside[states.astype(np.int64)] = True
    if not inside.any():
        raise ModelError("goal names no state; name at least one")
    return inside


def avoiding(graph: Graph, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the states from which the goal can be avoided for ever, and the pairs that keep avoiding it."""
    inside, pairs = ~goal, np.ones(graph.pair_state.size, dtype=bool)
    graph.erode(inside, pairs)
    return inside, pairs


def almost_surely(graph: Graph, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs by which the goal is reached almost surely, -1 where there are none, and from where it is."""
    allowed = np.ones(graph.pair_state.size, dtype=bool)
    inside = np.ones(graph.n_states, dtype=bool)
    while True:
        reached, _, choice = graph.attract(goal, allowed)
        if reached.all() or np.array_equal(reached, inside):
            return choice, reached
        inside = reached
        graph.erode(inside, allowed, kept=goal)
