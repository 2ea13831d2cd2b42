"""The graph algorithms against networkx, the definitions by brute force, and rational arithmetic."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csr_array

import mdps
from mdps.strategies import discounted_mdps, paired, policies, stochastic_policies
from proofs_check.oracles import chain, deterministic_policies
from rltheory import MDP, CriterionError, ModelError
from rltheory.planning import graph
from rltheory.planning._graph import graph_of


def network(mdp, allowed=None):
    """Return the arrows of the allowed pairs as a networkx graph."""
    P = mdp.P.toarray() > 0
    arrows = nx.DiGraph()
    arrows.add_nodes_from(range(mdp.n_states))
    for pair, s in enumerate(mdp.pair_state.tolist()):
        if allowed is None or allowed[pair]:
            arrows.add_edges_from((s, int(t)) for t in np.flatnonzero(P[pair]))
    return arrows


def as_sets(groups):
    return {frozenset(map(int, group)) for group in groups}


@given(discounted_mdps(max_states=7))
def test_communicating_classes_are_networkx_components(mdp):
    components = as_sets(nx.strongly_connected_components(network(mdp)))
    assert as_sets(graph.communicating_classes(mdp)) == components
    assert graph.is_communicating(mdp) == (len(components) == 1)


@given(discounted_mdps(max_states=7))
def test_arrows_lead_to_components_whose_numbers_are_not_larger(mdp):
    label = graph_of(mdp.P, mdp.pair_start).components(np.ones(mdp.n_pairs, dtype=bool))
    assert all(label[s] >= label[t] for s, t in network(mdp).edges)


@given(discounted_mdps(max_states=5))
def test_end_components_are_closed_and_connected(mdp):
    found = graph.maximal_end_components(mdp)
    for number, members in enumerate(found.members()):
        inside = network(mdp, found.pairs).subgraph(members.tolist())
        assert nx.is_strongly_connected(inside)
        assert inside.number_of_edges() > 0
        own = found.pairs & np.isin(mdp.pair_state, members)
        assert set(np.flatnonzero(mdp.P.toarray()[own].any(axis=0))) <= set(members.tolist())
        assert (found.label[members] == found.label[members[0]]).all()
        assert number < len(found)


@given(discounted_mdps(max_states=4))
def test_end_components_are_where_some_policy_is_recurrent(mdp):
    """A policy that heads for x inside an end component makes x recurrent, and no recurrent state is outside."""
    recurrent = set()
    for policy in deterministic_policies(mdp):
        P, _ = chain(mdp, policy)
        for members in nx.attracting_components(nx.DiGraph(P > 0)):
            recurrent |= members
    assert recurrent == set(np.flatnonzero(graph.maximal_end_components(mdp).label >= 0))


@given(paired(discounted_mdps(max_states=6), lambda mdp: policies(mdp) | stochastic_policies(mdp)))
def test_recurrent_classes_are_networkx_attracting_components(drawn):
    mdp, policy = drawn
    P, _ = chain(mdp, policy)
    expected = as_sets(nx.attracting_components(nx.DiGraph(P > 0)))
    assert as_sets(graph.recurrent_classes(mdp, policy)) == expected
    assert graph.is_unichain(mdp, policy) == (len(expected) == 1)


@given(paired(discounted_mdps(max_states=5), policies))
def test_the_period_is_the_common_divisor_of_the_times_of_return(drawn):
    mdp, policy = drawn
    P, _ = chain(mdp, policy)
    step, walks, times = P > 0, np.eye(mdp.n_states, dtype=bool), [[] for _ in range(mdp.n_states)]
    for k in range(1, 2 * mdp.n_states**2):
        walks = walks @ step
        for s in np.flatnonzero(walks.diagonal()):
            times[s].append(k)
    assert graph.period(mdp, policy).tolist() == [math.gcd(*own) for own in times]


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_a_cycle_has_its_length_as_period(n):
    cycle = MDP.from_pairs(np.roll(np.eye(n), 1, axis=1), np.zeros(n), 1.0, n_actions=1)
    assert graph.period(cycle).tolist() == [n] * n


@given(discounted_mdps(max_states=4))
def test_weakly_communicating_means_a_closed_class_and_states_that_are_always_transient(mdp):
    closed = list(nx.attracting_components(network(mdp)))
    transient = set(range(mdp.n_states)) - set(closed[0])
    visited = set()
    for policy in deterministic_policies(mdp):
        for members in nx.attracting_components(nx.DiGraph(chain(mdp, policy)[0] > 0)):
            visited |= members
    assert graph.is_weakly_communicating(mdp) == (len(closed) == 1 and not visited & transient)


def test_an_entry_of_probability_zero_is_no_arrow():
    rows = csr_array(([1.0, 0.0, 1.0], [0, 1, 1], [0, 2, 3]), shape=(2, 2))
    assert len(graph.communicating_classes(MDP.from_pairs(rows, [0, 0], 1.0, n_actions=1))) == 2


def test_several_actions_with_the_same_successor_are_no_obstacle():
    """The components of scipy.sparse.csgraph do not end on repeated arrows."""
    mdp = MDP.from_pairs([[0, 1], [0, 1], [1, 0]], np.zeros(3), 1.0, states=[0, 0, 1])
    assert graph.is_communicating(mdp)


def test_a_long_line_needs_no_recursion():
    walk = mdps.random_walk(50_000)
    assert [group.tolist() for group in graph.recurrent_classes(walk)] == [[0], [50_001]]
    assert len(graph.maximal_end_components(walk)) == 2


def test_a_chain_is_asked_for_where_there_is_a_choice():
    with pytest.raises(CriterionError, match="state 0 has 2 actions; name the policy"):
        graph.recurrent_classes(mdps.chain(3))


def test_a_policy_that_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="policy takes action 5 in state 0"):
        graph.period(mdps.chain(3), [5, 0, 0])
