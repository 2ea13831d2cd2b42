"""Graphs hold the numbers of the model."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rltheory.io import policy_graph, to_networkx
from rltheory.models import MDP, ModelError

networkx = pytest.importorskip("networkx")

MODEL = MDP.from_pairs(
    [[0.2, 0.8, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]],
    [1.0, -1.0, 2.0, 0.0],
    0.9,
    pair_start=[0, 2, 3, 4],
    mu=[0.5, 0.5, 0.0],
    state_names=["a", "b", "c"],
    action_names=["go", "stay", "only", "toss"],
)


def test_each_transition_is_an_edge_with_its_numbers():
    graph = to_networkx(MODEL)

    assert dict(graph.nodes(data="name")) == {0: "a", 1: "b", 2: "c"}
    assert dict(graph.nodes(data="mu")) == {0: 0.5, 1: 0.5, 2: 0.0}
    assert graph.graph["gamma"] == 0.9
    assert sorted(graph.edges(keys=True)) == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 2, 0), (2, 0, 0), (2, 2, 0)]
    assert graph.edges[0, 1, 0] == {"action": "go", "prob": 0.8, "reward": 1.0}
    assert graph.edges[2, 0, 0]["action"] == "toss"


def test_equal_names_do_not_merge_states():
    assert len(to_networkx(MODEL.replace(state_names=["x", "x", "x"]))) == 3


def test_an_impossible_transition_is_no_edge():
    stored_zero = csr_array((np.array([0.0, 1.0, 1.0]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))

    graph = to_networkx(MDP.from_pairs(stored_zero, [0.0, 0.0], 0.9, n_actions=1))

    assert sorted(graph.edges()) == [(0, 1), (1, 1)]


def test_a_deterministic_policy_follows_its_rows():
    graph = policy_graph(MODEL, np.array([1, 0, 0]))

    assert networkx.to_numpy_array(graph, weight="prob").tolist() == [[1, 0, 0], [0, 0, 1], [0.5, 0, 0.5]]
    assert [graph.nodes[s]["reward"] for s in graph] == [-1, 2, 0]


def test_a_stochastic_policy_mixes_rows():
    graph = policy_graph(MODEL, np.array([[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]]))

    assert networkx.to_numpy_array(graph, weight="prob")[0].tolist() == pytest.approx([0.6, 0.4, 0])
    assert graph.nodes[0]["reward"] == 0


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ([0, 1, 0], "the policy takes action 1 in state 1, which has 1"),
        ([0, 0], r"policy has shape \(2,\)"),
        ([0.0, 0.0, 0.0], "dtype float64"),
        ([[0.5, 0.4], [1.0, 0.0], [1.0, 0.0]], r"row of state 0 sums to 0\.9"),
        ([[1.5, -0.5], [1.0, 0.0], [1.0, 0.0]], "is negative"),
        ([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]], r"row of state 1 sums to 0\.5 over its actions"),
    ],
)
def test_a_policy_that_does_not_fit_is_named(policy, message):
    with pytest.raises(ModelError, match=message):
        policy_graph(MODEL, policy)
