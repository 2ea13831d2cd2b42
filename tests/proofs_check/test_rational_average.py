"""The exact oracle of average rewards against closed forms."""

from fractions import Fraction

import numpy as np
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.rational import rational_policy_value
from proofs_check.rational_average import rational_optimal_gain, rational_policy_gain
from rltheory import MDP


def test_a_chain_that_alternates_earns_the_mean_of_its_rewards():
    mdp = MDP.from_arrays([[[0, 1]], [[1, 0]]], [0, 3], gamma=1.0)
    assert rational_policy_gain(mdp, [0, 0]) == [Fraction(3, 2)] * 2


def test_transient_states_earn_the_average_over_where_they_end():
    """The gambler's ruin: the probability of winning is linear in the capital."""
    walk = mdps.random_walk(3)
    rich = MDP.from_pairs(walk.P.toarray(), np.eye(5)[4], 1.0, n_actions=1)
    assert rational_policy_gain(rich, [0] * 5) == [Fraction(s, 4) for s in range(5)]


def test_the_best_room_is_chosen_and_the_way_there_costs_nothing():
    P = [[[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]]
    assert rational_optimal_gain(MDP.from_arrays(P, [9, 1, 2], gamma=1.0)) == [2, 1, 2]


@given(discounted_mdps(max_states=4, max_actions=2))
def test_a_reward_that_is_the_same_everywhere_is_the_gain(mdp):
    assert rational_optimal_gain(mdp.replace(r=np.full(mdp.n_pairs, 0.3))) == [Fraction(0.3)] * mdp.n_states


@given(discounted_mdps(max_states=4, max_actions=2))
def test_the_gain_is_the_limit_of_patient_discounted_values(mdp):
    """The first term of the Laurent series (Puterman 2005, section 8.2), of rows that sum to one exactly."""
    P = np.round(mdp.P.toarray() * 8) / 8
    P[np.arange(len(P)), P.argmax(axis=1)] += 1 - P.sum(axis=1)
    patience = 2.0**-40
    patient = MDP.from_pairs(P, mdp.r, 1 - patience, pair_start=mdp.pair_start)
    values = rational_policy_value(patient, [0] * mdp.n_states)
    gains = rational_policy_gain(patient, [0] * mdp.n_states)
    assert all(abs(v * Fraction(patience) - g) < 1e-6 for v, g in zip(values, gains, strict=True))
