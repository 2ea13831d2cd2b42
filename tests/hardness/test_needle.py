"""Needles in trees: how often they are found, how deep they lie, and what they are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from proofs_check.oracles import brute_force_value
from rltheory import ModelError
from rltheory.hardness import (
    bounds,
    needle_success,
    search,
)


@pytest.mark.parametrize("queries", [0, 1, 5, 7, 8, 20])
def test_a_search_that_tries_nothing_twice_succeeds_as_often_as_one_can(queries):
    found = needle_success(lambda ask: search(ask, n_actions=2, depth=3, queries=queries, rng=1), 2, 3)
    assert found == min(1, (queries + 1) / 8)


def test_a_search_stays_within_its_queries():
    asked = []

    def ask(path):
        asked.append(path)
        return 0.0

    search(ask, n_actions=3, depth=3, queries=10, rng=0)
    assert len(asked) == len(set(asked)) == 10


def test_a_search_with_repetitions_does_worse():
    def drawn(ask):
        rng = np.random.default_rng(0)
        paths = [tuple(rng.integers(0, 2, 3).tolist()) for _ in range(7)]
        return next((path for path in paths if ask(path)), (0, 0, 0))

    assert needle_success(drawn, 2, 3) < needle_success(lambda ask: search(ask, n_actions=2, depth=3, queries=7), 2, 3)


def test_a_planner_that_returns_too_little_is_refused():
    with pytest.raises(ModelError, match=r"returned \(0,\); it must return 2 actions"):
        needle_success(lambda ask: (0,), 2, 2)


@given(st.sampled_from([0.5, 0.9, 0.99]), st.floats(1e-6, 0.999))
def test_the_depth_is_the_largest_at_which_missing_the_needle_costs_more(gamma, part):
    loss = part / (1 - gamma)
    depth = bounds.needle_depth(gamma, loss)
    assert gamma ** (depth - 1) / (1 - gamma) > loss * (1 - 1e-12)
    assert gamma**depth / (1 - gamma) <= loss * (1 + 1e-9)


@pytest.mark.parametrize(("loss", "depth"), [(1.0, 1), (0.5, 2), (0.25, 3), (0.3, 3), (1.9, 1)])
def test_the_depth_at_its_edges(loss, depth):
    assert bounds.needle_depth(0.5, loss) == depth


def test_a_deep_needle_asks_for_more_queries_than_floats_can_say():
    assert bounds.local_planning_queries(0.999, 2, loss=1.0, success=0.5) == np.inf
    assert bounds.local_planning_queries(0.5, 2, loss=2.0**-20, success=0.5) == 2.0**20 - 1


def test_a_loss_that_no_needle_costs_is_refused():
    with pytest.raises(ValueError, match="below H = 2"):
        bounds.needle_depth(0.5, 2.0)
    with pytest.raises(ValueError, match="gamma is 0"):
        bounds.needle_depth(0.0, 0.5)


def test_a_search_asks_a_whole_number_of_times():
    with pytest.raises(ModelError, match="queries is -1"):
        search(lambda path: 0.0, n_actions=2, depth=3, queries=-1)


@pytest.mark.parametrize("needle", [(0, 0), (1, 0), (1, 1)])
def test_the_needle_is_worth_its_closed_form(needle):
    tree = mdps.needle_tree(needle, gamma=0.5)
    assert brute_force_value(tree)[0] == pytest.approx(0.5 * 2)


@pytest.mark.parametrize("needle", [[], [0, 2], [0.5]])
def test_a_needle_that_is_no_sequence_of_actions_is_refused(needle):
    with pytest.raises(ModelError, match="needle is"):
        mdps.needle_tree(needle)
