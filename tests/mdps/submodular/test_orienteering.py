import itertools

import networkx as nx
import numpy as np
import pytest

from mdps.submodular import group_steiner_tree, orienteering
from rltheory import ModelError
from rltheory.submodular.exact import solve_exact
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.facility_location import FacilityLocation


def random_instance(seed, directed=False):
    """Return a graph of five nodes with lengths 1..3, and a weighted coverage of its nodes."""
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(5, 0.6, seed=seed, directed=directed)
    for u, v in graph.edges:
        graph.edges[u, v]["length"] = int(rng.integers(1, 4))
    return graph, Coverage((rng.random((5, 4)) < 0.4).astype(float), rng.integers(1, 5, 4).astype(float))


def best_walk(graph, F, budget, root, target=None):
    """Return the best value of a walk within the budget: node after node, by recursion; None if there is none."""

    def walks(walk, left):
        if target is None or walk[-1] == target:
            yield F.value(walk)
        for v in graph[walk[-1]]:
            length = graph.edges[walk[-1], v].get("length", 1)
            if length <= left:
                yield from walks([*walk, v], left - length)

    return max(walks([root], budget), default=None)


@pytest.mark.parametrize("directed", [False, True], ids=["both ways", "one way"])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_walk_is_the_optimum_of_the_model(seed, directed):
    graph, F = random_instance(seed, directed)
    for budget in (1, 4, 6):
        assert solve_exact(orienteering(graph, F, budget, root=0)).lower == best_walk(graph, F, budget, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_target_is_worth_more_than_everything_else(seed):
    graph, F = random_instance(seed)
    prize = F.value(range(5)) + 1
    for target, budget in itertools.product(range(5), (2, 5)):
        optimum = solve_exact(orienteering(graph, F, budget, root=0, target=target)).lower
        best = best_walk(graph, F, budget, 0, target)
        assert (optimum < prize) if best is None else (optimum == prize + best)


@pytest.mark.parametrize("target", [None, 2])
def test_any_set_function_of_the_nodes_will_do(target):
    graph, _ = random_instance(3)
    F = FacilityLocation(np.random.default_rng(0).integers(0, 5, (5, 3)).astype(float))
    best = best_walk(graph, F, 5, 0, target)
    prize = 0 if target is None else F.value(range(5)) + 1
    assert solve_exact(orienteering(graph, F, 5, root=0, target=target)).lower == pytest.approx(prize + best)


def test_long_edges_are_cut_into_steps_that_go_one_way():
    graph = nx.Graph()
    graph.add_edge("a", "b", length=3)
    mdp = orienteering(graph, Coverage(np.eye(2)), 6, "a")
    assert mdp.n_states == 2 + 2 * 2
    assert mdp.state_names[2:] == ("a-b 1", "a-b 2", "b-a 1", "b-a 2")
    assert solve_exact(mdp).path.tolist()[-1] == 1


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_leaves_and_the_optimum_is_their_number_if_there_is_time(seed):
    mdp = group_steiner_tree(2, 3, H=20, rng=seed)
    covers = mdp.F.covers.toarray()
    assert not covers[:3].any()
    assert not covers[7:].any()
    assert covers[3:7].any(axis=0).all()
    assert solve_exact(mdp).lower == 3
    assert solve_exact(group_steiner_tree(2, 3, H=2, rng=seed)).lower == 0
    assert solve_exact(group_steiner_tree(2, 3, H=3, rng=seed)).lower >= 1


def test_a_walk_around_the_tree_meets_every_group():
    """Each edge twice: 2 (2 x 2 + 4 x 1) = 16 steps, and three fewer without the last way back."""
    mdp = group_steiner_tree(2, 8, H=13, rng=5)
    assert solve_exact(mdp).lower == 8


def edge(length):
    graph = nx.Graph()
    graph.add_edge(0, 1, length=length)
    return graph


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: orienteering(edge(0.5), Coverage(np.eye(2)), 3, 0), "length of edge 0-1 is 0.5"),
        (lambda: orienteering(edge(1), Coverage(np.eye(2)), 3, 7), "root is 7, which is not a node"),
        (lambda: orienteering(edge(1), Coverage(np.eye(2)), 3, 0, target=9), "target is 9, which is not a node"),
        (lambda: orienteering(edge(1), Coverage(np.eye(3)), 3, 0), "F has 3 elements; the graph has 2 nodes"),
        (lambda: orienteering(edge(1), Coverage(np.eye(2)), 0, 0), "budget is 0"),
        (lambda: orienteering(nx.MultiGraph(edge(1)), Coverage(np.eye(2)), 1, 0), "graph has parallel edges"),
        (lambda: group_steiner_tree(0, 1, 1), "depth is 0"),
        (lambda: group_steiner_tree(1, 1, 1, arity=1), "arity is 1"),
    ],
    ids=["length", "root", "target", "elements", "budget", "parallel", "depth", "arity"],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ModelError, match=message):
        build()
