"""The exact oracles of total rewards against brute force over all deterministic policies."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.oracles import deterministic_policies
from proofs_check.rational_total import (
    rational_laws,
    rational_maximal_reachability,
    rational_minimal_reachability,
    rational_policy_total,
    rational_shortest_path,
)
from rltheory import MDP


@given(discounted_mdps(max_states=4, max_actions=2))
def test_the_extreme_probabilities_are_those_of_some_deterministic_policy(mdp):
    reached = [rational_policy_total(mdp, policy, [0], reward=False) for policy in deterministic_policies(mdp)]
    assert rational_maximal_reachability(mdp, [0]) == [max(own) for own in zip(*reached, strict=True)]
    assert rational_minimal_reachability(mdp, [0]) == [min(own) for own in zip(*reached, strict=True)]


@given(discounted_mdps(max_states=4, max_actions=2, gammas=[1.0], max_reward=-0.125, min_reward=-1.0))
def test_a_shortest_path_is_the_best_of_the_proper_policies(mdp):
    totals = [rational_policy_total(mdp, policy, [0]) for policy in deterministic_policies(mdp)]
    proper = [own for own in totals if own is not None]
    best = [max(own) for own in zip(*proper, strict=True)] if proper else None
    assert rational_shortest_path(mdp, [0]) == best


def test_laws_sum_to_one_exactly_and_leave_out_the_impossible():
    laws = rational_laws(MDP.from_pairs([[0.1, 0.9, 0], [0, 1, 0], [1, 0, 0]], [0, 0, 0], 1.0, n_actions=1))
    assert all(sum(law.values()) == 1 for own in laws for law in own)
    assert [set(own[0]) for own in laws] == [{0, 1}, {1}, {0}]


@pytest.mark.parametrize(
    ("rewards", "posed"),
    [([1, 0, -1, 0], False), ([1, -3, -1, 0], False), ([0, -3, 0, 0], True), ([1, -3, -2, 0], True)],
)
def test_a_cycle_is_allowed_if_it_loses_or_if_nothing_in_it_is_earned(rewards, posed):
    mdp = MDP.from_pairs(np.eye(3)[[1, 2, 0, 2]], rewards, 1.0, states=[0, 0, 1, 2])
    assert (rational_shortest_path(mdp, [2]) is not None) == posed


def test_the_walk_has_its_closed_form():
    walk = mdps.random_walk(3)
    exact = [Fraction(s, 4) for s in range(5)]
    assert rational_maximal_reachability(walk, [4]) == rational_minimal_reachability(walk, [4]) == exact
