"""How the states of a model hang together: only which probabilities are positive matters, no other number is looked at.

An *end component* is a set of states with some of their pairs that a policy can stay in for ever and in which every
state can be reached from every other. Whatever the policy, the states visited infinitely often form one with
probability one (de Alfaro 1997, theorem 3.2), so that the long run is decided on end components; under a single policy
they are the recurrent classes of its chain. `qualitative` builds on this graph to tell who can reach a goal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError
from rltheory.planning._graph import graph_of, periods
from rltheory.planning.backup import checked_policy


@dataclass(frozen=True, slots=True, eq=False)
class EndComponents:
    """The maximal end components of a model.

    Parameters
    ----------
    label : ndarray of int, shape (n_states,)
        The component of each state, numbered from 0; -1 for a state that is in none.
    pairs : ndarray of bool, shape (n_pairs,)
        The pairs that stay in their component.
    """

    label: np.ndarray
    pairs: np.ndarray

    def __len__(self) -> int:
        return int(self.label.max()) + 1

    def members(self) -> list[np.ndarray]:
        """Return the states of each component.

        Returns
        -------
        list of ndarray of int
        """
        return _groups(self.label)


def strongly_connected_components(mdp: MDP, policy: Any = None) -> np.ndarray:
    """Number the strongly connected components of the graph: the largest sets whose states all lead to each other.

    Parameters
    ----------
    mdp : MDP
        The model.
    policy : array_like, optional
        Actions of shape (n_states,) or probabilities of shape (n_states, n_actions): the graph is then that of its
        chain. By default all actions count.

    Returns
    -------
    ndarray of int, shape (n_states,)
        The component of each state, numbered from 0.

    Raises
    ------
    ModelError
        If the policy does not fit the model; the message names the state.

    References
    ----------
    Tarjan (1972); Pearce (2005), as in `scipy.sparse.csgraph`.

    Examples
    --------
    >>> import mdps
    >>> walk = strongly_connected_components(mdps.random_walk(4))
    >>> bool((walk[1:5] == walk[1]).all()), int(walk.max()) + 1
    (True, 3)
    """
    return graph_of(mdp.P, mdp.pair_start).components(taken_pairs(mdp, policy))


def communicating_classes(mdp: MDP, policy: Any = None) -> list[np.ndarray]:
    """Partition the states into classes that can be reached from each other.

    Parameters
    ----------
    mdp : MDP
        The model.
    policy : array_like, optional
        As for `strongly_connected_components`: the classes of its chain. By default some policy must lead from each
        state of a class to each other one.

    Returns
    -------
    list of ndarray of int

    References
    ----------
    Puterman (2005), section 8.3.1.
    """
    return _groups(strongly_connected_components(mdp, policy))


def is_communicating(mdp: MDP) -> bool:
    """Tell whether every state can be reached from every other, under some policy.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    bool

    References
    ----------
    Puterman (2005), section 8.3.1.

    Examples
    --------
    >>> import mdps
    >>> is_communicating(mdps.river_swim()), is_communicating(mdps.gambler(4))
    (True, False)
    """
    return int(strongly_connected_components(mdp).max()) == 0


def is_weakly_communicating(mdp: MDP) -> bool:
    """Tell whether the states are a closed communicating set and others that are transient under every policy.

    That is the case if and only if there is exactly one maximal end component M. For states outside M are then visited
    finitely often by every policy; and what can be reached from M returns to M, hence belongs to it.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    bool

    References
    ----------
    Puterman (2005), section 8.3.1.
    """
    return len(maximal_end_components(mdp)) == 1


def maximal_end_components(mdp: MDP) -> EndComponents:
    """Find the maximal end components: where a policy can stay for ever, going from every state to every other.

    Components of the graph are computed, pairs that leave their component are removed, with the states that lose their
    last pair, and so on until nothing leaves.

    Parameters
    ----------
    mdp : MDP
        The model.

    Returns
    -------
    EndComponents

    References
    ----------
    de Alfaro (1997), algorithm 3.1; Baier and Katoen (2008), algorithm 47.

    Examples
    --------
    >>> import mdps
    >>> maximal_end_components(mdps.gambler(4)).members()
    [array([0]), array([4])]
    """
    everything = np.ones(mdp.n_states, dtype=bool), np.ones(mdp.n_pairs, dtype=bool)
    return EndComponents(*graph_of(mdp.P, mdp.pair_start).end_components(*everything))


def recurrent_classes(mdp: MDP, policy: Any = None) -> list[np.ndarray]:
    """List the recurrent classes of a chain: the communicating classes that it never leaves.

    Parameters
    ----------
    mdp : MDP
        The model; a chain if every state has one action.
    policy : array_like, optional
        As for `strongly_connected_components`; needed unless the model is a chain.

    Returns
    -------
    list of ndarray of int

    Raises
    ------
    CriterionError
        If there is no policy and some state has a choice.
    ModelError
        If the policy does not fit the model; the message names the state.

    Examples
    --------
    >>> import mdps
    >>> recurrent_classes(mdps.random_walk(3))
    [array([0]), array([4])]
    """
    graph, taken = graph_of(mdp.P, mdp.pair_start), _chain(mdp, policy)
    component = graph.components(taken)
    left = graph.pair_state[graph.crosses(component) & taken]
    return _groups(np.where(np.isin(component, component[left]), -1, component))


def is_unichain(mdp: MDP, policy: Any = None) -> bool:
    """Tell whether a chain has a single recurrent class.

    Of one policy, that is: whether *all* policies of a model have it is NP-hard to decide (Tsitsiklis 2007).

    Parameters
    ----------
    mdp, policy
        As for `recurrent_classes`.

    Returns
    -------
    bool

    Raises
    ------
    CriterionError, ModelError
        As for `recurrent_classes`.
    """
    return len(recurrent_classes(mdp, policy)) == 1


def period(mdp: MDP, policy: Any = None) -> np.ndarray:
    """Compute the period of each state: the greatest common divisor of the numbers of steps after which it can return.

    Parameters
    ----------
    mdp : MDP
        The model.
    policy : array_like, optional
        As for `strongly_connected_components`: the periods of its chain. By default any action may be taken.

    Returns
    -------
    ndarray of int, shape (n_states,)
        1 where the state is aperiodic; 0 where there is no return.

    Raises
    ------
    ModelError
        If the policy does not fit the model; the message names the state.

    References
    ----------
    Denardo (1977), by breadth-first levels in linear time.

    Examples
    --------
    >>> import mdps
    >>> period(mdps.random_walk(3))
    array([1, 2, 2, 2, 1])
    """
    graph, taken = graph_of(mdp.P, mdp.pair_start), taken_pairs(mdp, policy)
    kept = np.repeat(taken, np.diff(graph.indptr))
    start = np.concatenate([[0], np.cumsum(kept)])[graph.indptr[graph.pair_start]]
    found = np.empty(mdp.n_states, dtype=np.int64)
    periods(start, graph.successors[kept], graph.components(taken), found)
    return found


def taken_pairs(mdp: MDP, policy: Any) -> np.ndarray:
    """Return which pairs a policy takes with positive probability; all of them if there is no policy."""
    if policy is None:
        return np.ones(mdp.n_pairs, dtype=bool)
    policy = checked_policy(mdp, policy)
    if policy.ndim == 2:
        return policy[np.arange(mdp.n_actions) < mdp.action_counts[:, None]] > 0
    taken = np.zeros(mdp.n_pairs, dtype=bool)
    taken[mdp.pair_start[:-1] + policy] = True
    return taken


def _chain(mdp: MDP, policy: Any) -> np.ndarray:
    """Return the pairs that a chain takes, refusing a model with a choice and no policy."""
    if policy is None and mdp.n_actions > 1:
        state = int(np.argmax(mdp.action_counts > 1))
        raise CriterionError(
            f"state {state} has {mdp.action_counts[state]} actions; name the policy whose chain is meant"
        )
    return taken_pairs(mdp, policy)


def _groups(label: np.ndarray) -> list[np.ndarray]:
    """Return the members of each label that is not negative, ordered by their first member."""
    order = np.argsort(label, kind="stable")
    order = order[np.searchsorted(label[order], 0) :]
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if order.size else []
    return sorted(groups, key=lambda group: int(group[0]))
