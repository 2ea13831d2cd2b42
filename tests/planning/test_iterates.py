"""The iterates for teaching follow the textbook recurrences."""

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps, paired, value_vectors
from proofs_check.oracles import exact_policy_value, lp_value
from rltheory import MDP, ModelError
from rltheory.planning import modified_policy_iterates, policy_iterates, value_iterates


@given(paired(discounted_mdps(), value_vectors))
def test_value_iterates_contract_towards_the_optimum(drawn):
    mdp, v0 = drawn
    optimum = lp_value(mdp)
    errors = [np.abs(iterate.value - optimum).max() for iterate in islice(value_iterates(mdp, v0), 8)]
    assert all(after <= mdp.gamma * before + 1e-7 for before, after in pairwise(errors))


@given(discounted_mdps())
def test_policy_iterates_rise_to_the_optimum_and_carry_their_own_values(mdp):
    rounds = list(policy_iterates(mdp))
    for iterate in rounds:
        assert np.allclose(iterate.value, exact_policy_value(mdp, iterate.policy), atol=1e-9)
    for before, after in pairwise(rounds):
        assert (after.value >= before.value - 1e-9).all()
    assert np.allclose(rounds[-1].value, lp_value(mdp), atol=1e-7)


@given(discounted_mdps())
def test_one_sweep_with_each_policy_is_value_iteration(mdp):
    for modified, plain in islice(zip(modified_policy_iterates(mdp, 1), value_iterates(mdp), strict=False), 5):
        assert np.allclose(modified.value, plain.value, rtol=1e-14, atol=1e-14)


def test_values_of_longer_and_longer_horizons_need_no_discount():
    walk = MDP.from_arrays([[[1.0]]], [1.0], gamma=1.0)
    assert [float(iterate.value[0]) for iterate in islice(value_iterates(walk), 4)] == [0, 1, 2, 3]


def test_no_sweeps_are_refused():
    with pytest.raises(ModelError, match="m is 0"):
        next(modified_policy_iterates(mdps.river_swim(6), m=0))
