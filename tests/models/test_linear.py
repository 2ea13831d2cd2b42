"""Linear models: kernels that are kernels, the tabular embedding, action values linear in features, what is refused."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.linear_strategies import linear_mdps
from mdps.strategies import finite_horizon_mdps, paired, stochastic_policies
from rltheory import MDP, FiniteHorizonMDP, LinearMDP, ModelError, evaluate_policy

PHI = np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.25, 0.75]]])
FACTORS = np.array([[[0.5, 0.5], [0.0, 1.0]], [[1.0, 0.0], [0.25, 0.75]]])
THETA = np.array([[1.0, 0.0], [0.5, 0.25]])
GOOD = {"phi": PHI, "factors": FACTORS, "theta": THETA, "H": 2}

# Features (1, x) with x in [0, 1], a base measure and the difference of two: a kernel without simplex features.
SIGNED = {
    "phi": [[[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.5], [1.0, 0.25]]],
    "factors": [[0.9, 0.1], [-0.9, 0.9]],
    "theta": [-1.0, 3.0],
    "H": 3,
    "simplex": False,
}


@given(linear_mdps(uneven=True))
def test_kernels_are_kernels_and_mixtures_of_the_factors(model):
    for t in range(model.H):
        kernel, factors = model.kernel(t), model.step_factors(t)
        expected = sum(np.outer(model.phi[:, i], factors[i]) for i in range(model.d))
        np.testing.assert_allclose(kernel, expected, atol=1e-15)
        assert (kernel >= 0).all()
        np.testing.assert_allclose(kernel.sum(axis=1), 1, atol=1e-14)
        np.testing.assert_allclose(model.rewards(t), (model.phi * model.step_theta(t)).sum(axis=1), atol=1e-15)


@given(linear_mdps())
def test_the_tabular_model_has_the_same_steps(model):
    tabular = model.to_finite_horizon()
    assert tabular.H == model.H
    assert tabular.gamma == 1
    assert tabular.is_stationary == model.is_stationary or model.H == 1
    np.testing.assert_array_equal(tabular.mu, model.mu)
    np.testing.assert_array_equal(tabular.pair_start, model.pair_start)
    for t in range(model.H):
        np.testing.assert_allclose(tabular.rows(t).toarray(), model.kernel(t), atol=1e-15)
        np.testing.assert_allclose(tabular.rewards(t), model.rewards(t), atol=1e-15)


@given(finite_horizon_mdps(gammas=[1.0]))
def test_an_embedded_model_is_the_model_itself(mdp):
    model = LinearMDP.embed(mdp)
    assert model.d == model.n_pairs == mdp.n_pairs
    np.testing.assert_array_equal(model.pair_start, mdp.pair_start)
    np.testing.assert_array_equal(model.mu, mdp.mu)
    for t in range(mdp.H):
        np.testing.assert_array_equal(model.kernel(t), mdp.rows(t).toarray())
        np.testing.assert_array_equal(model.rewards(t), mdp.rewards(t))


@given(paired(linear_mdps().map(LinearMDP.to_finite_horizon), stochastic_policies))
def test_embedding_does_not_change_the_value_of_a_policy(drawn):
    mdp, policy = drawn
    again = LinearMDP.embed(mdp).to_finite_horizon()
    np.testing.assert_allclose(
        evaluate_policy(again, policy).value, evaluate_policy(mdp, policy).value, rtol=0, atol=1e-13
    )


@given(paired(linear_mdps(), lambda model: stochastic_policies(model.to_finite_horizon())))
def test_action_values_of_every_policy_are_linear_in_the_features(drawn):
    model, policy = drawn
    mdp = model.to_finite_horizon()
    value = evaluate_policy(mdp, policy).value
    for t in range(model.H):
        weights = model.step_theta(t) + model.step_factors(t) @ value[t + 1]
        q = mdp.rewards(t) + mdp.rows(t) @ value[t + 1]
        np.testing.assert_allclose(model.phi @ weights, q, atol=1e-13)


def test_an_mdp_is_embedded_for_a_number_of_steps():
    mdp = MDP.from_arrays([[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [0.25, 0.75]]], [[0, 1], [2, 0]], gamma=1.0)
    model = LinearMDP.embed(mdp, H=7)
    assert (model.H, model.d) == (7, 4)
    assert model.is_stationary
    np.testing.assert_array_equal(model.kernel(6), mdp.P.toarray())


def test_features_of_pairs_allow_different_numbers_of_actions():
    rows = LinearMDP([[1, 0], [0.5, 0.5], [0, 1]], np.eye(2), [0.0, 1.0], H=1, pair_start=[0, 2, 3])
    np.testing.assert_array_equal(rows.action_counts, [2, 1])
    np.testing.assert_array_equal(rows.rewards(0), [0, 0.5, 1])
    assert not isinstance(rows.to_finite_horizon().P, np.ndarray)


def test_signed_measures_may_make_a_kernel():
    model = LinearMDP(**SIGNED)
    np.testing.assert_allclose(model.kernel(2), [[0.9, 0.1], [0, 1], [0.45, 0.55], [0.675, 0.325]], atol=1e-15)
    assert (model.kernel(0) >= 0).all()
    assert model.reward_range == (-1.0, 2.0)
    assert model.to_finite_horizon().is_stationary


def test_a_stationary_model_is_stored_once_whatever_the_horizon():
    model = LinearMDP(PHI, FACTORS[0], THETA[0], H=10**6)
    assert model.is_stationary
    assert model.to_finite_horizon().P.shape == (2, 2, 2)


def test_without_steps_there_is_nothing_to_earn():
    model = LinearMDP(PHI, np.zeros((0, 2, 2)), np.zeros((0, 2)), H=0)
    assert model.reward_range == (0.0, 0.0)
    assert model.to_finite_horizon().H == 0


def test_arrays_are_read_only_and_those_of_the_caller_are_not():
    phi = PHI.copy()
    model = LinearMDP(**(GOOD | {"phi": phi}))
    assert phi.flags.writeable
    for name in ("phi", "factors", "theta", "mu", "pair_start"):
        assert not getattr(model, name).flags.writeable
    assert model.replace(theta=2 * THETA).reward_range == (0.0, 2.0)


def changed(array, index, number):
    array = np.array(array, dtype=float)
    array[index] = number
    return array


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"phi": changed(PHI, (1, 0), [-0.5, 1.5])}, r"feature 0 of state 1, action 0 \(row 2\) is -0\.5; simplex"),
        (
            {"phi": changed(PHI, (0, 1, 1), 0.25)},
            r"features of state 0, action 1 \(row 1\) sum to 0\.75 \(1 bad rows\)",
        ),
        ({"phi": changed(PHI, (1, 1, 0), np.nan)}, r"feature 0 of state 1, action 1 \(row 3\) is nan"),
        ({"factors": changed(FACTORS, (1, 0), [1.5, -0.5])}, r"factor 0 of step 1 gives state 1 the probability -0\.5"),
        ({"factors": changed(FACTORS, (0, 1, 1), 0.9)}, r"factor 1 of step 0 sums to 0\.9 \(1 bad factors\)"),
        ({"factors": changed(FACTORS[0], (1, 1), np.inf)}, "factor 1 gives state 1 the weight inf; weights are finite"),
        ({"factors": FACTORS[:1]}, "factors has 1 steps; H is 2"),
        ({"factors": [0.5, 0.5]}, r"factors has shape \(2,\); it must be \(d, n_states\)"),
        ({"theta": changed(THETA, (1, 0), np.nan)}, "theta of step 1 has coordinate 0 = nan; rewards are finite"),
        ({"theta": [1.0, 2.0, 3.0]}, r"theta has shape \(3,\); with 2 features it must be \(2,\) or \(2, 2\)"),
        ({"phi": PHI[..., :1]}, r"phi has shape \(2, 2, 1\); with factors of 2 features and 2 states it must be"),
        ({"phi": PHI.reshape(4, 2)}, "phi has a row for each pair and needs pair_start"),
        ({"pair_start": [0, 1, 4]}, "pair_start does not fit phi"),
        ({"H": -1}, "H is -1; a horizon is a whole number"),
        ({"mu": [0.5, 0.4]}, r"mu sums to 0\.9"),
    ],
)
def test_bad_models_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        LinearMDP(**(GOOD | arguments))


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ([[0.5, 0.5], [-0.75, 0.75]], r"state 0, action 1 \(row 1\) goes to state 0 with probability -0\.25"),
        ([[0.9, 0.1], [-0.5, 0.6]], r"state 0, action 1 \(row 1\) sums to 1\.1 \(3 bad rows\)"),
        ([[[0.9, 0.1], [0, 0]]] * 2 + [[[0.9, 0.2], [0, 0]]], r"at step 2 state 0, action 0 \(row 0\) sums to 1\.1"),
    ],
)
def test_products_that_are_no_kernel_are_named(factors, message):
    with pytest.raises(ModelError, match=message):
        LinearMDP(**(SIGNED | {"factors": factors}))


def test_what_cannot_be_embedded_is_named():
    mdp = MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    with pytest.raises(ModelError, match=r"gamma is 0\.5; a linear MDP is undiscounted"):
        LinearMDP.embed(mdp, H=2)
    with pytest.raises(ModelError, match="H is None; an MDP needs a number of steps"):
        LinearMDP.embed(mdp)
    with pytest.raises(ModelError, match="H is 3; an MDP needs a number of steps, a FiniteHorizonMDP has its own"):
        LinearMDP.embed(FiniteHorizonMDP([[[1.0]]], [[1.0]], H=2), H=3)


def test_a_step_beyond_the_horizon_is_named():
    with pytest.raises(ModelError, match=r"there is no step 2; steps are 0\.\.1"):
        LinearMDP(**GOOD).kernel(2)


def test_the_line_that_describes_a_model_tells_its_sizes():
    assert repr(LinearMDP(**GOOD)) == (
        "LinearMDP(2 steps, 2 states, 4 state-action pairs, 2 simplex features, time-dependent)"
    )
    assert mdps.random_linear_mdp(3, 2, 2, 4, rng=0)._repr_html_().startswith("<p>LinearMDP(4 steps")
