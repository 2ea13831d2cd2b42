"""Probabilities 0 and 1 by the graph against the probabilities themselves, in rational arithmetic."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps, paired, policies
from proofs_check.rational_total import (
    rational_maximal_reachability,
    rational_minimal_reachability,
    rational_policy_total,
)
from rltheory import ModelError
from rltheory.planning import qualitative as sets


def test_the_sets_of_probability_zero_and_one_are_those_of_the_exact_probabilities(tangled_mdp):
    for number in range(500):
        mdp, goal = tangled_mdp(np.random.default_rng([31, number]), traps=True)
        most, least = rational_maximal_reachability(mdp, goal), rational_minimal_reachability(mdp, goal)
        assert sets.prob0_max(mdp, goal).tolist() == [x == 0 for x in most]
        assert sets.prob1_max(mdp, goal).tolist() == [x == 1 for x in most]
        assert sets.prob0_min(mdp, goal).tolist() == [x == 0 for x in least]
        assert sets.prob1_min(mdp, goal).tolist() == [x == 1 for x in least]


def test_the_proper_policy_reaches_the_goal_almost_surely_where_that_is_possible(tangled_mdp):
    for number in range(500):
        mdp, goal = tangled_mdp(np.random.default_rng([32, number]), traps=True)
        policy, proper = sets.proper_policy(mdp, goal)
        reached = rational_policy_total(mdp, policy, goal, reward=False)
        assert all(x == 1 for x, inside in zip(reached, proper, strict=True) if inside)


@given(paired(discounted_mdps(), policies))
def test_a_policy_is_proper_if_its_probability_is_one_everywhere(drawn):
    mdp, policy = drawn
    exact = all(x == 1 for x in rational_policy_total(mdp, policy, [0], reward=False))
    assert sets.is_proper(mdp, policy, 0) == exact
    if not exact:
        assert sets.has_improper_policy(mdp, 0)


@given(discounted_mdps())
def test_a_goal_may_be_a_state_a_list_or_booleans(mdp):
    last = mdp.n_states - 1
    by_state = sets.prob1_max(mdp, last)
    assert np.array_equal(by_state, sets.prob1_max(mdp, [last]))
    assert np.array_equal(by_state, sets.prob1_max(mdp, np.arange(mdp.n_states) == last))


def test_a_long_game_is_decided_in_one_pass():
    walk = mdps.random_walk(50_000)
    assert np.flatnonzero(sets.prob1_max(walk, 50_001)).tolist() == [50_001]
    assert sets.prob1_min(walk, [0, 50_001]).all()


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ([], "goal names no state"),
        (np.zeros(5, dtype=bool), "goal names no state"),
        (7, r"goal names state 7; states are 0\.\.4"),
        (-1, "goal names state -1"),
        (0.5, "goal has dtype float64"),
        (np.ones(3, dtype=bool), r"goal has dtype bool and shape \(3,\)"),
    ],
)
def test_a_goal_that_is_none_is_refused(goal, message):
    with pytest.raises(ModelError, match=message):
        sets.prob0_max(mdps.chain(5), goal)
