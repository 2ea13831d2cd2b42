"""The adversary of planners: that it is consistent, and that the count is exact."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.oracles import brute_force_value, exact_policy_value
from rltheory import ModelError
from rltheory.hardness import (
    ReluctantTable,
    bounds,
    seek_goals,
)


def all_entries(table):
    return itertools.product(range(table.n_states), range(table.n_actions), range(table.n_states))


@given(st.integers(4, 9), st.integers(1, 3), st.randoms(use_true_random=False), st.floats(0, 1))
def test_the_model_that_is_decided_agrees_with_every_answer(n_states, n_actions, random, part):
    table = ReluctantTable(n_states, n_actions, 0.5)
    entries = list(all_entries(table))
    random.shuffle(entries)
    answers = {entry: table.ask(*entry) for entry in entries[: int(part * len(entries))]}
    policy = np.array([random.randrange(n_actions) for _ in range(n_states)])
    P = table.worst_model(policy).P.toarray().reshape(n_states, n_actions, n_states)
    assert {entry: P[entry] for entry in answers} == answers


def test_a_table_that_was_read_whole_is_a_distribution_in_each_row():
    table = ReluctantTable(8, 2, 0.5)
    answers = [table.ask(*entry) for entry in all_entries(table)]
    assert np.array(answers).reshape(16, 8).sum(axis=1).tolist() == [1.0] * 16
    assert not any(table.is_open(s, a) for s in table.sources for a in range(2))


def test_an_open_row_keeps_its_secret_and_an_answer_twice_is_the_same():
    table = ReluctantTable(8, 1, 0.5)
    first, second = table.traps
    assert (table.ask(0, 0, first), table.ask(0, 0, second), table.ask(0, 0, second), table.ask(0, 0, first)) == (
        0.0,
        1.0,
        1.0,
        0.0,
    )
    assert table.queries == 4
    assert not table.is_open(0, 0)


@pytest.mark.parametrize(("n_states", "n_actions"), [(4, 1), (4, 2), (7, 3), (16, 4)])
def test_who_seeks_goals_needs_what_the_bound_says_and_loses_nothing(n_states, n_actions):
    table = ReluctantTable(n_states, n_actions, 0.9)
    policy = seek_goals(table)
    assert table.queries == bounds.planning_queries(n_states, n_actions)
    if n_states < 8:
        mdp = table.worst_model(policy)
        assert exact_policy_value(mdp, policy) == pytest.approx(brute_force_value(mdp))


def test_one_question_less_may_cost_all():
    table = ReluctantTable(4, 2, 0.5)
    table.ask(0, 0, 2)
    for policy in itertools.product(range(2), repeat=2):
        mdp = table.worst_model([*policy, 0, 0])
        loss = brute_force_value(mdp) - exact_policy_value(mdp, np.array([*policy, 0, 0]))
        assert loss.max() == pytest.approx(bounds.planning_loss(0.5)) == 1


def test_the_bound_grows_like_the_square_of_the_states():
    assert bounds.planning_queries(40, 5) == 40**2 * 4 // 8
    assert repr(ReluctantTable(4, 2, 0.5)) == "ReluctantTable(4 states, 2 actions, 0 queries)"


def test_entries_and_policies_that_do_not_fit_are_refused():
    table = ReluctantTable(4, 2, 0.5)
    with pytest.raises(ModelError, match=r"entry \(0, 2, 1\) is not in a table of shape \(4, 2, 4\)"):
        table.ask(0, 2, 1)
    with pytest.raises(ModelError, match=r"entry \(-1, 0, 1\) is not in a table"):
        table.ask(-1, 0, 1)
    for policy in ([0, 0], [0, 0, 2, 0]):
        with pytest.raises(ModelError, match=r"it must have an action in 0\.\.1 for each state"):
            table.worst_model(policy)
    assert table.queries == 0


@pytest.mark.parametrize("wrong", [(3, 2, 0.5), (4, 0, 0.5), (4, 2, 1.0)])
def test_tables_that_are_too_small_are_refused(wrong):
    with pytest.raises(ModelError, match="they must be at least 4, at least 1, and between 0 and 1"):
        ReluctantTable(*wrong)
