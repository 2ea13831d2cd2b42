import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import orienteering
from mdps.submodular_function_strategies import monotone_functions
from proofs_check.submodular import oracles
from rltheory import CriterionError, ModelError
from rltheory.submodular import bounds
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.recursive_greedy import recursive_greedy


@st.composite
def small_graphs(draw):
    n = draw(st.integers(2, 5))
    graph = nx.path_graph(n)
    for u in range(n):
        for v in range(u + 2, n):
            if draw(st.booleans()):
                graph.add_edge(u, v)
    for edge in graph.edges:
        graph.edges[edge]["length"] = draw(st.integers(1, 2))
    return graph, draw(monotone_functions(n_elements=n)), draw(st.integers(1, 4))


@given(small_graphs(), st.integers(0, 2))
def test_it_brackets_the_best_walk_at_any_depth(drawn, depth):
    graph, F, budget = drawn
    answer = recursive_greedy(graph, F, 0, budget, depth=depth)
    best = oracles.optimum(orienteering(graph, F, budget, 0))
    assert answer.lower - 1e-9 <= best <= answer.upper + 1e-9
    assert answer.lower == pytest.approx(F.value(sorted(set(answer.walk))), abs=1e-9)


@given(small_graphs())
def test_deep_enough_it_reaches_the_part_that_theory_promises(drawn):
    graph, F, budget = drawn
    hops = max(1, min(budget, len(graph)))
    answer = recursive_greedy(graph, F, 0, budget, depth=bounds.recursive_greedy_depth(hops))
    assert answer.lower >= bounds.recursive_greedy(hops) * oracles.optimum(orienteering(graph, F, budget, 0)) - 1e-9


@given(small_graphs(), st.data())
def test_the_walk_keeps_to_the_graph_the_budget_and_the_ends(drawn, data):
    graph, F, budget = drawn
    far = nx.single_source_dijkstra_path_length(graph, 0, weight="length")
    end = data.draw(st.sampled_from([v for v in graph if far[v] <= budget]))
    answer = recursive_greedy(graph, F, 0, budget, end=end)
    assert answer.walk[0] == 0
    assert answer.walk[-1] == end
    length = sum(graph.edges[edge]["length"] for edge in nx.utils.pairwise(answer.walk))
    assert length == answer.length <= budget


def test_one_level_sees_both_arms_of_a_star_where_the_shortest_path_sees_one():
    star = nx.star_graph(2)
    arms = Modular([0.0, 1.0, 1.0])
    assert recursive_greedy(star, arms, 1, 2, depth=0).lower == 2.0
    assert recursive_greedy(star, arms, 0, 3, depth=0).lower == 1.0
    assert recursive_greedy(star, arms, 0, 3, depth=1).lower == 2.0


def test_all_nodes_of_a_random_graph_are_found_within_a_generous_budget():
    graph = nx.gnp_random_graph(6, 0.5, seed=3)
    answer = recursive_greedy(graph, Modular(np.ones(6)), 0, 8, depth=2)
    assert answer.upper >= answer.lower >= 5
    assert answer.to_rows()[0] == {"step": 0, "node": 0}
    assert "recursive greedy" in repr(answer)


def test_what_does_not_fit_is_refused():
    graph = nx.path_graph(3)
    F = Modular(np.ones(3))
    with pytest.raises(ModelError, match="F has 3 elements; it must have one for each of the 4 nodes"):
        recursive_greedy(nx.path_graph(4), F, 0, 2)
    with pytest.raises(ModelError, match="node 7 is not in the graph"):
        recursive_greedy(graph, F, 7, 2)
    with pytest.raises(ModelError, match="budget is -1 and depth 2; they must be whole numbers"):
        recursive_greedy(graph, F, 0, -1)
    with pytest.raises(CriterionError, match="node 2 is 2 from 0, beyond 1"):
        recursive_greedy(graph, F, 0, 1, end=2)
    graph.edges[0, 1]["length"] = 0.5
    with pytest.raises(ModelError, match=r"edge from 0 to 1 has length 0\.5; it must be a whole number of at least 1"):
        recursive_greedy(graph, F, 0, 2)
