"""Instances in words: exact, complete, and the same in every run."""

import networkx as nx
import numpy as np
import pytest

from proofs_check.words import describe
from rltheory import LinearMDP
from rltheory.games import NormalFormGame
from rltheory.robust import KL
from rltheory.submodular.functions import Coverage


def test_a_record_whose_repr_sums_it_up_is_told_field_by_field():
    phi = [[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]]
    model = LinearMDP(phi, factors=[[1.0, 0.0], [0.0, 1.0]], theta=[0.0, 1 / 3], H=3)
    words = describe(model)
    assert "theta = [0.0, 0.3333333333333333]" in words
    assert "H = 3" in words
    assert "payoffs = ([[4.0, 1.0]], [[4.0, 3.0]])" in describe(NormalFormGame([[[4, 1]], [[4, 3]]]))
    assert "weights = [1.0, 2.0]" in describe(Coverage([[1, 1], [0, 1]], weights=[1.0, 2.0]))


def test_a_record_whose_repr_is_complete_is_told_by_it():
    assert describe(KL(lam=4.0)) == "KL(lam=4.0)"


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ((np.array([1 / 3]),), "([0.3333333333333333],)"),
        ([np.float64(0.1), None], "[0.1, None]"),
        (lambda x: x, "<lambda>"),
        (nx.path_graph(3), "Graph with edges [(0, 1, 1), (1, 2, 1)]"),
    ],
    ids=["tuple", "list", "function", "graph"],
)
def test_words_are_exact_and_hold_no_address(argument, words):
    assert describe(argument).endswith(words)
    assert "0x" not in describe(argument)
