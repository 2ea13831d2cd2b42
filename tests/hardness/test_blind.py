"""Blind policies and independent sets, on all small graphs."""

import itertools

import numpy as np
import pytest
from hypothesis import given

import mdps
from proofs_check.hardness.blind import cycle, graphs, independence_number, least_quadratic
from rltheory import ModelError, evaluate_policy
from rltheory.hardness import best_blind_policy


def every_graph(n):
    upper = np.triu_indices(n, 1)
    for edges in itertools.product((0, 1), repeat=n * (n - 1) // 2):
        graph = np.zeros((n, n), dtype=int)
        graph[upper] = edges
        yield graph + graph.T


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_least_quadratic_form_is_one_over_the_independence_number_on_every_graph(n):
    for graph in every_graph(n):
        assert least_quadratic(graph + np.eye(n)) == pytest.approx(1 / independence_number(graph))


@pytest.mark.parametrize("n", [3, 5])
def test_the_best_blind_policy_plays_a_largest_independent_set_on_every_graph(n):
    for graph in every_graph(n):
        best = best_blind_policy(graph)
        chosen = list(best.independent_set)
        assert len(chosen) == independence_number(graph)
        assert not graph[np.ix_(chosen, chosen)].any()


@given(graphs())
def test_the_value_is_what_the_policy_earns_in_the_model(graph):
    best, n = best_blind_policy(graph), len(graph)
    value = evaluate_policy(mdps.blind_graph(graph), np.tile(best.policy, (n + 2, 1))).value[0, n]
    assert value == pytest.approx(best.value)


def test_known_graphs():
    petersen = np.zeros((10, 10), dtype=int)
    pairs = list(itertools.combinations(range(5), 2))
    for (i, x), (j, y) in itertools.product(enumerate(pairs), repeat=2):
        petersen[i, j] = not set(x) & set(y)
    assert len(best_blind_policy(petersen).independent_set) == 4
    assert repr(best_blind_policy(cycle(7))).startswith("BlindPolicy(value 0.666667")
    assert best_blind_policy(1 - np.eye(4, dtype=int)).value == 0
    assert best_blind_policy(np.zeros((20, 20))).value == pytest.approx(0.95)


@pytest.mark.parametrize("matrix", [[[0, 1], [0, 0]], [[1]], [[0, 2], [2, 0]]])
def test_matrices_of_no_graph_are_refused(matrix):
    with pytest.raises(ModelError, match="adjacency must be symmetric"):
        best_blind_policy(matrix)
    with pytest.raises(ModelError, match="adjacency must be symmetric"):
        mdps.blind_graph(matrix)


def test_a_matrix_must_be_square():
    with pytest.raises(ModelError, match=r"adjacency has shape \(1, 2\)"):
        best_blind_policy([[0, 1]])
