"""Policies with stock have the law of the policies with a memory that they come from, path by path."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional.programs import drawn_memory, law_by_paths
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import risk
from rltheory.distributional.markovise import markovise

MODELS = outcome_models(max_states=3, max_outcomes=2, gammas=[1.0, 0.5, 0.9], max_reward=2.0)
COINS = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, r)] for r in (1.0, 2.0)]], gamma=1.0)
SEEDS = st.integers(0, 2**32 - 1)


@given(MODELS, st.integers(1, 3), SEEDS)
def test_the_law_of_the_return_is_the_same(model, H, seed):
    remembers = drawn_memory(model, seed)
    law = markovise(model, remembers, H=H, start=0).law(start=0)
    assert risk.NegativeWasserstein(law_by_paths(model, remembers, H, 0))(law) == pytest.approx(0, abs=1e-9)


@given(MODELS, SEEDS, st.sampled_from([0.0, -1.5]))
def test_a_policy_that_forgets_is_itself(model, seed, stock):
    def forgets(history):
        rng = np.random.default_rng([seed, history[-1], len(history) // 3])
        weights = rng.random(int(model.action_counts[history[-1]])) + 0.01
        return weights / weights.sum()

    policy = markovise(model, forgets, H=2, stock=stock)
    for t, (layer, mass) in enumerate(zip(policy.unfolded.layers[:-1], policy.masses(), strict=False)):
        for node in np.flatnonzero(mass > 0):
            rows = slice(layer.row_start[node], layer.row_start[node + 1])
            history = (0,) * (3 * t) + (int(layer.state[node]),)
            assert policy.weights[t][rows] == pytest.approx(forgets(history), abs=1e-12)


def test_what_is_remembered_becomes_a_chance_of_acting():
    """The second toss repeats the first coin if that won; with 1 in stock it was the first coin for sure."""
    policy = markovise(COINS, lambda h: [0.5, 0.5] if len(h) == 1 else np.eye(2)[h[-3]], H=2)
    assert policy.action_probabilities(1, 0, 1.0).tolist() == [1.0, 0.0]
    assert policy.action_probabilities(1, 0, 2.0).tolist() == [0.0, 1.0]
    assert policy.action_probabilities(1, 0, 0.0).tolist() == [0.5, 0.5]


def test_a_tree_in_a_dictionary_is_a_policy():
    choice = OutcomeModel.from_tables([[0, 0]], [[0.0, 2.0]], gamma=1.0)
    tree = {(0,): [0.25, 0.75], (0, 0, 0.0, 0): [0, 1], (0, 1, 2.0, 0): [1, 0]}
    assert markovise(choice, tree.__getitem__, H=2).law().atoms.tolist() == [2.0]


def test_wrong_probabilities_and_too_many_histories_are_refused():
    with pytest.raises(ModelError, match=r"after history \(0,\) the policy returns \[1.0\]; it must return 2"):
        markovise(COINS, lambda _: [1.0], H=1)
    with pytest.raises(ModelError, match=r"after history \(0, 0, 0.0, 0\) the policy returns \[0.5, 0.4\]"):
        markovise(COINS, lambda h: [1.0, 0.0] if len(h) == 1 else [0.5, 0.4], H=2)
    with pytest.raises(CriterionError, match="more than max_histories = 10 histories can be met within 2 of 5 steps"):
        markovise(COINS, lambda _: [0.5, 0.5], H=5, max_histories=10)
