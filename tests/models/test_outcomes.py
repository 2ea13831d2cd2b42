"""Outcome models: the joint law of reward and next state, and the MDP of its expectations."""

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import outcome_models
from rltheory import ModelError, OutcomeModel


@given(outcome_models())
def test_the_mdp_of_an_outcome_model_has_its_expectations(model):
    mdp = model.to_mdp()
    P = np.zeros((model.n_pairs, model.n_states))
    for row in range(model.n_pairs):
        np.add.at(P[row], model.next_state[row], model.prob[row])
    assert np.allclose(mdp.P.toarray(), P, atol=1e-15)
    assert np.allclose(mdp.r, (model.prob * model.reward).sum(axis=1), atol=1e-14)


def test_termination_adds_one_absorbing_state_without_reward():
    model = OutcomeModel.from_tables([[1, -1], [-1, 0]], [[1, 2], [3, 4]], gamma=0.5, mu=0, state_names=["a", "b"])
    mdp = model.to_mdp()
    assert mdp.state_names == ("a", "b", "end")
    assert mdp.P.toarray()[[1, 2, 4, 5]].argmax(axis=1).tolist() == [2, 2, 2, 2]
    assert mdp.r.tolist() == [1, 2, 3, 4, 0, 0]
    assert mdp.mu.tolist() == [1, 0, 0]
    assert model.is_deterministic


def test_padding_does_not_touch_the_reward():
    model = OutcomeModel([[1.0, 0.0]], [[0, 0]], [[2.0, 1e308]], 0.5, [1.0], [0, 1])
    assert model.to_mdp().r.tolist() == [2.0]


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ([[[(0.5, 0, 1.0)]]], r"state 0, action 0 \(row 0\) sums to 0\.5"),
        ([[[(1.0, 3, 1.0)]]], r"state 0, action 0 \(row 0\) leads to state 3; states are 0\.\.0"),
        ([[[(1.5, 0, 1.0), (-0.5, 0, 0.0)]]], r"has an outcome of probability -0\.5"),
        ([[[(1.0, 0, np.inf)]]], r"the reward of state 0, action 0 \(row 0\) is inf"),
        ([[[]]], r"state 0, action 0 \(row 0\) has no outcome"),
        ([[[(1.0, 0, 0.0)]], []], "state 1 has no action"),
        ([[[(1.0, 0.5, 0.0)]]], "next_state of row 0 has dtype float64"),
    ],
)
def test_bad_outcomes_are_named(outcomes, message):
    with pytest.raises(ModelError, match=message):
        OutcomeModel.from_lists(outcomes, gamma=0.9)


def test_tables_of_different_shapes_are_refused():
    with pytest.raises(ModelError, match=r"shapes \(1, 2\) and \(2, 1\)"):
        OutcomeModel.from_tables([[0, 0]], [[0], [0]], gamma=0.5)
