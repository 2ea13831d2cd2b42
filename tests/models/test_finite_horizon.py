"""Finite-horizon models: dense and sparse, stationary and not, and what they refuse."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given

from mdps.strategies import discounted_mdps, finite_horizon_mdps
from rltheory import FiniteHorizonMDP, ModelError

P = np.array([[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.25, 0.75]]])
R = np.array([[0.0, 1.0], [2.0, 0.0]])


def test_dense_and_sparse_time_dependent_models_have_the_same_steps():
    by_step, rewards = np.stack([P, P[::-1], P]), np.stack([R, 2 * R, 3 * R])
    dense = FiniteHorizonMDP(by_step, rewards, H=3)
    sparse = FiniteHorizonMDP(sp.csr_array(by_step.reshape(12, 2)), rewards.reshape(3, 4), H=3, pair_start=[0, 2, 4])
    for t in range(3):
        assert np.array_equal(dense.rows(t).toarray(), sparse.rows(t).toarray())
        assert np.array_equal(dense.rewards(t), sparse.rewards(t))


def test_a_stationary_model_is_stored_once_whatever_the_horizon():
    model = FiniteHorizonMDP(P, R, H=10**6)
    assert model.P.shape == (2, 2, 2)
    assert model.is_stationary


@given(discounted_mdps())
def test_the_finite_horizon_view_of_an_mdp_shares_its_rows(mdp):
    model = mdp.finite_horizon(5)
    assert np.shares_memory(model.P.data, mdp.P.data)
    assert np.shares_memory(model.rows(4).data, mdp.P.data)
    assert model.gamma == mdp.gamma


@given(finite_horizon_mdps())
def test_every_step_is_a_stochastic_matrix(model):
    for t in range(model.H):
        assert np.allclose(model.rows(t).sum(axis=1), 1, atol=1e-12)
        assert model.rewards(t).shape == (model.n_pairs,)


@pytest.mark.parametrize(
    ("r", "expected"),
    [
        ([1.0, 2.0], [[1, 1], [2, 2]]),
        (np.broadcast_to([1.0, 3.0], (2, 2, 2)), [[2, 1], [3, 2.5]]),
        (np.stack([R] * 5), np.stack([R] * 5)),
        (np.broadcast_to([1.0, 3.0], (5, 2, 2, 2)), [[[2, 1], [3, 2.5]]] * 5),
    ],
    ids=["state", "transition", "step", "step-transition"],
)
def test_rewards_of_every_shape_become_expectations(r, expected):
    assert np.allclose(FiniteHorizonMDP.from_arrays(P, r, H=5).r, expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"H": -1}, "H is -1; a horizon is a whole number of steps"),
        ({"H": 2.5}, r"H is 2\.5"),
        ({"P": np.stack([P] * 3)}, "P has 3 steps; H is 4"),
        ({"P": np.stack([P, P, P * 0.9, P])}, r"step 2, state 0, action 0 \(row 8\) sums to 0\.9"),
        ({"r": np.stack([R, R, R, R * np.nan])}, r"reward of step 3, state 0, action 0 \(row 12\) is nan"),
        ({"P": np.ones((2, 2))}, r"P has shape \(2, 2\)"),
        ({"P": sp.csr_array(P.reshape(4, 2))}, "sparse P needs pair_start"),
        ({"P": sp.csr_array(P.reshape(4, 2)), "pair_start": [0, 3]}, "pair_start has shape"),
        ({"pair_start": [0, 1, 4]}, "pair_start does not fit dense P"),
    ],
)
def test_bad_models_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        FiniteHorizonMDP(**({"P": P, "r": R, "H": 4} | arguments))


def test_rewards_that_could_mean_two_things_are_refused():
    with pytest.raises(ModelError, match="could belong to steps or to transitions"):
        FiniteHorizonMDP.from_arrays(P, np.zeros((2, 2, 2)), H=2)


def test_a_step_beyond_the_horizon_is_named():
    with pytest.raises(ModelError, match=r"there is no step 3; steps are 0\.\.2"):
        FiniteHorizonMDP(P, R, H=3).rows(3)
